import type { CheckRunContent } from "../model.ts";

/** What the check says for one of the pull requests that have a commit as their head. */
export interface HeadVerdict {
  readonly pullRequest: number;
  /** The branch it goes to. */
  readonly base: string;
  readonly content: CheckRunContent;
}
