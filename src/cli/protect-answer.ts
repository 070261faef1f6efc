import * as z from "zod";
import { answerJsonSchema } from "../core/answer-json-schema.ts";

/** The version of this form. It grows when something that was there means something else, or is there no more. */
export const PROTECTION_VERSION = 1;

const Protected = z.strictObject({
  version: z.literal(PROTECTION_VERSION),
  repository: z.string().describe("owner/name"),
  branch: z.string().describe("the default branch"),
  check: z.string(),
  app: z.strictObject({
    id: z.int(),
    slug: z.string().nullable().describe("null: it has not posted the check there"),
    from: z.enum(["option", "setting", "check"]).describe("--app-id, APP_ID, or the check that it posted there"),
  }),
  required: z
    .array(
      z.strictObject({
        kind: z
          .enum(["ruleset", "inherited", "classic"])
          .describe("of the repository; of its organization or enterprise; branch protection"),
        id: z.int().nullable().describe("of the ruleset; null: it has none"),
        name: z.string(),
        appId: z.int().nullable().describe("the only app whose check counts; null: anybody's does"),
      }),
    )
    .describe("what required the check before"),
  plan: z
    .enum(["nothing", "pin", "repair", "create"])
    .describe("nothing: it is required from this app alone; else the smallest change"),
  request: z
    .strictObject({ method: z.string(), path: z.string(), body: z.record(z.string(), z.unknown()) })
    .nullable()
    .describe("what is, or was, sent; null: nothing"),
  warnings: z.array(
    z.strictObject({
      kind: z.enum(["never-seen", "policy", "other-app", "other-source", "any-workflow", "statuses"]),
      message: z.string(),
    }),
  ),
  applied: z.boolean(),
});

const NotProtected = z.strictObject({
  version: z.literal(PROTECTION_VERSION),
  error: z.strictObject({
    kind: z.enum([
      "bad-argument",
      "settings",
      "no-person",
      "no-repository",
      "plan",
      "which-app",
      "would-hold-merges",
      "not-in-force",
      "refused",
      "later",
    ]),
    message: z.string().describe("what is wrong, and what to do"),
  }),
});

export type Protection = z.output<typeof Protected>;
export type ProtectionProblem = z.output<typeof NotProtected>["error"];

/** schema/protect.schema.json: JSON Schema draft-07 of what `sevgate protect --json` prints. */
export function protectionJsonSchema(): string {
  return answerJsonSchema("sevgate protect --json", z.union([Protected, NotProtected]));
}
