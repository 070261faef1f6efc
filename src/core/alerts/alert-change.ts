import type { Instant } from "../model.ts";

/** Where alerts may come from, as it stands in their address: `/alerts/<source>/<endpoint>`. */
export const ALERT_SOURCES = ["better-stack", "alertmanager", "grafana", "pagerduty", "pagerduty-events"] as const;
export type InboundSource = (typeof ALERT_SOURCES)[number];

/** `github-actions`: a broken build, read from GitHub. `sevgate`: the storm, into which alerts past the cap are folded. */
export type AlertSource = InboundSource | "github-actions" | "sevgate";

/** Who did something at the source. Text of others: never a mention. */
export interface AlertActor {
  /** At most 100 characters. */
  readonly name: string | null;
  /** At most 254 characters, as written at the source. */
  readonly email: string | null;
}

/** One change of one alert, in the same words for every source. All texts come from outside and are capped. */
export interface AlertChange {
  /** `changed`: what it says of itself is another now, such as its severity; whether it fires is not. */
  readonly change: "fired" | "acknowledged" | "unacknowledged" | "resolved" | "changed";
  /** What tells this alert from others of its endpoint; at most 255 characters. */
  readonly key: string;
  /** What it was known by in earlier versions, so that one that fires meanwhile is found. Left out: nothing else. */
  readonly aliases?: readonly string[];
  /** The id at the source, for telling it something; `null`: it takes nothing, or this is no id of its. */
  readonly externalId: string | null;
  /**
   * What the source's own API says of the incident with that id (core/alerts/external-id.ts). It is compared before anything
   * is told there, so that an event cannot name somebody else's incident. `null` or left out: not told.
   */
  readonly origin?: string | null;
  /** When it happened, as the source says; `null`: it does not say. */
  readonly at: Instant | null;
  /**
   * How changes are put in order. `time`: by `at`. `start`: as they arrive, for `at` says of a firing only when it
   * began; one that began no later than the firing that is over is old news.
   */
  readonly order: "time" | "start";
  /** One line of at most 200 characters; never empty. */
  readonly title: string;
  /** At most 1,000 characters; may be empty. */
  readonly summary: string;
  /** The source's own word, in lower case, at most 32 characters. */
  readonly severity: string | null;
  /** http or https, at most 500 characters. */
  readonly url: string | null;
  /** Who acknowledged or resolved it. */
  readonly actor: AlertActor | null;
  /** At most 20, names of at most 64 characters and values of at most 200. */
  readonly labels: Readonly<Record<string, string>>;
  /** At most 6: runbook, dashboard and the like. */
  readonly links?: readonly AlertLink[];
  /** What else the source notes about it, at most 8 of at most 1,000 characters. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Where the alert is a group of alerts: what was told of each. */
  readonly group?: GroupReport;
  /** What comes back is a page that Sevgate sent itself: it is of this incident, and no alert. Else left out. */
  readonly page?: OwnPage;
}

/** An address with what it leads to, in a word or two of ours. */
export interface AlertLink {
  readonly name: string;
  /** As `AlertChange.url`. */
  readonly url: string;
}

/** One delivery about a group. */
export interface GroupReport {
  /** Which group, as the source calls it now; 16 characters. Only compared with other deliveries. */
  readonly id: string;
  readonly members: readonly MemberReport[];
  /** Every member that burns is among them. */
  readonly isWhole: boolean;
  /** How many the source left out. */
  readonly truncated: number;
}

/** What a delivery says of one member of a group. */
export interface MemberReport {
  /** Its fingerprint: the same for the same labels; at most 128 characters. */
  readonly id: string;
  readonly status: "firing" | "resolved";
  /** What tells it from the others, at most 120 characters. */
  readonly name: string;
  /** As `AlertChange.severity`. */
  readonly severity: string | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

/**
 * The incident a page was for, as far as the system gives it back: a hint, which counts when it fits a page that was sent.
 * The repository by its name or by its id; `page` as core/escalation/page-outbox.ts names it, `null`: not told.
 */
export interface OwnPage {
  readonly repository: string | number;
  readonly issue: number;
  readonly page: string | null;
}

/** What a delivery says. `ignored`: understood, and nothing we act on. `problem`: not a payload of this source. */
export type Normalised =
  | { readonly kind: "changes"; readonly changes: readonly AlertChange[] }
  | { readonly kind: "ignored" }
  | { readonly kind: "problem"; readonly message: string };

/**
 * `related`: what the source groups, and all outages of one monitor, are one alert. `each`: every single one is an
 * alert of its own.
 */
export type Grouping = "related" | "each";

export const IGNORED: Normalised = { kind: "ignored" };
