import type { Clock } from "../../src/base/clock.ts";
import type { DeliveryFacts, RequestLimit } from "../../src/systems/github/ports.ts";
import type { RateLimits } from "../../src/systems/github/rate-limits.ts";
import { Faults } from "./faults.ts";

/** What the server can do; each may be switched at any time. GitHub.com: all on. An old GHES or the emulator: off. */
export interface FakeFeatures {
  pins: boolean;
  reactions: boolean;
  graphql: boolean;
  /** `false`: the mutation `revertPullRequest` refuses apps. */
  revertMutation: boolean;
  subIssues: boolean;
  /** Fields of issues, such as *Target date*, and the permission to read them. */
  issueFields: boolean;
  /** Issue types, which only organizations have. */
  issueTypes: boolean;
  /** The list of an installation's repositories. */
  repositoryList: boolean;
  deliveries: boolean;
  /** One question for all issues of an account. */
  search: boolean;
}

export interface FakeCall {
  readonly kind: "read" | "write";
  readonly method: string;
  /** `owner/name`, or `null` for calls of the app as a whole. */
  readonly repository: string | null;
}

export interface FakeOptions {
  readonly clock: Clock;
  readonly appId?: number;
  readonly slug?: string;
  readonly installationId?: number;
  readonly features?: Partial<FakeFeatures>;
}

/** How a fake GitHub answers, and what it counts. Tests set and read it at any time. */
export class FakeSettings {
  readonly features: FakeFeatures;
  /** How many entries of a list are read, as the real client reads 5,000. */
  mostListed = 5_000;
  readonly faults = new Faults();
  appId: number;
  slug: string;
  /** The apps that have written here, by their accounts. */
  readonly apps = new Map([["github-actions[bot]", 15_368]]);
  readonly installationId: number;
  /** Every call by Sevgate so far, in order, including those that failed. */
  readonly calls: FakeCall[] = [];
  /** Called for each call before it is answered: one request each. */
  onCall: () => void = () => {};
  /** Installations whose tokens were forgotten. */
  readonly forgotten: number[] = [];
  /** What `app.deliveries` lists, newest first; tests fill it. */
  readonly deliveries: DeliveryFacts[] = [];
  /** The ids of deliveries that were requested again. */
  readonly redelivered: string[] = [];
  readonly suspended = new Set<number>();
  /** What GitHub grants each installation; `null`: no answer has said. */
  requestLimit: RequestLimit | null = null;
  /** The budget of the client, as `createGitHub` keeps it; `null`: everything is let through. */
  limits: RateLimits | null = null;
  /** The issue types of every account. */
  issueTypes: readonly string[] = ["Task", "Bug", "Feature"];
  /** By how much `updated_at` of a new comment is later than its `created_at`. */
  stampsLateByMs = 0;
  /** What GitHub makes of a text it is sent; `before`: what it replaces, `null` for a new one. */
  keeps: (text: string, before: string | null) => string = (text) => text;
  /** Whether an app may not even change its own comments on a locked issue; undocumented. */
  locksEdits = false;
  /** Whether an app may only change its own comments. */
  refusesEditsOfOthers = false;
  /** What each call by Sevgate waits for before it is answered; `null`: nothing. Whatever it finds is as of then. */
  turn: (() => Promise<void>) | null = null;
  /** Whose token it is that asks; `null`: an installation's. */
  viewer: { readonly login: string; readonly type: "User" | "Bot"; readonly isAdmin: boolean } | null = null;
  /** `false`: private repositories have no rules on this plan. */
  rulesInPlan = true;
  /** What the app asks for, as its check runs say. */
  appPermissions: Readonly<Record<string, string>> = { checks: "write", statuses: "write" };
  /** Whether a ruleset shows who may go past it. */
  showsBypass = true;
  /** The most that one search finds. */
  foundAtOnce = 1_000;

  constructor(options: FakeOptions) {
    this.appId = options.appId ?? 4242;
    this.slug = options.slug ?? "sevgate";
    this.apps.set(this.botLogin, this.appId);
    this.installationId = options.installationId ?? 777;
    this.features = {
      pins: true,
      reactions: true,
      graphql: true,
      revertMutation: true,
      subIssues: true,
      issueFields: true,
      issueTypes: true,
      repositoryList: true,
      deliveries: true,
      search: true,
      ...options.features,
    };
  }

  get botLogin(): string {
    return `${this.slug}[bot]`;
  }
}
