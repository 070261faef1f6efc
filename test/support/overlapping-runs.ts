import { AsyncLocalStorage } from "node:async_hooks";
import pino from "pino";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { RequestTally } from "../../src/base/request-tally.ts";
import type { Instant, Key, Repository } from "../../src/core/model.ts";
import { allLabels } from "../../src/core/plan/labels.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";
import { type IncidentRecord, sameRecord } from "../../src/core/record/record.ts";
import { open, openUnchecked } from "../../src/core/record/seal.ts";
import { STATUS_MARKER } from "../../src/core/words/markers.ts";
import { namePass } from "../../src/queue/cause.ts";
import { ALWAYS_HELD } from "../../src/queue/lease.ts";
import { createReconciler } from "../../src/reconcile.ts";
import { WAITED_FOR_MS } from "../../src/run/action/work-off.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { MemoryQueue } from "../../testkit/memory-queue.ts";
import { type Random, seededRandom } from "../../testkit/seeded-random.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { BUILT_IN_TEMPLATES, RECORD_KEYS } from "./story.ts";

const LABELS = allLabels(defaultPolicy()).map(({ name }) => name);
/** How often a run tries a pass that failed, as its queue does. */
const MOST_TRIES = 8;
/** Far more than three runs take. */
const MOST_TURNS = 20_000;
/** How likely something happens before the next request is answered, and how likely another run goes on then. */
const ACTS_SHARE = 0.2;
const CHANGES_SHARE = 0.2;

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
  /** How often each thing was made that is meant to be made once: comments by marker, issues by label, checks by conclusion. */
  readonly made = new Map<string, number>();
  /** How often a record was written over one that its writer had not seen. */
  overwritten = 0;
  readonly #random: Random;
  readonly #who = new AsyncLocalStorage<number>();
  #waiting: { readonly run: number; readonly go: () => void }[] = [];
  #running = 0;
  #begun = 0;

  constructor(seed: number, files: Readonly<Record<string, string>>) {
    this.#random = seededRandom(seed);
    this.repository = this.github.addRepository({ owner: "acme", name: "ops", files, labels: LABELS });
    this.github.setRole("alice", "maintain");
    this.github.setRole("bob", "triage");
    this.github.onEvent(({ name, payload }) => this.#note(name, payload as Payload));
  }

  /** Lets all of it happen, each act in its order, at a moment by chance while the runs before it may still be at work. */
  async play(acts: readonly Act[]): Promise<void> {
    const left = [...acts];
    const begun: Promise<void>[] = [];
    let ahead = 0;
    this.github.turn = () =>
      new Promise((resolve) => this.#waiting.push({ run: this.#who.getStore() ?? 0, go: () => resolve() }));
    for (let turn = 0; ; turn += 1) {
      if (turn > MOST_TURNS) throw new Error("the runs do not come to an end");
      await allThatIsReady();
      const act = left[0];
      if (act !== undefined && (this.#waiting.length === 0 || this.#random() < ACTS_SHARE)) {
        left.shift();
        const key = act(this);
        if (key !== null) begun.push(this.#run(key));
      } else if (this.#waiting.length > 0) {
        // A run may get far before another one goes on: that is what overwrites something.
        const runs = [...new Set(this.#waiting.map(({ run }) => run))];
        if (!runs.includes(ahead) || this.#random() < CHANGES_SHARE) ahead = this.#oneOf(runs);
        const next = this.#oneOf(this.#waiting.filter(({ run }) => run === ahead));
        this.#waiting = this.#waiting.filter((one) => one !== next);
        next.go();
      } else if (this.#running === 0) {
        break;
      }
    }
    await Promise.all(begun);
    this.github.turn = null;
  }

  /**
   * The worst that can happen: the run for `first` stands still right before its request `method`, and only goes on when that for
   * `second` is over.
   */
  async overtake(first: Act, method: string, second: Act): Promise<void> {
    let goOn = (): void => {};
    const over = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let isHeld = false;
    const held = new Promise<void>((resolve) => {
      this.github.turn = async () => {
        const isFirst = this.#who.getStore() === 1 + begun;
        if (!isFirst || isHeld || this.github.calls.at(-1)?.method !== method) return;
        isHeld = true;
        resolve();
        await over;
      };
    });
    const begun = this.#begun;
    const slow = this.#run(first(this) as Key);
    await Promise.race([held, slow]);
    if (!isHeld) throw new Error(`the first run never got to ${method}`);
    await this.#run(second(this) as Key);
    goOn();
    await slow;
    this.github.turn = null;
  }

  /**
   * The run for `first` is killed right before its request number `at`, and that for `second` begins while it waits for the answer to the one before.
   * Returns whether the first one got that far.
   */
  async killed(first: Act, at: number, second: Act): Promise<boolean> {
    const begun = this.#begun + 1;
    let asked = 0;
    let isKilled = false;
    const killed = new Promise<void>((resolve) => {
      this.github.turn = async () => {
        if (this.#who.getStore() !== begun) return;
        asked += 1;
        if (asked < at) return;
        isKilled = true;
        resolve();
        await new Promise<never>(() => {});
      };
    });
    await Promise.race([killed, this.#run(first(this) as Key)]);
    await this.#run(second(this) as Key);
    this.github.turn = null;
    return isKilled;
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
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
    return opened.record;
  }

  async #run(first: Key): Promise<void> {
    this.#running += 1;
    this.#begun += 1;
    try {
      await this.#who.run(this.#begun, () => this.#workOff(first));
    } finally {
      this.#running -= 1;
    }
  }

  /** Passes until nothing is left that is due soon; time stands still while runs overlap. */
  async #workOff(first: Key): Promise<void> {
    const { index, alerts, pages } = new MemoryStore();
    // As a run warms up: it is there for its event, not for a sweep of everything.
    await index.saveRepository(this.repository, { sweptAt: this.clock.now(), labelsThere: LABELS, isPrivate: false });
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

  #note(name: string, { action, sender, comment, issue, pull_request, check_run, changes }: Payload): void {
    if (sender?.login !== this.github.botLogin) return;
    if (name === "issue_comment" && action === "edited") {
      const [was, is] = [changes?.body?.from ?? "", comment?.body ?? ""].map(recordIn);
      if (was != null && is != null && is.revision <= was.revision && !sameRecord(was, is)) this.overwritten += 1;
    }
    const marker =
      name === "issue_comment" && action === "created" ? /<!-- sevgate:[\w-]+ -->/.exec(comment?.body ?? "") : null;
    if (marker !== null) this.#count(`${/sevgate:([a-z]+)/.exec(marker[0])?.[1]} ${marker[0]}`);
    if (name === "issues" && action === "opened")
      this.#count(`issue ${issue?.title.startsWith("Post-mortem") ? "post-mortem" : issue?.title}`);
    if (name === "pull_request" && action === "opened") this.#count(`pull request ${pull_request?.title}`);
    if (name === "check_run" && action === "created")
      this.#count(`check ${check_run?.name} <${check_run?.conclusion}>`);
  }

  #count(what: string): void {
    this.made.set(what, (this.made.get(what) ?? 0) + 1);
  }
}

interface Payload {
  readonly action?: string;
  readonly sender?: { readonly login: string };
  readonly comment?: { readonly body: string };
  readonly issue?: { readonly title: string };
  readonly pull_request?: { readonly title: string };
  readonly check_run?: { readonly name: string; readonly conclusion: string | null };
  readonly changes?: { readonly body?: { readonly from: string } };
}

/** The record in a comment, read without its seal. */
function recordIn(body: string): IncidentRecord | null {
  const opened = openUnchecked(body);
  return opened.kind === "valid" ? opened.record : null;
}

/** Everything that waits for nothing but its turn has been done. */
async function allThatIsReady(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
