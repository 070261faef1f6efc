import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";
import { build } from "esbuild";
import { keepCompiled } from "./keep-compiled.js";

/**
 * `npm run build [-- FOLDER]`: what users run, in `dist/` (docs/decisions/0033-built-into-few-files.md). Types are checked apart,
 * by `npm run types`.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const [folder = `${ROOT}dist`] = process.argv.slice(2);

const NO_ASCII = /[\u0080-\uffff]/;
const RAW_AND_NO_ASCII = /String\.raw`[^`]*[\u0080-\uffff]/;
const OPTIONS = {
  absWorkingDir: ROOT,
  outdir: folder,
  // As deep as src/cli/ and src/run/: what is read beside the code is found from there, too.
  outbase: "src",
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
};

// Parts have a hash in their names: those of an earlier build would stay.
rmSync(folder, { recursive: true, force: true });
// The server apart from the other commands: what it shares with each of them would be a part of its own, and each part
// is found, read and compiled by itself.
await build({ ...OPTIONS, entryPoints: ["src/cli/start.ts", "src/app.ts"] });
await build({
  ...OPTIONS,
  entryPoints: ["src/cli/main.ts"],
  plugins: [
    {
      name: "server-apart",
      setup(building) {
        building.onResolve({ filter: /^\.\/start\.ts$/ }, ({ importer }) =>
          importer.endsWith("/src/cli/create-program.ts") ? { path: "./start.js", external: true } : null,
        );
      },
    },
  ],
});
for (const file of globSync("**/*.js", { cwd: folder })) escapeRest(join(folder, file));
await keepCompiled(folder);

/**
 * Rewrites what is no ASCII in regular expressions and tagged templates as `\uXXXX`, which means the same there: a single
 * such character doubles the memory V8 takes for the whole file. Everywhere else esbuild has done it.
 */
function escapeRest(file) {
  const source = readFileSync(file, "utf8");
  if (!NO_ASCII.test(source)) return;
  if (RAW_AND_NO_ASCII.test(source))
    throw new Error(`${file}: in \`String.raw\`, an escape would be taken as it is written`);
  const { tokens } = parse(source, { sourceType: "module", tokens: true });
  let escaped = "";
  let at = 0;
  for (const { start, end } of tokens.filter(({ type }) => ["regexp", "template"].includes(type.label))) {
    escaped += source.slice(at, start) + escapeAll(source.slice(start, end));
    at = end;
  }
  escaped += source.slice(at);
  if (NO_ASCII.test(escaped)) throw new Error(`${file} holds what is no ASCII where it is not expected`);
  writeFileSync(file, escaped);
}

/** A backslash in front of such a character has no meaning, and would take it from the escape. */
function escapeAll(text) {
  return text.replaceAll(/(\\*)([\u0080-\uffff])/g, (_, slashes, character) => {
    const kept = slashes.slice(slashes.length % 2);
    return `${kept}\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
