import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { cliReference } from "../src/cli/cli-reference.ts";
import { createProgram } from "../src/cli/create-program.ts";
import { protectionJsonSchema } from "../src/cli/protect-answer.ts";
import { commandsReference } from "../src/core/commands/reference.ts";
import { onCallJsonSchema, onCallReference } from "../src/core/oncall/on-call-reference.ts";
import { explanationJsonSchema } from "../src/core/plan/explanation.ts";
import { simulationJsonSchema } from "../src/core/plan/simulation.ts";
import { policyJsonSchema, policyReference } from "../src/core/policy/reference.ts";
import { reportJsonSchema } from "../src/core/report/report.ts";
import { diagnosisJsonSchema } from "../src/doctor/diagnosis.ts";
import { KNOWN_SETTINGS } from "../src/run/known-settings.ts";

/** A file that is generated from the sources and committed, so that people and editors can find it. */
interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  /** Its whole content; the same for the same sources. */
  content(): string;
}

/** Every generated file. A new one is a new line here. */
const GENERATED_FILES: readonly GeneratedFile[] = [
  { path: "schema/sevgate.schema.json", content: policyJsonSchema },
  { path: "docs/policy.md", content: policyReference },
  { path: "schema/on-call.schema.json", content: onCallJsonSchema },
  { path: "docs/on-call-fields.md", content: onCallReference },
  { path: "schema/explain.schema.json", content: explanationJsonSchema },
  { path: "schema/report.schema.json", content: reportJsonSchema },
  { path: "schema/simulate.schema.json", content: simulationJsonSchema },
  { path: "schema/protect.schema.json", content: protectionJsonSchema },
  { path: "schema/doctor.schema.json", content: diagnosisJsonSchema },
  { path: "docs/commands.md", content: commandsReference },
  { path: "docs/cli.md", content: () => cliReference(createProgram(KNOWN_SETTINGS)) },
];

const ROOT = new URL("../", import.meta.url);

/** `node scripts/generate.ts` writes the files; `--check` only compares, and exits 1 when one is stale. */
async function main(check: boolean): Promise<number> {
  const stale: string[] = [];
  for (const file of GENERATED_FILES) {
    const location = fileURLToPath(new URL(file.path, ROOT));
    const wanted = file.content();
    if ((await present(location)) === wanted) continue;
    stale.push(file.path);
    if (check) continue;
    await mkdir(dirname(location), { recursive: true });
    await writeFile(location, wanted);
  }
  if (check && stale.length > 0) {
    console.error(`Out of date: ${stale.join(", ")}. Run "npm run generate" and commit the result.`);
    return 1;
  }
  console.log(check || stale.length === 0 ? "Generated files are current." : `Written: ${stale.join(", ")}.`);
  return 0;
}

async function present(location: string): Promise<string | null> {
  try {
    return await readFile(location, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

process.exitCode = await main(process.argv.includes("--check"));
