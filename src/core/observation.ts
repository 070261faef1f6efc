import type { AlertsOfIncident, KnownAlert } from "./alerts/known-alert.ts";
import type { ChatRequest } from "./chat/chat-request.ts";
import type { ThreadSent } from "./chat/thread-state.ts";
import type { SentPage } from "./escalation/page-outbox.ts";
import type {
  ChangedFile,
  CommentFacts,
  HistoryFacts,
  Instant,
  IssueFacts,
  PermissionAnswer,
  PullRequestFacts,
  Reference,
  Repository,
  TimelineFacts,
} from "./model.ts";
import type { OnCallSchedule } from "./oncall/schedule.ts";
import type { AppIdentity } from "./own.ts";
import type { MisnamedFile } from "./policy/misnamed-file.ts";
import type { PolicyProblem } from "./policy/parse.ts";
import type { Policy } from "./policy/policy.ts";
import type { RecalledFacts } from "./recall/recall.ts";
import type { IncidentRecord } from "./record/record.ts";
import type { SuspectFacts } from "./regressions/suspects.ts";
import type { UndoRange } from "./regressions/undo-range.ts";
import type { Runbook, RunbookText } from "./runbooks/runbook.ts";
import type { Trust } from "./trust/rank-by-trust.ts";
import type { Waiting } from "./waiting.ts";
import type { ExpertFacts } from "./who/who-knows.ts";

/** The policy a pass goes by, and what is wrong with the file if the policy is not what the file says. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** Where it comes from, such as `.github/sevgate.yml`; `null`: the built-in default. */
  readonly source: string | null;
  /** Where the source says what a severity needs before it can close, by its name (`requiresLines`, core/policy/). */
  readonly requiresLines: ReadonlyMap<string, number>;
  /** `invalid`: the file on the default branch cannot be used and an earlier policy stays in force. */
  readonly trouble:
    | null
    | { readonly kind: "invalid"; readonly file: string; readonly problems: readonly PolicyProblem[] }
    | { readonly kind: "unreachable" };
}

/** The on-call schedule a pass goes by, and what is wrong with the file if the schedule is not what the file says. */
export interface OnCallInForce {
  /** The file's, or the last good one while the file is broken or unreachable; `null`: the repository has none. */
  readonly schedule: OnCallSchedule | null;
  readonly trouble:
    | null
    | { readonly kind: "invalid"; readonly file: string; readonly problems: readonly PolicyProblem[] }
    | { readonly kind: "unreachable" };
}

/** Liquid sources to try in order: the repository's own if it has one, then the built-in one. Never empty. */
export type TemplateSource = readonly [string, ...string[]];

/** The templates of a pass (`templates/`, `.github/sevgate/templates/`). */
export interface TemplateSources {
  readonly incident: TemplateSource;
  readonly postMortem: TemplateSource;
  /** Those of the repository for one label or severity, by `templateName` (core/policy/). */
  readonly postMortemFor: ReadonlyMap<string, string>;
  readonly status: TemplateSource;
  /** The repository's own templates that cannot be used. */
  readonly problems: readonly TemplateProblem[];
}

/** How a post-mortem is written and judged in a repository: by its policy and its template. */
export interface PostMortemRules {
  readonly policy: Policy["post-mortem"];
  readonly template: TemplateSource;
  /** As in `TemplateSources.postMortemFor`. */
  readonly templateFor: ReadonlyMap<string, string>;
}

/** The other repository in which the policy wants post-mortems. */
export interface PostMortemPlace {
  /** `open`: what is there may be shown here. `sealed`: only whether a post-mortem is complete. `closed`: nothing. */
  readonly access: "open" | "sealed" | "closed";
  /** The rules a post-mortem there is written by; `null`: those of the incident's own repository. */
  readonly rules: PostMortemRules | null;
  /**
   * Whether what is known about the incident may be shown there. Looked up when a post-mortem is to be created; else
   * `false`.
   */
  readonly mayQuote: boolean;
}

/** Candidates that were too many to look at. */
export interface UnreadCandidates {
  readonly count: number;
  /** Whether one of them could satisfy the gate, for all that is known. */
  readonly mayCount: boolean;
}

/** Something that may satisfy the gate, read now. */
export type EvidenceFacts =
  | {
      readonly kind: "issue";
      readonly target: Reference;
      /** How it came to be looked at. */
      readonly via: "command" | "incident-text" | "own-text" | "sub-issue";
      /** How far the link can be trusted; `null`: not known. */
      readonly trust: Trust | null;
      /**
       * `cannot-read`: it was not looked at, because the app is not installed there or the repository is private and
       * does not let this one look. `moved`: it was transferred to a place where the policy wants no post-mortems.
       */
      readonly answer: IssueFacts | "missing" | "cannot-read" | "moved";
      /** Where it was transferred to; `null`: it is still where `target` says, or its new place may not be said here. */
      readonly movedTo: Reference | null;
      /**
       * It is in a private repository that lets this one use it: judged by these rules, with nothing shown but the
       * outcome. `null`: it is not.
       */
      readonly sealedBy: PostMortemRules | null;
    }
  | {
      readonly kind: "pull-request";
      readonly target: Reference;
      readonly via: "command" | "own-text";
      readonly trust: Trust | null;
      readonly answer:
        | { readonly pullRequest: PullRequestFacts; readonly files: readonly ChangedFile[] | "known-merged" }
        | "missing";
      /** A merged pull request that reverts this one. */
      readonly revertedBy: PullRequestFacts | null;
      /** `false`: some pull requests that may revert it were not looked at. */
      readonly revertsRead: boolean;
    };

/** Who wrote the text of an issue. */
export interface WriterFacts {
  /** Logins: its author, and everybody who has edited it as far as GitHub says; an app that drafted it is none. */
  readonly logins: readonly string[];
  /** `null`: never, or the server does not say. */
  readonly editedAt: Instant | null;
}

/** An action item of the incident, by the issue that a line of a post-mortem has become. */
export interface SeenItem {
  readonly target: Reference;
  /** Where it is now. */
  readonly place: Reference;
  /** As the record names it. */
  readonly postMortem: Reference;
  /** `ItemLine.digest` of the line it was. */
  readonly line: string;
  /** `gone`: deleted, or moved to where nobody may look from here. */
  readonly issue: IssueFacts | "gone";
  /** It is known to be a sub-issue of the post-mortem. */
  readonly isSubIssue: boolean;
}

/** What was seen of an incident's action items. */
export interface SeenItems {
  /** Those that the record knows, and those that an earlier pass created and could not write down. */
  readonly found: readonly SeenItem[];
  /** By `targetKey` of the post-mortem: the id of the repository it is in. */
  readonly homes: ReadonlyMap<string, number>;
  /** When the items that other incidents filed lately in the same places were created, as far as the lists tell. */
  readonly others: readonly Instant[];
  /**
   * By `targetKey` of a post-mortem in which an open item was ticked: whether everybody who has edited it since the app
   * last did may close issues there.
   */
  readonly tickers: ReadonlyMap<string, "may" | "may-not" | "untold">;
}

/** A pull request that may be the fix. */
export interface FixFacts {
  readonly pullRequest: PullRequestFacts;
  /** A merged pull request that reverts it and is still in effect; `null`: none is known. */
  readonly revertedBy: PullRequestFacts | null;
  /** `false`: some pull requests that may revert it were not looked at. */
  readonly revertsRead: boolean;
}

/** A merged pull request to revert, and what became of it. */
export interface RevertFacts {
  readonly pullRequest: PullRequestFacts | "missing";
  /** The pull request the app opened to revert it, or why there is none; `null`: not asked for yet. */
  readonly revert: PullRequestFacts | "unsupported" | RevertRefusal | null;
}

/** Why there is no revert. */
export interface RevertRefusal {
  /** In one line. */
  readonly refused: string;
  /** Who found that out. */
  readonly by: "sevgate" | "github";
  /** A few of the files that were changed since, so that reverting it needs somebody to read them. */
  readonly changed: readonly string[];
  /** The commits the pull request became; `null`: not known. */
  readonly undo: UndoRange | null;
}

/** What was looked up for `/suspects`, `/good` and `/revert`. */
export interface RegressionFacts {
  /** Each since another good state (`suspectsSince`). */
  readonly suspects: readonly SuspectFacts[];
  /** By what was written after `/good`. */
  readonly refs: ReadonlyMap<string, HistoryFacts | "missing">;
  /** By the number after `/revert`. */
  readonly reverts: ReadonlyMap<number, RevertFacts>;
}

/** The runbooks of a repository. */
export type RunbookShelf =
  | {
      readonly kind: "read";
      /** Every file that the policy calls a runbook. */
      readonly paths: readonly string[];
      /** All of them; if they are very many or very long, only the path is known. */
      readonly runbooks: readonly Runbook[];
      /** By blob SHA: the words that were read. */
      readonly texts: ReadonlyMap<string, RunbookText>;
      /** By path, for those that match: when it was last changed; `null`: GitHub does not say. */
      readonly changedAt: ReadonlyMap<string, Instant | null>;
    }
  /** GitHub did not answer, or does not list that many files. */
  | { readonly kind: "unread"; readonly isForGood: boolean };

/** What the status comment contains now. */
export interface StatusFacts {
  /** Its text and record are in another status comment, and have to be written into this one. */
  readonly isBehind: boolean;
  /** The comment of a former app from which it goes on, and which nobody keeps up to date any more; `null`: none. */
  readonly continues: number | null;
  /** A former app wrote it, and GitHub may refuse to have it edited: then this one goes on, or a new one. `null`: our own. */
  readonly former: { readonly instead: number | null } | null;
  readonly commentId: number;
  readonly createdAt: Instant;
  /** What people see: everything but the machine block. */
  readonly text: string;
  /**
   * The digest of the text that GitHub turned into this one, where it keeps something other than what it was sent;
   * `null`: it keeps what it was sent, or nobody knows.
   */
  readonly madeOf: string | null;
  /** It was created in this very pass: only then is it pinned, because later people may have had reasons to unpin it. */
  readonly isNew: boolean;
}

/** What became of the record that an earlier pass left. */
export type RecordAnswer =
  /** There never was one: the issue is not an incident yet. */
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly record: IncidentRecord }
  /** The comment cannot be trusted, or is gone. `copy`: what the index remembers. */
  | {
      readonly kind: "lost";
      readonly why: "edited" | "rolled-back" | "unknown-key" | "deleted";
      readonly copy: IncidentRecord | null;
    };

/**
 * What GitHub says now about one incident. Built only in `observe/`; every field is a fact, none a conclusion.
 *
 * During a pass `after` (core/plan/after.ts) keeps it current: each applied action changes it as GitHub would.
 */
export interface IncidentObservation {
  /** When this pass began. The only clock `core/` may read. */
  readonly at: Instant;
  readonly app: AppIdentity;
  readonly repository: Repository;
  readonly issue: IssueFacts;
  /** Comments young enough to matter, oldest first, the app's own among them. */
  readonly comments: readonly CommentFacts[];
  /**
   * When comments with commands were last edited, by id (`null`: never), where their timestamps leave that open.
   * `null`: it was not asked, or the server does not say.
   */
  readonly edits: ReadonlyMap<number, Instant | null> | null;
  /** `null`: our status comment does not exist (any more). */
  readonly status: StatusFacts | null;
  /** Further status comments of ours, left by a crash. */
  readonly duplicateStatusIds: readonly number[];
  readonly record: RecordAnswer;
  /** The alerts that belong to it; `null`: none. */
  readonly alerts: AlertsOfIncident | null;
  /** What became of its pages, according to the other systems. */
  readonly pageReports: readonly KnownAlert[];
  /** Read only when something has to be attributed to somebody; else `null`. */
  readonly timeline: readonly TimelineFacts[] | null;
  /** The timeline has earlier events, which were not read: what it does not show may be among them. */
  readonly isTimelineCut: boolean;
  /** By `permissionKey`: the rights of everyone with an unjudged command. */
  readonly permissions: ReadonlyMap<string, PermissionAnswer>;
  /**
   * The declarer's rights, as they were within the last half hour: enough to know how far to trust the incident's own
   * text. `null`: it makes no difference.
   */
  readonly declarer: PermissionAnswer | null;
  /** Whether everybody may read the repository: asked only if somebody without rights has an unjudged command; else `false`. */
  readonly isPublic: boolean;
  /**
   * By login in lower case, for those a page is due for: whether a mention is for them. `false`: GitHub knows no such
   * person here, or only as somebody who may read what everybody may.
   */
  readonly reach: ReadonlyMap<string, boolean>;
  /**
   * By login in lower case: the comments with commands seen from those people in this repository recently, by id, and
   * when each was written: the first ones of the last day, and of the last hour.
   */
  readonly askedLately: ReadonlyMap<string, ReadonlyMap<number, Instant>>;
  /**
   * Since when GitHub, asked again and again, has not told people's rights; `null`: it has, or was only asked just now.
   */
  readonly unansweredSince: Instant | null;
  /**
   * What single commands are waiting for, by the id of the edge that makes it, or by what is to be read. The rest of
   * the incident goes on.
   */
  readonly waits: ReadonlyMap<string, Waiting>;
  readonly evidence: readonly EvidenceFacts[];
  /** By `targetKey`: who wrote the post-mortems that somebody accepts; nothing if nobody does. */
  readonly writers: ReadonlyMap<string, WriterFacts>;
  /** The action items; `null`: there are none, or GitHub did not say. */
  readonly items: SeenItems | null;
  /** What was not looked at, by the requirement it may matter to. */
  readonly unread: Readonly<Record<"post-mortem" | "runbook-pr" | "fix-merged", UnreadCandidates>>;
  /** Pull requests that name the incident, for the requirement `fix-merged`. */
  readonly fixes: readonly FixFacts[];
  /** Pull requests of the repository that name the incident, most trusted first, for the draft of its post-mortem; else none. */
  readonly namedBy: readonly PullRequestFacts[];
  /** What `/who` is answered from; `null`: nobody asked. */
  readonly experts: ExpertFacts | null;
  /** What commands about regressions need; `null`: nobody asked. */
  readonly regressions: RegressionFacts | null;
  /** The post-mortem issue the app itself created for this incident; `null`: none yet. */
  readonly draftedPostMortem: IssueFacts | null;
  /** `null`: post-mortems belong in the incident's own repository. */
  readonly postMortemPlace: PostMortemPlace | null;
  /** Names of the issue types that the repository has; `null`: not asked. */
  readonly issueTypes: readonly string[] | null;
  /** Incidents of the past that were found to be similar, best first; `null`: not looked for, or none were. */
  readonly recall: readonly RecalledFacts[] | null;
  /** The runbooks of the default branch, read at the declaration and for `/runbook`; else `null`. */
  readonly runbooks: RunbookShelf | null;
  /** By blob SHA: the words of the runbooks that the record lists. One that can no longer be read is left out. */
  readonly runbookTexts: ReadonlyMap<string, RunbookText>;
  readonly policy: PolicyInForce;
  readonly onCall: OnCallInForce;
  /** Files on the default branch that Sevgate does not read because of their names. */
  readonly misnamed: readonly MisnamedFile[];
  /** What was sent to the chat; `null`: none is set up. */
  readonly thread: ThreadSent | null;
  /** What became of the incident's pages in other systems (src/systems/), oldest first. */
  readonly sentPages: readonly SentPage[];
  /** What people asked for in the chat that has not been answered yet, oldest first. */
  readonly requests: readonly ChatRequest[];
  readonly templates: TemplateSources;
  /** Names of labels that are known to be in the repository. */
  readonly labelsThere: readonly string[];
  /** What the server offers. */
  readonly can: { readonly pin: boolean; readonly react: boolean; readonly editLocked: boolean };
  /** Edges already done in this pass: reactions, assignments, replies (see core/plan/plan.ts). */
  readonly done: ReadonlySet<string>;
}

const NONE_UNREAD: UnreadCandidates = { count: 0, mayCount: false };
/** All candidates were looked at. */
export const NOTHING_UNREAD: IncidentObservation["unread"] = {
  "post-mortem": NONE_UNREAD,
  "runbook-pr": NONE_UNREAD,
  "fix-merged": NONE_UNREAD,
};

/** An observation's facts that are looked up only when something asks for them, before anything did. */
export const NOTHING_LOOKED_UP = {
  timeline: null,
  isTimelineCut: false,
  edits: null,
  permissions: new Map(),
  declarer: null,
  isPublic: false,
  reach: new Map(),
  askedLately: new Map(),
  unansweredSince: null,
  waits: new Map(),
  evidence: [],
  writers: new Map(),
  items: null,
  unread: NOTHING_UNREAD,
  fixes: [],
  namedBy: [],
  experts: null,
  regressions: null,
  draftedPostMortem: null,
  postMortemPlace: null,
  issueTypes: null,
  recall: null,
  runbooks: null,
  runbookTexts: new Map(),
} satisfies Partial<IncidentObservation>;

/** A template of the repository that is not used, and why, in one line. */
export interface TemplateProblem {
  /** Its path in the repository. */
  readonly file: string;
  readonly message: string;
}

/**
 * Whether GitHub accepts changes to the app's own comments on the issue: on a locked one, not every server does
 * (A-045).
 */
export function canSay({ issue, can }: Pick<IncidentObservation, "issue" | "can">): boolean {
  return !issue.locked || can.editLocked;
}
