#!/usr/bin/env -S node --max-semi-space-size=2
import { existsSync } from "node:fs";

const built = new URL("../dist/cli/main.js", import.meta.url);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  refuse(`this is Node ${process.versions.node}, and it needs 22.12 or newer.`);
} else if (!existsSync(built)) {
  refuse("not built yet. Run `npm ci && npm run build` first.");
} else {
  await import(built.href);
}

function refuse(why) {
  process.stderr.write(`sevgate: ${why}\n`);
  process.exitCode = 1;
}
