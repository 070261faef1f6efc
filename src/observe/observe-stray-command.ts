import type { CommandName } from "../core/commands/registry.ts";
import { strayCommand } from "../core/commands/stray-command.ts";
import { MAX_COMMAND_AGE_MS } from "../core/judge/pending-commands.ts";
import type { CommentFacts, Instant, Key, PullRequestFacts } from "../core/model.ts";
import { isOwnAccount, isOwnComment } from "../core/own.ts";
import { WHERE_COMMANDS_WORK } from "../core/render/where-commands-work.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import { isSaid } from "../core/words/markers.ts";
import { namedIncidents } from "./observe-merge.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** About how many people on one pull request GitHub is asked in one look. */
const MAX_ASKERS = 4;

/** A command that somebody on the team wrote on a pull request, and that has not been answered. */
export interface StrayCommand {
  readonly command: CommandName;
  readonly pullRequest: PullRequestFacts;
  /** Incidents that the pull request names, by number. */
  readonly incidents: readonly number[];
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
    return createdAt >= since && !isOwnComment(app, { author, ...comment }) && strayCommand(body, host, true) !== null;
  });
  const all = [...new Set(asked.flatMap(({ author }) => author?.login ?? []))];
  // Of many, the first and the last: what strangers write in between hides nobody's command.
  const authors = all.length <= MAX_ASKERS ? all : [...all.slice(0, MAX_ASKERS / 2), ...all.slice(-MAX_ASKERS / 2)];
  const rights = await Promise.all(authors.map((login) => people.permission(repository, login)));
  const ofTeam = asked.filter(({ author }) => isOfTheTeam(rights[authors.indexOf(author?.login ?? "")]));
  if (ofTeam.length === 0) return null;

  const pullRequest = await read.pullRequest(repository, number);
  if (pullRequest === "missing") return null;
  const incidents = await namedIncidents(parts, repository, pullRequest, host);
  const [command] = ofTeam.flatMap(({ body }) => strayCommand(body, host, incidents.length > 0) ?? []);
  if (command === undefined || isAnswered(parts, await read.comments(repository, number, null))) return null;
  return { command, pullRequest, incidents };
}

function isAnswered({ app }: ObserveParts, comments: readonly CommentFacts[]): boolean {
  return isSaid({ comments, app }, WHERE_COMMANDS_WORK);
}
