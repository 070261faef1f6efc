import { RESTRICTED_COMMANDS, type RestrictedCommand } from "../commands/registry.ts";
import type { Millis, Permission } from "../model.ts";
import type { KeyTime } from "../record/entry.ts";
import type { ReportEvery } from "./report-every.ts";
import type { RunsIn } from "./runs-in.ts";

/** What `close-requires` can ask for, by name. Each is judged in `core/gate/`. */
export const REQUIREMENTS = [
  "acknowledged",
  "post-mortem",
  "runbook-pr",
  "fix-merged",
  "action-items-filed",
  "key-times",
] as const;
export type Requirement = (typeof REQUIREMENTS)[number];

/** What an incident needs before it may close. `all-of` with no members needs nothing; `any-of` always has a member. */
export type Requires =
  | { readonly kind: "requirement"; readonly name: Requirement }
  | { readonly kind: "any-of" | "all-of"; readonly of: readonly Requires[] };

/** The most severities a policy may have. */
export const MOST_SEVERITIES = 10;

/** A level of severity, by name. */
export interface Severity {
  /** As in `/severity P0`. Unique in the policy, ignoring case. */
  readonly name: string;
  /** The label that makes an issue an incident of this severity. Unique in the policy (`labelKey`). */
  readonly label: string;
  /** One line for people and for the label; may be empty. */
  readonly description: string;
  /** What belongs to it, each a few words; for whoever has to choose. May be empty. */
  readonly examples: readonly string[];
  /** From the declaration to the first `/ack`, ms; `null`: no deadline. */
  readonly "acknowledge-within": Millis | null;
  /** Longest silence while the incident is open, ms; `null`: no deadline. */
  readonly "update-every": Millis | null;
  /** From the resolution to a complete post-mortem, ms; `null`: no deadline. */
  readonly "post-mortem-within": Millis | null;
  /** From the filing of an action item to its end, if it names no day of its own, ms; `null`: no deadline. */
  readonly "action-items-within": Millis | null;
  readonly "close-requires": Requires;
  /** `revert`: the checklist names the likeliest cause, to be reverted first; `null`: it does not. */
  readonly regressions: "revert" | null;
}

/** Systems that can wake people, in addition to the comment on the issue (src/systems/). */
export const PAGING_CHANNELS = ["better-stack", "pagerduty"] as const;
export type PagingChannel = (typeof PAGING_CHANNELS)[number];

/** The rights a policy can ask for, least first. `read` is missing on purpose: on a public repository everybody has it. */
export const GRANTABLE_PERMISSIONS = ["triage", "write", "maintain", "admin"] as const satisfies readonly Permission[];
export type GrantablePermission = (typeof GRANTABLE_PERMISSIONS)[number];

/** What `commands.bots` can grant an app: a command, or a change to a severity that asks for less. */
export const GRANTS = [...RESTRICTED_COMMANDS, "lower-severity"] as const;
export type Grant = (typeof GRANTS)[number];

/** What an app may do. `null`: its line names no command, and it gets those for which being listed is enough. */
export interface BotGrant {
  readonly login: string;
  readonly commands: readonly Grant[] | null;
  /** The login as its line in the file has it. */
  readonly writtenAs: string;
}

/** How alerts from one way in are handled; the rest is in `AlertEndpointPolicy` and `Policy.alerts`. */
export interface AlertPolicy {
  /** The name of a severity of the policy. */
  readonly severity: string;
  /** `if-untouched`: the incident is resolved together with its alert if nobody has touched it. */
  readonly "auto-resolve": "if-untouched" | "never";
  /** How long after the end of a firing the next one still belongs to the same issue, ms. */
  readonly "reopen-within": Millis;
}

/** What alerts arriving at an endpoint do in this repository. */
export interface AlertEndpointPolicy extends AlertPolicy {
  /** As in `ALERT_ENDPOINTS`. */
  readonly name: string;
  /** Maps the source's own severities, in lower case, to those of the policy. */
  readonly severities: Readonly<Record<string, string>>;
  /** `issue`: one without a severity, for people to declare. */
  readonly opens: "incident" | "issue";
  readonly group: "related" | "each";
}

/** Which workflows of GitHub Actions are watched on the default branch. */
export interface WorkflowRunPolicy extends AlertPolicy {
  /** For `matchesAny`, against the name and the file name of a workflow. */
  readonly workflows: readonly string[];
  /** The same, for those that are not watched. */
  readonly ignore: readonly string[];
}

/** A policy ready to apply: `.github/sevgate.yml` with every default filled in (docs/policy.md). */
export interface Policy {
  readonly version: 1;
  /** Who runs the repository. The other one leaves it alone. */
  readonly "runs-in": RunsIn;
  /** Most severe first; 1 to 10. */
  readonly severities: readonly Severity[];
  readonly "post-mortem": {
    readonly label: string;
    /** `same` (the incident's own) or `owner/name`. */
    readonly repository: string;
    /** Headings, as people write them. May be empty. */
    readonly "required-sections": readonly string[];
    /** The fewest `- [ ]` items a post-mortem needs. */
    readonly "action-items": number;
    /** How many people who wrote nothing of it have to `/accept` it before it counts. */
    readonly "reviewed-by": number;
  };
  readonly "action-items": {
    /** The label of the issues they are filed as. */
    readonly label: string;
    /** The heading of the post-mortem's section that lists them. */
    readonly section: string;
    /** Whether GitHub's field *Target date* is read: a request for each item, and a permission of its own. */
    readonly "target-date": boolean;
  };
  readonly runbooks: {
    /** For `matchesAny`; relative to the root of the repository. Empty: no file is a runbook. */
    readonly paths: readonly string[];
    /** What makes a runbook pull request count: that it is merged, or that it exists. */
    readonly "pull-request": "merged" | "open";
  };
  readonly closing: {
    /** How long a close without evidence is left alone before the issue is reopened, ms; 0: not at all. */
    readonly grace: Millis;
    readonly "not-planned": "cancels" | "gated";
    readonly duplicate: "allowed" | "gated";
    /** Within any 24 hours. 0: never reopen. */
    readonly "max-reopens-per-day": number;
  };
  /** What the requirement `key-times` asks for, each once; never empty. */
  readonly "key-times": readonly KeyTime[];
  /** What contributes to incidents, as people write it; each once. May be empty. */
  readonly "contributing-factors": readonly string[];
  readonly waive: {
    /** How many other people with the role for `/waive` have to `/accept` a waiver before it counts. */
    readonly approvals: number;
  };
  readonly commands: {
    /** `default` applies to every command without a line of its own. */
    readonly permission: { readonly default: GrantablePermission } & {
      readonly [command in RestrictedCommand]?: GrantablePermission | undefined;
    } & {
      /** For changing the severity to one whose `close-requires` asks for less; left out: as for `waive`. */
      readonly "lower-severity"?: GrantablePermission | undefined;
    };
    /** What apps may do; each login once, as GitHub shows it, `name[bot]`; compare ignoring case. */
    readonly bots: readonly BotGrant[];
  };
  readonly alerts: {
    /** Within any hour, over all endpoints; the last one is the storm's. At least 1. */
    readonly "issues-per-hour": number;
    /** Each name once. */
    readonly endpoints: readonly AlertEndpointPolicy[];
    /** `null`: builds are not watched. */
    readonly "workflow-runs": WorkflowRunPolicy | null;
  };
  readonly "pull-requests": {
    readonly check: "always" | "referencing" | "off";
  };
  readonly drills: {
    /** The label that makes an incident a drill. */
    readonly label: string;
  };
  readonly "follow-ups": {
    /** Whether one issue lists what is still to be done. */
    readonly issue: boolean;
    /** By which that issue is found again. */
    readonly label: string;
    /** `neutral`: only where there is something to say; `required`: on every pull request, red for late items. */
    readonly check: "neutral" | "off" | "required";
    /** Whether incidents get the labels of service levels. */
    readonly labels: boolean;
  };
  readonly paging: {
    /** What happens to an incident whose declarer may only open issues, until somebody on the team says something. */
    readonly unconfirmed: "hold" | "page";
    /** By severity name, and `default`: where pages go; the first that works is used. Empty: only the issue. */
    readonly channels: Readonly<Record<string, readonly PagingChannel[]>>;
  };
  readonly report: {
    /** After which periods an issue with their numbers is opened. */
    readonly every: ReportEvery | "off";
  };
  /** The issue type that incidents get; `null`: none. */
  readonly "issue-type": string | null;
  /** Whether a new incident names similar ones of the past. */
  readonly recall: boolean;
  readonly slack: {
    /** Where incidents are announced: `#name` or an id. The operator has to allow the channel. */
    readonly channel: string;
  };
  /**
   * `owner/name` of the repositories whose incidents may use issues of this one as evidence, if this one is private.
   * Only counts in the repository's own file.
   */
  readonly "evidence-for": readonly string[];
  /** What `/assign` accepts as a role; lower case. */
  readonly roles: readonly string[];
}
