import { placeFromHere } from "../core/gate/post-mortem-place.ts";
import type { IssueFacts } from "../core/model.ts";
import type { IncidentObservation } from "../core/observation.ts";
import type { History } from "../core/record/history.ts";
import { postMortemMarker } from "../core/render/post-mortem-issue.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { ofSameInstallation } from "./other-repository.ts";

/** The issue that an earlier pass made, whose answer was lost. */
export async function findDraft(
  { read, index, app }: ObserveParts,
  seen: IncidentObservation,
  history: History,
): Promise<IssueFacts | null> {
  const wanted = placeFromHere(seen);
  const place = wanted === null ? seen.repository : await ofSameInstallation(index, seen.repository, wanted);
  if (place === null) return null;
  const { label } = seen.postMortemPlace?.rules?.policy ?? seen.policy.policy["post-mortem"];
  const marker = postMortemMarker(seen.repository.id, seen.issue.number);
  const issues = await read.issuesWithLabel(place, label, { state: "all", since: history.declared.at });
  return issues.find((issue) => issue.author?.login === app.botLogin && issue.body.includes(marker)) ?? null;
}
