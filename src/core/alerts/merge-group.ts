import type { Instant } from "../model.ts";
import type { AlertChange, GroupReport, MemberReport } from "./alert-change.ts";
import type { AlertState, JoinedMembers, Member } from "./alert-state.ts";
import { fireAgain } from "./fire-again.ts";
import { cut } from "./payload-fields.ts";

/** The most members of one alert that are kept; at least one for each severity word. */
export const MOST_MEMBERS = 500;
const MOST_ENDED = 100;
/** An overtaken delivery arrives within this time of the one that overtook it; anything later is news. */
export const OVERTAKEN_MS = 120_000;
/** Members that join within this time are reported together. */
const TOLD_TOGETHER_MS = 300_000;
const MOST_NAMED = 5;
const MOST_TITLES = 5;

/**
 * The state of a group after one more delivery about it, which reports each member separately.
 *
 * A member is identified by what its source documents as stable, its fingerprint, whatever the names of the groups it
 * is delivered in. It ends when it is reported as over, or when a complete delivery of its group no longer contains it:
 * once silenced at the source, it is no longer reported. The group fires as long as one member does.
 */
export function mergeGroup(
  known: AlertState,
  change: AlertChange & { readonly group: GroupReport },
  texts: Partial<AlertState>,
  receivedAt: Instant,
): AlertState {
  const { group } = change;
  // A row from before members were kept says nothing about who is new.
  const isAdopted = known.members === undefined && known.status !== "resolved";
  const members = new Map((known.members ?? []).map((one) => [one.id, one]));
  const joined: Member[] = [];
  for (const told of group.members) {
    const before = members.get(told.id);
    const after = told.status === "firing" ? firing(before, told, group, receivedAt) : over(before, told, receivedAt);
    if (after === null) continue;
    members.set(told.id, after);
    if (after.endedAt === null && before?.endedAt !== null) joined.push(after);
  }
  if (group.isWhole) {
    for (const gone of leftOut(members, group, receivedAt)) members.set(gone.id, { ...gone, endedAt: receivedAt });
  }
  const kept = limited([...members.values()]);
  const burning = kept.filter(({ endedAt }) => endedAt === null);
  const leftOutCount = { truncated: group.truncated };
  if (burning.length === 0) {
    const last = Math.max(known.firedAt ?? 0, ...kept.map(({ endedAt }) => endedAt ?? 0));
    const end = Math.max(last, known.status === "resolved" ? (known.resolvedAt ?? 0) : 0) as Instant;
    if (known.status === "resolved") return same(known, { ...known, members: kept, resolvedAt: end });
    return { ...known, members: kept, ...leftOutCount, status: "resolved", resolvedAt: end, resolvedBy: null };
  }
  const isNow = group.members.some((one) => one.status === "firing" && members.get(one.id)?.endedAt === null);
  const described = isNow ? { ...texts, titles: titlesOf(known, texts.title) } : {};
  if (known.status === "resolved") {
    const began = Math.min(...burning.map(({ startedAt }) => startedAt));
    const at = Math.max(began, (known.resolvedAt ?? -1) + 1) as Instant;
    return { ...fireAgain(known, at), ...described, ...leftOutCount, members: kept };
  }
  const news = isAdopted ? [] : joined;
  const latest = Math.max(known.lastStartAt ?? 0, ...burning.map(({ startedAt }) => startedAt)) as Instant;
  return same(known, {
    ...known,
    ...described,
    ...leftOutCount,
    members: kept,
    lastStartAt: latest,
    ...(news.length === 0 ? {} : { newsAt: receivedAt, joined: toldOf(known.joined ?? null, news, receivedAt) }),
  });
}

/**
 * A group is named after its only member, and otherwise when there are more: this is how an issue that people renamed
 * is recognised.
 */
function titlesOf({ title, titles = [] }: AlertState, next: string | undefined): readonly string[] {
  if (next === title || titles.at(-1) === title) return titles;
  return [...titles.filter((one) => one !== title), title].slice(-MOST_TITLES);
}

/** A member that is firing. `null`: this is old news. */
function firing(
  before: Member | undefined,
  told: MemberReport,
  group: GroupReport,
  receivedAt: Instant,
): Member | null {
  const startedAt = Math.min(told.startedAt ?? receivedAt, receivedAt) as Instant;
  if (before !== undefined && before.endedAt !== null && startedAt <= before.endedAt) {
    // Prometheus gives an alert that comes back after a restart its old start: only what was overtaken is old.
    if (receivedAt - before.heardAt < OVERTAKEN_MS) return null;
  }
  return {
    id: told.id,
    group: group.id,
    name: told.name,
    severity: told.severity,
    startedAt,
    endedAt: null,
    heardAt: receivedAt,
  };
}

/** A member that has ended. `null`: only an earlier firing of it has. */
function over(before: Member | undefined, told: MemberReport, receivedAt: Instant): Member | null {
  const endedAt = Math.min(told.endedAt ?? receivedAt, receivedAt) as Instant;
  if (before === undefined) {
    // Nothing to do now, but a firing that arrives late must find it.
    const { id, name, severity } = told;
    const startedAt = Math.min(told.startedAt ?? endedAt, endedAt) as Instant;
    return { id, group: "", name, severity, startedAt, endedAt, heardAt: receivedAt };
  }
  if (before.endedAt === null && endedAt < before.startedAt) return null;
  return { ...before, endedAt: Math.max(endedAt, before.endedAt ?? 0) as Instant, heardAt: receivedAt };
}

/** Members of the group that a complete delivery no longer contains, unless it was overtaken by one that did. */
function leftOut(members: ReadonlyMap<string, Member>, group: GroupReport, receivedAt: Instant): readonly Member[] {
  const told = new Set(group.members.map(({ id }) => id));
  const newest = Math.max(0, ...group.members.map(({ startedAt, endedAt }) => Math.max(startedAt ?? 0, endedAt ?? 0)));
  return [...members.values()].filter(
    (one) =>
      one.endedAt === null &&
      one.group === group.id &&
      !told.has(one.id) &&
      (one.startedAt <= newest || receivedAt - one.heardAt >= OVERTAKEN_MS),
  );
}

function limited(members: readonly Member[]): readonly Member[] {
  const burning = members.filter(({ endedAt }) => endedAt === null);
  const ended = members.filter(({ endedAt }) => endedAt !== null);
  const words = new Set<string | null>();
  const first = burning.filter(({ severity }) => {
    const isFirst = !words.has(severity) && words.size < MOST_MEMBERS;
    words.add(severity);
    return isFirst;
  });
  const chosen = new Set(first);
  const rest = burning.filter((one) => !chosen.has(one)).slice(0, MOST_MEMBERS - first.length);
  return [...[...first, ...rest].toSorted((a, b) => a.startedAt - b.startedAt), ...ended.slice(-MOST_ENDED)];
}

function toldOf(before: JoinedMembers | null, news: readonly Member[], at: Instant): JoinedMembers {
  const together = before !== null && at - before.at < TOLD_TOGETHER_MS ? before : { count: 0, names: [] };
  const names = news.map(({ name, severity }) => (severity === null ? name : `${name} (${severity})`));
  return {
    at,
    count: together.count + news.length,
    names: [...together.names, ...names.map((one) => cut(one, 100))].slice(0, MOST_NAMED),
  };
}

/** `known` itself when only the time it was last heard of has changed, which is kept to the minute. */
function same(known: AlertState, next: AlertState): AlertState {
  const coarse = (state: AlertState) =>
    JSON.stringify({
      ...state,
      members: state.members?.map((one) => ({ ...one, heardAt: Math.floor(one.heardAt / 60_000) })),
    });
  return coarse(known) === coarse(next) ? known : next;
}
