import { posix } from "node:path";
import type { Instant } from "../core/model.ts";
import { lintOnCall, type OnCallFinding } from "../core/oncall/lint-on-call.ts";
import { ON_CALL_PATH } from "../core/oncall/parse-on-call.ts";
import { whyLines } from "../core/oncall/roles-now.ts";
import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import { shiftsIn, stretches } from "../core/oncall/shifts.ts";
import { isMoment, toInstant } from "../core/oncall/to-schedule.ts";
import { whoIsOn } from "../core/oncall/who-is-on.ts";
import { POLICY_PATH } from "../core/policy/parse.ts";
import { formatProblem } from "../core/policy/read-document.ts";
import { findingCounts, findingLine } from "../core/render/on-call-changes.ts";
import { onCallText } from "../core/render/on-call-text.ts";
import { DAY_MS } from "../core/time-units.ts";
import { readOnCallFile } from "./read-on-call-file.ts";
import { readSeverities } from "./read-severities.ts";
import { UsageError } from "./usage-error.ts";

export interface OnCallOptions {
  /** A path, `-` for standard input; without it, `.github/sevgate/on-call.yml`. */
  readonly file?: string | undefined;
  /** A local time in the file's zone, or one with `Z` or an offset; without it: now. */
  readonly at?: string | undefined;
  /** How many days of coming shifts to show. Without it: 7 in text, none in JSON. */
  readonly days?: number | undefined;
  readonly explain: boolean;
  /** Look for what is odd instead. */
  readonly lint: boolean;
  /**
   * With `lint`: the policy whose severities the escalation is compared with. Without it: the one of the repository that the
   * schedule is in, if it has one.
   */
  readonly policy?: string | undefined;
  /** One JSON object instead of lines. */
  readonly json: boolean;
  readonly read?: (file: string) => Promise<Uint8Array>;
  readonly write?: (text: string) => void;
  readonly now?: () => number;
}

const DAYS_SHOWN = 7;

/**
 * `sevgate oncall`: who is on call, according to a file. It asks nobody.
 *
 * @returns the exit code: 0 when it could answer; 1 when the file is broken or cannot be read, or `--lint` found an
 *   error, or the named policy could not be read
 * @throws UsageError if `at` is no moment
 */
export async function oncall(options: OnCallOptions): Promise<0 | 1> {
  const { file = ON_CALL_PATH, read, now = Date.now } = options;
  const { write = (text) => process.stdout.write(text) } = options;
  const name = file === "-" ? "<stdin>" : file;
  if (options.at !== undefined && !isInstant(options.at)) throw noMoment(options.at);
  const parsed = await readOnCallFile(file, read);
  if (parsed.kind === "invalid") {
    if (options.json) write(`${JSON.stringify({ file: name, valid: false, problems: parsed.problems })}\n`);
    else for (const problem of parsed.problems) write(`${formatProblem(name, problem)}\n`);
    return 1;
  }
  const at = moment(options.at, parsed.schedule, now);
  if (options.lint) {
    const { severities, trouble } = await severitiesFor(options);
    const findings = lintOnCall(parsed, at, severities);
    const told = trouble === null ? {} : { policy: trouble };
    write(
      options.json
        ? `${JSON.stringify({ file: name, valid: true, findings, ...told })}\n`
        : lintText(name, findings) + (trouble === null ? "" : `${trouble}\n`),
    );
    const fails = findings.some(({ level }) => level === "error") || (trouble !== null && options.policy !== undefined);
    return fails ? 1 : 0;
  }
  write(
    options.json
      ? `${JSON.stringify(answer(parsed.schedule, at, options))}\n`
      : onCallText(parsed.schedule, at, { days: options.days ?? DAYS_SHOWN, explain: options.explain }) +
          (options.explain
            ? `\nTime zones as of ${process.versions["tz"] ?? "an unknown release"} of the tz database.\n`
            : ""),
  );
  return 0;
}

/** `trouble`: why the escalation could not be compared, in one line. */
async function severitiesFor({ file = ON_CALL_PATH, policy, read }: OnCallOptions): Promise<{
  readonly severities: readonly string[] | null;
  readonly trouble: string | null;
}> {
  const place = policy ?? policyBeside(file);
  if (place === null) return { severities: null, trouble: null };
  const found = await readSeverities(place, read);
  if (found.kind === "known") return { severities: found.names, trouble: null };
  // A repository without a policy of its own follows its owner's, which is not on this disk.
  if (found.kind === "absent" && policy === undefined) return { severities: null, trouble: null };
  const trouble = `${place}: the escalation was not compared with it: ${found.why}`;
  return { severities: null, trouble };
}

/** The policy of the repository that a schedule is in; `null`: it is in none. */
function policyBeside(file: string): string | null {
  if (file === ON_CALL_PATH) return POLICY_PATH;
  const isInPlace = file !== "-" && posix.resolve(file.replaceAll("\\", "/")).endsWith(`/${ON_CALL_PATH}`);
  return isInPlace ? posix.join(posix.dirname(file.replaceAll("\\", "/")), "..", posix.basename(POLICY_PATH)) : null;
}

function moment(written: string | undefined, { zone }: OnCallSchedule, now: () => number): Instant {
  if (written === undefined) return now() as Instant;
  return localOf(written) === written ? toInstant(written, zone, "from") : (Date.parse(written) as Instant);
}

function isInstant(written: string): boolean {
  const local = localOf(written);
  return isMoment(local) && (local === written || !Number.isNaN(Date.parse(written)));
}

/** Without `Z` or an offset. */
function localOf(written: string): string {
  return written.replace(/(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i, "");
}

function noMoment(written: string): UsageError {
  const example = "write 2026-03-29T02:30, or with Z or an offset";
  return new UsageError(`--at ${JSON.stringify(written)} is no moment: ${example}`);
}

function answer(schedule: OnCallSchedule, at: Instant, { days, explain }: OnCallOptions) {
  const roles = whoIsOn(schedule, at);
  const ahead = days === undefined ? [] : stretches(schedule, at, (at + days * DAY_MS) as Instant);
  return {
    at: iso(at),
    roles: Object.fromEntries(roles.map(({ role, login }) => [role, login])),
    ...(explain ? { why: Object.fromEntries(roles.map((one) => [one.role, whyLines(one, schedule)])) } : {}),
    ...(days === undefined
      ? {}
      : {
          shifts: Object.fromEntries(
            roles.map(({ role }) => [
              role,
              shiftsIn(ahead, role).map(({ from, to, login }) => ({ from: iso(from), to: iso(to), login })),
            ]),
          ),
        }),
  };
}

function iso(at: Instant): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

function lintText(name: string, findings: readonly OnCallFinding[]): string {
  const lines = findings.map((finding) => findingLine(name, finding));
  return `${[...lines, `${name}: ${findingCounts(findings) || "nothing to fix"}`].join("\n")}\n`;
}
