import { describe, expect, it } from "@jest/globals";
import type { PastIncident } from "../../../src/core/archive/past-incident.ts";
import type { ActionItem } from "../../../src/core/items/action-item.ts";
import type { Instant } from "../../../src/core/model.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { compact } from "../../../src/core/record/compact.ts";
import { makeRepositoryReport, type ReportSource } from "../../../src/core/report/make-report.ts";
import { dayFrom, lastWholePeriod, weekOf } from "../../../src/core/report/period.ts";
import type { Measure, RepositoryReport } from "../../../src/core/report/report.ts";
import { shortDuration } from "../../../src/core/report/report-words.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time-units.ts";
import { buildArchive, buildPast, past, yearOfIncidents } from "../../support/build-archive.ts";
import { NINE } from "../../support/build-observation.ts";

const MINUTE = MINUTE_MS;
const HOUR = HOUR_MS;
const DAY = DAY_MS;

function reportOf(
  incidents: readonly PastIncident[],
  { days = 10, onlyOpen = false, ...fields }: Partial<ReportSource> & { days?: number; onlyOpen?: boolean } = {},
): RepositoryReport {
  const source = { repository: "acme/ops", policy: defaultPolicy(), policySource: null, sealsChecked: true, older: [] };
  const period = { since: NINE, until: (NINE + days * DAY) as Instant };
  return makeRepositoryReport(
    { ...source, archive: buildArchive(...incidents), factors: null, items: null, ...fields },
    period,
    onlyOpen,
  );
}

function took(measure: Measure, incident: PastIncident, days = 10): number | "ended" | { notYet: number } {
  const one = reportOf([incident], { days }).incidents[0]![measure];
  return one.took ?? (one.ended ? "ended" : { notYet: one.notYet! });
}

const TEN_DAYS = (10 * DAY) / 1_000;

describe("A duration of an incident", () => {
  const all = [
    past.acknowledged(5 * MINUTE),
    past.mitigated(HOUR),
    past.resolved(2 * HOUR),
    past.closed(3 * DAY),
  ] as const;

  it("counts from the declaration: to acknowledge, mitigate, resolve and learn", () => {
    const incident = buildPast(1, {}, ...all);
    expect(["acknowledge", "mitigate", "resolve", "learn"].map((one) => took(one as Measure, incident))).toEqual([
      300,
      3_600,
      7_200,
      (3 * DAY) / 1_000,
    ]);
  });

  it("counts from when it was detected, where somebody has said so, and is never less than nothing", () => {
    expect(took("mitigate", buildPast(1, {}, ...all, past.timed("detected", -HOUR)))).toBe(7_200);
    expect(took("acknowledge", buildPast(1, {}, ...all, past.timed("acknowledged", -MINUTE)))).toBe(0);
  });

  it("takes times that were put right as they are now", () => {
    expect(took("mitigate", buildPast(1, {}, ...all, past.timed("mitigated", 10 * MINUTE)))).toBe(600);
  });

  it("is not yet what happens at the end of the period or later, as long as the period lasts", () => {
    const incident = buildPast(1, {}, past.acknowledged(DAY), past.resolved(2 * DAY), past.closed(3 * DAY));
    expect(took("acknowledge", incident, 1)).toEqual({ notYet: 86_400 });
    expect(took("learn", incident, 3)).toEqual({ notYet: (3 * DAY) / 1_000 });
    expect(took("learn", incident, 4)).toBe((3 * DAY) / 1_000);
  });

  it("is what it was at the end of the period, whatever people did with the incident later", () => {
    const rita = { ...past.resumed(20 * DAY), by: "rita" } as never;
    const [one] = reportOf([buildPast(1, {}, ...all, rita, past.acknowledged(21 * DAY))]).incidents;
    expect(one).toMatchObject({ state: "closed", closed: "resolved", reopenings: 0 });
    expect([one!.acknowledge, one!.mitigate, one!.resolve, one!.learn].map(({ took: seconds }) => seconds)).toEqual([
      300,
      3_600,
      7_200,
      (3 * DAY) / 1_000,
    ]);
    const severity = { kind: "severity-changed", by: "alice", at: (NINE + 20 * DAY) as Instant, from: "P0", to: "P2" };
    expect(reportOf([buildPast(1, {}, severity as never)]).incidents[0]!.severity).toBe("P0");
    const waived = reportOf([
      buildPast(1, {}, past.resolved(HOUR), past.waived(HOUR), past.closed(HOUR, "waived", []), past.resumed(20 * DAY)),
    ]);
    expect(waived.incidents[0]).toMatchObject({ state: "closed", waived: true });
    expect(waived.endings).toMatchObject({ waived: 1, waivedUntil: 0, waivedAccepted: 0 });
  });

  it("counts as it is now where people have put times right after the end of the period", () => {
    const later = { ...past.timed("mitigated", 10 * MINUTE), at: (NINE + 20 * DAY) as Instant } as never;
    expect(took("mitigate", buildPast(1, {}, ...all, later))).toBe(600);
  });

  it("does not go on after the incident has ended without it", () => {
    expect(took("acknowledge", buildPast(1, {}, past.resolved(HOUR)))).toBe("ended");
    expect(reportOf([buildPast(1, {}, past.resolved(HOUR))]).incidents[0]!.acknowledge.notYet).toBe(3_600);
    const ungated = buildPast(1, {}, past.acknowledged(MINUTE), past.closed(HOUR, "ungated", []));
    expect(took("resolve", ungated)).toBe(3_600);
    expect(took("mitigate", ungated)).toBe(3_600);
  });

  it("of learning goes on where it was waived, closed past the gate or closed without evidence", () => {
    for (const ending of [
      [past.waived(HOUR), past.closed(HOUR, "waived", [])],
      [past.closed(HOUR, "ungated", [])],
      [past.resolved(HOUR), past.closed(HOUR, "resolved", [])],
    ]) {
      expect(took("learn", buildPast(1, {}, ...ending))).toEqual({ notYet: TEN_DAYS });
    }
  });

  it("of learning ends with an incident whose severity asks for nothing to close: nobody learns later", () => {
    const nothing = {
      severities: defaultPolicy().severities.map((one) => ({
        ...one,
        "close-requires": { kind: "all-of", of: [] } as const,
      })),
    };
    const closed = buildPast(1, {}, past.resolved(HOUR), past.closed(2 * HOUR, "resolved", []));
    const report = reportOf([closed], { policy: nothing });
    expect(report.incidents[0]!.learn).toEqual({ took: null, notYet: 7_200, ended: true });
    expect(report.curves.at(-1)).toMatchObject({ happened: 0, notYet: 0, ended: 1 });
    // The severity asked for something when these were closed without it.
    for (const ending of [
      [past.resolved(HOUR), past.waived(HOUR), past.closed(HOUR, "waived", [])],
      [past.resolved(HOUR), past.closed(HOUR, "ungated", [])],
    ]) {
      const [one] = reportOf([buildPast(1, {}, ...ending)], { policy: nothing }).incidents;
      expect(one!.learn).toEqual({ took: null, notYet: TEN_DAYS, ended: false });
    }
  });

  it("starts again for whoever has to take it again after somebody opened it again", () => {
    const incident = buildPast(1, {}, ...all, { ...past.resumed(4 * DAY), by: "rita" } as never);
    expect(took("resolve", incident)).toEqual({ notYet: TEN_DAYS });
    expect(took("acknowledge", incident)).toEqual({ notYet: TEN_DAYS });
  });
});

describe("An incident that was opened again", () => {
  it("counts each time, by the gate and by people, with the reason", () => {
    const back = [
      past.resolved(HOUR),
      past.reopened(2 * HOUR),
      past.closed(3 * HOUR),
      past.resumed(DAY),
      past.closed(2 * DAY),
    ];
    const { endings, incidents } = reportOf([
      buildPast(1, {}, ...back, past.resumed(20 * DAY)),
      buildPast(2, {}, past.closed(HOUR)),
    ]);
    expect(endings.reopened).toBe(1);
    expect(endings.reopenings).toEqual([
      { why: "gate", times: 1 },
      { why: "resumed", times: 1 },
    ]);
    expect(incidents.map(({ reopenings }) => reopenings)).toEqual([2, 0]);
  });
});

describe("A record that grew too long", () => {
  it("is named, also where only pages were dropped, which came from no comment", () => {
    const pages = Array.from({ length: 200 }, (_, at) => ({ ...past.paged(at * MINUTE, "alice"), step: at }) as never);
    const long = buildPast(1, {}, ...pages, past.acknowledged(5 * HOUR));
    const short = compact(long.record);
    expect(short.entries.length).toBeLessThan(long.record.entries.length);
    expect(short.judgedUpTo).toBe(0);
    expect(reportOf([{ ...long, record: short }, buildPast(2, {})]).leftOut.shortened).toEqual([1]);
  });
});

describe("A waiver", () => {
  const ask = (at: number, fields: object) => ({ ...past.waived(at), ...fields }) as never;
  const accept = (at: number, by: string) => ({ ...past.waived(at), kind: "waiver-accepted", by }) as never;

  it("counts once for an incident, also when its time is over; and apart if a second person accepted it", () => {
    const ended = { kind: "waiver-ended", at: (NINE + 8 * DAY) as Instant, by: null } as never;
    const { endings } = reportOf([
      buildPast(1, {}, past.waived(HOUR)),
      buildPast(2, {}, ask(HOUR, { lasts: 7 * DAY }), past.closed(HOUR, "waived", []), ended, past.reopened(8 * DAY)),
      buildPast(
        3,
        {},
        ask(HOUR, { approvals: 1, lasts: DAY }),
        accept(2 * HOUR, "carol"),
        past.closed(3 * HOUR, "waived", []),
      ),
      buildPast(4, {}, ask(HOUR, { approvals: 2 }), accept(2 * HOUR, "carol")),
      buildPast(5, {}, ask(20 * DAY, {})),
    ]);
    expect(endings).toMatchObject({ waived: 3, waivedUntil: 2, waivedAccepted: 1 });
  });
});

describe("What counts", () => {
  it("is what was declared in the period and is no drill and no false alarm; both are told apart", () => {
    const before = { at: (NINE - 1) as Instant };
    const report = reportOf([
      buildPast(1, before),
      buildPast(2, {}),
      buildPast(3, {}, past.drill(0)),
      buildPast(4, {}, past.cancelled(HOUR)),
      buildPast(5, { at: (NINE + 10 * DAY) as Instant }),
    ]);
    expect(report.incidents.map(({ number }) => number)).toEqual([2]);
    expect(report.leftOut).toMatchObject({ drills: 1, cancelled: 1 });
    expect(report.curves.map(({ incidents }) => incidents)).toEqual([1, 1, 1, 1]);
    expect(report.bySeverity).toEqual([
      { severity: "P0", incidents: 1 },
      { severity: "P1", incidents: 0 },
      { severity: "P2", incidents: 0 },
    ]);
  });

  it("is nothing that somebody outside the team reported, until somebody on it deals with that; it is named", () => {
    const outside = { kind: "unconfirmed", at: NINE, by: null } as never;
    const report = reportOf([
      buildPast(1, {}, outside),
      buildPast(2, {}, outside, past.acknowledged(HOUR)),
      buildPast(3, {}, outside, past.cancelled(HOUR)),
    ]);
    expect(report.incidents.map(({ number }) => number)).toEqual([2]);
    expect(report.leftOut).toMatchObject({ drills: 0, cancelled: 1, unconfirmed: 1 });
  });

  it("of a drill is nothing: a year with drills has the numbers of a year without them", () => {
    const { incidents } = yearOfIncidents(120, 3);
    const drills = incidents.filter(({ history }) => history.drill !== null);
    expect(drills.length).toBeGreaterThan(0);
    const { leftOut: _, ...withDrills } = reportOf(incidents, { days: 365 });
    const { leftOut: __, ...without } = reportOf(
      incidents.filter((one) => !drills.includes(one)),
      { days: 365 },
    );
    expect(withDrills).toEqual(without);
  });

  it("of a severity that the policy no longer has is listed after those it has", () => {
    const report = reportOf([buildPast(1, { severity: "SEV1" })]);
    expect(report.policy.severities).toEqual(["P0", "P1", "P2", "SEV1"]);
    expect(report.byWeek).toEqual([
      { from: "2026-01-05", incidents: 1, bySeverity: [0, 0, 0, 1] },
      { from: "2026-01-12", incidents: 0, bySeverity: [0, 0, 0, 0] },
    ]);
  });

  it("is all of it with --open, which only lists less", () => {
    const incidents = [buildPast(1, {}), buildPast(2, {}, past.resolved(HOUR), past.closed(HOUR))];
    const report = reportOf(incidents, { onlyOpen: true });
    expect(report.incidents.map(({ number }) => number)).toEqual([1]);
    expect(report.curves[0]!.incidents).toBe(2);
  });

  it("says whose record was shortened, and what could not be read", () => {
    const long = buildPast(7, {});
    const report = reportOf([], {
      archive: { incidents: [{ ...long, record: { ...long.record, judgedUpTo: 9 } }], unreadable: [4, 9], unread: 2 },
    });
    expect(report.leftOut).toEqual({
      drills: 0,
      cancelled: 0,
      unconfirmed: 0,
      unreadable: [4, 9],
      unread: 2,
      shortened: [7],
    });
  });
});

describe("Service levels", () => {
  const level = (what: string, incidents: readonly PastIncident[], items: ReportSource["items"] = null, days = 10) =>
    reportOf(incidents, { items, days }).levels.find((one) => one.severity === "P0" && one.level === what);

  it("to acknowledge: kept, missed, or with time left; one that ended in time without anybody is none", () => {
    const incidents = [
      buildPast(1, {}, past.acknowledged(15 * MINUTE)),
      buildPast(2, {}, past.acknowledged(16 * MINUTE)),
      buildPast(3, {}),
      buildPast(4, { at: (NINE + 10 * DAY - MINUTE) as Instant }),
      buildPast(5, {}, past.resolved(MINUTE)),
      buildPast(6, {}, past.resolved(HOUR)),
    ];
    expect(level("acknowledge-within", incidents)).toMatchObject({ within: 900, met: 1, missed: 3, notYet: 1 });
  });

  it("of post-mortems: by the definitions of the debt, from the resolution on; a waived one is none", () => {
    const incidents = [
      buildPast(1, {}, past.resolved(HOUR), past.closed(HOUR + 3 * DAY)),
      buildPast(2, {}, past.resolved(HOUR), past.closed(HOUR + 3 * DAY + 1)),
      buildPast(3, {}, past.resolved(9 * DAY)),
      buildPast(4, {}, past.resolved(HOUR)),
      buildPast(5, {}, past.resolved(HOUR), past.waived(HOUR), past.closed(HOUR, "waived", [])),
      buildPast(6, {}),
    ];
    expect(level("post-mortem-within", incidents)).toMatchObject({ met: 1, missed: 2, notYet: 1 });
  });

  it("of action items: by their own day, else by the policy; what was dropped is none", () => {
    const item = (number: number, fields: Partial<ActionItem>): ActionItem => ({
      target: { repository: null, number },
      url: `https://github.com/acme/ops/issues/${number}`,
      title: "Limit the pool",
      state: "open",
      reason: null,
      incident: { repository: null, number: 1 },
      owner: "bob",
      due: null,
      kind: null,
      filedAt: NINE,
      endedAt: null,
      snoozedUntil: null,
      paths: [],
      ...fields,
    });
    const items = [
      item(10, { state: "done", endedAt: (NINE + DAY) as Instant }),
      item(11, { state: "done", endedAt: (NINE + 5 * DAY) as Instant, due: { day: "2026-01-07", from: "text" } }),
      item(12, { due: { day: "2026-02-01", from: "text" }, owner: null }),
      item(13, { state: "dropped", reason: "no", endedAt: (NINE + DAY) as Instant }),
      item(14, { state: "gone" }),
    ];
    const incidents = [buildPast(1, {}, past.resolved(HOUR))];
    expect(level("action-items-within", incidents, items)).toMatchObject({ met: 1, missed: 1, notYet: 1 });
    expect(reportOf(incidents, { items }).items).toEqual({
      filed: 4,
      done: 2,
      dropped: 1,
      open: 1,
      overdue: 0,
      withoutOwner: 1,
      withoutDay: 0,
      byAge: [
        { band: "up to 7 days", open: 0, overdue: 0 },
        { band: "8 to 30 days", open: 1, overdue: 0 },
        { band: "31 to 90 days", open: 0, overdue: 0 },
        { band: "over 90 days", open: 0, overdue: 0 },
      ],
    });
    // At the end of the second day, nothing but what was done on the first is over.
    expect(reportOf(incidents, { items, days: 2 }).items).toMatchObject({ done: 1, dropped: 1, open: 2 });
  });
});

describe("Pages", () => {
  it("are counted for each person and hour, whatever became of the incident, in the period alone", () => {
    const report = reportOf([
      buildPast(1, { at: (NINE - DAY) as Instant }, past.paged(-HOUR, "alice"), past.paged(HOUR, "Alice", "bob")),
      buildPast(2, {}, past.paged(2 * HOUR), past.cancelled(3 * HOUR)),
      buildPast(3, {}, past.drill(0), past.paged(HOUR, "carol")),
    ]);
    expect(report.pages).toMatchObject({ pages: 2, reachedNobody: 1 });
    expect(report.pages.byPerson.map(({ login, pages }) => [login, pages])).toEqual([
      ["Alice", 1],
      ["bob", 1],
    ]);
    expect(report.pages.byHour[10]).toBe(2);
  });
});

describe("Contributing factors", () => {
  it("are counted as often as they are ticked, several for one incident, with what could not be read", () => {
    const factors = {
      names: ["configuration", "missing alert"],
      ticked: new Map([
        [1, ["configuration", "missing alert"]],
        [2, ["missing alert"]],
        [3, []],
      ]),
      unread: new Set([4]),
    };
    const report = reportOf(
      [1, 2, 3, 4, 5].map((number) => buildPast(number, {})),
      { factors },
    );
    expect(report.factors).toEqual({
      postMortems: 3,
      unread: 1,
      counts: [
        { factor: "missing alert", incidents: 2 },
        { factor: "configuration", incidents: 1 },
      ],
    });
    expect(report.incidents.map((one) => one.factors)).toEqual([
      ["configuration", "missing alert"],
      ["missing alert"],
      [],
      null,
      null,
    ]);
  });
});

describe("A period", () => {
  const at = (text: string) => Date.parse(text) as Instant;

  it.each([
    ["week", "2026-01-05T00:00:00Z", "2026-W01", "week 1 of 2026", "2025-12-29", "2026-01-05"],
    ["week", "2027-01-05T12:00:00Z", "2026-W53", "week 53 of 2026", "2026-12-28", "2027-01-04"],
    ["week", "2026-11-29T23:59:59Z", "2026-W47", "week 47 of 2026", "2026-11-16", "2026-11-23"],
    ["month", "2026-01-01T00:00:00Z", "2025-12", "December 2025", "2025-12-01", "2026-01-01"],
    ["month", "2026-03-31T23:59:59Z", "2026-02", "February 2026", "2026-02-01", "2026-03-01"],
    ["quarter", "2026-01-01T00:00:00Z", "2025-Q4", "fourth quarter of 2025", "2025-10-01", "2026-01-01"],
    ["quarter", "2026-06-30T00:00:00Z", "2026-Q1", "first quarter of 2026", "2026-01-01", "2026-04-01"],
  ] as const)("that is over: the last %s at %s is %s", (every, now, id, name, since, until) => {
    const period = lastWholePeriod(every, at(now));
    expect(period).toEqual({ id, name, since: at(since), until: at(until) });
  });

  it("begins on a day, or some days ago; anything else is none", () => {
    const now = at("2026-03-10T12:00:00Z");
    expect(dayFrom("2026-02-28", now)).toBe(at("2026-02-28"));
    expect(dayFrom("3d", now)).toBe(at("2026-03-07"));
    for (const wrong of ["2026-02-30", "2026-2-3", "yesterday", "0d", "3w", "", "2026-01-01T00:00"]) {
      expect([wrong, dayFrom(wrong, now)]).toEqual([wrong, null]);
    }
  });

  it("has weeks from Monday on", () => {
    expect(new Date(weekOf(at("2026-01-11T23:59:59Z"))).toISOString()).toBe("2026-01-05T00:00:00.000Z");
    expect(new Date(weekOf(at("2026-01-12T00:00:00Z"))).toISOString()).toBe("2026-01-12T00:00:00.000Z");
  });

  it.each([
    [0, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [119, "1 min"],
    [3_600, "1 h"],
    [3_660, "1 h 1 min"],
    [90_000, "1 d 1 h"],
    [86_400 * 400, "400 d"],
  ])("of %i s is %s in a table", (seconds, words) => {
    expect(shortDuration(seconds)).toBe(words);
  });
});
