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
    /** Leaves out the tests: for a quick look while working, and for .ci/run, where they are a separate step. */
    "no-tests": { type: "boolean", default: false },
  },
});

/** They run at the same time, and all of them to the end, so that one run tells everything there is to mend. */
const CHECKS: readonly Step[] = [
  { name: "format, lint and import rules", command: ["node_modules/.bin/biome", "ci", "--colors=off", "."] },
  // What has not changed is known from last time. `.ci/run` checks the server by itself, too.
  { name: "types", command: ["node_modules/.bin/tsc", "-p", "tsconfig.types.json"] },
  { name: "regular expressions are linear", command: [process.execPath, "scripts/check-patterns.ts"] },
  { name: "generated files", command: [process.execPath, "scripts/generate.ts", "--check"] },
  { name: "GitHub's description", command: [process.execPath, "scripts/describe-github.ts", "--check"] },
  { name: "GitHub's GraphQL schema", command: [process.execPath, "scripts/describe-github-graphql.ts", "--check"] },
];

/** By themselves: they use every core. */
const TESTS: Step = { name: "tests", command: ["npm", "test", "--silent"] };

/** Runs a step to its end. Its output is only shown on failure: with nothing to mend, one line is enough. */
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
  const checks = CHECKS.map((step) => ({ step, ended: timed(step) }));
  const failed: string[] = [];
  for (const { step, ended } of checks) tell(step, await ended, failed);
  if (!options["no-tests"]) tell(TESTS, await timed(TESTS), failed);
  const count = CHECKS.length + (options["no-tests"] ? 0 : 1);
  const verdict = failed.length === 0 ? "All checks passed" : `To mend: ${failed.join("; ")}`;
  console.log(`${verdict}. ${count - failed.length} of ${count} in ${seconds(performance.now() - startedAt)}`);
  return failed.length === 0 ? 0 : 1;
}

async function timed(step: Step) {
  const startedAt = performance.now();
  const ended = await run(step);
  return { ...ended, tookMs: performance.now() - startedAt };
}

/** Says how a step ended; the name of one that failed is added to `failed`. */
function tell({ name }: Step, { passed, output, tookMs }: Awaited<ReturnType<typeof timed>>, failed: string[]): void {
  console.log(`${passed ? "ok    " : "FAILED"}  ${name.padEnd(30)} ${seconds(tookMs)}`);
  if (passed) return;
  failed.push(name);
  console.log(`\n${output.trim()}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

process.exitCode = await main();
