import type { Logger } from "pino";
import * as z from "zod";
import { backoff } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import { TerminalError, TransientError } from "../../base/errors.ts";
import { RequestTally } from "../../base/request-tally.ts";
import { keyId } from "../../core/key.ts";
import type { Instant, Key, Millis } from "../../core/model.ts";
import { withFormer } from "../../core/own.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { readJson } from "../../core/read-json.ts";
import { open } from "../../core/record/seal.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/time-units.ts";
import { count } from "../../core/words/time.ts";
import { createAcceptAlert } from "../../ingress/alerts/accept-alert.ts";
import { createEnqueueHints } from "../../ingress/webhooks/enqueue-hints.ts";
import { type Hints, hintsOf, type WebhookEvent } from "../../ingress/webhooks/hints.ts";
import { BY_SWEEP } from "../../queue/cause.ts";
import { createMemoryQueue, MemoryQueueRows } from "../../queue/memory-queue.ts";
import { FOLLOW_UP, NOTHING_MORE, type Pass, type Priority } from "../../queue/queue.ts";
import { createReconciler } from "../../reconcile.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import type { AnsweredRequest, TokenClientOptions } from "../../systems/github/github-client.ts";
import type { lastScheduledRun } from "../../systems/github/last-scheduled-run.ts";
import type { GitHub } from "../../systems/github/ports.ts";
import type { TokenIdentity } from "../../systems/github/token-identity.ts";
import { builtInTemplates } from "../built-in-templates.ts";
import type { Environment } from "../settings.ts";
import type { ActionReport } from "./action-report.ts";
import type { ActionSettings } from "./action-settings.ts";
import { inTurns } from "./in-turns.ts";
import { isLeftToEvents, isLeftToTheTeam } from "./is-left-to-the-team.ts";
import { hintContextOf, isNothing, leadsNowhere } from "./leads-nowhere.ts";
import type { EventFiles, RunEvent } from "./read-event.ts";
import { WarmUp } from "./warm-up.ts";
import {
  noteLeft,
  RUN_LIMIT_MS,
  reporting,
  WAITED_FOR_ALERT_MS,
  WAITED_FOR_MS,
  type WorkOffParts,
  workOff,
} from "./work-off.ts";

/** What a run has of its machine and of GitHub; tests bring their own. */
export interface ActionParts {
  readonly environment: Environment;
  readonly files: EventFiles & { append(path: string, text: string): void };
  readonly clock: Clock;
  print(line: string): void;
  /** Lets time pass. */
  pause(ms: Millis): Promise<void>;
  identify(
    options: TokenClientOptions,
    repository: ActionSettings["repository"],
    slug: string | null,
  ): Promise<TokenIdentity>;
  createGitHub(options: TokenClientOptions, identity: TokenIdentity): GitHub;
  lastScheduledRun: typeof lastScheduledRun;
}

/** How far back a scheduled run looks if it does not know when the last one was: schedules are late under load. */
const PERHAPS_AGO_MS = HOUR_MS;
/** Then, everything open is listed only by runs that begin this soon after each sixth hour (src/observe/observe-repository.ts). */
const FULL_WITHIN_MS = 15 * MINUTE_MS;
const FULL_EVERY_MS = 6 * HOUR_MS;
const LEFT_TO_EVENTS = "What is left of the hour's requests is kept for events.";
const LEFT_TO_THE_TEAM =
  "What is left of the hour's requests is kept for the team: what people without rights here do waits for the schedule.";
const FIRST: Priority = 30;
/** Open incidents that nothing is known to have happened to. */
const LAST: Priority = 0;
/** How many of them each scheduled run begins with, the newest; and how often it may begin elsewhere with the others. */
const NEWEST_FIRST = 20;
const TURN_MS = 10 * MINUTE_MS;

/** A run that goes on after its event has been read. */
export class ActionRun {
  readonly #report: ActionReport;
  readonly #settings: ActionSettings;
  readonly #parts: ActionParts;
  readonly #log: Logger;
  readonly #store = new MemoryStore();
  readonly #rows = new MemoryQueueRows();
  readonly #tally = new RequestTally();
  readonly #templates = builtInTemplates();
  /** The ids of the keys that the event itself named. */
  readonly #asked = new Set<string>();
  /** No scheduled run before it has looked today, UTC. */
  #isNewDay = false;

  constructor(report: ActionReport, settings: ActionSettings, parts: ActionParts, log: Logger) {
    this.#report = report;
    this.#settings = settings;
    this.#parts = parts;
    this.#log = log;
  }

  async over(event: Exclude<RunEvent, { kind: "nothing" | "refused" }>): Promise<void> {
    const { repository, webHost } = this.#settings;
    // What can be told without asking anybody costs nothing: most comments and labels concern no incident.
    if (event.kind === "webhook" && leadsNowhere(event.event, webHost)) return;
    const options = this.#options();
    const identity = await this.#parts.identify(options, repository, this.#settings.appSlug);
    if (event.kind === "webhook" && leadsNowhere(event.event, webHost, identity.botLogin)) return;
    const github = this.#parts.createGitHub(options, identity);
    try {
      await this.#work(event, github, identity);
    } finally {
      this.#report.limit = await github.app.requestLimit(repository.installationId);
    }
  }

  #options(): TokenClientOptions {
    const { token, apiUrl } = this.#settings;
    const onRequest = (request: AnsweredRequest): void => {
      this.#tally.note();
      // A question to GraphQL has a limit of its own, and "not modified" is free.
      if (request.route === "/graphql") this.#report.questions += 1;
      else if (request.status !== 304) this.#report.requests += 1;
    };
    return { token, apiUrl, log: this.#log, clock: this.#parts.clock, onRequest };
  }

  async #work(
    event: Exclude<RunEvent, { kind: "nothing" | "refused" }>,
    github: GitHub,
    identity: TokenIdentity,
  ): Promise<void> {
    const { clock } = this.#parts;
    const { repository, recordKeys, formerApps, webHost } = this.#settings;
    const { index, alerts } = this.#store;
    const until = (clock.now() + RUN_LIMIT_MS) as Instant;
    const warmUp = new WarmUp({
      read: github.read,
      index,
      alerts,
      clock,
      app: withFormer(identity, formerApps),
      templates: this.#templates,
      openRecord: (commentBody, place) => open(commentBody, place, recordKeys),
      repository,
      webHost,
    });
    const queue = createMemoryQueue({
      kept: this.#rows,
      clock,
      log: this.#log,
      retryDelay: (failures) => backoff(failures, Math.random()),
    });
    const work: WorkOffParts = {
      queue,
      rows: this.#rows,
      pass: reporting(this.#createPass(github, event.kind), this.#report, clock),
      clock,
      report: this.#report,
      waitsFor: isOfAlert(event) ? WAITED_FOR_ALERT_MS : WAITED_FOR_MS,
      pause: (ms) => this.#parts.pause(ms),
    };
    if (event.kind === "sweep") await this.#beginSweep(work, warmUp, github, event);
    else if (event.kind === "alert") await this.#beginAlert(work, warmUp, event);
    else await this.#beginEvent(work, warmUp, github, identity, event);
    await workOff(work, until);
    await this.#lookAtNamers(work, warmUp, until);
    await noteLeft(work);
  }

  #createPass(github: GitHub, by: RunEvent["kind"]): Pass {
    const { clock } = this.#parts;
    const { index, alerts } = this.#store;
    const pass = createReconciler({
      github,
      index,
      alerts,
      clock,
      log: this.#log,
      recordKeys: this.#settings.recordKeys,
      formerApps: this.#settings.formerApps,
      templates: this.#templates,
      chat: null,
      requests: this.#tally,
      runsIn: "action",
      recallWithin: MINUTE_MS as Millis,
    });
    return async (key, signal, lease, name) => {
      if (by === "sweep") await this.#leaveToEvents(github);
      // Finding out that there is nothing to report takes as long as the report: once a day.
      if (key.kind === "report" && by === "sweep" && !this.#isNewDay) return NOTHING_MORE;
      // A run takes every incident for changed: what is late is looked at only if it asked for that, or has done something.
      const isIdle = this.#report.steps.length === 0 && !this.#asked.has(keyId(key));
      if (key.kind === "follow-ups" && by === "webhook" && isIdle) return NOTHING_MORE;
      return await pass(key, signal, lease, name);
    };
  }

  /** Throws if a scheduled run has used up its share: what it has not done yet is done by a later one. */
  async #leaveToEvents({ app }: GitHub): Promise<void> {
    const { clock } = this.#parts;
    const limit = await app.requestLimit(this.#settings.repository.installationId);
    if (limit === null || !isLeftToEvents(limit, clock)) return;
    throw new TransientError(LEFT_TO_EVENTS, { retryAfterMs: limit.resetsAt - clock.now() });
  }

  /** The policy, and what of it a run does not do. Throws as `WarmUp.policy` does. */
  async #rules(warmUp: WarmUp, lookedAt: Instant, isPrivate: boolean | null): Promise<Policy> {
    const policy = await warmUp.policy(lookedAt, isPrivate);
    const pagers = [...new Set(Object.values(policy.paging.channels).flat())];
    if (pagers.length > 0) {
      this.#report.remarks.push(
        `The policy pages by ${pagers.join(", ")} as well. The action pages by comment alone: that takes a server.`,
      );
    }
    return policy;
  }

  /** When a scheduled run last looked at everything, as far as can be told. */
  async #lastLook({ isAsked }: Extract<RunEvent, { kind: "sweep" }>): Promise<Instant> {
    const now = this.#parts.clock.now();
    // A day ago everything open was not looked at lately (src/observe/observe-repository.ts).
    const longAgo = (now - DAY_MS) as Instant;
    if (isAsked) return longAgo;
    const { workflowFile, repository } = this.#settings;
    const last =
      workflowFile === null
        ? ("untold" as const)
        : await this.#parts.lastScheduledRun(this.#options(), repository, workflowFile);
    if (last === "none") return longAgo;
    if (last !== "untold") return Math.min(last, now) as Instant;
    const sinceFull = now % FULL_EVERY_MS;
    return (now - (sinceFull < FULL_WITHIN_MS ? PERHAPS_AGO_MS : Math.min(sinceFull, PERHAPS_AGO_MS))) as Instant;
  }

  async #beginSweep(
    { queue }: WorkOffParts,
    warmUp: WarmUp,
    github: GitHub,
    event: Extract<RunEvent, { kind: "sweep" }>,
  ): Promise<void> {
    const { clock } = this.#parts;
    const { repository } = this.#settings;
    const lookedAt = await this.#lastLook(event);
    this.#isNewDay = Math.floor(lookedAt / DAY_MS) !== Math.floor(clock.now() / DAY_MS);
    const policy = await this.#rules(warmUp, lookedAt, null);
    const limit = await github.app.requestLimit(repository.installationId);
    if (isLeftToEvents(limit, clock)) {
      this.#report.failed({ kind: "repository", repository }, LEFT_TO_EVENTS);
      return;
    }
    await warmUp.labels(policy);
    const incidents = await warmUp.openIncidents(policy);
    await queue.add([{ kind: "repository", repository }], FIRST, BY_SWEEP);
    // Timers end with the run that sets them: whatever is open is looked at, and before the pull requests that name it.
    const keys = incidents.map(({ number }): Key => ({ kind: "incident", repository, number }));
    const inOrder = inTurns(keys, NEWEST_FIRST, Math.floor(clock.now() / TURN_MS));
    await queue.add(inOrder.slice(0, NEWEST_FIRST), FOLLOW_UP, BY_SWEEP);
    await queue.add(inOrder.slice(NEWEST_FIRST), LAST, BY_SWEEP);
  }

  async #beginAlert(
    { queue }: WorkOffParts,
    warmUp: WarmUp,
    { source, endpoint, payload }: Extract<RunEvent, { kind: "alert" }>,
  ): Promise<void> {
    const { clock } = this.#parts;
    const { repository } = this.#settings;
    const { index, alerts, pages } = this.#store;
    const policy = await this.#rules(warmUp, clock.now(), null);
    await warmUp.labels(policy);
    await warmUp.alertsOf(source, endpoint, payload, policy);
    const accept = createAcceptAlert({
      alerts,
      queue,
      hasSwept: () => true,
      index,
      pages,
      clock,
      log: this.#log,
      metrics: { countAlert: () => {} },
      runsIn: "action",
    });
    const { answer, isTaken } = await accept({ source, name: endpoint, repository: String(repository.id) }, payload);
    if (!isTaken) throw new TerminalError(wordsOf(answer.body));
    this.#report.remarks.push(wordsOf(answer.body));
  }

  async #beginEvent(
    { queue }: WorkOffParts,
    warmUp: WarmUp,
    github: GitHub,
    { botLogin }: TokenIdentity,
    { event, isPrivate }: Extract<RunEvent, { kind: "webhook" }>,
  ): Promise<void> {
    const { clock } = this.#parts;
    const { repository, webHost, runId } = this.#settings;
    const { index } = this.#store;
    const policy = await this.#rules(warmUp, clock.now(), isPrivate);
    if (await isLeftToTheTeam(event, repository, github, clock)) {
      this.#report.failed({ kind: "repository", repository }, LEFT_TO_THE_TEAM);
      return;
    }
    const hints = hintsOf(event, hintContextOf(botLogin, webHost, policy));
    if (isNothing(hints)) return;
    for (const question of hints.questions) if (question.kind === "known") await warmUp.unlabelled(question.number);
    if (await this.#isAboutNone(hints)) return;
    await warmUp.labels(policy);
    const asks = new Set(hints.questions.map(({ kind }) => kind));
    // What says itself which incidents it is about needs no list of them.
    // The answer to a command written elsewhere names the incident, which a post-mortem may not name itself.
    const isStray = hints.keys.some(({ kind }) => kind === "stray-command");
    const mayBeLinked =
      (asks.has("linked-to") && !asks.has("named") && mayBeEvidence(event)) || (isStray && !isOnPullRequest(event));
    if (mayBeLinked || isStray || asks.has("mentioned")) {
      const incidents = await warmUp.openIncidents(policy);
      if (mayBeLinked) await warmUp.links(incidents);
    }
    for (const key of hints.keys) {
      this.#asked.add(keyId(key));
      if (key.kind === "workflow") await warmUp.build(key.workflow);
    }
    const accept = createEnqueueHints({
      queue,
      index,
      clock,
      botLogin: () => botLogin,
      webHost,
      forgetTokens: () => {},
    });
    await accept(event, runId === null ? null : `run-${runId}`);
  }

  /** Whether all that was asked is whether an issue is an incident, and it is none. */
  async #isAboutNone({ questions, ...hints }: Hints): Promise<boolean> {
    if (!isNothing({ ...hints, questions: [] })) return false;
    for (const question of questions) {
      if (question.kind !== "known") return false;
      if ((await this.#store.index.incident(question.repository.id, question.number)) !== null) return false;
    }
    return true;
  }

  /** A check says what its incidents say: those of incidents that have changed in this run are looked at again. */
  async #lookAtNamers(work: WorkOffParts, warmUp: WarmUp, until: Instant): Promise<void> {
    const changed = new Set<number>();
    for (const [id, key] of this.#report.looked) {
      if (key.kind === "incident" && this.#report.steps.some((step) => step.key === id)) changed.add(key.number);
    }
    if (changed.size === 0) return;
    const { keys, left } = await warmUp.namers(changed);
    if (left > 0) {
      this.#report.remarks.push(
        `${count(left, "pull request")} by people without rights here name an incident that has changed. Their checks are looked at when they change, and within six hours.`,
      );
    }
    await work.queue.add(keys);
    await workOff(work, until);
  }
}

/** Whether what an incident is linked to by command may have changed: its text, or whether it is merged. */
function mayBeEvidence({ name, payload }: WebhookEvent): boolean {
  const { action } = payload as { readonly action?: unknown };
  return name === "issues" || action === "closed" || action === "reopened";
}

function isOnPullRequest({ payload }: WebhookEvent): boolean {
  const { issue } = payload as { readonly issue?: { readonly pull_request?: unknown } };
  return issue?.pull_request != null;
}

/** Whether an alert may have begun or ended, which only this run knows. */
function isOfAlert(event: RunEvent): boolean {
  return event.kind === "alert" || (event.kind === "webhook" && event.event.name === "workflow_run");
}

/** What an answer says to its sender. */
function wordsOf(body: string): string {
  const said = readJson(z.object({ message: z.string() }), body)?.message;
  return said ?? "Taken.";
}
