import type { CommentFacts, Person } from "./model.ts";

/** Who the app is on GitHub. */
export interface AppIdentity {
  readonly appId: number;
  /** `slug[bot]`, as it is called now: an app that is renamed is renamed on what it wrote before, too. */
  readonly botLogin: string;
}

/**
 * Whether the app wrote a comment: by the app's id (`performed_via_github_app`), which no renaming changes; by the login
 * where the server does not tell. GitHub fills the id on comments of an installation token, never on issues.
 *
 * (A-062, A-063)
 */
export function isOwnComment(app: AppIdentity, comment: Pick<CommentFacts, "author" | "appId">): boolean {
  if (comment.appId === null) return isOwnAccount(app, comment.author);
  // With a token of the app for a person that person is the author.
  return comment.appId === app.appId && comment.author?.isBot === true;
}

/** Whether the app itself did something, by the login of its account. */
export function isOwnAccount(app: AppIdentity, person: Pick<Person, "login"> | null): boolean {
  return person?.login === app.botLogin;
}

/** The app as its own comments call it now: a process that began before it was renamed learns so at once. */
export function asCalledNow(app: AppIdentity, comments: readonly CommentFacts[]): AppIdentity {
  const login = comments.findLast(({ appId, author }) => appId === app.appId && author !== null)?.author?.login;
  return login === undefined || login === app.botLogin ? app : { ...app, botLogin: login };
}
