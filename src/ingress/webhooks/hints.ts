import * as z from "zod";
import { strayCommand, strayItemCommand } from "../../core/commands/stray-command.ts";
import { type IssueId, incidentInMarker } from "../../core/items/item-issue.ts";
import { MAX_BODY_LENGTH } from "../../core/markdown/parse-document.ts";
import { closingReferences, namedIncidents, plainReferences } from "../../core/markdown/references.ts";
import { readJudgedId } from "../../core/merge/judged.ts";
import type { Key, Reference, Repository } from "../../core/model.ts";
import { fullName, labelKey } from "../../core/names.ts";
import { misnamedFile } from "../../core/policy/misnamed-file.ts";
import { DEFAULT_SEVERITIES } from "../../core/policy/schema.ts";
import { STATE_LABEL_PREFIX } from "../../core/record/state-label.ts";
import { revertedNumbers } from "../../core/regressions/reverts.ts";
import { isDrillIssue } from "../../core/words/drill-mark.ts";
import type { Priority } from "../../queue/queue.ts";

/** A webhook event, verified to come from GitHub. The payload may still contain anything. */
export interface WebhookEvent {
  /** The `X-GitHub-Event` header. */
  readonly name: string;
  readonly payload: unknown;
}

/** What is known without asking anybody. */
export interface HintContext {
  /** `slug[bot]`; `null` until GitHub has told us: then nothing counts as our own doing. */
  readonly botLogin: string | null;
  /** The host in the URLs of issues: `github.com`, or that of a GitHub Enterprise Server. */
  readonly webHost: string;
  /** Most severe first; `null`: no policy of the repository has been read yet. */
  severityLabelsOf(repositoryId: number): readonly string[] | null;
  postMortemLabelOf(repositoryId: number): string | null;
  /** The labels of action items and of the issue that lists what is late; `null`: no policy has been read yet. */
  followUpsLabelsOf(repositoryId: number): readonly string[] | null;
  /** Whether the policy makes incidents of broken builds; `null`: no policy has been read yet. */
  watchesBuilds(repositoryId: number): boolean | null;
}

/** What only the index can answer. */
export type Question =
  /** Is this issue an incident, although no label says so now? */
  | { readonly kind: "known"; readonly repository: Repository; readonly number: number }
  /** Which incidents does this issue or pull request matter to? */
  | {
      readonly kind: "linked-to";
      readonly repository: Repository;
      readonly number: number;
      readonly isPullRequest: boolean;
    }
  /** Is what a post-mortem of `repository` names an incident? */
  | {
      readonly kind: "named";
      readonly repository: Repository;
      readonly incident: Reference;
      readonly postMortem: number;
    }
  /** Which of these numbers, mentioned by a pull request, are incidents? */
  | {
      readonly kind: "mentioned";
      readonly repository: Repository;
      readonly numbers: readonly number[];
      readonly pullRequest: number;
    }
  /** To which incidents does the pull request that this one reverts matter? */
  | {
      readonly kind: "reverted";
      readonly repository: Repository;
      readonly numbers: readonly number[];
      readonly by: number;
    }
  /** Of which incident is this issue of `repository` an action item? */
  | { readonly kind: "item-of"; readonly repository: Repository; readonly incident: IssueId }
  /** Which repositories of the installation are known? */
  | { readonly kind: "repositories-of"; readonly installationId: number };

/** What became of an installation's access. */
export type InstallationChange =
  /** Cached tokens may grant too much or too little. */
  | { readonly kind: "access-changed"; readonly installationId: number }
  | { readonly kind: "uninstalled"; readonly installationId: number }
  | {
      readonly kind: "repositories-removed";
      readonly installationId: number;
      readonly repositoryIds: readonly number[];
    };

/** What an event says about an issue or pull request, as far as it matters to an incident. */
export interface Told {
  readonly id: string;
  /** If it is the same as before, nothing that matters was changed. */
  readonly text: string;
  /** Only an edit can change nothing that matters; other events say something by themselves. */
  readonly isEdit: boolean;
}

/** Where to look because of an event. All of it may be empty; none of it is a fact. */
export interface Hints {
  /** Left out: the event counts, whatever was told before. */
  readonly told?: Told;
  /** `Told.id` of what the app itself has just changed: saying the same as before, somebody changes it back. */
  readonly rewritten?: string;
  readonly keys: readonly Key[];
  readonly priority: Priority;
  readonly questions: readonly Question[];
  /** Repositories whose policy has to be read again; one named `.github` stands for all of its owner's. */
  readonly policyChanged: readonly Repository[];
  readonly installations: readonly InstallationChange[];
  /** Repositories in which everything open has to be looked at: what a merge closes depends on the default branch. */
  readonly sweepAnew: readonly Repository[];
  /** Repositories that may have become private or public: what was known about that no longer counts. */
  readonly visibilityChanged: readonly Repository[];
}

const MOST_SEVERE: Priority = 30;
const LEAST_SEVERE: Priority = 21;
const INCIDENT: Priority = 20;
const OTHER: Priority = 10;

const NONE: Hints = {
  keys: [],
  priority: OTHER,
  questions: [],
  policyChanged: [],
  sweepAnew: [],
  installations: [],
  visibilityChanged: [],
};

/** The labels nearly every policy has, most severe first. Only for the order in the queue. */
const DEFAULT_SEVERITY_LABELS = Object.values(DEFAULT_SEVERITIES).map(({ label }) => label);
const DEFAULT_POST_MORTEM_LABEL = "post-mortem";
const DEFAULT_FOLLOW_UPS_LABELS = ["action-item", "incident-follow-ups"];
/** More mentions than this in one pull request are a list, not a link. */
const MAX_MENTIONS = 50;
/** No real post-mortem names more incidents than this, and each costs a pass. */
const MAX_NAMED = 20;
/** In characters; a file system allows 255 bytes for each segment of a branch's name. */
const MAX_REF_LENGTH = 1_024;
/** If a push lists fewer commits than this, they are certainly all of them. */
const SURELY_ALL_COMMITS = 20;

const Id = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const IssueNumber = z.number().int().positive().max(2_147_483_647);
const Sha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const FullName = z.string().regex(/^[\w-]{1,100}\/[\w.-]{1,100}$/);
const Text = z
  .string()
  .transform((text) => text.slice(0, MAX_BODY_LENGTH))
  .catch("");
const LabelName = z.object({ name: z.string() });
const Labels = z
  .array(z.unknown())
  .catch([])
  .transform((labels) => labels.flatMap((label) => LabelName.safeParse(label).data?.name ?? []));

const Envelope = z.object({
  action: z.string().catch(""),
  sender: z.object({ login: z.string() }).nullish().catch(null),
  installation: z.object({ id: Id }),
});

const RepositoryPayload = z.object({ id: Id, full_name: FullName });
const Changes = z.object({
  body: z.object({ from: Text }).nullish().catch(null),
  name: z.object({ from: z.string() }).nullish().catch(null),
  default_branch: z.unknown().optional(),
});

const IssuePayload = z.object({
  number: IssueNumber,
  labels: Labels,
  body: Text,
  user: z.object({ login: z.string() }).nullish().catch(null),
  pull_request: z.unknown().optional(),
});

const CommentPayload = z.object({ body: Text });
const PullRequestPayload = z.object({
  number: IssueNumber,
  title: Text,
  body: Text,
  merged: z.boolean().nullish().catch(null),
  state: z.string().nullish().catch(null),
  head: z.object({ sha: z.string() }).nullish().catch(null),
  base: z.object({ ref: z.string() }).nullish().catch(null),
});

const MergeGroupPayload = z.object({
  head_sha: Sha,
  base_sha: Sha,
  base_ref: z.string().max(MAX_REF_LENGTH).nullish().catch(null),
  head_ref: z.string().max(MAX_REF_LENGTH).nullish().catch(null),
});

const CheckRunPayload = z.object({ id: Id, head_sha: Sha, external_id: z.string().nullish().catch(null) });
const CheckSuitePayload = z.object({ id: Id, head_sha: Sha });
const WorkflowRunPayload = z.object({
  workflow_id: Id,
  event: z.string(),
  head_branch: z.string(),
  head_repository: z.object({ id: Id }),
});

const Paths = z.array(z.string());
const DefaultBranch = z.object({ default_branch: z.string().nullish().catch(null) });
const PushPayload = z.object({
  ref: z.string(),
  forced: z.boolean().catch(false),
  repository: DefaultBranch,
  commits: z
    .array(z.object({ added: Paths, modified: Paths, removed: Paths }))
    .nullable()
    .catch(null),
});

/** What every rule sees: the parts of the envelope, which are checked, and the payload, which is not. */
interface Seen {
  readonly action: string;
  readonly installationId: number;
  /** `null` for events of an installation as a whole. */
  readonly repository: Repository | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly context: HintContext;
}

/**
 * Where to look because of an event. Pure; asks nobody; never throws, whatever the payload holds.
 *
 * What Sevgate did itself leads to nothing, but for a drill from the command line: the pass that did it knows. What other bots do counts, since they may close
 * incidents.
 */
export function hintsOf(event: WebhookEvent, context: HintContext): Hints {
  const envelope = Envelope.safeParse(event.payload).data;
  const rule = RULES.get(event.name);
  if (envelope === undefined || rule === undefined) return NONE;
  const payload = event.payload as Readonly<Record<string, unknown>>;
  const installationId = envelope.installation.id;
  if (context.botLogin !== null && envelope.sender?.login === context.botLogin) {
    return event.name === "issues" ? ownIssueHints(envelope.action, payload, installationId) : NONE;
  }
  return rule({
    action: envelope.action,
    installationId,
    repository: toRepository(payload["repository"], installationId),
    payload,
    context,
  });
}

//
const RULES: ReadonlyMap<string, (seen: Seen) => Hints> = new Map([
  ["issues", onIssue],
  ["issue_comment", onIssueComment],
  ["sub_issues", onSubIssue],
  ["pull_request", onPullRequest],
  ["merge_group", onMergeGroup],
  ["check_run", onCheckRun],
  ["check_suite", onCheckSuite],
  ["workflow_run", onWorkflowRun],
  ["push", onPush],
  ["label", onLabel],
  ["repository", onRepository],
  ["installation", onInstallation],
  ["installation_repositories", onInstallationRepositories],
]);

/** Whether any rule looks at events of this name. */
export function concernsUs(eventName: string): boolean {
  return RULES.has(eventName);
}

/** What has to be heard about an incident whose labels went without our hearing of it: people may do these to any issue. */
const UNLABELLED_ACTIONS = new Set(["closed", "reopened", "deleted", "transferred", "unlabeled"]);

/** `sevgate drill` opens an issue as the app: no pass of the server knows of it. */
function ownIssueHints(action: string, payload: Seen["payload"], installationId: number): Hints {
  const issue = IssuePayload.safeParse(payload["issue"]).data;
  const repository = toRepository(payload["repository"], installationId);
  if (repository === null || issue === undefined) return NONE;
  if (action === "edited") return { ...NONE, rewritten: toldId(repository, issue.number) };
  if (action !== "opened" || !isDrillIssue(issue.body)) return NONE;
  return { ...NONE, keys: [{ kind: "incident", repository, number: issue.number }], priority: INCIDENT };
}

//
function onIssue({ action, repository, payload, context }: Seen): Hints {
  const issue = IssuePayload.safeParse(payload["issue"]).data;
  if (repository === null || issue === undefined || isPullRequest(issue)) return NONE;
  // The label that was just removed is no longer among the issue's own.
  const changedLabel = LabelName.safeParse(payload["label"]).data?.name;
  const labels = changedLabel === undefined ? issue.labels : [...issue.labels, changedLabel];
  const isPostMortem = carriesPostMortemLabel(labels, repository, context);
  const bodies = [issue.body, Changes.safeParse(payload["changes"]).data?.body?.from ?? ""];
  const named = namedQuestions(bodies, repository, issue.number, context);
  const isLinking = isPostMortem || named.length > 0;
  const incident = incidentHints(repository, issue.number, labels, context, UNLABELLED_ACTIONS.has(action));
  return {
    ...NONE,
    ...incident,
    keys: [...incident.keys, ...followUpsKeys(labels, repository, context)],
    questions: [
      ...incident.questions,
      // Without the label it is not a post-mortem, and only matters where it is already linked.
      ...(isPostMortem ? named : []),
      // What was just named is already linked by now.
      ...(isLinking ? [{ kind: "linked-to" as const, repository, number: issue.number, isPullRequest: false }] : []),
      ...(mayBeOurs(issue, context) ? itemQuestions(action, bodies, repository) : []),
    ],
    // An incident's own words matter in more ways than these.
    ...(isLinking && incident.keys.length + incident.questions.length === 0
      ? {
          told: {
            id: toldId(repository, issue.number),
            text: JSON.stringify([issue.body, labels.toSorted()]),
            isEdit: action === "edited",
          },
        }
      : {}),
  };
}

function toldId({ id }: Repository, number: number): string {
  return `issue:${id}#${number}`;
}

/** Whether the app may have opened an issue: in anybody else's, a marker is just text, and leads nowhere. */
function mayBeOurs({ user }: z.output<typeof IssuePayload>, { botLogin }: HintContext): boolean {
  const login = user?.login ?? "";
  return botLogin === null ? login.endsWith("[bot]") : login === botLogin;
}

/** What changes where an action item stands. */
const ITEM_ACTIONS = new Set(["closed", "reopened", "deleted", "transferred", "edited"]);

function itemQuestions(action: string, bodies: readonly string[], repository: Repository): readonly Question[] {
  if (!ITEM_ACTIONS.has(action)) return [];
  const [incident] = bodies.flatMap((body) => incidentInMarker(body) ?? []);
  if (incident === undefined || !IssueNumber.safeParse(incident.number).success) return [];
  return [{ kind: "item-of", repository, incident }];
}

//
function onIssueComment({ action, repository, payload, context }: Seen): Hints {
  const issue = IssuePayload.safeParse(payload["issue"]).data;
  if (repository === null || issue === undefined) return NONE;
  const text = CommentPayload.safeParse(payload["comment"]).data?.body ?? "";
  if (isPullRequest(issue)) {
    // Nothing else finds one that got lost: it would cost every pull request the question.
    const isCommand = action === "created" && strayCommand(text, context.webHost, true) !== null;
    return isCommand ? { ...NONE, keys: [{ kind: "stray-command", repository, number: issue.number }] } : NONE;
  }
  const mayBeCommand = action === "created" && text.includes("/");
  const hints = incidentHints(repository, issue.number, issue.labels, context, mayBeCommand);
  const isBeside =
    (mayBeOurs(issue, context) && incidentInMarker(issue.body) !== null) ||
    carriesPostMortemLabel(issue.labels, repository, context) ||
    followUpsKeys(issue.labels, repository, context).length > 0;
  const isStray = mayBeCommand && isBeside && strayItemCommand(text, context.webHost) !== null;
  const stray: readonly Key[] = isStray ? [{ kind: "stray-command", repository, number: issue.number }] : [];
  return { ...NONE, ...hints, keys: [...hints.keys, ...stray] };
}

//
function onSubIssue({ repository, payload, installationId, context }: Seen): Hints {
  const parent = IssuePayload.safeParse(payload["parent_issue"]).data;
  const home = toRepository(payload["parent_issue_repo"], installationId) ?? repository;
  if (home === null || parent === undefined) return NONE;
  return { ...NONE, ...incidentHints(home, parent.number, parent.labels, context, true) };
}

/** Actions on a pull request that change nothing that the check or an incident reads. */
const QUIET_PULL_REQUEST_ACTIONS = new Set([
  "assigned",
  "unassigned",
  "labeled",
  "unlabeled",
  "locked",
  "unlocked",
  "milestoned",
  "demilestoned",
  "review_requested",
  "review_request_removed",
]);

function onPullRequest({ action, repository, payload, context }: Seen): Hints {
  const pull = PullRequestPayload.safeParse(payload["pull_request"]).data;
  if (repository === null || pull === undefined || QUIET_PULL_REQUEST_ACTIONS.has(action)) return NONE;
  const { number } = pull;
  const text = `${pull.title}\n${pull.body}`;
  const mentioned = ownReferences(text, repository, context).filter((other) => other !== number);
  // A pull request that is not merged reverts nothing.
  const reverts = pull.merged === false ? [] : revertedNumbers(pull, fullName(repository), context.webHost);
  const reverted = reverts
    .filter((other) => other !== number && IssueNumber.safeParse(other).success)
    .slice(0, MAX_MENTIONS);
  return {
    ...NONE,
    keys: [{ kind: "pull-request", repository, number }],
    told: {
      id: `pull-request:${repository.id}#${number}`,
      text: whatItNames(pull, repository, context),
      isEdit: action === "edited",
    },
    questions: [
      { kind: "linked-to", repository, number, isPullRequest: true },
      ...(mentioned.length === 0
        ? []
        : [{ kind: "mentioned" as const, repository, numbers: mentioned, pullRequest: number }]),
      ...(reverted.length === 0 ? [] : [{ kind: "reverted" as const, repository, numbers: reverted, by: number }]),
    ],
  };
}

/**
 * Everything in a pull request that matters to the check or an incident, except what is read from its commits and
 * files.
 */
function whatItNames(pull: z.output<typeof PullRequestPayload>, repository: Repository, context: HintContext): string {
  const home = fullName(repository);
  const texts = [pull.title, pull.body];
  const closing = texts.map((text) => closingReferences(text, home, context.webHost).map((one) => one.matched));
  const plain = texts.map((text) =>
    plainReferences(text, home, context.webHost).map((one) => `${one.repository ?? ""}#${one.number}`),
  );
  const reverted = revertedNumbers(pull, home, context.webHost);
  const { merged, state, head, base } = pull;
  return JSON.stringify([closing, plain, reverted, merged, state, head?.sha, base?.ref]);
}

//
function onMergeGroup({ action, repository, payload }: Seen): Hints {
  const group = MergeGroupPayload.safeParse(payload["merge_group"]).data;
  if (repository === null || group === undefined || action !== "checks_requested") return NONE;
  return {
    ...NONE,
    // A merge queue is waiting for it.
    priority: INCIDENT,
    keys: [
      {
        kind: "merge-group",
        repository,
        headSha: group.head_sha,
        baseSha: group.base_sha,
        base: /^(?:refs\/heads\/)?(.+)$/.exec(group.base_ref ?? "")?.[1] ?? null,
        pullRequest: queuedNumber(group.head_ref ?? ""),
      },
    ],
  };
}

/** The number in `refs/heads/gh-readonly-queue/main/pr-12-<sha>`, which is undocumented: one more place to look. */
function queuedNumber(headRef: string): number | null {
  const number = /\/pr-(\d{1,10})-[0-9a-f]{40,64}$/.exec(headRef)?.[1];
  return IssueNumber.safeParse(Number(number)).data ?? null;
}

function onCheckRun({ action, repository, payload }: Seen): Hints {
  const run = CheckRunPayload.safeParse(payload["check_run"]).data;
  if (repository === null || run === undefined) return NONE;
  const requested = z.object({ identifier: z.string() }).safeParse(payload["requested_action"]).data?.identifier;
  if (action !== "rerequested" && !(action === "requested_action" && requested === "recheck")) return NONE;
  const judged = readJudgedId(run.external_id ?? null);
  if (judged === null) return NONE;
  return {
    ...NONE,
    priority: judged.kind === "merge-group" ? INCIDENT : OTHER,
    keys: [{ kind: "recheck", repository, headSha: run.head_sha, of: "run", id: run.id }],
  };
}

/**
 * "Re-run all" names no run, and no pull request of a fork (GitHub docs, "check_suite"): the runs on the commit do.
 *
 * (A-011, A-012)
 */
function onCheckSuite({ action, repository, payload }: Seen): Hints {
  const suite = CheckSuitePayload.safeParse(payload["check_suite"]).data;
  if (repository === null || suite === undefined || action !== "rerequested") return NONE;
  return {
    ...NONE,
    keys: [{ kind: "recheck", repository, headSha: suite.head_sha, of: "suite", id: suite.id }],
  };
}

/** A run that ended on the default branch. Runs of forks and pull requests say nothing about that. */
function onWorkflowRun({ action, repository, payload, context }: Seen): Hints {
  const run = WorkflowRunPayload.safeParse(payload["workflow_run"]).data;
  if (repository === null || run === undefined || action !== "completed") return NONE;
  const defaultBranch = DefaultBranch.safeParse(payload["repository"]).data?.default_branch ?? null;
  if (run.head_repository.id !== repository.id || run.event.startsWith("pull_request")) return NONE;
  if (defaultBranch !== null && run.head_branch !== defaultBranch) return NONE;
  if (context.watchesBuilds(repository.id) === false) return NONE;
  return { ...NONE, priority: INCIDENT, keys: [{ kind: "workflow", repository, workflow: run.workflow_id }] };
}

function onPush({ repository, payload }: Seen): Hints {
  const push = PushPayload.safeParse(payload).data;
  if (repository === null || push === undefined) return NONE;
  const defaultBranch = push.repository.default_branch ?? null;
  if (defaultBranch !== null && push.ref !== `refs/heads/${defaultBranch}`) return NONE;
  if (!push.ref.startsWith("refs/heads/")) return NONE;
  const commits = push.commits ?? [];
  const surelyAll = !push.forced && commits.length > 0 && commits.length < SURELY_ALL_COMMITS;
  const touched = commits.some((commit) => [...commit.added, ...commit.modified, ...commit.removed].some(isPolicyPath));
  if (surelyAll && !touched) return NONE;
  return { ...NONE, keys: [{ kind: "repository", repository }], policyChanged: [repository] };
}

function isPolicyPath(path: string): boolean {
  return path === ".github/sevgate.yml" || path.startsWith(".github/sevgate/") || misnamedFile(path) !== null;
}

//
function onLabel({ action, repository, payload, context }: Seen): Hints {
  if (repository === null || (action !== "edited" && action !== "deleted")) return NONE;
  const names = [
    LabelName.safeParse(payload["label"]).data?.name,
    Changes.safeParse(payload["changes"]).data?.name?.from,
  ].flatMap((name) => (name === undefined ? [] : [labelKey(name)]));
  const ours = context.severityLabelsOf(repository.id) ?? [];
  const concerned = ours.some((label) => names.includes(labelKey(label)));
  return concerned ? { ...NONE, keys: [{ kind: "repository", repository }] } : NONE;
}

const REPOSITORY_ACTIONS = new Set(["renamed", "transferred", "archived", "unarchived", "privatized", "publicized"]);

const VISIBILITY_ACTIONS = new Set(["privatized", "publicized"]);

function onRepository({ action, repository, payload, installationId }: Seen): Hints {
  if (repository === null) return NONE;
  if (action === "deleted") {
    return {
      ...NONE,
      installations: [{ kind: "repositories-removed", installationId, repositoryIds: [repository.id] }],
    };
  }
  const movedDefaultBranch =
    action === "edited" && Changes.safeParse(payload["changes"]).data?.default_branch !== undefined;
  if (!movedDefaultBranch && !REPOSITORY_ACTIONS.has(action)) return NONE;
  return {
    ...NONE,
    keys: [{ kind: "repository", repository }],
    // The policy is read from the default branch; a new owner has a different `.github` repository.
    policyChanged: movedDefaultBranch || action === "transferred" ? [repository] : [],
    sweepAnew: movedDefaultBranch ? [repository] : [],
    visibilityChanged: VISIBILITY_ACTIONS.has(action) ? [repository] : [],
  };
}

function onInstallation({ action, payload, installationId }: Seen): Hints {
  switch (action) {
    case "created":
    case "unsuspend":
    case "new_permissions_accepted":
      return {
        ...NONE,
        keys: repositoryKeys(payload["repositories"], installationId),
        // GitHub may leave the list out.
        questions: [{ kind: "repositories-of", installationId }],
        installations: [{ kind: "access-changed", installationId }],
      };
    case "suspend":
      return { ...NONE, installations: [{ kind: "access-changed", installationId }] };
    case "deleted":
      return { ...NONE, installations: [{ kind: "uninstalled", installationId }] };
    default:
      return NONE;
  }
}

function onInstallationRepositories({ payload, installationId }: Seen): Hints {
  const removed = repositoryKeys(payload["repositories_removed"], installationId).map((key) => key.repository.id);
  return {
    ...NONE,
    keys: repositoryKeys(payload["repositories_added"], installationId),
    installations: [
      { kind: "access-changed", installationId },
      ...(removed.length === 0
        ? []
        : [{ kind: "repositories-removed" as const, installationId, repositoryIds: removed }]),
    ],
  };
}

/**
 * The issue's own key, if a label says that it is, or was, an incident.
 *
 * @param asks whether to ask if no label says so: the events that removed them may have been lost
 */
function incidentHints(
  repository: Repository,
  number: number,
  labels: readonly string[],
  context: HintContext,
  asks: boolean,
): Pick<Hints, "keys" | "priority" | "questions"> {
  const nothing = asks
    ? { keys: [], priority: INCIDENT, questions: [{ kind: "known" as const, repository, number }] }
    : { keys: [], priority: OTHER, questions: [] };
  if (labels.length === 0) return nothing;
  const keys: readonly Key[] = [{ kind: "incident", repository, number }];
  const severities = context.severityLabelsOf(repository.id);
  const carried = new Set(labels.map(labelKey));
  const rank = (severities ?? DEFAULT_SEVERITY_LABELS).findIndex((label) => carried.has(labelKey(label)));
  if (rank >= 0) return { keys, priority: bySeverity(rank), questions: [] };
  // Without a policy, any label may be a severity: the pass will find out.
  const mayBeOne = severities === null || labels.some((label) => labelKey(label).startsWith(STATE_LABEL_PREFIX));
  return mayBeOne ? { keys, priority: INCIDENT, questions: [] } : nothing;
}

/** @param rank position among the severities of the policy; 0 is the most severe */
function bySeverity(rank: number): Priority {
  return Math.max(LEAST_SEVERE, MOST_SEVERE - rank) as Priority;
}

/** An action item, or the issue that lists what is late: whatever happened to it, the list may be another one. */
function followUpsKeys(labels: readonly string[], repository: Repository, context: HintContext): readonly Key[] {
  if (labels.length === 0) return [];
  const wanted = (context.followUpsLabelsOf(repository.id) ?? DEFAULT_FOLLOW_UPS_LABELS).map(labelKey);
  return labels.some((label) => wanted.includes(labelKey(label))) ? [{ kind: "follow-ups", repository }] : [];
}

function carriesPostMortemLabel(labels: readonly string[], repository: Repository, context: HintContext): boolean {
  if (labels.length === 0) return false;
  const wanted = labelKey(context.postMortemLabelOf(repository.id) ?? DEFAULT_POST_MORTEM_LABEL);
  return labels.some((label) => labelKey(label) === wanted);
}

function namedQuestions(
  bodies: readonly string[],
  repository: Repository,
  postMortem: number,
  context: HintContext,
): readonly Question[] {
  const found = new Map<string, Question>();
  for (const body of bodies) {
    for (const { kind, reference } of namedIncidents(body, fullName(repository), context.webHost)) {
      if (kind !== "incident" || !IssueNumber.safeParse(reference.number).success) continue;
      const id = `${reference.repository?.toLowerCase() ?? ""}#${reference.number}`;
      found.set(id, { kind: "named", repository, incident: reference, postMortem });
    }
  }
  return [...found.values()].slice(0, MAX_NAMED);
}

/** Numbers of the repository's own issues and pull requests that the text mentions, each once. */
function ownReferences(text: string, repository: Repository, context: HintContext): readonly number[] {
  const numbers = plainReferences(text, fullName(repository), context.webHost)
    .filter((reference) => reference.repository === null && IssueNumber.safeParse(reference.number).success)
    .map((reference) => reference.number);
  return [...new Set(numbers)].slice(0, MAX_MENTIONS);
}

function repositoryKeys(list: unknown, installationId: number): readonly Key[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const repository = toRepository(item, installationId);
    return repository === null ? [] : [{ kind: "repository" as const, repository }];
  });
}

function toRepository(value: unknown, installationId: number): Repository | null {
  const parsed = RepositoryPayload.safeParse(value).data;
  if (parsed === undefined) return null;
  const [owner, name] = parsed.full_name.split("/") as [string, string];
  return { installationId, id: parsed.id, owner, name };
}

function isPullRequest(issue: { readonly pull_request?: unknown }): boolean {
  return issue.pull_request !== undefined && issue.pull_request !== null;
}
