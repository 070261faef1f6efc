import type { Saying } from "../judge/saying.ts";
import { mention, person, plain } from "../markdown/escape.ts";
import type { Instant, Millis } from "../model.ts";
import { sameLogin } from "../names.ts";
import { TEAM } from "../oncall/escalation-rule.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import { clockTime } from "../oncall/show-moment.ts";
import { loginOn } from "../oncall/who-is-on.ts";
import { showChoice } from "../policy/show-value.ts";
import { MINUTE_MS } from "../time-units.ts";
import { documentLink } from "../words/documents.ts";
import { inWords, utcOn } from "../words/time.ts";

/**
 * The comment for a step: whom it pages, why, what to type, and what happens without an answer. It mentions those it
 * pages, and nobody else.
 *
 * @param schedule names whoever is next; `null`: their roles do
 */
export function pageSentence(saying: Extract<Saying, { kind: "page" }>, schedule: OnCallSchedule | null): string {
  const { severity, targets, nobody, unreachable, round } = saying;
  const name = plain(severity, 32);
  const missing = missingSentence(nobody, unreachable);
  const next = nextSentence(saying, schedule);
  if (targets.length === 0) {
    return [
      `📟 **Nobody was paged for this ${name}.** ${missing}`,
      "Page someone with `/page @LOGIN`, or take it yourself with `/ack`.",
      ...next,
    ].join("\n");
  }
  const again = round > 0 ? " Paging again." : "";
  return [
    `📟 ${paged(targets)}: ${reason(saying, name)}${again} **Comment \`/ack\` to take it.**`,
    ...(missing === "" ? [] : [missing]),
    ...next,
    "",
    `<sub>${documentLink("you-were-woken", "What to do when you were woken")}</sub>`,
  ].join("\n");
}

/** A length first, which does not age and needs no zone; then the moment, for those who look later. */
function nextSentence(
  { next, at, unreachable }: Extract<Saying, { kind: "page" }>,
  schedule: OnCallSchedule | null,
): readonly string[] {
  if (next === null) return [];
  const who = nextPeople(schedule, next, unreachable);
  const minutes = Math.max(1, Math.round((next.at - at) / MINUTE_MS));
  const within = inWords((minutes * MINUTE_MS) as Millis);
  const then = who.length === 0 ? `whoever comes after ${rolesInWords(next.adds)}` : peopleInWords(who);
  return [`No answer within ${within} (${timeOn(next.at, at, schedule)}) pages ${then}.`];
}

/** `17:56 UTC, 18:56 Europe/Berlin`: the zone is the one of the on-call file. */
function timeOn(at: Instant, day: Instant, schedule: OnCallSchedule | null): string {
  const utc = utcOn(at, day);
  const zone = schedule?.zone ?? "UTC";
  return isUtc(zone) ? utc : `${utc}, ${clockTime(at, day, zone)} ${plain(zone, 64)}`;
}

function isUtc(zone: string): boolean {
  return /^(?:Etc\/)?(?:UTC|UCT|GMT|Universal|Zulu)$/i.test(zone);
}

/** Somebody a page reaches: by name, as a role, or as both. */
interface Paged {
  readonly role: string;
  /** `null`: nobody is known for that role then. */
  readonly login: string | null;
}

/**
 * Who is paged next, by the role they are paged as; without those who are known not to be reached, and roles that nobody
 * has then.
 *
 * @param unreachable logins
 */
export function nextPeople(
  schedule: OnCallSchedule | null,
  next: { readonly at: Instant; readonly adds: readonly string[] },
  unreachable: readonly string[] = [],
): readonly Paged[] {
  const found = next.adds.map((role) => ({ role, login: schedule === null ? null : loginOn(schedule, role, next.at) }));
  return found.filter(({ role, login }) =>
    login === null ? role === TEAM || schedule === null : !unreachable.some((one) => sameLogin(one, login)),
  );
}

/** `bob (secondary)`, `carol (tertiary) and the team`: nobody is mentioned. */
export function peopleInWords(people: readonly Paged[]): string {
  const names = people.map(({ role, login }) => {
    const as = role === "team" ? "the team" : plain(role, 64);
    return login === null ? as : `${person(login)} (${as})`;
  });
  return showChoice(names, "and");
}

/** Roles alone: `primary and secondary`. */
export function rolesInWords(roles: readonly string[]): string {
  return peopleInWords(roles.map((role) => ({ role, login: null })));
}

/** The comment for `/page`. */
export function pagedBySentence(saying: Extract<Saying, { kind: "paged-by" }>, responder: string | null): string {
  const words = saying.text === "" ? "" : ` They say: ${plain(saying.text, 500)}`;
  const next =
    responder === null ? "**Comment `/ack` to take it.**" : `${person(responder)} has it: comment that you are here.`;
  return [
    `📟 ${paged(saying.targets)}: ${person(saying.by)} pages you for this ${plain(saying.severity, 32)}.${words}`,
    next,
    "",
    `<sub>${documentLink("you-were-woken", "What to do when you were woken")}</sub>`,
  ].join("\n");
}

function paged(targets: Extract<Saying, { kind: "page" }>["targets"]): string {
  const roles = [...new Set(targets.map(({ role }) => role))];
  // A role is named once, behind everybody who has it.
  return roles
    .map((role) => {
      const people = targets.filter((target) => target.role === role).map(({ login }) => mention(login));
      const as = role === null ? "" : role === "team" ? " (the team)" : ` (${plain(role, 64)})`;
      return `${people.join(", ")}${as}`;
    })
    .join(", ");
}

function reason({ why, since, at }: Extract<Saying, { kind: "page" }>, severity: string): string {
  const waited = (at - since) as Millis;
  const now = waited < MINUTE_MS;
  const ago = now ? "" : ` ${inWords(waited)} ago`;
  switch (why) {
    case "declared":
    case "confirmed":
      return now
        ? `nobody has this ${severity} yet.`
        : `nobody has acknowledged this ${severity} for ${inWords(waited)}.`;
    case "unacknowledged":
      return `this ${severity} was handed back${ago}, and nobody has it.`;
    case "raised":
      return `this is a ${severity} now${now ? "" : `, since ${inWords(waited)}`}, and nobody has it.`;
    case "resumed":
      return `this ${severity} was reopened${ago}, and nobody has it.`;
    case "ack-timed-out":
      return `this ${severity} was acknowledged, but nothing was heard since${now ? "" : `, and nobody has answered for ${inWords(waited)}`}.`;
  }
}

function missingSentence(nobody: readonly string[], unreachable: readonly string[]): string {
  const gaps = nobody.length === 0 ? [] : [`Nobody is ${nobody.map((role) => plain(role, 64)).join(" or ")} now.`];
  const unknown =
    unreachable.length === 0
      ? []
      : [
          `${unreachable.map(person).join(", ")} ${unreachable.length === 1 ? "has" : "have"} no role here that could take it: fix the on-call file.`,
        ];
  return [...gaps, ...unknown].join(" ");
}
