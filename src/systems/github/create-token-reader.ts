import { withoutEnd } from "../../core/without-end.ts";
import { createReader } from "./create-reader.ts";
import { GitHubClient, type TokenClientOptions } from "./github-client.ts";
import { OptionalFeatures } from "./optional-features.ts";
import type { GitHubReader } from "./ports.ts";

/** GitHub as whoever the token is of may read it. The installation in a repository makes no difference. */
export function createTokenReader(options: TokenClientOptions): GitHubReader {
  const client = new GitHubClient({ ...options, apiUrl: withoutEnd(options.apiUrl, "/") });
  return createReader(client, new OptionalFeatures(options.clock));
}
