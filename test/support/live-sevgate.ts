import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPrepared, prepareRepository } from "../../demo/prepare-repository.ts";
import { type SevgateProcess, startSevgate } from "../../demo/start-sevgate.ts";
import { until } from "../../demo/until.ts";
import { createWorld, type Login, PLACE, type World } from "../../demo/world.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";

/** A webhook from a person that a step must cause: `name.action`, such as `issues.closed`. */
export type ExpectedWebhook = `${string}.${string}`;

/** The limit is for the slowest machine; nothing is measured by it. */
const GENEROUS = { limitMs: 60_000 };

/** An emulated GitHub and the real server next to it, over real HTTP. */
export class LiveSevgate {
  readonly github: RunningEmulator;
  readonly world: World;
  readonly #dataDir = mkdtempSync(join(tmpdir(), "sevgate-e2e-"));
  #server: SevgateProcess | null = null;

  private constructor(github: RunningEmulator) {
    this.github = github;
    this.world = createWorld(github);
  }

  /** With a repository whose policy is read and whose labels are there: it has been swept. */
  static async begin(): Promise<LiveSevgate> {
    const live = new LiveSevgate(await startEmulator());
    await live.start();
    await prepareRepository(live.world);
    await until("the repository is swept", () => isPrepared(live.world), GENEROUS);
    await live.rest();
    return live;
  }

  get server(): SevgateProcess {
    if (this.#server === null) throw new Error("the server does not run");
    return this.#server;
  }

  async start(): Promise<void> {
    const { url: githubUrl, appId, privateKey, webhookSecret } = this.github;
    this.#server = await startSevgate({ githubUrl, appId, privateKey, webhookSecret, dataDir: this.#dataDir });
    this.github.deliverTo(this.#server.webhookUrl);
  }

  /** SIGTERM. Webhooks go nowhere until the next start. */
  async stop(): Promise<number | string> {
    const ended = await this.server.stop();
    this.github.deliverTo(null);
    this.#server = null;
    return ended;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.server.kill();
    this.github.deliverTo(null);
    this.#server = null;
  }

  /** The embedded store is lost, as with a container that had no volume. */
  loseData(): void {
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#server?.stop();
    await this.github.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /**
   * What somebody does, and everything that follows from it.
   *
   * @param brings the webhooks that must have arrived before anything can have come to rest
   * @returns how many requests Sevgate sent to GitHub because of it
   */
  async cost(brings: readonly ExpectedWebhook[], act: () => Promise<unknown>): Promise<number> {
    const [requestsBefore, webhooksBefore] = [await this.requests(), this.github.webhooks.length];
    await act();
    await until(
      `webhooks ${brings.join(", ")}`,
      async () => {
        const came = this.github.webhooks.slice(webhooksBefore).map(({ name, body }) => {
          const { action, sender } = JSON.parse(body) as { action?: string; sender?: { login: string } };
          return sender?.login === this.world.appLogin ? "" : `${name}.${action ?? ""}`;
        });
        return brings.every((one) => came.includes(one));
      },
      GENEROUS,
    );
    await this.rest();
    return (await this.requests()) - requestsBefore;
  }

  /** No key waits, none is worked on. What a pass asks for is in the queue before the pass counts as done. */
  async rest(): Promise<void> {
    await until(
      "the queue is empty",
      async () => {
        const waiting = await this.server.metric("sevgate_queue_keys", { state: "waiting" });
        return waiting + (await this.server.metric("sevgate_queue_keys", { state: "running" })) === 0;
      },
      GENEROUS,
    );
  }

  requests(method?: string): Promise<number> {
    return this.server.metric("sevgate_github_requests_total", method === undefined ? {} : { method });
  }

  async open(login: Login, title: string, labels: readonly string[] = []): Promise<number> {
    const { data } = await this.world.as(login).issues.create({ ...PLACE, title, body: "Words.", labels: [...labels] });
    return data.number;
  }

  async say(login: Login, number: number, body: string): Promise<void> {
    await this.world.as(login).issues.createComment({ ...PLACE, issue_number: number, body });
  }

  async labels(number: number): Promise<readonly string[]> {
    const { labels } = await this.world.issue(number);
    return labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
  }

  async statusComments(number: number): Promise<readonly string[]> {
    const bodies = (await this.world.comments(number)).map((comment) => comment.body ?? "");
    return bodies.filter((body) => body.includes("<!-- sevgate:status -->"));
  }
}
