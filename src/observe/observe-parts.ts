import type { LRUCache } from "lru-cache/raw";
import type { Clock } from "../base/clock.ts";
import type { AppIdentity } from "../core/own.ts";
import type { Opened, SealedFor } from "../core/record/seal.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { PageStore } from "../store/page-store.ts";
import type { WatchedChat } from "../systems/chat.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import type { AskedLately } from "./asked-lately.ts";
import type { BelievedMissing } from "./believed-missing.ts";
import type { KnownPeople } from "./known-people.ts";
import type { PolicySource } from "./policy-source.ts";
import type { PullRequestFiles } from "./pull-request-files.ts";
import type { RunbookSource } from "./runbook-source.ts";
import type { SeenIncidents } from "./seen-incidents.ts";
import type { ServerFeatures } from "./server-features.ts";
import type { StoredTexts } from "./stored-texts.ts";
import type { Unanswered } from "./unanswered.ts";

/** What `observeIncident` needs. */
export interface ObserveParts {
  readonly read: GitHubReader;
  readonly index: IndexStore;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly policies: PolicySource;
  readonly files: PullRequestFiles;
  readonly runbooks: RunbookSource;
  /** Opens the machine block of a status comment: by the record keys, or unchecked where there are none. */
  readonly openRecord: (commentBody: string, place: SealedFor) => Opened;
  readonly app: AppIdentity;
  readonly features: ServerFeatures;
  /** The chat in which incidents are announced; `null`: none is set up. */
  readonly chat: WatchedChat | null;
  /** Left out: there is nothing to page with except the issue. */
  readonly pages?: PageStore;
  readonly askedLately: AskedLately;
  readonly missing: BelievedMissing;
  readonly people: KnownPeople;
  readonly seenIncidents: SeenIncidents;
  /** By pull request: what its last pass told the incidents it names. A restart tells them again. */
  readonly toldOfMerges: LRUCache<string, string>;
  readonly storedTexts: StoredTexts;
  /** What the commands of each incident are waiting for. */
  readonly unanswered: Unanswered;
}
