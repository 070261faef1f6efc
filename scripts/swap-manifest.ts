import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Manifest, publishedManifest } from "./published-manifest.ts";

const MANIFEST = fileURLToPath(new URL("../package.json", import.meta.url));
/** Where `git status` shows it, and no `npm ci` takes it away. */
const KEPT = fileURLToPath(new URL("../package.own.json", import.meta.url));
/** To put everything into one file takes a second or two. */
const PACKED_WITHIN_MS = 60_000;

/**
 * `npm pack` takes package.json from where it is: `swap-manifest.ts publish` puts the published one there before, and
 * `swap-manifest.ts restore` ours after. `begin` comes before the build, and puts right what an `npm pack` that was cut off has
 * left. `npm publish` in a clone is refused, before anything is built (`prepublishOnly`).
 */
function main(wish: string | undefined): number {
  if (wish !== "begin" && wish !== "publish" && wish !== "restore") {
    console.error("It is swap-manifest.ts begin, publish or restore. npm pack calls all three.");
    return 1;
  }
  // From here on the manifest is not private: what is published is the workflow's tarball, and nothing else.
  if (process.env["npm_command"] === "publish") {
    console.error('Releases are made from a tag, by .github/workflows/release.yml. See CONTRIBUTING.md, "Releases".');
    return 1;
  }
  if (wish === "publish" ? existsSync(KEPT) : wish === "begin" && isPacking()) {
    console.error(
      "Another npm pack is at work in this folder. Run it again once that one is done; if there is none, after node scripts/swap-manifest.ts restore.",
    );
    return 1;
  }
  if (wish === "publish") publish();
  else if (existsSync(KEPT)) renameSync(KEPT, MANIFEST);
  return 0;
}

function isPacking(): boolean {
  const since = statSync(KEPT, { throwIfNoEntry: false })?.mtimeMs;
  return since !== undefined && Date.now() - since < PACKED_WITHIN_MS;
}

function publish(): void {
  const own = readFileSync(MANIFEST, "utf8");
  const published = publishedManifest(JSON.parse(own) as Manifest, process.env["GITHUB_REPOSITORY"] ?? null);
  writeFileSync(KEPT, own, { flag: "wx" });
  writeFileSync(MANIFEST, `${JSON.stringify(published, null, 2)}\n`);
}

process.exitCode = main(process.argv[2]);
