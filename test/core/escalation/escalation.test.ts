import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  type Escalation,
  type EscalationInput,
  escalate,
  MAX_LATENESS_MS,
} from "../../../src/core/escalation/escalate.ts";
import { firingsOf } from "../../../src/core/escalation/firings.ts";
import type { Instant, Millis } from "../../../src/core/model.ts";
import type { EscalationRule } from "../../../src/core/oncall/schedule.ts";
import type { Page } from "../../../src/core/record/history.ts";

const NINE = Date.UTC(2026, 0, 5, 9) as Instant;
const MINUTE_MS = 60_000;

function minutes(count: number): Instant {
  return (NINE + count * MINUTE_MS) as Instant;
}

function ms(countMinutes: number): Millis {
  return (countMinutes * MINUTE_MS) as Millis;
}

/** Primary at once, secondary after 15 minutes, the team after 30; twice again, each time after 20 minutes. */
const RULE: EscalationRule = {
  steps: [
    { after: ms(0), notify: ["primary"] },
    { after: ms(15), notify: ["secondary"] },
    { after: ms(30), notify: ["team"] },
  ],
  repeat: { every: ms(20), times: 2 },
  "ack-timeout": ms(60),
};
const ON: Readonly<Record<string, readonly string[]>> = {
  primary: ["alice"],
  secondary: ["bob"],
  team: ["alice", "bob", "carol", "dave"],
};

function input(fields: Partial<EscalationInput> & { readonly on?: typeof ON }): EscalationInput {
  const { on = ON, ...rest } = fields;
  return {
    episode: { since: NINE, why: "declared", lastResponder: null },
    pages: [],
    rule: RULE,
    resolve: (target) => on[target] ?? [],
    isNamed: (login) => (on["team"] ?? []).includes(login),
    unreachable: new Set(),
    said: [],
    now: NINE,
    ...rest,
  };
}

/** Looks at these minutes one after another, as passes would; notes what is due. */
function watch(fields: Partial<EscalationInput> & { readonly on?: typeof ON }, at: readonly number[]) {
  const pages: Page[] = [...(fields.pages ?? [])];
  const seen: string[] = [];
  let last: Escalation | null = null;
  for (const minute of at) {
    last = escalate(input({ ...fields, pages, now: minutes(minute) }));
    for (const page of last.due) {
      pages.push(page);
      seen.push(line(minute, page));
    }
  }
  return { seen, pages, next: last?.next ?? null, last };
}

/** `15: bob` or `0: nobody is primary`. */
function line(minute: number, { targets, nobody, unreachable }: Page): string {
  const whom = targets.map(({ login }) => login).join(" ");
  return `${minute}: ${whom}${nobody.length > 0 ? ` (nobody is ${nobody.join(", ")})` : ""}${
    unreachable.length > 0 ? ` (not here: ${unreachable.join(", ")})` : ""
  }`;
}

describe("an escalation", () => {
  it("calls primary at once, then secondary, then the rest of the team, each at its minute and once", () => {
    const { seen } = watch({}, [0, 1, 14, 15, 16, 29, 30, 31, 49]);
    expect(seen).toEqual(["0: alice", "15: bob", "30: carol dave"]);
  });

  it("goes through all steps again, as often as the rule says, and then no more", () => {
    const { seen, next } = watch({}, [0, 15, 30, 49, 50, 51, 65, 80, 99, 100, 115, 130, 900]);
    const again = (from: number) => [`${from}: alice`, `${from + 15}: bob`, `${from + 30}: carol dave`];
    expect(seen).toEqual([...again(0), ...again(50), ...again(100)]);
    expect(next).toBe(null);
  });

  it("says when the next call is", () => {
    expect(watch({}, [0]).next).toEqual(expect.objectContaining({ step: 1, at: minutes(15), adds: ["secondary"] }));
    expect(watch({}, [0, 15, 30]).next).toEqual(expect.objectContaining({ round: 1, at: minutes(50) }));
  });

  it("calls after an outage for the step that is current, with all that came before it, once", () => {
    expect(watch({}, [0, 31, 32]).seen).toEqual(["0: alice", "31: bob carol dave"]);
    expect(watch({}, [16, 17]).seen).toEqual(["16: alice bob"]);
  });

  it("calls nobody for what is overdue by more than a day", () => {
    const late = MAX_LATENESS_MS / MINUTE_MS + 131;
    const { seen, last } = watch({}, [late]);
    expect(seen).toEqual([]);
    expect(last?.isStale).toBe(true);
  });

  it("calls whoever has come on duty meanwhile, and not again who was called before the handoff", () => {
    const handoff = minutes(10);
    const resolve = (target: string, at: Instant) =>
      target === "primary" ? [at < handoff ? "alice" : "bob"] : target === "secondary" ? ["carol"] : ["alice", "dave"];
    expect(watch({ resolve }, [0, 10, 15, 30]).seen).toEqual(["0: alice", "15: bob carol", "30: dave"]);
  });

  it("goes on at once where nobody is on duty, and says who is missing", () => {
    const on = { ...ON, primary: [] };
    const { seen, next } = watch({ on }, [0, 15, 30]);
    expect(seen).toEqual(["0: bob (nobody is primary)", "30: alice carol dave"]);
    expect(next?.round).toBe(1);
  });

  it("does not hurry where the one to call was called already", () => {
    const on = { ...ON, secondary: ["alice"] };
    expect(watch({ on }, [0, 15, 16, 30]).seen).toEqual(["0: alice", "15: ", "30: bob carol dave"]);
  });

  it("keeps looking for somebody while nobody at all is on duty", () => {
    const resolve = (_: string, at: Instant) => (at < minutes(12) ? [] : ["alice"]);
    const { seen, last } = watch({ resolve }, [0, 5, 11]);
    expect(seen).toEqual(["0:  (nobody is primary, secondary, team)"]);
    expect(last?.lookAgainAt).toBe(minutes(16));
    expect(watch({ resolve }, [0, 11, 21, 22]).seen).toEqual(["0:  (nobody is primary, secondary, team)", "21: alice"]);
  });

  it("keeps looking for somebody also by the shorter rule of another severity", () => {
    const empty = { ...ON, primary: [], secondary: [], team: [] };
    const { pages } = watch({ on: empty }, [0]);
    const rule = { ...RULE, steps: RULE.steps.slice(0, 1), repeat: null };
    expect(watch({ pages, rule }, [5]).seen).toEqual(["5: alice"]);
  });

  it("takes somebody GitHub does not let it assign for missing, and goes on at once", () => {
    const unreachable = new Set(["alice"]);
    expect(watch({ unreachable }, [0, 30]).seen).toEqual([
      "0: bob (not here: alice)",
      "30: carol dave (not here: alice)",
    ]);
  });

  it("calls the one who had acknowledged and fell silent as well, if the file names them", () => {
    const since = minutes(0);
    const silent = (lastResponder: string) => ({ episode: { since, why: "ack-timed-out", lastResponder } }) as const;
    expect(watch(silent("dave"), [0]).seen).toEqual(["0: dave alice"]);
    expect(watch(silent("stranger"), [0]).seen).toEqual(["0: alice"]);
  });

  it("takes a step that was said, and not written down, for done at that time", () => {
    const said = [{ step: 0, at: minutes(1) }];
    expect(watch({ said }, [20]).seen).toEqual(["20: alice", "20: bob"]);
    expect(watch({ said }, [20]).pages[0]?.at).toBe(minutes(1));
    expect(watch({ on: { ...ON, primary: [] }, said: [{ step: 1, at: minutes(1) }] }, [20]).pages).toEqual([
      expect.objectContaining({ step: 1, nobody: ["primary"], targets: [{ login: "bob", role: "secondary" }] }),
    ]);
  });

  it("begins anew with a new episode, and leaves the pages of the old one alone", () => {
    const { pages } = watch({}, [0, 15]);
    const episode = { since: minutes(20), why: "raised", lastResponder: null } as const;
    expect(watch({ episode, pages }, [20, 35]).seen).toEqual(["20: alice", "35: bob"]);
  });
});

const arbitraryRule = fc
  .record({
    gaps: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }),
    notify: fc.array(fc.subarray(["primary", "secondary", "team"], { minLength: 1 }), { minLength: 5, maxLength: 5 }),
    repeat: fc.option(fc.record({ every: fc.integer({ min: 1, max: 60 }), times: fc.integer({ min: 1, max: 4 }) })),
  })
  .map(({ gaps, notify, repeat }): EscalationRule => {
    const after = gaps.map((_, at) => gaps.slice(0, at + 1).reduce((sum, gap) => sum + gap, 0));
    return {
      steps: after.map((minute, at) => ({ after: ms(minute), notify: notify[at]! })),
      repeat: repeat === null ? null : { every: ms(repeat.every), times: repeat.times },
      "ack-timeout": null,
    };
  });
/** Who is on duty: at random minutes people change, or roles are empty. */
const arbitraryDuty = fc
  .array(
    fc.record({
      from: fc.integer({ min: 0, max: 300 }),
      primary: fc.subarray(["alice", "bob"], { maxLength: 1 }),
      secondary: fc.subarray(["alice", "bob", "carol"], { maxLength: 1 }),
      team: fc.subarray(["alice", "bob", "carol", "dave"]),
    }),
    { maxLength: 4 },
  )
  .map((duties) => {
    const sorted = [{ from: 0, ...ON }, ...duties].toSorted((a, b) => a.from - b.from);
    return (target: string, at: Instant): readonly string[] => {
      const now = sorted.findLast((duty) => minutes(duty.from) <= at) as Readonly<Record<string, unknown>>;
      return (now[target] ?? []) as readonly string[];
    };
  });
const arbitraryLooks = fc
  .array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 30 })
  .map((looks) => looks.toSorted((a, b) => a - b));

describe("whatever the rule, the duties and the outages, an escalation", () => {
  it("is never early, but where somebody was missing", () => {
    fc.assert(
      fc.property(arbitraryRule, arbitraryDuty, arbitraryLooks, (rule, resolve, looks) => {
        const { pages } = watch({ rule, resolve }, looks);
        for (const page of pages) {
          const { at } = firingsOf(rule, NINE)[page.step!]!;
          const missing = pages.some((one) => one.step === page.step && one.nobody.length > 0);
          if (!missing) expect(page.at).toBeGreaterThanOrEqual(at);
        }
      }),
    );
  });

  it("calls nobody twice in the steps, nor twice in one repetition, and no step twice", () => {
    fc.assert(
      fc.property(arbitraryRule, arbitraryDuty, arbitraryLooks, (rule, resolve, looks) => {
        const { pages } = watch({ rule, resolve }, looks);
        for (const round of new Set(pages.map((page) => page.round))) {
          const called = pages.filter((page) => page.round === round).flatMap((page) => page.targets);
          expect(new Set(called.map(({ login }) => login)).size).toBe(called.length);
        }
        const reaching = pages.filter((page) => page.targets.length > 0).map((page) => page.step);
        expect(new Set(reaching).size).toBe(reaching.length);
      }),
    );
  });

  it("that is looked at when it asks for it leaves out no step, unless one was brought forward", () => {
    fc.assert(
      fc.property(arbitraryRule, arbitraryDuty, (rule, resolve) => {
        const pages: Page[] = [];
        let now: Instant | null = NINE;
        for (let looks = 0; now !== null && looks < 400; looks += 1) {
          const { due, lookAgainAt } = escalate(input({ rule, resolve, pages, now }));
          pages.push(...due);
          if (lookAgainAt !== null) expect(lookAgainAt).toBeGreaterThan(now);
          now = lookAgainAt;
        }
        const broughtForward = new Set(pages.filter((page) => page.nobody.length > 0).map((page) => page.round));
        for (const firing of firingsOf(rule, NINE)) {
          if (broughtForward.has(firing.round)) continue;
          const on = firing.calls.flatMap((target) => resolve(target, firing.at));
          const called = pages
            .filter((page) => page.at <= firing.at && (firing.round === 0 || page.round === firing.round))
            .flatMap((page) => page.targets.map(({ login }) => login));
          expect(called).toEqual(expect.arrayContaining(on));
        }
      }),
    );
  });

  it("judged again with what it said, and without what it wrote down, is the same: a crash calls nobody twice", () => {
    fc.assert(
      fc.property(arbitraryRule, arbitraryDuty, arbitraryLooks, fc.nat(29), (rule, resolve, looks, lost) => {
        const { pages } = watch({ rule, resolve }, looks);
        const page = pages[Math.min(lost, pages.length - 1)];
        if (page === undefined || page !== pages.at(-1) || page.targets.length === 0) return;
        const said = [{ step: page.step!, at: page.at }];
        const again = escalate(input({ rule, resolve, pages: pages.slice(0, -1), said, now: page.at }));
        expect(again.due).toEqual([page]);
      }),
    );
  });
});
