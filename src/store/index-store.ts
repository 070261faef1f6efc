import type { Instant, Reference, Repository, Standing } from "../core/model.ts";

/** How many onboarding pull requests an account gets within any hour. */
export const ONBOARDING_TURNS = 5;

/** What is known of a repository between passes. All of it can be read again from GitHub. */
export interface KnownRepository {
  readonly repository: Repository;
  /** Labels that make an issue an incident, according to the policy in force; `null`: no policy has been read yet. */
  readonly severityLabels: readonly string[] | null;
  readonly postMortemLabel: string | null;
  /** The last valid policy. `null`: none yet, or the built-in default is in force. */
  readonly lastGoodPolicy: { readonly text: string; readonly sha: string; readonly source: string } | null;
  /** What came of the last look at the policy, as JSON written by observe/. */
  readonly policyState: string | null;
  /** `null`: the policy has to be read again before it is used. */
  readonly policyReadAt: Instant | null;
  /**
   * A number that is drawn anew for each change of the policy we hear of, from 1 to 2^47; `null`: none since it was read. Saving
   * one makes `policyReadAt` `null`, and saving `policyReadAt` makes this `null`.
   */
  readonly policyHint: number | null;
  /** When the sweep last looked through the repository. */
  readonly sweptAt: Instant | null;
  /** Names of labels that are known to exist, so that none is created twice; `null`: nobody has looked yet. */
  readonly labelsThere: readonly string[] | null;
  /** What GitHub last said; `null`: nothing yet, or it has changed since. With `null` or `true`, nothing is shown elsewhere. */
  readonly isPrivate: boolean | null;
  /** The channel its policy names, as `channelName` spells it (core/chat/); `null`: no policy has been read since this is kept. */
  readonly slackChannel: string | null;
}

/** A repository of which nothing is known except that it exists. */
export const UNKNOWN_REPOSITORY: Omit<KnownRepository, "repository"> = {
  severityLabels: null,
  postMortemLabel: null,
  lastGoodPolicy: null,
  policyState: null,
  policyReadAt: null,
  policyHint: null,
  sweptAt: null,
  labelsThere: null,
  isPrivate: null,
  slackChannel: null,
};

/** What a sweep needs to know of a repository. */
export interface SweepState {
  readonly repository: Repository;
  readonly sweptAt: Instant | null;
  readonly openIncidents: number;
}

/** What is known of an incident between passes. All but `recordFloor` can be read again from GitHub. */
export interface KnownIncident {
  readonly repositoryId: number;
  readonly number: number;
  /** The highest revision of the record ever written: an older one in the comment has been put back. */
  readonly recordRevision: number;
  /** A copy of the last record, so that a deleted comment loses nothing. */
  readonly record: string | null;
  readonly statusCommentId: number | null;
  readonly open: boolean;
  /** A digest of the last verdict shown: pull requests are looked at again when it changes. */
  readonly verdict: string | null;
}

/** What a link says: issue or pull request `target` may matter to the incident. A hint, verified by reading it. */
export type LinkKind = "post-mortem" | "pull-request" | "runbook-pr" | "revert";

/**
 * The index, which can be rebuilt: it says where to look, never what is true. Deleting it costs speed and nothing else
 * (docs/decisions/0001-github-is-the-record.md).
 */
export interface IndexStore {
  repository(id: number): Promise<KnownRepository | null>;
  repositoryByName(fullName: string): Promise<KnownRepository | null>;
  /**
   * The id of the repository that was first seen under this name; `null`: none was. That stays the same when the repository
   * is renamed or forgotten, and when another one takes the name.
   */
  firstNamed(fullName: string): Promise<number | null>;
  repositories(installationId?: number): Promise<readonly KnownRepository[]>;
  /** At most `most` repositories whose policy names one of the channels, by id; of each, only what is needed to choose. */
  repositoriesOfChannel(
    channels: readonly string[],
    most: number,
  ): Promise<readonly Pick<KnownRepository, "repository" | "isPrivate">[]>;
  /** Of all repositories of an installation, by id. */
  sweepStates(installationId: number): Promise<readonly SweepState[]>;
  /** Inserts, or changes only the given fields. */
  saveRepository(repository: Repository, fields: Partial<Omit<KnownRepository, "repository">>): Promise<void>;
  /**
   * Notes when a known repository's policy was read, unless another change of it has been heard of than `hint`, the last one before
   * it was read.
   */
  savePolicyRead(repositoryId: number, at: Instant, hint: number | null): Promise<void>;
  forgetRepository(id: number): Promise<void>;

  incident(repositoryId: number, number: number): Promise<KnownIncident | null>;
  openIncidents(repositoryId: number): Promise<readonly KnownIncident[]>;
  /** Inserts, or changes only the given fields. */
  saveIncident(
    repositoryId: number,
    number: number,
    fields: Partial<Omit<KnownIncident, "repositoryId" | "number">>,
  ): Promise<void>;
  /**
   * `saveIncident` for a record: only over the revision `over` (0: no record yet), or if nothing is known of the incident.
   * `false`: there is another revision, and nothing was saved.
   */
  saveRecord(
    repositoryId: number,
    number: number,
    over: number,
    fields: Partial<Omit<KnownIncident, "repositoryId" | "number">> & Pick<KnownIncident, "recordRevision">,
  ): Promise<boolean>;
  /** Everything but its thread in a chat, which still has to say that the issue is gone (thread-store.ts). */
  forgetIncident(repositoryId: number, number: number): Promise<void>;

  /** What may matter to the incident, oldest first. */
  linksFrom(
    repositoryId: number,
    incident: number,
    kind?: LinkKind,
  ): Promise<readonly (Reference & { readonly kind: LinkKind; readonly standing: Standing })[]>;
  /** The incidents to which `target` may matter. `targetRepository` is `owner/name`. */
  linksTo(
    targetRepository: string,
    target: number,
    kind?: LinkKind,
  ): Promise<
    readonly {
      readonly repositoryId: number;
      readonly incident: number;
      readonly kind: LinkKind;
      readonly standing: Standing;
    }[]
  >;
  /** Issues and pull requests elsewhere that may matter to incidents of this repository, the newest 500. */
  linksOutOf(target: Pick<Repository, "id" | "owner" | "name">, kind: LinkKind): Promise<readonly Reference[]>;
  /** The incidents elsewhere to which an issue or pull request of this repository may matter, the newest 500. */
  linksInto(
    target: Pick<Repository, "id" | "owner" | "name">,
    kind: LinkKind,
  ): Promise<readonly { readonly repositoryId: number; readonly incident: number }[]>;
  /** @param standing what a look at the target has shown; left out: it stays as it was, at first `untold` */
  addLink(
    repositoryId: number,
    incident: number,
    kind: LinkKind,
    targetRepository: string,
    target: number,
    standing?: Standing,
  ): Promise<void>;
  removeLink(
    repositoryId: number,
    incident: number,
    kind: LinkKind,
    targetRepository: string,
    target: number,
  ): Promise<void>;

  /** The time up to which one question for a whole installation has found its changes; `null`: it was never asked. */
  changesReadUntil(installationId: number): Promise<Instant | null>;
  saveChangesReadUntil(installationId: number, until: Instant): Promise<void>;
  /**
   * Takes one of an account's turns for onboarding: `ONBOARDING_TURNS` within each hour, whichever process takes them.
   * `false`: none is left now.
   */
  takeOnboardingTurn(installationId: number, now: Instant): Promise<boolean>;
  /** When the failed deliveries were last looked through; `null`: never. */
  deliveriesSweptAt(): Promise<Instant | null>;
  saveDeliveriesSweptAt(at: Instant): Promise<void>;
}

/** The half of the index that changes nothing. */
export type IndexReader = Pick<
  IndexStore,
  | "repository"
  | "repositoryByName"
  | "incident"
  | "openIncidents"
  | "linksFrom"
  | "linksTo"
  | "linksOutOf"
  | "linksInto"
>;
