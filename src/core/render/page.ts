import type { Saying } from "../judge/saying.ts";
import { codeSpan, mention, person, plain } from "../markdown/escape.ts";
import type { Millis } from "../model.ts";
import { inWords, utcOn } from "../words/time.ts";

/** The comment for a step: whom it calls, why, and what comes next. It mentions those it calls, and nobody else. */
export function pageSentence(saying: Extract<Saying, { kind: "page" }>): string {
  const { severity, targets, nobody, unreachable, round, next, at } = saying;
  const name = plain(severity, 32);
  const missing = missingSentence(nobody, unreachable);
  const lines =
    targets.length === 0
      ? [
          `📟 ${missing} **Nobody was paged for this ${name}.**`,
          `Call somebody with ${codeSpan("/page @login")}, or take it yourself with \`/ack\`.`,
        ]
      : [
          `📟 ${called(targets)}: ${reason(saying, name)}${round > 0 ? " This is a repetition." : ""}`,
          `Comment \`/ack\` to take it.${missing === "" ? "" : ` ${missing}`}`,
        ];
  const then =
    next === null
      ? ""
      : ` If nobody does, ${rolesInWords(next.adds)} ${next.adds.length === 1 ? "is" : "are"} called at ${utcOn(next.at, at)}.`;
  return `${lines.join(" ")}${then}`;
}

/** The comment for `/page`. */
export function pagedBySentence(saying: Extract<Saying, { kind: "paged-by" }>): string {
  const words = saying.text === "" ? "" : ` They say: ${plain(saying.text, 500)}`;
  return `📟 ${called(saying.targets)}: ${person(saying.by)} calls you for this ${plain(saying.severity, 32)}.${words}`;
}

/** `primary`, `primary and secondary`: what a step calls, in words. */
export function rolesInWords(roles: readonly string[]): string {
  const names = roles.map((role) => (role === "team" ? "the team" : plain(role, 64)));
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
}

function called(targets: Extract<Saying, { kind: "page" }>["targets"]): string {
  return targets
    .map(({ login, role }) => mention(login) + (role === null || role === "team" ? "" : ` (${plain(role, 64)})`))
    .join(", ");
}

function reason({ why, since, at }: Extract<Saying, { kind: "page" }>, severity: string): string {
  const waited = (at - since) as Millis;
  const now = waited < 60_000;
  switch (why) {
    case "declared":
    case "confirmed":
      return now
        ? `this ${severity} needs somebody.`
        : `nobody has acknowledged this ${severity} for ${inWords(waited)}.`;
    case "unacknowledged":
      return `this ${severity} was handed back${now ? "" : ` ${inWords(waited)} ago`}, and nobody is on it.`;
    case "raised":
      return `this is a ${severity} now${now ? "" : `, since ${inWords(waited)}`}, and nobody has acknowledged it.`;
    case "resumed":
      return `this ${severity} was opened again${now ? "" : ` ${inWords(waited)} ago`}, and nobody is on it.`;
    case "ack-timed-out":
      return `this ${severity} was acknowledged, but nothing has been heard since${now ? "" : `, and nobody has answered for ${inWords(waited)}`}.`;
  }
}

function missingSentence(nobody: readonly string[], unreachable: readonly string[]): string {
  const gaps = nobody.length === 0 ? [] : [`Nobody is ${nobody.map((role) => plain(role, 64)).join(" or ")} now.`];
  const unknown =
    unreachable.length === 0
      ? []
      : [`GitHub gives ${unreachable.map(person).join(", ")} no role here: please fix the on-call file.`];
  return [...gaps, ...unknown].join(" ");
}
