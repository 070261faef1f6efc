import type { Archive, PastIncident } from "../core/archive/past-incident.ts";
import { tickedFactors } from "../core/archive/ticked-factors.ts";
import type { ActionItem } from "../core/items/action-item.ts";
import type { Instant, Reference, Repository } from "../core/model.ts";
import { fullName, sameName } from "../core/names.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { FactorsSeen, ReportSource } from "../core/report/make-report.ts";
import type { Period } from "../core/report/period.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { otherRepository } from "./other-repository.ts";
import { MOST_IN_ARCHIVE, readArchive } from "./read-archive.ts";
import { readItemsWithIncidents } from "./read-items-with-incidents.ts";

/** What a report is read with. */
export type ReportParts = Pick<ObserveParts, "read" | "index" | "app" | "openRecord" | "policies" | "learned">;

/**
 * The same index, which knows no incident: the report is the same whatever is kept beside GitHub. The copy of a record may be older
 * than the one there, when the answer to its last write was lost.
 */
function withoutCopies(index: ReportParts["index"]): ReportParts["index"] {
  return new Proxy(index, {
    get(target, name) {
      if (name === "incident") return async () => null;
      const method: unknown = Reflect.get(target, name, target);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}

/**
 * Everything a report of a repository is made of: its incidents (read-archive.ts), one listing of action
 * items, and one of post-mortems where the policy names contributing factors.
 *
 * Incidents that were not touched since the period began are left out, and so are those that came after it: nothing of them is in it.
 *
 * @throws TransientError, TerminalError as GitHub's ports do
 */
export async function readReportSource(
  parts: ReportParts,
  repository: Repository,
  { since, until }: Period,
  sealsChecked: boolean,
): Promise<ReportSource> {
  const { policy, source } = (await parts.policies.rules(repository)).policy;
  const records = { ...parts, index: withoutCopies(parts.index) };
  const options = { state: "all", since, most: MOST_IN_ARCHIVE } as const;
  const archive = await readArchive(records, repository, policy, options, ({ createdAt }) => createdAt < until);
  const isOfThePeriod = ({ filedAt, endedAt }: ActionItem) => filedAt < until && (endedAt === null || endedAt >= since);
  const itemsSeen = await readItemsWithIncidents(parts, records, repository, policy, archive, isOfThePeriod);
  return {
    repository: fullName(repository),
    policy,
    policySource: source,
    archive,
    sealsChecked,
    factors: await readFactors(parts, repository, policy, archive, since),
    ...itemsSeen,
  };
}

async function readFactors(
  parts: ReportParts,
  home: Repository,
  policy: Policy,
  archive: Archive,
  since: Instant,
): Promise<FactorsSeen | null> {
  const names = policy["contributing-factors"];
  if (names.length === 0) return null;
  const wanted = policy["post-mortem"].repository;
  const place = wanted === "same" ? { repository: home, mayShow: true } : await otherRepository(parts, home, wanted);
  const bodies = new Map<number, string>();
  if (place?.mayShow === true) {
    const isHome = place.repository.id === home.id;
    const rules = isHome ? policy : (await parts.policies.rules(place.repository)).policy.policy;
    const issues = await parts.read.issuesWithLabel(place.repository, rules["post-mortem"].label, {
      state: "all",
      since,
    });
    for (const { number, body } of issues) bodies.set(number, body);
  }
  const ticked = new Map<number, readonly string[]>();
  const unread = new Set<number>();
  for (const incident of archive.incidents) {
    const targets = postMortemsOf(incident);
    const own = targets.flatMap((target) => {
      const name = target.repository ?? fullName(home);
      const isThere = place?.mayShow === true && sameName(name, fullName(place.repository));
      const body = isThere ? bodies.get(target.number) : undefined;
      return body === undefined ? [] : [body];
    });
    if (own.length > 0) {
      const all = own.flatMap((body) => tickedFactors(body, names));
      ticked.set(
        incident.issue.number,
        names.filter((name) => all.includes(name)),
      );
    } else if (targets.length > 0) unread.add(incident.issue.number);
  }
  return { names, ticked, unread };
}

/** The post-mortems its record names. */
function postMortemsOf({ history }: PastIncident): readonly Reference[] {
  return history.links.flatMap(({ evidence, target }) => (evidence === "post-mortem" ? [target] : []));
}
