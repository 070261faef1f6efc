import { layOver } from "./lay-over.ts";
import type { Policy } from "./policy.ts";
import type { DocumentPath, Positions } from "./positions.ts";
import {
  checkDocument,
  DEEPEST_DOCUMENT_LEVELS,
  type DocumentProblem,
  formatProblem,
  LARGEST_DOCUMENT_BYTES,
  type RestRules,
  readYaml,
} from "./read-document.ts";
import { brokenRules } from "./rules.ts";
import { DEFAULT_SEVERITIES, PolicyDocument, SEVERITY_NAME } from "./schema.ts";

/** Where the policy is, in a repository and in its owner's repository `.github`. */
export const POLICY_PATH = ".github/sevgate.yml";
/** The largest policy file, in bytes of UTF-8. */
export const LARGEST_POLICY_BYTES = LARGEST_DOCUMENT_BYTES;
/** How deeply lists and maps of a policy may be nested. */
export const DEEPEST_POLICY_LEVELS = DEEPEST_DOCUMENT_LEVELS;

/** Something the author of a policy can fix. */
export type PolicyProblem = DocumentProblem;
export { formatProblem };

export type ParsedPolicy =
  | {
      readonly kind: "valid";
      readonly policy: Policy;
      /** A text that says the same and extends nothing: to be kept. */
      readonly text: string;
    }
  | { readonly kind: "invalid"; readonly problems: readonly PolicyProblem[] };

/** The policy that `extends: owner` builds on: that of the repository `.github` of the same owner. */
export type OwnerPolicy =
  | { readonly kind: "text"; readonly place: string; readonly text: string }
  /** There is none, or it may not be read. `place` is its repository, for people. */
  | { readonly kind: "missing"; readonly place: string }
  /** The file read is the owner's policy itself. */
  | { readonly kind: "itself" }
  /** It is somewhere else. The file is looked at over the built-in policy, and what depends on the owner's is let pass. */
  | { readonly kind: "elsewhere" };

const NOT_GIVEN: OwnerPolicy = { kind: "missing", place: "the owner's repository .github" };

/**
 * Reads a policy file. Never throws, whatever a user writes. An empty file, or one with only comments, is the built-in
 * default.
 *
 * Problems come in the order of the text: first what is not YAML, then all the rest at once.
 *
 * @param owner what `extends: owner` stands for; only looked at if the file says so (`extendsOwner`)
 */
export function parsePolicy(text: string, owner: OwnerPolicy = NOT_GIVEN): ParsedPolicy {
  const written = readYaml(text);
  if (written.kind === "invalid") return written;
  if (!saysExtends(written.document)) return checked(written, brokenRules, text);
  const below = documentBelow(owner, written.document);
  if ("trouble" in below) return atExtends(written.positions, below.trouble);
  const { extends: _, ...above } = written.document;
  const document = layOver(below.document, above);
  const rules = owner.kind === "elsewhere" ? () => [] : brokenRules;
  const whole = inYaml(document);
  if (new TextEncoder().encode(whole).byteLength > LARGEST_POLICY_BYTES) {
    const message = `together with the owner's policy this is too large: at most ${LARGEST_POLICY_BYTES / 1024} KiB`;
    return atExtends(written.positions, message);
  }
  return checked({ document, positions: written.positions }, rules, whole);
}

/** Whether a policy file builds on its owner's, which then has to be read as well. */
export function extendsOwner(text: string): boolean {
  if (!text.includes("extends")) return false;
  const written = readYaml(text);
  return written.kind === "yaml" && saysExtends(written.document);
}

type Extending = { readonly extends: "owner" } & Readonly<Record<string, unknown>>;

function saysExtends(document: unknown): document is Extending {
  return typeof document === "object" && document !== null && "extends" in document && document.extends === "owner";
}

function checked(
  written: { readonly document: unknown; readonly positions: Positions },
  rules: typeof brokenRules,
  text: string,
): ParsedPolicy {
  const read = checkDocument(written, PolicyDocument, rules, REST_RULES);
  if (read.kind === "invalid") return read;
  const { extends: _, ...policy } = read.value;
  return { kind: "valid", policy, text };
}

function atExtends(positions: Positions, message: string): ParsedPolicy {
  return { kind: "invalid", problems: [{ ...positions.of(["extends"], "value"), path: "extends", message }] };
}

/** What a file that extends is laid over, or why it cannot be: one line. */
function documentBelow(
  owner: OwnerPolicy,
  above: Readonly<Record<string, unknown>>,
): { readonly document: unknown } | { readonly trouble: string } {
  switch (owner.kind) {
    case "missing":
      return {
        trouble: `there is no ${POLICY_PATH} in ${owner.place} that Sevgate may read: write it there, or remove this line`,
      };
    case "itself":
      return { trouble: "this file is the owner's policy, and there is none above it: remove this line" };
    case "elsewhere":
      return { document: { severities: DEFAULT_SEVERITIES, alerts: endpointsToCome(above["alerts"]) } };
    case "text": {
      const parsed = parsePolicy(owner.text, { kind: "itself" });
      if (parsed.kind === "invalid") {
        const [first] = parsed.problems;
        const where = `line ${first!.line}${first!.path === "" ? "" : `, ${first!.path}`}`;
        return { trouble: `the policy of ${owner.place} cannot be used: fix it there (${where}: ${first!.message})` };
      }
      const read = readYaml(owner.text);
      const document = read.kind === "yaml" ? (read.document as Readonly<Record<string, unknown>>) : {};
      // Whose evidence a private repository lets in is its own affair.
      const { "evidence-for": _, ...rest } = document;
      return { document: { severities: DEFAULT_SEVERITIES, ...rest } };
    }
  }
}

/** The one field without a default, which the owner's policy may give. */
function endpointsToCome(alerts: unknown): unknown {
  const endpoints = typeof alerts === "object" && alerts !== null && "endpoints" in alerts ? alerts.endpoints : null;
  if (typeof endpoints !== "object" || endpoints === null || Array.isArray(endpoints)) return {};
  const severity = Object.keys(DEFAULT_SEVERITIES)[0];
  return { endpoints: Object.fromEntries(Object.keys(endpoints).map((name) => [name, { severity }])) };
}

/** JSON is YAML, but for characters that YAML wants written as escapes. */
function inYaml(document: unknown): string {
  return JSON.stringify(document).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const REST_RULES: RestRules = {
  standIn([section, name, field, ...more]: DocumentPath) {
    // Without the severities everything that names one would look wrong.
    if (section === "severities" && name === undefined) return null;
    if (section === "severities" && field === undefined) return SEVERITY_NAME.test(String(name)) ? {} : undefined;
    const isLabel = section === "severities" ? field === "label" && more.length === 0 : name === "label";
    // The default in its place could be another's.
    return isLabel ? `not read: ${String(name)}` : undefined;
  },
  dependsOnAllBelow: (path) => ["close-requires", "severities"].includes(String(path.at(-1))),
};
