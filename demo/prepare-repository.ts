import type { EmulatedSlack } from "../testkit/emulated-slack.ts";
import { CHECK, merge } from "./deeds.ts";
import { PLACE, type World } from "./world.ts";

const SEVERITIES = `# Everything else is the built-in default: sevgate validate says whether this is right.
version: 1
severities:
  P0:
    label: sev:P0
    description: Customers cannot use the product
    acknowledge-within: 15m
    update-every: 1h
    post-mortem-within: 3d
    action-items-within: 7d
    close-requires: { any-of: [post-mortem, runbook-pr] }`;
const P1 = `
  P1:
    label: sev:P1
    description: An important part is broken, there is a way around it
    acknowledge-within: 1h
    close-requires: { any-of: [post-mortem, runbook-pr] }
`;
const POLICY = `${SEVERITIES}${P1}`;
/** In addition: the latest change is the first suspect, alerts come in, and incidents go to the demo's Slack channel. */
const POLICY_WITH_RESPONSE = `${SEVERITIES}
    regressions: revert${P1}slack:
  channel: "#alert"
alerts:
  endpoints:
    prod: { severity: P0 }
`;

const RUNBOOK = `---
title: Checkout fails
owner: payments
reviewed: 2026-10-01
services: [checkout]
---
# Checkout fails

1. See which calls fail: the payment provider's, or ours?
2. Count the connections of the database: \`select count(*) from pg_stat_activity\`.
3. Stop the invoice worker when it holds most of them.
`;

/** The pull request that will turn out to be the cause. */
export const REGRESSION = {
  title: "Give each invoice a connection of its own",
  branch: "connection-for-each-invoice",
  path: "worker/invoices.txt",
} as const;
/** The last version that worked. */
export const GOOD_VERSION = "v1.4.2";

/** Gives the repository a policy, and nothing else. */
export async function prepareRepository(world: World): Promise<void> {
  await writeFile(world, ".github/sevgate.yml", POLICY, "Say what an incident is");
}

/**
 * Gives the repository what a whole response needs: a policy, who is on call (alice, then bob), a runbook, a release,
 * and wendy's pull request that was merged after it.
 *
 * @returns the number of that pull request
 */
export async function prepareResponse(world: World, { users }: Pick<EmulatedSlack, "users">): Promise<number> {
  const onCall = `version: 1
zone: Etc/UTC
people:
  alice: { slack: ${users["alice"]}, email: alice@shop.example }
  bob: { slack: ${users["bob"]} }
rotations:
  week: { start: 2026-01-05, handoff: "09:00", shift: 1w, members: [alice] }
  backup: { start: 2026-01-05, handoff: "09:00", shift: 1w, members: [bob] }
roles:
  primary: { layers: [week] }
  secondary: { layers: [backup] }
escalation:
  P0: { steps: [{ after: 0m, notify: [primary] }, { after: 15m, notify: [secondary] }] }
`;
  await writeFile(world, ".github/sevgate/on-call.yml", onCall, "Say who is on call");
  await writeFile(world, "runbooks/checkout.md", RUNBOOK, "Write down what to do when the checkout fails");
  await writeFile(world, ".github/sevgate.yml", POLICY_WITH_RESPONSE, "Say what an incident is");
  await world.as("maria").repos.createRelease({ ...PLACE, tag_name: GOOD_VERSION, name: GOOD_VERSION });
  return await mergeRegression(world);
}

/** Whether Sevgate has looked at the repository: then the labels it needs are there. */
export async function isPrepared(world: World): Promise<boolean> {
  const { data } = await world.as("maria").issues.listLabelsForRepo({ ...PLACE, per_page: 100 });
  const names = data.map((label) => label.name);
  return ["sev:P0", "sev:P1"].every((name) => names.includes(name));
}

/** Requires the check on the default branch, as a repository that is serious about it would. */
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

async function mergeRegression(world: World): Promise<number> {
  const wendy = world.as("wendy");
  const { data: main } = await wendy.git.getRef({ ...PLACE, ref: "heads/main" });
  await wendy.git.createRef({ ...PLACE, ref: `refs/heads/${REGRESSION.branch}`, sha: main.object.sha });
  await writeFile(world, REGRESSION.path, "connections: one for each invoice\n", REGRESSION.title, REGRESSION.branch);
  const { data: pull } = await wendy.pulls.create({
    ...PLACE,
    title: REGRESSION.title,
    body: "The worker waits for nobody any more.",
    head: REGRESSION.branch,
    base: "main",
  });
  await merge(world, pull.number);
  return pull.number;
}

async function writeFile(world: World, path: string, text: string, message: string, branch = "main"): Promise<void> {
  const content = Buffer.from(text).toString("base64");
  await world.as("maria").repos.createOrUpdateFileContents({ ...PLACE, path, message, content, branch });
}
