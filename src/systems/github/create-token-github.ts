import { TerminalError } from "../../base/errors.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { createReader } from "./create-reader.ts";
import { createWriter } from "./create-writer.ts";
import { GitHubClient, type TokenClientOptions } from "./github-client.ts";
import { OptionalFeatures } from "./optional-features.ts";
import type { GitHub } from "./ports.ts";
import type { TokenIdentity } from "./token-identity.ts";

/**
 * GitHub over the token of one installation, which somebody else made: the same reader and writer as the server's. What an app can
 * only ask as itself is `unsupported`, and it knows of no installation.
 */
export function createTokenGitHub(options: TokenClientOptions, identity: TokenIdentity): GitHub {
  const client = new GitHubClient({ ...options, apiUrl: withoutEnd(options.apiUrl, "/"), ofApp: identity.appId });
  const features = new OptionalFeatures(options.clock);
  const read = createReader(client, features);
  return {
    app: {
      identity: async () => identity,
      installations: async () => [],
      repositories: async () => "unsupported",
      requestLimit: async (installationId) => client.requestLimit(installationId),
      changedSince: async () => "unsupported",
      deliveries: async () => "unsupported",
      redeliver: async () => {
        throw new TerminalError("Deliveries are sent again as the app itself, not with a token.");
      },
    },
    read: { ...read, mergeQueue: (repository, branch) => orUntold(() => read.mergeQueue(repository, branch)) },
    write: createWriter(client, features),
    forget: (installationId) => client.forget(installationId),
  };
}

/** No workflow can give its token the right to read a queue: then the group's commits have to say what is in it. */
async function orUntold<T>(ask: () => Promise<T>): Promise<T | "unsupported"> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    return "unsupported";
  }
}
