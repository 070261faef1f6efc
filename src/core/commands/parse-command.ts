import { distance } from "fastest-levenshtein";
import type { CommandLine } from "./command-line.ts";
import { COMMAND_NAMES, COMMANDS, type Command, type CommandName, type CommandSpec } from "./registry.ts";

/** What a person can do better: a value, shown once. `why` is a whole sentence that says the next step. */
export type CommandProblem =
  | {
      readonly kind: "unknown";
      readonly command: null;
      /** As read, without its slash. */
      readonly word: string;
      /** What to write, such as `/severity P0`: it is a command. */
      readonly instead: string;
      /** Why it is not a command although its word is (`CommandLine.slip`). */
      readonly slip: CommandLine["slip"];
    }
  | {
      readonly kind: "missing-argument" | "bad-argument" | "too-long";
      readonly command: CommandName;
      readonly usage: string;
      readonly why: string;
    };

/** A command, or why it is not one. */
export type ParsedCommand = { readonly kind: "command"; readonly command: Command } | CommandProblem;

const NAME_OF_WORD: ReadonlyMap<string, CommandName> = new Map(
  COMMAND_NAMES.flatMap((name) => [name, ...COMMANDS[name].aliases].map((word) => [word, name] as const)),
);

/** Letters, and what follows them. */
const PARTS = /^([a-z](?:[a-z-]*[a-z])?)(.*)$/su;
/** What may follow a word that is obeyed: marks that end a phrase, and emoji. A question mark asks. */
const ENDS_A_PHRASE =
  /^(?:[.,:;!…—–)\]}"'»”’。，！：；、-]|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator})*$/u;
/** What somebody typed between the word and its argument, instead of a space. */
const GLUE = /^(?:[=:,;!(…—–]+|(?=[@#]))(?=\S)/u;

/** The command named by a word as `scanCommands` reads it, even with a mark after it that ends a phrase; `null`: none. */
export function commandOfWord(word: string): CommandName | null {
  const [, letters = "", behind = ""] = PARTS.exec(word) ?? [];
  return ENDS_A_PHRASE.test(behind) ? (NAME_OF_WORD.get(letters) ?? null) : null;
}

/**
 * Reads one line of `scanCommands`.
 *
 * `/ack,` and `/ack!` are commands just as `/ack` is. `/ack?` asks, and `/severity=P0` runs two words together: both
 * are answered with what to write, and nothing is done.
 *
 * @param host the host in the URLs of issues; GitHub Enterprise Server has its own
 * @returns the command, a problem its author can fix, or `null` for a line that was hardly meant as a command
 *   (`/usr`, `/tmp`)
 */
export function parseCommand(line: CommandLine, host = "github.com"): ParsedCommand | null {
  const name = commandOfWord(line.word);
  if (name === null || line.slip !== null) {
    const nearest = name ?? nearestCommand(line.word);
    if (nearest === null) return null;
    const instead = insteadOf(nearest, line, host);
    return { kind: "unknown", command: null, word: line.word, instead, slip: line.slip };
  }
  const spec: CommandSpec = COMMANDS[name];
  const parsed = spec.parse(line.rest.trim(), host);
  if ("problem" in parsed) return { kind: parsed.problem, command: name, usage: spec.usage, why: parsed.why };
  return { kind: "command", command: parsed };
}

/** `/severity P0` for `/severity=P0`, if that is a command; else the bare word. */
function insteadOf(name: CommandName, { word, rest, slip }: CommandLine, host: string): string {
  const [, , behind = ""] = PARTS.exec(word) ?? [];
  const glue = GLUE.exec(behind);
  if (slip !== null || glue === null) return `/${name}`;
  const glued = `${behind.slice(glue[0].length)} ${rest}`.trim();
  const isCommand =
    glued.length <= MAX_GLUED_LENGTH && !("problem" in (COMMANDS[name] as CommandSpec).parse(glued, host));
  return isCommand ? `/${name} ${glued}` : `/${name}`;
}

/** The longest text repeated in a suggestion, in UTF-16 code units. */
const MAX_GLUED_LENGTH = 100;

/** Commands that other bots obey: close to one of ours, and not meant for us. */
const WORDS_OF_OTHERS: ReadonlySet<string> = new Set(["retest", "review"]);

/**
 * The command a misspelt word was meant to be, or `null` when it is close to none.
 *
 * One edit may separate the two, or two when the command has six letters or more; swapping two letters is one edit.
 * Short aliases are not candidates: `/dev` is not a misspelt `/sev`.
 */
export function nearestCommand(word: string): CommandName | null {
  const letters = PARTS.exec(word)?.[1] ?? "";
  const exact = NAME_OF_WORD.get(letters) ?? NAME_OF_WORD.get(letters.replace(/(?:ed|d|ing)$/, ""));
  if (exact !== undefined) return exact;
  if (WORDS_OF_OTHERS.has(letters)) return null;
  let best: { readonly name: CommandName; readonly edits: number } | null = null;
  for (const [candidate, name] of NAME_OF_WORD) {
    if (candidate.length < 4 && candidate !== name) continue;
    const edits = isSwap(letters, candidate) ? 1 : distance(letters, candidate);
    const allowed = candidate.length >= 6 && letters.length >= 4 ? 2 : 1;
    if (edits <= allowed && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { name, edits };
  }
  return best?.name ?? null;
}

/** Whether `a` is `b` with two neighbouring letters swapped. */
function isSwap(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  if (at === -1) return false;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
