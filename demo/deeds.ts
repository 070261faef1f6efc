import { type Login, PLACE, type World } from "./world.ts";

/** The check that holds merges. */
export const CHECK = "sevgate/close-gate";

const WHAT_HAPPENED =
  "From 14:05 to 14:41 UTC every payment failed. The database had no connections left for the checkout.";
const WHY =
  "The invoice worker opened a connection for each invoice. Nobody had measured it with a month's worth of them.";
const ACTION_ITEMS = `- [ ] Give the worker a pool of 5 connections, @wendy in 14d [prevent]
- [ ] Let the worker stop by itself, @bob in 30d [mitigate]
- [ ] Alert at 80 % of the connections`;

/** Comments on an issue or a pull request. */
export async function say(world: World, login: Login, number: number, body: string): Promise<void> {
  await world.as(login).issues.createComment({ ...PLACE, issue_number: number, body });
}

/** Opens a pull request whose merge would close an issue, the incident or an action item. */
export async function openFix(
  world: World,
  issue: number,
  branch = "pool-of-connections",
): Promise<{ readonly number: number; readonly headSha: string }> {
  const wendy = world.as("wendy");
  const { data: main } = await wendy.git.getRef({ ...PLACE, ref: "heads/main" });
  await wendy.git.createRef({ ...PLACE, ref: `refs/heads/${branch}`, sha: main.object.sha });
  await wendy.repos.createOrUpdateFileContents({
    ...PLACE,
    branch,
    path: `worker/${branch}.txt`,
    message: "Give the invoice worker a pool of connections",
    content: Buffer.from("connections: 5\n").toString("base64"),
  });
  const { data: pull } = await wendy.pulls.create({
    ...PLACE,
    title: "Give the invoice worker a pool of connections",
    body: `Five are enough, as measured with last month's invoices.\n\nFixes #${issue}`,
    head: branch,
    base: "main",
  });
  return { number: pull.number, headSha: pull.head.sha };
}

/**
 * Merges as wendy, and closes the issue it fixes as completed, which GitHub does by itself and the embedded one does not.
 * Throws when GitHub refuses.
 */
export async function merge(world: World, number: number): Promise<boolean> {
  const wendy = world.as("wendy");
  const { data } = await wendy.pulls.merge({ ...PLACE, pull_number: number, merge_method: "merge" });
  const { data: pull } = await wendy.pulls.get({ ...PLACE, pull_number: number });
  const fixed = Number(/\bFixes #(\d+)/.exec(pull.body ?? "")?.[1] ?? 0);
  if (fixed > 0)
    await wendy.issues.update({ ...PLACE, issue_number: fixed, state: "closed", state_reason: "completed" });
  return data.merged;
}

/** Writes what the built-in policy requires in a post-mortem. */
export async function fillPostMortem(world: World, number: number): Promise<void> {
  const { body } = await world.issue(number);
  const filled = (body ?? "")
    .replace(/(## What happened\n)[\s\S]*?(?=\n## )/, `$1\n${WHAT_HAPPENED}\n`)
    .replace(/(## Why it happened\n)[\s\S]*?(?=\n## )/, `$1\n${WHY}\n`)
    .replace(/(## Action items\n)[\s\S]*$/, `$1\n${ACTION_ITEMS}\n`);
  await world.as("bob").issues.update({ ...PLACE, issue_number: number, body: filled });
}

/** Ticks the first open item of a checklist in a comment. `false`: there is none. */
export async function tick(world: World, login: Login, incident: number, item: RegExp): Promise<boolean> {
  const comment = await world.statusComment(incident);
  const line = comment?.body?.split("\n").find((text) => text.trimStart().startsWith("- [ ]") && item.test(text));
  if (comment === null || comment.body === undefined || line === undefined) return false;
  const body = comment.body.replace(line, line.replace("- [ ]", "- [x]"));
  await world.as(login).issues.updateComment({ ...PLACE, comment_id: comment.id, body });
  return true;
}

/** The run of the check that counts for a commit, the latest one; `null`: there is none yet. */
export async function closeGate(world: World, headSha: string) {
  const runs = (await world.checks(headSha)).filter((check) => check.name === CHECK);
  return runs.toSorted((a, b) => Number(b.id) - Number(a.id))[0] ?? null;
}
