import { STATUS_MARKER } from "../core/words/markers.ts";
import { type Answer, at, isDone, labelsOf, listAt, numberAt, saidBy, short, textAt } from "./answer.ts";
import { FILE_HEADING, ON_CALL_FILE, POLICY_FILE } from "./look-at-repository.ts";
import { isMarkedName, isMarkedTitle } from "./mark.ts";
import { mergeWhenReady } from "./merge-when-ready.ts";
import type { Scratch, Timed } from "./scratch.ts";
import { NOT_IN_TIME, STEPS, type StepId } from "./story-seen.ts";

const CHECK = "sevgate/close-gate";
/** The built-in one: it means the same when the policy is gone. */
const DRILL = "drill";
/** Of this rehearsal alone: that it is there shows that the policy was read. */
const severityLabel = (mark: string) => `${mark}-P0`;

const policy = (mark: string) => `${FILE_HEADING} (${mark}); it goes again at the end.
version: 1
severities:
  P0:
    label: ${severityLabel(mark)}
    description: A rehearsal
    acknowledge-within: 1h
    close-requires: { any-of: [post-mortem, runbook-pr] }
    regressions: revert
`;

const onCall = (mark: string, login: string) => `${FILE_HEADING} (${mark}); it goes again at the end.
version: 1
zone: Etc/UTC
rotations:
  week: { start: 2026-01-05, handoff: "09:00", shift: 1w, members: ["${login}"] }
roles:
  primary: { layers: [week] }
escalation:
  P0: { steps: [{ after: 0m, notify: [primary] }] }
`;

const WHAT_HAPPENED = "From 14:05 to 14:41 UTC nothing failed at all: this was a rehearsal, and everybody knew it.";
const WHY = "Somebody wanted to know what GitHub really answers, and ran sevgate rehearse in a repository made for it.";
const ACTION_ITEMS = "- [ ] Send the report of this rehearsal, @{me} in 30d";

/** Whether a label is the severity of a rehearsal, of this one or another. */
export function isSeverityLabel(name: string): boolean {
  return isMarkedName(name) && name.endsWith("-P0");
}

/** GitHub closes an issue some seconds after the merge. */
const MERGE_CLOSES_WITHIN_MS = 15_000;
/** After so many looks a wrong verdict would have come. */
const LOOKS_FOR_WRONG = 5;

/** A step of the story did not come: what follows from it cannot be played. */
class NotPlayedError extends Error {
  override readonly name = "NotPlayedError";
}

/**
 * Plays the demo's story with one account: an incident from its label to the merge that closes it, as a drill, so that no number counts
 * it. What Sevgate does is looked at over GitHub's API. Ends where a step does not come, and leaves what was seen in `scratch.story`.
 *
 * @throws RehearsalOverError when the rehearsal has to end
 */
export async function playStory(scratch: Scratch): Promise<void> {
  try {
    await prepare(scratch);
    const regression = await mergeRegression(scratch);
    const incident = await declare(scratch);
    await respond(scratch, incident);
    await takeBack(scratch, incident, regression);
    await closeTooEarly(scratch, incident);
    const fix = await openFix(scratch, incident);
    await shareHead(scratch, fix);
    await learn(scratch, incident);
    await endWithMerge(scratch, incident, fix);
  } catch (error) {
    if (!(error instanceof NotPlayedError)) throw error;
  }
}

/** Notes a step that came, and gives what was seen; ends the story if it did not come. */
function came<Seen>({ story }: Scratch, id: StepId, timed: Timed<Seen> | null, words: (seen: Seen) => string): Seen {
  if (timed === null) {
    story.steps.push({ id, ms: null, seen: NOT_IN_TIME });
    throw new NotPlayedError(STEPS[id]);
  }
  story.steps.push({ id, ms: timed.ms, seen: short(words(timed.seen)) });
  return timed.seen;
}

/** What a person does must work, or there is no story. */
async function does(scratch: Scratch, id: StepId, route: string, body: Readonly<Record<string, unknown>>) {
  return dataOf(scratch, id, route, await scratch.person.ask(route, body));
}

function dataOf({ story }: Scratch, id: StepId, what: string, answer: Answer): unknown {
  if (isDone(answer)) return answer.data;
  story.steps.push({ id, ms: null, seen: `${what}: ${saidBy(answer)}` });
  throw new NotPlayedError(STEPS[id]);
}

async function prepare(scratch: Scratch): Promise<void> {
  const { person, mark, me, defaultBranch } = scratch;
  const files = [
    [ON_CALL_FILE, onCall(mark, me), "who is on call"],
    [POLICY_FILE, policy(mark), "what an incident is"],
  ] as const;
  for (const [path, text, what] of files) {
    // Without the `sha` of a file that is there, GitHub refuses to replace it: it is somebody else's.
    await does(scratch, "labels", "PUT /repos/{owner}/{repo}/contents/{path}", {
      path,
      branch: defaultBranch,
      message: `Rehearse: say ${what}`,
      content: Buffer.from(text).toString("base64"),
    });
  }
  const there = await scratch.until("Sevgate to read the policy", async () => {
    const labels = await person.ask("GET /repos/{owner}/{repo}/labels/{name}", { name: severityLabel(mark) });
    return isDone(labels) && textAt(labels.data, "name") !== null ? labels.data : null;
  });
  came(scratch, "labels", there, (label) => `${textAt(label, "name")}: ${textAt(label, "description")}`);
}

/** A change that will turn out to be the cause. */
async function mergeRegression(scratch: Scratch): Promise<number> {
  const { branch, defaultBranch, mark } = scratch;
  const from = await branch("connections");
  const pull = await does(scratch, "revert", "POST /repos/{owner}/{repo}/pulls", {
    title: `Give each invoice a connection of its own (${mark})`,
    body: "The worker waits for nobody any more.",
    head: from.name,
    base: defaultBranch,
  });
  const number = numberAt(pull, "number") ?? 0;
  dataOf(scratch, "revert", "merging the change", await mergeWhenReady(scratch, number));
  return number;
}

async function declare(scratch: Scratch): Promise<number> {
  const { story, until, mark, me } = scratch;
  const issue = await does(scratch, "status", "POST /repos/{owner}/{repo}/issues", {
    title: `The checkout is down (${mark})`,
    body: "Opened by `sevgate rehearse`: nothing is down.",
    labels: [severityLabel(mark), DRILL],
  });
  const incident = numberAt(issue, "number") ?? 0;
  story.incident = incident;
  const status = await until("the status comment", () => statusComment(scratch, incident));
  came(scratch, "status", status, (comment) => firstWords(textAt(comment, "body") ?? ""));
  const page = await until("the page", async () => {
    const mention = `@${me}`.toLowerCase();
    return (await replies(scratch, incident)).find((body) => body.toLowerCase().includes(mention)) ?? null;
  });
  came(scratch, "page", page, firstWords);
  return incident;
}

async function respond(scratch: Scratch, incident: number): Promise<void> {
  const { until, me } = scratch;
  await say(scratch, "ack", incident, "/ack");
  const acknowledged = await until("`/ack`", async () => {
    const labels = labelsOf(await readIssue(scratch, incident));
    return labels.includes("incident:acknowledged") ? labels : null;
  });
  came(scratch, "ack", acknowledged, (labels) => labels.join(", "));
  const words = "the worker holds all connections of the database";
  await say(scratch, "update", incident, `/status ${words}`);
  const update = await until("`/status`", async () => {
    const body = textAt(await statusComment(scratch, incident), "body");
    return body?.includes(words) === true ? words : null;
  });
  came(scratch, "update", update, (seen) => `${seen}, by ${me}`);
}

async function takeBack(scratch: Scratch, incident: number, regression: number): Promise<void> {
  const { story, until, person, mark } = scratch;
  const before = (await replies(scratch, incident)).length;
  await say(scratch, "revert", incident, `/revert #${regression} it uses up all connections`);
  const found = await until("`/revert`", async () => {
    const pulls = await person.ask("GET /repos/{owner}/{repo}/pulls", { state: "open", per_page: 100 });
    // It is merged below: nobody else's is, whatever its title says.
    const pull = listAt(pulls.data).find(
      (one) =>
        /\bRevert\b/.test(textAt(one, "title") ?? "") &&
        isMarkedTitle(textAt(one, "title") ?? "", mark) &&
        isOfBot(scratch, one),
    );
    if (pull !== undefined) return pull;
    const said = (await replies(scratch, incident))
      .slice(before)
      .find((body) => /git revert|cannot|may not/i.test(body));
    return said === undefined ? null : { title: firstWords(said) };
  });
  const number = numberAt(found?.seen, "number");
  // A refusal with the git commands is an answer, too: the story goes on.
  story.steps.push({
    id: "revert",
    ms: number === null ? null : (found?.ms ?? null),
    seen: short(textAt(found?.seen, "title") ?? NOT_IN_TIME),
  });
  if (number === null) return;
  await mergeWhenReady(scratch, number);
}

async function closeTooEarly(scratch: Scratch, incident: number): Promise<void> {
  const { until } = scratch;
  const change = { issue_number: incident, state: "closed", state_reason: "completed" };
  await does(scratch, "reopen", "PATCH /repos/{owner}/{repo}/issues/{issue_number}", change);
  const open = await until("the reopening", async () => {
    const issue = await readIssue(scratch, incident);
    return textAt(issue, "state") === "open" ? issue : null;
  });
  came(scratch, "reopen", open, () => "open again");
}

async function openFix(scratch: Scratch, incident: number) {
  const { story, branch, until, defaultBranch, mark } = scratch;
  const from = await branch("pool");
  const pull = await does(scratch, "check", "POST /repos/{owner}/{repo}/pulls", {
    title: `Give the invoice worker a pool (${mark})`,
    body: `Five are enough.\n\nFixes #${incident}`,
    head: from.name,
    base: defaultBranch,
  });
  const fix = { number: numberAt(pull, "number") ?? 0, headSha: from.sha, branch: from.name };
  story.fix = fix;
  const check = await until("the check", async () => {
    const [run] = await runs(scratch, fix.headSha);
    return textAt(run, "conclusion") === "failure" ? run : null;
  });
  came(scratch, "check", check, (run) => textAt(run, "output", "title") ?? "failure");
  return fix;
}

/** The same commit is the head of a second pull request, to another branch, where closing keywords do nothing. */
async function shareHead(scratch: Scratch, fix: { readonly branch: string; readonly headSha: string }): Promise<void> {
  const { story, branch, until, person, mark } = scratch;
  const release = await branch("release");
  const content = {
    title: `The same for the release (${mark})`,
    body: "It closes nothing there.",
    head: fix.branch,
    base: release.name,
  };
  const opened = await person.ask("POST /repos/{owner}/{repo}/pulls", content);
  if (!isDone(opened)) {
    story.steps.push({ id: "worst", ms: null, seen: saidBy(opened) });
    return;
  }
  // That nothing changes cannot be waited for: a green run would come within this time.
  const turned = await until(
    "a wrong verdict",
    async () => {
      const [run] = await runs(scratch, fix.headSha);
      return textAt(run, "conclusion") === "success" ? run : null;
    },
    LOOKS_FOR_WRONG * scratch.betweenLooksMs,
  );
  story.sharedHeadRuns = await runs(scratch, fix.headSha);
  const [newest] = story.sharedHeadRuns;
  story.steps.push({
    id: "worst",
    ms: turned === null ? 0 : null,
    seen: short(`${textAt(newest, "conclusion")}: ${textAt(newest, "output", "title")}`),
  });
  const number = numberAt(opened.data, "number") ?? 0;
  await person.ask("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { pull_number: number, state: "closed" });
}

async function learn(scratch: Scratch, incident: number): Promise<void> {
  const { until, person, mark, me } = scratch;
  await say(scratch, "postmortem", incident, "/postmortem");
  const opened = await until("the post-mortem", async () => {
    const issues = await person.ask("GET /repos/{owner}/{repo}/issues", { state: "open", per_page: 100 });
    return (
      listAt(issues.data).find((one) => {
        const title = textAt(one, "title") ?? "";
        return /post-mortem/i.test(title) && isMarkedTitle(title, mark) && isOfBot(scratch, one);
      }) ?? null
    );
  });
  const postMortem = came(scratch, "postmortem", opened, (issue) => textAt(issue, "title") ?? "");
  const issue_number = numberAt(postMortem, "number") ?? 0;
  const sections = {
    "What happened": WHAT_HAPPENED,
    "Why it happened": WHY,
    "Action items": ACTION_ITEMS.replace("{me}", me),
  };
  const body = filledIn(textAt(postMortem, "body") ?? "", sections);
  await does(scratch, "gate", "PATCH /repos/{owner}/{repo}/issues/{issue_number}", { issue_number, body });
  const enough = await until("the gate", async () => {
    const status = textAt(await statusComment(scratch, incident), "body") ?? "";
    return /It can close/.exec(status)?.[0] ?? null;
  });
  came(scratch, "gate", enough, (words) => words);
}

/** The text of a post-mortem with other words below some of its headings. */
function filledIn(body: string, sections: Readonly<Record<string, string>>): string {
  return body
    .split("\n## ")
    .map((part) => {
      const [heading = ""] = part.split("\n", 1);
      const words = sections[heading.trim()];
      return words === undefined ? part : `${heading}\n\n${words}\n`;
    })
    .join("\n## ");
}

async function endWithMerge(
  scratch: Scratch,
  incident: number,
  fix: { readonly number: number; readonly headSha: string },
): Promise<void> {
  const { story, until, person } = scratch;
  const green = await until("the check", async () => {
    const [run] = await runs(scratch, fix.headSha);
    return textAt(run, "conclusion") === "success" ? run : null;
  });
  const run = came(scratch, "green", green, (one) => textAt(one, "output", "title") ?? "success");
  const check_run_id = numberAt(run, "id") ?? 0;
  const answer = await person.ask("POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", { check_run_id });
  const newer = isDone(answer)
    ? await until("a new run", async () => {
        const [now] = await runs(scratch, fix.headSha);
        return (numberAt(now, "id") ?? 0) > check_run_id ? now : null;
      })
    : null;
  story.rerun = { answer, cameMs: newer?.ms ?? null };
  story.steps.push({ id: "rerun", ms: newer?.ms ?? null, seen: newer === null ? saidBy(answer) : "a new run" });

  const merged = dataOf(scratch, "closed", "merging the fix", await mergeWhenReady(scratch, fix.number));
  story.mergeSha = textAt(merged, "sha");
  const end = async () => {
    const issue = await readIssue(scratch, incident);
    return textAt(issue, "state") === "closed"
      ? { issue, isOver: labelsOf(issue).includes("incident:resolved") }
      : null;
  };
  const closed = await until("GitHub to close it", end, Math.min(MERGE_CLOSES_WITHIN_MS, scratch.patienceMs));
  story.afterMerge = closed?.seen.issue ?? { state: "open" };
  // A setting that no API shows keeps merges from closing issues.
  if (closed === null) await say(scratch, "closed", incident, "/resolve the fix is merged");
  const over = await until("the end", async () => ((await end())?.isOver === true ? true : null));
  came(scratch, "closed", over, () => (closed === null ? "closed by `/resolve`: the merge closed nothing" : "closed"));
}

async function say(scratch: Scratch, id: StepId, number: number, body: string): Promise<void> {
  const place = { issue_number: number, body };
  await does(scratch, id, "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", place);
}

async function read({ person }: Scratch, route: string, place: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answer: Answer = await person.ask(route, place);
  return isDone(answer) ? answer.data : null;
}

async function readIssue(scratch: Scratch, number: number): Promise<unknown> {
  return await read(scratch, "GET /repos/{owner}/{repo}/issues/{issue_number}", { issue_number: number });
}

/** What bots said, oldest first. */
async function ofBots(scratch: Scratch, number: number): Promise<readonly unknown[]> {
  const place = { issue_number: number, per_page: 100 };
  const comments = await read(scratch, "GET /repos/{owner}/{repo}/issues/{issue_number}/comments", place);
  return listAt(comments).filter((one) => isOfBot(scratch, one));
}

/** Whether the app wrote it, or some app where nobody knows which. */
function isOfBot({ app }: Scratch, one: unknown): boolean {
  return app === null ? at(one, "user", "type") === "Bot" : textAt(one, "user", "login") === app.botLogin;
}

async function statusComment(scratch: Scratch, number: number): Promise<unknown | null> {
  const found = (await ofBots(scratch, number)).find((one) => textAt(one, "body")?.includes(STATUS_MARKER)) ?? null;
  if (found !== null) scratch.story.statusComment = found;
  return found;
}

async function replies(scratch: Scratch, number: number): Promise<readonly string[]> {
  const bodies = (await ofBots(scratch, number)).map((one) => textAt(one, "body") ?? "");
  return bodies.filter((body) => !body.includes(STATUS_MARKER));
}

/** The runs of the check on a commit, newest first. */
async function runs(scratch: Scratch, sha: string): Promise<readonly unknown[]> {
  const list = { ref: sha, check_name: CHECK, filter: "all", per_page: 100 };
  const answer = await read(scratch, "GET /repos/{owner}/{repo}/commits/{ref}/check-runs", list);
  return listAt(answer, "check_runs")
    .filter((run) => textAt(run, "name") === CHECK)
    .toSorted((a, b) => (numberAt(b, "id") ?? 0) - (numberAt(a, "id") ?? 0));
}

/** The first line that people read. */
function firstWords(body: string): string {
  const line = body.split("\n").find((one) => /[\p{L}\p{N}]/u.test(one) && !one.startsWith("<!--")) ?? "";
  return line.replace(/[*_`#>]/g, "").trim();
}

/** Ends an incident so that Sevgate does not reopen it, and waits for that. `false`: Sevgate did not say that it is over. */
export async function endIncident(scratch: Scratch, number: number): Promise<boolean> {
  const { person, until } = scratch;
  const body = "/cancel the rehearsal is over";
  const said = await person.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
    issue_number: number,
    body,
  });
  if (!isDone(said)) return false;
  const ended = await until("the end of the incident", async () => {
    return labelsOf(await readIssue(scratch, number)).includes("incident:cancelled") ? true : null;
  });
  return ended !== null;
}
