import * as z from "zod";
import { answerJsonSchema } from "../answer-json-schema.ts";
import { RUNS_IN } from "../policy/runs-in.ts";

/** The version of this form. It grows when something that was there means something else, or is there no more. */
export const EXPLANATION_VERSION = 1;

const At = z.string().meta({ format: "date-time", description: "UTC" });
const Place = z.strictObject({
  repository: z.string().nullable().describe("owner/name; null: the incident's own"),
  number: z.int(),
});
const Moment = z.strictObject({ at: At, by: z.string().nullable().describe("a login; null: GitHub does not say") });

const KeyMoment = z
  .strictObject({
    ...Moment.shape,
    corrected: z
      .strictObject({ by: z.string().nullable(), was: At.nullable().describe("null: it was not known") })
      .nullable()
      .describe("by /time; null: it is when it was said"),
  })
  .nullable();

/** An entry of the record: a receipt of what was judged. */
const Receipt = z.strictObject({
  kind: z.string(),
  at: At,
  by: z.string().nullable().describe("a login; null: GitHub does not say, or nobody did it"),
  source: z
    .strictObject({ comment: z.int(), line: z.int() })
    .nullable()
    .describe("the command: its comment and the line in it, from 1; null: there was none"),
  detail: z
    .record(z.string(), z.unknown())
    .describe("what else the record keeps, by the kind of entry; times in ms since 1970"),
});
export type Receipt = z.output<typeof Receipt>;

const Status = z.enum(["met", "unmet", "unknown"]);

/** Whether an incident may close, and why not, as a tree. */
export type VerdictNode =
  | { readonly kind: "any-of" | "all-of"; readonly status: z.output<typeof Status>; readonly of: VerdictNode[] }
  | z.output<typeof RequirementNode>;

const RequirementNode = z.strictObject({
  kind: z.literal("requirement"),
  status: Status,
  requirement: z.string().describe("as in close-requires of the policy"),
  says: z.string().describe("Markdown: what was found, and the next step"),
  found: z
    .array(z.strictObject({ ...Place.shape, status: Status, lacks: z.array(z.string()) }))
    .describe("what was looked at, best first, each with the kinds of what it lacks"),
});

const VerdictNode: z.ZodType<VerdictNode> = z
  .lazy(() =>
    z.union([
      z.strictObject({ kind: z.enum(["any-of", "all-of"]), status: Status, of: z.array(VerdictNode) }),
      RequirementNode,
    ]),
  )
  .meta({ id: "verdict" });

/** What an incident is, and why: `sevgate explain --json`. */
export const Explanation = z.strictObject({
  version: z.literal(EXPLANATION_VERSION),
  at: At.describe("when GitHub was read"),
  incident: z.strictObject({
    key: z.string().describe("as the log calls it"),
    repository: z.string().describe("owner/name"),
    number: z.int(),
    url: z.string(),
    title: z.string(),
    state: z.enum(["open", "closed"]),
    closeReason: z.string().nullable(),
    labels: z.array(z.string()),
    assignees: z.array(z.string()),
  }),
  app: z.strictObject({
    id: z.int().nullable(),
    login: z.string().nullable(),
    known: z
      .enum(["told", "named", "guessed", "unknown"])
      .describe(
        "told: by GitHub, to the app's key. named: by --app. guessed: from the status comment. unknown: there is none",
      ),
  }),
  seal: z
    .enum(["valid", "broken", "none", "unchecked"])
    .describe("of the record. unchecked: without the key nobody can tell whether somebody has edited it"),
  store: z
    .enum(["read", "in-use", "none", "no-answer", "other-version", "not-asked"])
    .describe(
      "what the server keeps beside GitHub. in-use: a running server holds it. not-asked: there was only a token",
    ),
  policy: z.strictObject({
    source: z.string().nullable().describe("null: the built-in one"),
    trouble: z.enum(["invalid", "unreachable"]).nullable(),
    runsIn: z.enum(RUNS_IN).describe("who runs the repository; the other one takes none of the steps"),
  }),
  record: z
    .strictObject({
      revision: z.int(),
      judgedUpTo: z.int().describe("comments up to this id are judged"),
      ticks: z.array(z.string()),
      entries: z.array(Receipt),
      from: z
        .enum(["status-comment", "store"])
        .describe("store: the comment holds none that can be used; this is the copy"),
    })
    .nullable()
    .describe("as it was found; null: there is none"),
  lost: z
    .string()
    .nullable()
    .describe("why the record of the status comment counts no more; null: it does, or there is none"),
  state: z
    .strictObject({
      severity: z.string(),
      phase: z.string(),
      declared: Moment,
      drill: Moment.nullable().describe("since when it is a drill, and who made it one; null: it is real"),
      acknowledged: Moment.nullable(),
      mitigated: Moment.nullable(),
      resolved: Moment.nullable(),
      times: z
        .strictObject({
          started: KeyMoment,
          detected: KeyMoment,
          acknowledged: KeyMoment,
          mitigated: KeyMoment,
          resolved: KeyMoment,
        })
        .describe("when things really were, as far as /time has corrected them; nothing but key-times goes by them"),
      cancelled: Moment.nullable(),
      waived: Moment.nullable(),
      waivedUntil: At.nullable().describe("null: it is not waived, or for good"),
      closed: z.strictObject({ at: At, by: z.string().nullable(), how: z.string() }).nullable(),
      reopenings: z.int(),
      responder: z.string().nullable(),
      roles: z.array(z.strictObject({ role: z.string(), login: z.string() })),
    })
    .describe("what the record says with what was found new"),
  found: z
    .array(
      z.strictObject({
        judge: z.string(),
        entries: z.array(Receipt).describe("new in the record"),
        once: z.array(z.string()).describe("what is done once because of them, as steps call it"),
      }),
    )
    .describe("what each judge found that the record does not say yet; judges that found nothing are left out"),
  verdict: z.strictObject({
    status: Status,
    waivedBy: z.string().nullable(),
    waiverAsked: z
      .strictObject({
        by: z.string().nullable(),
        missing: z.int().describe("how many more people have to accept it"),
        needs: z.string().describe("the role they need"),
      })
      .nullable()
      .describe("a waiver that does not count yet"),
    tree: VerdictNode,
  }),
  timers: z.array(z.strictObject({ name: z.string(), due: At, overdue: z.boolean() })),
  lookAgainAt: At.nullable().describe("when there is a pass although nobody asks for one; null: never"),
  steps: z
    .array(z.strictObject({ step: z.string(), why: z.string() }))
    .describe("what a pass would do now, as the log calls it, if GitHub did each as asked"),
  stepsEnd: z.boolean().describe("false: there are more"),
  notKnown: z.array(z.string()).describe("what was not looked at, and may change the answer"),
  requests: z.int().describe("to GitHub, for this answer"),
});
export type Explanation = z.output<typeof Explanation>;

/** What stands in its place when there is none. */
export const NoExplanation = z.strictObject({
  version: z.literal(EXPLANATION_VERSION),
  error: z.strictObject({
    kind: z.enum([
      "bad-argument",
      "settings",
      "not-installed",
      "no-repository",
      "no-issue",
      "moved",
      "not-an-incident",
      "which-app",
      "refused",
      "later",
    ]),
    message: z.string().describe("what is wrong, and what to do"),
  }),
});
export type NoExplanation = z.output<typeof NoExplanation>;

/** schema/explain.schema.json: JSON Schema draft-07 of what `sevgate explain --json` prints. */
export function explanationJsonSchema(): string {
  return answerJsonSchema("sevgate explain --json", z.union([Explanation, NoExplanation]));
}
