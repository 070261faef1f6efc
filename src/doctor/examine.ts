import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { Instant, Permission, Repository } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { ON_CALL_PATH, parseOnCall } from "../core/oncall/parse-on-call.ts";
import { POLICY_PATH } from "../core/policy/parse.ts";
import { elsewhereLine, runsInOf as runsInBroken, type WhoRuns } from "../core/policy/runs-in.ts";
import { DAY_MS } from "../core/time-units.ts";
import type { AlertEndpoint } from "../ingress/alerts/alert-endpoints.ts";
import { WEBHOOK_PATH } from "../ingress/http/server.ts";
import { findMisnamed } from "../observe/find-misnamed.ts";
import { parseRepositoryPolicy } from "../observe/parse-repository-policy.ts";
import { readCheckMode } from "../observe/read-check-mode.ts";
import { readPolicyFiles } from "../observe/read-policy-files.ts";
import { API_VERSION } from "../systems/github/api-version.ts";
import { absentEvents } from "../systems/github/enterprise-server.ts";
import type { GitHub, GitHubInspection } from "../systems/github/ports.ts";
import { examinePostMortems } from "./examine-post-mortems.ts";
import { type Finding, failed, failedAs, ok, warning } from "./finding.ts";
import { judgeEndpoint } from "./judge-alerts.ts";
import { judgeDeliveries } from "./judge-deliveries.ts";
import { judgePeople } from "./judge-people.ts";
import { judgeNamedPlaces, judgePolicies, type NamedPlace } from "./judge-reach.ts";
import { judgeServer } from "./judge-server.ts";
import {
  judgeCheckMode,
  judgeClock,
  judgeEvents,
  judgeEventsOf,
  judgeLeftCheck,
  judgePermissions,
  judgeRequiredCheck,
  judgeWebhook,
  type Needs,
} from "./judge-settings.ts";
import { judgeWays, type Ways } from "./judge-ways.ts";
import { onPage } from "./on-page.ts";

/** What the self-check of GitHub's side needs. It only reads. */
export interface ExamineParts {
  readonly github: Pick<GitHub, "app" | "read">;
  readonly inspection: GitHubInspection;
  readonly clock: Clock;
  readonly needs: Needs;
  /** The ways in for alerts; left out: there are none. */
  readonly alertEndpoints?: readonly AlertEndpoint[];
  /** The ways to reach people that are set up; left out: they are not looked at. */
  readonly ways?: Ways;
  /** Repositories that other settings name; left out: there are none. */
  readonly namedPlaces?: readonly NamedPlace[];
  /** Left out: github.com's. */
  readonly apiUrl?: string;
  /** Asks the running server for a repository's calendar; left out: there are none. */
  readonly calendarOf?: (repository: Repository, role: string) => Promise<Finding>;
  /** Is told what is looked at next; left out: nobody is. */
  readonly onCheck?: (check: string) => void;
  /** Repositories known from elsewhere, for servers that do not list them. */
  readonly knownRepositories?: readonly Repository[];
}

const CHECK_NAME = "sevgate/close-gate";
/** Looking at a repository takes four or five requests; the rest is left to the server. */
const MAX_REPOSITORIES = 100;
/** Each is a request. */
const MAX_PEOPLE = 30;

/** Looks at everything on GitHub's side that Sevgate depends on. A question GitHub does not answer is a finding, too. */
export async function examine(parts: ExamineParts): Promise<readonly Finding[]> {
  const { github, inspection, clock, needs } = parts;
  const identity = await github.app.identity().catch(orFinding("credentials"));
  if ("state" in identity) return [identity];
  let hookUrl: string | null = null;
  let neededEvents = needs.events;
  return [
    ok("credentials", `GitHub knows the app ${identity.slug} (id ${identity.appId})`),
    ...(await guarded(parts, "the app's settings", async () => {
      const settings = await inspection.appSettings();
      neededEvents = without(needs.events, absentEvents(settings.serverVersion));
      return [
        judgeServer(parts.apiUrl ?? "https://api.github.com", settings.serverVersion, API_VERSION),
        judgeClock(clock.now(), settings.serverTime),
        judgePermissions(needs.permissions, settings.permissions, "the app"),
        judgeEvents(neededEvents, settings.events),
      ];
    })),
    ...(await guarded(parts, "webhook", async () => {
      const hook = await inspection.webhook();
      hookUrl = hook === "untold" ? null : hook.url;
      return [judgeWebhook(hook, WEBHOOK_PATH)];
    })),
    ...(await guarded(parts, "deliveries", async () => {
      const deliveries = await github.app.deliveries((clock.now() - DAY_MS) as Instant);
      const isWell = deliveries === "unsupported" || deliveries[0]?.ok === true;
      const answers = isWell ? "untold" : await inspection.deliveryAnswers();
      return [judgeDeliveries(deliveries, clock.now(), { answers, url: hookUrl })];
    })),
    ...(await guarded(parts, "installations", () =>
      examineInstallations({ ...parts, needs: { ...needs, events: neededEvents } }, identity.appId),
    )),
  ];
}

function without(all: readonly string[], some: readonly string[]): readonly string[] {
  return all.filter((one) => !some.includes(one));
}

async function examineInstallations(parts: ExamineParts, appId: number): Promise<readonly Finding[]> {
  const { github, inspection, needs, knownRepositories = [] } = parts;
  const installations = await github.app.installations();
  if (installations.length === 0) {
    return [warning("installations", "the app is installed nowhere", "Install it from its public page on GitHub.")];
  }
  const accepted = new Map((await inspection.installationSettings()).map((one) => [one.id, one]));
  const findings: Finding[] = [];
  const seen: Repository[] = [];
  let isAllSeen = true;
  for (const { id, account, suspended } of installations) {
    if (suspended) {
      const remedy = "An owner resumes it on the installation's page, or uninstalls the app.";
      findings.push(warning(`installation of ${account}`, "is suspended: nothing happens there", remedy));
      continue;
    }
    const { permissions, url: page = null } = accepted.get(id) ?? {};
    if (permissions !== undefined) findings.push(judgePermissions(needs.permissions, permissions, account, page));
    const events = judgeEventsOf(needs.events, accepted.get(id)?.events ?? null, account, page);
    if (events !== null) findings.push(events);
    let isListed = false;
    findings.push(
      ...(await guarded(parts, `repositories of ${account}`, async () => {
        const listed = await github.app.repositories(id);
        isListed = listed !== "unsupported";
        const repositories =
          listed === "unsupported" ? knownRepositories.filter((one) => one.installationId === id) : listed;
        seen.push(...repositories);
        if (repositories.length === 0) return [judgeNone(account, listed === "unsupported", page)];
        const canBeSource = permissions === undefined || permissions["statuses"] === "write";
        return await examineRepositories(parts, repositories, { appId, account, canBeSource });
      })),
      ...(await guarded(parts, `policies of ${account}`, async () => {
        if (!isListed) return [];
        const found = await inspection.withPolicy(id, account);
        return [judgePolicies(account, found, seen.map(fullName), page)];
      })),
    );
    isAllSeen &&= isListed;
  }
  // Of a repository that was not told of, nobody can say that the app is not installed there.
  if (!isAllSeen) return findings;
  findings.push(...judgeNamedPlaces(parts.namedPlaces ?? [], seen.map(fullName)));
  for (const endpoint of parts.alertEndpoints ?? []) {
    const check = `alerts at ${endpoint.source}/${endpoint.name}`;
    findings.push(...(await guarded(parts, check, async () => [await examineEndpoint(parts, endpoint, seen)])));
  }
  return findings;
}

/** No repository of an installation was found. */
function judgeNone(account: string, isUntold: boolean, page: string | null): Finding {
  const check = `repositories of ${account}`;
  if (isUntold) return ok(check, "this server does not say");
  const remedy = `Choose some ${onPage(page)}.`;
  return warning(check, "the app may use none of them: nothing happens there", remedy);
}

/** Whether alerts arriving there lead to anything. */
async function examineEndpoint(
  { github }: ExamineParts,
  endpoint: AlertEndpoint,
  seen: readonly Repository[],
): Promise<Finding> {
  const written = endpoint.repository.toLowerCase();
  const repository = seen.find(
    (one) => String(one.id) === written || `${one.owner}/${one.name}`.toLowerCase() === written,
  );
  if (repository === undefined) return judgeEndpoint(endpoint, { repository: null, named: null });
  const parsed = await readPolicyFiles(github.read, repository);
  const endpoints = parsed === null ? [] : parsed.kind === "valid" ? parsed.policy.alerts.endpoints : null;
  return judgeEndpoint(endpoint, {
    repository: { id: repository.id, place: `${repository.owner}/${repository.name}` },
    named: endpoints?.map(({ name }) => name) ?? null,
  });
}

async function examineRepositories(
  parts: ExamineParts,
  repositories: readonly Repository[],
  { appId, account, canBeSource }: { readonly appId: number; readonly account: string; readonly canBeSource: boolean },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const repository of repositories.slice(0, MAX_REPOSITORIES)) {
    const place = `${repository.owner}/${repository.name}`;
    findings.push(
      ...(await guarded(parts, `policy of ${place}`, () => examinePolicy(parts, repository, place))),
      ...(await guarded(parts, `who runs ${place}`, () => examineRunner(parts, repository, place))),
      ...(await guarded(parts, `post-mortems of ${place}`, () =>
        examinePostMortems(parts.github.read, repository, repositories),
      )),
      ...(await guarded(parts, `on-call file of ${place}`, () => examineOnCall(parts, repository, place))),
      ...(await guarded(parts, `required check of ${place}`, async () => {
        const facts = await parts.github.read.repository(repository);
        if (facts === "missing" || facts.archived) return [];
        const required = await parts.inspection.requiredChecks(repository, facts.defaultBranch);
        if ((await runsInOf(parts, repository)) === "action")
          return [judgeLeftCheck(required, CHECK_NAME, appId, place)];
        const mode = judgeCheckMode(required, CHECK_NAME, await readCheckMode(parts.github.read, repository), place);
        return [judgeRequiredCheck(required, CHECK_NAME, appId, place, canBeSource), ...(mode === null ? [] : [mode])];
      })),
    );
  }
  if (repositories.length > MAX_REPOSITORIES) {
    const rest = repositories.length - MAX_REPOSITORIES;
    findings.push(ok(`repositories of ${account}`, `${rest} more were not looked at`));
  }
  return findings;
}

/** As far as its files tell. */
async function runsInOf({ github }: ExamineParts, repository: Repository): Promise<WhoRuns> {
  const parsed = await readPolicyFiles(github.read, repository);
  if (parsed?.kind === "valid") return parsed.policy["runs-in"];
  const own = parsed === null ? "missing" : await github.read.file(repository, POLICY_PATH);
  return (own === "missing" ? null : runsInBroken(own.text)) ?? "server";
}

/** Who runs it, where that is not this server. */
async function examineRunner(parts: ExamineParts, repository: Repository, place: string): Promise<readonly Finding[]> {
  const who = await runsInOf(parts, repository);
  if (who === "server") return [];
  const line = elsewhereLine("server", who, place);
  const check = `who runs ${place}`;
  return [who === "action" ? ok(check, line) : failed(check, line, "Correct the line; `sevgate validate` shows it.")];
}

async function examinePolicy(
  { github, ways }: ExamineParts,
  repository: Repository,
  place: string,
): Promise<readonly Finding[]> {
  const check = `policy of ${place}`;
  const own = await github.read.file(repository, POLICY_PATH);
  if (own === "missing") {
    const misnamed = (await findMisnamed((folder) => filesIn(github, repository, folder), true)).at(0);
    if (misnamed !== undefined) {
      const remedy = `Rename it to ${misnamed.meant}. Until then the owner's policy, else the built-in default is in force.`;
      return [failed(check, `${misnamed.path} is not read`, remedy)];
    }
    return [ok(check, `has no ${POLICY_PATH}: the owner's, else the built-in default is in force`)];
  }
  const parsed = await parseRepositoryPolicy(github.read, repository, own.text);
  if (parsed.kind === "invalid") {
    const remedy = `Correct it; \`sevgate validate\` shows every problem. The last good one stays in force.`;
    return [failed(check, problemsIn(parsed.problems), remedy)];
  }
  if (ways === undefined) return [ok(check, "valid")];
  const facts = await github.read.repository(repository);
  const isPrivate = facts === "missing" || facts.isPrivate;
  return [ok(check, "valid"), ...(await judgeWays(parsed.policy, repository, isPrivate, ways))];
}

/** Who is on call, if the repository says so, and whether its calendars are given out. */
async function examineOnCall(
  { github, calendarOf }: ExamineParts,
  repository: Repository,
  place: string,
): Promise<readonly Finding[]> {
  const file = await github.read.file(repository, ON_CALL_PATH);
  if (file === "missing") return [];
  const check = `on-call file of ${place}`;
  const parsed = parseOnCall(file.text);
  if (parsed.kind === "invalid") {
    const remedy = "Correct it; `sevgate oncall --lint` shows every problem. The last good one stays in force.";
    return [failed(check, problemsIn(parsed.problems), remedy)];
  }
  const [role] = parsed.schedule.roles;
  const calendar = calendarOf === undefined || role === undefined ? [] : [await calendarOf(repository, role.name)];
  const rights = new Map<string, Permission>();
  for (const login of [...parsed.schedule.people.keys()].slice(0, MAX_PEOPLE)) {
    rights.set(login, await github.read.permission(repository, login));
  }
  const people = rights.size === 0 ? [] : [judgePeople(rights, repository)];
  return [ok(check, "valid"), ...people, ...calendar];
}

function problemsIn(problems: readonly { readonly line: number; readonly message: string }[]): string {
  const [first] = problems;
  if (first === undefined) return "it cannot be read";
  const at = `line ${first.line}: ${first.message}`;
  return problems.length === 1 ? at : `${problems.length} problems, first at ${at}`;
}

/** None if there is no such folder. */
async function filesIn(
  { read }: ExamineParts["github"],
  repository: Repository,
  folder: string,
): Promise<readonly string[]> {
  const files = await read.folder(repository, folder);
  return typeof files === "string" ? [] : files.flatMap(({ path, kind }) => (kind === "file" ? [path] : []));
}

/** A question GitHub does not answer must not hide the answers to the others. */
async function guarded(
  { onCheck }: Pick<ExamineParts, "onCheck">,
  check: string,
  ask: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  onCheck?.(check);
  try {
    return await ask();
  } catch (error) {
    return [orFinding(check)(error)];
  }
}

function orFinding(check: string): (error: unknown) => Finding {
  return (error) => {
    // A server's queue would try again; here nobody does.
    if (error instanceof TransientError) {
      const [says = ""] = error.message.replace(" It is tried again later.", "").split("; asking again ");
      return warning(check, says, "Try again in a minute.");
    }
    if (!(error instanceof TerminalError)) throw error;
    return failedAs(check, error.message, "See docs/operations.md for the setting it names.");
  };
}
