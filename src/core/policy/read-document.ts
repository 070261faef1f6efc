import { CORE_SCHEMA, constructFromEvents, EVENT_ID, type Event, parseEvents, YAMLException } from "js-yaml";
import type * as z from "zod";
import { findYamlSlip } from "./find-yaml-slip.ts";
import { Gaps } from "./gaps.ts";
import { type DocumentPath, type Positions, yamlPositions } from "./positions.ts";
import type { RuleProblem } from "./rules.ts";
import { showValue } from "./show-value.ts";

/** The largest file of ours, in bytes of UTF-8. */
export const LARGEST_DOCUMENT_BYTES = 65_536;
/** How deeply its lists and maps may be nested. */
export const DEEPEST_DOCUMENT_LEVELS = 20;

/** Something the author of a file can fix. */
export interface DocumentProblem {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** As the user writes it, such as `severities.P0.update-every`; list entries by index from 0. Empty: the whole file. */
  readonly path: string;
  /** What is wrong and what to write instead: one line of plain text, not Markdown. */
  readonly message: string;
}

/** The result of reading a file; `positions` finds places in the text for whatever is found wrong with it later. */
export type ReadDocument<Value> =
  | { readonly kind: "valid"; readonly value: Value; readonly positions: Positions }
  | Unusable;
type Unusable = { readonly kind: "invalid"; readonly problems: readonly DocumentProblem[] };

/** A text that is YAML: what it holds, and where. */
export type ReadYaml = { readonly kind: "yaml"; readonly document: unknown; readonly positions: Positions } | Unusable;

/** How the rules are asked about the rest of a document in which the schema has found something wrong. */
export interface RestRules {
  /** What takes the place of a value that was found wrong; `undefined`: it is left out; `null`: nothing can be said about the rest. */
  standIn(path: DocumentPath): unknown;
  /** Whether a rule broken at `path` may hold once what lies below `path` is put right. */
  dependsOnAllBelow(path: DocumentPath): boolean;
}

interface Finding {
  readonly path: DocumentPath;
  readonly at: "key" | "value";
  readonly message: string;
}

/**
 * Reads one of our YAML files. Never throws, whatever a user writes.
 *
 * Problems come in the order of the text, all of one kind at once: first what is not YAML, then what does not match the
 * schema, then what is inconsistent. The limits (size, depth, no aliases) come before anything else.
 *
 * @param text   as decoded from UTF-8; a byte order mark is skipped
 * @param schema what the document has to be
 * @param rules  checks rules about several fields at once; empty: it is consistent
 */
export function readDocument<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  rules: (value: z.output<Schema>) => readonly RuleProblem[],
): ReadDocument<z.output<Schema>> {
  const read = readYaml(text);
  return read.kind === "invalid" ? read : checkDocument(read, schema, rules);
}

/** The first part of `readDocument`: the limits, and whether it is YAML. Never throws. */
export function readYaml(text: string): ReadYaml {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (isLargerThan(source, LARGEST_DOCUMENT_BYTES)) {
    return broken({ line: 1, column: 1 }, "", `the file is too large: at most ${LARGEST_DOCUMENT_BYTES / 1024} KiB`);
  }
  const undecodable = source.search(/\uFFFD|\p{Surrogate}/u);
  if (undecodable >= 0) {
    const place = yamlPositions(source, []).at(undecodable);
    return broken(place, "", "the text is not valid UTF-8 here: save the file as UTF-8");
  }

  let positions = yamlPositions(source, []);
  let document: unknown;
  try {
    const events = parseEvents(source, { maxDepth: DEEPEST_DOCUMENT_LEVELS });
    positions = yamlPositions(source, events);
    const second = secondDocument(events);
    if (second !== null) {
      return broken(positions.at(second), "", "a second document starts here: keep one, without --- between");
    }
    // js-yaml finds no document in an empty text: it says nothing, so everything is default.
    document = constructFromEvents(events, { source, schema: CORE_SCHEMA, maxAliases: 0 })[0] ?? {};
  } catch (error) {
    // js-yaml asks to catch everything it throws (docs/safety.md); a file that cannot be read is never in force.
    return unreadable(error, source, positions);
  }

  const poisoned = positions.keys.filter((path) => path.at(-1) === "__proto__");
  if (poisoned.length > 0) {
    return invalid(
      poisoned.map((path) => ({ path, at: "key", message: 'unknown key "__proto__": remove it' })),
      positions,
    );
  }

  return { kind: "yaml", document, positions };
}

/**
 * The second part of `readDocument`. The document may hold more than the text of its positions: what is wrong with that
 * is placed at the nearest thing around it that the text has.
 *
 * @param rest how to tell what is inconsistent in the same round as what does not match; left out: in the next one
 */
export function checkDocument<Schema extends z.ZodType>(
  { document, positions }: Pick<Extract<ReadYaml, { kind: "yaml" }>, "document" | "positions">,
  schema: Schema,
  rules: (value: z.output<Schema>) => readonly RuleProblem[],
  rest: RestRules | null = null,
): ReadDocument<z.output<Schema>> {
  const parsed = schema.safeParse(document);
  if (!parsed.success) {
    const found = findings(parsed.error.issues, []);
    return invalid([...found, ...(rest === null ? [] : inTheRest(document, found, schema, rules, rest))], positions);
  }
  const violated = rules(parsed.data).map(ruleFinding);
  return violated.length > 0 ? invalid(violated, positions) : { kind: "valid", value: parsed.data, positions };
}

function ruleFinding({ path, message }: RuleProblem): Finding {
  return { path, at: "value", message };
}

/** Taking out what is wrong may leave something else wrong, such as an empty list. Beyond this the rest has to wait. */
const MOST_ROUNDS = 4;

/** Whoever has more to fix than this does not miss the rest yet. */
const MOST_FOUND = 100;

/** What the rules say about a document once everything is taken out of it that was found wrong. */
function inTheRest<Schema extends z.ZodType>(
  document: unknown,
  found: readonly Finding[],
  schema: Schema,
  rules: (value: z.output<Schema>) => readonly RuleProblem[],
  { standIn, dependsOnAllBelow }: RestRules,
): readonly Finding[] {
  if (found.length > MOST_FOUND) return [];
  const gaps = new Gaps(document);
  let wrong = found.map(({ path }) => path);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (!wrong.every((path) => gaps.takeOut(path, standIn))) return [];
    const { rest, asWritten } = gaps.close();
    const parsed = schema.safeParse(rest);
    if (parsed.success) {
      const isDoubtful = (path: DocumentPath) =>
        found.some((one) => isWithin(path, one.path) || (isWithin(one.path, path) && dependsOnAllBelow(path)));
      return rules(parsed.data)
        .map((problem) => ruleFinding({ ...problem, path: asWritten(problem.path) }))
        .filter(({ path }) => !isDoubtful(path));
    }
    wrong = findings(parsed.error.issues, []).map(({ path }) => asWritten(path));
  }
  return [];
}

function isWithin(path: DocumentPath, outer: DocumentPath): boolean {
  return path.length >= outer.length && outer.every((step, at) => path[at] === step);
}

/** One problem on one line: `file:line:column  path  message`, the form editors and terminals turn into a link. */
export function formatProblem(file: string, problem: DocumentProblem): string {
  const place = `${file}:${problem.line}:${problem.column}`;
  return [place, problem.path, problem.message].filter((part) => part !== "").join("  ");
}

function isLargerThan(text: string, bytes: number): boolean {
  // A UTF-16 unit is at least one byte of UTF-8: a huge text need not be encoded to be refused.
  return text.length > bytes || new TextEncoder().encode(text).byteLength > bytes;
}

/** Where the second document begins, as nearly as its first node tells; `null`: there is none. */
function secondDocument(events: readonly Event[]): number | null {
  const index = events.findIndex((event, at) => at > 0 && event.type === EVENT_ID.DOCUMENT);
  if (index < 0) return null;
  for (const event of events.slice(index)) {
    if (event.type === EVENT_ID.SCALAR && event.valueStart >= 0) return event.valueStart;
    if ((event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) && event.start >= 0) return event.start;
  }
  return Number.POSITIVE_INFINITY;
}

function unreadable(error: unknown, source: string, positions: Positions): Unusable {
  if (!(error instanceof YAMLException)) return broken({ line: 1, column: 1 }, "", "the file cannot be read as YAML");
  const offset = error.mark?.position ?? 0;
  const known = yamlSentence(error.reason);
  // The parser misses a comma where it is at the moment, which may be lines below the slip.
  const slip = known === null || /comma/.test(known) ? findYamlSlip(source, offset) : null;
  const place = positions.at(slip?.offset ?? offset);
  const path = positions.pathAt(offset);
  return broken(place, slip !== null || path === null ? "" : showPath(path), slip?.message ?? known ?? NO_YAML);
}

const NO_YAML =
  "this cannot be read as YAML from here on: look at quotes, colons and indentation of this line and the one above";

/**
 * What js-yaml says about anything other than a typing slip, in words for the author of a file; `null`: it may be a
 * slip.
 */
function yamlSentence(reason: string): string | null {
  if (reason === "duplicated mapping key") return "this key is there twice: keep one of them";
  if (reason.startsWith("aliases exceeded")) return "aliases such as *name are not allowed: write the value out";
  if (reason.startsWith("nesting exceeded")) {
    return `lists and maps lie too deep within each other: at most ${DEEPEST_DOCUMENT_LEVELS} levels`;
  }
  if (/^unknown .*tag/.test(reason)) return "tags such as !name are not allowed: write the plain value";
  if (reason.includes("complex keys")) return "a key has to be a word: write it as name: value";
  if (reason.includes("non-printable")) return "there is an invisible control character here: remove it";
  if (/missed comma/.test(reason)) return "a comma is missing between two entries here";
  if (/expected the node content, but found ','/.test(reason)) return "a comma too many: remove one";
  if (/alias node|anchor/.test(reason)) return "a value that begins with & or * needs quotes";
  return null;
}

/**
 * What zod found, flattened: for a union, the branch that best matches what was written; for unknown keys, each of
 * them.
 */
function findings(issues: readonly z.core.$ZodIssue[], base: DocumentPath): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
    if (issue.code === "unrecognized_keys") {
      const sentences = issue.message.split("\n");
      return issue.keys.map((key, at) => ({ path: [...path, key], at: "key", message: glued(key) ?? sentences[at]! }));
    }
    if (issue.code === "invalid_key") return [{ path, at: "key", message: issue.issues[0]!.message }];
    if (issue.code === "invalid_union") {
      const branch = issue.errors.find((errors) => !errors.some(isOfAnotherKind));
      if (branch !== undefined) return findings(branch, path);
    }
    return [{ path, at: "value", message: issue.message }];
  });
}

/** A name and its value run together, as in `{ follow:primary }`; `null`: it is not that. */
function glued(key: string): string | null {
  const pair = /^([A-Za-z][\w-]{0,60})[:：] ?([\w.-]{1,60})$/.exec(key);
  return pair === null ? null : `write a colon and a space between name and value: ${pair[1]}: ${pair[2]}`;
}

/** Whether the value as a whole is something this branch of the union does not accept. */
function isOfAnotherKind(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function invalid(found: readonly Finding[], positions: Positions): Unusable {
  const problems = new Map<string, DocumentProblem>();
  for (const { path, at, message } of found) {
    // A value of the wrong kind also fails what is asked of the right kind: only the first finding about a value
    // counts.
    const identity = JSON.stringify([path, at]);
    if (!problems.has(identity)) problems.set(identity, { ...positions.of(path, at), path: showPath(path), message });
  }
  return { kind: "invalid", problems: [...problems.values()].sort((a, b) => a.line - b.line || a.column - b.column) };
}

function broken(place: { readonly line: number; readonly column: number }, path: string, message: string): Unusable {
  return { kind: "invalid", problems: [{ ...place, path, message }] };
}

/** A path as the user would write it. Keys that are not plain words are quoted and shortened. */
function showPath(path: DocumentPath): string {
  let shown = "";
  for (const step of path) {
    if (typeof step === "number") shown += `[${step}]`;
    else if (/^[A-Za-z0-9_-]{1,40}$/.test(step)) shown += shown === "" ? step : `.${step}`;
    else shown += `[${showValue(step)}]`;
  }
  return shown;
}
