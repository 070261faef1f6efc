import * as z from "zod";
import { answerJsonSchema } from "../answer-json-schema.ts";
import { KEY_TIMES } from "../record/entry.ts";

/** The version of this form. It grows when something that was there means something else, or is there no more. */
export const REPORT_VERSION = 1;

const At = z.string().meta({ format: "date-time", description: "UTC" });
const Day = z.string().meta({ format: "date", description: "UTC" });
const Seconds = z.int().nonnegative();
const Count = z.int().nonnegative();
const Share = z.number().min(0).max(1);

/** What is measured of an incident, in the order in which it happens. */
export const MEASURES = ["acknowledge", "mitigate", "resolve", "learn"] as const;
export type Measure = (typeof MEASURES)[number];

/** How a measure stands: exactly one of the three is not `null`, or none where it ended without. */
const Took = z.strictObject({
  took: Seconds.nullable().describe("how long it took; null: it has not happened"),
  notYet: Seconds.nullable().describe("for how long it had not happened when the period ended; null: it has"),
  ended: z.boolean().describe("true: it cannot happen any more, because the incident ended without it"),
});
export type Took = z.output<typeof Took>;

const ReportedIncident = z.strictObject({
  number: z.int(),
  url: z.string(),
  title: z.string(),
  severity: z.string(),
  state: z.enum(["open", "closed"]).describe("at the end of the period, as far as the record says"),
  closed: z.string().nullable().describe("how it was closed; null: it is open"),
  declared: At,
  began: At.describe(
    "from when durations count: when it was detected, where people have said so, else the declaration",
  ),
  times: z
    .strictObject({
      started: At.nullable(),
      detected: At.nullable(),
      acknowledged: At.nullable(),
      mitigated: At.nullable(),
      resolved: At.nullable(),
      learned: At.nullable(),
    })
    .describe("as people have put them right; null: not known, or not before the end of the period"),
  corrected: z.array(z.enum(KEY_TIMES)).describe("which of them people have put right"),
  acknowledge: Took,
  mitigate: Took,
  resolve: Took,
  learn: Took,
  waived: z.boolean().describe("true: at the end of the period"),
  closedUngated: z.boolean().describe("closed more often than the gate reopens, without what the policy asks for"),
  reopenings: Count,
  factors: z.array(z.string()).nullable().describe("ticked in its post-mortem; null: none could be read"),
});
export type ReportedIncident = z.output<typeof ReportedIncident>;

const Curve = z.strictObject({
  measure: z.enum(MEASURES),
  incidents: Count.describe("of how many it says something"),
  happened: Count,
  notYet: Count,
  ended: Count.describe("which ended without it: in the curve as not yet, up to their end"),
  lookedFor: Seconds.describe("how long the longest of them was looked at: the curve says nothing about longer"),
  median: Seconds.nullable().describe("the time within which it happened to half of all; null: the curve ends before"),
  steps: z
    .array(
      z.strictObject({
        after: Seconds,
        atRisk: Count,
        happened: Count,
        share: Share,
        low: Share.nullable(),
        high: Share.nullable(),
      }),
    )
    .describe("Kaplan-Meier; low and high: the interval of 95 %, null where it cannot be said"),
});
export type Curve = z.output<typeof Curve>;

const Level = z.strictObject({
  severity: z.string(),
  level: z.enum(["acknowledge-within", "post-mortem-within", "action-items-within"]).describe("as in the policy"),
  within: Seconds,
  met: Count,
  missed: Count,
  notYet: Count.describe("whose time is not over"),
});
export type Level = z.output<typeof Level>;

const Items = z.strictObject({
  filed: Count.describe("in the period"),
  done: Count.describe("in the period"),
  dropped: Count.describe("in the period, with a reason"),
  open: Count.describe("at its end, whenever they were filed"),
  overdue: Count,
  withoutOwner: Count,
  withoutDay: Count,
  byAge: z.array(z.strictObject({ band: z.string(), open: Count, overdue: Count })).describe("of the open ones"),
});
export type Items = z.output<typeof Items>;

/** What is reported of one repository. */
export const RepositoryReport = z.strictObject({
  repository: z.string().describe("owner/name"),
  policy: z.strictObject({
    source: z.string().nullable().describe("null: the built-in one"),
    severities: z
      .array(z.string())
      .describe("most severe first; then those that incidents have and the policy has not"),
  }),
  incidents: z.array(ReportedIncident).describe("declared in the period, by number; with --open, only open ones"),
  leftOut: z.strictObject({
    drills: Count,
    cancelled: Count.describe("which turned out to be none"),
    unconfirmed: Count.describe("which somebody outside the team reported, and nobody of it has dealt with"),
    unreadable: z.array(z.int()).describe("issues whose record is missing or cannot be trusted"),
    unread: Count.describe("issues that were not looked at because there are too many: the oldest"),
    shortened: z.array(z.int()).describe("whose record has grown too long: old reopenings and pages may be missing"),
  }),
  sealsChecked: z.boolean().describe("false: without the key nobody can tell whether somebody has edited a record"),
  curves: z.array(Curve).describe("one for each measure"),
  bySeverity: z.array(z.strictObject({ severity: z.string(), incidents: Count })),
  byWeek: z.array(z.strictObject({ from: Day, incidents: Count, bySeverity: z.array(Count) })).describe("Monday first"),
  levels: z.array(Level),
  endings: z.strictObject({
    waived: Count.describe("incidents that were, also where its time is over"),
    waivedUntil: Count.describe("of these, for a time"),
    waivedAccepted: Count.describe("of these, accepted by a second person"),
    closedUngated: Count,
    reopened: Count.describe("incidents that were"),
    reopenings: z.array(
      z.strictObject({
        why: z.string().describe("resumed: somebody opened it; the others: the gate did"),
        times: Count,
      }),
    ),
  }),
  factors: z
    .strictObject({
      postMortems: Count.describe("in which ticks could be read"),
      unread: Count.describe("which could not be read, or are where not everybody may look"),
      counts: z.array(z.strictObject({ factor: z.string(), incidents: Count })),
    })
    .nullable()
    .describe("null: the policy names none"),
  items: Items.nullable().describe("action items; null: not looked for"),
  pages: z.strictObject({
    pages: Count,
    reachedNobody: Count,
    byHour: z.array(Count).length(24).describe("of the day in UTC, for each person who was called"),
    byPerson: z.array(z.strictObject({ login: z.string(), pages: Count, byHour: z.array(Count).length(24) })),
  }),
});
export type RepositoryReport = z.output<typeof RepositoryReport>;

/** The numbers of a period: `sevgate report --json`. */
export const Report = z.strictObject({
  version: z.literal(REPORT_VERSION),
  period: z.strictObject({
    since: At,
    until: At.describe("what happened then or later is not in it"),
    open: z.boolean().describe("true: only what is open, with --open"),
  }),
  repositories: z.array(RepositoryReport),
  notKnown: z.array(z.string()).describe("what was not looked at, and may change the numbers"),
});
export type Report = z.output<typeof Report>;

/** What stands in its place when there is none. */
export const NoReport = z.strictObject({
  version: z.literal(REPORT_VERSION),
  error: z.strictObject({
    kind: z.string(),
    message: z.string().describe("what is wrong, and what to do"),
  }),
});
export type NoReport = z.output<typeof NoReport>;

/** schema/report.schema.json: JSON Schema draft-07 of what `sevgate report --format json` prints. */
export function reportJsonSchema(): string {
  return answerJsonSchema("sevgate report --format json", z.union([Report, NoReport]));
}
