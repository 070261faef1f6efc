import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** A package of somebody else, of which something was built into ours. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json says it (SPDX); "" when it says nothing. */
  readonly license: string;
  /** As its package.json names the author; "" when it does not. */
  readonly author: string;
  /** Its license and its notices, as it brings them, by the names of the files. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Licenses under which something may be handed on in our package: all that they ask for is that their text goes with it
 * (CONTRIBUTING.md, "Dependencies").
 */
const ALLOWED: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Python-2.0",
  "Unlicense",
]);
/**
 * What a package has built into itself, without the license: test/e2e/package.test.ts finds it by the source maps.
 * `scripts/licenses-within/` has the texts.
 */
const WITHIN: Readonly<Record<string, readonly Omit<BundledPackage, "texts">[]>> = {
  emulate: [{ name: "jose", version: "6.2.2", license: "MIT", author: "Filip Skokan" }],
};
const OF_A_PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/;
const TEXTS = /^(?:licen[cs]e|copying|notice|third[-_]party)/i;

/**
 * The packages that something of was built, by name.
 *
 * @param root what the paths start from
 * @param asText files that were put in as a text, which no metafile names
 * @throws Error when there is one whose license is not allowed
 */
export function bundledPackages(
  root: string,
  metafiles: readonly Metafile[],
  asText: readonly string[] = [],
): readonly BundledPackage[] {
  const folders = new Set(asText.flatMap((path) => OF_A_PACKAGE.exec(path)?.[1] ?? []));
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = OF_A_PACKAGE.exec(path)?.[1];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  const packages = [...folders].flatMap((folder) => {
    const own = readPackage(join(root, folder));
    return [own, ...(WITHIN[own.name] ?? []).map(withItsText)];
  });
  const refused = packages.filter(({ license }) => !isAllowed(license));
  if (refused.length > 0) {
    const named = refused.map(({ name, license }) => `${name} (${license || "none named"})`).join(", ");
    throw new Error(`not a license we may hand on, see CONTRIBUTING.md, "Dependencies": ${named}`);
  }
  return packages.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Whether a license is allowed, or, where there is a choice, one of those offered. */
function isAllowed(license: string): boolean {
  return license
    .replace(/^\((.*)\)$/, "$1")
    .split(" OR ")
    .some((one) => ALLOWED.has(one));
}

/** One text with every license, for people and for whoever hands the package on. The same packages make the same text. */
export function licensesText(packages: readonly BundledPackage[]): string {
  const parts = packages.map(({ name, version, license, author, texts }) => {
    const own =
      texts.size === 0
        ? `Copyright ${author || `the authors of ${name}`}. It brings no text of its license; this is what it names, ${license}:\n\n${textOf(name, license)}`
        : [...new Set(texts.values())].map((text) => text.trim()).join("\n\n");
    return `${"=".repeat(80)}\n${name} ${version}, ${license}\n${"=".repeat(80)}\n\n${own}\n`;
  });
  return `Sevgate is built with these ${packages.length} packages, each under its own license.\n\n${parts.join("\n")}`;
}

/** As https://spdx.org/licenses has it: the license asks that it goes with what it is for. */
function textOf(name: string, license: string): string {
  const file = new URL(`license-texts/${license}.txt`, import.meta.url);
  if (!existsSync(file))
    throw new Error(`${name} brings no text of its license, and scripts/license-texts/ has none for ${license}`);
  return readFileSync(file, "utf8").trim();
}

function withItsText(within: Omit<BundledPackage, "texts">): BundledPackage {
  const file = `${within.name}.txt`;
  const text = readFileSync(new URL(`licenses-within/${file}`, import.meta.url), "utf8");
  return { ...within, texts: new Map([[file, text]]) };
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string | { readonly type?: string };
    readonly author?: string | { readonly name?: string };
  };
  const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile() && TEXTS.test(file.name));
  const texts = files.map((file) => [file.name, readFileSync(join(folder, file.name), "utf8")] as const);
  const named = typeof license === "string" ? license : (license?.type ?? "");
  const by = typeof author === "string" ? author : (author?.name ?? "");
  return { name, version, license: named, author: by, texts: new Map(texts.toSorted()) };
}
