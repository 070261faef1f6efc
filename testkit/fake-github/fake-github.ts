import type {
  CheckRunContent,
  CheckRunFacts,
  CommentFacts,
  IssueFacts,
  Permission,
  PullRequestFacts,
  Repository,
  TimelineFacts,
  WorkflowRunFacts,
} from "../../src/core/model.ts";
import { sameName } from "../../src/core/names.ts";
import type { GitHub, GitHubApp, GitHubReader, GitHubWriter, Missing } from "../../src/systems/github/ports.ts";
import { type NewWorkflowRun, runWorkflow, updateCheckRun } from "./act-on-checks.ts";
import { enqueuePullRequest } from "./act-on-pull-requests.ts";
import { createActs, type FakeActs } from "./acts.ts";
import { createApp } from "./app.ts";
import { type FakeEvent, labelPayload } from "./events.ts";
import { commentFacts, issueFacts, pullRequestFacts, timelineFacts } from "./facts.ts";
import { applyFiles, filesOf, tip } from "./git.ts";
import { FakePerson } from "./person.ts";
import { createReader } from "./reader.ts";
import { putRuleset, rulesetsOn } from "./rulesets.ts";
import { type FakeOptions, FakeSettings } from "./settings.ts";
import { commentsOf, issueOf, pullOf, type RepositoryState, type RulesetState, suiteOf } from "./state.ts";
import { type FakeMemory, FakeWorld, type NewRepository } from "./world.ts";
import { createWriter } from "./writer.ts";

/**
 * A GitHub that lives in memory: it has state, answers and counts, and decides nothing.
 *
 * People act through `as(login)`, Sevgate through `read`, `write` and `app`; both change the same state, and both cause
 * webhooks (`onEvent`). test/contract/ keeps it honest by holding it and the real client to the same promises.
 */
export class FakeGitHub extends FakeSettings implements GitHub {
  readonly app: GitHubApp;
  readonly read: GitHubReader;
  write: GitHubWriter;
  /** Acts by login. Tests write `as(login)`, which reads better. */
  readonly act: FakeActs;

  readonly #world: FakeWorld;

  constructor(options: FakeOptions) {
    super(options);
    this.#world = new FakeWorld(options.clock, this);
    this.act = createActs(this.#world);
    this.app = createApp(this.#world);
    this.read = createReader(this.#world);
    this.write = createWriter(this.#world, this.act);
  }

  /** Sevgate is another app from now on. What it wrote before stays the other one's. */
  becomeApp({ appId, slug }: { readonly appId: number; readonly slug: string }): void {
    this.appId = appId;
    this.slug = slug;
    this.apps.set(this.botLogin, appId);
    this.write = createWriter(this.#world, this.act);
  }

  /** The app gets a new name, which also shows on what it wrote before. */
  renameApp(slug: string): void {
    const before = this.botLogin;
    this.slug = slug;
    this.apps.delete(before);
    this.apps.set(this.botLogin, this.appId);
    for (const state of this.#world.repositories.values()) {
      for (const comment of state.comments.values()) if (comment.author === before) comment.author = this.botLogin;
    }
    this.write = createWriter(this.#world, this.act);
  }

  get reads(): readonly string[] {
    return this.calls.filter((call) => call.kind === "read").map((call) => call.method);
  }

  get writes(): readonly string[] {
    return this.calls.filter((call) => call.kind === "write").map((call) => call.method);
  }

  forgetCalls(): void {
    this.calls.length = 0;
  }

  forget(installationId: number): void {
    this.forgotten.push(installationId);
  }

  /**
   * Calls `listener` with every webhook GitHub would send from now on, at once and in order. Returns a function that
   * stops this.
   */
  onEvent(listener: (event: FakeEvent) => void): () => void {
    this.#world.listeners.push(listener);
    return () => {
      this.#world.listeners.splice(this.#world.listeners.indexOf(listener), 1);
    };
  }

  // The surrounding world, set up without webhooks.

  addRepository(options: NewRepository = {}): Repository {
    return this.#world.addRepository(options);
  }

  setRole(login: string, role: Permission, repository: Repository = this.#world.first()): void {
    this.#world.person(login);
    this.#world.state(repository).roles.set(login.toLowerCase(), role);
  }

  /** The day the milestone of an issue is due, and its field *Target date*; `null`: none. */
  setDue(
    number: number,
    { milestone, field }: { readonly milestone: string | null; readonly field: string | null },
    repository: Repository = this.#world.first(),
  ): void {
    const issue = issueOf(this.#world.state(repository), number);
    issue.milestoneDue = milestone;
    issue.targetDate = field;
  }

  /** Deletes the account: GitHub shows nobody in its place. */
  deleteAccount(login: string): void {
    this.#world.people.set(login.toLowerCase(), { ...this.#world.person(login), gone: true });
  }

  /** Writes a file on the default branch, or removes it (`null`). */
  setFile(path: string, text: string | null, repository: Repository = this.#world.first()): void {
    const state = this.#world.state(repository);
    state.headSha = this.#world.addCommit(state, `Write ${path}`, state.headSha, null, { [path]: text });
    applyFiles(state, { [path]: text });
  }

  /** The tips of the branches that were created, by name. */
  branches(repository: Repository = this.#world.first()): ReadonlyMap<string, string> {
    return this.#world.state(repository).branches;
  }

  /** The text of a file on the default branch; `null`: there is none. */
  textOf(path: string, repository: Repository = this.#world.first()): string | null {
    return this.#world.state(repository).files.get(path) ?? null;
  }

  /** The head of the default branch. */
  head(repository: Repository = this.#world.first()): string {
    return this.#world.state(repository).headSha;
  }

  /** Marks a commit (by default the head) as deployed, released under a tag, or having passed its checks. */
  mark(
    as: { readonly deployed?: string; readonly released?: string; readonly green?: boolean },
    sha: string | null = null,
    repository: Repository = this.#world.first(),
  ): void {
    const state = this.#world.state(repository);
    const commit = sha ?? state.headSha;
    if (as.deployed !== undefined) state.deployments.unshift({ sha: commit, environment: as.deployed });
    if (as.released !== undefined) {
      state.tags.set(as.released, commit);
      state.releases.push(as.released);
    }
    if (as.green === true) state.green.add(commit);
  }

  /**
   * A workflow runs, or (`number`) one of its runs is re-run, and ends; `conclusion: null`: it is still running. Its
   * end causes a webhook.
   */
  runWorkflow(
    workflow: NewWorkflowRun,
    conclusion: string | null,
    repository: Repository = this.#world.first(),
  ): WorkflowRunFacts {
    return runWorkflow(this.#world, this.#world.state(repository), workflow, conclusion);
  }

  /** Every file of a commit, by path, with its SHA. */
  filesAt(sha: string, repository: Repository = this.#world.first()): ReadonlyMap<string, string> {
    return new Map([...filesOf(this.#world.state(repository), sha)].map(([path, file]) => [path, file.sha]));
  }

  reviewersOf(number: number, repository: Repository = this.#world.first()): readonly string[] {
    return pullOf(issueOf(this.#world.state(repository), number)).reviewers;
  }

  setRepository(
    change: Partial<
      Pick<RepositoryState, "archived" | "isDisabled" | "isFork" | "isPrivate" | "hasIssues" | "defaultBranch">
    >,
    repository: Repository = this.#world.first(),
  ): void {
    Object.assign(this.#world.state(repository), change);
  }

  /** The owner installs the app on these repositories, or adds them to what it is installed on; GitHub reports it. */
  install(how: "created" | "added", repositories: readonly Repository[] = this.allRepositories()): void {
    const listed = repositories.map(({ id, owner, name }) => ({ id, name, full_name: `${owner}/${name}` }));
    const [event, list] =
      how === "created" ? ["installation", "repositories"] : ["installation_repositories", "repositories_added"];
    const { owner } = repositories[0] ?? this.#world.first();
    this.#world.emit(this.#world.state(this.#world.first()), owner, event!, { action: how, [list!]: listed });
  }

  /** Somebody makes the repository private, or public again; GitHub reports it. */
  changeVisibility(to: "private" | "public", repository: Repository = this.#world.first()): void {
    const state = this.#world.state(repository);
    state.isPrivate = to === "private";
    this.#world.emit(state, repository.owner, "repository", { action: to === "private" ? "privatized" : "publicized" });
  }

  /**
   * Renames a repository. Requests under the old name are led to the new one, as by GitHub's redirect. Returns the
   * repository under its new name.
   */
  rename(name: string, repository: Repository = this.#world.first()): Repository {
    return this.#world.rename(this.#world.state(repository), name);
  }

  /** Renames a label, on every issue that has it. GitHub only reports the label itself (GitHub docs, "label"). */
  renameLabel(login: string, from: string, to: string, repository: Repository = this.#world.first()): void {
    const state = this.#world.state(repository);
    const renamed = (name: string) => (sameName(name, from) ? to : name);
    state.labels.splice(0, state.labels.length, ...state.labels.map((one) => ({ ...one, name: renamed(one.name) })));
    for (const issue of state.issues.values()) issue.labels = issue.labels.map(renamed);
    this.#world.emit(state, login, "label", {
      action: "edited",
      label: labelPayload(state, to),
      changes: { name: { from } },
    });
  }

  /** Everything GitHub knows at this moment. Nothing that happens later changes it. */
  save(): FakeMemory {
    return this.#world.save();
  }

  /** Becomes what `save` returned, for instance to answer as a lagging replica. */
  load(memory: FakeMemory): void {
    this.#world.load(memory);
  }

  /** Acts as a person (or another bot, with a login ending in `[bot]`). */
  as(login: string, repository: Repository = this.#world.first()): FakePerson {
    this.#world.person(login);
    return new FakePerson(login, repository, this.act);
  }

  // For tests to look at, without being counted.

  issue(number: number, repository: Repository = this.#world.first()): IssueFacts {
    return issueFacts(this.#world, this.#world.state(repository), issueOf(this.#world.state(repository), number));
  }

  comments(number: number, repository: Repository = this.#world.first()): readonly CommentFacts[] {
    const state = this.#world.state(repository);
    return commentsOf(state, number).map((comment) => commentFacts(this.#world, state, comment));
  }

  timeline(number: number, repository: Repository = this.#world.first()): readonly TimelineFacts[] {
    return issueOf(this.#world.state(repository), number).timeline.map((entry) => timelineFacts(this.#world, entry));
  }

  pullRequest(number: number, repository: Repository = this.#world.first()): PullRequestFacts {
    const state = this.#world.state(repository);
    return pullRequestFacts(this.#world, state, issueOf(state, number));
  }

  /** Check runs on the commit, oldest first, with everything they were told to say. */
  checkRuns(
    headSha: string,
    repository: Repository = this.#world.first(),
  ): readonly (CheckRunFacts & { readonly content: CheckRunContent })[] {
    return [...this.#world.state(repository).checkRuns.values()].filter((run) => run.headSha === headSha);
  }

  allCheckRuns(
    repository: Repository = this.#world.first(),
  ): readonly (CheckRunFacts & { readonly content: CheckRunContent })[] {
    return [...this.#world.state(repository).checkRuns.values()];
  }

  allRepositories(): readonly Repository[] {
    return [...this.#world.repositories.values()].map(({ repository }) => repository);
  }

  /** The repository called `owner/name`. */
  repositoryNamed(fullName: string): Repository {
    const state = [...this.#world.repositories.values()].find(({ repository }) =>
      sameName(`${repository.owner}/${repository.name}`, fullName),
    );
    if (state === undefined) throw new Error(`no repository ${fullName}`);
    return state.repository;
  }

  labels(
    repository: Repository = this.#world.first(),
  ): readonly { name: string; color: string; description: string }[] {
    return this.#world.state(repository).labels.map(({ name, color, description }) => ({ name, color, description }));
  }

  pinnedComments(number: number, repository: Repository = this.#world.first()): readonly number[] {
    return commentsOf(this.#world.state(repository), number)
      .filter((comment) => comment.pinned)
      .map((comment) => comment.id);
  }

  reactions(
    commentId: number,
    repository: Repository = this.#world.first(),
  ): readonly { readonly login: string; readonly reaction: string }[] {
    return this.#world.state(repository).comments.get(commentId)?.reactions ?? [];
  }

  /** How many issues and pull requests there are. */
  numbers(repository: Repository = this.#world.first()): readonly number[] {
    return [...this.#world.state(repository).issues.keys()];
  }

  /**
   * Puts pull requests into the merge queue of their target branch. As on GitHub, each entry is built on the one before
   * it, and its checks are requested by an event of its own.
   */
  enqueue(
    pullRequests: readonly number[],
    method: "squash" | "rebase" = "squash",
    repository: Repository = this.#world.first(),
  ): readonly { readonly headSha: string; readonly baseSha: string }[] {
    const state = this.#world.state(repository);
    return pullRequests.map((number) => enqueuePullRequest(this.#world, state, number, method));
  }

  /** The queue forgets its entries: it is rebuilt, or its answer is stale. */
  forgetQueue(branch: string, repository: Repository = this.#world.first()): void {
    this.#world.state(repository).mergeQueues.delete(branch);
  }

  /** The id of the app's check suite on a commit. */
  suiteOf(headSha: string, repository: Repository = this.#world.first()): number {
    return suiteOf(this.#world.state(repository), headSha).id;
  }

  /** Rulesets of the default branch require these checks from anybody. */
  requireChecks(names: readonly string[], repository: Repository = this.#world.first()): void {
    this.#world.state(repository).requiredChecks = names.map((name) => ({ name, appId: null }));
  }

  /** A ruleset of the repository; `null`: it is taken away. Returns its id. */
  putRuleset(
    ruleset: Partial<RulesetState> & Pick<RulesetState, "name">,
    repository: Repository = this.#world.first(),
  ): number {
    return putRuleset(this.#world.state(repository), ruleset).id;
  }

  /** "Get rules for a branch": those of the organization and those of the repository. */
  rulesOn(branch: string, repository: Repository = this.#world.first()): readonly object[] {
    const state = this.#world.state(repository);
    const inherited = branch === state.defaultBranch ? state.requiredChecks : [];
    const contexts = inherited.map(({ name, appId }) => ({
      context: name,
      ...(appId === null ? {} : { integration_id: appId }),
    }));
    const { owner, name } = repository;
    return [
      {
        type: "required_status_checks",
        parameters: { required_status_checks: contexts, strict_required_status_checks_policy: false },
        ruleset_id: 1,
        ruleset_source_type: "Organization",
        ruleset_source: owner,
      },
      ...rulesetsOn(state, branch).flatMap(({ id, rules }) =>
        rules.map((rule) => ({
          ...rule,
          ruleset_id: id,
          ruleset_source_type: "Repository",
          ruleset_source: `${owner}/${name}`,
        })),
      ),
    ];
  }

  rulesets(repository: Repository = this.#world.first()): readonly RulesetState[] {
    return this.#world.state(repository).rulesets;
  }

  /** Classic protection of the default branch requires these checks; `null`: there is none. */
  setClassicChecks(checks: RepositoryState["classicChecks"], repository: Repository = this.#world.first()): void {
    this.#world.state(repository).classicChecks = checks;
  }

  classicChecks(repository: Repository = this.#world.first()): RepositoryState["classicChecks"] {
    return this.#world.state(repository).classicChecks;
  }

  /**
   * "Update a check run": the status of a completed run does not go back, nor does its conclusion change. GitHub still
   * answers 200.
   */
  updateCheckRun(repository: Repository, checkRunId: number, content: CheckRunContent): CheckRunFacts | Missing {
    return updateCheckRun(this.#world, repository, checkRunId, content);
  }

  /** Another branch becomes the default one. */
  moveDefaultBranch(to: string, repository: Repository = this.#world.first()): void {
    const state = this.#world.state(repository);
    const from = state.defaultBranch;
    state.branches.set(from, state.headSha);
    state.headSha = tip(state, to);
    state.defaultBranch = to;
    this.#world.emit(state, "maria", "repository", { action: "edited", changes: { default_branch: { from } } });
  }
}
