import * as z from "zod";
import { answerJsonSchema } from "../core/answer-json-schema.ts";

/** The version of this form. It grows when something that was there means something else, or is there no more. */
export const DIAGNOSIS_VERSION = 1;

const Diagnosis = z.strictObject({
  version: z.literal(DIAGNOSIS_VERSION),
  ok: z.boolean().describe("nothing failed; warnings do not count"),
  findings: z.array(
    z.strictObject({
      check: z.string().describe("what was looked at, with the place if there are several; names may change"),
      state: z.enum(["ok", "warning", "failed"]),
      says: z.string(),
      remedy: z.string().nullable().describe("the next step; null: none is needed"),
    }),
  ),
});
export type Diagnosis = z.output<typeof Diagnosis>;

/** schema/doctor.schema.json: JSON Schema draft-07 of what `sevgate doctor --json` prints. */
export function diagnosisJsonSchema(): string {
  return answerJsonSchema("sevgate doctor --json", Diagnosis);
}
