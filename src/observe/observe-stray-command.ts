import type { CommandName } from "../core/commands/registry.ts";
import { strayCommand, strayItemCommand } from "../core/commands/stray-command.ts";
import { originOf } from "../core/items/item-issue.ts";
import { MAX_COMMAND_AGE_MS } from "../core/judge/pending-commands.ts";
import type { CommentFacts, Instant, IssueFacts, Key, PullRequestFacts, Reference, Repository } from "../core/model.ts";
import { fromHere, fullName, hasLabel } from "../core/names.ts";
import { isOwnAccount, isOwnComment } from "../core/own.ts";
import { WHERE_COMMANDS_WORK } from "../core/render/where-commands-work.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import { isSaid } from "../core/words/markers.ts";
import { namedIncidents } from "./observe-merge.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** About how many people on one pull request GitHub is asked in one look. */
const MAX_ASKERS = 4;

/** A command that somebody on the team wrote where commands do not work, and that has not been answered. */
export interface StrayCommand {
  readonly command: CommandName;
  /** Where it was written. */
  readonly on: "pull-request" | "item" | "post-mortem";
  readonly number: number;
  readonly url: string;
  /** Incidents that it names, or that it belongs to. */
  readonly incidents: readonly Reference[];
}

/**
 * Looks for a command of the last day on a pull request that nobody was told about yet; `null`: there is none.
 *
 * It asks little, and the least for outsiders: the comments of the last day, and then what rights their authors have
 * (`KnownPeople`). Only somebody on the team makes it read the rest, in which the answer may be.
 */
export async function observeStrayCommand(
  parts: ObserveParts,
  { repository, number }: Extract<Key, { kind: "stray-command" }>,
): Promise<StrayCommand | null> {
  const { read, app, clock, people } = parts;
  const since = (clock.now() - MAX_COMMAND_AGE_MS) as Instant;
  const recent = await read.comments(repository, number, since);
  if (isAnswered(parts, recent)) return null;
  const host = new URL(recent[0]?.url ?? "https://github.com").host;
  const asked = recent.filter(({ author, createdAt, body, ...comment }) => {
    if (author === null || author.isBot || isOwnAccount(app, author)) return false;
    const isCommand = strayCommand(body, host, true) !== null || strayItemCommand(body, host) !== null;
    return createdAt >= since && !isOwnComment(app, { author, ...comment }) && isCommand;
  });
  const all = [...new Set(asked.flatMap(({ author }) => author?.login ?? []))];
  // Of many, the first and the last: what strangers write in between hides nobody's command.
  const authors = all.length <= MAX_ASKERS ? all : [...all.slice(0, MAX_ASKERS / 2), ...all.slice(-MAX_ASKERS / 2)];
  const rights = await Promise.all(authors.map((login) => people.permission(repository, login)));
  const ofTeam = asked.filter(({ author }) => isOfTheTeam(rights[authors.indexOf(author?.login ?? "")]));
  if (ofTeam.length === 0) return null;

  const pullRequest = await read.pullRequest(repository, number);
  const found =
    pullRequest === "missing"
      ? await onIssue(parts, repository, number, ofTeam, host)
      : await onPullRequest(parts, repository, pullRequest, ofTeam, host);
  return found === null || isAnswered(parts, await read.comments(repository, number, null)) ? null : found;
}

async function onPullRequest(
  parts: ObserveParts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  ofTeam: readonly CommentFacts[],
  host: string,
): Promise<StrayCommand | null> {
  const numbers = await namedIncidents(parts, repository, pullRequest, host);
  const [command] = ofTeam.flatMap(({ body }) => strayCommand(body, host, numbers.length > 0) ?? []);
  if (command === undefined) return null;
  const incidents = numbers.map((number): Reference => ({ repository: null, number }));
  return { command, on: "pull-request", number: pullRequest.number, url: pullRequest.url, incidents };
}

/** On an action item, on a post-mortem that an incident is known to have, or on the list of what is late, naming an item. */
async function onIssue(
  parts: ObserveParts,
  repository: Repository,
  number: number,
  ofTeam: readonly CommentFacts[],
  host: string,
): Promise<StrayCommand | null> {
  const { read, index, app } = parts;
  const [stray] = ofTeam.flatMap(({ body }) => strayItemCommand(body, host) ?? []);
  const issue = stray === undefined ? "missing" : await read.issue(repository, number);
  if (stray === undefined || issue === "missing" || "movedTo" in issue) return null;
  const item = (await isList(parts, repository, issue)) ? await namedItem(parts, repository, stray.target) : issue;
  if (item === null) return null;
  const origin = originOf(app, item);
  const links = origin === null ? await index.linksTo(fullName(repository), number, "post-mortem") : [];
  const ids =
    origin === null
      ? links.map((link) => ({ repositoryId: link.repositoryId, number: link.incident }))
      : [origin.incident];
  const incidents: Reference[] = [];
  for (const id of ids) {
    const home =
      id.repositoryId === repository.id ? repository : ((await index.repository(id.repositoryId))?.repository ?? null);
    if (home?.installationId !== repository.installationId) continue;
    incidents.push({ repository: home.id === repository.id ? null : fullName(home), number: id.number });
  }
  if (incidents.length === 0) return null;
  const on = origin === null ? "post-mortem" : "item";
  return { command: stray.name, on, number: item.number, url: issue.url, incidents };
}

/** Whether it is the issue that lists what is late. */
async function isList(
  { policies, app }: ObserveParts,
  repository: Repository,
  { author, labels }: IssueFacts,
): Promise<boolean> {
  if (!isOwnAccount(app, author)) return false;
  const { policy } = (await policies.rules(repository)).policy;
  return hasLabel(labels, policy["follow-ups"].label);
}

/** The action item of this repository that a command names; `null`: it names none. */
async function namedItem(
  { read }: ObserveParts,
  repository: Repository,
  target: Reference | null,
): Promise<IssueFacts | null> {
  if (target === null || fromHere(repository, target).repository !== null) return null;
  const issue = await read.issue(repository, target.number);
  return issue === "missing" || "movedTo" in issue ? null : issue;
}

function isAnswered({ app }: ObserveParts, comments: readonly CommentFacts[]): boolean {
  return isSaid({ comments, app }, WHERE_COMMANDS_WORK);
}
