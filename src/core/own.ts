import type { CommentFacts, Person } from "./model.ts";

/** Who the app is on GitHub. */
export interface AppIdentity {
  readonly appId: number;
  /** `slug[bot]`, by its present name: renaming an app also renames it on everything it wrote before. */
  readonly botLogin: string;
}

/**
 * Whether the app wrote a comment: by the app's id (`performed_via_github_app`), which survives a renaming; by the
 * login if the server does not give the id. GitHub sets the id on comments made with an installation token, never on
 * issues.
 *
 * (A-062, A-063)
 */
export function isOwnComment(app: AppIdentity, comment: Pick<CommentFacts, "author" | "appId">): boolean {
  if (comment.appId === null) return isOwnAccount(app, comment.author);
  // With a token the app holds for a person, that person is the author.
  return comment.appId === app.appId && comment.author?.isBot === true;
}

/** Whether the app itself did something, by the login of its account. */
export function isOwnAccount(app: AppIdentity, person: Pick<Person, "login"> | null): boolean {
  return person?.login === app.botLogin;
}

/** The app under the name its own comments show now: a process that started before the renaming learns of it at once. */
export function asCalledNow(app: AppIdentity, comments: readonly CommentFacts[]): AppIdentity {
  const login = comments.findLast(({ appId, author }) => appId === app.appId && author !== null)?.author?.login;
  return login === undefined || login === app.botLogin ? app : { ...app, botLogin: login };
}
