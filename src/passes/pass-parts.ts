import type { LRUCache } from "lru-cache/raw";
import type { Logger } from "pino";
import type { Trace } from "../base/trace.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { PageStore } from "../store/page-store.ts";
import type { WatchedChat } from "../systems/chat.ts";
import type { OnboardingMemory } from "./onboarding-memory.ts";

/** What a pass looks with and writes down in. */
export interface PassParts extends ObserveParts {
  readonly index: IndexStore;
  readonly alerts: AlertStore;
  readonly chat: WatchedChat | null;
  readonly pages: PageStore | null;
  /** By pull request: what its last pass said to the incidents it names. A restart says it again. */
  readonly toldOfMerges: LRUCache<string, string>;
  /** `null`: repositories without a policy are not shown one. */
  readonly onboarding: OnboardingMemory | null;
  /** By repository: the last period whose report is there. A restart looks again. */
  readonly knownReports: LRUCache<number, string>;
}

/** Where a pass says what it does: its own log, and its steps. */
export interface Logs {
  readonly log: Logger;
  readonly trace: Trace;
}
