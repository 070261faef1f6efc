import type { KeptMessage } from "../testkit/emulated-slack.ts";
import { CHECK, closeGate, fillPostMortem, merge, openFix, say, tick } from "./deeds.ts";
import { readable } from "./page/render-mrkdwn.ts";
import { REGRESSION } from "./prepare-repository.ts";
import type { RaisedStage } from "./stage.ts";
import { CHANNEL, type Neighbours, type SlackConversation } from "./start-neighbours.ts";
import { plainLines, type Sight, type Teller } from "./teller.ts";
import { NotSeenError } from "./until.ts";
import { FULL_NAME, PLACE } from "./world.ts";

/** Where the story is played, and who tells it. */
export interface Scene extends Pick<RaisedStage, "world" | "neighbours" | "server" | "regression"> {
  readonly teller: Teller;
  /** Called when the incident has come to a point that is worth a look. */
  readonly onMoment?: (moment: Moment, incident: number) => Promise<void>;
}

/** `reopened`: it was closed too early. */
export type Moment = "declared" | "acknowledged" | "reopened" | "closed";

const MINUTE_MS = 60_000;

/** What the story leaves behind. */
export interface PlayedIncident {
  readonly incident: number;
  readonly postMortem: number;
  readonly pullRequest: number;
  /** From the alert to the status comment, as a person sees it. */
  readonly alertToStatusMs: number;
}

/**
 * Plays a whole incident, from the alert to the post-mortem: people act through the APIs of GitHub and Slack, and what
 * Sevgate does is read there.
 */
export async function playIncident(scene: Scene): Promise<PlayedIncident> {
  const { incident, alertToStatusMs } = await itBreaks(scene);
  await scene.onMoment?.("declared", incident);
  await somebodyAnswers(scene, incident);
  await scene.onMoment?.("acknowledged", incident);
  await takeItBack(scene, incident);
  const fix = await tooEarly(scene, incident);
  await scene.onMoment?.("reopened", incident);
  const postMortem = await learnFromIt(scene, incident, fix.headSha);
  await bringItToItsEnd(scene, incident, fix);
  await scene.onMoment?.("closed", incident);
  return { incident, postMortem, pullRequest: fix.number, alertToStatusMs };
}

/** Better Stack → an issue with everything in it → the person on call. */
async function itBreaks({ world, neighbours, teller, server, regression }: Scene) {
  let incident = 0;
  await teller.does("Better Stack finds the checkout down, and posts its webhook to Sevgate", async () => {
    const status = await neighbours.reportOutage(server.url);
    if (status !== 202) throw new NotSeenError(`Sevgate takes the alert (it answered ${status})`);
  });
  await teller.sees("An issue with the severity of the alert: it is an incident", async () => {
    const found = (await world.issues()).find((issue) => labels(issue).includes("sev:P0"));
    if (found === undefined) return null;
    incident = found.number;
    return { quote: [`#${found.number} ${found.title} · ${labels(found).join(", ")}`] };
  });
  const alertToStatusMs = await teller.sees("A status comment says how it stands, and what to do first", async () =>
    quoting(await world.status(incident), /nobody has acknowledged|^(?:- )?(?:Take it|Next|Now)|^- \[ \]/, 4),
  );
  await teller.sees("The runbook that matches is in it, with its steps", async () =>
    quoting(await world.status(incident), /Follow the runbook Checkout fails|^- \[ \] (?:See which|Count|Stop)/),
  );
  await teller.sees(`So is the first suspect: #${regression}, merged after the last version that worked`, async () =>
    quoting(await world.status(incident), new RegExp(`Roll back\\? #${regression}\\b`)),
  );
  await teller.sees("alice is on call: mentioned on the issue, once", async () =>
    quoting(replyWith(await world.replies(incident), "@alice"), /@alice/, 1),
  );
  await teller.sees(`In Slack, ${CHANNEL} has one message, and the thread under it pages her`, async () => {
    const [conversation] = await neighbours.conversations();
    const call = conversation?.replies.find(({ text }) => text.includes(`<@${neighbours.slack.users["alice"]}>`));
    return conversation === undefined || call === undefined
      ? null
      : { quote: [inWords(conversation.root), ...replyInWords(call)] };
  });
  await teller.sees("The first line of the status comment links it", async () =>
    quoting(await world.status(incident), /^(?:- )?Take it: .*press \*Acknowledge\* in/),
  );
  return { incident, alertToStatusMs };
}

/** A stranger is refused; the person on call acknowledges in Slack, follows the runbook, says what is known. */
async function somebodyAnswers({ world, neighbours, teller, server }: Scene, incident: number): Promise<void> {
  await teller.does("mallory, a stranger to the repository, comments `/resolve`", () =>
    say(world, "mallory", incident, "/resolve"),
  );
  await teller.sees("Refused, with the reason; nothing else happens", async () => {
    const { state } = await world.issue(incident);
    return state === "open"
      ? quoting(replyWith(await world.replies(incident), "needs the triage role"), /needs the/)
      : null;
  });

  await teller.does("alice, a maintainer, presses Acknowledge in Slack", async () => {
    const { root } = await onlyConversation(neighbours);
    const status = await neighbours.press(server.url, "alice", root, "Acknowledge");
    if (status !== 200) throw new NotSeenError(`Sevgate takes the press (it answered ${status})`);
  });
  await teller.sees("By her rights on GitHub she is the responder, and the status comment says so", async () =>
    quoting(await world.status(incident), /· alice has it$|^(?:- )?Responder: alice/, 3, /Responder: alice/),
  );
  await teller.sees("The message in Slack shows it, and so does its thread", async () => {
    const { root, replies } = await onlyConversation(neighbours);
    const told = replies.find(({ text }) => /Acknowledged by alice/.test(inWords({ text })));
    return told !== undefined && /acknowledged · alice/.test(inWords(root))
      ? { quote: [inWords(root), ...replyInWords(told)] }
      : null;
  });
  await teller.sees("Better Stack has it as acknowledged too, and pages nobody else", async () => {
    const { acknowledged_at, acknowledged_by } = neighbours.outage();
    return acknowledged_at === null ? null : { quote: [`acknowledged by ${acknowledged_by}`] };
  });

  await teller.does("alice follows the runbook, and ticks its second step: the connections are used up", () =>
    tick(world, "alice", incident, /Count the connections/),
  );
  await teller.sees("The tick stays", async () => quoting(await world.status(incident), /^- \[x\] Count/));
  await teller.does("alice comments `/status the invoice worker holds all connections of the database`", () =>
    say(world, "alice", incident, "/status the invoice worker holds all connections of the database"),
  );
  await teller.sees("It is what is known now, and the clock for the next update starts again", async () =>
    quoting(await world.status(incident), /^(?:- )?(?:Now|Next)\b/, 2, /^(?:- )?Now \(.*invoice worker/),
  );
}

/** Back to the last known good version. */
async function takeItBack({ world, neighbours, teller, regression }: Scene, incident: number): Promise<void> {
  let revert = 0;
  await teller.does(`wendy reverts what was merged last: \`/revert #${regression} it uses up all connections\``, () =>
    say(world, "wendy", incident, `/revert #${regression} it uses up all connections`),
  );
  await teller.sees(`A pull request is open that reverts “${REGRESSION.title}”`, async () => {
    const found = (await world.pullRequests()).find(({ title }) => title.startsWith("Revert "));
    if (found === undefined) return null;
    revert = found.number;
    return quoting(`#${found.number} ${found.title}\n${found.body}`, /^#\d+ Revert|Refs/);
  });
  await teller.sees("It is on the timeline, and in the thread in Slack", async () => {
    const { replies } = await onlyConversation(neighbours);
    if (!replies.some((reply) => inWords(reply).includes(`#${revert}`))) return null;
    return quoting(await world.status(incident), new RegExp(`· .*#${revert}\\b`), 1);
  });
  await teller.does("wendy merges it: it closes nothing, so the check lets it through", async () => {});
  await teller.sees("The version that worked is back", async () => {
    const pull = (await world.pullRequests()).find(({ number }) => number === revert);
    if (pull === undefined || (await closeGate(world, pull.head.sha))?.conclusion !== "success") return null;
    return when(await merge(world, revert));
  });
}

/** No post-mortem yet: neither a person nor a pull request may close it. */
async function tooEarly({ world, teller }: Scene, incident: number) {
  await teller.does("bob closes the issue: payments work again", () =>
    world.as("bob").issues.update({ ...PLACE, issue_number: incident, state: "closed", state_reason: "completed" }),
  );
  await teller.sees("Too early: it is open again, and one comment says what is missing", async () => {
    const { state } = await world.issue(incident);
    if (state !== "open") return null;
    return quoting(replyWith(await world.replies(incident), "Reopened. It needs"), /Reopened|^- /);
  });

  const fix = await teller.does(`wendy opens a pull request with a real fix; it says “Fixes #${incident}”`, () =>
    openFix(world, incident),
  );
  await teller.sees(`The check ${CHECK} fails, and shows the one edit that lets it merge`, async () => {
    const check = await closeGate(world, fix.headSha);
    if (check?.conclusion !== "failure") return null;
    return quoting(`${check.output.title}\n${check.output.summary}`, /too early|→/);
  });
  await teller.sees("The branch requires that check, so GitHub itself refuses the merge for now", async () => {
    try {
      await merge(world, fix.number);
    } catch (error) {
      if (error instanceof Error && /status check/i.test(error.message)) return {};
      throw error;
    }
    throw new NotSeenError("GitHub refuses to merge a pull request whose required check failed");
  });
  return fix;
}

/** The post-mortem: drafted from what is known, linked in the thread, filled in by people, judged by its words. */
async function learnFromIt({ world, neighbours, teller }: Scene, incident: number, headSha: string): Promise<number> {
  let postMortem = 0;
  await teller.does("alice comments `/postmortem`", () => say(world, "alice", incident, "/postmortem"));
  await teller.sees("An issue for it, filled with what is known: severity, people, timeline", async () => {
    const found = (await world.issues()).find((issue) => labels(issue).includes("post-mortem"));
    if (found === undefined || (await world.status(incident))?.includes(`#${found.number}`) !== true) return null;
    postMortem = found.number;
    return quoting(`#${found.number} ${found.title}\n${found.body}`, /^#\d+ Post-mortem|^Incident:|^Acknowledged:/);
  });
  await teller.sees(`It is linked in the thread in ${CHANNEL}`, async () => {
    const { replies } = await onlyConversation(neighbours);
    const told = replies.find(({ text }) => /Post-mortem/.test(text) && text.includes(`/issues/${postMortem}|`));
    return told === undefined ? null : { quote: replyInWords(told) };
  });

  await teller.does(`bob fills it in: what happened, why, and what will be done (#${postMortem})`, () =>
    fillPostMortem(world, postMortem),
  );
  await teller.sees("That is enough to close, and the status comment says so", async () =>
    quoting(await world.status(incident), /^It can close|is complete/, 2, /^It can close/),
  );
  await teller.sees("The check of wendy's fix turns green by itself", async () => {
    const check = await closeGate(world, headSha);
    return check?.conclusion === "success" ? {} : null;
  });
  return postMortem;
}

async function bringItToItsEnd(
  { world, neighbours, teller }: Scene,
  incident: number,
  fix: { readonly number: number; readonly headSha: string },
): Promise<void> {
  await teller.does("alice comments `/resolve payments are back to normal`", () =>
    say(world, "alice", incident, "/resolve payments are back to normal"),
  );
  await teller.sees("The issue is closed as completed; the status comment has the whole story", async () => {
    const { state, state_reason } = await world.issue(incident);
    if (state !== "closed" || state_reason !== "completed") return null;
    return quoting(await world.status(incident), /^- (?:\d{4}-\d\d-\d\d )?\d\d:\d\d (?:UTC )?· /, 14, /· Closed$/m);
  });
  await teller.sees("Its label: `incident:resolved`", async () => {
    const now = labels(await world.issue(incident)).filter((label) => label.startsWith("incident:"));
    return when(now.length === 1 && now[0] === "incident:resolved");
  });
  await teller.sees("The message in Slack shows it, and Better Stack has it resolved", async () => {
    const { root } = await onlyConversation(neighbours);
    return neighbours.outage().resolved_at !== null && /closed|resolved/.test(inWords(root))
      ? { quote: [inWords(root)] }
      : null;
  });

  await teller.does("wendy merges the fix", async () => {});
  await teller.sees(`${CHECK} is green, and GitHub merges`, async () => {
    if ((await closeGate(world, fix.headSha))?.conclusion !== "success") return null;
    return when(await merge(world, fix.number));
  });
}

/** What was promised in the post-mortem: items, what became of them, what is left, and the numbers. */
export async function keepThePromises(
  { world, teller }: Pick<Scene, "world" | "teller">,
  { incident, postMortem }: Pick<PlayedIncident, "incident" | "postMortem">,
  report: () => Promise<string>,
): Promise<void> {
  const begun = new Date(Date.now() - 12 * MINUTE_MS).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
  await teller.does(`alice puts a time right: \`/time started ${begun} by the graph of payments\``, () =>
    say(world, "alice", incident, `/time started ${begun} by the graph of payments`),
  );
  await teller.sees("It is in the details, with who said so", async () =>
    quoting(await world.status(incident), /^(?:- )?Started:/, 1),
  );

  let items: readonly number[] = [];
  await teller.does("alice comments `/items` on the incident", () => say(world, "alice", incident, "/items"));
  await teller.sees(`Each action item of #${postMortem} is an issue of its own, and its line names it`, async () => {
    const { body } = await world.issue(postMortem);
    const lines = plainLines(body ?? "").filter((line) => /^- \[ \] #\d+/.test(line));
    items = lines.map((line) => Number(/#(\d+)/.exec(line)?.[1] ?? 0));
    return lines.length < 3 ? null : { quote: lines };
  });
  const [first = 0, second = 0] = items;

  const done = await teller.does(`wendy opens a pull request that says “Fixes #${first}”`, () =>
    openFix(world, first, "connections-of-the-worker"),
  );
  await teller.sees("It closes no incident, so the check lets it through: merged, the item is closed", async () => {
    if ((await closeGate(world, done.headSha))?.conclusion !== "success") return null;
    return when(await merge(world, done.number));
  });
  await teller.sees("Its line is ticked by itself", async () =>
    quoting((await world.issue(postMortem)).body ?? null, new RegExp(`^- \\[x\\] #${first}\\b`)),
  );
  const drop = `/drop #${second} the pool makes it needless`;
  await teller.does(`alice gives one up, with the reason: \`${drop}\``, () => say(world, "alice", incident, drop));
  await teller.sees("It is closed as not planned, and the timeline of the incident says why", async () => {
    const { state, state_reason } = await world.issue(second);
    if (state !== "closed" || state_reason !== "not_planned") return null;
    return quoting(await world.status(incident), /·.*the pool makes it needless/, 1);
  });
  await teller.sees("What is left is in one issue that is edited, never repeated", async () => {
    const found = (await world.issues()).find(({ title }) => title === "Incident follow-ups");
    return found === undefined
      ? null
      : quoting(`#${found.number} ${found.title}\n${found.body}`, /^#\d+ |^- .*Alert/, 3);
  });

  await teller.does("wendy runs `sevgate report` to see how long it took", async () => {});
  await teller.sees("The times of this incident; one that is still open would count as not yet", async () => {
    const rows = (await report()).split("\n").filter((line) => line.startsWith("| Time to "));
    const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
    return rows.length === 0 ? null : { quote: cells.map(([, measure, , , , half]) => `${measure}: ${half}`) };
  });
}

async function onlyConversation(neighbours: Neighbours): Promise<SlackConversation> {
  const [conversation, ...more] = await neighbours.conversations();
  if (conversation === undefined || more.length > 0) {
    throw new NotSeenError(`one message in ${CHANNEL} (there are ${more.length + (conversation ? 1 : 0)})`);
  }
  return conversation;
}

function replyInWords(reply: KeptMessage): readonly string[] {
  return inWords(reply)
    .split("\n")
    .map((line) => `↳ ${line}`);
}

/** The line of a message that notifications show, without Slack's markup. */
function inWords({ text }: Pick<KeptMessage, "text">): string {
  return readable(text.replace(/<[^|>]+\|([^>]*)>/g, "$1"));
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
