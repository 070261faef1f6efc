import { createPrivateKey } from "node:crypto";
import { TerminalError } from "../../base/errors.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { createGitHubApp } from "./create-github-app.ts";
import { createReader } from "./create-reader.ts";
import { createWriter } from "./create-writer.ts";
import { GitHubClient, type GitHubClientOptions } from "./github-client.ts";
import { OptionalFeatures } from "./optional-features.ts";
import type { GitHub } from "./ports.ts";

/**
 * GitHub as Sevgate sees it, on Probot's authentication and octokit.
 *
 * It asks nothing until it is used. Throws `TerminalError` if the private key is not one.
 */
export function createGitHub(options: GitHubClientOptions): GitHub {
  try {
    createPrivateKey(options.privateKey);
  } catch {
    // The cause would quote the key.
    throw new TerminalError("The app's private key is not a PEM private key. Check PRIVATE_KEY or PRIVATE_KEY_PATH.");
  }
  const client = new GitHubClient({ ...options, apiUrl: withoutEnd(options.apiUrl, "/") });
  const features = new OptionalFeatures(options.clock);
  return {
    app: createGitHubApp(client, features),
    read: createReader(client, features),
    write: createWriter(client, features),
    forget: (installationId) => client.forget(installationId),
  };
}
