import { withSecretFiles } from "../run/secret-files.ts";
import { type Environment, machineFiles } from "../run/settings.ts";

/**
 * GITHUB_TOKEN, or what the file of GITHUB_TOKEN_FILE holds, and where it is to go; neither is judged. An empty token: there is
 * none.
 */
export function readToken(
  given: Environment,
): { readonly token: string; readonly apiUrl: string } | { readonly kind: "settings"; readonly message: string } {
  const {
    env,
    problems: [unread],
  } = withSecretFiles(given, machineFiles.read, ["GITHUB_TOKEN"]);
  if (unread !== undefined) return { kind: "settings", message: unread.message };
  return {
    token: env["GITHUB_TOKEN"]?.trim() ?? "",
    apiUrl: env["GITHUB_API_URL"]?.trim() || "https://api.github.com",
  };
}
