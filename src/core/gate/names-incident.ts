import { namedIncidents, plainReferences } from "../markdown/references.ts";
import { textLines } from "../markdown/text-lines.ts";
import type { Reference } from "../model.ts";
import { fullName } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";

type Place = Pick<IncidentObservation, "repository" | "issue">;

/**
 * Whether a pull request in the incident's own repository mentions it: `#12`, `owner/repo#12` or its URL, in the title
 * or in ordinary text of the body. Code, quotes and HTML comments do not count.
 */
export function namesIncident(pullRequest: { readonly title: string; readonly body: string }, seen: Place): boolean {
  const texts = [pullRequest.title, ...textLines(pullRequest.body).map((line) => line.text)];
  const found = texts.flatMap((text) => plainReferences(text, fullName(seen.repository), hostOf(seen)));
  return found.some((reference) => isIncident(reference, null, seen));
}

/**
 * Whether a body has an `Incident: #12` line that means this incident.
 *
 * @param home `owner/name` of the repository the body is in; `null`: the incident's own
 */
export function hasIncidentLine(body: string, home: string | null, seen: Place): boolean {
  const named = namedIncidents(body, home ?? fullName(seen.repository), hostOf(seen));
  return named.some((line) => line.kind === "incident" && isIncident(line.reference, home, seen));
}

/** The issues that `Post-mortem: #13` lines of the incident's own body name. */
export function namedPostMortems(seen: Place): readonly Reference[] {
  const named = namedIncidents(seen.issue.body, fullName(seen.repository), hostOf(seen));
  return named.filter((line) => line.kind === "post-mortem").map((line) => line.reference);
}

function isIncident(reference: Reference, home: string | null, seen: Place): boolean {
  if (reference.number !== seen.issue.number) return false;
  const repository = reference.repository ?? home ?? fullName(seen.repository);
  return repository.toLowerCase() === fullName(seen.repository).toLowerCase();
}

/** The host in this server's own URLs. */
export function hostOf(seen: Pick<IncidentObservation, "issue">): string {
  return new URL(seen.issue.url).host;
}
