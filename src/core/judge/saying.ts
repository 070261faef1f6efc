import type { CommandLine } from "../commands/command-line.ts";
import type { CommandName } from "../commands/registry.ts";
import type { Instant, Millis, Permission, Reference } from "../model.ts";
import type { RevertRefusal } from "../observation.ts";
import type { EntryOf, KeyTime, TimerName } from "../record/entry.ts";
import type { EpisodeStart, Page } from "../record/history.ts";
import type { OutOfOrder } from "../record/key-times.ts";
import type { KnownGood, Suspect } from "../regressions/suspects.ts";
import type { Experts } from "../who/who-knows.ts";

/** What Sevgate says once, in a comment of its own. The sentences are in `core/render/replies.ts`. */
export type Saying =
  | { readonly kind: "help"; readonly to: string; readonly has: Permission }
  | { readonly kind: "not-allowed"; readonly to: string; readonly command: CommandName; readonly needs: Permission }
  /** To an app: its line in `commands.bots` does not name the command. */
  | { readonly kind: "not-granted"; readonly app: string; readonly command: CommandName }
  | { readonly kind: "cannot-tell"; readonly to: string; readonly command: CommandName }
  /** What the command needs was not told or done for too long, or GitHub says no. */
  | { readonly kind: "no-answer"; readonly to: string; readonly command: CommandName; readonly isRefused: boolean }
  | { readonly kind: "edited-too-soon"; readonly to: string }
  | {
      readonly kind: "unknown-command";
      readonly word: string;
      /** A whole command, with its slash. */
      readonly instead: string;
      readonly slip: CommandLine["slip"];
    }
  /** The last answer to somebody's slips for an hour. `isMarked`: further ones get a reaction. */
  | { readonly kind: "last-answer"; readonly saying: Saying; readonly isMarked: boolean }
  | { readonly kind: "bad-argument"; readonly usage: string; readonly why: string }
  | { readonly kind: "unknown-severity"; readonly given: string }
  | { readonly kind: "unknown-role"; readonly given: string; readonly known: readonly string[] }
  | { readonly kind: "cannot-assign"; readonly logins: readonly string[] }
  /** A mention would not reach them. */
  | { readonly kind: "cannot-page"; readonly logins: readonly string[] }
  /** `boxes`: how many there are. */
  | { readonly kind: "no-such-box"; readonly given: number; readonly boxes: number }
  | { readonly kind: "nobody-acknowledged" }
  /** `/time` about what nobody has said yet. */
  | { readonly kind: "time-not-yet"; readonly time: KeyTime; readonly first: "ack" | "mitigate" | "resolve" }
  | { readonly kind: "time-to-come"; readonly time: KeyTime; readonly at: Instant }
  /** So long before the declaration that the year may be mistyped, and nobody says why. */
  | { readonly kind: "time-long-before"; readonly time: KeyTime; readonly at: Instant; readonly declared: Instant }
  | ({ readonly kind: "time-out-of-order"; readonly time: KeyTime; readonly at: Instant } & OutOfOrder)
  /** Which day is meant cannot be told. */
  | {
      readonly kind: "time-which-day";
      readonly time: KeyTime;
      /** As written, since midnight, and the zone in which it was taken; `null`: it was written, too. */
      readonly clock: Millis;
      readonly zone: string | null;
      /** Where it was looked for. */
      readonly from: Instant;
      readonly to: Instant;
      /** A time that it could be, of several there or of none. */
      readonly such: Instant;
      readonly isSeveral: boolean;
    }
  | { readonly kind: "closed-incident"; readonly command: CommandName }
  /** To whoever waived: `missing` others with the role `needs` have to accept it. */
  /** `lasts`: `null`: for good. */
  | {
      readonly kind: "waiver-asked";
      readonly missing: number;
      readonly needs: Permission;
      readonly lasts: Millis | null;
      readonly reason: string;
    }
  | { readonly kind: "nothing-to-accept" }
  /** Several things wait: the waiver, if `waiver`, and these post-mortems. */
  | { readonly kind: "accept-which"; readonly waiver: boolean; readonly targets: readonly Reference[] }
  | { readonly kind: "accept-own"; readonly what: "waiver" | Reference }
  | { readonly kind: "may-not-accept-waiver"; readonly to: string; readonly needs: Permission }
  /** `accept-sealed`: in a private repository; it is not said which of the reasons it is. */
  | ({ readonly kind: "accept-incomplete" | "accept-unread" | "accept-sealed" } & Reference)
  /** The post-mortem was edited after the comment that accepts it was written. */
  | ({ readonly kind: "accept-changed"; readonly to: string } & Reference)
  /** `by`: who had accepted it; `missing`: how many have to accept it anew. */
  | {
      readonly kind: "post-mortem-changed";
      readonly target: Reference;
      readonly by: readonly string[];
      readonly missing: number;
    }
  /** `/items` without a post-mortem, or with one that is not complete, says nothing of its own, or is private. */
  | { readonly kind: "items-without-post-mortem" }
  | ({ readonly kind: "items-incomplete" | "items-sealed" | "no-items" } & Reference)
  /** Post-mortems belong in `repository`, where whoever asks may not write. */
  | { readonly kind: "items-elsewhere"; readonly repository: string }
  /** `/drop` of something that was not filed for this incident, or is done. */
  | ({ readonly kind: "no-such-item" | "item-is-done" } & Reference)
  | {
      readonly kind: "link-gone";
      readonly what: "post-mortem" | "runbook";
      readonly number: number;
      readonly repository: string | null;
    }
  | { readonly kind: "link-elsewhere"; readonly allowed: string }
  | { readonly kind: "link-itself" }
  /** The pull request `number` was merged before the incident was opened. */
  | { readonly kind: "link-older"; readonly number: number }
  | { readonly kind: "too-many-links"; readonly what: "post-mortem" | "runbook"; readonly limit: number }
  | { readonly kind: "has-post-mortem"; readonly number: number; readonly repository: string | null }
  | { readonly kind: "may-not-create"; readonly repository: string }
  | {
      readonly kind: "runbooks";
      readonly paths: readonly string[];
      readonly matching: readonly {
        readonly path: string;
        readonly title: string | null;
        readonly changedAt: Instant | null;
        readonly because: readonly string[];
      }[];
    }
  | { readonly kind: "runbooks-unread"; readonly isForGood: boolean }
  | {
      readonly kind: "suspects";
      readonly good: KnownGood | null;
      readonly suspects: readonly Suspect[];
      readonly isCut: boolean;
    }
  | { readonly kind: "who"; readonly experts: Experts; readonly paths: readonly string[] }
  | { readonly kind: "no-such-commit"; readonly ref: string }
  | { readonly kind: "revert-elsewhere" }
  | { readonly kind: "not-merged"; readonly number: number; readonly isThere: boolean }
  | { readonly kind: "reverted-already"; readonly number: number; readonly revert: number }
  | {
      readonly kind: "cannot-revert";
      readonly number: number;
      /** `null`: this server has no way to revert. */
      readonly why: RevertRefusal | null;
      readonly mergeSha: string | null;
      readonly defaultBranch: string;
      readonly incident: number;
    }
  | { readonly kind: "severity-restored"; readonly label: string; readonly severity: string }
  /** `to`: who asked for it by command; `null`: it was a label. */
  | { readonly kind: "may-not-lower"; readonly to: string | null; readonly severity: string; readonly from: string }
  /** For an app's label, to a severity that asks for as much: `/severity` is not granted to it. */
  | { readonly kind: "app-may-not-lower"; readonly app: string; readonly severity: string; readonly from: string }
  /** It stays a real incident. `storm`: it collects alerts that nobody has looked at. */
  | { readonly kind: "drill-too-late"; readonly severity: string; readonly why: "under-way" | "storm" }
  /** It stays a drill. */
  | { readonly kind: "drill-stays"; readonly severity: string }
  /** Whoever changed the label may not. `app`: its login; `null`: a person. `isOn`: it was, and stays, a drill. */
  | {
      readonly kind: "may-not-drill";
      readonly needs: Permission;
      readonly app: string | null;
      readonly isOn: boolean;
    }
  | { readonly kind: "labels-tidied"; readonly kept: string; readonly removed: readonly string[] }
  /** `left`: how many more closes today until it stays closed; `null`: it was closed by somebody who may not. */
  | { readonly kind: "reopened"; readonly why: EntryOf<"reopened">["why"]; readonly left: number | null }
  | { readonly kind: "closed-ungated"; readonly limit: number }
  | { readonly kind: "no-on-call-file" }
  | {
      readonly kind: "on-call";
      /** The zone of the times shown. */
      readonly zone: string;
      readonly roles: readonly {
        readonly role: string;
        readonly login: string | null;
        readonly shadows: readonly string[];
        /** Each is one thing that decided it, in plain text. */
        readonly why: readonly string[];
        /** The next handoff; `null`: not within two months. */
        readonly next: { readonly at: Instant; readonly login: string | null } | null;
      }[];
    }
  | { readonly kind: "nobody-on-call"; readonly role: string }
  /** `/page` names nobody but whoever wrote it. */
  | { readonly kind: "page-yourself" }
  | { readonly kind: "not-on-call-file"; readonly login: string; readonly named: readonly string[] }
  /** A step of the escalation. `targets` are mentioned: the on-call file names them. */
  | ({
      readonly kind: "page";
      readonly severity: string;
      readonly why: EpisodeStart;
      readonly since: Instant;
      readonly at: Instant;
      readonly next: { readonly at: Instant; readonly adds: readonly string[] } | null;
    } & Pick<Page, "round" | "targets" | "nobody" | "unreachable">)
  /** `/page`. `targets` are mentioned: the on-call file names them. */
  | {
      readonly kind: "paged-by";
      readonly by: string;
      readonly severity: string;
      readonly targets: Page["targets"];
      readonly text: string;
    }
  /** An alert asked for a more severe level. `members`: those that ask, at most 3; empty: the alert itself. */
  | {
      readonly kind: "raised-by-alert";
      readonly endpoint: string;
      readonly from: string;
      readonly to: string;
      readonly members: readonly string[];
      readonly isAcknowledged: boolean;
    }
  | { readonly kind: "alert-over"; readonly endpoint: string; readonly since: Instant }
  | { readonly kind: "reminder"; readonly timer: TimerName; readonly due: Instant }
  /**
   * Answers to several commands in one comment, each with the marker it is known by. `null`: the same as an earlier
   * one.
   */
  | {
      readonly kind: "several";
      readonly parts: readonly { readonly marker: string; readonly saying: Saying | null }[];
    };
