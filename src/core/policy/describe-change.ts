import { COMMANDS, COMMANDS_OF_LISTED_APPS, RESTRICTED_COMMANDS } from "../commands/registry.ts";
import type { Millis } from "../model.ts";
import { labelKey } from "../names.ts";
import {
  type BotGrant,
  GRANTABLE_PERMISSIONS,
  type Grant,
  type GrantablePermission,
  type Policy,
  REQUIREMENTS,
  type Requirement,
  type Requires,
  type Severity,
} from "./policy.ts";
import { showDuration } from "./show-duration.ts";
import { showChoice, showValue } from "./show-value.ts";

/** One thing that changes, in words, and what it does to the gate. */
export interface PolicyChange {
  readonly effect: "relaxes" | "tightens" | "both" | "neither";
  /** A sentence of plain text without a full stop. Values from the policy are quoted and short. */
  readonly text: string;
}

const EFFECTS_BY_WEIGHT = ["relaxes", "both", "tightens", "neither"] as const;
const EFFECT_WORDS = {
  relaxes: ": the gate is relaxed",
  both: ": the gate is relaxed in one way and tightened in another",
  tightens: ": the gate is tightened",
  neither: "",
} as const;

/** Says in words what changes, most important first. Empty: nothing changes in effect. */
export function describePolicyChange(before: Policy, after: Policy): readonly string[] {
  return policyChanges(before, after).map(({ text }) => text);
}

/** What changes: what relaxes the gate first, then what tightens it, then the rest, each in the order of the file. */
export function policyChanges(before: Policy, after: Policy): readonly PolicyChange[] {
  const changes = [
    ...runsInChange(before["runs-in"], after["runs-in"]),
    ...severitiesChanges(before.severities, after.severities),
    ...postMortemChanges(before["post-mortem"], after["post-mortem"]),
    ...actionItemChanges(before["action-items"], after["action-items"]),
    ...runbookChanges(before.runbooks, after.runbooks),
    ...closingChanges(before.closing, after.closing),
    ...keyTimesChanges(before, after),
    ...listChanges(before["contributing-factors"], after["contributing-factors"], {
      added: (factors) => change("neither", `Post-mortems now also ask about ${factors}`),
      removed: (factors) => change("neither", `Post-mortems no longer ask about ${factors}`),
    }),
    ...waiveChanges(before.waive, after.waive),
    ...commandChanges(before.commands, after.commands),
    ...alertChanges(before.alerts, after.alerts),
    ...checkChanges(before["pull-requests"].check, after["pull-requests"].check),
    ...pagingChanges(before.paging, after.paging),
    ...followUpsChanges(before["follow-ups"], after["follow-ups"]),
    ...drillChange(before.drills.label, after.drills.label),
    ...reportChange(before.report.every, after.report.every),
    ...(before["issue-type"] === after["issue-type"] ? [] : [change("neither", typeInWords(after["issue-type"]))]),
    ...(before.recall === after.recall
      ? []
      : [change("neither", `New incidents ${after.recall ? "name" : "no longer name"} similar ones of the past`)]),
    ...slackChange(before.slack.channel, after.slack.channel),
    ...listChanges(before["evidence-for"], after["evidence-for"], {
      added: (places) =>
        change("neither", `Incidents of ${places} may have their post-mortem here, and show whether it is complete`),
      removed: (places) => change("neither", `Incidents of ${places} may no longer have their post-mortem here`),
    }),
    ...listChanges(before.roles, after.roles, {
      added: (roles) => change("neither", `/assign now also knows ${roles}`),
      removed: (roles) => change("neither", `/assign no longer knows ${roles}`),
    }),
  ];
  return EFFECTS_BY_WEIGHT.flatMap((effect) => changes.filter((one) => one.effect === effect));
}

function change(effect: PolicyChange["effect"], text: string): PolicyChange {
  return { effect, text: `${text}${EFFECT_WORDS[effect]}` };
}

const RUNS_IN_CHANGES = {
  action:
    "The GitHub Action of this repository runs it, and the server does nothing here any more. Before merging, its workflow has to be on the default branch",
  server:
    "The server runs this repository, and its GitHub Action does nothing any more. Before merging, the server's app has to be installed here",
} as const;

function* runsInChange(was: Policy["runs-in"], is: Policy["runs-in"]): Iterable<PolicyChange> {
  if (was === is) return;
  yield change("neither", RUNS_IN_CHANGES[is]);
  yield change(
    "neither",
    "Checks come from another app then: a ruleset that names the source of sevgate/close-gate has to name the new one",
  );
}

function actionItemChanges(was: Policy["action-items"], is: Policy["action-items"]): readonly PolicyChange[] {
  const changes: PolicyChange[] = [];
  if (was.label !== is.label)
    changes.push(
      change("neither", `Action items are filed with the label ${showValue(is.label)}, was ${showValue(was.label)}`),
    );
  if (was.section !== is.section)
    changes.push(
      change("neither", `Action items are below the heading ${showValue(is.section)}, was ${showValue(was.section)}`),
    );
  if (was["target-date"] !== is["target-date"]) {
    const does = is["target-date"] ? "now counts" : "no longer counts";
    changes.push(change("neither", `GitHub's field Target date ${does} as the day an action item is due`));
  }
  return changes;
}

function drillChange(was: string, is: string): readonly PolicyChange[] {
  return was === is
    ? []
    : [change("neither", `The label that makes an incident a drill is now ${showValue(is)}, was ${showValue(was)}`)];
}

function reportChange(was: Policy["report"]["every"], is: Policy["report"]["every"]): readonly PolicyChange[] {
  if (was === is) return [];
  return [
    change(
      "neither",
      is === "off"
        ? "No issue with the numbers of a period is opened any more"
        : `An issue with its numbers follows each ${is}`,
    ),
  ];
}

const FOLLOW_UPS_CHECK_WORDS = {
  off: "on no pull request",
  neutral: "where a pull request touches files of an open action item, and holds nothing",
  required: "on every pull request, and fails for late action items",
} as const;

function* followUpsChanges(was: Policy["follow-ups"], is: Policy["follow-ups"]): Iterable<PolicyChange> {
  if (was.issue !== is.issue) {
    yield change(
      "neither",
      is.issue
        ? "One issue lists what is late after incidents"
        : "No issue lists any more what is late after incidents",
    );
  }
  if (was.label !== is.label) {
    yield change(
      "neither",
      `The label of the follow-ups issue is now ${showValue(is.label)}, was ${showValue(was.label)}`,
    );
  }
  if (was.check !== is.check) {
    yield change(
      "neither",
      `The check sevgate/follow-ups is posted ${FOLLOW_UPS_CHECK_WORDS[is.check]}; before, ${FOLLOW_UPS_CHECK_WORDS[was.check]}`,
    );
  }
  if (was.labels !== is.labels) {
    yield change(
      "neither",
      is.labels
        ? "Incidents get the labels slo:missed and slo:near-miss"
        : "Incidents no longer get the labels slo:missed and slo:near-miss",
    );
  }
}

function typeInWords(type: string | null): string {
  return type === null
    ? "Incidents no longer get an issue type"
    : `Incidents now get the issue type ${showValue(type)}`;
}

function slackChange(was: string, is: string): readonly PolicyChange[] {
  return was === is
    ? []
    : [change("neither", `Incidents are announced in ${showValue(is)}, no longer in ${showValue(was)}`)];
}

function* severitiesChanges(before: readonly Severity[], after: readonly Severity[]): Iterable<PolicyChange> {
  const pairs = pairSeverities(before, after);
  for (const { was, is } of pairs) {
    if (was === null) {
      const needs = showCondition(is!["close-requires"]);
      yield change("tightens", `${is!.name} is new: issues labeled ${showValue(is!.label)} need ${needs} to close`);
    } else if (is === null) {
      yield change(
        "relaxes",
        `${was.name} is removed: issues labeled ${showValue(was.label)} are no longer declared as incidents`,
      );
    } else {
      yield* severityChanges(was, is);
    }
  }
  const kept = pairs.flatMap(({ was, is }) => (was !== null && is !== null ? [{ was, is }] : []));
  const orderBefore = before.filter((severity) => kept.some(({ was }) => was === severity));
  const orderNow = after.flatMap((severity) => kept.filter(({ is }) => is === severity).map(({ was }) => was));
  if (orderBefore.some((severity, index) => severity !== orderNow[index])) {
    yield change("neither", `Severities, most severe first, are now ${after.map(({ name }) => name).join(", ")}`);
  }
}

/** The same severity before and after: by name, or else by label (it was given another name). */
export function pairSeverities(
  before: readonly Severity[],
  after: readonly Severity[],
): readonly { readonly was: Severity | null; readonly is: Severity | null }[] {
  const unclaimed = new Set(after);
  const claim = (matches: (severity: Severity) => boolean) => {
    const found = [...unclaimed].find(matches) ?? null;
    if (found !== null) unclaimed.delete(found);
    return found;
  };
  const byName = new Map(before.map((was) => [was, claim(({ name }) => name === was.name)]));
  const pairs = before.map((was) => ({
    was,
    is: byName.get(was) ?? claim(({ label }) => labelKey(label) === labelKey(was.label)),
  }));
  return [...pairs, ...[...unclaimed].map((is) => ({ was: null, is }))];
}

function* severityChanges(was: Severity, is: Severity): Iterable<PolicyChange> {
  if (was.name !== is.name) yield change("neither", `${was.name} is now called ${is.name}`);
  yield* conditionChanges(is.name, was["close-requires"], is["close-requires"]);
  yield* deadlineChanges(is.name, "acknowledge within", was["acknowledge-within"], is["acknowledge-within"]);
  yield* deadlineChanges(is.name, "update every", was["update-every"], is["update-every"]);
  yield* deadlineChanges(is.name, "post-mortem within", was["post-mortem-within"], is["post-mortem-within"]);
  yield* deadlineChanges(is.name, "action items within", was["action-items-within"], is["action-items-within"]);
  if (was.regressions !== is.regressions) {
    yield change(
      "neither",
      `${is.name}: the checklist ${is.regressions === null ? "no longer asks" : "asks"} for reverts first`,
    );
  }
  if (was.label !== is.label) {
    yield change("neither", `${is.name}: the label is now ${showValue(is.label)}, was ${showValue(was.label)}`);
  }
  if (was.description !== is.description) {
    yield change("neither", `${is.name}: the description is now ${showValue(is.description)}`);
  }
  yield* listChanges(was.examples, is.examples, {
    added: (examples) => change("neither", `${is.name}: the examples now include ${examples}`),
    removed: (examples) => change("neither", `${is.name}: the examples no longer include ${examples}`),
  });
}

function* deadlineChanges(
  severity: string,
  what: string,
  was: Millis | null,
  is: Millis | null,
): Iterable<PolicyChange> {
  if (was === is) return;
  const old = was === null ? "no deadline" : showDuration(was);
  yield is === null
    ? change("neither", `${severity}: no deadline any more for "${what}", was ${old}`)
    : change("neither", `${severity}: ${what} ${showDuration(is)}, was ${old}`);
}

function* conditionChanges(severity: string, was: Requires, is: Requires): Iterable<PolicyChange> {
  const relaxed = EVIDENCE.some((evidence) => !isMet(was, evidence) && isMet(is, evidence));
  const tightened = EVIDENCE.some((evidence) => isMet(was, evidence) && !isMet(is, evidence));
  if (!relaxed && !tightened) return;

  const dropped = REQUIREMENTS.filter((name) => isAlwaysNeeded(was, name) && !isAlwaysNeeded(is, name));
  const gained = REQUIREMENTS.filter((name) => !isAlwaysNeeded(was, name) && isAlwaysNeeded(is, name));
  if (relaxed && !tightened && dropped.length > 0) {
    const without = showChoice(dropped.map((name) => REQUIREMENT_WORDS[name]));
    yield change("relaxes", `${severity} can now be closed without ${without}`);
  } else if (tightened && !relaxed && gained.length > 0) {
    const without = showChoice(gained.map((name) => REQUIREMENT_WORDS[name]));
    yield change("tightens", `${severity} can no longer be closed without ${without}`);
  } else {
    const effect = relaxed && tightened ? "both" : relaxed ? "relaxes" : "tightens";
    yield change(effect, `${severity} now needs ${showCondition(is)} to close, was ${showCondition(was)}`);
  }
}

const REQUIREMENT_WORDS = {
  acknowledged: "an acknowledgment",
  "post-mortem": "a post-mortem",
  "runbook-pr": "a runbook pull request",
  "fix-merged": "a merged fix",
  "action-items-filed": "filed action items",
  "key-times": "its key times",
} as const satisfies Record<Requirement, string>;

/** Every combination of evidence: two conditions are the same if they agree on all 64. */
const EVIDENCE: readonly ReadonlySet<Requirement>[] = Array.from(
  { length: 2 ** REQUIREMENTS.length },
  (_, bits) => new Set(REQUIREMENTS.filter((_name, index) => (bits >> index) & 1)),
);

function isMet(condition: Requires, evidence: ReadonlySet<Requirement>): boolean {
  if (condition.kind === "requirement") return evidence.has(condition.name);
  const members = condition.of;
  return condition.kind === "any-of"
    ? members.some((member) => isMet(member, evidence))
    : members.every((member) => isMet(member, evidence));
}

function isAlwaysNeeded(condition: Requires, name: Requirement): boolean {
  return !EVIDENCE.some((evidence) => !evidence.has(name) && isMet(condition, evidence));
}

/** A condition in words: `a post-mortem or a runbook pull request`; groups within groups in brackets. */
export function showCondition(condition: Requires): string {
  if (condition.kind === "requirement") return REQUIREMENT_WORDS[condition.name];
  if (condition.of.length === 0) return "nothing";
  const members = condition.of.map((member) =>
    member.kind === "requirement" || member.of.length < 2 ? showCondition(member) : `(${showCondition(member)})`,
  );
  return showChoice(members, condition.kind === "any-of" ? "or" : "and");
}

function* postMortemChanges(was: Policy["post-mortem"], is: Policy["post-mortem"]): Iterable<PolicyChange> {
  yield* listChanges(was["required-sections"], is["required-sections"], {
    added: (sections) => change("tightens", `A post-mortem now also needs ${sections} filled in`),
    removed: (sections) => change("relaxes", `A post-mortem no longer needs ${sections} filled in`),
  });
  if (was["action-items"] !== is["action-items"]) {
    yield change(
      is["action-items"] < was["action-items"] ? "relaxes" : "tightens",
      `A post-mortem needs ${is["action-items"]} action items at least, was ${was["action-items"]}`,
    );
  }
  const [reviewedWas, reviewed] = [was["reviewed-by"], is["reviewed-by"]];
  if (reviewedWas !== reviewed) {
    yield change(
      reviewed < reviewedWas ? "relaxes" : "tightens",
      `A post-mortem counts ${whenAccepted(reviewed)}, was ${whenAccepted(reviewedWas)}`,
    );
  }
  if (was.label !== is.label) {
    yield change("neither", `The post-mortem label is now ${showValue(is.label)}, was ${showValue(was.label)}`);
  }
  if (was.repository.toLowerCase() !== is.repository.toLowerCase()) {
    yield change(
      "neither",
      `Post-mortems live in ${showRepository(is.repository)}, was ${showRepository(was.repository)}${
        is.repository === "same" ? "" : "; if that is private, its own policy has to name this one under evidence-for"
      }`,
    );
  }
}

function showRepository(repository: string): string {
  return repository === "same" ? "the incident's own repository" : showValue(repository);
}

function* runbookChanges(was: Policy["runbooks"], is: Policy["runbooks"]): Iterable<PolicyChange> {
  const added = is.paths.filter((path) => !was.paths.includes(path));
  const removed = was.paths.filter((path) => !is.paths.includes(path));
  if (added.length > 0) yield change("relaxes", `Files under ${showValues(added)} now count as runbooks`);
  if (removed.length > 0) yield change("tightens", `Files under ${showValues(removed)} no longer count as runbooks`);
  if (was["pull-request"] !== is["pull-request"]) {
    yield is["pull-request"] === "open"
      ? change("relaxes", "A runbook pull request counts as soon as it is open, was once it is merged")
      : change("tightens", "A runbook pull request counts once it is merged, was as soon as it is open");
  }
}

function* closingChanges(was: Policy["closing"], is: Policy["closing"]): Iterable<PolicyChange> {
  if (was["not-planned"] !== is["not-planned"]) {
    yield is["not-planned"] === "cancels"
      ? change("relaxes", "Closing as not planned now cancels the incident, without what it needs to close")
      : change("tightens", "Closing as not planned now needs the same as any other close");
  }
  if (was.duplicate !== is.duplicate) {
    yield is.duplicate === "allowed"
      ? change("relaxes", "Closing as duplicate now needs nothing")
      : change("tightens", "Closing as duplicate now needs the same as any other close");
  }
  if (was["max-reopens-per-day"] !== is["max-reopens-per-day"]) {
    yield change(
      is["max-reopens-per-day"] < was["max-reopens-per-day"] ? "relaxes" : "tightens",
      `An issue is reopened at most ${is["max-reopens-per-day"]} times in 24 hours, was ${was["max-reopens-per-day"]}`,
    );
  }
  if (was.grace !== is.grace) {
    yield change(
      is.grace > was.grace ? "relaxes" : "tightens",
      `An issue closed too early is reopened ${showGrace(is.grace)}, was ${showGrace(was.grace)}`,
    );
  }
}

/** Which times are asked for is part of the gate as far as a severity asks for them. */
function keyTimesChanges(before: Policy, after: Policy): Iterable<PolicyChange> {
  const isAsked = ({ severities }: Policy) => severities.some((one) => asksForTimes(one["close-requires"]));
  return listChanges(before["key-times"], after["key-times"], {
    added: (times) => change(isAsked(after) ? "tightens" : "neither", `Key times now also include ${times}`),
    removed: (times) => change(isAsked(before) ? "relaxes" : "neither", `Key times no longer include ${times}`),
  });
}

function asksForTimes(condition: Requires): boolean {
  return condition.kind === "requirement" ? condition.name === "key-times" : condition.of.some(asksForTimes);
}

function* waiveChanges(was: Policy["waive"], is: Policy["waive"]): Iterable<PolicyChange> {
  if (was.approvals === is.approvals) return;
  yield change(
    is.approvals < was.approvals ? "relaxes" : "tightens",
    `A waiver counts ${whenAccepted(is.approvals)}, was ${whenAccepted(was.approvals)}`,
  );
}

function whenAccepted(people: number): string {
  if (people === 0) return "without anybody's /accept";
  return people === 1 ? "once 1 other person accepts it" : `once ${people} other people accept it`;
}

function showGrace(grace: Millis): string {
  return grace === 0 ? "at once" : `after ${showDuration(grace)}`;
}

/** What closes an incident without evidence, and what lets either count: who may use them is part of the gate. */
const GATE_COMMANDS: ReadonlySet<string> = new Set(["accept", "cancel", "waive"]);

function* commandChanges(was: Policy["commands"], is: Policy["commands"]): Iterable<PolicyChange> {
  const changed = new Map<string, { from: GrantablePermission; to: GrantablePermission; commands: string[] }>();
  for (const command of RESTRICTED_COMMANDS) {
    const from = was.permission[command] ?? was.permission.default;
    const to = is.permission[command] ?? is.permission.default;
    if (from === to) continue;
    const gate = GATE_COMMANDS.has(command);
    const group = changed.get(`${from} ${to} ${gate}`) ?? { from, to, commands: [] };
    group.commands.push(`/${command}`);
    changed.set(`${from} ${to} ${gate}`, group);
  }
  for (const { from, to, commands } of changed.values()) {
    const lower = GRANTABLE_PERMISSIONS.indexOf(to) < GRANTABLE_PERMISSIONS.indexOf(from);
    const gate = commands.some((one) => GATE_COMMANDS.has(one.slice(1)));
    const verb = commands.length === 1 ? "needs" : "need";
    yield change(
      gate ? (lower ? "relaxes" : "tightens") : "neither",
      `${showChoice(commands, "and")} now ${verb} ${to}, was ${from}, so ${lower ? "more" : "fewer"} people may use ${commands.length === 1 ? "it" : "them"}`,
    );
  }
  const lowerWas = was.permission["lower-severity"] ?? was.permission.waive ?? was.permission.default;
  const lowerIs = is.permission["lower-severity"] ?? is.permission.waive ?? is.permission.default;
  // A right that follows `/waive` is mentioned with it.
  const isNamed = (was.permission["lower-severity"] ?? is.permission["lower-severity"]) !== undefined;
  if (isNamed && lowerWas !== lowerIs) {
    const lower = GRANTABLE_PERMISSIONS.indexOf(lowerIs) < GRANTABLE_PERMISSIONS.indexOf(lowerWas);
    yield change(
      lower ? "relaxes" : "tightens",
      `Changing an incident to a severity that asks for less before closing now needs ${lowerIs}, was ${lowerWas}`,
    );
  }
  yield* botChanges(was.bots, is.bots);
}

/** What an app may do now but could not before, and the other way round. */
function* botChanges(was: readonly BotGrant[], is: readonly BotGrant[]): Iterable<PolicyChange> {
  const logins = new Map([...was, ...is].map(({ login }) => [labelKey(login), login]));
  for (const [key, login] of logins) {
    const before = grantsOf(was, key);
    const now = grantsOf(is, key);
    const added = now.filter((one) => !before.includes(one));
    const removed = before.filter((one) => !now.includes(one));
    if (removed.length > 0) {
      const effect = removed.some(touchesTheGate) ? "tightens" : "neither";
      yield change(effect, `The app ${showValue(login)} may no longer ${showGrants(removed)}`);
    }
    if (added.length > 0) {
      yield change(
        added.some(touchesTheGate) ? "relaxes" : "neither",
        `The app ${showValue(login)} may now ${showGrants(added)}`,
      );
    }
  }
}

function grantsOf(bots: readonly BotGrant[], key: string): readonly Grant[] {
  const bot = bots.find(({ login }) => labelKey(login) === key);
  return bot === undefined ? [] : (bot.commands ?? COMMANDS_OF_LISTED_APPS);
}

/** Whether it ends an incident, lets evidence count, or reduces what is asked for. */
function touchesTheGate(grant: Grant): boolean {
  return grant === "lower-severity" || COMMANDS[grant].apps === "granted";
}

function showGrants(grants: readonly Grant[]): string {
  const commands = grants.flatMap((one) => (one === "lower-severity" ? [] : [`/${one}`]));
  const lower = grants.includes("lower-severity") ? ["change to a severity that asks for less before closing"] : [];
  const use = commands.length === 0 ? [] : [`use ${showChoice(commands, "and")}`];
  return [...use, ...lower].join(", and ");
}

const CHECK_WORDS = {
  always: "on every pull request",
  referencing: "only on pull requests that reference an incident",
  off: "on no pull request",
} as const;

function* checkChanges(
  was: Policy["pull-requests"]["check"],
  is: Policy["pull-requests"]["check"],
): Iterable<PolicyChange> {
  if (was === is) return;
  const order = ["off", "referencing", "always"] as const;
  yield change(
    order.indexOf(is) < order.indexOf(was) ? "relaxes" : "tightens",
    `The check sevgate/close-gate is posted ${CHECK_WORDS[is]}, was ${CHECK_WORDS[was]}`,
  );
}

/** What was added to a list and what was removed from it, ignoring order and case. */
function* listChanges(
  was: readonly string[],
  is: readonly string[],
  say: { readonly added: (entries: string) => PolicyChange; readonly removed: (entries: string) => PolicyChange },
): Iterable<PolicyChange> {
  const keysBefore = new Set(was.map(labelKey));
  const keysNow = new Set(is.map(labelKey));
  const added = is.filter((entry) => !keysBefore.has(labelKey(entry)));
  const removed = was.filter((entry) => !keysNow.has(labelKey(entry)));
  if (removed.length > 0) yield say.removed(showValues(removed));
  if (added.length > 0) yield say.added(showValues(added));
}

function showValues(values: readonly string[]): string {
  return showChoice(values.map(showValue), "and");
}

function* alertChanges(was: Policy["alerts"], is: Policy["alerts"]): Iterable<PolicyChange> {
  const before = new Map(was.endpoints.map((one) => [one.name, one]));
  for (const endpoint of is.endpoints) {
    const old = before.get(endpoint.name);
    before.delete(endpoint.name);
    const does = `${endpoint.opens === "incident" ? `declare ${endpoint.severity}` : "open issues"}`;
    if (old === undefined) yield change("neither", `Alerts of ${endpoint.name} now ${does}`);
    else if (!sameJson(old, endpoint))
      yield change("neither", `Alerts of ${endpoint.name} are treated differently: they ${does}`);
  }
  for (const name of before.keys()) yield change("neither", `Alerts of ${name} no longer do anything`);
  const builds = is["workflow-runs"];
  if (!sameJson(was["workflow-runs"], builds)) {
    yield change(
      "neither",
      builds === null
        ? "Broken builds of the default branch no longer do anything"
        : `Broken builds of the default branch now declare ${builds.severity}, for workflows ${showValues(builds.workflows)}${builds.ignore.length === 0 ? "" : ` but ${showValues(builds.ignore)}`}`,
    );
  }
  if (was["issues-per-hour"] !== is["issues-per-hour"]) {
    yield change(
      "neither",
      `Alerts open at most ${is["issues-per-hour"]} issues an hour, before ${was["issues-per-hour"]}`,
    );
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function* pagingChanges(was: Policy["paging"], is: Policy["paging"]): Iterable<PolicyChange> {
  if (was.unconfirmed !== is.unconfirmed) {
    yield change(
      "neither",
      is.unconfirmed === "page"
        ? "An incident declared from outside the team pages at once"
        : "An incident declared from outside the team pages when someone on the team confirms it",
    );
  }
  for (const name of new Set([...Object.keys(was.channels), ...Object.keys(is.channels)])) {
    const [old, now] = [was.channels[name], is.channels[name]].map((channels) => channels?.join(", then ") ?? "");
    if (old === now) continue;
    const whose = name === "default" ? "other severities" : name;
    yield change("neither", `Pages for ${whose} go to ${now === "" ? "the issue alone" : now}`);
  }
}
