import { pino } from "pino";
import { type Clock, systemClock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import { fullName, sameName } from "../core/names.ts";
import { drillLabel, labelsMissing, severityLabels } from "../core/plan/labels.ts";
import type { Policy } from "../core/policy/policy.ts";
import { showChoice } from "../core/policy/show-value.ts";
import { openUnchecked } from "../core/record/seal.ts";
import { drillIssue } from "../core/render/drill-issue.ts";
import { createLook } from "../passes/create-look.ts";
import { builtInTemplates } from "../run/built-in-templates.ts";
import { type Environment, loadDotEnv, readSettings, type Settings } from "../run/settings.ts";
import { MemoryIndex } from "../store/memory-index.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { createGitHub } from "../systems/github/create-github.ts";
import type { GitHub } from "../systems/github/ports.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { githubProblem } from "./github-problem.ts";
import { jsonLine } from "./json-line.ts";
import { findRepository } from "./look-from-outside.ts";
import { readRepository } from "./read-repository.ts";
import { shownArgument } from "./shown-argument.ts";
import { UsageError } from "./usage-error.ts";

export interface DrillOptions {
  /** `owner/repo`. */
  readonly repository: string;
  /** The name of a severity of the policy, in any case; `undefined`: the most severe one. */
  readonly severity: string | undefined;
  readonly json: boolean;
  readonly env?: Environment;
  readonly clock?: Clock;
  readonly write?: (text: string) => void;
  /** How GitHub is reached; tests bring their own. */
  readonly connect?: (settings: Settings) => Pick<GitHub, "app" | "read" | "write">;
}

interface Started {
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly url: string;
  readonly severity: string;
}

/** Why no drill was started, and what to do. */
interface Problem {
  readonly kind: string;
  readonly message: string;
}

/**
 * `sevgate drill owner/repo`: opens an issue with the label of a severity and that of drills, as the app. The server takes it from
 * there, as it does any incident.
 *
 * @returns the exit code: 1 if nothing was started, or GitHub did not say whether it was; 2, in JSON, if the repository or the
 *   severity cannot be meant
 * @throws UsageError for the same, in text
 */
export async function startDrill(options: DrillOptions): Promise<0 | 1 | typeof EXIT_USAGE> {
  const { json, write = (text) => process.stdout.write(text) } = options;
  const found = await startedOrProblem(options);
  if ("message" in found) {
    if (found.kind === "bad-argument" && !json) throw new UsageError(found.message);
    write(json ? jsonLine({ error: { kind: found.kind, message: found.message } }) : `${found.message}\n`);
    return found.kind === "bad-argument" ? EXIT_USAGE : 1;
  }
  write(json ? jsonLine({ started: found }) : `A drill of a ${found.severity} has started: ${found.url}\n`);
  return 0;
}

async function startedOrProblem(options: DrillOptions): Promise<Started | Problem> {
  const { repository: given, severity: wanted, env, clock = systemClock, connect = connectTo } = options;
  const place = readRepository(given);
  if (place === null) {
    return { kind: "bad-argument", message: `“${shownArgument(given)}” is no repository: write acme/ops.` };
  }
  if (env === undefined) loadDotEnv();
  const read = readSettings(env ?? process.env);
  if (read.kind === "problems") {
    const missing = read.problems.map(({ message }) => message).join(" ");
    return { kind: "settings", message: `Run it with the settings of the server: the app opens the drill. ${missing}` };
  }
  let isAsked = false;
  try {
    const github = connect(read.settings);
    const repository = await findRepository(github, place);
    if ("kind" in repository) return repository;
    const policy = await policyOf(github, clock, repository);
    if ("message" in policy) return policy;
    const severity =
      wanted === undefined ? policy.severities[0] : policy.severities.find((one) => sameName(one.name, wanted));
    if (severity === undefined) {
      const names = showChoice(policy.severities.map((one) => one.name));
      return { kind: "bad-argument", message: `Choose ${names}: the policy there has no other severity.` };
    }
    const needed = [...severityLabels(policy).filter((one) => one.name === severity.label), drillLabel(policy)];
    // GitHub would create plain ones.
    for (const label of labelsMissing(needed, await github.read.labels(repository))) {
      await github.write.createLabel(repository, label);
    }
    isAsked = true;
    const labels = needed.map((label) => label.name);
    const issue = await github.write.createIssue(repository, { ...drillIssue(severity.name), labels }, "incident");
    return { repository: fullName(repository), number: issue.number, url: issue.url, severity: severity.name };
  } catch (error) {
    const problem = githubProblem(error, clock, "The app needs to write issues there.");
    if (!isAsked || !(error instanceof TransientError)) return problem;
    return { ...problem, message: `Look first whether the issue is there: it may be. ${problem.message}` };
  }
}

/** What the file on the default branch says. The server's last good one is not known here. */
async function policyOf(
  { read, app }: Pick<GitHub, "read" | "app">,
  clock: Clock,
  repository: Repository,
): Promise<Policy | Problem> {
  const look = createLook({
    ...new MemoryStore(),
    index: new MemoryIndex(),
    chat: null,
    github: { read, app },
    openRecord: openUnchecked,
    templates: builtInTemplates(),
    clock,
  });
  const { policy, trouble } = (await (await look()).policies.rules(repository)).policy;
  if (trouble?.kind !== "invalid") return policy;
  return {
    kind: "policy",
    message: `Fix ${trouble.file} of ${fullName(repository)} first: it cannot be used, and sevgate validate says why.`,
  };
}

function connectTo({ appId, privateKey, githubApiUrl: apiUrl }: Settings): GitHub {
  return createGitHub({ appId, privateKey, apiUrl, log: pino({ level: "silent" }), clock: systemClock });
}
