import { TerminalError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import { fullName, sameName } from "../core/names.ts";
import type { PolicyInForce, PostMortemPlace, PostMortemRules } from "../core/observation.ts";
import { POLICY_PATH } from "../core/policy/parse.ts";
import type { IndexReader } from "../store/index-store.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import type { LearnedInLook } from "./learned-in-look.ts";
import { otherRepository } from "./other-repository.ts";
import type { PolicySource, Rules } from "./policy-source.ts";

/** A repository that may contain evidence; `repository` is `null` if the installation knows none of that name. */
export interface EvidencePlace {
  readonly repository: Repository | null;
  readonly access: PostMortemPlace["access"];
  /** The rules a post-mortem there is judged by; `null`: the incident's own. */
  readonly rules: PostMortemRules | null;
}

/**
 * Makes the function that says what may be looked at in the repository called `owner/name` (`null`: the incident's
 * own), each looked up once. A private one is looked into only if the incident's policy wants its post-mortems there
 * and the private one's own file says `evidence-for`; what is looked up before that reveals nothing about its issues.
 */
export function createEvidencePlaces(
  parts: {
    readonly read: Pick<GitHubReader, "repository">;
    readonly index: IndexReader;
    readonly learned: LearnedInLook;
    readonly policies: PolicySource;
  },
  { repository: home, policy }: { readonly repository: Repository; readonly policy: PolicyInForce },
): (name: string | null) => Promise<EvidencePlace> {
  const own: EvidencePlace = { repository: home, access: "open", rules: null };
  const known = new Map<string, Promise<EvidencePlace>>();

  async function look(name: string): Promise<EvidencePlace> {
    const other = await otherRepository(parts, home, name);
    if (other === null) return { repository: null, access: "closed", rules: null };
    const { repository } = other;
    if (other.mayShow) return { repository, access: "open", rules: null };
    if (!sameName(name, policy.policy["post-mortem"].repository)) return { repository, access: "closed", rules: null };
    const there = await rulesThere(repository);
    if (there === null) return { repository, access: "closed", rules: null };
    // Only its own file opens a repository: its owner's applies to many.
    const isLet =
      there.policy.source === POLICY_PATH &&
      there.policy.policy["evidence-for"].some((one) => sameName(one, fullName(home)));
    return { repository, access: isLet ? "sealed" : "closed", rules: postMortemRules(there) };
  }

  async function rulesThere(repository: Repository): Promise<Rules | null> {
    try {
      return await parts.policies.rules(repository);
    } catch (error) {
      if (error instanceof TerminalError) return null;
      throw error;
    }
  }

  return (name) => {
    if (name === null) return Promise.resolve(own);
    const id = name.toLowerCase();
    const found = known.get(id) ?? look(name);
    known.set(id, found);
    return found;
  };
}

/** How a post-mortem is written and judged in a repository. */
export function postMortemRules({ policy, templates }: Rules): PostMortemRules {
  return { policy: policy.policy["post-mortem"], template: templates.postMortem, templateFor: templates.postMortemFor };
}
