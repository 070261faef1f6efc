import type { Clock } from "../../base/clock.ts";
import { type AlertChange, type InboundSource, UNSAID } from "../../core/alerts/alert-change.ts";
import { type AlertState, alertId, newsOf } from "../../core/alerts/alert-state.ts";
import { buildAlertId, buildAlertSince } from "../../core/alerts/build-alert.ts";
import { mergeChange } from "../../core/alerts/merge-change.ts";
import { normalizeAlert } from "../../core/alerts/normalize-alert.ts";
import { plainReferences } from "../../core/markdown/references.ts";
import type { CommentFacts, Instant, IssueFacts, Key, PullRequestFacts, Repository } from "../../core/model.ts";
import { fullName, hasLabel } from "../../core/names.ts";
import type { TemplateSources } from "../../core/observation.ts";
import { type AppIdentity, isFormersComment, isOwnAccount, isOwnComment } from "../../core/own.ts";
import { allLabels } from "../../core/plan/labels.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { elsewhereLine } from "../../core/policy/runs-in.ts";
import { fold } from "../../core/record/history.ts";
import type { Opened, SealedFor } from "../../core/record/seal.ts";
import { alertMarker } from "../../core/render/alert-issue.ts";
import { isOfTheTeam } from "../../core/trust/content-class.ts";
import { ALERT_LABEL } from "../../core/words/alert-label.ts";
import { STATUS_MARKER } from "../../core/words/markers.ts";
import { LearnedInLook } from "../../observe/learned-in-look.ts";
import { createPolicySources } from "../../observe/policy-source.ts";
import { recordOf } from "../../observe/read-archive.ts";
import { remember } from "../../passes/remember.ts";
import { RunElsewhereError } from "../../passes/run-here.ts";
import type { AlertStore } from "../../store/alert-store.ts";
import type { IndexStore } from "../../store/index-store.ts";
import type { GitHubReader } from "../../systems/github/ports.ts";

export interface WarmUpParts {
  readonly read: GitHubReader;
  readonly index: IndexStore;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly app: AppIdentity;
  readonly templates: TemplateSources;
  readonly openRecord: (commentBody: string, place: SealedFor) => Opened;
  readonly repository: Repository;
  readonly webHost: string;
}

/** How many open incidents are read for what they are linked to, the newest. */
const MOST_READ = 20;
/** With more pull requests than these naming an incident, it matters who opened them. */
const MOST_NAMERS_OF_ANYBODY = 5;
const MOST_NAMERS_BY_OTHERS = 3;
const MOST_AUTHORS = 20;

/**
 * What a server remembers and a run does not, read again where it matters: without it, an event would be misunderstood or lead nowhere.
 * Each part costs the requests it names and no more. Throws as `GitHubReader` does.
 */
export class WarmUp {
  readonly #parts: WarmUpParts;

  constructor(parts: WarmUpParts) {
    this.#parts = parts;
  }

  /**
   * The policy, which says what the labels mean. Costs what the first pass would ask: it finds it here.
   * Throws `RunElsewhereError` if the server runs the repository.
   *
   * @param lookedAt when everything was last looked at, as far as is known
   */
  async policy(lookedAt: Instant, isPrivate: boolean | null): Promise<Policy> {
    const { read, index, clock, templates, repository } = this.#parts;
    await index.saveRepository(repository, { sweptAt: lookedAt, isPrivate });
    const learned = new LearnedInLook();
    const through = { index: learned.over(index), learned };
    const { policy, runsIn } = await createPolicySources({ read, clock, templates })(through).rules(repository);
    await remember({ index, learned });
    // Said at once: each pass would find the same.
    if (runsIn === "server") throw new RunElsewhereError(elsewhereLine("action", runsIn, fullName(repository)));
    return policy.policy;
  }

  /** Which labels are there, so that no event looks through the whole repository for want of knowing: one request. */
  async labels(policy: Policy): Promise<void> {
    const { read, index, repository } = this.#parts;
    const there = await read.labels(repository);
    const ours = allLabels(policy).map(({ name }) => name);
    await index.saveRepository(repository, { labelsThere: there.filter((name) => hasLabel(ours, name)) });
  }

  /** Whether an issue that has lost its labels is an incident, by its status comment: one request. */
  async unlabelled(number: number): Promise<void> {
    const { read, index, app, repository } = this.#parts;
    const comments = await read.comments(repository, number, null);
    const isOurs = (comment: CommentFacts) => isOwnComment(app, comment) || isFormersComment(app, comment);
    const status = comments.find((comment) => isOurs(comment) && comment.body.includes(STATUS_MARKER));
    if (status !== undefined) await index.saveIncident(repository.id, number, { statusCommentId: status.id });
  }

  /** The open incidents, newest first: one request for each severity. */
  async openIncidents(policy: Policy): Promise<readonly IssueFacts[]> {
    const { read, index, repository } = this.#parts;
    const lists = await Promise.all(
      policy.severities.map(({ label }) => read.issuesWithLabel(repository, label, { state: "open", since: null })),
    );
    const each = new Map(lists.flat().map((issue) => [issue.number, issue]));
    for (const number of each.keys()) await index.saveIncident(repository.id, number, { open: true });
    return [...each.values()].toSorted((a, b) => b.number - a.number);
  }

  /** What open incidents are linked to by command: one request for each. */
  async links(incidents: readonly IssueFacts[]): Promise<void> {
    const { index, repository } = this.#parts;
    for (const issue of incidents.slice(0, MOST_READ)) {
      const record = await recordOf(this.#parts, repository, issue);
      for (const { evidence, target } of record === null ? [] : fold(record.entries).links) {
        const kind = evidence === "post-mortem" ? "post-mortem" : "runbook-pr";
        await index.addLink(
          repository.id,
          issue.number,
          kind,
          target.repository ?? fullName(repository),
          target.number,
        );
      }
    }
  }

  /**
   * The open pull requests that name one of these incidents, whose checks may now be wrong: one request. If there are many, one more for
   * each author: all of the team's are looked at, and the oldest few of others', whoever opens a hundred.
   */
  async namers(incidents: ReadonlySet<number>): Promise<{ readonly keys: readonly Key[]; readonly left: number }> {
    const { read, repository, webHost } = this.#parts;
    const home = fullName(repository);
    const open = await read.openPullRequests(repository);
    const naming = open.filter(({ title, body }) =>
      plainReferences(`${title}\n${body}`, home, webHost).some(
        (one) => one.repository === null && incidents.has(one.number),
      ),
    );
    const named = naming.length > MOST_NAMERS_OF_ANYBODY ? await this.#mostTrusted(naming) : naming;
    const keys = named.map(({ number }): Key => ({ kind: "pull-request", repository, number }));
    return { keys, left: naming.length - keys.length };
  }

  async #mostTrusted(naming: readonly PullRequestFacts[]): Promise<readonly PullRequestFacts[]> {
    const { read, repository } = this.#parts;
    const authors = [...new Set(naming.flatMap(({ author }) => author?.login ?? []))].slice(0, MOST_AUTHORS);
    const rights = await Promise.all(authors.map((login) => read.permission(repository, login)));
    const team = new Set(authors.filter((_, at) => isOfTheTeam(rights[at])));
    const isTeams = ({ author }: PullRequestFacts) => author !== null && team.has(author.login);
    const others = naming.filter((one) => !isTeams(one)).toSorted((a, b) => a.number - b.number);
    return [...naming.filter(isTeams), ...others.slice(0, MOST_NAMERS_BY_OTHERS)];
  }

  /**
   * The issues that these alerts opened in an earlier run, and how many alerts have opened one in the last hour: one request.
   *
   * The alert is taken to have been firing since then: what its source says now is a change to that.
   */
  async alertsOf(source: InboundSource, endpoint: string, payload: unknown, policy: Policy): Promise<void> {
    const grouping = policy.alerts.endpoints.find(({ name }) => name === endpoint)?.group ?? "related";
    const told = normalizeAlert(source, payload, grouping);
    if (told.kind !== "changes") return;
    const ours = await this.#alertIssues();
    const from = { source, endpoint };
    for (const change of told.changes) {
      await this.#knowAgain(ours, alertId(source, endpoint, change.key), (at) =>
        mergeChange(null, from, firedAt(change, at), at),
      );
    }
    const { alerts, repository } = this.#parts;
    // So that a flood of alerts ends in one issue, although each run begins anew.
    for (const { number, createdAt, title } of ours) {
      const id = `opened:${number}`;
      const change: AlertChange = { ...AN_OPENING, key: id, title, at: createdAt };
      await alerts.report(repository.id, id, createdAt, () => mergeChange(null, from, change, createdAt));
      await alerts.save(repository.id, id, { openingAt: createdAt });
    }
  }

  /** The issue that a broken build opened in an earlier run: one request. */
  async build(workflow: number): Promise<void> {
    const ours = await this.#alertIssues();
    const id = buildAlertId(workflow);
    await this.#knowAgain(ours, id, (at, title) => buildAlertSince(workflow, title, at));
  }

  async #alertIssues(): Promise<readonly IssueFacts[]> {
    const { read, app, repository } = this.#parts;
    const listed = await read.issuesWithLabel(repository, ALERT_LABEL, { state: "open", since: null });
    return listed.filter(({ author }) => isOwnAccount(app, author));
  }

  async #knowAgain(
    issues: readonly IssueFacts[],
    id: string,
    stateSince: (at: Instant, title: string) => AlertState,
  ): Promise<void> {
    const { alerts, clock, repository } = this.#parts;
    const issue = issues.find(({ body }) => body.startsWith(alertMarker(id)));
    if (issue === undefined) return;
    const before = stateSince(issue.createdAt, issue.title);
    await alerts.report(repository.id, id, clock.now(), () => before);
    await alerts.save(repository.id, id, { issue: issue.number, handledAt: newsOf(before) });
  }
}

/** The same as it must have been reported when its issue was opened. */
function firedAt(change: AlertChange, at: Instant): AlertChange {
  const { group } = change;
  const members = group?.members.map((one) => ({ ...one, status: "firing" as const, startedAt: at, endedAt: null }));
  return { ...change, change: "fired", at, group: group === null ? null : { ...group, members: members ?? [] } };
}

const AN_OPENING: Omit<AlertChange, "key" | "title" | "at"> = {
  ...UNSAID,
  change: "resolved",
  externalId: null,
  order: "time",
  summary: "",
  severity: null,
  url: null,
  actor: null,
  labels: {},
};
