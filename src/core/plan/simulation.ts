import * as z from "zod";
import { answerJsonSchema } from "../answer-json-schema.ts";
import { bareText } from "../markdown/bare-text.ts";
import type { Instant } from "../model.ts";
import { lackingWords } from "../render/lacking-words.ts";
import { DEADLINES, type Missed } from "../replay/missed-deadlines.ts";
import type { Effect, Replayed, UnderRules } from "../replay/replay.ts";
import { sumUp } from "../replay/sum-up.ts";

/** The version of this form. It grows when something that was there means something else, or is there no more. */
export const SIMULATION_VERSION = 1;

/** More calls of one incident are counted, and not listed. */
const MOST_CALLS = 100;

const At = z.string().meta({ format: "date-time", description: "UTC" });
const Status = z.enum(["met", "unmet", "unknown"]);
const WasIs = z.strictObject({
  was: z.int().describe("by the rules in force"),
  is: z.int().describe("by those that were named"),
});
const MissedTimes = z
  .strictObject({ surely: z.int(), perhaps: z.int().describe("what was there at the time is not known") })
  .describe("how often it was missed");

const Under = z.strictObject({
  severity: z.string(),
  closing: z.strictObject({
    status: Status.describe("with what is there now"),
    by: z
      .enum(["evidence", "waiver", "cancellation", "not-planned", "duplicate"])
      .describe("what lets it close, or would have to"),
    lacks: z.array(z.string()).describe("what is missing or not known, in words; empty: nothing"),
    couldCloseAt: At.nullable().describe(
      "when, between its end and its close, it could first have closed; null: not before it did, or it had not to wait",
    ),
    couldCloseIsSure: z.boolean().describe("false: perhaps earlier; what was written then is not known"),
  }),
  deadlines: z.strictObject({
    acknowledge: MissedTimes,
    update: MissedTimes,
    "post-mortem": MissedTimes,
    "action-items": MissedTimes.describe(
      "how many were done too late, or are late; perhaps: their own day is not known",
    ),
  }),
  pages: z.strictObject({
    count: z.int().describe("people called, each time"),
    unheard: z.int().describe("steps at which nobody was there"),
    calls: z
      .array(
        z.strictObject({
          at: At,
          step: z.int().describe("of the escalation, from 1; repetitions keep counting"),
          login: z.string(),
          role: z.string().nullable().describe("null: by name"),
        }),
      )
      .describe(`the first ${MOST_CALLS}`),
  }),
});

const EffectForm = z.strictObject({
  kind: z.enum([
    "no-incident",
    "cannot-close",
    "close-unknown",
    "can-close",
    "closes-later",
    "closes-earlier",
    "deadline",
    "pages",
  ]),
  deadline: z.enum(DEADLINES).nullable(),
  byMs: z
    .int()
    .nullable()
    .describe("how much earlier or later it would have closed; null: not known, or not about that"),
});

/** What past incidents would have come to by other rules: `sevgate simulate --json`. */
export const Simulation = z.strictObject({
  version: z.literal(SIMULATION_VERSION),
  at: At.describe("when GitHub was read"),
  repository: z.string().describe("owner/name"),
  since: At.describe("incidents declared since then"),
  policy: z
    .strictObject({ was: z.string().nullable(), is: z.string().nullable() })
    .describe("where each comes from; null: the built-in one"),
  onCall: z
    .strictObject({ was: z.string().nullable(), is: z.string().nullable() })
    .describe("where each comes from; null: there is none"),
  changes: z.array(z.string()).describe("what the policy changes, in words"),
  looked: z.strictObject({
    incidents: z.int(),
    drills: z.int().describe("left out"),
    unreadable: z.array(z.int()).describe("issues whose record is missing, or cannot be trusted"),
    older: z.int().describe("not looked at, because there are too many"),
  }),
  sum: z.strictObject({
    closed: z.int(),
    cannotClose: z.int().describe("those that closed and could not have"),
    closedWithoutEvidence: z.int().describe("those that neither lets close with what is there now"),
    deadlines: z
      .strictObject({ acknowledge: WasIs, update: WasIs, "post-mortem": WasIs, "action-items": WasIs })
      .describe("missed"),
    calls: WasIs,
    unheard: WasIs,
    people: z.array(z.strictObject({ login: z.string(), ...WasIs.shape })).describe("called more or less often"),
  }),
  incidents: z
    .array(
      z.strictObject({
        number: z.int(),
        url: z.string(),
        title: z.string(),
        declaredAt: At,
        closedAt: At.nullable().describe("null: it is open"),
        was: Under,
        is: Under.nullable().describe("null: its severity is gone from the policy"),
        effects: z.array(EffectForm).describe("what would have been different, worst first"),
      }),
    )
    .describe("what hurts most first"),
  notKnown: z.array(z.string()),
  requests: z.int().describe("to GitHub, for this answer"),
});
export type Simulation = z.output<typeof Simulation>;

/** What stands in its place when there is none. */
export const NoSimulation = z.strictObject({
  version: z.literal(SIMULATION_VERSION),
  error: z.strictObject({
    kind: z.enum([
      "bad-argument",
      "bad-file",
      "settings",
      "not-installed",
      "no-repository",
      "which-app",
      "refused",
      "later",
    ]),
    message: z.string().describe("what is wrong, and what to do"),
    problems: z
      .array(
        z.strictObject({ file: z.string(), line: z.int(), column: z.int(), path: z.string(), message: z.string() }),
      )
      .describe("of a file that cannot be used; else empty"),
  }),
});
export type NoSimulation = z.output<typeof NoSimulation>;

/** schema/simulate.schema.json: JSON Schema draft-07 of what `sevgate simulate --json` prints. */
export function simulationJsonSchema(): string {
  return answerJsonSchema("sevgate simulate --json", z.union([Simulation, NoSimulation]));
}

/** What was looked at, and by what. */
export type Simulated = Pick<
  Simulation,
  "repository" | "policy" | "onCall" | "changes" | "looked" | "notKnown" | "requests"
> & {
  readonly at: Instant;
  readonly since: Instant;
  readonly replayed: readonly Replayed[];
};

/** A replay in the form that is printed. */
export function simulation({ at, since, replayed, ...seen }: Simulated): Simulation {
  const { closed, closedWithoutEvidence, deadlines, calls, unheard, people } = sumUp(replayed);
  const cannotClose = replayed.filter(
    ({ isOpen, effects }) => !isOpen && effects.some(({ kind }) => kind === "cannot-close"),
  ).length;
  return {
    version: SIMULATION_VERSION,
    at: iso(at),
    since: iso(since),
    ...seen,
    sum: { closed, cannotClose, closedWithoutEvidence, deadlines, calls, unheard, people: [...people] },
    incidents: replayed.map((one) => ({
      number: one.number,
      url: one.url,
      title: one.title,
      declaredAt: iso(one.declaredAt),
      closedAt: one.closedAt === null ? null : iso(one.closedAt),
      was: underOf(one.was),
      is: one.is === null ? null : underOf(one.is),
      effects: one.effects.map(effectForm),
    })),
  };
}

function underOf({
  severity,
  close,
  closedAt,
  isCloseSure,
  deadlines,
  pages,
}: UnderRules): Simulation["incidents"][number]["was"] {
  const { calls, unheard } = pages;
  return {
    severity,
    closing: {
      status: close.status,
      by: close.by,
      lacks: close.status === "met" ? [] : lackingWords(close.gate).map(bareText),
      couldCloseAt: closedAt === null ? null : iso(closedAt),
      couldCloseIsSure: isCloseSure,
    },
    deadlines: {
      acknowledge: missed(deadlines.acknowledge),
      update: missed(deadlines.update),
      "post-mortem": missed(deadlines["post-mortem"]),
      "action-items": missed(deadlines["action-items"]),
    },
    pages: {
      count: calls.length,
      unheard,
      calls: calls
        .slice(0, MOST_CALLS)
        .map(({ at, step, login, role }) => ({ at: iso(at), step: step + 1, login, role })),
    },
  };
}

function missed({ surely, perhaps }: Missed): { surely: number; perhaps: number } {
  return { surely, perhaps };
}

function effectForm(effect: Effect): Simulation["incidents"][number]["effects"][number] {
  return {
    kind: effect.kind,
    deadline: effect.kind === "deadline" ? effect.name : null,
    byMs: effect.kind === "closes-later" || effect.kind === "closes-earlier" ? effect.by : null,
  };
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
