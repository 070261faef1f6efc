import pino from "pino";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { RequestTally } from "../../src/base/request-tally.ts";
import type { Instant, Key, Repository } from "../../src/core/model.ts";
import { IncidentRecord } from "../../src/core/record/record.ts";
import { open } from "../../src/core/record/seal.ts";
import { STATUS_MARKER } from "../../src/core/words/markers.ts";
import { namePass } from "../../src/queue/cause.ts";
import { ALWAYS_HELD } from "../../src/queue/lease.ts";
import { createReconciler } from "../../src/reconcile.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { MemoryQueue } from "../../testkit/memory-queue.ts";
import { type Random, seededRandom } from "../../testkit/seeded-random.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { BUILT_IN_TEMPLATES, RECORD_KEYS } from "./story.ts";

/** How often a run tries a pass that failed, as its queue does. */
const MOST_TRIES = 8;
/** Far more than three runs take. */
const MOST_TURNS = 20_000;
/** What a run waits for by itself, ms (docs/install/action.md). */
const WAITED_FOR_MS = 35_000;

/** Something that happens on GitHub, and the key that the run for it begins with; `null`: no run. */
export type Act = (runs: OverlappingRuns) => Key | null;

/**
 * Runs of the action that overlap: each has a memory of its own, and all the same GitHub. At each request, chance decides whose
 * is answered next, and whether something happens in between; the same seed decides the same.
 */
export class OverlappingRuns {
  readonly clock = new VirtualClock();
  readonly github = new FakeGitHub({ clock: this.clock });
  readonly repository: Repository;
  /** What failed for good, or too often. */
  readonly failures: string[] = [];
  /** How often each thing that is meant to happen once did happen: comments by marker, issues by kind. */
  readonly made = new Map<string, number>();
  readonly #random: Random;
  #waiting: (() => void)[] = [];
  #running = 0;

  constructor(seed: number, files: Readonly<Record<string, string>>) {
    this.#random = seededRandom(seed);
    this.repository = this.github.addRepository({ owner: "acme", name: "ops", files });
    this.github.setRole("alice", "maintain");
    this.github.setRole("bob", "triage");
    this.github.onEvent(({ name, payload }) => this.#note(name, payload as Payload));
  }

  /** Lets all of it happen, each act in its order, at a moment by chance while the runs before it may still be at work. */
  async play(acts: readonly Act[]): Promise<void> {
    const left = [...acts];
    const begun: Promise<void>[] = [];
    this.github.turn = () => new Promise((resolve) => this.#waiting.push(resolve));
    for (let turn = 0; ; turn += 1) {
      if (turn > MOST_TURNS) throw new Error("the runs do not come to an end");
      await allThatIsReady();
      const act = left[0];
      // An act is as likely as the answer to any one request, or it would come before all runs or after them.
      const choice = Math.floor(this.#random() * (this.#waiting.length * 6 + (act === undefined ? 0 : 1)));
      if (act !== undefined && (this.#waiting.length === 0 || choice === this.#waiting.length * 6)) {
        left.shift();
        const key = act(this);
        if (key !== null) begun.push(this.#run(key));
        continue;
      }
      if (this.#waiting.length === 0) {
        if (this.#running > 0) continue;
        break;
      }
      const [next] = this.#waiting.splice(choice % this.#waiting.length, 1);
      next?.();
    }
    await Promise.all(begun);
    this.github.turn = null;
  }

  /** One more run, alone, as the next schedule begins it. Returns what it writes. */
  async alone(...keys: readonly Key[]): Promise<readonly string[]> {
    this.github.forgetCalls();
    for (const key of keys) await this.#run(key);
    return this.github.writes;
  }

  incident(number: number): Key {
    return { kind: "incident", repository: this.repository, number };
  }

  statuses(number: number): readonly string[] {
    return this.github
      .comments(number, this.repository)
      .flatMap(({ body }) => (body.includes(STATUS_MARKER) ? [body] : []));
  }

  record(number: number): IncidentRecord {
    const { nodeId } = this.github.issue(number, this.repository);
    const place = { appId: this.github.appId, repositoryId: this.repository.id, issueNodeId: nodeId };
    const opened = open(this.statuses(number)[0] ?? "", place, RECORD_KEYS);
    if (opened.kind !== "valid") throw new Error(`the record is ${opened.kind}`);
    return IncidentRecord.parse(opened.record);
  }

  async #run(first: Key): Promise<void> {
    this.#running += 1;
    try {
      await this.#workOff(first);
    } finally {
      this.#running -= 1;
    }
  }

  /** Passes until nothing is left that is due soon; time stands still while runs overlap. */
  async #workOff(first: Key): Promise<void> {
    const { index, alerts, pages } = new MemoryStore();
    const queue = new MemoryQueue();
    const requests = new RequestTally();
    const pass = createReconciler({
      github: this.github,
      index,
      alerts,
      clock: this.clock,
      log: pino({ level: "silent" }),
      recordKeys: RECORD_KEYS,
      templates: BUILT_IN_TEMPLATES,
      chat: null,
      paging: { pages, pagers: new Map(), allowed: [], webUrl: "https://github.com" },
      requests,
      runsIn: "action",
    });
    const tries = new Map<string, number>();
    queue.add([first]);
    for (;;) {
      const key = queue.take();
      if (key === null) {
        queue.fire((this.clock.now() + WAITED_FOR_MS) as Instant);
        if (queue.waiting.size === 0) return;
        continue;
      }
      const name = namePass(queue.causeOf(key));
      try {
        const result = await pass(key, new AbortController().signal, ALWAYS_HELD, name);
        queue.lookAgainAt(
          key,
          result.checkAgainIn === null ? null : ((this.clock.now() + result.checkAgainIn) as Instant),
        );
        queue.add(result.alsoLookAt);
      } catch (error) {
        if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
        const id = `${key.kind} ${"number" in key ? key.number : ""}`;
        tries.set(id, (tries.get(id) ?? 0) + 1);
        if (error instanceof TerminalError || tries.get(id)! > MOST_TRIES)
          this.failures.push(`${id}: ${error.message}`);
        else queue.add([key]);
      }
    }
  }

  #note(name: string, { action, sender, comment, issue, pull_request }: Payload): void {
    if (sender?.login !== this.github.botLogin) return;
    const what =
      name === "issue_comment" && action === "created"
        ? /<!-- sevgate:([a-z]+)/.exec(comment?.body ?? "")?.[1]
        : name === "issues" && action === "opened"
          ? `issue ${issue?.labels?.[0]?.name ?? ""}`
          : name === "issues" && action === "reopened"
            ? "reopening"
            : name === "pull_request" && action === "opened"
              ? `pull request ${pull_request?.title ?? ""}`
              : undefined;
    const id = name === "issue_comment" ? (/<!-- sevgate:[\w-]+ -->/.exec(comment?.body ?? "")?.[0] ?? "") : "";
    if (what !== undefined) this.made.set(`${what} ${id}`.trim(), (this.made.get(`${what} ${id}`.trim()) ?? 0) + 1);
  }
}

interface Payload {
  readonly action?: string;
  readonly sender?: { readonly login: string };
  readonly comment?: { readonly body: string };
  readonly issue?: { readonly labels?: readonly { readonly name: string }[] };
  readonly pull_request?: { readonly title: string };
}

/** Everything that waits for nothing but its turn has been done. */
async function allThatIsReady(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
