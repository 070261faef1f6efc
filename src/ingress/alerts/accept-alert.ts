import type { Logger } from "pino";
import { type Answer, json, unavailable } from "../../base/answer.ts";
import type { Clock } from "../../base/clock.ts";
import { TransientError } from "../../base/errors.ts";
import { withDeadline } from "../../base/with-deadline.ts";
import type { AlertChange, OwnPage } from "../../core/alerts/alert-change.ts";
import { mergeChange } from "../../core/alerts/merge-change.ts";
import { normalizeAlert } from "../../core/alerts/normalize-alert.ts";
import { isPageOf, pageRowId } from "../../core/alerts/own-page.ts";
import type { Instant, Key, Repository } from "../../core/model.ts";
import { fullName } from "../../core/names.ts";
import { keptPolicy } from "../../core/policy/kept-policy.ts";
import type { AlertEndpointPolicy } from "../../core/policy/policy.ts";
import { type RunsIn, whoRunsBy } from "../../core/policy/runs-in.ts";
import { BY_ALERT } from "../../queue/cause.ts";
import type { Priority, Queue } from "../../queue/queue.ts";
import type { AlertStore } from "../../store/alert-store.ts";
import type { IndexStore, KnownRepository } from "../../store/index-store.ts";
import { type NamedRepository, namedRepository } from "../../store/named-repository.ts";
import type { PageStore } from "../../store/page-store.ts";
import { reportChange } from "../../store/report-change.ts";
import type { Metrics } from "../../views/metrics.ts";
import type { AlertEndpoint } from "./alert-endpoints.ts";

export interface AcceptAlertParts {
  readonly alerts: Pick<AlertStore, "alert" | "report" | "holding" | "forgetQuiet">;
  readonly queue: Pick<Queue, "add">;
  /** Whether all repositories have been swept since the start: a repository not seen by then does not exist. */
  readonly hasSwept: () => boolean;
  readonly index: Pick<IndexStore, "repository" | "repositoryByName" | "firstNamed">;
  /** What Sevgate has sent to other systems itself. */
  readonly pages: Pick<PageStore, "sentPages">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "countAlert">;
  /** As what it takes them; left out: a server. */
  readonly runsIn?: RunsIn;
}

/** What became of a delivery. `isTaken: false`: nothing was kept of it, although the answer may be a `202` (PagerDuty). */
export interface AcceptedAlert {
  readonly answer: Answer;
  readonly isTaken: boolean;
}

/** Where a delivery that has been proven came in. */
export type ProvenEndpoint = Pick<AlertEndpoint, "source" | "name" | "repository">;

/** PagerDuty gives up after 5 s, and switches off a subscription that fails too often. */
const ACCEPT_LIMIT_MS = 4_000;
const FORGET_EVERY_MS = 3_600_000;
/** Alerts that have been over for this long are forgotten. */
const REMEMBERED_MS = 60 * 24 * 3_600_000;
/** As urgent as an incident whose severity is not known yet. */
const URGENT: Priority = 20;

/** Makes what takes a delivery whose sender has been proven: what it says is durable once the promise resolves. Never throws. */
export function createAcceptAlert(
  parts: AcceptAlertParts,
): (endpoint: ProvenEndpoint, payload: unknown) => Promise<AcceptedAlert> {
  const { alerts, queue, index, pages, hasSwept, clock, log, metrics, runsIn = "server" } = parts;
  let forgetAt = clock.now() as number;
  return accept;

  async function accept(endpoint: ProvenEndpoint, payload: unknown): Promise<AcceptedAlert> {
    const { source } = endpoint;
    try {
      return await withDeadline(ACCEPT_LIMIT_MS, "keeping an alert", keep(endpoint, payload));
    } catch (error) {
      metrics.countAlert(source, "store-failed");
      const foreseen = error instanceof TransientError;
      log[foreseen ? "warn" : "error"]({ endpoint: endpoint.name, err: error }, "an alert could not be kept");
      return refused(unavailable("Sevgate cannot keep the alert now. Send it again later."));
    }
  }

  async function keep(endpoint: ProvenEndpoint, payload: unknown): Promise<AcceptedAlert> {
    const { source } = endpoint;
    const found = await namedRepository(index, endpoint.repository);
    if (found.kind !== "known") return homeless(endpoint, found);
    const home = found.known.repository;
    const rule = ruleOf(found.known, endpoint.name);
    const read = normalizeAlert(source, payload, typeof rule === "string" ? "related" : rule.group);
    if (read.kind === "problem") {
      metrics.countAlert(source, "not-understood");
      log.warn({ endpoint: endpoint.name, reason: read.message }, "a delivery was not understood");
      return notTaken(source, 400, read.message);
    }
    if (read.kind === "ignored") {
      metrics.countAlert(source, "ignored");
      return { answer: json(202, "Nothing to do."), isTaken: true };
    }
    if (runsIn === "server" && whoRunsBy(found.known.policyState) === "action") return runElsewhere(endpoint, home);
    // Pages that come back are not alerts, so they need no rule.
    if (rule === "none" && read.changes.some(({ page }) => page === null)) return unnamed(endpoint, home);
    const keys: Key[] = [];
    for (const change of read.changes) {
      if (change.page === null) keys.push(...(await report(endpoint, home, change)));
      else keys.push(...(await reportPage(endpoint, home, change, change.page)));
    }
    await queue.add(keys, URGENT, BY_ALERT);
    await forgetSometimes();
    return { answer: accepted(source, read.changes), isTaken: true };
  }

  /** Proven, but there is no repository for it. */
  function homeless(endpoint: ProvenEndpoint, found: Exclude<NamedRepository, { kind: "known" }>): AcceptedAlert {
    const { source, name, repository } = endpoint;
    const isEarly = found.kind === "unseen" && !hasSwept();
    metrics.countAlert(source, isEarly ? "store-failed" : "no-repository");
    log.warn(
      { endpoint: name, repository, why: found.kind },
      "an alert came for a repository that Sevgate does not see",
    );
    if (isEarly) return refused(unavailable(`Sevgate has not looked for ${repository} yet. Send it again later.`));
    const says =
      found.kind === "unseen"
        ? `Sevgate does not see ${repository}. Install the app there, or correct ALERT_ENDPOINTS; then send it again.`
        : `${repository} is another repository now. If that one is meant, write ${source}/${name}=${found.now.id} in ALERT_ENDPOINTS.`;
    return notTaken(source, 404, says);
  }

  /** Proven, but the policy of the repository does not say what to do with it. */
  function unnamed({ source, name }: ProvenEndpoint, home: Repository): AcceptedAlert {
    metrics.countAlert(source, "no-policy");
    log.warn({ endpoint: name, repository: home.id }, "an alert came for an endpoint that the policy does not name");
    const says = `The policy of ${fullName(home)} does not name the endpoint ${name}. Add alerts.endpoints.${name} to .github/sevgate.yml, then send it again.`;
    return notTaken(source, 422, says);
  }

  /** Proven, but the server does nothing for the repository. */
  function runElsewhere({ source, name }: ProvenEndpoint, home: Repository): AcceptedAlert {
    metrics.countAlert(source, "no-policy");
    log.warn({ endpoint: name, repository: home.id }, "an alert came for a repository that its GitHub Action runs");
    const says = `The GitHub Action of ${fullName(home)} runs it (runs-in: action in its policy), so the server takes no alerts for it. Send them there by repository_dispatch, or write runs-in: server.`;
    return notTaken(source, 422, says);
  }

  async function report(endpoint: ProvenEndpoint, home: Repository, change: AlertChange): Promise<readonly Key[]> {
    const { befores, ids } = await reportChange(alerts, home, endpoint, change, clock.now());
    const isUnmatched = befores[0] === null && change.change !== "fired";
    metrics.countAlert(endpoint.source, isUnmatched ? "unmatched" : "queued");
    return ids.map((alert): Key => ({ kind: "alert", repository: home, alert }));
  }

  /**
   * A page of ours that comes back: whoever acknowledges it takes the incident. One for another repository is not ours,
   * and something that only claims to be a page is not one: nor is it an alert, because it would page again and again.
   */
  async function reportPage(
    endpoint: ProvenEndpoint,
    home: Repository,
    change: AlertChange,
    { repository, issue, page }: OwnPage,
  ): Promise<readonly Key[]> {
    const isHere = repository === home.id || String(repository).toLowerCase() === fullName(home).toLowerCase();
    // By its name it may still be one of ours, from before the repository was renamed.
    const sent = isHere || page === null ? await pages.sentPages(home.id, issue) : [];
    const isOurs = isPageOf(sent, endpoint.source, { page, externalId: change.externalId });
    metrics.countAlert(endpoint.source, isOurs ? "queued" : isHere ? "unmatched" : "ignored");
    if (!isOurs) {
      log.warn(
        { endpoint: endpoint.name, repository: home.id },
        "an incident that is named like a page of Sevgate's is none of those it has sent; nothing was done",
      );
      return [];
    }
    const id = pageRowId(endpoint.source, issue);
    // Its webhook is not signed: the acknowledgement is looked up, not believed.
    if (endpoint.source === "better-stack") return [{ kind: "alert-source", repository: home, alert: id }];
    const now = clock.now();
    const from = { source: endpoint.source, endpoint: endpoint.name };
    await alerts.report(home.id, id, now, (known) =>
      mergeChange(known, from, { ...change, key: `page:${issue}` }, now),
    );
    return [{ kind: "incident", repository: home, number: issue }];
  }

  async function forgetSometimes(): Promise<void> {
    const now = clock.now();
    if (now < forgetAt) return;
    forgetAt = now + FORGET_EVERY_MS;
    await alerts.forgetQuiet((now - REMEMBERED_MS) as Instant).catch((error: unknown) => {
      log.warn({ err: error }, "old alerts could not be forgotten; the next delivery will try again");
      forgetAt = now;
    });
  }
}

/**
 * According to the last policy that could be read; GitHub is not asked, because the source is waiting. `unread`: the
 * policy has to be read first, which the following pass does.
 */
function ruleOf(
  { lastGoodPolicy, policyReadAt }: KnownRepository,
  endpoint: string,
): AlertEndpointPolicy | "none" | "unread" {
  const rule = keptPolicy(lastGoodPolicy).alerts.endpoints.find(({ name }) => name === endpoint);
  return rule ?? (policyReadAt === null ? "unread" : "none");
}

/** PagerDuty switches off a subscription whose deliveries are refused, so it gets the reason with a `202`. */
function notTaken(source: AlertEndpoint["source"], status: number, says: string): AcceptedAlert {
  const answer = json(status, says);
  return refused(source === "pagerduty" ? { ...answer, status: 202 } : answer);
}

function refused(answer: Answer): AcceptedAlert {
  return { answer, isTaken: false };
}

/** PagerDuty's Events API returns the key, so that a sender that gave none can resolve (developer.pagerduty.com/docs). */
function accepted(source: AlertEndpoint["source"], changes: readonly AlertChange[]): Answer {
  if (source !== "pagerduty-events") return json(202, "Taken.");
  const body = { status: "success", message: "Event processed", dedup_key: changes[0]?.key };
  return { status: 202, body: JSON.stringify(body) };
}
