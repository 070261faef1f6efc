import { ALERT_SOURCES, type InboundSource } from "../../core/alerts/alert-change.ts";
import { nearestName } from "../../core/policy/nearest-name.ts";

/** A way in for alerts: `/alerts/<source>/<name>`. Everything that comes through it belongs to one repository. */
export interface AlertEndpoint {
  readonly source: InboundSource;
  /** Unique; the policy of the repository names it. */
  readonly name: string;
  /** Its id, or `owner/name`, which means the one first seen under that name (src/store/named-repository.ts). */
  readonly repository: string;
  /** The current secret and, while rotating, the previous one. */
  readonly secrets: readonly [string, ...string[]];
}

/** As in `SettingsProblem`. */
export interface AlertEndpointProblem {
  readonly name: string;
  readonly message: string;
}

const VARIABLE = "ALERT_ENDPOINTS";
const SECRET_PREFIX = "ALERT_SECRET_";
const PREVIOUS_SUFFIX = "_PREVIOUS";
const MIN_SECRET_LENGTH = 32;
const EXAMPLE = "better-stack/prod=acme/ops";
const ENTRY = /^([a-z-]+)\/([a-z][a-z0-9-]{0,31})=([1-9]\d{0,15}|[A-Za-z0-9][\w-]{0,38}\/[\w.-]{1,100})$/;

/**
 * Reads `ALERT_ENDPOINTS`, such as `better-stack/prod=acme/ops, alertmanager/metrics=70`, and the secret of each,
 * `ALERT_SECRET_PROD`. Reports every problem at once, none of which contains a secret.
 */
export function readAlertEndpoints(env: Readonly<Record<string, string | undefined>>): {
  readonly endpoints: readonly AlertEndpoint[];
  readonly problems: readonly AlertEndpointProblem[];
} {
  const problems: AlertEndpointProblem[] = [];
  const endpoints = new Map<string, AlertEndpoint>();
  const named = new Set<string>();
  for (const entry of entriesOf(env)) {
    const [, source = "", name = "", repository = ""] = ENTRY.exec(entry) ?? [];
    named.add(secretVariable(name));
    const wrong = whatIsWrong(entry, source, name, endpoints);
    if (wrong !== null) {
      problems.push({ name: VARIABLE, message: `${VARIABLE}: ${wrong}` });
      continue;
    }
    const secrets = readSecrets(env, name, problems);
    if (secrets !== null) endpoints.set(name, { source: source as InboundSource, name, repository, secrets });
  }
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(SECRET_PREFIX) || (value ?? "").trim() === "") continue;
    const isKnown = named.has(variable) || named.has(variable.replace(/_PREVIOUS$/, ""));
    if (!isKnown) {
      const message = `${variable} belongs to no endpoint. Add one to ${VARIABLE}, such as ${EXAMPLE}, or remove it.`;
      problems.push({ name: variable, message });
    }
  }
  return { endpoints: [...endpoints.values()], problems };
}

/** The variables for the secrets of all endpoints that `ALERT_ENDPOINTS` names, set or not. */
export function alertSecrets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return entriesOf(env).flatMap((entry) => {
    const name = ENTRY.exec(entry)?.[2];
    return name === undefined ? [] : [secretVariable(name), `${secretVariable(name)}${PREVIOUS_SUFFIX}`];
  });
}

function entriesOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return (env[VARIABLE] ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
}

/** The variable that holds an endpoint's secret. */
export function secretVariable(name: string): string {
  return `${SECRET_PREFIX}${name.toUpperCase().replaceAll("-", "_")}`;
}

function whatIsWrong(
  entry: string,
  source: string,
  name: string,
  known: ReadonlyMap<string, AlertEndpoint>,
): string | null {
  if (source === "")
    return `"${entry.slice(0, 80)}" is not <source>/<name>=<owner>/<repository>, nor =<id of the repository>. Write ${EXAMPLE}.`;
  if (!(ALERT_SOURCES as readonly string[]).includes(source)) {
    const meant = nearestName(source, ALERT_SOURCES);
    return `${source} is no source of alerts. ${meant === null ? `Write one of ${ALERT_SOURCES.join(", ")}` : `Did you mean ${meant}`}${meant === null ? "." : "?"}`;
  }
  // The secrets are named after them, with - and _ treated alike.
  const same = [...known.keys()].find((other) => secretVariable(other) === secretVariable(name));
  return same === undefined ? null : `there are two endpoints named ${name}. Give one of them another name.`;
}

function readSecrets(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  problems: AlertEndpointProblem[],
): readonly [string, ...string[]] | null {
  const variable = secretVariable(name);
  const [current, previous] = [variable, `${variable}${PREVIOUS_SUFFIX}`].map((one) => env[one]?.trim() || null);
  const good = "`openssl rand -hex 32` makes a good one";
  if (!current) {
    problems.push({ name: variable, message: `${variable} is missing: the secret of the endpoint ${name}; ${good}.` });
    return null;
  }
  const given = [current, previous].filter((one) => one !== null && one !== undefined);
  if (given.some((one) => one.length < MIN_SECRET_LENGTH)) {
    problems.push({ name: variable, message: `${variable} is shorter than ${MIN_SECRET_LENGTH} characters; ${good}.` });
    return null;
  }
  if (given.some((one) => !/^[!-~]+$/.test(one))) {
    // It is sent in a header.
    const message = `${variable} has a space, or a letter that is not in ASCII. Use letters and digits; ${good}.`;
    problems.push({ name: variable, message });
    return null;
  }
  return previous ? [current, previous] : [current];
}
