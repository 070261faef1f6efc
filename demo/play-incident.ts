import { plainLines, type Sight, type Teller } from "./teller.ts";
import { NotSeenError } from "./until.ts";
import { FULL_NAME, type Login, PLACE, type World } from "./world.ts";

/** What the story leaves behind. */
export interface PlayedIncident {
  readonly incident: number;
  readonly postMortem: number;
  readonly pullRequest: number;
  /** From the label to the status comment, as a person sees it. */
  readonly labelToStatusMs: number;
}

const POLICY = `# Everything else is the built-in default: sevgate validate says whether this is right.
version: 1
severities:
  P0:
    label: sev:P0
    description: Customers cannot use the product
    acknowledge-within: 15m
    update-every: 1h
    post-mortem-within: 3d
    close-requires: { any-of: [post-mortem, runbook-pr] }
  P1:
    label: sev:P1
    description: An important part is broken, there is a way around it
    acknowledge-within: 1h
    close-requires: { any-of: [post-mortem, runbook-pr] }
`;

const CHECK = "sevgate/close-gate";
const WHAT_HAPPENED =
  "From 14:05 to 14:41 UTC every payment failed. The database had no connections left for the checkout.";
const WHY =
  "The new invoice worker opens a connection for each invoice. Nobody had measured it with a month's worth of them.";
const ACTION_ITEMS =
  "- [ ] Give the worker a pool of 5 connections, wendy\n- [ ] Alert at 80 % of the connections, alice";

/** Gives the repository a policy, and waits until Sevgate has read it. */
export async function prepareRepository(world: World): Promise<void> {
  await world.as("maria").repos.createOrUpdateFileContents({
    ...PLACE,
    path: ".github/sevgate.yml",
    message: "Say what an incident is",
    content: Buffer.from(POLICY).toString("base64"),
  });
}

/** Whether Sevgate has looked at the repository: the labels it needs are there. */
export async function isPrepared(world: World): Promise<boolean> {
  const { data } = await world.as("maria").issues.listLabelsForRepo({ ...PLACE, per_page: 100 });
  const names = data.map((label) => label.name);
  return ["sev:P0", "post-mortem", "incident:declared", "incident:resolved"].every((name) => names.includes(name));
}

/** Plays a whole incident: people act over GitHub's API, and what Sevgate does is read there. */
export async function playIncident(world: World, teller: Teller): Promise<PlayedIncident> {
  const { issue: issueOf, status, replies } = world;

  const incident = await teller.does("bob opens “Checkout is down” and labels it sev:P0", async () => {
    const { data } = await world.as("bob").issues.create({
      ...PLACE,
      title: "Checkout is down",
      body: "Since 14:05 UTC every payment fails with a 502. Cards and wallets, in all regions.",
    });
    await world.as("bob").issues.addLabels({ ...PLACE, issue_number: data.number, labels: ["sev:P0"] });
    return data.number;
  });
  const labelToStatusMs = await teller.sees("It is an incident now: a status comment says how it stands", async () =>
    quoting(await status(incident), /nobody has acknowledged|^Responder|^Acknowledge by|^Next update/),
  );
  await teller.sees("The comment holds the checklist for the first minutes", async () =>
    quoting(await status(incident), /^- \[ \]/, 3),
  );
  await teller.sees("The template stands below bob's own words, which are left as they are", async () => {
    const { body } = await issueOf(incident);
    return body?.startsWith("Since 14:05 UTC") === true && body.includes("## Impact") ? {} : null;
  });
  await teller.sees(`A label says the same, so that GitHub's search finds it: ${"`incident:declared`"}`, async () =>
    when(labels(await issueOf(incident)).includes("incident:declared")),
  );

  await teller.does("mallory, a stranger to the repository, comments `/resolve`", () =>
    say(world, "mallory", incident, "/resolve"),
  );
  await teller.sees("Refused, with the reason; nothing else happens", async () => {
    const { state } = await issueOf(incident);
    return state === "open" ? quoting((await replies(incident)).at(-1) ?? null, /needs the right/) : null;
  });

  await teller.does("alice, a maintainer, comments `/ack`", () => say(world, "alice", incident, "/ack"));
  await teller.sees("She is the responder: assigned, and named in the status comment", async () => {
    const { assignees } = await issueOf(incident);
    const assigned = assignees?.some((one) => one.login === "alice") === true;
    return assigned ? quoting(await status(incident), /· acknowledged$|^Responder: alice|^Acknowledged/) : null;
  });

  await teller.does("alice comments `/status the database refuses connections; restarting the invoice worker`", () =>
    say(world, "alice", incident, "/status the database refuses connections; restarting the invoice worker"),
  );
  await teller.sees("The update is on the timeline, and the clock for the next one starts again", async () =>
    quoting(await status(incident), /Update by alice|^Next update/, 2, /Update by alice/),
  );

  await teller.does("bob closes the issue: payments work again", () =>
    world.as("bob").issues.update({ ...PLACE, issue_number: incident, state: "closed", state_reason: "completed" }),
  );
  await teller.sees("Too early: it is open again, and one comment says what is missing", async () => {
    const { state } = await issueOf(incident);
    if (state !== "open") return null;
    return quoting(replyWith(await replies(incident), "I reopened this incident"), /reopened|^- /);
  });

  const pull = await teller.does(`wendy opens a pull request with the fix; it says “Fixes #${incident}”`, () =>
    openFix(world, incident),
  );
  await teller.sees(`The check ${CHECK} fails, and shows the one edit that lets it merge`, async () => {
    const check = await closeGate(world, pull.headSha);
    if (check?.conclusion !== "failure") return null;
    return quoting(`${check.output.title}\n${check.output.summary}`, /too early|→/);
  });
  await teller.sees("The branch requires that check, so GitHub itself refuses the merge for now", async () => {
    try {
      await merge(world, pull.number);
    } catch (error) {
      if (error instanceof Error && /status check/i.test(error.message)) return {};
      throw error;
    }
    throw new NotSeenError("GitHub refuses to merge a pull request whose required check failed");
  });

  await teller.does("alice comments `/postmortem`", () => say(world, "alice", incident, "/postmortem"));
  let postMortem = 0;
  await teller.sees("An issue for it, filled with what is known: severity, people, timeline", async () => {
    const found = (await world.issues()).find((issue) => labels(issue).includes("post-mortem"));
    if (found === undefined || (await status(incident))?.includes(`#${found.number}`) !== true) return null;
    postMortem = found.number;
    return quoting(`#${found.number} ${found.title}\n${found.body}`, /^#\d+ Post-mortem|^Incident:|^Acknowledged:/);
  });

  await teller.does(`bob fills it in: what happened, why, and what will be done (#${postMortem})`, () =>
    fillPostMortem(world, postMortem),
  );
  await teller.sees("Enough to close: the status comment says so, without anybody asking", async () =>
    quoting(await status(incident), /^Closing: ready|is complete/, 2, /^Closing: ready/),
  );
  await teller.sees(`The check of wendy's pull request turns green by itself`, async () => {
    const check = await closeGate(world, pull.headSha);
    return check?.conclusion === "success" ? {} : null;
  });

  await teller.does("alice comments `/resolve payments are back to normal`", () =>
    say(world, "alice", incident, "/resolve payments are back to normal"),
  );
  await teller.sees("The issue is closed as completed; the status comment has the whole story", async () => {
    const { state, state_reason } = await issueOf(incident);
    if (state !== "closed" || state_reason !== "completed") return null;
    return quoting(await status(incident), / · (?:Declared|Acknowl|Update|Closed|Post-m|Resolved)/, 8, /· Closed$/m);
  });
  await teller.sees("Its label: `incident:resolved`", async () => {
    const now = labels(await issueOf(incident)).filter((label) => label.startsWith("incident:"));
    return when(now.length === 1 && now[0] === "incident:resolved");
  });

  await teller.does("wendy merges the fix", async () => {});
  await teller.sees(`${CHECK} is green, and GitHub merges`, async () => {
    if ((await closeGate(world, pull.headSha))?.conclusion !== "success") return null;
    return when(await merge(world, pull.number));
  });

  return { incident, postMortem, pullRequest: pull.number, labelToStatusMs };
}

/** Requires the check on the default branch, as a repository that means it does. */
export async function requireCheck(world: World): Promise<void> {
  await world.as("maria").repos.updateBranchProtection({
    ...PLACE,
    branch: "main",
    required_status_checks: { strict: false, contexts: [CHECK] },
    enforce_admins: false,
    required_pull_request_reviews: null,
    restrictions: null,
  });
}

async function say(world: World, login: Login, number: number, body: string): Promise<void> {
  await world.as(login).issues.createComment({ ...PLACE, issue_number: number, body });
}

/** Opens a pull request whose merge would close the incident. */
export async function openFix(
  world: World,
  incident: number,
): Promise<{ readonly number: number; readonly headSha: string }> {
  const wendy = world.as("wendy");
  const { data: main } = await wendy.git.getRef({ ...PLACE, ref: "heads/main" });
  await wendy.git.createRef({ ...PLACE, ref: "refs/heads/pool-of-connections", sha: main.object.sha });
  await wendy.repos.createOrUpdateFileContents({
    ...PLACE,
    branch: "pool-of-connections",
    path: "worker/pool.txt",
    message: "Give the invoice worker a pool of connections",
    content: Buffer.from("connections: 5\n").toString("base64"),
  });
  const { data: pull } = await wendy.pulls.create({
    ...PLACE,
    title: "Give the invoice worker a pool of connections",
    body: `Five are enough, as measured with last month's invoices.\n\nFixes #${incident}`,
    head: "pool-of-connections",
    base: "main",
  });
  return { number: pull.number, headSha: pull.head.sha };
}

/** Writes what the built-in policy asks of a post-mortem. */
export async function fillPostMortem(world: World, number: number): Promise<void> {
  const { body } = await world.issue(number);
  const filled = (body ?? "")
    .replace(/(## What happened\n)[\s\S]*?(?=\n## )/, `$1\n${WHAT_HAPPENED}\n`)
    .replace(/(## Why it happened\n)[\s\S]*?(?=\n## )/, `$1\n${WHY}\n`)
    .replace(/(## Action items\n)[\s\S]*$/, `$1\n${ACTION_ITEMS}\n`);
  await world.as("bob").issues.update({ ...PLACE, issue_number: number, body: filled });
}

async function merge(world: World, number: number): Promise<boolean> {
  const { data } = await world.as("wendy").pulls.merge({ ...PLACE, pull_number: number, merge_method: "merge" });
  return data.merged;
}

/** The check on a commit; `null`: there is none yet. */
export async function closeGate(world: World, headSha: string) {
  return (await world.checks(headSha)).find((check) => check.name === CHECK) ?? null;
}

function labels(issue: { readonly labels: readonly (string | { readonly name?: string })[] }): readonly string[] {
  return issue.labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
}

function replyWith(bodies: readonly string[], words: string): string | null {
  return bodies.find((body) => body.includes(words)) ?? null;
}

function when(seen: boolean): Sight | null {
  return seen ? {} : null;
}

/** The lines of a text that match; nothing to see while there are none, or while `needs` does not match any line. */
function quoting(text: string | null, lines: RegExp, max = 4, needs = lines): Sight | null {
  const plain = plainLines((text ?? "").replaceAll(`https://github.com/${FULL_NAME}`, ""));
  if (!plain.some((line) => needs.test(line))) return null;
  return { quote: plain.filter((line) => lines.test(line)).slice(0, max) };
}
