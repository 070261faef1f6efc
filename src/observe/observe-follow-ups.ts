import { debtOf } from "../core/debt/debt.ts";
import { isToDo } from "../core/debt/is-to-do.ts";
import type { CommentFacts, Instant, IssueFacts, Repository } from "../core/model.ts";
import { hasLabel } from "../core/names.ts";
import { isFormersAccount, isOwnAccount } from "../core/own.ts";
import {
  type FollowUpsObservation,
  keptIssue,
  ownersOfLate,
  REMINDED_EVERY_MS,
  remindedAt,
  saysTwice,
  twinsOf,
} from "../core/plan/plan-follow-ups.ts";
import type { Policy } from "../core/policy/policy.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import { askPermission } from "./known-people.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { readArchive } from "./read-archive.ts";
import { readItemsWithIncidents } from "./read-items-with-incidents.ts";

/** As many incidents are looked at, the newest: what is older and late is shown by its items. */
const MOST_INCIDENTS = 500;
/** How many people are reminded at once: each costs a request for their role. */
const MOST_REMINDED = 20;

/** What a pass over what is late works from. */
export interface SeenFollowUps {
  readonly seen: FollowUpsObservation;
  /** Open pull requests that touch action items, if these have changed. */
  readonly touchedBy: readonly number[];
}

/**
 * Reads what is late in a repository: its incidents and their records, its action items, and the one issue that lists
 * them. Lists only, but for incidents whose record the index does not have; and once a week the roles of those who are
 * reminded. `null`: the policy wants none of it, or nothing can be written there.
 *
 * Throws as GitHub's ports do.
 */
export async function observeFollowUps(parts: ObserveParts, repository: Repository): Promise<SeenFollowUps | null> {
  const { read, app, clock } = parts;
  const { policy } = (await parts.policies.rules(repository)).policy;
  const { issue: wantsIssue, labels: wantsLabels, label } = policy["follow-ups"];
  if (!wantsIssue && !wantsLabels) return null;
  const facts = await read.repository(repository);
  // By now another repository may have the name, and this one may be archived.
  if (facts === "missing" || facts.id !== repository.id || facts.archived || !facts.hasIssues) return null;
  const at = clock.now();
  const known = await parts.index.repository(repository.id);
  const labelsThere = known?.labelsThere ?? null;
  const [archive, issues] = await Promise.all([
    readArchive(parts, repository, policy, { state: "all", since: null, most: MOST_INCIDENTS }),
    wantsIssue ? read.issuesWithLabel(repository, label, { state: "all", since: null }) : [],
  ]);
  const { incidents, unread } = archive;
  const hasItems = incidents.some(({ history }) => history.items.length > 0);
  const isSwept = known?.sweptAt != null && labelsThere !== null;
  const mayHaveItems = hasItems || !isSwept || hasLabel(labelsThere, policy["action-items"].label);
  const { items, older } = mayHaveItems
    ? await readItemsWithIncidents(parts, parts, repository, policy, archive, isToDo)
    : { items: [], older: [] };
  const itemLabel = policy["action-items"].label;
  if (items.length > 0 && labelsThere !== null && !hasLabel(labelsThere, itemLabel)) {
    // By it a look at a pull request knows that there are items.
    parts.learned.noteRepository(repository, { labelsThere: [...labelsThere, itemLabel] }, known);
  }
  const touchedBy = parts.openItems.note(repository, { items, incidents: [...incidents, ...older] });
  const debt = debtOf({ incidents, older, items, policy, at });
  const own = issues
    .filter(({ author }) => isOwnAccount(app, author) || isFormersAccount(app, author))
    .toSorted((a, b) => a.number - b.number);
  const kept = keptIssue(own);
  const comments = ownersOfLate(debt).length === 0 ? null : await commentsOn(parts, repository, kept);
  const twins = twinsOf(own);
  const saidOnTwins = await Promise.all(twins.map(({ number }) => read.comments(repository, number, null)));
  const seen: FollowUpsObservation = {
    at,
    app,
    policy,
    incidents,
    items,
    debt,
    place: { issueUrl: anyIssueUrl(own, incidents, items), unread },
    issues: own,
    comments,
    saidTwice: new Set(
      twins.filter((_, index) => saysTwice(app, saidOnTwins[index] ?? [])).map(({ number }) => number),
    ),
    mayMention: await whoMayBeMentioned(parts, repository, { policy, debt, comments, at }, kept),
    labelsThere: labelsThere ?? [],
    done: new Set(),
  };
  return { seen, touchedBy };
}

/** `null`: nothing is said there, because it is locked. */
async function commentsOn(
  { read }: ObserveParts,
  repository: Repository,
  kept: IssueFacts | null,
): Promise<readonly CommentFacts[] | null> {
  if (kept === null || kept.commentCount === 0) return [];
  return kept.locked ? null : read.comments(repository, kept.number, null);
}

/** Owners of what is late with the triage role now, if it is time to remind them. Whoever GitHub tells nothing of is not. */
async function whoMayBeMentioned(
  { read, app }: ObserveParts,
  repository: Repository,
  {
    policy,
    debt,
    comments,
    at,
  }: Pick<FollowUpsObservation, "debt" | "comments"> & { readonly policy: Policy; readonly at: Instant },
  kept: IssueFacts | null,
): Promise<readonly string[]> {
  if (!policy["follow-ups"].issue || comments === null) return [];
  const last = remindedAt({ at, app, comments }, kept);
  if (last !== null && at - last < REMINDED_EVERY_MS) return [];
  const logins = ownersOfLate(debt)
    .slice(0, MOST_REMINDED)
    .map(({ login }) => login);
  const rights = await Promise.all(logins.map((login) => askPermission(read, repository, login)));
  return logins.filter((_, index) => isOfTheTeam(rights[index]));
}

/** Links are made from it. Where there is none, there is nothing to link either. */
function anyIssueUrl(
  issues: readonly IssueFacts[],
  incidents: FollowUpsObservation["incidents"],
  items: FollowUpsObservation["items"],
): string {
  const urls = [
    ...issues.map(({ url }) => url),
    ...incidents.map(({ issue }) => issue.url),
    ...items.map(({ url }) => url),
  ];
  return urls.find((url) => url !== null) ?? "https://github.com/OWNER/REPOSITORY/issues/1";
}
