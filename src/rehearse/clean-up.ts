import { TerminalError, TransientError } from "../base/errors.ts";
import { labelKey } from "../core/names.ts";
import { allLabels } from "../core/plan/labels.ts";
import { defaultPolicy } from "../core/policy/default-policy.ts";
import { count } from "../core/words/time.ts";
import { allPages } from "./all-pages.ts";
import { at, isDone, labelsOf, listAt, numberAt, saidBy, textAt } from "./answer.ts";
import { isOurFile, ON_CALL_FILE, POLICY_FILE, whyAnother } from "./look-at-repository.ts";
import { isMarkedName, isMarkedTitle } from "./mark.ts";
import { endIncident, isSeverityLabel } from "./play-story.ts";
import { RehearsalOverError } from "./rehearsal-over-error.ts";
import type { Scratch } from "./scratch.ts";

/** What became of what was made. */
export interface CleanedUp {
  /** Each in a few words: `deleted 4 issues`. */
  readonly done: readonly string[];
  /** What is still there, each with why and what to do. */
  readonly left: readonly string[];
}

/** How often labels are removed that come back. */
const MOST_REMOVALS = 3;
/** Within this, Sevgate has usually done what follows from what it heard. */
const SETTLES_WITHIN_MS = 500;

/** Labels of incidents that stay closed. */
const OVER: ReadonlySet<string> = new Set(["incident:resolved", "incident:cancelled", "incident:closed-ungated"]);

/** What Sevgate makes by itself, by the policy that is built in. */
const OF_SEVGATE: ReadonlySet<string> = new Set(allLabels(defaultPolicy()).map(({ name }) => labelKey(name)));

const DELETE_ISSUE = `mutation ($id: ID!) { deleteIssue(input: { issueId: $id }) { clientMutationId } }`;

/**
 * Takes back what a rehearsal made in a repository, as far as GitHub lets a person: whatever carries its mark is found by looking.
 * Issues and pull requests of other people stay, whatever they are called. What is left is said, after looking once more.
 *
 * @param labelsBefore the labels there were before; `null`: this is not the end of a rehearsal, and what any of them left goes, of the
 *   labels those with a mark
 */
export async function cleanUp(scratch: Scratch, labelsBefore: ReadonlySet<string> | null): Promise<CleanedUp> {
  const done: string[] = [];
  const troubles: string[] = [];
  const looked: Looked = { scratch, mark: labelsBefore === null ? null : scratch.mark };
  const steps = [
    () => endPullRequests(looked, done),
    () => endIssues(looked, done),
    () => removeFiles(looked, done),
    () => removeRulesets(looked, done),
    () => removeBranches(looked, done),
    () => removeLabels(looked, labelsBefore, done),
  ];
  let over: string | null = null;
  try {
    const repository = await scratch.person.ask("GET /repos/{owner}/{repo}");
    const another = isDone(repository) ? whyAnother(repository, scratch.owner, scratch.name, scratch.id) : null;
    if (another !== null) return { done, left: [`${another}; so nothing was taken away`] };
  } catch (error) {
    if (error instanceof RehearsalOverError) over = error.message;
    else if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
  }
  for (const step of steps) {
    if (over !== null) break;
    try {
      troubles.push(...(await step()));
    } catch (error) {
      // One thing that cannot be taken back does not keep the rest.
      if (error instanceof RehearsalOverError) over = error.message;
      else if (error instanceof TransientError || error instanceof TerminalError) troubles.push(error.message);
      else throw error;
    }
  }
  if (over !== null)
    troubles.push(
      `the clean-up ended early, as ${over}: run sevgate rehearse --clean-up ${scratch.owner}/${scratch.name}`,
    );
  else troubles.push(...(await stillThere(looked).catch(() => ["what is left could not be listed"])));
  return { done, left: [...new Set(troubles)] };
}

/** Where is looked, and for whose mark; `null`: any. */
interface Looked {
  readonly scratch: Scratch;
  readonly mark: string | null;
}

async function namedByMark({ scratch, mark }: Looked, route: string): Promise<readonly unknown[]> {
  return (await allPages(scratch.person, route)).filter((one) => isMarkedName(textAt(one, "name") ?? "", mark));
}

/** Those called by a mark that this person or an app wrote: what others call so is theirs. */
async function titledByMark({ scratch, mark }: Looked, route: string, state: "open" | "all") {
  const titled = (await allPages(scratch.person, route, { state })).filter((one) =>
    isMarkedTitle(textAt(one, "title") ?? "", mark),
  );
  const isOwn = (one: unknown) => textAt(one, "user", "login") === scratch.me || textAt(one, "user", "type") === "Bot";
  return { own: titled.filter(isOwn), others: titled.filter((one) => !isOwn(one)) };
}

const openPulls = async (looked: Looked) => (await titledByMark(looked, "GET /repos/{owner}/{repo}/pulls", "open")).own;
const allIssues = async (looked: Looked) =>
  (await titledByMark(looked, "GET /repos/{owner}/{repo}/issues", "all")).own.filter(
    (one) => at(one, "pull_request") === undefined,
  );

async function endPullRequests(looked: Looked, done: string[]): Promise<readonly string[]> {
  const { scratch } = looked;
  const open = await openPulls(looked);
  for (const pull of open) {
    const change = { pull_number: numberAt(pull, "number"), state: "closed" };
    await scratch.person.ask("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", change);
  }
  if (open.length > 0) done.push(`closed ${count(open.length, "pull request")}`);
  return [];
}

/** Deleted where the person may (A-153); else ended, so that nothing reopens them. */
async function endIssues(looked: Looked, done: string[]): Promise<readonly string[]> {
  const { scratch } = looked;
  const { person } = scratch;
  const troubles: string[] = [];
  let deleted = 0;
  let closed = 0;
  let comments = 0;
  let mayDelete = true;
  for (const issue of await allIssues(looked)) {
    const number = numberAt(issue, "number") ?? 0;
    if (mayDelete) {
      const answer = await person.graphql(DELETE_ISSUE, { id: textAt(issue, "node_id") ?? "" });
      mayDelete = isDone(answer) && answer.data !== null && listAt(answer.data, "errors").length === 0;
      if (mayDelete) {
        deleted += 1;
        continue;
      }
    }
    const isOpen = textAt(issue, "state") === "open";
    // One that was closed too early is about to be opened again.
    const isOver = !isIncident(issue) || labelsOf(issue).some((name) => OVER.has(name));
    if (!isOpen && isOver) continue;
    if (isIncident(issue) && !(await endIncident(scratch, number))) {
      troubles.push(`#${number} was closed without Sevgate, which may open it again: then comment /cancel there`);
    }
    const change = { issue_number: number, state: "closed", state_reason: "completed" };
    await person.ask("PATCH /repos/{owner}/{repo}/issues/{issue_number}", change);
    closed += 1;
    if (!isIncident(issue)) comments += await removeOwnComments(scratch, number);
  }
  if (deleted > 0) done.push(`deleted ${count(deleted, "issue")}`);
  if (closed > 0) done.push(`closed ${count(closed, "issue")}, which your token may not delete`);
  if (comments > 0) done.push(`deleted ${count(comments, "comment")}`);
  return troubles;
}

/** Of an incident they stay: without its commands nobody understands what was said there. */
async function removeOwnComments({ person, me }: Scratch, number: number): Promise<number> {
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const listed = await allPages(person, route, { issue_number: number });
  const own = listed.filter((comment) => textAt(comment, "user", "login") === me);
  let removed = 0;
  for (const comment of own) {
    const which = { comment_id: numberAt(comment, "id") };
    if (isDone(await person.ask("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", which))) removed += 1;
  }
  return removed;
}

async function removeFiles({ scratch, mark }: Looked, done: string[]): Promise<readonly string[]> {
  const { person, defaultBranch } = scratch;
  const paths: string[] = [];
  for (const path of [POLICY_FILE, ON_CALL_FILE]) {
    const file = await person.ask("GET /repos/{owner}/{repo}/contents/{path}", { path });
    if (isOurFile(file, mark)) paths.push(path);
  }
  const root = await person.ask("GET /repos/{owner}/{repo}/contents/{path}", { path: "" });
  for (const folder of listAt(root.data).filter((one) => isMarkedName(textAt(one, "name") ?? "", mark))) {
    const place = { path: textAt(folder, "path") ?? "" };
    const inside = await person.ask("GET /repos/{owner}/{repo}/contents/{path}", place);
    paths.push(...listAt(inside.data).flatMap((file) => textAt(file, "path") ?? []));
  }
  const troubles: string[] = [];
  let removed = 0;
  for (const path of paths) {
    const file = await person.ask("GET /repos/{owner}/{repo}/contents/{path}", { path });
    const answer = await person.ask("DELETE /repos/{owner}/{repo}/contents/{path}", {
      path,
      branch: defaultBranch,
      message: `Rehearse: take ${path} away`,
      sha: textAt(file.data, "sha"),
    });
    if (isDone(answer)) removed += 1;
    else troubles.push(`${path} is still on ${defaultBranch}: ${saidBy(answer)}. Delete it by hand`);
  }
  if (removed > 0) done.push(`deleted ${count(removed, "file")}`);
  return troubles;
}

async function removeRulesets(looked: Looked, done: string[]): Promise<readonly string[]> {
  const { scratch } = looked;
  const found = await namedByMark(looked, "GET /repos/{owner}/{repo}/rulesets");
  const troubles: string[] = [];
  for (const ruleset of found) {
    const place = { ruleset_id: numberAt(ruleset, "id") };
    const answer = await scratch.person.ask("DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id}", place);
    if (!isDone(answer)) troubles.push(`the ruleset ${textAt(ruleset, "name")} is still there: ${saidBy(answer)}`);
  }
  if (found.length > troubles.length) done.push(`deleted ${count(found.length - troubles.length, "ruleset")}`);
  return troubles;
}

async function removeBranches(looked: Looked, done: string[]): Promise<readonly string[]> {
  const { scratch } = looked;
  const found = await namedByMark(looked, "GET /repos/{owner}/{repo}/branches");
  const troubles: string[] = [];
  for (const branch of found) {
    const name = textAt(branch, "name") ?? "";
    const answer = await scratch.person.ask("DELETE /repos/{owner}/{repo}/git/refs/{ref}", { ref: `heads/${name}` });
    if (!isDone(answer)) troubles.push(`the branch ${name} is still there: ${saidBy(answer)}`);
  }
  const gone = found.length - troubles.length;
  if (gone > 0) done.push(`deleted ${gone === 1 ? "1 branch" : `${gone} branches`}`);
  return troubles;
}

async function removeLabels(
  looked: Looked,
  before: ReadonlySet<string> | null,
  done: string[],
): Promise<readonly string[]> {
  const { scratch, mark } = looked;
  const { person, pause, betweenLooksMs } = scratch;
  const kept = await labelsOfSevgate(looked);
  const ours = async () => {
    const labels = await allPages(scratch.person, "GET /repos/{owner}/{repo}/labels");
    const names = labels.flatMap((label) => textAt(label, "name") ?? []);
    // Somebody may have made one of their own meanwhile.
    const isNew = (name: string) => before !== null && !before.has(name) && OF_SEVGATE.has(labelKey(name));
    const made = names.filter((name) => isMarkedName(name, mark) || isNew(name));
    return made.filter((name) => !kept.has(name));
  };
  const removed = new Set<string>();
  let left = await ours();
  // Sevgate, which still hears of all this, makes a label again that it needs.
  for (let times = 0; left.length > 0 && times < MOST_REMOVALS; times += 1) {
    for (const name of left) {
      if (isDone(await person.ask("DELETE /repos/{owner}/{repo}/labels/{name}", { name }))) removed.add(name);
    }
    await pause(Math.max(SETTLES_WITHIN_MS, betweenLooksMs));
    left = await ours();
  }
  const gone = [...removed].filter((name) => !left.includes(name)).length;
  if (gone > 0) done.push(`deleted ${count(gone, "label")}`);
  return [
    ...(left.length === 0 ? [] : [`labels that Sevgate makes wherever it is installed: ${left.join(", ")}`]),
    ...(kept.size === 0
      ? []
      : [`the labels of its incidents and post-mortems, which Sevgate goes by: ${[...kept].join(", ")}`]),
  ];
}

/** Those on incidents and post-mortems that are still there: without them, a closed incident would be opened again. */
async function labelsOfSevgate(looked: Looked): Promise<ReadonlySet<string>> {
  const own = (await allIssues(looked)).filter((issue) => at(issue, "user", "type") === "Bot" || isIncident(issue));
  return new Set(own.flatMap(labelsOf));
}

/** Also one that Sevgate is only about to take for one. */
function isIncident(issue: unknown): boolean {
  return labelsOf(issue).some((name) => name.startsWith("incident:") || isSeverityLabel(name));
}

/** What a look around finds afterwards; of earlier rehearsals only how much. */
async function stillThere(looked: Looked): Promise<readonly string[]> {
  const { scratch } = looked;
  const isOurs = (one: unknown) => textAt(one, "title")?.includes(scratch.mark) === true;
  const numbers = (list: readonly unknown[]) => {
    const own = list.filter(isOurs).map((one) => `#${numberAt(one, "number")}`);
    const earlier = list.length - own.length;
    return [...own, ...(earlier === 0 ? [] : [`${earlier} of earlier rehearsals`])].join(", ");
  };
  const issues = await allIssues(looked);
  const open = issues.filter((issue) => textAt(issue, "state") === "open");
  const closed = issues.filter((issue) => textAt(issue, "state") !== "open");
  const { own: pulls } = await titledByMark(looked, "GET /repos/{owner}/{repo}/pulls", "all");
  const { others } = await titledByMark(looked, "GET /repos/{owner}/{repo}/issues", "all");
  const left: string[] = [];
  if (others.length > 0) {
    const whose = others.map((one) => `#${numberAt(one, "number")} by ${textAt(one, "user", "login") ?? "nobody"}`);
    left.push(`what others call as a rehearsal does, which is theirs: ${whose.join(", ")}`);
  }
  if (open.length > 0) left.push(`issues that are open: ${numbers(open)}. Close them by hand`);
  if (closed.length > 0)
    left.push(`closed issues with their comments: ${numbers(closed)}. Somebody with the admin role may delete them`);
  if (pulls.length > 0) left.push(`closed pull requests, which nobody can delete: ${numbers(pulls)}`);
  left.push(
    "commits on the default branch, each named “Rehearse: …” or after the rehearsal: delete the repository to be rid of them",
  );
  return left;
}
