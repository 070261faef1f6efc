import type { Logger } from "pino";
import type { Clock } from "../base/clock.ts";
import type { RequestTally } from "../base/request-tally.ts";
import type { Millis } from "../core/model.ts";
import type { TemplateSources } from "../core/observation.ts";
import type { FormerApp } from "../core/own.ts";
import type { RunsIn } from "../core/policy/runs-in.ts";
import type { RecordKeys } from "../core/record/seal.ts";
import type { SetupFile } from "../core/setup/setup-file.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { AlertSourceApis } from "../systems/alert-source.ts";
import type { ChatParts } from "../systems/chat.ts";
import type { GitHub } from "../systems/github/ports.ts";
import type { PagingParts } from "./page-pass.ts";

/** Everything a pass may touch outside `core/`. */
export interface ReconcilerParts {
  readonly github: GitHub;
  readonly index: IndexStore;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recordKeys: RecordKeys;
  /** As which apps Sevgate ran here before; left out: as none. */
  readonly formerApps?: readonly FormerApp[];
  /** As what the loop runs: it writes only in repositories whose policy names that. Left out: a server. */
  readonly runsIn?: RunsIn;
  readonly templates: TemplateSources;
  /** What the onboarding pull request brings; left out or `null`: none is opened. */
  readonly onboarding?: readonly SetupFile[] | null;
  /** The chat in which incidents are told of; `null`: none is set up. */
  readonly chat: ChatParts | null;
  /** How people are woken in addition to the comment on the issue; left out: not at all. */
  readonly paging?: PagingParts;
  /** The systems that are told what became of their alerts; left out: none. */
  readonly alertSources?: AlertSourceApis;
  /** Notes every request to GitHub. */
  readonly requests: RequestTally;
  /** As of `createLook`. */
  readonly recallWithin?: Millis;
}
