import type { Instant } from "../model.ts";

/** Where alerts may come from, spelt as in the URL they are sent to: `/alerts/<source>/<endpoint>`. */
export const ALERT_SOURCES = ["better-stack", "alertmanager", "grafana", "pagerduty", "pagerduty-events"] as const;
export type InboundSource = (typeof ALERT_SOURCES)[number];

/** `github-actions`: a broken build, read from GitHub. `sevgate`: the storm, which takes in the alerts past the cap. */
export type AlertSource = InboundSource | "github-actions" | "sevgate";

/** Who did something at the source. Written by others: never a mention. */
export interface AlertActor {
  /** At most 100 characters. */
  readonly name: string | null;
  /** At most 254 characters, as written at the source. */
  readonly email: string | null;
}

/** One change to one alert, in the same words for every source. All texts come from outside and are capped. */
export interface AlertChange {
  /** `changed`: something about it is different now, such as its severity, but not whether it fires. */
  readonly change: "fired" | "acknowledged" | "unacknowledged" | "resolved" | "changed";
  /** What tells this alert apart from others at its endpoint; at most 255 characters. */
  readonly key: string;
  /** Its keys in earlier versions of Sevgate, so that one that is firing during an upgrade is found. */
  readonly aliases: readonly string[];
  /** The id at the source, for writing back to it; `null`: it accepts nothing, or this is not one of its ids. */
  readonly externalId: string | null;
  /**
   * What the source's own API says of the incident with that id (core/alerts/external-id.ts). It is compared before
   * anything is written there, so that an event cannot name somebody else's incident. `null`: not known.
   */
  readonly origin: string | null;
  /** When it happened, as the source says; `null`: it does not say. */
  readonly at: Instant | null;
  /**
   * How changes are put in order. `time`: by `at`. `start`: as they arrive, because the `at` of a firing only says when
   * it began; one that began no later than the firing that has ended is old news.
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
  /** At most 20, with names of up to 64 characters and values of up to 200. */
  readonly labels: Readonly<Record<string, string>>;
  /** At most 6: runbook, dashboard and the like. */
  readonly links: readonly AlertLink[];
  /** What else the source notes about it: at most 8, of up to 1,000 characters each. */
  readonly notes: Readonly<Record<string, string>>;
  /** When the alert is a group of alerts: what was reported about each; else `null`. */
  readonly group: GroupReport | null;
  /**
   * The page Sevgate sent itself, if this is one coming back: it belongs to its incident and is not an alert. `null`: it
   * is none.
   */
  readonly page: OwnPage | null;
}

/** What most sources say nothing of. */
export const UNSAID = {
  aliases: [],
  origin: null,
  links: [],
  notes: {},
  group: null,
  page: null,
} satisfies Partial<AlertChange>;

/** A URL, and what it leads to in a word or two of our own. */
export interface AlertLink {
  readonly name: string;
  /** As `AlertChange.url`. */
  readonly url: string;
}

/** One delivery about a group. */
export interface GroupReport {
  /** Which group, as the source names it now; 16 characters. Only compared with other deliveries. */
  readonly id: string;
  readonly members: readonly MemberReport[];
  /** Every member that is firing is among them. */
  readonly isWhole: boolean;
  /** How many the source left out. */
  readonly truncated: number;
}

/** What a delivery says of one member of a group. */
export interface MemberReport {
  /** Its fingerprint: the same for the same labels; at most 128 characters. */
  readonly id: string;
  readonly status: "firing" | "resolved";
  /** What tells it apart from the others, at most 120 characters. */
  readonly name: string;
  /** As `AlertChange.severity`. */
  readonly severity: string | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

/**
 * The incident a page was for, as far as the system gives it back: a hint, which counts when it matches a page that was
 * sent. The repository is named by its name or its id; `page` is as in core/escalation/page-outbox.ts, `null` when not
 * given.
 */
export interface OwnPage {
  readonly repository: string | number;
  readonly issue: number;
  readonly page: string | null;
}

/** What a delivery says. `ignored`: understood, but nothing we act on. `problem`: not a payload of this source. */
export type Normalized =
  | { readonly kind: "changes"; readonly changes: readonly AlertChange[] }
  | { readonly kind: "ignored" }
  | { readonly kind: "problem"; readonly message: string };

/**
 * `related`: whatever the source groups, and all outages of one monitor, are one alert. `each`: every one is an alert
 * of its own.
 */
export type Grouping = "related" | "each";

export const IGNORED: Normalized = { kind: "ignored" };
