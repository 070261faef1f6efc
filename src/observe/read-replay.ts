import { createHash } from "node:crypto";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { MergeObservation } from "../core/merge/merge-observation.ts";
import type { Instant, IssueFacts, Person } from "../core/model.ts";
import { hasLabel } from "../core/names.ts";
import { parseOnCall } from "../core/oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import { policyChanges } from "../core/policy/describe-change.ts";
import { parsePolicy } from "../core/policy/parse.ts";
import type { Policy } from "../core/policy/policy.ts";
import { notKnownOf } from "../core/replay/not-known.ts";
import { type Replayed, replay, worstFirst } from "../core/replay/replay.ts";
import { MOST_REPLAYED, REPLAYED_DAYS, type ReplaySeen } from "../core/replay/replay-seen.ts";
import { DAY_MS } from "../core/time-units.ts";
import { askOnce } from "./ask-once.ts";
import { createKnownPeople, standingOf } from "./known-people.ts";
import { limitReads, ReadsSpentError } from "./limit-reads.ts";
import type { ObserveParts } from "./observe-parts.ts";
import type { Rules } from "./policy-source.ts";
import { createPullRequestFiles } from "./pull-request-files.ts";
import { readArchive } from "./read-archive.ts";
import { readPastEvidence, type TwoRules } from "./read-past-evidence.ts";

/** How many questions one look may ask GitHub for past incidents. */
const MAX_READS = 30;

/**
 * Judges the newest closed incidents again by the rules that a pull request brings; `null`: it brings none that can be
 * used, or they change nothing.
 *
 * At most 30 questions an hour for the same rules, of which only a listing may take more than one request; and none for an
 * outsider's pull request. What GitHub does not answer
 * holds up nothing.
 *
 * @param author who opened the pull request
 */
export async function readReplay(
  parts: ObserveParts,
  seen: MergeObservation,
  author: Person | null,
): Promise<ReplaySeen | null> {
  const { repository } = seen;
  const brought = rulesAtHead(seen);
  if (brought === null) return null;
  try {
    if ((await standingOf(parts, repository, author)) !== "team") return { kind: "not-for-outsiders" };
    const rules = await parts.policies.rules(repository);
    const two = { was: rules, is: withRules(rules, brought) };
    const id = `${repository.id} ${digestOf(two)}`;
    const known = parts.replays.recall(id);
    if (known !== null) return known;
    const found = await look(parts, seen, two);
    parts.replays.keep(id, found);
    return found;
  } catch (error) {
    if (error instanceof TerminalError || error instanceof TransientError) return { kind: "unread" };
    throw error;
  }
}

/** What would be in force after the merge. */
interface Brought {
  readonly policy: Policy;
  readonly schedule: OnCallSchedule | null;
}

function rulesAtHead({
  policy: { policy: base },
  onCall,
  headPolicy,
  headOnCall,
  ownerPolicy,
  isOpen,
}: MergeObservation): Brought | null {
  if (!isOpen || (headPolicy === null && headOnCall === null)) return null;
  const policy = headPolicy === null ? base : policyIn(headPolicy, ownerPolicy);
  const schedule = headOnCall === null ? onCall.schedule : scheduleIn(headOnCall);
  // One of the files cannot be used: what is wrong with it comes first.
  if (policy === null || schedule === "unusable") return null;
  const isSame = headOnCall === null && policyChanges(base, policy).length === 0;
  return isSame ? null : { policy, schedule };
}

/** `null`: it cannot be used, or there is none: which policy applies then is not known here. */
function policyIn(
  head: NonNullable<MergeObservation["headPolicy"]>,
  owner: MergeObservation["ownerPolicy"],
): Policy | null {
  if (head.kind !== "text") return null;
  const parsed = parsePolicy(head.text, owner ?? undefined);
  return parsed.kind === "valid" ? parsed.policy : null;
}

function scheduleIn(head: NonNullable<MergeObservation["headOnCall"]>): OnCallSchedule | null | "unusable" {
  if (head.kind === "missing") return null;
  const parsed = head.kind === "text" ? parseOnCall(head.text) : null;
  return parsed?.kind === "valid" ? parsed.schedule : "unusable";
}

/** The rules of a repository with these instead. */
export function withRules(rules: Rules, { policy, schedule }: Brought): Rules {
  return {
    ...rules,
    policy: { ...rules.policy, policy, requiresLines: new Map(), trouble: null },
    onCall: { schedule, trouble: null },
  };
}

function digestOf({ was, is }: TwoRules): string {
  const all = [was, is].map(({ policy, onCall }) => [policy.policy, onCall.schedule]);
  const text = JSON.stringify(all, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  return createHash("sha256").update(text).digest("hex");
}

async function look(parts: ObserveParts, { repository, at }: MergeObservation, two: TwoRules): Promise<ReplaySeen> {
  // As many as it takes at most where the index has no record: whether it has must not decide how many are looked at.
  const forRecords = two.was.policy.policy.severities.length + MOST_REPLAYED;
  const listing = { ...parts, read: limitReads(parts.read, forRecords) };
  const read = askOnce(limitReads(parts.read, MAX_READS - forRecords));
  const limited: ObserveParts = {
    ...parts,
    read,
    files: createPullRequestFiles(read),
    people: createKnownPeople(read, parts.clock),
  };
  const { policy } = two.was.policy;
  // From the start of a day: another look on the same day says the same.
  const since = (Math.floor(at / DAY_MS) * DAY_MS - REPLAYED_DAYS * DAY_MS) as Instant;
  const counts = ({ labels, closedAt }: IssueFacts) =>
    closedAt !== null && closedAt >= since && !hasLabel(labels, policy.drills.label);
  const options = { state: "all", since, most: MOST_REPLAYED } as const;
  const { incidents, unreadable, unread } = await readArchive(listing, repository, policy, options, counts);
  const found: Replayed[] = [];
  for (const one of incidents.toReversed()) {
    const areLinksKnown = (await parts.index.incident(repository.id, one.issue.number)) !== null;
    const seen = await orSpent(readPastEvidence(limited, repository, one, two, areLinksKnown), null);
    if (seen === null) break;
    // One at a time: others' words are read again, and something else may be waiting.
    found.push(...replay([seen], at));
  }
  const replayed = worstFirst(found);
  const rules = [two.was, two.is].map(({ policy: now, onCall }) => ({ policy: now.policy, schedule: onCall.schedule }));
  return {
    kind: "read",
    incidents: replayed,
    // Some are only known as drills by their record.
    of: incidents.filter(({ history }) => history.drill === null).length + unreadable.length + unread,
    unreadable: unreadable.length,
    notKnown: notKnownOf(rules[0]!, rules[1]!, replayed),
  };
}

/** What is left out for want of further questions. */
async function orSpent<Found, Otherwise>(reading: Promise<Found>, otherwise: Otherwise): Promise<Found | Otherwise> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ReadsSpentError) return otherwise;
    throw error;
  }
}
