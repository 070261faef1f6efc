import type { Millis, Permission, Reference } from "../model.ts";
import { KEY_TIMES, type KeyTime } from "../record/entry.ts";
import { DAY_MS } from "../time-units.ts";
import {
  type ArgumentProblem,
  bare,
  boundedText,
  durationIn,
  firstWord,
  LOGIN,
  missing,
  parseReason,
  parseTarget,
  TEAM,
  wordsOf,
} from "./arguments.ts";
import { parseWhen, type WrittenTime } from "./written-time.ts";

/**
 * A command that was understood. Texts are as written, trimmed, at most 500 characters; empty when optional and not
 * given.
 */
export type Command =
  | { readonly name: "ack" }
  | { readonly name: "unack" }
  | { readonly name: "mitigate"; readonly text: string }
  | { readonly name: "resolve"; readonly text: string }
  /** `severity` is as written: the policy knows which names exist, ignoring case. */
  | { readonly name: "severity"; readonly severity: string; readonly reason: string }
  /** One to ten `logins`. `role` is lower-case, as written; the policy knows which roles exist. `null`: no role. */
  | { readonly name: "assign"; readonly logins: readonly string[]; readonly role: string | null }
  | { readonly name: "status"; readonly text: string }
  | { readonly name: "note"; readonly text: string }
  /** `target` `null`: create the issue. `repository` `null`: the incident's own. */
  | { readonly name: "postmortem"; readonly target: Reference | null }
  /**
   * `target` `null`: list matching runbooks. `reason`: why it counts although it is older than the incident; may be
   * empty.
   */
  | { readonly name: "runbook"; readonly target: Reference | null; readonly reason: string }
  /** `boxes` of the status comment, counted from 1 in its order; one to twenty, each once. */
  | { readonly name: "done"; readonly boxes: readonly number[] }
  | { readonly name: "drill" }
  | { readonly name: "page"; readonly target: PageTarget; readonly text: string }
  | { readonly name: "who" }
  | { readonly name: "suspects" }
  /** `ref` is as written: a SHA, a tag or a branch. */
  | { readonly name: "good"; readonly ref: string }
  /** `target` may be in another repository; then it is refused. */
  | { readonly name: "revert"; readonly target: Reference; readonly reason: string }
  | { readonly name: "handoff"; readonly login: string }
  | { readonly name: "oncall" }
  | { readonly name: "time"; readonly time: KeyTime; readonly when: WrittenTime; readonly reason: string }
  | { readonly name: "cancel"; readonly reason: string }
  /** `lasts`: how long it counts; `null`: for good. */
  | { readonly name: "waive"; readonly lasts: Millis | null; readonly reason: string }
  /** `what`: the waiver, or a post-mortem; `null`: whatever waits. */
  | { readonly name: "accept"; readonly what: "waiver" | Reference | null }
  | { readonly name: "items" }
  | { readonly name: "drop"; readonly target: Reference; readonly reason: string }
  /** `lasts`: for how long nobody is reminded of it. */
  | { readonly name: "snooze"; readonly target: Reference; readonly lasts: Millis; readonly reason: string }
  | { readonly name: "help" };

/** Whom `/page` calls: somebody by name, or whoever has a role now. */
export type PageTarget =
  | { readonly kind: "login"; readonly login: string }
  | { readonly kind: "role"; readonly role: "primary" | "secondary" | "team" }
  /** Nobody is named by a sign or a role that every file has: the first word of the text may be somebody. */
  | { readonly kind: "unsaid" };

export type CommandName = Command["name"];
/** The command of a name. */
export type CommandOf<Name extends CommandName> = Extract<Command, { name: Name }>;

/** What commands are for, in the order of `/help` and docs/commands.md. */
export const COMMAND_GROUPS = {
  now: "Now",
  people: "People",
  regression: "Regression",
  close: "Close",
} as const;
export type CommandGroup = keyof typeof COMMAND_GROUPS;

/** How a command looks, who may use it by default and when, and how the rest of its line is read. */
export interface CommandSpec<Name extends CommandName = CommandName> {
  readonly group: CommandGroup;
  /** Placeholders in capitals. */
  readonly usage: string;
  /** One sentence for `/help` and docs/commands.md. */
  readonly summary: string;
  /** The least right by default (`commands.permission` of the policy); `anyone` needs none. */
  readonly who: Extract<Permission, "triage" | "write" | "maintain"> | "anyone";
  /**
   * What an app needs in `commands.bots`, since GitHub gives apps no role in a repository: `listed` where its
   * name is enough; `granted` where the policy has to name the command beside it, as for everything that acknowledges,
   * accepts, waives, cancels or drops something.
   */
  readonly apps: "listed" | "granted";
  /** Whether it is still obeyed on a closed incident. */
  readonly whenClosed: "obeyed" | "refused";
  /** Other words for the same command. */
  readonly aliases: readonly string[];
  readonly examples: readonly string[];
  /** `host`: where the addresses of issues and pull requests point. */
  readonly parse: (rest: string, host: string) => CommandOf<Name> | ArgumentProblem;
}

/** Every command. Parsing, `/help`, docs/commands.md and the default rights are all read from here. */
export const COMMANDS = {
  ack: {
    group: "now",
    usage: "/ack",
    summary: "Take the incident: you are assigned, and nobody else is paged.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: ["acknowledge"],
    examples: ["/ack"],
    parse: () => ({ name: "ack" }),
  },
  unack: {
    group: "now",
    usage: "/unack",
    summary: "Hand it back. Paging starts again.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: [],
    examples: ["/unack"],
    parse: () => ({ name: "unack" }),
  },
  mitigate: {
    group: "now",
    usage: "/mitigate [TEXT]",
    summary: "Say that users are fine again while the cause is not yet fixed.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: [],
    examples: ["/mitigate", "/mitigate traffic moved to the second region"],
    parse: (rest) => boundedText(rest, (text) => ({ name: "mitigate", text })),
  },
  resolve: {
    group: "now",
    usage: "/resolve [TEXT]",
    summary: "Say that it is over. The issue closes as soon as it has what it needs to close.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: [],
    examples: ["/resolve", "/resolve deployed the fix, error rate is back to normal"],
    parse: (rest) => boundedText(rest, (text) => ({ name: "resolve", text })),
  },
  severity: {
    group: "now",
    usage: "/severity LEVEL [REASON]",
    summary: "Change the severity. A level that asks for less before closing needs the role of `/waive`.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: ["sev"],
    examples: ["/severity P1", "/severity P0 all checkouts fail"],
    parse: (rest) => {
      const [level, reason] = firstWord(rest);
      if (level === "") return missing("Add a level");
      if (level.length > 50) return { problem: "bad-argument", why: "Write the name of a level of the policy" };
      return boundedText(reason, (text) => ({ name: "severity", severity: level, reason: text }));
    },
  },
  drill: {
    group: "now",
    usage: "/drill",
    summary: "Make it a drill, before anybody is paged: all works as usual, and no number counts it.",
    who: "triage",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/drill"],
    parse: () => ({ name: "drill" }),
  },
  assign: {
    group: "people",
    usage: "/assign @LOGIN [ROLE]",
    summary: "Assign people, or one person with a role of the policy.",
    who: "triage",
    apps: "listed",
    whenClosed: "refused",
    aliases: [],
    examples: ["/assign @octocat", "/assign @octocat lead", "/assign @octocat @hubot"],
    parse: parseAssign,
  },
  status: {
    group: "now",
    usage: "/status TEXT",
    summary: "Say what is known now. The time until the next update starts again.",
    who: "triage",
    apps: "listed",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/status rollback is running, next update in 30 minutes"],
    parse: (rest) => {
      if (rest === "") return missing("Add what is known");
      return boundedText(rest, (text) => ({ name: "status", text }));
    },
  },
  note: {
    group: "now",
    usage: "/note TEXT",
    summary: "Put a line on the timeline.",
    who: "triage",
    apps: "listed",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/note database failover started by hand"],
    parse: (rest) => {
      if (rest === "") return missing("Add the note");
      return boundedText(rest, (text) => ({ name: "note", text }));
    },
  },
  done: {
    group: "now",
    usage: "/done NUMBERS",
    summary: "Tick boxes, counted from the top, runbook steps included. Ticking by hand takes the write role.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: [],
    examples: ["/done 5", "/done 3 5", "/done 8-10"],
    parse: parseDone,
  },
  postmortem: {
    group: "close",
    usage: "/postmortem [#NUMBER or URL]",
    summary: "Create the post-mortem issue, or link one.",
    who: "triage",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: ["post-mortem"],
    examples: ["/postmortem", "/postmortem #34"],
    parse: (rest, host) =>
      rest === ""
        ? { name: "postmortem", target: null }
        : parseTarget(rest, host, (target) => ({ name: "postmortem", target })),
  },
  runbook: {
    group: "close",
    usage: "/runbook [#NUMBER or URL] [REASON]",
    summary:
      "List the runbooks that fit, or link a pull request that improves one. One merged before the incident counts with a reason.",
    who: "triage",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/runbook", "/runbook #35", "/runbook #35 covers this failure, nobody had looked"],
    parse: parseRunbook,
  },
  page: {
    group: "people",
    usage: "/page [@LOGIN, primary, secondary or team] [TEXT]",
    summary: "Page someone on the on-call file now: primary, if you name nobody.",
    who: "triage",
    apps: "listed",
    whenClosed: "refused",
    aliases: [],
    examples: ["/page", "/page @octocat you know the cache best", "/page team"],
    parse: parsePage,
  },
  who: {
    group: "people",
    usage: "/who",
    summary: "Name up to five people who may know more: on call, code owners, recent authors. Nobody is notified.",
    who: "triage",
    apps: "listed",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/who"],
    parse: () => ({ name: "who" }),
  },
  suspects: {
    group: "regression",
    usage: "/suspects",
    summary:
      "List what was merged since the last version that worked, those that touch files named here first, then the newest.",
    who: "triage",
    apps: "listed",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/suspects"],
    parse: () => ({ name: "suspects" }),
  },
  good: {
    group: "regression",
    usage: "/good VERSION",
    summary: "Say which SHA, tag or release was the last that worked.",
    who: "triage",
    apps: "listed",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/good v1.4.2", "/good 1f0c9a7"],
    parse: (rest) => {
      if (rest === "") return missing("Add the version that worked: a SHA, a tag or a release");
      // What git accepts as a name, as far as anybody uses it (git-check-ref-format).
      const ref = bare(rest);
      if (!/^(?!.*(?:\.\.|\/\/|@\{))[\w][\w./+@-]{0,99}$/.test(ref) || /[./]$/.test(ref)) {
        return { problem: "bad-argument", why: "Write one SHA, or the name of one tag or release" };
      }
      return { name: "good", ref };
    },
  },
  revert: {
    group: "regression",
    usage: "/revert #NUMBER [REASON]",
    summary: "Open the pull request that reverts a merged one, and ask the responder to review it.",
    who: "write",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/revert #35", "/revert #35 checkout fails since it was merged"],
    parse: parseRevert,
  },
  handoff: {
    group: "people",
    usage: "/handoff @LOGIN",
    summary: "Hand the incident over: that person is the responder, and is assigned instead of the one before.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: ["hand-off"],
    examples: ["/handoff @octocat"],
    parse: parseHandoff,
  },
  oncall: {
    group: "people",
    usage: "/oncall",
    summary: "Say who is on call now, why, and who comes next. Nobody is notified.",
    who: "triage",
    apps: "listed",
    whenClosed: "refused",
    aliases: ["on-call"],
    examples: ["/oncall"],
    parse: () => ({ name: "oncall" }),
  },
  time: {
    group: "close",
    usage: "/time NAME WHEN [REASON]",
    summary:
      "Correct when it started, was detected, acknowledged, mitigated or resolved, before closing or after. Nothing else changes.",
    who: "triage",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/time started 10:42", "/time mitigated 2026-11-26T10:42Z traffic had moved before I said so"],
    parse: parseTime,
  },
  cancel: {
    group: "close",
    usage: "/cancel REASON",
    summary: "It was a false alarm: close the issue as not planned. It needs nothing else to close.",
    who: "triage",
    apps: "granted",
    whenClosed: "refused",
    aliases: [],
    examples: ["/cancel the monitor was misconfigured"],
    parse: (rest) => parseReason(rest, (reason) => ({ name: "cancel", reason })),
  },
  waive: {
    group: "close",
    usage: "/waive [DURATION] REASON",
    summary:
      "Let the incident close without what it needs. It stays marked; with a duration such as `7d`, it opens again after that. A new one replaces it.",
    who: "maintain",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: [
      "/waive same cause as the incident of last week, see its post-mortem",
      "/waive 7d the people who know are away this week",
    ],
    parse: parseWaive,
  },
  accept: {
    group: "close",
    usage: "/accept [waiver, #NUMBER or URL]",
    summary: "Accept what waits for another person: a waiver, or a post-mortem you did not write.",
    who: "triage",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/accept", "/accept waiver", "/accept #34"],
    parse: (rest, host) => {
      if (rest === "") return { name: "accept", what: null };
      if (firstWord(rest)[0].toLowerCase() === "waiver" && firstWord(rest)[1] === "")
        return { name: "accept", what: "waiver" };
      return parseTarget(rest, host, (what) => ({ name: "accept", what }));
    },
  },
  items: {
    group: "close",
    usage: "/items",
    summary: "File the open action items of the post-mortem as issues. Again later: what was added since.",
    who: "triage",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: ["action-items"],
    examples: ["/items"],
    parse: () => ({ name: "items" }),
  },
  drop: {
    group: "close",
    usage: "/drop #NUMBER REASON",
    summary: "Say why an action item will not be done: its issue is closed as not planned.",
    who: "write",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/drop #41 the queue it was about is gone", "/drop octo-org/post-mortems#41 replaced by #50"],
    parse: (rest, host) => {
      const [first, why] = firstWord(rest);
      if (first === "") return missing("Add the number of an action item");
      return parseTarget(first, host, (target) =>
        why === ""
          ? missing("Add a reason")
          : boundedText(why, (reason): CommandOf<"drop"> => ({ name: "drop", target, reason })),
      );
    },
  },
  snooze: {
    group: "close",
    usage: "/snooze #NUMBER DURATION REASON",
    summary: "Put off an action item: nobody is reminded of it for that long. Its owner may always do so.",
    who: "triage",
    apps: "granted",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/snooze #41 14d the vendor ships the fix next week"],
    parse: parseSnooze,
  },
  help: {
    group: "now",
    usage: "/help",
    summary: "Show these commands, and which of them you may use.",
    who: "anyone",
    apps: "listed",
    whenClosed: "obeyed",
    aliases: [],
    examples: ["/help"],
    parse: () => ({ name: "help" }),
  },
} as const satisfies { readonly [Name in CommandName]: CommandSpec<Name> };

/** Every command. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** The commands of a group, in the order of `/help`. */
export function commandsOf(group: CommandGroup): readonly CommandName[] {
  return COMMAND_NAMES.filter((name) => COMMANDS[name].group === group);
}

/** A command that needs a right, which a policy can name under `commands`: all except those for anyone. */
export type RestrictedCommand = {
  [Name in CommandName]: (typeof COMMANDS)[Name]["who"] extends "anyone" ? never : Name;
}[CommandName];
/** The commands that need a role. */
export const RESTRICTED_COMMANDS = COMMAND_NAMES.filter(
  (name): name is RestrictedCommand => COMMANDS[name].who !== "anyone",
);

/** What an app may do, besides what is for anyone, when its line in `commands.bots` names no command. */
export const COMMANDS_OF_LISTED_APPS = RESTRICTED_COMMANDS.filter((name) => COMMANDS[name].apps === "listed");

/** The longest an action item is put off at a time. */
const MAX_SNOOZED_DAYS = 90;

function parseSnooze(rest: string, host: string): CommandOf<"snooze"> | ArgumentProblem {
  const [first, more] = firstWord(rest);
  if (first === "") return missing("Add the number of an action item");
  return parseTarget<CommandOf<"snooze"> | ArgumentProblem>(first, host, (target) => {
    const [written, why] = firstWord(more);
    const lasts = durationIn(written);
    if (lasts === null) return missing("Add for how long after the number, such as 14d");
    if (typeof lasts === "object" || lasts > MAX_SNOOZED_DAYS * DAY_MS) {
      const why = `Write for how long as a whole number and m, h or d, such as 14d, at most ${MAX_SNOOZED_DAYS}d at a time`;
      return { problem: "bad-argument", why };
    }
    return parseReason(why, (reason) => ({ name: "snooze", target, lasts, reason }));
  });
}

function parseWaive(rest: string): CommandOf<"waive"> | ArgumentProblem {
  const [first, reason] = firstWord(rest);
  const lasts = durationIn(first);
  if (typeof lasts === "object" && lasts !== null) return lasts;
  return parseReason(lasts === null ? rest : reason, (text) => ({ name: "waive", lasts, reason: text }));
}

/** GitHub assigns up to ten people (GitHub docs, "Assigning issues and pull requests to other GitHub users"). */
const MAX_ASSIGNED = 10;

function parseAssign(rest: string): CommandOf<"assign"> | ArgumentProblem {
  const [first = "", ...more] = wordsOf(rest);
  if (first === "") return missing("Add the login of a person");
  const isPerson = (word: string): boolean => word.startsWith("@");
  // `@one and @two` names two.
  const named = more.filter((word, at) => !(/^(?:and|&)$/i.test(word) && isPerson(more[at + 1] ?? "")));
  const people = [first, ...named.filter(isPerson)];
  const roles = named.filter((word) => !isPerson(word));
  if (people.some((person) => TEAM.test(person))) {
    return { problem: "bad-argument", why: "Name people, as a team cannot be assigned" };
  }
  const logins = people.map((person) => LOGIN.exec(person)?.[1]);
  if (!logins.every((login) => login !== undefined)) {
    return { problem: "bad-argument", why: "Write the login of a person" };
  }
  if (logins.length > MAX_ASSIGNED) {
    return { problem: "bad-argument", why: `Assign at most ${MAX_ASSIGNED} people at a time` };
  }
  const [role = ""] = roles;
  if (roles.length > 1 || !/^[\w-]{0,50}$/.test(role)) {
    return { problem: "bad-argument", why: "Write at most one role after the login, such as lead" };
  }
  if (role !== "" && logins.length > 1) {
    return { problem: "bad-argument", why: "Give a role to one person at a time" };
  }
  return { name: "assign", logins, role: role === "" ? null : role.toLowerCase() };
}

/** The most boxes ticked at a time. */
const MAX_BOXES = 20;

function parseDone(rest: string): CommandOf<"done"> | ArgumentProblem {
  const words = wordsOf(rest).filter((word) => !/^(?:and|&)$/i.test(word));
  if (words.length === 0) return missing("Add the numbers of boxes, counted from the top");
  const boxes = new Set<number>();
  for (const word of words) {
    const [, from = "", to = from] = /^#?(\d{1,3})(?:[-–](\d{1,3}))?$/.exec(word) ?? [];
    const isRange = from !== "" && Number(from) >= 1 && Number(to) >= Number(from);
    if (!isRange)
      return { problem: "bad-argument", why: "Write numbers of boxes, counted from the top, such as 3 5 or 8-10" };
    for (let box = Number(from); box <= Number(to) && boxes.size <= MAX_BOXES; box += 1) boxes.add(box);
  }
  if (boxes.size > MAX_BOXES) return { problem: "bad-argument", why: `Tick at most ${MAX_BOXES} boxes at a time` };
  return { name: "done", boxes: [...boxes] };
}

/** What follows the login is addressed to that person, not to Sevgate; a second login is one too many. */
function parseHandoff(rest: string): CommandOf<"handoff"> | ArgumentProblem {
  const [first = "", ...more] = wordsOf(rest);
  if (first === "") return missing("Add the login of a person");
  if (TEAM.test(first)) {
    return { problem: "bad-argument", why: "Name one person, as a team cannot be the responder" };
  }
  const login = LOGIN.exec(first)?.[1];
  if (login === undefined) return { problem: "bad-argument", why: "Write the login of one person" };
  if (more.some((word) => word.startsWith("@"))) {
    return { problem: "bad-argument", why: "Name one person only" };
  }
  return { name: "handoff", login };
}

/** A first word that names nobody is part of the text: `/page the cache is gone` pages primary. */
function parsePage(rest: string): CommandOf<"page"> | ArgumentProblem {
  const [first, after] = firstWord(rest);
  const role = (["primary", "secondary", "team"] as const).find((one) => one === first.toLowerCase());
  if (role !== undefined) {
    return boundedText(after, (text) => ({ name: "page", target: { kind: "role", role }, text }));
  }
  if (!first.startsWith("@")) {
    return boundedText(rest, (text) => ({ name: "page", target: { kind: "unsaid" }, text }));
  }
  const login = LOGIN.exec(first)?.[1];
  if (login === undefined) {
    return { problem: "bad-argument", why: "Write the login of one person, primary, secondary or team" };
  }
  return boundedText(after, (text) => ({ name: "page", target: { kind: "login", login }, text }));
}

/** What follows the time is the reason for changing it. */
function parseTime(rest: string): CommandOf<"time"> | ArgumentProblem {
  const [first, more] = firstWord(rest);
  const time = KEY_TIMES.find((one) => one === first.toLowerCase());
  if (time === undefined) {
    return { problem: first === "" ? "missing-argument" : "bad-argument", why: `Name one of ${KEY_TIMES.join(", ")}` };
  }
  const written = parseWhen(more);
  if ("problem" in written) return written;
  return boundedText(written.rest, (reason) => ({ name: "time", time, when: written.when, reason }));
}

/** What follows the pull request is the reason why it counts. */
function parseRunbook(rest: string, host: string): CommandOf<"runbook"> | ArgumentProblem {
  const [first, why] = firstWord(rest);
  if (first === "") return { name: "runbook", target: null, reason: "" };
  return parseTarget(first, host, (target) =>
    why === ""
      ? { name: "runbook", target, reason: "" }
      : parseReason(why, (reason) => ({ name: "runbook", target, reason })),
  );
}

/** What follows the pull request is the reason for reverting it. */
function parseRevert(rest: string, host: string): CommandOf<"revert"> | ArgumentProblem {
  const [first, why] = firstWord(rest);
  if (first === "") return missing("Add the number of a merged pull request");
  return parseTarget(first, host, (target) => boundedText(why, (reason) => ({ name: "revert", target, reason })));
}
