/** What a repository is like, as far as a rehearsal must know before it writes there. */
export interface RepositoryLook {
  readonly owner: string;
  readonly name: string;
  readonly topics: readonly string[];
  readonly isArchived: boolean;
  readonly isFork: boolean;
  readonly hasIssues: boolean;
  readonly mayPush: boolean;
  readonly stars: number;
  readonly forks: number;
  /** Issues and pull requests that no rehearsal made; counted up to a hundred. */
  readonly entries: number;
  /** On the default branch, but for those of rehearsals; counted up to a hundred. */
  readonly commits: number;
  /** Who has commits there. */
  readonly authors: number;
  /** Who gets a mail about each issue. */
  readonly watchers: number;
  /** It has a policy or an on-call file that no rehearsal wrote. */
  readonly hasOwnPolicy: boolean;
  /** It has one that a rehearsal wrote: it is running, was killed, or left everything there. */
  readonly isBeingRehearsed: boolean;
}

export const MOST_ENTRIES = 5;
export const MOST_COMMITS = 10;
/** The topic by which somebody with the maintain role says that a repository is for this. */
export const TOPIC = "sevgate-rehearsal";
/** More than the people one would ask. */
export const MOST_WATCHERS = 5;
/** A whole word at its end: `trial-billing` and `test-runner` are products. */
const NAMED_FOR_TRIALS = /(?:^|[-_.])(?:scratch|sandbox|playground|rehearsal|trial|try|test|demo)s?[-_.]?\d*$/i;

/**
 * Why a rehearsal must not write there, each with the remedy; empty: it may. A repository that is in use is refused whatever
 * anybody says: what is written cannot all be taken back.
 *
 * @param meant `--i-mean`, if it was given
 */
export function looksUsed(look: RepositoryLook, meant: string | null): readonly string[] {
  const place = `${look.owner}/${look.name}`;
  const isMeant = meant !== null && meant.toLowerCase() === place.toLowerCase();
  const anew = "Take a new one: gh repo create sevgate-scratch --private --add-readme";
  const reasons: string[] = [];
  if (look.isArchived) reasons.push(`It is archived. ${anew}`);
  if (look.isFork) reasons.push(`It is a fork, and what is written there may be seen elsewhere. ${anew}`);
  if (!look.hasIssues) reasons.push("Its issues are turned off. Turn them on in its settings");
  if (!look.mayPush)
    reasons.push("Your token may not write there. It needs to read and write contents, issues and pull requests");
  if (look.entries > MOST_ENTRIES)
    reasons.push(`It has ${count(look.entries)} issues and pull requests: it is in use. ${anew}`);
  if (look.commits > MOST_COMMITS) reasons.push(`It has ${count(look.commits)} commits: it is in use. ${anew}`);
  if (look.authors > 2) reasons.push(`${look.authors} people have committed to it: it is in use. ${anew}`);
  if (look.stars + look.forks > 0) reasons.push(`It has stars or forks: others look at it. ${anew}`);
  if (look.hasOwnPolicy)
    reasons.push(`It has a policy or an on-call file of its own, which the rehearsal would replace. ${anew}`);
  if (look.isBeingRehearsed) {
    reasons.push(
      `Another rehearsal is running there, was killed, or left everything there. If none is running: sevgate rehearse --clean-up ${place}`,
    );
  }
  if (look.watchers > MOST_WATCHERS && !isMeant) {
    reasons.push(
      `${count(look.watchers)} people watch it, and would get some sixty mails each. Say --i-mean ${place} if they know. Or: ${anew}`,
    );
  }
  const isNamed = NAMED_FOR_TRIALS.test(look.name) || look.topics.includes(TOPIC);
  if (!isNamed && !isMeant) {
    reasons.push(
      meant === null
        ? `Neither its name nor a topic says that it is for trials. Say --i-mean ${place}, or give it the topic ${TOPIC}`
        : `--i-mean says ${meant}, and the repository is ${place}. Write the same name twice`,
    );
  }
  return reasons;
}

function count(number: number): string {
  return number >= 100 ? "a hundred or more" : String(number);
}
