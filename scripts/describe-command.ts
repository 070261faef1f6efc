import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A part of what GitHub says of its API, made from a package and kept in the repository. */
export interface Description {
  /** Where it is made from; for a newer one, the version is changed there. */
  readonly package: { readonly name: string; readonly version: string };
  /** The file it is written to, from the root of the repository. */
  readonly file: string;
  /** The script that makes it. */
  readonly script: string;
  /** The text of the file. */
  describe(folder: string): string;
  /** What is stale about the file in the repository; empty when nothing is. */
  stale(): readonly string[];
}

/**
 * `node SCRIPT [folder of the package]` writes; `--check` looks without the package.
 *
 * @returns the exit code: 1 when stale, or when the package is not there
 */
export function describeCommand({ package: { name, version }, file, script, describe, stale }: Description): 0 | 1 {
  const remedy = `Run "npm install --no-save ${name}@${version} && node ${script}", then "npm ci", and commit ${file}.`;
  const { values, positionals } = parseArgs({ options: { check: { type: "boolean" } }, allowPositionals: true });
  if (values.check) {
    const problems = stale();
    for (const problem of problems) console.error(`${file}: ${problem}`);
    if (problems.length > 0) console.error(remedy);
    return problems.length === 0 ? 0 : 1;
  }
  const [folder = join(ROOT, "node_modules", name)] = positionals;
  if (!existsSync(folder)) {
    console.error(`${name} is not in ${folder}. ${remedy}`);
    return 1;
  }
  writeFileSync(join(ROOT, file), describe(folder));
  console.log(`Written: ${file}.`);
  return 0;
}
