import { placeFromHere } from "../core/gate/post-mortem-place.ts";
import type { IncidentObservation, PostMortemPlace } from "../core/observation.ts";
import { mayShow } from "../core/trust/may-show.ts";
import { postMortemRules } from "./evidence-places.ts";
import { visibilityOf } from "./other-repository.ts";
import type { Reading } from "./reading.ts";

/**
 * What is needed from the repository post-mortems belong in; `null`: they belong in the incident's own.
 *
 * @param drafts whether one may be created there now
 */
export async function readPostMortemPlace(
  reading: Reading,
  seen: IncidentObservation,
  drafts: boolean,
): Promise<PostMortemPlace | null> {
  const name = placeFromHere(seen);
  if (name === null) return null;
  const { repository, access, rules } = await reading.places(name);
  if (repository === null || !drafts) return { access, rules, mayQuote: false };
  const home = seen.repository;
  const mayQuote = mayShow({ id: home.id, visibility: await visibilityOf(reading, home) }, repository);
  // What may not be quoted is not written with the incident's own template either.
  const written = rules ?? (mayQuote ? null : postMortemRules(await reading.policies.rules(repository)));
  return { access, rules: written, mayQuote };
}
