import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Manifest, publishedManifest } from "./published-manifest.ts";

const MANIFEST = fileURLToPath(new URL("../package.json", import.meta.url));
const CACHE = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
const KEPT = `${CACHE}package.json`;

/**
 * `npm pack` takes package.json from where it is: `swap-manifest.ts publish` puts the published one there before, and
 * `swap-manifest.ts restore` ours after. `npm publish` in a clone is refused, before anything is built (`prepublishOnly`).
 */
function main(wish: string | undefined): number {
  if (wish !== "publish" && wish !== "restore") {
    console.error("It is swap-manifest.ts publish, or swap-manifest.ts restore. npm pack calls both.");
    return 1;
  }
  // From here on the manifest is not private: what is published is the workflow's tarball, and nothing else.
  if (process.env["npm_command"] === "publish") {
    console.error('Releases are made from a tag, by .github/workflows/release.yml. See CONTRIBUTING.md, "Releases".');
    return 1;
  }
  // Also where the last `npm pack` was cut off.
  if (existsSync(KEPT)) renameSync(KEPT, MANIFEST);
  if (wish === "restore") return 0;
  const own = readFileSync(MANIFEST, "utf8");
  const published = publishedManifest(JSON.parse(own) as Manifest, process.env["GITHUB_REPOSITORY"] ?? null);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(KEPT, own);
  writeFileSync(MANIFEST, `${JSON.stringify(published, null, 2)}\n`);
  return 0;
}

process.exitCode = main(process.argv[2]);
