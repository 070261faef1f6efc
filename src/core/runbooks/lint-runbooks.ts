import type { Token } from "markdown-it";
import { parseDocument } from "../markdown/parse-document.ts";
import { sectionsOf } from "../markdown/sections.ts";
import type { Instant, Millis } from "../model.ts";
import type { PolicyProblem } from "../policy/parse.ts";
import type { Policy } from "../policy/policy.ts";
import { DAY_MS } from "../time-units.ts";
import { NO_FRONT_MATTER, readFrontMatter } from "./front-matter.ts";
import { LARGEST_RUNBOOK_BYTES } from "./runbook.ts";
import { runbookSteps } from "./runbook-steps.ts";

/** A runbook as found on disk. */
export interface RunbookFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  /** When it was last committed; `null`: not known. */
  readonly committedAt: Instant | null;
}

/** What a link may lead to. */
export interface RepositoryFiles {
  /** Whether a file or folder is there; `path` from the root, with `/`, empty for the root itself. */
  has(path: string): boolean;
  /** The text of a Markdown file; `null`: there is none, or it is not text. */
  text(path: string): string | null;
}

/** A problem and the file it is in. */
export type RunbookProblem = PolicyProblem & { readonly file: string };

/**
 * What is wrong with runbooks, file by file: front matter that cannot be read, no owner, severities the policy does not
 * know, no review for longer than `olderThan`, no steps, links to files or headings that do not exist.
 *
 * A runbook is as old as its `reviewed` day or its last commit, whichever is later; if neither is known, its age is not
 * judged. URLs on the web are not fetched.
 */
export function lintRunbooks(
  runbooks: readonly RunbookFile[],
  repository: RepositoryFiles,
  policy: Policy,
  limits: { readonly now: Instant; readonly olderThan: Millis },
): readonly RunbookProblem[] {
  return runbooks.flatMap((runbook) => [
    ...headProblems(runbook, policy, limits),
    ...linkProblems(runbook, repository),
  ]);
}

function headProblems(
  { path, text, committedAt }: RunbookFile,
  policy: Policy,
  { now, olderThan }: { readonly now: Instant; readonly olderThan: Millis },
): readonly RunbookProblem[] {
  const { frontMatter, problem, body } = readFrontMatter(text);
  const found: RunbookProblem[] = [];
  const say = (field: string, message: string) =>
    found.push({ file: path, line: lineOf(text, field), column: 1, path: field, message });
  if (problem !== null) say("", problem);
  // Front matter that cannot be read says nothing about an owner.
  const isReadable = problem === null || frontMatter !== NO_FRONT_MATTER;
  const isSaid = problem?.startsWith("owner ") === true;
  if (isReadable && !isSaid && frontMatter.owner === null)
    say("owner", "nobody keeps it true: write owner: with a team or a login in its head");
  const known = policy.severities.map(({ name }) => name);
  for (const severity of frontMatter.severities) {
    if (known.some((name) => name.toLowerCase() === severity.toLowerCase())) continue;
    say("severities", `the policy has no severity ${JSON.stringify(severity)}: it knows ${known.join(", ")}`);
  }
  const reviewed = frontMatter.reviewed === null ? Number.NaN : Date.parse(frontMatter.reviewed);
  const lastSeen = Math.max(Number.isNaN(reviewed) ? 0 : reviewed, committedAt ?? 0);
  const days = Math.floor((now - lastSeen) / DAY_MS);
  if (lastSeen > 0 && now - lastSeen > olderThan) {
    say("reviewed", `nobody has looked through it for ${days} days: do so, and write reviewed: with the day`);
  }
  if (new TextEncoder().encode(text).byteLength > LARGEST_RUNBOOK_BYTES) {
    say("", `it is too large: only the first ${LARGEST_RUNBOOK_BYTES / 1_024} KiB are looked at. Part it`);
  } else if (runbookSteps(body).steps.length === 0) {
    say("", "it has no steps: number them, or write them as - [ ] items");
  }
  return found;
}

/** The line of a key in the front matter; the first line if it is not there. */
function lineOf(text: string, key: string): number {
  if (key === "") return 1;
  const at = text.split(/\r\n?|\n/).findIndex((line) => line.startsWith(`${key}:`));
  return at === -1 ? 1 : at + 1;
}

function* linkProblems({ path, text }: RunbookFile, repository: RepositoryFiles): Iterable<RunbookProblem> {
  for (const { line, href } of linksOf(readFrontMatter(text).body)) {
    const message = linkProblem(href, path, text, repository);
    if (message !== null) yield { file: path, line, column: 1, path: "", message };
  }
}

function linkProblem(href: string, from: string, text: string, repository: RepositoryFiles): string | null {
  // A scheme, or another host: the web is not looked up.
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(href)) return null;
  const shown = JSON.stringify(href);
  const [address = "", anchor = ""] = href.split("#", 2);
  const decoded = decodedText(address.split("?")[0] ?? "");
  if (decoded === null) return `the link to ${shown} is not an address: write % as %25`;
  const target = decoded === "" ? from : resolved(from, decoded);
  if (target === null) return `the link to ${shown} leads out of the repository`;
  if (!repository.has(target)) return `the link to ${shown} is dead: there is no ${JSON.stringify(target)}`;
  if (anchor === "" || !/\.(?:md|markdown)$/i.test(target)) return null;
  const there = target === from ? text : repository.text(target);
  const wanted = decodedText(anchor) ?? anchor;
  if (there === null || anchorsOf(there).has(wanted.toLowerCase())) return null;
  return `the link to ${shown} is dead: ${target} has no heading for #${wanted}`;
}

function decodedText(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A path from the root of the repository; `null`: it leads out of it. */
function resolved(from: string, address: string): string | null {
  const folders = address.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const step of address.split("/")) {
    if (step === "" || step === ".") continue;
    if (step !== "..") folders.push(step);
    else if (folders.pop() === undefined) return null;
  }
  return folders.join("/");
}

/** The links and images of a text, with their lines (1-based, of the paragraph). */
function linksOf(body: string): readonly { readonly line: number; readonly href: string }[] {
  const document = parseDocument(body);
  return document.blocks.flatMap((block) =>
    block.type !== "inline" || block.map === null
      ? []
      : addresses(document.inline(block)).map((href) => ({ line: block.map![0] + 1, href })),
  );
}

function addresses(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => {
    const href =
      token.type === "link_open" ? token.attrGet("href") : token.type === "image" ? token.attrGet("src") : null;
    return href === null || href === "" ? [] : [String(href)];
  });
}

/**
 * The anchors of a document's headings: in lower case, without punctuation, spaces as hyphens, repeated ones numbered
 * (GitHub docs, "Section links").
 */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const times = new Map<string, number>();
  for (const { title } of sectionsOf(readFrontMatter(text).body)) {
    const plain = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const seen = times.get(plain) ?? 0;
    times.set(plain, seen + 1);
    anchors.add(seen === 0 ? plain : `${plain}-${seen}`);
  }
  for (const [, id = ""] of text.matchAll(/<a\s+(?:id|name)="([^"]{1,200})"/gi)) anchors.add(id.toLowerCase());
  return anchors;
}
