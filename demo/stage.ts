import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningEmulator, startEmulator } from "../testkit/emulator.ts";
import type { Listening } from "../testkit/listen-on-loopback.ts";
import { startGraphqlFront } from "../testkit/start-graphql-front.ts";
import type { ThreadPage } from "./page/render-thread-page.ts";
import { isPrepared, prepareResponse, requireCheck } from "./prepare-repository.ts";
import { readConversations } from "./read-conversations.ts";
import { readThreads } from "./read-threads.ts";
import { type Neighbours, startNeighbours } from "./start-neighbours.ts";
import { type SevgateProcess, startSevgate } from "./start-sevgate.ts";
import type { Teller } from "./teller.ts";
import { until } from "./until.ts";
import { createWorld, FULL_NAME, PLACE, type World } from "./world.ts";

/** What a story is played on, once everything is up. */
export interface RaisedStage {
  readonly github: RunningEmulator;
  readonly neighbours: Neighbours;
  readonly server: SevgateProcess;
  readonly world: World;
  /** The number of the pull request that was merged last. */
  readonly regression: number;
}

/** An embedded GitHub, Slack and Better Stack, and the real server, with a folder for what it keeps. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), "sevgate-demo-"));
  #github: RunningEmulator | null = null;
  #front: Listening | null = null;
  #neighbours: Neighbours | null = null;
  #server: SevgateProcess | null = null;

  /** The log of the server, as far as it has come. */
  get log(): readonly string[] {
    return this.#server?.log ?? [];
  }

  /** Starts everything, and says so. What is up when it throws, `takeDown` takes down. */
  async raise(teller: Teller): Promise<RaisedStage> {
    const github = await teller.prepare("GitHub, embedded (emulate)", async () => {
      this.#github = await startEmulator();
      this.#front = await startGraphqlFront(this.#github.url, PLACE);
      return { result: this.#github, detail: this.#front.url };
    });
    const neighbours = await teller.prepare("Slack and Better Stack, embedded", async () => {
      this.#neighbours = await startNeighbours();
      return { result: this.#neighbours, detail: this.#neighbours.slack.apiUrl };
    });
    const server = await teller.prepare("Sevgate, the real server", async () => {
      this.#server = await startSevgate({
        githubUrl: this.#front?.url ?? github.url,
        appId: github.appId,
        privateKey: github.privateKey,
        webhookSecret: github.webhookSecret,
        dataDir: this.folder,
        settings: neighbours.settings,
      });
      github.deliverTo(this.#server.webhookUrl);
      return { result: this.#server, detail: this.#server.url };
    });
    const world = createWorld(github);
    const regression = await teller.prepare(`${FULL_NAME}, with its policy`, async () => {
      const number = await prepareResponse(world, neighbours.slack);
      await until("Sevgate creates the labels it needs", () => isPrepared(world));
      await requireCheck(world);
      return { result: number, detail: "Sevgate has read it, labels are made" };
    });
    return { github, neighbours, server, world, regression };
  }

  async takeDown(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
    await this.#neighbours?.close();
    await this.#front?.close();
    await this.#github?.close();
    this.removeFolder();
  }

  /** For a process that ends at once: it takes the rest with it. */
  removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** What is on GitHub and in Slack now. */
export async function readPage({ world, neighbours }: Pick<RaisedStage, "world" | "neighbours">): Promise<ThreadPage> {
  return { ...(await readThreads(world)), conversations: await readConversations(neighbours) };
}
