import type { PlainOptions } from "../systems/github/create-plain-asker.ts";
import type { Answer } from "./answer.ts";
import type { StorySeen } from "./story-seen.ts";

/** Asks GitHub as somebody, at the rehearsal's pace; whatever the status, it is the answer. */
export interface Asker {
  /**
   * @param route `POST /repos/{owner}/{repo}/issues`: the scratch repository fills owner and repo, `parameters` the rest; what is
   *   left of them is the query or the body
   * @throws TransientError without an answer; RehearsalOverError when the rehearsal has to end
   */
  ask(route: string, parameters?: Readonly<Record<string, unknown>>, options?: PlainOptions): Promise<Answer>;
  /** Asks through GraphQL. */
  graphql(document: string, variables?: Readonly<Record<string, unknown>>): Promise<Answer>;
}

/** The app of the server, by its own key. */
export interface AppSide {
  readonly appId: number;
  readonly botLogin: string;
  /** With the token of its installation. */
  readonly installation: Asker;
  /** As the app as a whole. */
  readonly whole: Asker;
}

/** Where a rehearsal plays, and with what. */
export interface Scratch {
  readonly owner: string;
  readonly name: string;
  /** Its number, which no rename changes; `null`: GitHub did not say. */
  readonly id: number | null;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  /** Login of whose token it is. */
  readonly me: string;
  /** Stands in everything that is made, so that it is found again: `rehearsal-k3x9z2`. */
  readonly mark: string;
  readonly person: Asker;
  /** `null`: its settings are not at hand. */
  readonly app: AppSide | null;
  readonly begunAt: number;
  /** How long Sevgate is waited for. */
  readonly patienceMs: number;
  /** How long lies between two looks for the same thing. */
  readonly betweenLooksMs: number;
  /** What the story came to. */
  readonly story: StorySeen;
  /** A plain issue for trials, without a severity; made when it is first asked for. */
  trialIssue(): Promise<number>;
  /** A branch with a commit of its own, for trials. */
  branch(suffix: string): Promise<{ readonly name: string; readonly sha: string }>;
  /** Looks until there is something to see; `null`: it did not come in time. */
  until<Seen>(what: string, look: () => Promise<Seen | null>, limitMs?: number): Promise<Timed<Seen> | null>;
  pause(ms: number): Promise<void>;
}

export interface Timed<Seen> {
  readonly seen: Seen;
  /** How long it took to come. */
  readonly ms: number;
}
