import pino from "pino";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { RequestTally } from "../../src/base/request-tally.ts";
import type { AllowedChannel } from "../../src/core/chat/allowed-channels.ts";
import { keyId } from "../../src/core/key.ts";
import type { Instant, Key, Repository } from "../../src/core/model.ts";
import type { TemplateSources } from "../../src/core/observation.ts";
import type { FormerApp } from "../../src/core/own.ts";
import type { RunsIn } from "../../src/core/policy/runs-in.ts";
import { fold, type History } from "../../src/core/record/history.ts";
import type { IncidentRecord } from "../../src/core/record/record.ts";
import { open, type RecordKeys, recordKey } from "../../src/core/record/seal.ts";
import type { SetupFile } from "../../src/core/setup/setup-file.ts";
import { createEnqueueHints } from "../../src/ingress/webhooks/enqueue-hints.ts";
import { followsFrom, namePass } from "../../src/queue/cause.ts";
import { ALWAYS_HELD } from "../../src/queue/lease.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { createReconciler } from "../../src/reconcile.ts";
import { builtInSetupFiles } from "../../src/run/built-in-setup-files.ts";
import { builtInTemplates } from "../../src/run/built-in-templates.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import type { AlertSourceApis } from "../../src/systems/alert-source.ts";
import type { Chat, ChatParts } from "../../src/systems/chat.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import type { AllowedPaging } from "../../src/systems/paging-allow-list.ts";
import { createSlack } from "../../src/systems/slack/create-slack.ts";
import type { Slack } from "../../src/systems/slack/ports.ts";
import { createSlackChat } from "../../src/systems/slack/slack-chat.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { MemoryQueue } from "../../testkit/memory-queue.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { FakeSlack } from "./fake-slack.ts";
import { filledPostMortem } from "./filled-post-mortem.ts";
import { MemoryPager } from "./memory-pager.ts";

/** The files a repository starts with. */
export const SETUP_FILES: readonly SetupFile[] = builtInSetupFiles();

/** The templates Sevgate comes with. */
export const BUILT_IN_TEMPLATES: TemplateSources = builtInTemplates();

export const RECORD_KEYS: RecordKeys = [recordKey("a record key for tests, long enough to be one")];

/** Puts something between Sevgate and the fake, such as the real adapter. */
export type InFront = (github: FakeGitHub, clock: VirtualClock) => GitHub;

/** How long a failed pass waits before it is tried again, ms. */
const TRY_AGAIN_MS = 5_000;
const MAX_PASSES = 500;

/**
 * Sevgate's whole loop on a GitHub in memory and a clock moved by hand: people act, hints travel, passes run. A pass
 * that writes without saying so in the log fails the test.
 *
 * An exception that is neither transient nor terminal fails the test.
 */
export class Story {
  /** Every story begun and not yet checked, where a file has them checked (test/support/every-story-ends-at-rest.ts). */
  static begun: Story[] | null = null;
  readonly clock = new VirtualClock();
  readonly github: FakeGitHub;
  readonly repository: Repository;
  #store = new MemoryStore();
  /** Sources that are told what became of their alerts, from the next `restart` on. */
  alertSources: AlertSourceApis = new Map();
  queue = new MemoryQueue();
  /** `null`: Slack is not set up. */
  slack: FakeSlack | null = null;
  /** Another chat, used from the next `restart` on; `null`: Slack, if it is set up. */
  chat: Chat | null = null;
  /** Changed channels are used from the next `restart` on. */
  channels: readonly AllowedChannel[] = [{ channel: "alert", repositories: null }];
  /** What other systems were asked to do about pages; both answer. */
  readonly pagerDuty = new MemoryPager("pagerduty");
  readonly betterStack = new MemoryPager("better-stack");
  /** Who may page through them; a changed list is used from the next `restart` on. */
  mayPage: readonly AllowedPaging[] = [
    { channel: "pagerduty", who: "acme" },
    { channel: "better-stack", who: "acme/ops" },
  ];
  /** Whether webhooks arrive. */
  listens = true;
  passes = 0;
  /** How many events so far: the delivery of each is named `guid-` and its number. */
  deliveries = 0;
  /** What Sevgate has logged, a line each. */
  readonly log: string[] = [];
  readonly #requests = new RequestTally();
  /** As which apps Sevgate ran before; changed, from the next `restart` on. */
  formerApps: readonly FormerApp[] = [];
  /** As what Sevgate runs; changed, from the next `restart` on. */
  runsIn: RunsIn = "server";
  /** Changed keys are used from the next `restart` on. */
  recordKeys: RecordKeys = RECORD_KEYS;
  /** What the onboarding pull request brings, from the next `restart` on; `null`: there is none, as in most stories. */
  onboarding: readonly SetupFile[] | null = null;
  /** What happens when a pass fails, in addition to its coming back later. */
  onFailure: () => void = () => {};
  /** What failed for good, in words; it is not tried again. */
  readonly refused: string[] = [];
  /** What Sevgate speaks to: the fake itself, or something in front of it. */
  #front: GitHub;
  #pass: ReturnType<typeof createReconciler>;
  #accept: ReturnType<typeof createEnqueueHints>;
  #events: Promise<unknown>[] = [];

  private constructor(inFront: InFront | undefined) {
    this.github = new FakeGitHub({ clock: this.clock });
    this.#front = inFront?.(this.github, this.clock) ?? this.github;
    this.repository = this.github.addRepository({ owner: "acme", name: "ops" });
    this.github.setRole("alice", "maintain");
    this.github.setRole("bob", "triage");
    this.github.setRole("rita", "read");
    this.#pass = this.#start();
    this.#accept = this.#listen();
    this.github.onEvent((event) => {
      this.deliveries += 1;
      const guid = `guid-${this.deliveries}`;
      if (this.listens) this.#events.push(this.#accept({ name: event.name, payload: event.payload }, guid));
    });
    this.github.onCall = this.#requests.note;
  }

  /** A repository with the app installed and swept once, a minute ago. */
  static async begin(
    options: {
      readonly policy?: string;
      readonly slack?: boolean;
      readonly inFront?: InFront;
      /** Whether a repository without a policy is shown one; else not, so that other stories are about one thing. */
      readonly onboarding?: boolean;
    } = {},
  ): Promise<Story> {
    const story = new Story(options.inFront);
    if (options.onboarding === true) {
      story.onboarding = SETUP_FILES;
      story.restart();
    }
    if (options.slack === true) {
      story.slack = new FakeSlack(story.clock);
      story.restart();
    }
    Story.begun?.push(story);
    if (options.policy !== undefined) story.github.setFile(".github/sevgate.yml", options.policy, story.repository);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await story.advance(60_000);
    story.github.forgetCalls();
    return story;
  }

  get index() {
    return this.#store.index;
  }

  get alerts() {
    return this.#store.alerts;
  }

  get threads() {
    return this.#store.threads;
  }

  get pages() {
    return this.#store.pages;
  }

  /** The process dies and starts again; with `database` lost, only GitHub remembers. */
  restart(options: { readonly database?: "kept" | "lost" } = {}): void {
    if (options.database === "lost") {
      this.#store = new MemoryStore();
      this.queue = new MemoryQueue();
    }
    this.#pass = this.#start();
    this.#accept = this.#listen();
  }

  hint(...keys: readonly Key[]): void {
    this.queue.add(keys);
  }

  incidentKey(number: number): Key {
    return { kind: "incident", repository: this.repository, number };
  }

  /** Runs passes until no key is waiting. Failed passes come back later, by timer. */
  async settle(): Promise<void> {
    for (let count = 0; count < MAX_PASSES; count += 1) {
      await Promise.all(this.#events.splice(0));
      const key = this.queue.take();
      if (key === null && this.#events.length === 0) return;
      if (key !== null) await this.once(key);
    }
    throw new Error("the loop does not come to rest");
  }

  /** One pass over one key. */
  async once(key: Key): Promise<void> {
    this.passes += 1;
    const [lines, writes] = [this.log.length, this.github.writes.length];
    await this.#run(key);
    const isTraced = this.log.slice(lines).some((line) => line.includes('"msg":"step"'));
    if (this.github.writes.length > writes && !isTraced) throw new Error(`${keyId(key)}: a write left no line`);
  }

  async #run(key: Key): Promise<void> {
    const name = namePass(this.queue.causeOf(key));
    try {
      const result = await this.#pass(key, new AbortController().signal, ALWAYS_HELD, name);
      const again = result.checkAgainIn;
      this.queue.lookAgainAt(key, again === null ? null : ((this.clock.now() + again) as Instant));
      this.queue.add(result.alsoLookAt, followsFrom(key, name));
    } catch (error) {
      // As the queue does: what trying again cannot help is dropped until the next hint.
      if (error instanceof TerminalError) {
        this.refused.push(error.message);
        return;
      }
      if (!(error instanceof TransientError)) throw error;
      this.onFailure();
      const again = (this.clock.now() + (error.retryAfterMs ?? TRY_AGAIN_MS)) as Instant;
      this.queue.lookAgainAt(key, again, { by: name.cause, origin: name.origin });
    }
  }

  /** Lets time pass: every timer that becomes due fires at its moment. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await this.settle();
    for (;;) {
      const next = this.queue.nextTimer();
      if (next === null || next > until) break;
      this.clock.advance(Math.max(0, next - this.clock.now()));
      this.queue.fire(this.clock.now());
      await this.settle();
    }
    this.clock.advance(until - this.clock.now());
  }

  /** An incident, declared by `reporter` and settled. */
  async declare(labels: readonly string[] = ["sev:P0"], reporter = "bob"): Promise<number> {
    const issue = this.github
      .as(reporter)
      .openIssue({ title: "Checkout is down", body: "It started at nine.", labels });
    await this.settle();
    return issue.number;
  }

  /** A hint about an incident, and everything that follows from it. */
  async look(number: number): Promise<void> {
    this.hint(this.incidentKey(number));
    await this.settle();
  }

  /** A comment by somebody, and everything that follows from it. */
  async say(login: string, number: number, body: string): Promise<number> {
    const comment = this.github.as(login).comment(number, body);
    await this.settle();
    return comment.id;
  }

  /** The record in the status comment. It has to be there and intact. */
  record(number: number): IncidentRecord {
    const place = {
      appId: this.github.appId,
      repositoryId: this.repository.id,
      issueNodeId: this.github.issue(number, this.repository).nodeId,
    };
    const opened = open(this.status(number), place, this.recordKeys);
    if (opened.kind !== "valid") throw new Error(`the record of #${number} is ${opened.kind}`);
    return opened.record;
  }

  /** What the record adds up to. */
  history(number: number): History {
    return fold(this.record(number).entries);
  }

  /** The id of the one status comment. */
  statusId(number: number): number {
    const status = this.status(number);
    return this.github.comments(number, this.repository).find((comment) => comment.body === status)!.id;
  }

  /** What people see in the status comment. */
  status(number: number): string {
    const own = this.ownComments(number).filter((body) => body.includes("<!-- sevgate:status -->"));
    if (own.length !== 1) throw new Error(`${own.length} status comments on #${number}`);
    return own[0]!;
  }

  /** The same as a reader sees it: of a link, its words. */
  words(number: number): string {
    return this.status(number).replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  }

  /** Everything else the app said on the issue. */
  replies(number: number): readonly string[] {
    return this.ownComments(number).filter((body) => !body.includes("<!-- sevgate:status -->"));
  }

  ownComments(number: number): readonly string[] {
    const comments = this.github.comments(number, this.repository);
    return comments.filter((comment) => comment.author?.login === this.github.botLogin).map((comment) => comment.body);
  }

  stateLabels(number: number): readonly string[] {
    return this.github.issue(number, this.repository).labels.filter((label) => label.startsWith("incident:"));
  }

  /** A post-mortem with everything the default policy asks for. */
  async fillPostMortem(number: number, by = "bob"): Promise<void> {
    const { body } = this.github.issue(number, this.repository);
    this.github.as(by).edit(number, { body: filledPostMortem(body) });
    await this.settle();
  }

  /** The real adapter, speaking to a Slack in memory. */
  #client({ token, fetch }: FakeSlack): Slack {
    return createSlack({ token, fetch, apiUrl: "https://slack.com/api", clock: this.clock });
  }

  #chatParts(): ChatParts | null {
    const chat = this.chat ?? (this.slack === null ? null : createSlackChat(this.#client(this.slack)));
    return chat === null ? null : { chat, threads: this.threads, channels: this.channels };
  }

  #start(): ReturnType<typeof createReconciler> {
    return createReconciler({
      github: this.#front,
      index: this.index,
      alerts: this.alerts,
      alertSources: this.alertSources,
      clock: this.clock,
      log: pino({ level: "debug" }, { write: (line: string) => void this.log.push(line) }),
      recordKeys: this.recordKeys,
      runsIn: this.runsIn,
      formerApps: this.formerApps,
      templates: BUILT_IN_TEMPLATES,
      chat: this.#chatParts(),
      paging: {
        pages: this.pages,
        pagers: new Map([this.pagerDuty, this.betterStack].map((pager) => [pager.channel, pager])),
        allowed: this.mayPage,
        webUrl: "https://github.com",
      },
      requests: this.#requests,
      onboarding: this.onboarding,
    });
  }

  #listen(): ReturnType<typeof createEnqueueHints> {
    const queue: Pick<Queue, "accept"> = { accept: async (keys, _, cause) => this.queue.add(keys, cause) };
    return createEnqueueHints({
      queue,
      index: this.index,
      clock: this.clock,
      botLogin: () => this.github.botLogin,
      webHost: "github.com",
      forgetTokens: (installationId) => this.github.forget(installationId),
    });
  }
}
