/** How the file of a template is called that is for a label or a severity: `post-mortem.NAME.md`, in the folder of templates. */
const FILE = /^post-mortem\.([A-Za-z0-9][A-Za-z0-9._-]{0,59})\.md$/;
/** Other endings of a text, which are no name: `post-mortem.liquid.md` is a slip. */
const ENDINGS: ReadonlySet<string> = new Set(["md", "markdown", "txt", "liquid"]);

/** The most templates for labels and severities that a repository may have. */
export const MOST_POST_MORTEM_TEMPLATES = 10;

/**
 * The name in `post-mortem.NAME.md`, in lower case; `null`: the file is called something else.
 *
 * @param file its name without the folder
 */
export function templateNameIn(file: string): string | null {
  const name = FILE.exec(file)?.[1]?.toLowerCase() ?? null;
  return name === null || ENDINGS.has(name) ? null : name;
}

/**
 * What a label or a severity is called in the name of a file: in lower case, and one `-` for whatever else than letters,
 * digits, `.`, `_` and `-` is in it. `team/security` is `team-security`.
 */
export function templateName(labelOrSeverity: string): string {
  return labelOrSeverity.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
}

/**
 * Which of these templates an incident's post-mortem is written with: that of one of its labels, by name; else that of its
 * severity. `null`: neither has one, and the general template counts.
 *
 * @param names as `templateNameIn` gives them
 */
export function templateFor(
  names: Iterable<string>,
  { labels, severity }: { readonly labels: readonly string[]; readonly severity: string },
): string | null {
  const known = new Set(names);
  const wanted = [...labels.map(templateName).sort(), templateName(severity)];
  return wanted.find((name) => known.has(name)) ?? null;
}
