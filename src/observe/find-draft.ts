import { placeFromHere } from "../core/gate/post-mortem-place.ts";
import type { Instant, IssueFacts } from "../core/model.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { isOwnAccount } from "../core/own.ts";
import { postMortemMarker } from "../core/render/post-mortem-issue.ts";
import { ofSameInstallation } from "./other-repository.ts";
import type { Reading } from "./reading.ts";

/**
 * The post-mortem that an earlier pass created since then, whose answer was lost; `null`: none, or nobody is asking for
 * one.
 */
export async function findDraft(
  { read, index, app, orWait }: Reading,
  seen: IncidentObservation,
  since: Instant | null,
): Promise<IssueFacts | null> {
  if (since === null) return null;
  return orWait("read:post-mortem", async () => {
    const wanted = placeFromHere(seen);
    const place = wanted === null ? seen.repository : await ofSameInstallation(index, seen.repository, wanted);
    if (place === null) return null;
    const { label } = seen.postMortemPlace?.rules?.policy ?? seen.policy.policy["post-mortem"];
    const marker = postMortemMarker(seen.repository.id, seen.issue.number);
    const issues = await read.issuesWithLabel(place, label, { state: "all", since });
    return issues.find((issue) => isOwnAccount(app, issue.author) && issue.body.includes(marker)) ?? null;
  });
}
