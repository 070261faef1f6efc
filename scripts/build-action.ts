import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";
import { bundledPackages, licensesText } from "./third-party-licenses.ts";

/**
 * `node scripts/build-action.ts [FOLDER]`: what a runner of GitHub Actions starts (action.yml), in `FOLDER/dist/action/index.js`: one
 * file, with everything but the templates, which it reads in `FOLDER/templates`. Releases have it; the main branch does not.
 *
 * The same sources give the same bytes, wherever they lie (test/e2e/action-bundle.test.ts).
 *
 * `--root DIR`: sources in another folder; `--inputs`: lists the files that went in, as JSON
 */
const OWN_ROOT = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  options: { root: { type: "string", default: OWN_ROOT }, inputs: { type: "boolean", default: false } },
  allowPositionals: true,
});
const root = resolve(values.root);
const file = join(resolve(positionals[0] ?? root), "dist/action/index.js");

const { outputFiles, metafile } = await build({
  ...BUNDLE_OPTIONS,
  absWorkingDir: root,
  entryPoints: ["src/action.ts"],
  outfile: "dist/action/index.js",
  write: false,
  metafile: true,
  // All licenses are at the end, as a whole.
  legalComments: "none",
});
const [output] = outputFiles;
if (output === undefined) throw new Error("esbuild has made nothing");
const licenses = licensesText(bundledPackages(root, [metafile])).replaceAll("*/", "* /");
const contents = `${output.text}/*\n${licenses}*/\n`;
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, contents);
if (values.inputs) console.log(JSON.stringify(Object.keys(metafile.inputs)));
else console.log(`${file}: ${(Buffer.byteLength(contents) / 1_048_576).toFixed(2)} MiB`);
