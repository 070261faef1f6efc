import { labelKey } from "../names.ts";
import { STATE_LABEL_PREFIX } from "../record/state-label.ts";
import { ALERT_LABEL } from "../words/alert-label.ts";
import { REPORT_LABEL } from "../words/report-label.ts";
import { globProblem } from "./glob.ts";
import { nearestName } from "./nearest-name.ts";
import { MOST_SEVERITIES, type Policy, type Requires } from "./policy.ts";
import { showChoice, showValue } from "./show-value.ts";

/** How deeply groups of `close-requires` may be nested. */
export const DEEPEST_CONDITION_GROUPS = 5;

/** Something the schema cannot see, and where in the document it is. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Checks rules about several fields at once, and those JSON Schema cannot express. Empty: the policy is consistent. */
export function brokenRules(policy: Policy): readonly RuleProblem[] {
  return [
    ...severityCountProblems(policy),
    ...severityNameProblems(policy),
    ...labelProblems(policy),
    ...conditionProblems(policy),
    ...repositoryProblems(policy),
    ...policy.severities.flatMap(({ name, examples }) => [...repeated(["severities", name, "examples"], examples)]),
    ...repeated(["post-mortem", "required-sections"], policy["post-mortem"]["required-sections"]),
    ...globProblems(policy),
    ...repeated(["key-times"], policy["key-times"]),
    ...repeated(["contributing-factors"], policy["contributing-factors"]),
    ...alertProblems(policy),
    ...botProblems(policy),
    ...channelProblems(policy),
    ...repeated(["roles"], policy.roles),
  ];
}

function* severityCountProblems({ severities }: Policy): Iterable<RuleProblem> {
  if (severities.length > 0 && severities.length <= MOST_SEVERITIES) return;
  yield {
    path: ["severities"],
    message: `${severities.length} severities are defined: write 1 to ${MOST_SEVERITIES}, or remove the key for the built-in ones`,
  };
}

function* severityNameProblems(policy: Policy): Iterable<RuleProblem> {
  const seen = new Map<string, string>();
  for (const { name } of policy.severities) {
    const first = seen.get(name.toLowerCase());
    if (first !== undefined) {
      yield {
        path: ["severities", name],
        message: `${name} and ${first} differ only in case, and /severity takes either: give one another name`,
      };
    }
    seen.set(name.toLowerCase(), name);
  }
}

//
function* labelProblems(policy: Policy): Iterable<RuleProblem> {
  const places = [
    ...policy.severities.map(({ name, label }) => ({ path: ["severities", name, "label"], label })),
    { path: ["post-mortem", "label"], label: policy["post-mortem"].label },
    { path: ["action-items", "label"], label: policy["action-items"].label },
    { path: ["drills", "label"], label: policy.drills.label },
    { path: ["follow-ups", "label"], label: policy["follow-ups"].label },
  ];
  const seen = new Map<string, string>();
  for (const { path, label } of places) {
    const key = labelKey(label);
    const first = seen.get(key);
    if (first !== undefined) {
      yield { path, message: `the label ${showValue(label)} is already used by ${first}: choose another` };
    }
    if (label.includes(",")) {
      yield {
        path,
        message: `${showValue(label)} has a comma, which GitHub takes for two labels when it lists issues: choose a name without`,
      };
    }
    if (key.startsWith(STATE_LABEL_PREFIX)) {
      yield {
        path,
        message: `labels that start with "${STATE_LABEL_PREFIX}" show the state of an incident: choose another`,
      };
    }
    // Every issue of an alert would be a drill, or the one issue for follow-ups.
    if ((path[0] === "drills" || path[0] === "follow-ups") && key === labelKey(ALERT_LABEL)) {
      yield { path, message: `the label ${showValue(label)} marks what alerts opened: choose another` };
    }
    if (key === labelKey(REPORT_LABEL)) {
      yield { path, message: `the label ${showValue(label)} marks reports: choose another` };
    }
    seen.set(key, path.join("."));
  }
}

function* conditionProblems(policy: Policy): Iterable<RuleProblem> {
  const noRunbooks = policy.runbooks.paths.length === 0;
  for (const severity of policy.severities) {
    const path = ["severities", severity.name, "close-requires"];
    const condition = severity["close-requires"];
    if (groupDepth(condition) > DEEPEST_CONDITION_GROUPS) {
      yield { path, message: `groups lie too deep within each other: at most ${DEEPEST_CONDITION_GROUPS}` };
    } else if (noRunbooks && !canBeMet(condition)) {
      yield {
        path,
        message:
          "this can never be met: it needs runbook-pr, and runbooks.paths is empty. Add a path, or take runbook-pr out",
      };
    }
  }
}

function groupDepth(condition: Requires): number {
  if (condition.kind === "requirement") return 0;
  return 1 + Math.max(0, ...condition.of.map(groupDepth));
}

/** Whether evidence could ever satisfy the condition in a repository without runbooks. */
function canBeMet(condition: Requires): boolean {
  if (condition.kind === "requirement") return condition.name !== "runbook-pr";
  return condition.kind === "any-of" ? condition.of.some(canBeMet) : condition.of.every(canBeMet);
}

function* repositoryProblems(policy: Policy): Iterable<RuleProblem> {
  const repository = policy["post-mortem"].repository;
  if (/\/\.{1,2}$/.test(repository)) {
    yield {
      path: ["post-mortem", "repository"],
      message: `${showValue(repository)} is not a repository: write same, or owner/name such as octo-org/post-mortems`,
    };
  }
}

function* globProblems(policy: Policy): Iterable<RuleProblem> {
  const builds = policy.alerts["workflow-runs"];
  const lists = [
    { path: ["runbooks", "paths"], globs: policy.runbooks.paths },
    { path: ["alerts", "workflow-runs", "workflows"], globs: builds?.workflows ?? [] },
    { path: ["alerts", "workflow-runs", "ignore"], globs: builds?.ignore ?? [] },
  ];
  for (const { path, globs } of lists) {
    for (const [index, glob] of globs.entries()) {
      const problem = globProblem(glob);
      if (problem !== null) yield { path: [...path, index], message: `${showValue(glob)} ${problem}` };
    }
  }
}

function* alertProblems({ severities, alerts }: Policy): Iterable<RuleProblem> {
  const names = severities.map(({ name }) => name);
  const unknown = (name: string) => `${showValue(name)} is not a severity of this policy: choose ${showChoice(names)}`;
  const builds = alerts["workflow-runs"];
  if (builds !== null && !names.includes(builds.severity)) {
    yield { path: ["alerts", "workflow-runs", "severity"], message: unknown(builds.severity) };
  }
  for (const endpoint of alerts.endpoints) {
    const path = ["alerts", "endpoints", endpoint.name];
    if (!names.includes(endpoint.severity)) yield { path: [...path, "severity"], message: unknown(endpoint.severity) };
    for (const [word, name] of Object.entries(endpoint.severities)) {
      if (!names.includes(name)) yield { path: [...path, "severities", word], message: unknown(name) };
    }
  }
}

function* botProblems({ commands: { bots } }: Policy): Iterable<RuleProblem> {
  const path = ["commands", "bots"];
  if (bots.every(({ commands }) => commands === null)) {
    yield* repeated(
      path,
      bots.map(({ login }) => login),
    );
    return;
  }
  const seen = new Set<string>();
  for (const { login, writtenAs, commands } of bots) {
    if (seen.has(labelKey(login))) {
      const message = `${showValue(login)} is there twice, perhaps with and without [bot]: keep one line`;
      yield { path: [...path, writtenAs], message };
    }
    seen.add(labelKey(login));
    yield* repeated([...path, writtenAs], commands ?? []);
  }
}

function* channelProblems(policy: Policy): Iterable<RuleProblem> {
  const names = [...policy.severities.map(({ name }) => name), "default"];
  for (const [name, channels] of Object.entries(policy.paging.channels)) {
    const path = ["paging", "channels", name];
    if (!names.includes(name)) {
      const meant = nearestName(name, names);
      const next = meant === null ? `known here are ${showChoice(names, "and")}` : `did you mean ${meant}?`;
      yield { path, message: `${showValue(name)} is not a severity of this policy: ${next}` };
    }
    yield* repeated(path, channels);
  }
}

function* repeated(path: readonly string[], entries: readonly string[]): Iterable<RuleProblem> {
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const key = labelKey(entry);
    if (seen.has(key)) {
      yield { path: [...path, index], message: `${showValue(entry)} is in the list twice: remove one` };
    }
    seen.add(key);
  }
}
