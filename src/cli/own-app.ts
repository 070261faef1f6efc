import type { FormerApp } from "../core/own.ts";
import { type RecordKeys, recordKey } from "../core/record/seal.ts";
import type { Settings } from "../run/settings.ts";
import type { GitHubApp } from "../systems/github/ports.ts";

/** The app whose own key is known, as it judges its records. */
export interface OwnApp extends Pick<GitHubApp, "identity" | "installations"> {
  readonly recordKeys: RecordKeys;
  readonly formerApps: readonly FormerApp[];
}

/** The app with what the server's settings say of its records. */
export function ownApp(
  { identity, installations }: Pick<GitHubApp, "identity" | "installations">,
  { recordSecrets, formerApps }: Settings,
): OwnApp {
  const [signing, ...older] = recordSecrets;
  return { identity, installations, recordKeys: [recordKey(signing), ...older.map(recordKey)], formerApps };
}
