import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { COMMAND_NAMES } from "../src/core/commands/registry.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const INDEX = "docs/README.md";
const OUTSIDE_DOCS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "src/README.md"];

interface Link {
  /** From the root of the repository; the page itself for a link such as `#status`. */
  readonly target: string;
  readonly anchor: string | null;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function filesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path}`);
}

/** Markdown without what shows text as it is: links and headings in there are none. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^( *)(```+).*\n[\s\S]*?^\1\2`*$/gm, "").replace(/(`+)(?!`)[^\n]*?\1/g, "``");
}

/** The links of a page to files of the repository, pictures and their sources included. */
function linksOf(page: string): readonly Link[] {
  const text = withoutCode(read(page));
  return [...text.matchAll(/(?:\]\(|(?:src|srcset|href)=")(?!https?:|mailto:)([^)"\s]*)/g)].map(([, to = ""]) => {
    const [path = "", anchor = null] = to.split("#");
    const target = path === "" ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
    return { target, anchor };
  });
}

/**
 * The anchors that GitHub gives the headings of a page: lower case, without punctuation, a hyphen for each space, a
 * number where it is there already (github.com/Flet/github-slugger does the same).
 */
function anchorsOf(page: string): ReadonlySet<string> {
  const found = new Map<string, number>();
  for (const [, heading = ""] of read(page)
    .replace(/^( *)(```+).*\n[\s\S]*?^\1\2`*$/gm, "")
    .matchAll(/^#{1,6} +(.+?)(?: +#+)?$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    found.set(slug, (found.get(slug) ?? -1) + 1);
    const again = found.get(slug) ?? 0;
    if (again > 0) found.set(`${slug}-${again}`, 0);
  }
  return new Set(found.keys());
}

describe("The documents", () => {
  const pages = [...OUTSIDE_DOCS, ...filesIn("docs", ".md"), ...filesIn("runbooks", ".md")];

  it("are all found from their index, by reader", () => {
    expect([...read(INDEX).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      "You were woken",
      "You maintain a repository",
      "You run Sevgate",
      "You doubt it",
      "You change it",
    ]);
    const reached = new Set([INDEX]);
    for (const page of reached) {
      for (const { target } of linksOf(page)) {
        if (target.endsWith(".md") && target.startsWith("docs/")) reached.add(target);
      }
    }
    expect(filesIn("docs", ".md").toSorted()).toEqual([...reached].toSorted());
    const listed = linksOf(INDEX).map(({ target }) => target);
    const own = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md") && name !== "README.md");
    expect(own.map((name) => `docs/${name}`).filter((page) => !listed.includes(page))).toEqual([]);
  });

  it("stand in their index once each", () => {
    const listed = linksOf(INDEX).map(({ target }) => target);
    expect(listed.filter((page, at) => listed.indexOf(page) !== at)).toEqual([]);
  });

  it("link to files and headings that are there", () => {
    const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, ...link })));
    expect(links.filter(({ anchor }) => anchor !== null).length).toBeGreaterThan(20);
    const broken = links.filter(
      ({ target, anchor }) =>
        !existsSync(join(ROOT, target)) ||
        (anchor !== null && target.endsWith(".md") && !anchorsOf(target).has(decodeURIComponent(anchor))),
    );
    expect(broken).toEqual([]);
  });

  it("show every picture that is kept, and the pictures are small", () => {
    const shown = new Set(pages.flatMap((page) => linksOf(page).map(({ target }) => target)));
    const kept = filesIn("docs/images", "");
    expect(kept.filter((picture) => !shown.has(picture))).toEqual([]);
    const bytes = kept.reduce((sum, picture) => sum + statSync(join(ROOT, picture)).size, 0);
    expect(bytes).toBeLessThan(600_000);
  });

  it("begin with a README that can be read in one go", () => {
    expect(read("README.md").split("\n").length).toBeLessThanOrEqual(151);
  });

  it("tell whoever was woken on one screen, with commands that exist", () => {
    const page = read("docs/you-were-woken.md");
    expect(page.split(/\s+/).length).toBeLessThan(220);
    const commands = [...page.matchAll(/`\/([a-z]+)/g)].map(([, name]) => name);
    expect(commands).toEqual(expect.arrayContaining(["ack", "suspects", "revert", "page", "status", "resolve"]));
    expect(commands.filter((name) => !COMMAND_NAMES.includes(name as never))).toEqual([]);
  });
});

describe("The files to copy into a repository", () => {
  it.each(["p0", "p1", "p2"])("are those that this repository uses itself: incident-%s.yml", (name) => {
    const form = `ISSUE_TEMPLATE/incident-${name}.yml`;
    expect(read(`.github/${form}`)).toBe(read(`templates/github/${form}`));
  });

  it.each(filesIn("templates/github", "").filter((path) => /\.\w+$/.test(path)))(
    "%s says in its first line what to change",
    (path) => {
      // GitHub takes front matter from the first line on.
      const [first, second] = read(path).split("\n");
      expect(first === "---" ? second : first).toMatch(/^# Change \S+.{20,}/);
    },
  );
});
