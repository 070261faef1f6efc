import { type Clock, systemClock } from "../base/clock.ts";
import { TerminalError } from "../base/errors.ts";
import { isToDo } from "../core/debt/is-to-do.ts";
import { oneLine } from "../core/markdown/escape.ts";
import type { Instant, Repository } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { open, openUnchecked } from "../core/record/seal.ts";
import { makeReport, type ReportSource } from "../core/report/make-report.ts";
import { dayFrom, type Period } from "../core/report/period.ts";
import { type NoReport, REPORT_VERSION, type Report } from "../core/report/report.ts";
import { reportCsv } from "../core/report/report-csv.ts";
import { reportHtml } from "../core/report/report-html.ts";
import { reportMarkdown } from "../core/report/report-markdown.ts";
import { askOnce } from "../observe/ask-once.ts";
import { readReportSource } from "../observe/read-report-source.ts";
import { createLook } from "../passes/create-look.ts";
import { builtInTemplates } from "../run/built-in-templates.ts";
import { type Environment, loadDotEnvForToken } from "../run/settings.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { type Access, accessBy, type Connection, connectTo } from "./explain.ts";
import { githubProblem } from "./github-problem.ts";
import { jsonLine } from "./json-line.ts";
import {
  findRepository,
  IndexWithoutStore,
  type LookParts,
  type Problem,
  type Who,
  whoIsTheApp,
} from "./look-from-outside.ts";
import { type Stores, withStores } from "./open-stores.ts";
import { ownApp } from "./own-app.ts";
import { readRepository } from "./read-repository.ts";
import { shownArgument } from "./shown-argument.ts";
import { UsageError } from "./usage-error.ts";

/** How a report is printed. */
export type ReportFormat = "md" | "html" | "json" | "csv";

export interface ReportOptions {
  /** `owner/repo`, each; empty: all that the app is installed on. */
  readonly repositories: readonly string[];
  /** `2026-01-01`, or `90d` before the end. */
  readonly since: string;
  /** The same; `undefined`: now. */
  readonly until: string | undefined;
  readonly format: ReportFormat;
  /** Lists only what is open. */
  readonly onlyOpen: boolean;
  /** The app's slug, if there is only a token; `undefined`: whoever wrote the status comments. */
  readonly app: string | undefined;
  readonly onStep?: (words: string) => void;
  readonly env?: Environment;
  readonly clock?: Clock;
  readonly write?: (text: string) => void;
  /** How GitHub is reached; tests bring their own. */
  readonly connect?: (access: Access, onRequest: () => void) => Connection;
}

/** In how many incidents the app is looked for, where there is only a token. */
const MOST_ASKED_FOR_APP = 20;

const PRINT: Readonly<Record<ReportFormat, (report: Report) => string>> = {
  md: reportMarkdown,
  html: reportHtml,
  json: jsonLine,
  csv: reportCsv,
};

/**
 * `sevgate report owner/repo …`: reads the incidents of repositories from GitHub, writes nothing, and prints their numbers. The same
 * period gives the same bytes, whatever the server keeps beside GitHub, as long as nobody changes what is in it.
 *
 * @returns the exit code: 1 if something cannot be read; 2, in JSON, if the arguments are not understood
 * @throws UsageError for the same, in other formats
 */
export async function report(options: ReportOptions): Promise<0 | 1 | typeof EXIT_USAGE> {
  const { format, write = (text) => process.stdout.write(text) } = options;
  const made = await madeOrProblem(options);
  if ("kind" in made) {
    const isUsage = made.kind === "bad-argument";
    if (isUsage && format !== "json") throw new UsageError(made.message);
    const none: NoReport = { version: REPORT_VERSION, error: { kind: made.kind, message: made.message } };
    if (format === "json") write(jsonLine(none));
    else process.stderr.write(`${made.message}\n`);
    return isUsage ? EXIT_USAGE : 1;
  }
  write(PRINT[format](made));
  // A table of incidents has no place for it.
  if (format === "csv") for (const what of made.notKnown) process.stderr.write(`Not looked at: ${what}.\n`);
  return 0;
}

async function madeOrProblem(options: ReportOptions): Promise<Report | Problem> {
  const { clock = systemClock, connect = connectTo, onlyOpen, env } = options;
  const period = periodOf(options, clock.now());
  if ("kind" in period) return period;
  const wrong = options.repositories.find((one) => readRepository(one) === null);
  if (wrong !== undefined) {
    return { kind: "bad-argument", message: `“${shownArgument(wrong)}” is no repository: write acme/ops.` };
  }
  if (env === undefined) loadDotEnvForToken({ unlessServer: true });
  const access = accessBy(env ?? process.env);
  if ("message" in access) return access;
  if (access.kind === "token" && options.repositories.length === 0) {
    return { kind: "bad-argument", message: "Name a repository, such as acme/ops: with GITHUB_TOKEN none is known." };
  }
  try {
    const { read, app } = connect(access, () => {});
    const parts = {
      read: askOnce(read),
      clock,
      named: options.app ?? null,
      period,
      step: options.onStep ?? (() => {}),
    };
    const sources =
      access.kind === "token" || app === null
        ? await sourcesOf({ ...parts, app: null, stores: null }, options.repositories, null)
        : await withStores(access.settings, (stores) =>
            sourcesOf({ ...parts, app: ownApp(app, access.settings), stores }, options.repositories, app),
          );
    if ("kind" in sources) return sources;
    return makeReport(sources.sources, period, { open: onlyOpen, notKnown: sources.notKnown });
  } catch (error) {
    const rights = access.kind === "token" ? "The token needs to read issues, contents and metadata there." : "";
    return githubProblem(error, clock, rights);
  }
}

function periodOf({ since, until }: ReportOptions, now: Instant): Period | Problem {
  const end = until === undefined ? now : dayFrom(until, now);
  if (end === null) return badDay("--until", until ?? "");
  const start = dayFrom(since, end);
  if (start === null) return badDay("--since", since);
  const last = Math.min(end, now) as Instant;
  if (start >= last) return { kind: "bad-argument", message: "That time is empty: let --since be before --until." };
  return { since: start, until: last };
}

function badDay(option: string, given: string): Problem {
  return { kind: "bad-argument", message: `${option}: “${shownArgument(given)}” is no day: write 2026-01-31, or 90d.` };
}

type Parts = Pick<LookParts, "read" | "clock" | "named" | "app" | "stores"> & {
  readonly period: Period;
  readonly step: (words: string) => void;
};

interface Sources {
  readonly sources: readonly ReportSource[];
  /** Repositories that cannot be read, with the reason. */
  readonly notKnown: readonly string[];
}

async function sourcesOf(parts: Parts, named: readonly string[], app: Connection["app"]): Promise<Sources | Problem> {
  const places: Repository[] = [];
  for (const place of named.flatMap((one) => readRepository(one) ?? [])) {
    const found = await findRepository(parts, place);
    if ("kind" in found) return found;
    if (!places.some(({ id }) => id === found.id)) places.push(found);
  }
  if (named.length === 0 && app !== null) places.push(...(await everywhere(app, parts.stores)));
  const sources: ReportSource[] = [];
  const notKnown: string[] = [];
  for (const [at, repository] of places.entries()) {
    parts.step(`${fullName(repository)}, ${at + 1} of ${places.length}`);
    const source = await sourceOf(parts, repository).catch((error: unknown) => {
      // One repository of many, whose issues are turned off, does not keep the numbers of the others.
      if (named.length > 0 || !(error instanceof TerminalError)) throw error;
      return error;
    });
    if (source instanceof TerminalError) {
      notKnown.push(`${fullName(repository)}: ${oneLine(source.message).replace(/\.$/, "")}`);
      continue;
    }
    if ("kind" in source) return { ...source, message: `${fullName(repository)}: ${source.message}` };
    const { incidents, unreadable } = source.archive;
    // Of all repositories of an app, most have no incidents.
    const isQuiet = incidents.length + unreadable.length === 0 && (source.items ?? []).every((item) => !isToDo(item));
    if (named.length > 0 || !isQuiet) sources.push(source);
  }
  return { sources, notKnown };
}

async function everywhere(app: NonNullable<Connection["app"]>, stores: Stores | null): Promise<readonly Repository[]> {
  const all: Repository[] = [];
  for (const { id, suspended } of await app.installations()) {
    if (suspended) continue;
    const listed = await app.repositories(id);
    if (listed !== "unsupported") all.push(...listed);
    else all.push(...((await stores?.index.repositories(id)) ?? []).map(({ repository }) => repository));
  }
  return all.toSorted((a, b) => (fullName(a).toLowerCase() < fullName(b).toLowerCase() ? -1 : 1));
}

async function sourceOf(parts: Parts, repository: Repository): Promise<ReportSource | Problem> {
  const { app, read, clock, stores, period } = parts;
  const memory = stores ?? { ...new MemoryStore(), index: new IndexWithoutStore(read, repository), chat: null };
  const lookAs = (identity: Who["identity"]) =>
    createLook({
      ...memory,
      github: { read, app: { identity: async () => identity } },
      openRecord: app === null ? openUnchecked : (body, at) => open(body, at, app.recordKeys),
      templates: builtInTemplates(),
      clock,
      formerApps: app?.formerApps ?? [],
    })();
  const who = await whoWrote(parts, repository, await lookAs(NOBODY));
  if ("kind" in who) return who;
  return await readReportSource(await lookAs(who.identity), repository, period, app !== null);
}

const NOBODY: Who["identity"] = { appId: 0, botLogin: "[bot]", slug: "" };

/** The app by its own key, or whoever wrote the status comment of the newest incident that has one. */
async function whoWrote(
  parts: Parts,
  repository: Repository,
  { policies, read }: Awaited<ReturnType<ReturnType<typeof createLook>>>,
): Promise<Who | Problem> {
  if (parts.app !== null) return { identity: await parts.app.identity(), known: "told" };
  const { severities } = (await policies.rules(repository)).policy.policy;
  const lists = await Promise.all(
    severities.map(({ label }) => read.issuesWithLabel(repository, label, { state: "all", since: parts.period.since })),
  );
  const commented = lists.flat().filter(({ commentCount }) => commentCount > 0);
  for (const { number } of commented.toSorted((a, b) => b.number - a.number).slice(0, MOST_ASKED_FOR_APP)) {
    const who = await whoIsTheApp(parts, repository, number);
    if ("kind" in who || who.known === "guessed" || who.identity.appId !== 0) return who;
  }
  return { identity: NOBODY, known: "unknown" };
}
