import { cpus } from "node:os";
import { count, mb, ms, quantile, table } from "./report.ts";
import { type Isolation, judgeIsolation, LATEST_P0_MS } from "./scale/judge-isolation.ts";
import { type About, type HourReport, hasBadDay, runHour } from "./scale/run-hour.ts";
import { factorOf, type MomentName, planHour } from "./scale/schedule.ts";
import type { ServedHint } from "./scale/status-times.ts";
import type { Setting } from "./setting.ts";

const SEED = 20_260_105;
const SEVERITIES = ["P0", "P1", "P2"];
/** By rank. */
const SIZES: readonly (readonly [string, number, number])[] = [
  ["the 10 largest", 0, 10],
  ["the next 990", 10, 1_000],
  ["the others", 1_000, Number.POSITIVE_INFINITY],
];
const WORDS: Readonly<Record<MomentName, string>> = {
  calm: "calm",
  storm: "a storm of alerts in one installation",
  wild: "one installation gone wild",
  silent: "GitHub answers one installation no more",
  rest: "nothing bad",
  outage: "GitHub is down for all",
  after: "after it",
};
/** Moments in which one installation has a bad day and the others do not. */
const OF_ONE: readonly MomentName[] = ["storm", "wild", "silent"];

/**
 * Ten thousand installations, a scaled hour with a bad day in it: passes a second, from hint to status comment, and whether
 * one installation's worst moment makes another one's P0 late. Sets the exit code when it does.
 */
export async function measureScale(setting: Setting): Promise<void> {
  const installations = setting.quick ? 2_000 : 10_000;
  const hourMs = setting.quick ? 42_000 : 140_000;
  const hour = planHour({ installations, hourMs, seed: SEED });
  const runs: readonly (readonly [string, number, "postgresql" | "embedded"])[] = [
    ["1 process", 1, "postgresql"],
    ["2 processes", 2, "postgresql"],
    ...(cpus().length >= 4 ? [["4 processes", 4, "postgresql"] as const] : []),
    ...(setting.quick ? [] : [["1 process, embedded", 1, "embedded"] as const]),
  ];
  const reports: (readonly [string, HourReport])[] = [];
  console.log(
    `${count(installations)} installations, an hour in ${hourMs / 1_000} s (${count(factorOf({ hourMs }))} times faster). ` +
      "GitHub's latency, its limits, shares and the sweep are not scaled.\n",
  );
  for (const [name, processes, engine] of runs) {
    const report = await runHour(setting, hour, { installations, seed: SEED, processes, engine });
    reports.push([name, report]);
    showTimes(name, report);
  }
  showWork(reports);
  if (showIsolation(reports)) process.exitCode = 1;
}

function showWork(reports: readonly (readonly [string, HourReport])[]): void {
  const row = (name: string, of: (report: HourReport) => string) => [name, ...reports.map(([, report]) => of(report))];
  const all = ({ passes }: HourReport) => [...passes.values()].reduce((a, b) => a + b, 0);
  const cpuMs = (seconds: number, report: HourReport) => ms((seconds / all(report)) * 1_000);
  table(
    "What it took",
    ["", ...reports.map(([name]) => name)],
    [
      row("passes a second", (report) => (all(report) / report.machine.tookS).toFixed(1)),
      row("of them incidents", ({ passes, machine }) => ((passes.get("incident") ?? 0) / machine.tookS).toFixed(1)),
      row("of them repositories (the sweep)", ({ passes, machine }) =>
        ((passes.get("repository") ?? 0) / machine.tookS).toFixed(1),
      ),
      row("of them alerts", ({ passes, machine }) => ((passes.get("alert") ?? 0) / machine.tookS).toFixed(1)),
      row("requests to GitHub a pass", (report) => (report.asked.requests / all(report)).toFixed(1)),
      row("of them “not modified”", ({ asked }) => `${Math.round((asked.notModified / asked.requests) * 100)} %`),
      row("tokens asked for", ({ asked }) => count(asked.tokens)),
      row("as the app itself", ({ asked }) => count(asked.asApp)),
      row("refused by GitHub's limit on content", ({ asked }) => count(asked.refusedForContent)),
      row("processor of a process, ms a pass", (report) => cpuMs(report.serversCpuS, report)),
      row("processor of PostgreSQL, ms a pass", (report) => cpuMs(report.machine.databaseCpuS, report)),
      row("processor of GitHub and everybody on it, s", ({ worldCpuS }) => worldCpuS.toFixed(0)),
      row("processor used by other work, of all", ({ machine, serversCpuS, worldCpuS }) => {
        const others = machine.busyS - serversCpuS - worldCpuS - machine.databaseCpuS;
        return `${Math.max(0, Math.round((others / machine.tookS / machine.processors) * 100))} %`;
      }),
      row("memory of the largest process, MB", ({ memoryMb }) => mb(memoryMb)),
      row("database, MB: filled, at the end", ({ databaseMb }) => databaseMb?.map(mb).join(", ") ?? "–"),
      row("connections to it", ({ machine }) => (machine.connections === null ? "–" : count(machine.connections))),
      ...(["webhooks", "alerts"] as const).map((what) =>
        row(`${what} accepted, refused, without an answer`, ({ delivered }) => {
          const { accepted, refused, unanswered } = delivered[what];
          return [accepted, refused, unanswered].map(count).join(", ");
        }),
      ),
      row("keys waiting at the end", ({ waitingAtEnd }) => count(waitingAtEnd)),
    ],
  );
}

function showTimes(name: string, { hints }: HourReport): void {
  const others = hints.filter(({ about }) => !hasBadDay(about) && about.moment !== "outage");
  const row = (title: string, some: readonly ServedHint<About>[]) => [title, ...summary(some)];
  table(
    `From hint to status comment, ${name}: installations without a bad day, the outage left out`,
    ["", "hints", "p50 ms", "p99 ms", "worst ms", "never"],
    [
      ...SEVERITIES.map((severity, at) =>
        row(
          severity,
          others.filter(({ about }) => about.severity === at),
        ),
      ),
      row(
        "pull request, to its check",
        others.filter(({ about }) => about.severity === null),
      ),
      ...SIZES.map(([title, from, to]) =>
        row(
          title,
          others.filter(({ about }) => about.installation >= from && about.installation < to),
        ),
      ),
    ],
  );
}

function summary(hints: readonly ServedHint<About>[]): readonly string[] {
  const took = hints.flatMap(({ tookMs }) => (tookMs === null ? [] : [tookMs]));
  const times = [quantile(took, 0.5), quantile(took, 0.99), Math.max(...took)];
  return [
    count(hints.length),
    ...(took.length === 0 ? ["–", "–", "–"] : times.map(ms)),
    count(hints.length - took.length),
  ];
}

/** Whether isolation was broken anywhere. */
function showIsolation(reports: readonly (readonly [string, HourReport])[]): boolean {
  let isBroken = false;
  const rows: string[][] = [];
  for (const [name, { hints, lagMs }] of reports) {
    const seen = (moment: MomentName) => {
      const p0 = hints.filter(({ about }) => about.severity === 0 && about.moment === moment && !hasBadDay(about));
      const never = p0.some(({ tookMs }) => tookMs === null);
      return {
        p0,
        worstMs: never ? null : Math.max(0, ...p0.map(({ tookMs }) => tookMs ?? 0)),
        lagMs: lagMs.get(moment) ?? 0,
      };
    };
    const calm = seen("calm");
    for (const moment of Object.keys(WORDS) as MomentName[]) {
      const at = seen(moment);
      const verdict = OF_ONE.includes(moment) ? judgeIsolation(at, calm) : null;
      isBroken ||= verdict === "broken";
      rows.push([name, WORDS[moment], ...summary(at.p0), ms(at.lagMs), verdict === null ? "" : SAYS[verdict]]);
    }
  }
  table(
    `P0 of installations without a bad day: no later than ${LATEST_P0_MS / 1_000} s`,
    ["", "meanwhile", "P0 hints", "p50 ms", "p99 ms", "worst ms", "never", "own timers late (p99), ms", "isolation"],
    rows,
  );
  if (isBroken) console.log("Isolation is broken: one installation's bad day made another one's P0 late.\n");
  return isBroken;
}

const SAYS: Readonly<Record<Isolation, string>> = {
  held: "held",
  broken: "BROKEN",
  beyond: "beyond this machine",
};
