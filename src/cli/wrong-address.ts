import { mayCarrySecrets } from "./may-carry-secrets.ts";

/** What is wrong with the address of GitHub's API that a token is to go to; `null`: nothing. */
export function wrongAddress(apiUrl: string): string | null {
  if (!URL.canParse(apiUrl)) return "GITHUB_API_URL is not an address. Leave it out for github.com.";
  return mayCarrySecrets(apiUrl) ? null : "GITHUB_API_URL is not https: the token would be readable on the way.";
}
