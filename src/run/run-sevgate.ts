import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { backoff } from "../base/backoff.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import { RequestTally } from "../base/request-tally.ts";
import { recordKey } from "../core/record/seal.ts";
import { judgePaging } from "../doctor/judge-alerts.ts";
import type { Needs } from "../doctor/judge-settings.ts";
import { type AlertIntake, createAlertIntake } from "../ingress/alerts/alert-intake.ts";
import { createIngress } from "../ingress/http/server.ts";
import type { OtherWay } from "../ingress/http/side-doors.ts";
import {
  COMMANDS_PATH,
  createReceiveSlack,
  INTERACTIONS_PATH,
  type ReceiveSlackParts,
} from "../ingress/slack/receive-slack.ts";
import { startSweeping } from "../ingress/sweep/sweep.ts";
import { ToldChanges } from "../ingress/sweep/told-changes.ts";
import { type Accepted, createEnqueueHints } from "../ingress/webhooks/enqueue-hints.ts";
import type { WebhookEvent } from "../ingress/webhooks/hints.ts";
import { createKnownSchedule } from "../observe/known-schedule.ts";
import type { ReconcilerParts } from "../passes/reconciler-parts.ts";
import type { Pass } from "../queue/queue.ts";
import { createSqlAlertStore } from "../store/sql-alert-store.ts";
import { createSqlPageStore } from "../store/sql-page-store.ts";
import { DamagedStoreError } from "../store/sqlite-error.ts";
import type { AlertSourceApis } from "../systems/alert-source.ts";
import { createBetterStackApi } from "../systems/better-stack/better-stack-api.ts";
import type { ChatParts } from "../systems/chat.ts";
import { createPagers } from "../systems/create-pagers.ts";
import type { AnsweredRequest } from "../systems/github/github-client.ts";
import { KnownIdentity } from "../systems/github/known-identity.ts";
import type { GitHub } from "../systems/github/ports.ts";
import { createPagerDutyApi } from "../systems/pagerduty/pagerduty-api.ts";
import type { SlackOptions } from "../systems/slack/create-slack.ts";
import type { Slack } from "../systems/slack/ports.ts";
import { createSlackChat } from "../systems/slack/slack-chat.ts";
import type { CalendarFeed, CalendarParts } from "../views/calendar.ts";
import { measuring } from "../views/measure-incidents.ts";
import { createMetrics, type Metrics } from "../views/metrics.ts";
import { noticePermissions } from "./notice-permissions.ts";
import { openStore } from "./open-store.ts";
import { readNeeds } from "./read-needs.ts";
import type { Settings } from "./settings.ts";

/** The parts that know GitHub and the loop; tests bring their own. */
export interface SevgateParts {
  readonly log: Logger;
  readonly clock?: Clock;
  createGitHub(options: {
    readonly appId: number;
    readonly privateKey: string;
    readonly apiUrl: string;
    readonly log: Logger;
    readonly clock: Clock;
    onRequest(request: AnsweredRequest): void;
  }): GitHub;
  createSlack(options: SlackOptions): Slack | Promise<Slack>;
  createPass(
    parts: Required<Omit<ReconcilerParts, "templates" | "onboarding" | "runsIn" | "recallWithin">> & {
      /** Whether repositories without a policy are shown one. */
      readonly onboarding: boolean;
    },
  ): Pass;
}

/** The reconciling part: queue, workers and sweeps, without a way in from outside. */
export interface RunningWorker {
  /**
   * Makes the keys of a verified event durable. Throws `TransientError` if the store does not answer.
   *
   * @param deliveryId GitHub's id of the delivery, for the log; `null`: not known
   */
  accept(event: WebhookEvent, deliveryId: string | null): Promise<Accepted>;
  /** Takes in alerts from other systems. */
  readonly alerts: AlertIntake;
  /** `null`: the operator has set no secret for them. */
  readonly calendars: CalendarFeed | null;
  /** Ways in for other systems, by path. */
  readonly otherWays: ReadonlyMap<string, OtherWay>;
  /** Resolves once nothing waits and nothing runs, apart from timers, or after `limitMs`. */
  untilIdle(limitMs: number): Promise<void>;
  /** What is not ready yet, in words. */
  notReady(): Promise<readonly string[]>;
  readonly metrics: Metrics;
  /** Finishes the running passes within `graceMs`, and closes the store. */
  stop(graceMs: number): Promise<void>;
}

/** The whole server. */
export interface RunningSevgate {
  readonly url: string;
  readonly port: number;
  /**
   * Says that it is not ready; after `drainFor`, takes no more deliveries, finishes the running passes within 20 s, and closes
   * the store.
   */
  stop(): Promise<void>;
}

const CONCURRENT_PASSES = 6;
/** How long the last requests may take once the server is stopping, and after them the running passes. */
export const INTAKE_GRACE_MS = 5_000;
export const PASSES_GRACE_MS = 20_000;
const LOOK_EVERY_MS = 100;

/**
 * Starts the server: store, GitHub identity, workers, sweep, and finally the port.
 *
 * @throws TerminalError if people have to fix something first: the data folder is in use, credentials were refused, …
 * @throws TransientError if the database server does not answer
 */
export async function runSevgate(settings: Settings, parts: SevgateParts): Promise<RunningSevgate> {
  const { log } = parts;
  const worker = await startWorker(settings, parts);
  const ingress = createIngress({
    secrets: settings.webhookSecrets,
    accept: worker.accept,
    alerts: worker.alerts,
    calendars: worker.calendars,
    notReady: worker.notReady,
    otherWays: worker.otherWays,
    metrics: worker.metrics,
    log,
  });
  try {
    const { port, url } = await ingress.listen(settings.port, settings.host);
    log.info({ url, port }, `Sevgate listens on ${url}`);
    return {
      port,
      url,
      async stop() {
        ingress.drain();
        await pause(settings.drainFor);
        await ingress.stop(INTAKE_GRACE_MS);
        await worker.stop(PASSES_GRACE_MS);
      },
    };
  } catch (error) {
    await worker.stop(0);
    throw error;
  }
}

/**
 * Starts everything behind the port. An ordinary Probot app (src/app.ts) uses this part alone.
 *
 * @param options `sweeps: false`: for a process that lives only as long as one event takes, and need not look at everything
 * @throws as `runSevgate` does
 */
export async function startWorker(
  settings: Settings,
  parts: SevgateParts,
  { sweeps = true }: { readonly sweeps?: boolean } = {},
): Promise<RunningWorker> {
  const { log, clock = systemClock } = parts;
  for (const { check, says, remedy } of judgePaging(settings.paging).filter(({ state }) => state !== "ok")) {
    log.warn(`${check}: ${says}. ${remedy}`);
  }
  const metrics = createMetrics(clock);
  const store = await openStore({ databaseUrl: settings.databaseUrl, dataDir: settings.dataDir, log, clock });
  const { queue, index } = store;
  const requests = new RequestTally();
  const alerts = createSqlAlertStore(store.sql);
  const pages = createSqlPageStore(store.sql);
  try {
    metrics.watchQueue(queue);
    store.onPass(metrics.countPass);
    const github = parts.createGitHub({
      appId: settings.appId,
      privateKey: settings.privateKey,
      apiUrl: settings.githubApiUrl,
      log,
      clock,
      onRequest: (request) => {
        metrics.countRequest(request);
        requests.note();
      },
    });
    const identity = await learnIdentity(github, clock, log);
    const [signing, ...older] = settings.recordSecrets;
    const { threads } = store;
    const slack = settings.slack === null ? null : await parts.createSlack({ ...settings.slack, clock });
    const channels = settings.slack?.channels ?? [];
    const chat: ChatParts | null = slack === null ? null : { chat: createSlackChat(slack), threads, channels };
    const pass = parts.createPass({
      github,
      index: measuring(index, metrics.countMeasured),
      alerts,
      clock,
      log,
      recordKeys: [recordKey(signing), ...older.map(recordKey)],
      formerApps: settings.formerApps,
      chat,
      alertSources: alertSourcesOf(settings),
      requests,
      onboarding: settings.onboarding,
      paging: {
        pages,
        pagers: createPagers(settings.paging),
        allowed: settings.paging.allowed,
        webUrl: `${new URL(settings.githubApiUrl).protocol}//${webHost(settings.githubApiUrl)}`,
      },
    });
    await queue.work(CONCURRENT_PASSES, pass);
    const told = new ToldChanges(clock);
    const sweeper = !sweeps
      ? null
      : startSweeping({
          app: noticePermissions(github.app, neededPermissions(log), log),
          queue,
          index,
          clock,
          log,
          metrics,
          told,
          every: settings.sweepEvery,
        });
    const scheduleOf = createKnownSchedule();
    const { calendarSecret } = settings;
    return {
      metrics,
      calendars:
        calendarSecret === null ? null : await loadCalendars({ secret: calendarSecret, index, scheduleOf, clock, log }),
      alerts: createAlertIntake({
        endpoints: settings.alertEndpoints,
        alerts,
        pages,
        queue,
        hasSwept: () => sweeper?.hasSwept() ?? false,
        index,
        clock,
        log,
        metrics,
      }),
      otherWays:
        slack === null
          ? new Map()
          : slackWays(settings, {
              slack,
              threads,
              channels,
              index,
              queue,
              clock,
              scheduleOf,
              isPrivate: createIsPrivate(github),
            }),
      accept: createEnqueueHints({
        queue,
        index,
        clock,
        told,
        botLogin: () => identity.botLogin(),
        webHost: webHost(settings.githubApiUrl),
        forgetTokens: (installationId) => github.forget(installationId),
      }),
      async untilIdle(limitMs) {
        const giveUpAt = performance.now() + limitMs;
        for (;;) {
          const { waiting, running } = await queue.depth();
          if (waiting + running === 0 || performance.now() > giveUpAt) return;
          await pause(LOOK_EVERY_MS);
        }
      },
      async notReady() {
        try {
          await store.ping();
        } catch (error) {
          if (error instanceof DamagedStoreError) return [error.message];
          throw error;
        }
        return identity.botLogin() === null ? ["GitHub has not said yet which app this is"] : [];
      },
      async stop(graceMs) {
        identity.stop();
        await sweeper?.stop();
        await queue.stop(graceMs);
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Without app.yml nothing is said of permissions, and everything else goes on. */
function neededPermissions(log: Logger): Needs["permissions"] {
  try {
    return readNeeds().permissions;
  } catch (error) {
    log.warn({ err: error }, "app.yml cannot be read, so permissions that are not accepted yet are not noticed");
    return {};
  }
}

/** What writes calendars is loaded only where somebody may ask for them. */
async function loadCalendars(parts: CalendarParts): Promise<CalendarFeed> {
  const { createCalendarFeed } = await import("../views/calendar.ts");
  return createCalendarFeed(parts);
}

/** A repository that is gone counts as private. */
function createIsPrivate({ read }: Pick<GitHub, "read">): ReceiveSlackParts["isPrivate"] {
  return async (repository) => {
    const facts = await read.repository(repository);
    return facts === "missing" || facts.isPrivate;
  };
}

/** Where Slack sends what people do there; nowhere without the secret that proves it is Slack. */
function slackWays(
  { slack }: Settings,
  parts: Omit<ReceiveSlackParts, "signingSecret">,
): ReadonlyMap<string, OtherWay> {
  if (slack?.signingSecret == null) return new Map();
  const receive = createReceiveSlack({ ...parts, signingSecret: slack.signingSecret });
  return new Map(
    [INTERACTIONS_PATH, COMMANDS_PATH].map((path): [string, OtherWay] => [
      path,
      ({ header, body }) =>
        receive({
          path,
          body,
          timestamp: header("x-slack-request-timestamp"),
          signature: header("x-slack-signature"),
        }),
    ]),
  );
}

/** Those for whose API the operator has given a token. */
function alertSourcesOf({ paging: { betterStack, pagerDutyApi } }: Settings): AlertSourceApis {
  const apis = [
    ...(betterStack === null ? [] : [createBetterStackApi(betterStack.token, betterStack.baseUrl)]),
    ...(pagerDutyApi === null
      ? []
      : [createPagerDutyApi(pagerDutyApi.token, pagerDutyApi.fromEmail, pagerDutyApi.baseUrl)]),
  ];
  return new Map(apis.map((api) => [api.source, api]));
}

/** Who the app is on GitHub, as soon as GitHub says so. */
interface Identity {
  /** What it is called now, or was an hour ago; `null`: GitHub has not said yet. */
  botLogin(): string | null;
  stop(): void;
}

/**
 * Asks GitHub who the app is. If the credentials are refused, the start fails; if GitHub does not answer, it goes on:
 * deliveries are accepted in the meantime, and GitHub is asked again until it answers.
 */
async function learnIdentity(github: GitHub, clock: Clock, log: Logger): Promise<Identity> {
  const known = new KnownIdentity(github.app, clock);
  let timer: NodeJS.Timeout | undefined;

  async function ask(failures: number): Promise<void> {
    try {
      const { botLogin, appId } = await known.now();
      log.info({ appId, botLogin }, "GitHub knows the app");
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const inMs = backoff(failures, Math.random());
      log.warn({ inMs, reason: error.message }, "GitHub did not say who the app is; asking again");
      timer = setTimeout(() => {
        ask(failures + 1).catch((refused: unknown) => {
          log.error(
            { err: refused },
            "GitHub refuses the app's credentials. Check APP_ID and PRIVATE_KEY, then restart",
          );
        });
      }, inMs);
    }
  }

  await ask(0);
  return { botLogin: () => known.latest()?.botLogin ?? null, stop: () => clearTimeout(timer) };
}

/** The host on which people see issues: `github.com` for GitHub's own API, else the server's own. */
function webHost(apiUrl: string): string {
  const { host } = new URL(apiUrl);
  return host === "api.github.com" ? "github.com" : host.replace(/^api\./, "");
}
