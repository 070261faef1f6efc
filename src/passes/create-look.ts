import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import type { Millis } from "../core/model.ts";
import type { TemplateSources } from "../core/observation.ts";
import { type FormerApp, withFormer } from "../core/own.ts";
import type { SetupFile } from "../core/setup/setup-file.ts";
import { createAskedLately } from "../observe/asked-lately.ts";
import { BelievedMissing } from "../observe/believed-missing.ts";
import { createOpenItems } from "../observe/create-open-items.ts";
import { IssueTypes } from "../observe/issue-types.ts";
import { createKnownPeople } from "../observe/known-people.ts";
import { LearnedInLook } from "../observe/learned-in-look.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import { createPolicySources } from "../observe/policy-source.ts";
import { createPullRequestFiles } from "../observe/pull-request-files.ts";
import { RecallSource } from "../observe/recall-source.ts";
import { ReplayMemory } from "../observe/replay-memory.ts";
import { createRunbookSource } from "../observe/runbook-source.ts";
import { createSeenIncidents } from "../observe/seen-incidents.ts";
import { ServerFeatures } from "../observe/server-features.ts";
import { StoredTexts } from "../observe/stored-texts.ts";
import { Unanswered } from "../observe/unanswered.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { PageStore } from "../store/page-store.ts";
import type { WatchedChat } from "../systems/chat.ts";
import { KnownIdentity } from "../systems/github/known-identity.ts";
import type { GitHubApp, GitHubReader } from "../systems/github/ports.ts";
import { OnboardingMemory } from "./onboarding-memory.ts";
import type { PassParts } from "./pass-parts.ts";

/** How many recent pull requests are remembered. */
const MAX_TOLD = 10_000;

/** What a look needs. What was learned about the server and its policies is common to all looks. */
export interface Look {
  /** Throws as `GitHubApp.identity` does; asked again after a failure. */
  (): Promise<PassParts>;
}

/** Makes what every pass looks with. GitHub is asked who the app is when a pass needs to know. */
export function createLook(parts: {
  readonly github: { readonly read: GitHubReader; readonly app: Pick<GitHubApp, "identity"> };
  readonly index: IndexStore;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly openRecord: ObserveParts["openRecord"];
  readonly templates: TemplateSources;
  readonly chat: WatchedChat | null;
  readonly pages: PageStore | null;
  /** How soon after a declaration similar incidents are looked for; left out: it makes no difference (RecallSource). */
  readonly recallWithin?: Millis;
  readonly formerApps?: readonly FormerApp[];
  /** What the onboarding pull request brings; left out or `null`: none is opened. */
  readonly onboarding?: readonly SetupFile[] | null;
}): Look {
  const { github, index, alerts, clock, openRecord, templates, chat, pages, formerApps = [] } = parts;
  const kept = {
    pages,
    read: github.read,
    alerts,
    clock,
    openRecord,
    chat,
    features: new ServerFeatures(clock),
    files: createPullRequestFiles(github.read),
    runbooks: createRunbookSource(github.read),
    issueTypes: new IssueTypes(github.read),
    recall: new RecallSource(parts.recallWithin),
    toldOfMerges: new LRUCache<string, string>(atMost(MAX_TOLD)),
    onboarding: parts.onboarding == null ? null : new OnboardingMemory(clock, parts.onboarding),
    knownReports: new LRUCache<number, string>(atMost(MAX_TOLD)),
    storedTexts: new StoredTexts(),
    seenIncidents: createSeenIncidents(index, clock),
    replays: new ReplayMemory(clock),
    askedLately: createAskedLately(),
    missing: new BelievedMissing(clock),
    people: createKnownPeople(github.read, clock),
    openItems: createOpenItems(github.read, clock),
    unanswered: new Unanswered(),
  };
  const policiesOf = createPolicySources({ read: github.read, clock, templates });
  const identity = new KnownIdentity(github.app, clock);
  return async () => {
    const app = withFormer(await identity.now(), formerApps);
    const learned = new LearnedInLook();
    const through = { index: learned.over(index), learned };
    return { ...kept, ...through, policies: policiesOf(through), app };
  };
}
