import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** One thing that must hold before a change is pushed. */
interface Step {
  readonly name: string;
  /** Started without a shell, in the root of the repository. */
  readonly command: readonly [string, ...string[]];
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const { values: options } = parseArgs({
  options: {
    /** Leaves the tests out: for a look while working, and for .ci/run, where they are a step of their own. */
    "no-tests": { type: "boolean", default: false },
  },
});

/** Cheap and telling ones first. All of them run, so that one run tells everything there is to mend. */
const STEPS: readonly Step[] = [
  { name: "format, lint and import rules", command: ["node_modules/.bin/biome", "ci", "--colors=off", "."] },
  { name: "types of the server", command: ["node_modules/.bin/tsc", "-p", "tsconfig.json", "--noEmit"] },
  { name: "types of everything else", command: ["node_modules/.bin/tsc", "-p", "tsconfig.all.json"] },
  { name: "regular expressions are linear", command: [process.execPath, "scripts/check-patterns.ts"] },
  { name: "generated files", command: [process.execPath, "scripts/generate.ts", "--check"] },
  ...(options["no-tests"] ? [] : [{ name: "tests", command: ["npm", "test", "--silent"] as const }]),
];

/** Runs a step to its end. Its output is for failures: whoever has nothing to mend needs one line. */
function run({ command: [program, ...args] }: Step): Promise<{ readonly passed: boolean; readonly output: string }> {
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    child.once("error", (error) => done({ passed: false, output: error.message }));
    child.once("close", (code) => done({ passed: code === 0, output: Buffer.concat(output).toString("utf8") }));
  });
}

async function main(): Promise<number> {
  const startedAt = performance.now();
  const failed: string[] = [];
  for (const step of STEPS) {
    const stepStartedAt = performance.now();
    const { passed, output } = await run(step);
    console.log(`${passed ? "ok    " : "FAILED"}  ${step.name.padEnd(30)} ${seconds(stepStartedAt)}`);
    if (passed) continue;
    failed.push(step.name);
    console.log(`\n${output.trim()}\n`);
  }
  const verdict = failed.length === 0 ? "All checks passed" : `To mend: ${failed.join("; ")}`;
  console.log(`${verdict}. ${STEPS.length - failed.length} of ${STEPS.length} in ${seconds(startedAt)}`);
  return failed.length === 0 ? 0 : 1;
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1_000).toFixed(1)} s`;
}

process.exitCode = await main();
