import { TransientError } from "../base/errors.ts";
import { at, isDone, listAt, numberAt, saidBy, textAt } from "./answer.ts";
import { ANY_MARK, isOurFile, ON_CALL_FILE, POLICY_FILE } from "./look-at-repository.ts";
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

const DELETE_ISSUE = `mutation ($id: ID!) { deleteIssue(input: { issueId: $id }) { clientMutationId } }`;

/**
 * Takes back what rehearsals made in a repository, as far as GitHub lets a person: whatever carries a mark is found by looking, so
 * that what a killed rehearsal left is found, too. What is left is said, after looking once more.
 *
 * @param labelsBefore the labels there were before; `null`: nobody knows, and only those with a mark go
 */
export async function cleanUp(scratch: Scratch, labelsBefore: ReadonlySet<string> | null): Promise<CleanedUp> {
  const done: string[] = [];
  const troubles: string[] = [];
  const steps = [
    () => endPullRequests(scratch, done),
    () => endIssues(scratch, done),
    () => removeFiles(scratch, done),
    () => removeRulesets(scratch, done),
    () => removeBranches(scratch, done),
    () => removeLabels(scratch, labelsBefore, done),
  ];
  let over: string | null = null;
  for (const step of steps) {
    if (over !== null) break;
    try {
      troubles.push(...(await step()));
    } catch (error) {
      // One thing that cannot be taken back does not keep the rest.
      if (error instanceof RehearsalOverError) over = error.message;
      else if (error instanceof TransientError) troubles.push(error.message);
      else throw error;
    }
  }
  if (over !== null)
    troubles.push(
      `the clean-up ended early, as ${over}: run sevgate rehearse --clean-up ${scratch.owner}/${scratch.name}`,
    );
  else troubles.push(...(await stillThere(scratch).catch(() => ["what is left could not be listed"])));
  return { done, left: [...new Set(troubles)] };
}

async function marked(
  { person }: Scratch,
  route: string,
  query: Readonly<Record<string, unknown>>,
  name: string,
): Promise<readonly unknown[]> {
  const answer = await person.ask(route, { ...query, per_page: 100 });
  return listAt(answer.data).filter((one) => ANY_MARK.test(textAt(one, name) ?? ""));
}

const openPulls = (scratch: Scratch) => marked(scratch, "GET /repos/{owner}/{repo}/pulls", { state: "open" }, "title");
const allIssues = async (scratch: Scratch) =>
  (await marked(scratch, "GET /repos/{owner}/{repo}/issues", { state: "all" }, "title")).filter(
    (one) => typeof one === "object" && one !== null && !("pull_request" in one),
  );

async function endPullRequests(scratch: Scratch, done: string[]): Promise<readonly string[]> {
  const open = await openPulls(scratch);
  for (const pull of open) {
    const change = { pull_number: numberAt(pull, "number"), state: "closed" };
    await scratch.person.ask("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", change);
  }
  if (open.length > 0) done.push(`closed ${counted(open.length, "pull request")}`);
  return [];
}

/** Deleted where the person may; else ended, so that nothing reopens them. */
async function endIssues(scratch: Scratch, done: string[]): Promise<readonly string[]> {
  const { person } = scratch;
  const troubles: string[] = [];
  let deleted = 0;
  let closed = 0;
  let comments = 0;
  let mayDelete = true;
  for (const issue of await allIssues(scratch)) {
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
  if (deleted > 0) done.push(`deleted ${counted(deleted, "issue")}`);
  if (closed > 0) done.push(`closed ${counted(closed, "issue")}, which your token may not delete`);
  if (comments > 0) done.push(`deleted ${counted(comments, "comment")}`);
  return troubles;
}

/** Of an incident they stay: without its commands nobody understands what was said there. */
async function removeOwnComments({ person, me }: Scratch, number: number): Promise<number> {
  const place = { issue_number: number, per_page: 100 };
  const listed = await person.ask("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", place);
  const own = listAt(listed.data).filter((comment) => textAt(comment, "user", "login") === me);
  let removed = 0;
  for (const comment of own) {
    const which = { comment_id: numberAt(comment, "id") };
    if (isDone(await person.ask("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", which))) removed += 1;
  }
  return removed;
}

async function removeFiles({ person, defaultBranch }: Scratch, done: string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const path of [POLICY_FILE, ON_CALL_FILE]) {
    const file = await person.ask("GET /repos/{owner}/{repo}/contents/{path}", { path });
    if (isOurFile(file)) paths.push(path);
  }
  const root = await person.ask("GET /repos/{owner}/{repo}/contents/{path}", { path: "" });
  for (const folder of listAt(root.data).filter((one) => ANY_MARK.test(textAt(one, "name") ?? ""))) {
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
  if (removed > 0) done.push(`deleted ${counted(removed, "file")}`);
  return troubles;
}

async function removeRulesets(scratch: Scratch, done: string[]): Promise<readonly string[]> {
  const found = await marked(scratch, "GET /repos/{owner}/{repo}/rulesets", {}, "name");
  const troubles: string[] = [];
  for (const ruleset of found) {
    const place = { ruleset_id: numberAt(ruleset, "id") };
    const answer = await scratch.person.ask("DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id}", place);
    if (!isDone(answer)) troubles.push(`the ruleset ${textAt(ruleset, "name")} is still there: ${saidBy(answer)}`);
  }
  if (found.length > troubles.length) done.push(`deleted ${counted(found.length - troubles.length, "ruleset")}`);
  return troubles;
}

async function removeBranches(scratch: Scratch, done: string[]): Promise<readonly string[]> {
  const found = await marked(scratch, "GET /repos/{owner}/{repo}/branches", {}, "name");
  const troubles: string[] = [];
  for (const branch of found) {
    const name = textAt(branch, "name") ?? "";
    const answer = await scratch.person.ask("DELETE /repos/{owner}/{repo}/git/refs/{ref}", { ref: `heads/${name}` });
    if (!isDone(answer)) troubles.push(`the branch ${name} is still there: ${saidBy(answer)}`);
  }
  if (found.length > troubles.length)
    done.push(`deleted ${counted(found.length - troubles.length, "branch", "branches")}`);
  return troubles;
}

async function removeLabels(
  scratch: Scratch,
  before: ReadonlySet<string> | null,
  done: string[],
): Promise<readonly string[]> {
  const { person, pause, betweenLooksMs } = scratch;
  const kept = await labelsOfSevgate(scratch);
  const ours = async () => {
    const answer = await person.ask("GET /repos/{owner}/{repo}/labels", { per_page: 100 });
    const names = listAt(answer.data).flatMap((label) => textAt(label, "name") ?? []);
    const made = names.filter((name) => ANY_MARK.test(name) || (before !== null && !before.has(name)));
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
  if (gone > 0) done.push(`deleted ${counted(gone, "label")}`);
  return [
    ...(left.length === 0 ? [] : [`labels that Sevgate makes wherever it is installed: ${left.join(", ")}`]),
    ...(kept.size === 0
      ? []
      : [`the labels of its incidents and post-mortems, which Sevgate goes by: ${[...kept].join(", ")}`]),
  ];
}

/** Those on incidents and post-mortems that are still there: without them, a closed incident would be opened again. */
async function labelsOfSevgate(scratch: Scratch): Promise<ReadonlySet<string>> {
  const own = (await allIssues(scratch)).filter((issue) => at(issue, "user", "type") === "Bot" || isIncident(issue));
  return new Set(own.flatMap(labelsOf));
}

function labelsOf(issue: unknown): readonly string[] {
  return listAt(issue, "labels").flatMap((label) => textAt(label, "name") ?? []);
}

/** Also one that Sevgate is only about to take for one. */
function isIncident(issue: unknown): boolean {
  return labelsOf(issue).some((name) => name.startsWith("incident:") || isSeverityLabel(name));
}

/** What a look around finds afterwards; of earlier rehearsals only how much. */
async function stillThere(scratch: Scratch): Promise<readonly string[]> {
  const isOurs = (one: unknown) => textAt(one, "title")?.includes(scratch.mark) === true;
  const numbers = (list: readonly unknown[]) => {
    const own = list.filter(isOurs).map((one) => `#${numberAt(one, "number")}`);
    const earlier = list.length - own.length;
    return [...own, ...(earlier === 0 ? [] : [`${earlier} of earlier rehearsals`])].join(", ");
  };
  const issues = await allIssues(scratch);
  const open = issues.filter((issue) => textAt(issue, "state") === "open");
  const closed = issues.filter((issue) => textAt(issue, "state") !== "open");
  const pulls = await marked(scratch, "GET /repos/{owner}/{repo}/pulls", { state: "all" }, "title");
  const left: string[] = [];
  if (open.length > 0) left.push(`issues that are open: ${numbers(open)}. Close them by hand`);
  if (closed.length > 0)
    left.push(`closed issues with their comments: ${numbers(closed)}. Somebody with the admin role may delete them`);
  if (pulls.length > 0) left.push(`closed pull requests, which nobody can delete: ${numbers(pulls)}`);
  left.push(
    "commits on the default branch, each named “Rehearse: …” or after the rehearsal: delete the repository to be rid of them",
  );
  return left;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
