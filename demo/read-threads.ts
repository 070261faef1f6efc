import type { Thread, ThreadCheck, ThreadComment, ThreadLabel, ThreadPage } from "./page/render-thread-page.ts";
import { type CheckRun, type Comment, FULL_NAME, type Issue, type TimelineEvent, type World } from "./world.ts";

/** Reads all issues and pull requests of the repository, as they are on GitHub now: incidents first. */
export async function readThreads(world: World): Promise<ThreadPage> {
  const issues = await Promise.all((await world.issues()).map((issue) => issueThread(world, issue)));
  const pulls = await Promise.all(
    (await world.pullRequests()).map(async (pull): Promise<Thread> => {
      const [comments, checks] = await Promise.all([world.comments(pull.number), world.checks(pull.head.sha)]);
      return {
        kind: "pull-request",
        number: pull.number,
        title: pull.title,
        state:
          pull.merged_at !== null
            ? "merged"
            : pull.draft === true
              ? "draft"
              : pull.state === "open"
                ? "open"
                : "closed",
        labels: labelsOf(pull.labels),
        author: pull.user?.login ?? "ghost",
        body: pull.body ?? "",
        comments: comments.map((comment) => toComment(world, comment)),
        checks: checks.map(toCheck),
      };
    }),
  );
  return {
    title: "What Sevgate did",
    generatedAt: new Date().toISOString(),
    repository: FULL_NAME,
    threads: [...issues, ...pulls].toSorted(incidentsFirst),
  };
}

/**
 * What people came for is on the first screen: incidents, open ones first, then new ones; after them what is left to do;
 * the rest by number.
 */
function incidentsFirst(a: Thread, b: Thread): number {
  const [rankOfA, rankOfB] = [rankOf(a), rankOf(b)];
  if (rankOfA !== rankOfB || rankOfA > 0) return rankOfA - rankOfB || a.number - b.number;
  return Number(b.state === "open") - Number(a.state === "open") || b.number - a.number;
}

function rankOf({ labels }: Thread): number {
  if (labels.some(({ name }) => /^(?:sev|incident):/.test(name))) return 0;
  return labels.some(({ name }) => name === "incident-follow-ups") ? 1 : 2;
}

async function issueThread(world: World, issue: Issue): Promise<Thread> {
  const [comments, timeline] = await Promise.all([world.comments(issue.number), world.timeline(issue.number)]);
  return {
    kind: "issue",
    number: issue.number,
    title: issue.title,
    state: issue.state === "open" ? "open" : issue.state_reason === "not_planned" ? "not_planned" : "closed",
    labels: labelsOf(issue.labels),
    author: issue.user?.login ?? "ghost",
    body: issue.body ?? "",
    comments: comments.map((comment) => toComment(world, comment)),
    events: timeline.flatMap(toEvent),
  };
}

/** The lines GitHub puts between the comments. */
function toEvent(event: TimelineEvent): readonly { readonly at: string; readonly text: string }[] {
  const {
    actor,
    created_at,
    label,
    assignee,
    event: kind,
  } = event as {
    readonly event?: string;
    readonly created_at?: string;
    readonly actor?: { readonly login: string } | null;
    readonly label?: { readonly name: string };
    readonly assignee?: { readonly login: string };
  };
  const who = actor?.login ?? "ghost";
  const texts: Readonly<Record<string, string>> = {
    labeled: `${who} added the label ${label?.name ?? ""}`,
    unlabeled: `${who} removed the label ${label?.name ?? ""}`,
    assigned: assignee?.login === who ? `${who} self-assigned this` : `${who} assigned ${assignee?.login ?? ""}`,
    unassigned: `${who} removed the assignment of ${assignee?.login ?? ""}`,
    closed: `${who} closed this`,
    reopened: `${who} reopened this`,
  };
  const text = texts[kind ?? ""];
  return text === undefined || created_at === undefined ? [] : [{ at: created_at, text }];
}

function toComment(world: World, comment: Comment): ThreadComment {
  const author = comment.user?.login ?? "ghost";
  return { author, isApp: author === world.appLogin, body: comment.body ?? "", createdAt: comment.created_at };
}

function toCheck(check: CheckRun): ThreadCheck {
  return {
    name: check.name,
    conclusion: check.conclusion,
    title: check.output.title,
    summary: check.output.summary,
  };
}

function labelsOf(
  labels: readonly (string | { readonly name?: string | null; readonly color?: string | null })[],
): readonly ThreadLabel[] {
  return labels.map((label) =>
    typeof label === "string" ? { name: label, color: "" } : { name: label.name ?? "", color: label.color ?? "" },
  );
}
