#!/usr/bin/env -S node --max-semi-space-size=2
// Plain enough for a Node of long ago, which has to say what it lacks.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/cli/main.js", import.meta.url);
const own = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  refuse(
    `this is Node ${process.versions.node}, and Sevgate needs 24.15 or newer. ${
      existsSync(own)
        ? `Use the one that npm ci has brought: alias sevgate="${own} ${fileURLToPath(import.meta.url)}"`
        : "Install it from https://nodejs.org."
    }`,
  );
} else if (!existsSync(built)) {
  refuse(
    /\/node_modules\/[^/]+\/bin\/[^/]+$/.test(import.meta.url)
      ? "this is its source, not the package, and cannot be built here. Install a release, or what `npm pack` makes in a clone."
      : "not built yet. Run `npm ci && npm run build` first.",
  );
} else {
  endAsProcessOne();
  // Where the build kept it. Another user, or another version of Node, adds its own, if it may write there.
  module.enableCompileCache({ directory: fileURLToPath(new URL("../dist/compiled", import.meta.url)), portable: true });
  import(built.href);
}

// To process 1 of a container Linux delivers no signal that nobody listens to: one that comes before `start` listens would be
// lost, and the container killed 40 s later; and Ctrl-C would end no command.
function endAsProcessOne() {
  if (process.pid !== 1) return;
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ]) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(code);
    });
  }
}

function refuse(why) {
  process.stderr.write(`sevgate: ${why}\n`);
  process.exitCode = 1;
}
