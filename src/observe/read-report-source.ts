import type { Archive, PastIncident } from "../core/archive/past-incident.ts";
import { tickedFactors } from "../core/archive/ticked-factors.ts";
import type { Instant, Reference, Repository } from "../core/model.ts";
import { fullName, sameName } from "../core/names.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { FactorsSeen, ReportSource } from "../core/report/make-report.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { otherRepository } from "./other-repository.ts";
import { type ArchiveParts, MOST_IN_ARCHIVE, readArchive } from "./read-archive.ts";
import { readItems } from "./read-items.ts";

/** What a report is read with. */
export type ReportParts = ArchiveParts & Pick<ObserveParts, "policies" | "learned">;

/**
 * Everything a report of a repository is made of: its incidents (read-archive.ts), one listing of action
 * items, and one of post-mortems where the policy names contributing factors.
 *
 * @param since incidents that were not touched since are left out: nothing of them is in the period
 * @throws TransientError, TerminalError as GitHub's ports do
 */
export async function readReportSource(
  parts: ReportParts,
  repository: Repository,
  since: Instant,
  sealsChecked: boolean,
): Promise<ReportSource> {
  const { policy, source } = (await parts.policies.rules(repository)).policy;
  const archive = await readArchive(parts, repository, policy, { state: "all", since, most: MOST_IN_ARCHIVE });
  return {
    repository: fullName(repository),
    policy,
    policySource: source,
    archive,
    sealsChecked,
    factors: await readFactors(parts, repository, policy, archive, since),
    items: await readItems(parts, repository, policy, {
      state: "all",
      incidents: archive.incidents.map(({ issue, history }) => ({ number: issue.number, history })),
    }),
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
