import { type Clock, systemClock } from "../base/clock.ts";
import type { Archive } from "../core/archive/past-incident.ts";
import type { ActionItem } from "../core/items/action-item.ts";
import type { Instant, Repository } from "../core/model.ts";
import { fullName, sameName } from "../core/names.ts";
import { ON_CALL_PATH } from "../core/oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import { NoSimulation, SIMULATION_VERSION, type Simulation, simulation } from "../core/plan/simulation.ts";
import { noSimulationText, simulationText } from "../core/plan/simulation-text.ts";
import { describePolicyChange } from "../core/policy/describe-change.ts";
import {
  extendsOwner,
  LARGEST_POLICY_BYTES,
  POLICY_PATH,
  type PolicyProblem,
  parsePolicy,
} from "../core/policy/parse.ts";
import { notKnownOf } from "../core/replay/not-known.ts";
import { type PastSeen, replay } from "../core/replay/replay.ts";
import { DAY_MS } from "../core/time-units.ts";
import { askOnce } from "../observe/ask-once.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import type { Rules } from "../observe/policy-source.ts";
import { createPullRequestFiles } from "../observe/pull-request-files.ts";
import { readArchive } from "../observe/read-archive.ts";
import { readItems } from "../observe/read-items.ts";
import { readOwnerPolicy } from "../observe/read-owner-policy.ts";
import { readPastEvidence } from "../observe/read-past-evidence.ts";
import { withRules } from "../observe/read-replay.ts";
import { type Environment, loadDotEnvForToken } from "../run/settings.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { type Access, accessBy, type Connection, connectTo, hostOfApi } from "./explain.ts";
import { gitRemote, type RemotePlace } from "./git-remote.ts";
import { githubProblem } from "./github-problem.ts";
import { jsonLine } from "./json-line.ts";
import { type AppIs, findRepository, type LookParts, partsFromOutside, whoIsTheApp } from "./look-from-outside.ts";
import { withStores } from "./open-stores.ts";
import { ownApp } from "./own-app.ts";
import { readOnCallFile } from "./read-on-call-file.ts";
import { readRepository } from "./read-repository.ts";
import { readText } from "./read-text.ts";
import { shownArgument } from "./shown-argument.ts";
import { UsageError } from "./usage-error.ts";

export interface SimulateOptions {
  /** `owner/repo`; `undefined`: the one this folder is a clone of. */
  readonly repository: string | undefined;
  /** The policy to try: a path, or `-` for standard input; `undefined`: the one in force. */
  readonly policy: string | undefined;
  /** The same for the on-call file. */
  readonly onCall: string | undefined;
  /** `90d`, or a date; `undefined`: 90 days. */
  readonly since: string | undefined;
  /** The app's slug, if there is only a token; `undefined`: whoever wrote the status comments. */
  readonly app: string | undefined;
  /** One JSON object (schema/simulate.schema.json) instead of lines. */
  readonly json: boolean;
  readonly env?: Environment;
  readonly clock?: Clock;
  readonly write?: (text: string) => void;
  /** The bytes of a file, or of standard input for `-`. Throws as `node:fs` does. */
  readonly read?: (file: string) => Promise<Uint8Array>;
  readonly remote?: () => Promise<RemotePlace | null>;
  /** How GitHub is reached; tests bring their own. */
  readonly connect?: (access: Access, onRequest: () => void) => Connection;
  readonly onStep?: (words: string) => void;
}

/** More incidents would be thousands of requests. */
const MOST_SIMULATED = 300;
/** How many are read at once. */
const AT_ONCE = 4;
/** With a token: on how many issues the app's status comment is looked for. */
const MOST_ASKED_FOR_APP = 5;
const USUAL_DAYS = 90;

type Problem = NoSimulation["error"];

/**
 * `sevgate simulate [owner/repo] --policy FILE`: judges the incidents of a repository again by another policy or on-call file, and
 * says what would have been different. It reads GitHub and writes nothing.
 *
 * @returns the exit code: 1 if a file cannot be used, or GitHub cannot be read; 2, in JSON, if the command line is not understood
 * @throws UsageError for the same, in text
 */
export async function simulate(options: SimulateOptions): Promise<0 | 1 | typeof EXIT_USAGE> {
  const { json, write = (text) => process.stdout.write(text) } = options;
  const found = await simulatedOrProblem(options);
  if ("kind" in found) {
    const isUsage = found.kind === "bad-argument";
    if (isUsage && !json) throw new UsageError(found.message);
    const none: NoSimulation = { version: SIMULATION_VERSION, error: found };
    write(json ? jsonLine(none) : noSimulationText(none));
    return isUsage ? EXIT_USAGE : 1;
  }
  write(json ? jsonLine(found) : simulationText(found));
  return 0;
}

async function simulatedOrProblem(options: SimulateOptions): Promise<Simulation | Problem> {
  const { env, clock = systemClock, connect = connectTo, onStep = () => {} } = options;
  if (options.policy === undefined && options.onCall === undefined) {
    return problem("bad-argument", "Name what to try: --policy FILE, or --on-call FILE.");
  }
  if (options.policy === "-" && options.onCall === "-") {
    return problem("bad-argument", "Standard input can be one of the files: name the other one.");
  }
  const since = sinceOf(options.since, clock.now());
  if (since === null) {
    return problem("bad-argument", "Write --since as days back, such as 90d, or as a date, such as 2026-01-31.");
  }
  const brought = await readFiles(options);
  if ("kind" in brought) return brought;
  if (env === undefined) loadDotEnvForToken({ unlessServer: true });
  const access = accessBy(env ?? process.env);
  if ("message" in access) return problem("settings", access.message);
  const place = await placeOf(options, access);
  if ("kind" in place) return place;
  let requests = 0;
  try {
    const { read, app } = connect(access, () => {
      requests += 1;
    });
    const parts = { read: askOnce(read), clock, named: options.app ?? null };
    const look = (own: Pick<LookParts, "app" | "stores" | "store">) =>
      simulateWith({ ...parts, ...own }, place, brought, since, onStep);
    const found =
      access.kind === "token" || app === null
        ? await look({ app: null, stores: null, store: "not-asked" })
        : await withStores(access.settings, (stores, store) =>
            look({ app: ownApp(app, access.settings), stores, store }),
          );
    return "kind" in found ? found : { ...found, requests };
  } catch (error) {
    const rights =
      access.kind === "token" ? "The token needs to read issues, pull requests, contents and metadata there." : "";
    const { kind, message } = githubProblem(error, clock, rights);
    return problem(kind, message);
  }
}

function problem(kind: Problem["kind"], message: string, problems: Problem["problems"] = []): Problem {
  return { kind, message, problems };
}

function sinceOf(given: string | undefined, now: Instant): Instant | null {
  if (given === undefined) return (now - USUAL_DAYS * DAY_MS) as Instant;
  if (/^[1-9]\d{0,3}d$/.test(given)) return (now - Number.parseInt(given, 10) * DAY_MS) as Instant;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(given)) return null;
  const at = Date.parse(`${given}T00:00:00Z`);
  const isThere = !Number.isNaN(at) && new Date(at).toISOString().startsWith(given);
  return isThere && at <= now ? (at as Instant) : null;
}

/** The files that were named; what is wrong with them comes before GitHub is asked anything. */
interface Brought {
  readonly policy: { readonly file: string; readonly text: string } | null;
  /** `null`: none was named. */
  readonly onCall: { readonly file: string; readonly schedule: OnCallSchedule } | null;
}

async function readFiles({ policy, onCall, read }: SimulateOptions): Promise<Brought | Problem> {
  const file = policy === "-" ? "<stdin>" : (policy ?? "");
  const found =
    policy === undefined
      ? null
      : await readText(policy, { usual: POLICY_PATH, largestBytes: LARGEST_POLICY_BYTES, read });
  if (found?.kind === "unreadable") return badFile(file, [{ line: 1, column: 1, path: "", message: found.why }]);
  // Laid over the owner's policy, it is read again once that is known.
  if (found !== null && !extendsOwner(found.text)) {
    const parsed = parsePolicy(found.text);
    if (parsed.kind === "invalid") return badFile(file, parsed.problems);
  }
  const schedule = onCall === undefined ? null : await readOnCallFile(onCall, read);
  const scheduleFile = onCall === "-" ? "<stdin>" : (onCall ?? "");
  if (schedule?.kind === "invalid") return badFile(scheduleFile, schedule.problems);
  return {
    policy: found === null ? null : { file, text: found.text },
    onCall: schedule === null ? null : { file: scheduleFile, schedule: schedule.schedule },
  };
}

function badFile(file: string, problems: readonly PolicyProblem[]): Problem {
  const shown = problems.map(({ line, column, path, message }) => ({ file, line, column, path, message }));
  return problem("bad-file", `${file} cannot be used: fix it first.`, shown);
}

async function placeOf(
  { repository: given, remote = gitRemote }: SimulateOptions,
  access: Access,
): Promise<{ readonly owner: string; readonly name: string } | Problem> {
  const origin = given === undefined ? await remote() : null;
  const reached = hostOfApi(access.kind === "token" ? access.apiUrl : access.settings.githubApiUrl);
  if (origin !== null && reached !== null && !sameName(origin.host, reached)) {
    const message = `This folder is a clone from ${origin.host}, and I ask ${reached}. Name the repository: acme/ops.`;
    return problem("bad-argument", message);
  }
  const asked = given ?? origin?.repository;
  if (asked === undefined) {
    return problem("bad-argument", "Name the repository, such as acme/ops: this folder is no clone that tells.");
  }
  return (
    readRepository(asked) ?? problem("bad-argument", `“${shownArgument(asked)}” is no repository: write acme/ops.`)
  );
}

async function simulateWith(
  parts: LookParts,
  place: { readonly owner: string; readonly name: string },
  brought: Brought,
  since: Instant,
  onStep: (words: string) => void,
): Promise<Simulation | Problem> {
  onStep("asking GitHub");
  const repository = await findRepository(parts, place);
  if ("kind" in repository) return asProblem(repository);
  const bare = await partsFromOutside(parts, repository, NOT_KNOWN_YET);
  const was = await bare.policies.rules(repository);
  const is = await rulesBrought(parts.read, repository, was, brought);
  if ("problems" in is) return is;
  const app = await appOf(parts, repository, was, since);
  if ("kind" in app) return asProblem(app);
  const looking: ObserveParts = {
    ...bare,
    app: { ...bare.app, appId: app.appId, botLogin: app.botLogin },
    read: parts.read,
    files: createPullRequestFiles(parts.read),
  };
  const options = { state: "all", since, most: MOST_SIMULATED } as const;
  const archive = await readArchive(looking, repository, was.policy.policy, options);
  const within = archive.incidents.filter(({ history }) => history.declared.at >= since);
  const past = await readAll(looking, repository, within, { was, is }, onStep);
  const at = looking.clock.now();
  const replayed = replay(past, at);
  const rules = [was, is].map(({ policy, onCall }) => ({ policy: policy.policy, schedule: onCall.schedule }));
  return simulation({
    at,
    since,
    repository: fullName(repository),
    policy: { was: was.policy.source, is: brought.policy?.file ?? was.policy.source },
    onCall: {
      was: was.onCall.schedule === null ? null : ON_CALL_PATH,
      is: brought.onCall?.file ?? (was.onCall.schedule === null ? null : ON_CALL_PATH),
    },
    changes: brought.policy === null ? [] : [...describePolicyChange(was.policy.policy, is.policy.policy)],
    looked: {
      incidents: replayed.length,
      drills: past.length - replayed.length,
      unreadable: [...archive.unreadable],
      older: archive.unread,
    },
    replayed,
    notKnown: [...notKnownOf(rules[0]!, rules[1]!, replayed), ...notKnown(parts, was)],
    requests: 0,
  });
}

/** What GitHub is asked for first does not depend on who the app is. */
const NOT_KNOWN_YET: AppIs = { appId: 0, botLogin: "[bot]", slug: "" };

function asProblem({ kind, message }: { readonly kind: string; readonly message: string }): Problem {
  const known = NoSimulation.shape.error.shape.kind.safeParse(kind);
  return problem(known.success ? known.data : "refused", message);
}

/** The rules in force, with the files that were named instead. */
async function rulesBrought(
  read: GitHubReader,
  repository: Repository,
  was: Rules,
  { policy: named, onCall }: Brought,
): Promise<Rules | Problem> {
  const schedule = onCall === null ? was.onCall.schedule : onCall.schedule;
  if (named === null) return withRules(was, { policy: was.policy.policy, schedule });
  const owner = extendsOwner(named.text) ? await readOwnerPolicy(read, repository) : undefined;
  const parsed = parsePolicy(named.text, owner);
  if (parsed.kind === "invalid") return badFile(named.file, parsed.problems);
  return withRules(was, { policy: parsed.policy, schedule });
}

/** With a token, the app is whoever wrote the status comments of the newest incidents. */
async function appOf(
  parts: LookParts,
  repository: Repository,
  { policy }: Rules,
  since: Instant,
): Promise<AppIs | Exclude<Awaited<ReturnType<typeof whoIsTheApp>>, { readonly identity: AppIs }>> {
  if (parts.app !== null) return await parts.app.identity();
  const lists = await Promise.all(
    policy.policy.severities.map(({ label }) => parts.read.issuesWithLabel(repository, label, { state: "all", since })),
  );
  const issues = lists.flat().filter(({ commentCount }) => commentCount > 0);
  const newest = [...new Set(issues.map(({ number }) => number))].toSorted((a, b) => b - a);
  for (const number of newest.slice(0, MOST_ASKED_FOR_APP)) {
    const who = await whoIsTheApp(parts, repository, number);
    if ("kind" in who) return who;
    if (who.known !== "unknown") return who.identity;
  }
  return NOT_KNOWN_YET;
}

async function readAll(
  parts: ObserveParts,
  repository: Repository,
  incidents: Archive["incidents"],
  rules: { readonly was: Rules; readonly is: Rules },
  onStep: (words: string) => void,
): Promise<readonly PastSeen[]> {
  const found: PastSeen[] = [];
  const items = await itemsOf(parts, repository, incidents, rules.was);
  for (let from = 0; from < incidents.length; from += AT_ONCE) {
    onStep(`asking GitHub: ${from} of ${incidents.length} incidents`);
    const some = incidents.slice(from, from + AT_ONCE);
    const seen = some.map(async (one) => {
      const areLinksKnown = (await parts.index.incident(repository.id, one.issue.number)) !== null;
      const evidence = await readPastEvidence(parts, repository, one, rules, areLinksKnown);
      return { ...evidence, items: items.filter(({ incident }) => incident.number === one.issue.number) };
    });
    found.push(...(await Promise.all(seen)));
  }
  return found;
}

/** The action items of these incidents that are in the repository itself; nothing is asked where no record names any. */
async function itemsOf(
  parts: ObserveParts,
  repository: Repository,
  incidents: Archive["incidents"],
  { policy }: Rules,
): Promise<readonly ActionItem[]> {
  if (incidents.every(({ history }) => history.items.length === 0)) return [];
  const all = await readItems(parts, repository, policy.policy, {
    state: "all",
    incidents: incidents.map(({ issue, history }) => ({ number: issue.number, history })),
  });
  return all.filter(({ incident }) => incident.repository === null);
}

/** What cannot be known from here, whatever the rules. */
function notKnown({ app, stores }: LookParts, { policy }: Rules): readonly string[] {
  return [
    "incidents whose severity label was taken off: they are found by it",
    "what was there when an incident closed: evidence is judged as it is now",
    ...(stores === null ? ["links to an incident that no pass had taken into its record"] : []),
    ...(app === null ? ["whether somebody has edited a record: the seal takes the app's key"] : []),
    ...(policy.trouble === null ? [] : ["what the policy on the default branch says: it cannot be used or read now"]),
  ];
}
