#!/usr/bin/env -S node --max-semi-space-size=2
import { existsSync } from "node:fs";

const built = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write("sevgate: not built yet. Run `npm run build` first.\n");
  process.exitCode = 1;
}
