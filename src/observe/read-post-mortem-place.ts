import type { Repository } from "../core/model.ts";
import type { PostMortemPlace } from "../core/observation.ts";
import { mayShow } from "../core/trust/may-show.ts";
import { type EvidencePlace, postMortemRules } from "./evidence-places.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { visibilityOf } from "./other-repository.ts";

/** What is needed of the repository post-mortems belong in; `drafts`: one may be made there now. */
export async function readPostMortemPlace(
  parts: ObserveParts,
  home: Repository,
  { repository, access, rules }: EvidencePlace,
  drafts: boolean,
): Promise<PostMortemPlace> {
  if (repository === null || !drafts) return { access, rules, mayQuote: false };
  const mayQuote = mayShow({ id: home.id, visibility: await visibilityOf(parts, home) }, repository);
  // What may not be quoted is not written by the incident's own template either.
  const written = rules ?? (mayQuote ? null : postMortemRules(await parts.policies.rules(repository)));
  return { access, rules: written, mayQuote };
}
