import type { CommentFacts, Person } from "./model.ts";

/** Who the app is on GitHub. */
export interface AppIdentity {
  readonly appId: number;
  /** `slug[bot]`, by its present name: renaming an app also renames it on everything it wrote before. */
  readonly botLogin: string;
  /** As which apps Sevgate ran here before. Empty: as none. */
  readonly former: readonly FormerApp[];
}

/** An app as which Sevgate ran before it moved between server and action. */
export interface FormerApp {
  readonly appId: number;
  /** Its account; `null`: not known. */
  readonly botLogin: string | null;
}

/** GitHub's own app for Actions: every workflow of a repository writes as this one. Its id on github.com. */
export const ACTIONS_APP_ID = 15_368;
const SHARED_LOGIN = "github-actions[bot]";

/** An app with those as which Sevgate ran before. One that it is again is no former one. */
export function withFormer<App extends Pick<AppIdentity, "appId">>(
  app: App,
  formerApps: readonly FormerApp[],
): App & Pick<AppIdentity, "former"> {
  return { ...app, former: formerApps.filter(({ appId }) => appId !== app.appId) };
}

/** Whether others write as the account, too: then what it did may be anybody's who may write a workflow. */
export function isShared(login: string): boolean {
  return login === SHARED_LOGIN;
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

/**
 * Whether a former app of Sevgate's wrote a comment. One of GitHub Actions' may be any workflow's: believe a record in it by its
 * seal, and nothing else that matters.
 */
export function isFormersComment(
  { former }: AppIdentity,
  { author, appId }: Pick<CommentFacts, "author" | "appId">,
): boolean {
  return author?.isBot === true && former.some((one) => one.appId === appId);
}

/** Whether the app itself did something, by the login of its account; or a former one, unless others share its account. */
export function isOwnAccount(app: AppIdentity, person: Pick<Person, "login"> | null): boolean {
  if (person === null) return false;
  return person.login === app.botLogin || (!isShared(person.login) && isFormersAccount(app, person));
}

/** Whether a former app's account did something, even one that others share: only for what harms nobody when it is forged. */
export function isFormersAccount({ former }: AppIdentity, person: Pick<Person, "login"> | null): boolean {
  return person !== null && former.some(({ botLogin }) => botLogin === person.login);
}

/** The app under the name its own comments show now: a process that started before the renaming learns of it at once. */
export function asCalledNow(app: AppIdentity, comments: readonly CommentFacts[]): AppIdentity {
  const login = comments.findLast(({ appId, author }) => appId === app.appId && author !== null)?.author?.login;
  return login === undefined || login === app.botLogin ? app : { ...app, botLogin: login };
}
