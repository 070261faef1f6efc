import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

/*
 * node testkit/parse-mermaid.ts FOLDER: takes diagrams from standard input, as a JSON list of texts, and answers, for each version of
 * Mermaid in the folder (.ci/mermaid), what is wrong with each: a JSON object of lists, with `null` for what parses. A process of its
 * own, because Mermaid wants a browser's globals.
 */

interface Mermaid {
  readonly default: { parse(text: string): Promise<unknown> };
}

const VERSIONS = ["10", "11", "12"] as const;
const [, , folder = ""] = process.argv;
const require = createRequire(join(folder, "package.json"));
const { JSDOM } = require("jsdom") as { readonly JSDOM: new (html: string) => { readonly window: object } };
const { window } = new JSDOM("<!doctype html>");
Object.assign(globalThis, { window, document: (window as { readonly document: unknown }).document });

const diagrams = JSON.parse(await text(process.stdin)) as readonly string[];
const found: Record<string, (string | null)[]> = {};
for (const version of VERSIONS) {
  const file = join(folder, "node_modules", `mermaid-${version}`, "dist/mermaid.core.mjs");
  const { default: mermaid } = (await import(pathToFileURL(file).href)) as Mermaid;
  found[version] = [];
  for (const diagram of diagrams) {
    found[version].push(
      await mermaid.parse(diagram).then(
        () => null,
        (error: unknown) => String(error),
      ),
    );
  }
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));
