import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parse } from "@babel/parser";
import { build } from "esbuild";
import { billOfMaterials } from "./bill-of-materials.ts";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";
import { keepCompiled } from "./keep-compiled.js";
import { bundledPackages, licensesText } from "./third-party-licenses.ts";

/**
 * `npm run build [-- FOLDER]`: what users run, in `dist/` (docs/decisions/0033-built-into-few-files.md). It needs nothing of
 * `node_modules/` (docs/decisions/0046-a-package-without-dependencies.md). Types are checked apart, by `npm run types`.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const [folder = `${ROOT}dist`] = process.argv.slice(2);

/** `import sevgate from "sevgate"`: by hand, for Probot's types alone are what a caller needs. */
const TYPES_OF_THE_APP = `import type { ApplicationFunctionOptions, Probot } from "probot";

/** Sevgate as a Probot app. */
export default function sevgate(app: Probot, options: ApplicationFunctionOptions): Promise<void>;
`;
/** Its names in the registry of `emulate`. */
const SERVICES_OF_THE_DEMO = ["githubPlugin", "slackPlugin"];
/** A file of a package, or one beside the source. */
const READ_BESIDE =
  /readFileSync\(new URL\((?:import\.meta\.resolve\("([^"]+)"\)|"([^"]+)", import\.meta\.url)\), "utf8"\)/g;
const NO_ASCII = /[\u0080-\uffff]/;
const RAW_AND_NO_ASCII = /String\.raw`[^`]*[\u0080-\uffff]/;
const OPTIONS = {
  ...BUNDLE_OPTIONS,
  absWorkingDir: ROOT,
  outdir: folder,
  // As deep as src/cli/ and src/run/: what is read beside the code is found from there, too.
  outbase: "src",
  chunkNames: "parts/[name]-[hash]",
  splitting: true,
  sourcemap: true,
  // They say which line of which file; the files themselves would be two thirds of all that is built.
  sourcesContent: false,
  metafile: true,
  legalComments: "linked",
  external: ["pg-native"],
};

/** What the demo reads beside its sources, from `ROOT`. */
const filesAsText = new Set();

// Parts have a hash in their names: those of an earlier build would stay.
rmSync(folder, { recursive: true, force: true });
// The server apart from the other commands: what it shares with each of them would be a part of its own, and each part
// is found, read and compiled by itself.
const server = await build({ ...OPTIONS, entryPoints: ["src/cli/start.ts", "src/app.ts"] });
const others = await build({
  ...OPTIONS,
  entryPoints: { "cli/main": "src/cli/main.ts", "demo/play-demo": "demo/play-demo.ts" },
  plugins: [
    {
      name: "server-apart",
      setup(building) {
        building.onResolve({ filter: /^\.\/start\.ts$/ }, ({ importer }) =>
          importer.endsWith("/src/cli/create-program.ts") ? { path: "./start.js", external: true } : null,
        );
      },
    },
    { name: "files-of-the-demo", setup: bringFilesOfTheDemo },
  ],
});
writeFileSync(join(folder, "app.d.ts"), TYPES_OF_THE_APP);
const packages = bundledPackages(ROOT, [server.metafile, others.metafile], [...filesAsText]);
writeFileSync(join(folder, "THIRD_PARTY_LICENSES.txt"), licensesText(packages));
const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
writeFileSync(join(folder, "sevgate.cdx.json"), billOfMaterials(own, packages));
for (const file of globSync("**/*.js", { cwd: folder })) escapeRest(join(folder, file));
await keepCompiled(folder);

/**
 * What the demo reads beside its sources is put into it, as a text. Of the emulator it needs GitHub and Slack, and no fonts.
 */
function bringFilesOfTheDemo(building) {
  building.onLoad({ filter: /\/(?:demo\/page|testkit)\/[^/]+\.ts$/ }, ({ path }) => {
    const contents = readFileSync(path, "utf8").replaceAll(READ_BESIDE, (_, name, beside) => {
      const url =
        beside === undefined
          ? import.meta.resolve(name, pathToFileURL(path).href)
          : new URL(beside, pathToFileURL(path));
      filesAsText.add(relative(ROOT, fileURLToPath(url)));
      return JSON.stringify(readFileSync(new URL(url), "utf8"));
    });
    if (contents.includes("import.meta")) throw new Error(`${path} reads what would not be there`);
    return { contents, loader: "ts" };
  });
  const emulator = fileURLToPath(new URL(".", import.meta.resolve("emulate")));
  const registry = readFileSync(join(emulator, "api.js"), "utf8");
  const needed = SERVICES_OF_THE_DEMO.map((plugin) => {
    const [, file] =
      new RegExp(`import\\("(\\./dist-\\w+\\.js)"\\);\\s*return \\{\\s*plugin: mod\\.${plugin}\\b`).exec(registry) ??
      [];
    if (file === undefined) throw new Error(`the emulator has no ${plugin} where it is looked for`);
    return file;
  });
  building.onResolve({ filter: /^\.\/dist-\w+\.js$/ }, ({ path, importer }) =>
    importer.startsWith(emulator) && !needed.includes(path) ? { path, namespace: "not-needed" } : null,
  );
  building.onLoad({ filter: /./, namespace: "not-needed" }, () => ({ contents: "export {};" }));
  building.onLoad({ filter: /\/emulate\/dist\/[^/]+\.js$/ }, ({ path }) => ({
    contents: readFileSync(path, "utf8").replaceAll(
      /readFileSync\w*\(join\w*\(__dirname, "fonts", "[^"]+"\)\)/g,
      "Buffer.alloc(0)",
    ),
    loader: "js",
  }));
}

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
