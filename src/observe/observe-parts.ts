import type { Clock } from "../base/clock.ts";
import type { AppIdentity } from "../core/own.ts";
import type { Opened, SealedFor } from "../core/record/seal.ts";
import type { AlertReader } from "../store/alert-store.ts";
import type { IndexReader } from "../store/index-store.ts";
import type { PageReader } from "../store/page-store.ts";
import type { ThreadReader } from "../store/thread-store.ts";
import type { WatchedChat } from "../systems/chat.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import type { AskedLately } from "./asked-lately.ts";
import type { BelievedMissing } from "./believed-missing.ts";
import type { KnownPeople } from "./known-people.ts";
import type { LearnedInLook } from "./learned-in-look.ts";
import type { OpenItems } from "./open-items.ts";
import type { PolicySource } from "./policy-source.ts";
import type { PullRequestFiles } from "./pull-request-files.ts";
import type { RunbookSource } from "./runbook-source.ts";
import type { SeenIncidents } from "./seen-incidents.ts";
import type { ServerFeatures } from "./server-features.ts";
import type { StoredTexts } from "./stored-texts.ts";
import type { Unanswered } from "./unanswered.ts";

/** What a look reads with. Nothing in it writes. */
export interface ObserveParts {
  readonly read: GitHubReader;
  /** What was learned in this look is in it already. */
  readonly index: IndexReader;
  /** What this look has learned that later passes go by. */
  readonly learned: LearnedInLook;
  readonly alerts: AlertReader;
  readonly clock: Clock;
  readonly policies: PolicySource;
  readonly files: PullRequestFiles;
  readonly runbooks: RunbookSource;
  /** Opens the machine block of a status comment: by the record keys, or unchecked where there are none. */
  readonly openRecord: (commentBody: string, place: SealedFor) => Opened;
  readonly app: AppIdentity;
  readonly features: ServerFeatures;
  /** The chat in which incidents are announced; `null`: none is set up. */
  readonly chat: { readonly chat: WatchedChat["chat"]; readonly threads: ThreadReader } | null;
  /** `null`: there is nothing to page with except the issue. */
  readonly pages: PageReader | null;
  readonly askedLately: AskedLately;
  readonly missing: BelievedMissing;
  readonly people: KnownPeople;
  readonly openItems: OpenItems;
  readonly seenIncidents: SeenIncidents;
  readonly storedTexts: StoredTexts;
  /** What the commands of each incident are waiting for. */
  readonly unanswered: Unanswered;
}
