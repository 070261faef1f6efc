import type { CheckRunContent } from "../model.ts";

/** What the check says for one of the pull requests whose head a commit is. */
export interface HeadVerdict {
  readonly pullRequest: number;
  /** The branch it goes to. */
  readonly base: string;
  readonly content: CheckRunContent;
}
