import type { Clock } from "../../src/base/clock.ts";
import { TerminalError } from "../../src/base/errors.ts";
import type { Person, Repository } from "../../src/core/model.ts";
import { sameName } from "../../src/core/names.ts";
import { type FakeEvent, repositoryPayload, userPayload } from "./events.ts";
import { applyFiles, gitSha } from "./git.ts";
import type { FakeSettings } from "./settings.ts";
import type {
  CommitState,
  IssueState,
  PersonState,
  PullRequestState,
  RepositoryState,
  TimelineState,
} from "./state.ts";

/** The whole state of a fake. */
export interface FakeMemory {
  readonly repositories: ReadonlyMap<number, RepositoryState>;
  readonly people: ReadonlyMap<string, PersonState>;
  readonly nextId: number;
}

export interface NewRepository {
  readonly owner?: string;
  readonly name?: string;
  readonly defaultBranch?: string;
  readonly isPrivate?: boolean;
  readonly archived?: boolean;
  readonly isDisabled?: boolean;
  readonly isFork?: boolean;
  readonly hasIssues?: boolean;
  readonly installationId?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly labels?: readonly string[];
}

const MENTION = /#(\d+)\b/g;
/** The repository before a mention. Looked for there alone: at every place of a text it takes long. */
const PLACE = /[\w.-]{1,39}\/[\w.-]{1,100}$/;
const MAX_PLACE_CHARACTERS = 140;

/** What is true on a fake GitHub, and who is notified of changes. Every other part of it reads and changes this. */
export class FakeWorld {
  readonly clock: Clock;
  readonly settings: FakeSettings;
  readonly repositories = new Map<number, RepositoryState>();
  readonly people = new Map<string, PersonState>();
  readonly listeners: ((event: FakeEvent) => void)[] = [];
  /** The pull request that brought a rebased commit. */
  readonly rebased = new Map<string, object>();
  #nextId = 1_000;

  constructor(clock: Clock, settings: FakeSettings) {
    this.clock = clock;
    this.settings = settings;
  }

  id(): number {
    return this.#nextId++;
  }

  addRepository(options: NewRepository = {}): Repository {
    const repository: Repository = {
      installationId: options.installationId ?? this.settings.installationId,
      id: this.id(),
      owner: options.owner ?? "acme",
      name: options.name ?? "ops",
    };
    const state: RepositoryState = {
      repository,
      defaultBranch: options.defaultBranch ?? "main",
      headSha: gitSha(`root of ${repository.id}`),
      isPrivate: options.isPrivate ?? false,
      archived: options.archived ?? false,
      isDisabled: options.isDisabled ?? false,
      isFork: options.isFork ?? false,
      hasIssues: options.hasIssues ?? true,
      nextNumber: 1,
      roles: new Map(),
      labels: [],
      issues: new Map(),
      moved: new Map(),
      comments: new Map(),
      checkRuns: new Map(),
      checkSuites: new Map(),
      branches: new Map(),
      mergeQueues: new Map(),
      requiredChecks: [],
      rulesets: [],
      classicChecks: null,
      files: new Map(),
      blobs: new Map(),
      tags: new Map(),
      deployments: [],
      releases: [],
      green: new Set(),
      workflowRuns: new Map(),
      commits: new Map(),
      trees: new Map(),
    };
    const changes = options.files ?? {};
    const start = { sha: state.headSha, message: "Start", parent: null, at: this.clock.now(), author: null, changes };
    state.commits.set(state.headSha, start);
    applyFiles(state, options.files ?? {});
    for (const label of options.labels ?? []) this.ensureLabel(state, label);
    this.repositories.set(repository.id, state);
    return repository;
  }

  /** The repository to use if none is named; created if there is none. */
  first(): Repository {
    const first = this.repositories.values().next().value;
    return first === undefined ? this.addRepository() : first.repository;
  }

  /** Throws `TerminalError` (404) if there is none. */
  state(repository: Repository): RepositoryState {
    // GitHub goes by the name; the id finds a repository that was renamed.
    const state = this.repositories.get(repository.id) ?? this.withName(`${repository.owner}/${repository.name}`);
    if (state === undefined) {
      throw new TerminalError(`There is no repository ${repository.owner}/${repository.name} (404).`, { status: 404 });
    }
    return state;
  }

  /** As `state`; an archived repository accepts no changes (403). */
  writable(repository: Repository): RepositoryState {
    const state = this.state(repository);
    if (state.archived) throw new TerminalError("The repository is archived (403).", { status: 403 });
    return state;
  }

  /** Whoever has this login. Somebody unknown so far is known from now on. */
  person(login: string): PersonState {
    const known = this.people.get(login.toLowerCase());
    if (known !== undefined) return known;
    const person: PersonState = { id: this.id(), login, isBot: login.endsWith("[bot]"), gone: false };
    this.people.set(login.toLowerCase(), person);
    return person;
  }

  /** As GitHub shows them: `null` for a deleted account. */
  shown(login: string): PersonState | null {
    const person = this.person(login);
    return person.gone ? null : person;
  }

  personFacts(login: string): Person | null {
    const person = this.shown(login);
    return person === null ? null : { id: person.id, login: person.login, isBot: person.isBot };
  }

  newIssue(
    state: RepositoryState,
    login: string,
    title: string,
    body: string,
    pullRequest: PullRequestState | null,
  ): IssueState {
    const id = this.id();
    const issue: IssueState = {
      id,
      nodeId: `${pullRequest === null ? "I" : "PR"}_${id}`,
      number: state.nextNumber++,
      createdAt: this.clock.now(),
      author: login,
      title,
      body,
      state: "open",
      closeReason: null,
      closedAt: null,
      closedBy: null,
      locked: false,
      labels: [],
      assignees: [],
      bodyEdits: [],
      updatedAt: this.clock.now(),
      subIssues: [],
      milestoneDue: null,
      targetDate: null,
      type: null,
      timeline: [],
      pullRequest,
    };
    state.issues.set(issue.number, issue);
    return issue;
  }

  /** Returns how the label is spelt. */
  ensureLabel(state: RepositoryState, name: string): string {
    const known = state.labels.find((label) => sameName(label.name, name));
    if (known !== undefined) return known.name;
    state.labels.push({ id: this.id(), name, color: "ededed", description: "" });
    return name;
  }

  /** Returns the SHA of the new commit. */
  addCommit(
    state: RepositoryState,
    message: string,
    parent: string,
    author: string | null,
    changes: CommitState["changes"],
    more: Partial<Pick<CommitState, "authoredAt" | "second" | "tree">> = {},
  ): string {
    const sha = gitSha(`${parent}\n${message}\n${this.id()}`);
    state.commits.set(sha, { sha, message, parent, at: this.clock.now(), author, changes: { ...changes }, ...more });
    return sha;
  }

  touch(issue: IssueState): void {
    issue.updatedAt = this.clock.now();
  }

  /** Adds to the timeline. */
  note(
    issue: IssueState,
    entry: Pick<TimelineState, "kind" | "actor"> & Partial<Pick<TimelineState, "label" | "source">>,
  ): void {
    issue.timeline.push({ at: this.clock.now(), label: null, source: null, ...entry });
    this.touch(issue);
  }

  /** Notes on every issue that `text` mentions outside code that `from` mentions it, once. */
  mention(state: RepositoryState, login: string, from: IssueState, text: string): void {
    if (!text.includes("#")) return;
    const outsideCode = text.replace(/(`+)[^`].*?\1/gs, "");
    for (const { index, 1: number } of outsideCode.matchAll(MENTION)) {
      const place = PLACE.exec(outsideCode.slice(Math.max(0, index - MAX_PLACE_CHARACTERS), index))?.[0] ?? null;
      const target = this.named(place, state)?.issues.get(Number(number));
      if (target === undefined || target === from) continue;
      const sameRepository = place === null;
      const source = {
        repository: sameRepository ? null : `${state.repository.owner}/${state.repository.name}`,
        number: from.number,
        isPullRequest: from.pullRequest !== null,
      };
      const known = target.timeline.some(
        (entry) => entry.source?.number === source.number && entry.source.repository === source.repository,
      );
      if (!known)
        target.timeline.push({ kind: "cross-referenced", at: this.clock.now(), actor: login, label: null, source });
    }
  }

  named(fullName: string | null, state: RepositoryState): RepositoryState | undefined {
    return fullName === null ? state : this.withName(fullName);
  }

  withName(fullName: string): RepositoryState | undefined {
    return [...this.repositories.values()].find(({ repository }) =>
      sameName(`${repository.owner}/${repository.name}`, fullName),
    );
  }

  /** A call by Sevgate: counted, and failed if a fault says so. */
  async call<T>(
    kind: "read" | "write",
    method: string,
    repository: Repository | null,
    answer: () => T,
  ): Promise<Awaited<T>> {
    this.settings.calls.push({
      kind,
      method,
      repository: repository === null ? null : `${repository.owner}/${repository.name}`,
    });
    this.settings.onCall();
    await this.settings.turn?.();
    const fault = this.settings.faults.next(kind, method);
    if (fault?.when === "before") throw fault.error;
    if (repository !== null && this.settings.suspended.has(repository.installationId)) {
      throw new TerminalError("This installation has been suspended (403).", { status: 403 });
    }
    const result = await answer();
    if (fault?.when === "after") throw fault.error;
    return result;
  }

  /** Sends a webhook to everybody who listens. */
  emit(state: RepositoryState, sender: string, name: string, payload: Record<string, unknown>): void {
    const event: FakeEvent = {
      name,
      payload: structuredClone({
        ...payload,
        repository: repositoryPayload(state),
        organization: { id: 1, login: state.repository.owner },
        installation: { id: state.repository.installationId },
        sender: userPayload(this.shown(sender)),
      }),
    };
    for (const listener of [...this.listeners]) listener(event);
  }

  rename(state: RepositoryState, name: string): Repository {
    const from = state.repository.name;
    const renamed = { ...state.repository, name };
    this.repositories.set(renamed.id, { ...state, repository: renamed });
    this.emit(this.state(renamed), renamed.owner, "repository", {
      action: "renamed",
      changes: { repository: { name: { from } } },
    });
    return renamed;
  }

  save(): FakeMemory {
    return structuredClone({ repositories: this.repositories, people: this.people, nextId: this.#nextId });
  }

  load(memory: FakeMemory): void {
    const { repositories, people, nextId } = structuredClone(memory);
    this.repositories.clear();
    for (const [id, state] of repositories) this.repositories.set(id, state);
    this.people.clear();
    for (const [login, person] of people) this.people.set(login, person);
    this.#nextId = nextId;
  }
}
