import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * `node scripts/build-action.ts [FOLDER]`: what a runner of GitHub Actions starts (action.yml), in `dist/action/index.js`: one file, with
 * everything but the templates, which it reads beside it.
 *
 * The same sources give the same bytes, wherever they lie (test/run/action/build-action.test.ts).
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const [folder = ROOT] = process.argv.slice(2);
const file = join(resolve(folder), "dist/action/index.js");

const { outputFiles, metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ["src/action.ts"],
  outfile: "dist/action/index.js",
  write: false,
  metafile: true,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // Names stay, and lines are short: a stack in a log still says where.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  charset: "ascii",
  legalComments: "eof",
  // For those packages that are no ES modules.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
});
const [output] = outputFiles;
if (output === undefined) throw new Error("esbuild has made nothing");
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, output.contents);
if (process.env["SHOW_PARTS"]) {
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  const by = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name =
      /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(path)?.[1] ?? path.split("/").slice(0, 2).join("/");
    by.set(name, (by.get(name) ?? 0) + bytesInOutput);
  }
  for (const [name, bytes] of [...by].toSorted((a, b) => b[1] - a[1]).slice(0, 40)) console.log(bytes, name);
}
console.log(`${file}: ${(output.contents.length / 1_048_576).toFixed(2)} MiB`);
