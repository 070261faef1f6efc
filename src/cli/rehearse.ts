import { renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { oneLine } from "../core/markdown/escape.ts";
import { withoutEnd } from "../core/without-end.ts";
import { allPages } from "../rehearse/all-pages.ts";
import { isDone, numberAt, saidBy, textAt } from "../rehearse/answer.ts";
import { cleanUp } from "../rehearse/clean-up.ts";
import { createScratch, type ScratchParts } from "../rehearse/create-scratch.ts";
import { type LookedAt, lookAtRepository } from "../rehearse/look-at-repository.ts";
import { looksUsed } from "../rehearse/looks-used.ts";
import { MARK_PREFIX, newMark } from "../rehearse/mark.ts";
import { Pace } from "../rehearse/pace.ts";
import { rehearsalMarkdown } from "../rehearse/rehearsal-markdown.ts";
import { RehearsalOverError } from "../rehearse/rehearsal-over-error.ts";
import {
  countWrong,
  exitCodeOf,
  isMissing,
  type RehearsalReport,
  whyNoAnswer,
  worstOfEach,
} from "../rehearse/rehearsal-report.ts";
import { runRehearsal } from "../rehearse/run-rehearsal.ts";
import type { Scratch } from "../rehearse/scratch.ts";
import { nothingSeen, STEPS } from "../rehearse/story-seen.ts";
import { type Environment, loadDotEnvForToken, readSettings, type Settings } from "../run/settings.ts";
import { createPlainApp, createPlainAsker } from "../systems/github/create-plain-asker.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { hostOfApi } from "./explain.ts";
import { githubProblem } from "./github-problem.ts";
import { jsonLine } from "./json-line.ts";
import { readRepository } from "./read-repository.ts";
import { readToken } from "./read-token.ts";
import { shownArgument } from "./shown-argument.ts";
import { UsageError } from "./usage-error.ts";

export interface RehearseOptions {
  /** `owner/repo`. */
  readonly repository: string;
  /** The same once more, where nothing else says that it is for trials. */
  readonly meant: string | null;
  /** Does not ask. */
  readonly yes: boolean;
  readonly json: boolean;
  /** Where the report goes; `undefined`: into this folder. */
  readonly report: string | undefined;
  /** Leaves everything there. */
  readonly keep: boolean;
  /** Only takes away what rehearsals left. */
  readonly cleanUpOnly: boolean;
  /** How long Sevgate is waited for at each step. */
  readonly patienceMs: number;
  /** Between two writes. */
  readonly paceMs: number;
  /** Shows how far it is, for as long as something takes. */
  readonly during?: During;
  readonly env?: Environment;
  /** Asks for a line; `null`: nobody is there. */
  readonly ask: (question: string) => Promise<string | null>;
  readonly write?: (text: string) => void;
  /** For what is no answer: standard error. */
  readonly complain?: (text: string) => void;
  /** The first Ctrl-C, and the second. */
  readonly stop?: AbortSignal;
  readonly stopCleanUp?: AbortSignal;
}

/** Does something, and shows the words it is given meanwhile. */
type During = <Done>(work: (step: (words: string) => void) => Promise<Done>) => Promise<Done>;

/** Why it did not begin, and what to do. */
interface Problem {
  readonly kind: "bad-argument" | "settings" | "refused" | "later" | "in-use" | "not-asked" | "file";
  readonly message: string;
}

/** About 300 are sent; waiting for a slow server takes more. */
const MOST_REQUESTS = 1_500;
const LONGEST_MS = 30 * 60_000;
/** What GitHub asks for between two writes. */
const USUAL_PACE_MS = 1_000;
const NEVER = new AbortController().signal;

/**
 * `sevgate rehearse owner/repo`: plays an incident on a scratch repository of the user's own, asks GitHub what Sevgate takes for
 * granted, cleans up, and writes a report.
 *
 * @returns the exit code: 1 if something is not as assumed, it did not come to its end, or it did not begin; 2, in JSON, if the
 *   command line cannot be meant
 * @throws UsageError for the same, in text
 */
export async function rehearse(options: RehearseOptions): Promise<0 | 1 | typeof EXIT_USAGE> {
  const { json, write = (text) => process.stdout.write(text) } = options;
  const { complain = (text) => process.stderr.write(text) } = options;
  const done = await rehearsedOrProblem({ ...options, write, complain });
  if ("message" in done) {
    if (done.kind === "bad-argument" && !json) throw new UsageError(done.message);
    if (json) write(jsonLine({ error: done }));
    else complain(`${done.message.split("\n").map(shownLine).join("\n")}\n`);
    return done.kind === "bad-argument" ? EXIT_USAGE : 1;
  }
  return done.code;
}

async function rehearsedOrProblem(
  options: RehearseOptions & Required<Pick<RehearseOptions, "write" | "complain">>,
): Promise<Problem | { readonly code: 0 | 1 }> {
  const { repository: given, env, json, write, complain, stop = NEVER, during = (work) => work(() => {}) } = options;
  const named = readRepository(given);
  if (named === null || named.name === "." || named.name === "..") {
    return { kind: "bad-argument", message: `“${shownArgument(given)}” is no repository: write you/sevgate-scratch.` };
  }
  const { owner, name } = named;
  if (env === undefined) loadDotEnvForToken();
  const settings = env ?? process.env;
  const told = readToken(settings);
  if ("message" in told) return told;
  const { apiUrl } = told;
  const token = settings["GH_TOKEN"]?.trim() || told.token;
  const host = hostOfApi(apiUrl);
  const wrong = wrongAccess(token, host, apiUrl, options.paceMs);
  if (wrong !== null) return wrong;
  const pace = new Pace({
    betweenWritesMs: options.paceMs,
    betweenLooksMs: Math.min(2_000, Math.max(50, options.paceMs * 2)),
    now: () => Date.now(),
    say: (words) => shown(words),
  });
  let shown = (_words: string) => {};
  const showing = <Done>(work: () => Promise<Done>) =>
    during((step) => {
      shown = step;
      return work();
    });
  try {
    pace.beginPart(MOST_REQUESTS, LONGEST_MS, stop);
    const say = (words: string) => shown(words);
    const begun = await showing(() => begin({ ...options, owner, name, token, apiUrl, pace, settings, say }));
    if ("message" in begun) return begun;
    const { parts, looked, withoutAppBecause } = begun;
    const { watchers } = looked.look;
    const scratch = createScratch(parts);
    const agreed = await isAgreed(options, parts, { withoutAppBecause, watchers, host: host ?? apiUrl });
    if (agreed !== true) return agreed;
    // Whoever was asked may have taken their time, and the repository may be another one by now.
    pace.beginPart(MOST_REQUESTS, LONGEST_MS, stop);
    const still = options.yes ? null : await showing(() => whyNotAnyMore(scratch, options));
    if (still !== null) return still;
    if (options.cleanUpOnly) {
      const cleaned = await showing(() => cleanUp(scratch, null));
      write(json ? jsonLine({ cleanUp: cleaned }) : `${cleanUpLines(cleaned).join("\n")}\n`);
      return { code: 0 };
    }
    const file = resolve(options.report ?? `sevgate-${parts.mark}.md`);
    const place = `${owner}/${name}`;
    const unwritten = writeOrProblem(
      file,
      `# Rehearsal of ${place}\n\nIt has begun. If it is over and this is all there is, it was killed: run\nsevgate rehearse --clean-up ${place}\n`,
    );
    if (unwritten !== null) return unwritten;
    const report = await showing(() =>
      runRehearsal({
        scratch,
        pace,
        host: new URL(apiUrl).host,
        withoutAppBecause,
        labelsBefore: looked.labels,
        keep: options.keep,
        stopCleanUp: options.stopCleanUp ?? NEVER,
        say,
      }),
    );
    const lost = writeOrProblem(file, rehearsalMarkdown(report));
    write(json ? jsonLine(report) : summary(report, lost === null ? file : null));
    if (lost !== null) complain(`${lost.message}\n`);
    return { code: lost === null ? exitCodeOf(report) : 1 };
  } catch (error) {
    if (error instanceof RehearsalOverError) return { kind: "refused", message: `It did not begin: ${error.message}.` };
    return githubProblem(
      error,
      systemClock,
      "The token needs to read and write contents, issues and pull requests there.",
    );
  }
}

function wrongAccess(token: string, host: string | null, apiUrl: string, paceMs: number): Problem | null {
  if (token === "") {
    return {
      kind: "settings",
      message:
        "Set GH_TOKEN to a token of your own: what a person does is done with it. It needs contents, issues and pull requests: write, and administration: write for one test (gh auth token prints one).",
    };
  }
  if (token.startsWith("ghs_")) {
    return {
      kind: "settings",
      message: "That is an app's token. Set GH_TOKEN to one of your own: apps do not play people.",
    };
  }
  if (host === null) {
    return { kind: "settings", message: "GITHUB_API_URL is not an address. Leave it out for github.com." };
  }
  const { hostname, protocol } = new URL(apiUrl);
  const isLoopback = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  if (protocol !== "https:" && !isLoopback) {
    return { kind: "settings", message: "GITHUB_API_URL is not https: the token would be readable on the way." };
  }
  if (paceMs < USUAL_PACE_MS && !isLoopback) {
    return {
      kind: "bad-argument",
      message: "--pace: GitHub asks for a second between two writes; only a GitHub on this machine takes less.",
    };
  }
  return null;
}

interface Begun {
  readonly parts: ScratchParts;
  readonly looked: LookedAt & { readonly labels: ReadonlySet<string> };
  readonly withoutAppBecause: string | null;
}

interface Beginning extends RehearseOptions {
  readonly owner: string;
  readonly name: string;
  readonly token: string;
  readonly apiUrl: string;
  readonly pace: Pace;
  readonly settings: Environment;
  readonly say: (words: string) => void;
}

/** Looks at everything that has to be right. Only reads. */
async function begin({ owner, name, token, apiUrl, pace, settings, ...options }: Beginning): Promise<Begun | Problem> {
  const common = { apiUrl, clock: systemClock };
  const mark = newMark();
  const parts = {
    owner,
    name,
    mark,
    pace,
    person: createPlainAsker({ ...common, token: async () => token }),
    story: nothingSeen(),
    patienceMs: options.patienceMs,
    say: options.say,
    app: null,
    me: "",
    id: null,
    defaultBranch: "",
    isPrivate: false,
  } satisfies ScratchParts;
  const { person } = createScratch(parts);
  const user = await person.ask("GET /user");
  const me = textAt(user.data, "login");
  if (!isDone(user) || me === null || textAt(user.data, "type") === "Bot") {
    const why = isDone(user) ? "it is not a person's" : saidBy(user);
    return {
      kind: "settings",
      message: `GitHub does not take the token for yours: ${why}. Set GH_TOKEN to one of your own.`,
    };
  }
  const looked = await lookAtRepository(person, owner, name);
  if (typeof looked === "string") return { kind: "refused", message: looked };
  // To take away what carries a mark, nothing has to be unused.
  const used = options.cleanUpOnly ? null : inUse(`${owner}/${name}`, looksUsed(looked.look, options.meant));
  if (used !== null) return used;
  const labels = await allPages(person, "GET /repos/{owner}/{repo}/labels");
  const read = readSettings(settings);
  const app =
    read.kind === "ok"
      ? await reachApp(read.settings, apiUrl, { ...parts, me })
      : (settings["APP_ID"] ?? "") === ""
        ? "APP_ID and PRIVATE_KEY of the server are not in the environment, nor in .env"
        : `the settings of the server are not complete: ${read.problems.map(({ message }) => message).join(" ")}`;
  if (typeof app === "object" && app !== null && "message" in app) return app;
  return {
    parts: {
      ...parts,
      me,
      id: looked.id,
      defaultBranch: looked.defaultBranch,
      isPrivate: looked.isPrivate,
      app: typeof app === "string" ? null : app,
    },
    looked: { ...looked, labels: new Set(labels.flatMap((label) => textAt(label, "name") ?? [])) },
    withoutAppBecause: typeof app === "string" ? app : null,
  };
}

/** Looks once more, after the question. */
async function whyNotAnyMore(
  { person, owner, name, id }: Scratch,
  { cleanUpOnly, meant }: RehearseOptions,
): Promise<Problem | null> {
  const looked = await lookAtRepository(person, owner, name);
  if (typeof looked === "string") return { kind: "refused", message: looked };
  if (looked.id !== id) {
    return { kind: "refused", message: `Nothing was written: ${owner}/${name} is another repository than before.` };
  }
  return cleanUpOnly ? null : inUse(`${owner}/${name}`, looksUsed(looked.look, meant));
}

function inUse(place: string, reasons: readonly string[]): Problem | null {
  if (reasons.length === 0) return null;
  const list = reasons.map((reason) => `- ${reason}.`).join("\n");
  return {
    kind: "in-use",
    message: `Nothing was written to ${place}. A rehearsal needs a repository of its own:\n${list}`,
  };
}

/** The server's app, which has to be installed there. */
async function reachApp(
  settings: Settings,
  apiUrl: string,
  parts: ScratchParts,
): Promise<NonNullable<ScratchParts["app"]> | Problem> {
  const { appId, privateKey } = settings;
  const plain = createPlainApp({ appId, privateKey, apiUrl, clock: systemClock });
  const whole = createScratch({ ...parts, app: { appId, botLogin: "", installation: plain.whole, whole: plain.whole } })
    .app?.whole;
  const own = await whole?.ask("GET /app");
  const slug = textAt(own?.data, "slug");
  if (own === undefined || slug === null) {
    return {
      kind: "settings",
      message: `GitHub does not know the app of APP_ID and PRIVATE_KEY: ${own === undefined ? "" : saidBy(own)}.`,
    };
  }
  // A server of a company has another path. (GitHub docs, "Installing a GitHub App")
  const page = textAt(own.data, "html_url") ?? `https://${hostOfApi(apiUrl)}/apps/${slug}`;
  const installed = await whole?.ask("GET /repos/{owner}/{repo}/installation");
  const installationId = numberAt(installed?.data, "id");
  if (installationId === null) {
    return {
      kind: "refused",
      message: `Sevgate is not installed on ${parts.owner}/${parts.name}. Install it there first: ${withoutEnd(page, "/")}/installations/new`,
    };
  }
  const installation = createPlainAsker({
    apiUrl,
    clock: systemClock,
    token: () => plain.installationToken(installationId),
  });
  return { appId, botLogin: `${slug}[bot]`, installation, whole: plain.whole };
}

async function isAgreed(
  options: RehearseOptions,
  { owner, name, me, isPrivate, app }: ScratchParts,
  {
    withoutAppBecause,
    watchers,
    host,
  }: { readonly withoutAppBecause: string | null; readonly watchers: number; readonly host: string },
): Promise<true | Problem> {
  if (options.yes) return true;
  if (options.json)
    return { kind: "not-asked", message: "Nothing was written: with --json nobody is asked. Say --yes, too." };
  const place = `${owner}/${name}`;
  const watching =
    watchers === 1 ? "1 account watches it, and gets mails" : `${watchers} accounts watch it, and get mails`;
  const lines = options.cleanUpOnly
    ? [
        `This takes away what rehearsals left in ${place} on ${host}: whatever has ${MARK_PREFIX}… in its name, and their files.`,
      ]
    : [
        `This plays an incident in ${place} on ${host}, as ${me}. It takes about five minutes, and writes there:`,
        "  two files on the default branch: a policy, and an on-call file that names you alone",
        "  eight issues, eight pull requests (four are merged), their branches, labels and comments",
        app === null
          ? `  nothing as the app: ${withoutAppBecause}`
          : `  some comments, check runs and a revert as ${app.botLogin}; a ruleset for one branch of its own`,
        isPrivate
          ? `Who sees the repository may be notified; ${watching}.`
          : `The repository is public: everybody can see it; ${watching}.`,
        "At the end it takes all of that away again; pull requests, commits and what you may not delete stay, closed.",
      ];
  const answer = await options.ask(`${lines.map(shownLine).join("\n")}\nType ${place} to go on: `);
  if (answer?.trim().toLowerCase() === place.toLowerCase()) return true;
  return {
    kind: "not-asked",
    message:
      answer === null ? "Nothing was written: nobody is there to ask. In a script, say --yes." : "Nothing was written.",
  };
}

/** A line for a terminal, which does nothing there whatever GitHub put into it; its indent stays. */
function shownLine(line: string): string {
  return `${/^ */.exec(line)?.[0] ?? ""}${oneLine(line)}`;
}

/** Writes the whole file or nothing. */
function writeOrProblem(file: string, text: string): Problem | null {
  try {
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "file", message: `The report cannot be written: ${oneLine(why)}. Say where with --report FILE.` };
  }
}

/** What matters of it, for the terminal. */
function summary(report: RehearsalReport, file: string | null): string {
  const found = worstOfEach(report.probes);
  const count = (verdict: string) => found.filter((one) => one.verdict === verdict).length;
  const wrong = found.filter(({ verdict }) => verdict === "does not hold");
  const steps = report.steps.map((step) => {
    const took =
      step.ms === null ? (isMissing(step) ? "did not come" : "no answer") : `${(step.ms / 1_000).toFixed(1)} s`;
    return `  ${took.padStart(12)}  ${STEPS[step.id]}${step.ms === null ? `: ${oneLine(step.seen)}` : ""}`;
  });
  const noAnswer = whyNoAnswer(report);
  return `${[
    `${report.repository}: ${count("holds")} assumptions hold, ${countWrong(wrong.length)}, ${count("unclear")} are unclear, ${count("not asked")} were not asked.`,
    ...wrong.map(({ assumption, seen, probe }) => `  ${assumption} does not hold (${probe}): ${oneLine(seen)}`),
    ...(report.endedBecause === null ? [] : [`It ended early: ${oneLine(report.endedBecause)}.`]),
    ...(report.withoutAppBecause === null
      ? []
      : [`Nothing was asked as the app: ${oneLine(report.withoutAppBecause)}`]),
    "How long Sevgate took:",
    ...steps,
    ...(noAnswer === null ? [] : [noAnswer]),
    ...cleanUpLines(report.cleanUp),
    ...(file === null ? [] : [`The report: ${file}`, "How to send it: docs/rehearse.md"]),
  ].join("\n")}\n`;
}

function cleanUpLines({ done, left }: RehearsalReport["cleanUp"]): readonly string[] {
  return [
    `Cleaned up: ${done.length === 0 ? "nothing was there" : done.join(", ")}.`,
    ...(left.length === 0 ? [] : ["Left there:", ...left.map((what) => `  - ${oneLine(what)}.`)]),
  ];
}
