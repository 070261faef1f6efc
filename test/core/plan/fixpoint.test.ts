import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { derive } from "../../../src/core/derive.ts";
import type { Instant } from "../../../src/core/model.ts";
import { permissionKey } from "../../../src/core/names.ts";
import type { IncidentObservation } from "../../../src/core/observation.ts";
import { type Action, actionId } from "../../../src/core/plan/action.ts";
import { after, type Learned, ownComment } from "../../../src/core/plan/after.ts";
import { planSteps } from "../../../src/core/plan/plan.ts";
import { fold } from "../../../src/core/record/history.ts";
import type { IncidentRecord } from "../../../src/core/record/record.ts";
import { STATE_LABEL_NAMES } from "../../../src/core/record/state-label.ts";
import { markerIn } from "../../../src/core/words/markers.ts";
import { arbitraryWorld, BOT, issueFacts, labeledBy } from "../../support/arbitrary-world.ts";

const BOT_PERSON = { id: 9, login: BOT, isBot: true };

/** GitHub, as far as a pass can tell: every write succeeds and gets the next number. */
function answer(seen: IncidentObservation, action: Action): Learned {
  const next = 1_000 + seen.comments.length + seen.done.size;
  switch (action.kind) {
    case "comment":
      return { kind: "comment", comment: { ...ownComment(seen, next, action.marker), body: action.body } };
    case "create-status":
      return { kind: "comment", comment: ownComment(seen, 900, "status") };
    case "create-post-mortem":
      return {
        kind: "issue",
        issue: issueFacts({
          number: 8,
          labels: action.labels,
          body: action.body,
          author: BOT_PERSON,
        }),
      };
    case "create-item": {
      const number = 41 + (seen.items?.found.length ?? 0);
      const { title, body, labels } = action;
      return {
        kind: "issue",
        issue: issueFacts({ number, title, body, labels, author: BOT_PERSON, createdAt: seen.at }),
      };
    }
    case "assign-item":
      return { kind: "assignees", logins: [action.login] };
    case "assign":
      // Nobody with that name can be assigned here.
      return {
        kind: "assignees",
        logins: action.login === "nobody" ? seen.issue.assignees : [...seen.issue.assignees, action.login],
      };
    default:
      return { kind: "nothing" };
  }
}

interface Run {
  readonly seen: IncidentObservation;
  readonly actions: readonly Action[];
}

/** Plans and applies until nothing is left, or `most` actions were applied. */
function run(start: IncidentObservation, most = Number.POSITIVE_INFINITY): Run {
  let seen = start;
  const actions: Action[] = [];
  while (actions.length < most) {
    const incident = derive(seen);
    const [step] = incident === null ? [] : planSteps(seen, incident);
    if (step === undefined) return { seen, actions };
    const { action } = step;
    if (actions.length > 60) throw new Error(`no end: ${actions.slice(-6).map(actionId).join(", ")}`);
    actions.push(action);
    seen = after(seen, action, answer(seen, action));
  }
  return { seen, actions };
}

/** What the next pass reads if this one dies: everything GitHub has, nothing the process knew. */
function readAgain(seen: IncidentObservation): IncidentObservation {
  const timeline = seen.timeline ?? [];
  const ours = seen.issue.labels.filter((label) => !timeline.some((event) => event.label === label));
  return {
    ...seen,
    done: new Set(),
    status: seen.status === null ? null : { ...seen.status, isNew: false },
    timeline: [...timeline, ...labeledBy(BOT, ours, seen.at)],
  };
}

/**
 * The pass that comes a little later by itself: for three seconds, two severity labels may be half of a swap, and for
 * five, what a command names may not be visible.
 */
function later(seen: IncidentObservation): IncidentObservation {
  return readAgain({ ...seen, at: (seen.at + 5_000) as Instant });
}

/** The same world, in which alice may waive and does, for an hour. */
function withWaiver(world: IncidentObservation): IncidentObservation {
  const at = (world.at - 1_000) as Instant;
  const author = { id: 5, login: "alice", isBot: false };
  const body = "/waive 1h until the others are back";
  const comment = { id: 90, url: `${world.issue.url}#issuecomment-90`, author, appId: null, body };
  return {
    ...world,
    permissions: new Map([...world.permissions, [permissionKey("alice"), "maintain"]]),
    comments: [...world.comments, { ...comment, createdAt: at, updatedAt: at }],
  };
}

/** The same world, in which alice has the action items of a complete post-mortem filed. */
function withItems(world: IncidentObservation): IncidentObservation {
  const at = (world.at - 1_000) as Instant;
  const author = { id: 5, login: "alice", isBot: false };
  const comment = { id: 91, url: `${world.issue.url}#issuecomment-91`, author, appId: null, body: "/items" };
  return {
    ...world,
    permissions: new Map([...world.permissions, [permissionKey("alice"), "maintain"]]),
    comments: [...world.comments, { ...comment, createdAt: at, updatedAt: at }],
  };
}

/** What people do with the items that were filed: close, reopen and delete them, tick and untick their lines. */
function withItemsChanged(seen: IncidentObservation, acts: readonly ItemAct[]): IncidentObservation {
  const found = (seen.items?.found ?? []).map((item, at) => {
    const act = acts[at % acts.length]!;
    if (item.issue === "gone" || act.issue === "same") return item;
    if (act.issue === "gone") return { ...item, issue: "gone" as const };
    const isOpen = act.issue === "open";
    const closed = { state: isOpen ? ("open" as const) : ("closed" as const), closedAt: isOpen ? null : seen.at };
    return { ...item, issue: { ...item.issue, ...closed, closeReason: act.issue === "open" ? null : act.issue } };
  });
  const evidence = seen.evidence.map((one) => {
    if (one.kind !== "issue" || typeof one.answer === "string") return one;
    let at = 0;
    const body = one.answer.body.replaceAll(/\[[ x]\]/g, (box) => acts[at++ % acts.length]!.box ?? box);
    return { ...one, answer: { ...one.answer, body } };
  });
  return { ...seen, evidence, items: seen.items === null ? null : { ...seen.items, found } };
}

interface ItemAct {
  readonly issue: "same" | "open" | "completed" | "not_planned" | "gone";
  readonly box: "[ ]" | "[x]" | null;
}

const itemAct: fc.Arbitrary<ItemAct> = fc.record({
  issue: fc.constantFrom("same", "open", "completed", "not_planned", "gone"),
  box: fc.constantFrom("[ ]", "[x]", null),
});

function itemsOf(seen: IncidentObservation) {
  const found = seen.items?.found ?? [];
  return {
    issues: found.map(({ target, line, issue }) => [target.number, line, issue === "gone" ? issue : issue.state]),
    texts: seen.evidence.map((one) =>
      one.kind === "issue" && typeof one.answer !== "string" ? one.answer.body : null,
    ),
    record: seen.record.kind === "found" ? fold(seen.record.record.entries).items : [],
  };
}

/** What people care about in the end. */
function outcome(seen: IncidentObservation) {
  const record = seen.record.kind === "found" ? seen.record.record : null;
  return {
    state: seen.issue.state,
    reason: seen.issue.closeReason,
    labels: [...seen.issue.labels].sort(),
    assignees: [...seen.issue.assignees].sort(),
    body: seen.issue.body,
    phase: record === null ? null : fold(record.entries).phase,
    severity: record === null ? null : fold(record.entries).severity,
    drill: record === null ? null : fold(record.entries).drill,
    judged: record === null ? null : judgedIn(record),
    said: seen.comments
      .filter((comment) => comment.author?.login === BOT)
      .map(({ body }) => markerIn(body) ?? body.split("\n")[0])
      .sort(),
  };
}

function judgedIn(record: IncidentRecord): readonly string[] {
  return record.entries
    .flatMap((entry) =>
      "source" in entry && entry.source !== null ? [`${entry.source.comment}:${entry.source.line}`] : [],
    )
    .sort();
}

describe("a plan", () => {
  it("comes to an end from every world, and planning again after it plans nothing", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const settled = readAgain(run(world).seen);
        expect(run(settled).actions.map(actionId)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("comes to an end on a locked issue too, says nothing there, and keeps its record", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.boolean(), fc.boolean(), (open, editLocked, isKnown) => {
        // Even for one that had its comment before it was locked.
        const before = isKnown ? readAgain(run(open).seen) : open;
        const locked = { ...before, issue: { ...before.issue, locked: true }, can: { ...before.can, editLocked } };
        const { seen, actions } = run(locked);
        expect(actions.map(({ kind }) => kind)).not.toContain("comment");
        expect(actions.map(({ kind }) => kind)).not.toContain("create-status");
        expect(run(readAgain(seen)).actions.map(actionId)).toEqual([]);
        if (derive(locked) !== null) expect(seen.record.kind).toBe("found");
      }),
      { numRuns: 100 },
    );
  });

  it("may be killed between any two actions: the next pass arrives where an undisturbed one does", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.nat({ max: 20 }), (world, kill) => {
        const first = run(world);
        const undisturbed = run(later(first.seen));
        const died = run(world, Math.min(kill, first.actions.length));
        const recovered = run(later(run(readAgain(died.seen)).seen));
        expect(outcome(recovered.seen)).toEqual(outcome(undisturbed.seen));
        const wasReopened = world.issue.state === "closed" && recovered.seen.issue.state === "open";
        const explained = outcome(recovered.seen).said.filter((line) => line?.startsWith("reopened-"));
        expect(explained).toHaveLength(wasReopened ? 1 : 0);
      }),
      { numRuns: 250 },
    );
  });

  it("ends a waiver once, also when it is killed meanwhile, and comes to rest after that", () => {
    let ended = 0;
    fc.assert(
      fc.property(arbitraryWorld, fc.nat({ max: 20 }), (world, kill) => {
        const settled = run(later(run(withWaiver(world)).seen)).seen;
        const start = readAgain({ ...settled, at: (settled.at + 2 * 3_600_000) as Instant });
        const undisturbed = run(start);
        const died = run(start, Math.min(kill, undisturbed.actions.length));
        const recovered = run(readAgain(died.seen));
        expect(outcome(recovered.seen)).toEqual(outcome(undisturbed.seen));
        expect(run(readAgain(recovered.seen)).actions.map(actionId)).toEqual([]);
        const { record } = recovered.seen;
        if (record.kind !== "found") return;
        const { waived, waiverEnded } = fold(record.record.entries);
        expect(waived?.until ?? null).toBe(null);
        ended += waiverEnded === null ? 0 : 1;
      }),
      { numRuns: 250 },
    );
    expect(ended).toBeGreaterThan(0);
  });

  it("judges every command once: no comment and line is in the record twice", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { record } = run(world).seen;
        const judged = record.kind === "found" ? judgedIn(record.record) : [];
        expect(new Set(judged).size).toBe(judged.length);
      }),
      { numRuns: 80 },
    );
  });

  it("keeps exactly one state label and at most one severity label that is not waiting to be sorted out", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { seen } = run(world);
        if (seen.record.kind !== "found") return;
        expect(seen.issue.labels.filter((label) => STATE_LABEL_NAMES.includes(label))).toHaveLength(1);
      }),
      { numRuns: 80 },
    );
  });

  it("never leaves an incident closed as completed that is neither ready, waived, nor marked", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        // A close next to a command that names something GitHub may not show yet is judged together with it, seconds
        // later.
        const { seen } = run(later(run(world).seen));
        const incident = derive(seen);
        if (incident === null || seen.issue.state === "open" || seen.issue.closeReason !== "completed") return;
        const excused = incident.history.phase === "closed-ungated" || incident.history.cancelled !== null;
        expect(incident.gate.status === "met" || excused).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("files an item once, wherever a pass dies, and comes to an end whatever people do with items and ticks", () => {
    const acts = fc.array(itemAct, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(arbitraryWorld, fc.nat({ max: 40 }), acts, acts, (open, most, first, second) => {
        const world = withItems(open);
        const whole = readAgain(run(world).seen);
        const died = run(readAgain(run(world, most).seen)).seen;
        expect(itemsOf(died).issues).toEqual(itemsOf(whole).issues);
        expect(itemsOf(died).texts).toEqual(itemsOf(whole).texts);
        let seen = whole;
        for (const change of [first, second]) {
          const changed = withItemsChanged(seen, change);
          const settled = readAgain(run(changed).seen);
          expect(run(settled).actions.map(actionId)).toEqual([]);
          const ended = itemsOf(readAgain(run(readAgain(run(changed, most % 7).seen)).seen));
          expect({ ...ended, record: ended.record.length }).toEqual({
            ...itemsOf(settled),
            record: itemsOf(settled).record.length,
          });
          seen = settled;
        }
      }),
      { numRuns: 75 },
    );
  });
});
