import { CORE_SCHEMA, load } from "js-yaml";
import { hasLabel } from "../core/names.ts";
import type { Policy } from "../core/policy/policy.ts";
import { showValue } from "../core/policy/show-value.ts";

/** What is odd about an issue form. */
export interface FormWarning {
  readonly file: string;
  /** One line of plain text. */
  readonly message: string;
}

/** An issue form, as far as it was read. */
export interface FormFile {
  readonly file: string;
  readonly text: string;
}

/** The prefix of a label, as in `sev:P0` or `severity/high`. */
const PREFIX = /^[^:/]{1,30}[:/]/;

/**
 * Finds issue forms that look as if they declared an incident, and do not: one named after incidents that sets no label of a
 * severity, or one that sets a label that looks like one. What is no form, GitHub says itself.
 */
export function examineForms(policy: Policy, forms: readonly FormFile[]): readonly FormWarning[] {
  const own = policy.severities.map(({ label }) => label);
  const prefixes = new Set(["sev:", ...own.map(prefixOf)].filter((prefix) => prefix !== ""));
  return forms.flatMap(({ file, text }): readonly FormWarning[] => {
    const labels = labelsOf(text);
    if (labels === null) return [];
    const strangers = labels.filter((label) => prefixes.has(prefixOf(label)) && !hasLabel(own, label));
    if (strangers.length > 0) {
      return strangers.map((label) => ({
        file,
        message: `sets the label ${showValue(label)}, which is no severity here: what it opens is no incident`,
      }));
    }
    const declares = labels.some((label) => hasLabel(own, label));
    return isNamedAfterIncidents(file) && !declares
      ? [{ file, message: "sets no label of a severity: what it opens is no incident until someone labels it" }]
      : [];
  });
}

function isNamedAfterIncidents(file: string): boolean {
  return file
    .slice(file.lastIndexOf("/") + 1)
    .toLowerCase()
    .includes("incident");
}

function prefixOf(label: string): string {
  return PREFIX.exec(label.toLowerCase())?.[0] ?? "";
}

/** The labels a form sets, as a list or with commas between them; `null`: it is no form. */
function labelsOf(text: string): readonly string[] | null {
  let form: unknown;
  try {
    form = load(text, { schema: CORE_SCHEMA, maxAliases: 0, maxDepth: 20 });
  } catch {
    return null;
  }
  if (typeof form !== "object" || form === null || !("body" in form)) return null;
  const labels: unknown = "labels" in form ? form.labels : [];
  const written = typeof labels === "string" ? labels.split(",") : Array.isArray(labels) ? labels : [];
  return written.flatMap((label) => (typeof label === "string" ? [label.trim()] : []));
}
