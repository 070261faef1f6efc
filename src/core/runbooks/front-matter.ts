import { CORE_SCHEMA, load, YAMLException } from "js-yaml";
import * as z from "zod";
import { isPlaceholder } from "../policy/fields.ts";
import { findYamlSlip } from "../policy/find-yaml-slip.ts";

/** Longest front matter, in UTF-16 code units. */
export const LONGEST_FRONT_MATTER_CHARACTERS = 8_192;
/** The most words in one list of the front matter; more are ignored. */
const MOST_WORDS = 50;
const DEEPEST_LEVELS = 5;

/** What the front matter of a runbook says it is for. Lists are trimmed, as written, and may be empty. */
export interface FrontMatter {
  readonly title: string | null;
  /** Names of the policy's severities. If given, the runbook is for no others. */
  readonly severities: readonly string[];
  readonly labels: readonly string[];
  readonly services: readonly string[];
  readonly keywords: readonly string[];
  /** Names of alerts, as the monitoring system writes them. */
  readonly alerts: readonly string[];
  /** Who keeps it up to date: a login, a team, or words. */
  readonly owner: string | null;
  /** The day somebody last went through it, `YYYY-MM-DD`. */
  readonly reviewed: string | null;
}

/** A document split into front matter and text. `problem` is one line that says what to mend. */
export interface ReadFrontMatter {
  readonly frontMatter: FrontMatter;
  readonly problem: string | null;
  /** The text after it, padded to the same number of lines: line numbers stay those of the file. */
  readonly body: string;
}

export const NO_FRONT_MATTER: FrontMatter = {
  title: null,
  severities: [],
  labels: [],
  services: [],
  keywords: [],
  alerts: [],
  owner: null,
  reviewed: null,
};

const Word = z.union([z.string(), z.number()]).transform((word) => String(word).trim().slice(0, 200));
const Words = z
  .union([Word.transform((word) => [word]), z.array(Word)])
  .transform((words) => words.filter((word) => word !== "").slice(0, MOST_WORDS));
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/**
 * Reads the YAML between two lines of `---` at the start of a Markdown file. Never throws, whatever a person writes:
 * what cannot be read counts as missing, and `problem` says why. Unknown keys belong to other tools.
 */
export function readFrontMatter(text: string): ReadFrontMatter {
  const source = (text.startsWith("\uFEFF") ? text.slice(1) : text).replace(/\r\n?/g, "\n");
  const head = /^---[ \t]*\n((?:[^\n]*\n)*?)---[ \t]*(?:\n|$)/.exec(source);
  if (head === null) return { frontMatter: NO_FRONT_MATTER, problem: null, body: source };
  const body = "\n".repeat(head[0].split("\n").length - 1) + source.slice(head[0].length);
  const yaml = head[1] ?? "";
  if (yaml.length > LONGEST_FRONT_MATTER_CHARACTERS) {
    const problem = `the front matter is too long: at most ${LONGEST_FRONT_MATTER_CHARACTERS} characters`;
    return { frontMatter: NO_FRONT_MATTER, problem, body };
  }
  let document: unknown;
  try {
    document = load(yaml, { schema: CORE_SCHEMA, maxDepth: DEEPEST_LEVELS, maxAliases: 0 }) ?? {};
  } catch (error) {
    // js-yaml asks to catch everything it throws (its docs/safety.md).
    const slip = error instanceof YAMLException ? findYamlSlip(yaml, error.mark?.position ?? 0) : null;
    const at = slip === null ? "" : `line ${yaml.slice(0, slip.offset).split("\n").length + 1}: `;
    const why = slip?.message ?? "write it as key: value lines, with spaces and closed quotes";
    return { frontMatter: NO_FRONT_MATTER, problem: `the front matter is not YAML: ${at}${why}`, body };
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return { frontMatter: NO_FRONT_MATTER, problem: "the front matter is no map: write key: value lines", body };
  }
  return { ...fieldsOf(document as Readonly<Record<string, unknown>>), body };
}

function fieldsOf(document: Readonly<Record<string, unknown>>): Omit<ReadFrontMatter, "body"> {
  const problems: string[] = [];
  const read = <T>(key: string, schema: z.ZodType<T>, expected: string): T | null => {
    const value = Object.hasOwn(document, key) ? document[key] : undefined;
    if (value === undefined || value === null) return null;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    problems.push(
      isPlaceholder(value)
        ? `${key} is the placeholder ${value}: write ${expected.replace(/^.*: write /, "")} in its place`
        : `${key} is not ${expected}`,
    );
    return null;
  };
  const words = (key: string) => read(key, Words, "a list of words") ?? [];
  const owners = (read("owner", Words, "a name") ?? []).filter((owner) => {
    if (!isPlaceholder(owner)) return true;
    problems.push(`owner is the placeholder ${owner}: write a team or a login in its place`);
    return false;
  });
  const frontMatter: FrontMatter = {
    severities: words("severities"),
    labels: words("labels"),
    services: words("services"),
    keywords: words("keywords"),
    alerts: words("alerts"),
    title: read("title", Word, "a line of text"),
    owner: owners.length === 0 ? null : owners.join(", "),
    reviewed: read("reviewed", Day, "a day: write YYYY-MM-DD"),
  };
  return { frontMatter, problem: problems[0] ?? null };
}
