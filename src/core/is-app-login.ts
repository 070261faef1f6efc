/** Whether a login is an app's. GitHub's apps are called `slug[bot]`, people never: a login has no brackets. */
export function isAppLogin(login: string): boolean {
  return login.endsWith("[bot]");
}
