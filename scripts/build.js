import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * `npm run build [-- FOLDER]`: what users run, in `dist/` (docs/decisions/0033-built-into-few-files.md). Types are checked apart,
 * by `npm run types`.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const [folder = `${ROOT}dist`] = process.argv.slice(2);

// Parts have a hash in their names: those of an earlier build would stay.
rmSync(folder, { recursive: true, force: true });
await build({
  absWorkingDir: ROOT,
  entryPoints: ["src/cli/main.ts", "src/app.ts"],
  outdir: folder,
  // As deep as src/cli/ and src/run/: what is read beside the code is found from there, too.
  chunkNames: "parts/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // Names stay, and lines are short: a stack in a log still says where.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  sourcemap: true,
  legalComments: "linked",
  external: ["pg-native"],
  // For those packages that are no ES modules.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
});
