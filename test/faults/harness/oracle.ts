import { expect } from "@jest/globals";
import type { Key, Repository } from "../../../src/core/model.ts";
import { open } from "../../../src/core/record/seal.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";
import { RECORD_KEYS } from "../../support/story.ts";
import type { Call } from "./wire.ts";
import type { World } from "./world.ts";

const STATUS = "<!-- sevgate:status -->";
/** What a filled post-mortem of the scenarios says, and no template does. */
export const WHAT_HAPPENED = "The database ran out of connections.";
const DAY_MS = 86_400_000;
const MAX_REOPENINGS_A_DAY = 3;

/** Invariants about what is not built yet; whatever builds it adds its test. */
export const NOT_BUILT_YET = {
  I5: "paging: at least once, at most one duplicate for each crash",
  I6: "paging: never for a step that is acknowledged or resolved, never early",
} as const;

/**
 * What has to hold, whatever happens: the invariants of docs/reliability.md.
 *
 * I8, I9 and I11 are watched call by call (`broken`); the others are checked on GitHub at the end (`expectInvariants`).
 */
export class Oracle {
  /** Which invariants were broken on the way, in words. */
  readonly broken: string[] = [];
  readonly #world: World;
  #pass: Key | null = null;
  #asked = new Set<string>();
  readonly #obeyed = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  beginPass(key: Key): void {
    this.#pass = key;
    this.#asked = new Set();
  }

  endPass(): void {
    this.#pass = null;
  }

  hear(call: Call): void {
    if (call.kind !== "read" && call.kind !== "write") return;
    const repository = call.args[0] as Repository | undefined;
    if (typeof repository !== "object" || repository.id === 0) return;
    this.#isolation(call, repository);
    if (call.method === "permission") this.#asked.add(permission(repository, String(call.args[1])));
    if (call.method === "file" && call.args[2] !== undefined && this.#pass?.kind === "incident") {
      this.broken.push(`I9: an incident was judged by the policy at ${String(call.args[2])}`);
    }
    if (call.method === "editComment" || call.method === "createComment") {
      this.#authority(repository, String(call.args[2]));
    }
  }

  /** I11: a request goes out under the installation that its repository belongs to. */
  #isolation(call: Call, repository: Repository): void {
    const home = this.#world.github.allRepositories().find((one) => one.id === repository.id);
    if (home !== undefined && home.installationId !== repository.installationId) {
      this.broken.push(`I11: ${call.method} on ${repository.id} as installation ${repository.installationId}`);
    }
  }

  /** I8: if a command was obeyed, its author's rights were looked up in the same pass. */
  #authority(repository: Repository, body: string): void {
    if (this.#pass?.kind !== "incident" || !body.includes(STATUS)) return;
    const { number } = this.#pass;
    if (!this.#world.github.numbers(repository).includes(number)) return;
    const place = {
      appId: this.#world.github.appId,
      repositoryId: repository.id,
      issueNodeId: this.#world.github.issue(number, repository).nodeId,
    };
    const opened = open(body, place, RECORD_KEYS);
    if (opened.kind !== "valid") {
      this.broken.push(`I8: a record of #${number} was written that does not verify`);
      return;
    }
    for (const entry of opened.record.entries) {
      if (!("source" in entry) || entry.source === null || entry.kind === "refused" || entry.kind === "answered")
        continue;
      const id = `${repository.id}#${number}:${entry.source.comment}:${entry.source.line}`;
      if (this.#obeyed.has(id)) continue;
      this.#obeyed.add(id);
      if (!this.#asked.has(permission(repository, entry.by ?? ""))) {
        this.broken.push(`I8: ${entry.kind} by ${entry.by} on #${number} without asking for their rights`);
      }
    }
  }
}

function permission(repository: Repository, login: string): string {
  return `${repository.id}:${login.toLowerCase()}`;
}

/**
 * The end of every test: all invariants hold, and another look at everything changes nothing, even by a process that
 * only knows GitHub.
 */
export async function expectInvariants(
  world: World,
  options: { readonly alsoWithoutDatabase?: boolean } = {},
): Promise<void> {
  await world.settle();
  world.github.forgetCalls();
  await world.lookAtEverything();
  expect({ invariant: "I10: at rest", writes: visibleWrites(world) }).toEqual({
    invariant: "I10: at rest",
    writes: [],
  });
  expectOnGitHub(world);

  if (options.alsoWithoutDatabase === false) return;
  await world.restart("lost");
  await world.settle();
  await world.lookAtEverything();
  expect({ invariant: "I10: at rest without its database", writes: visibleWrites(world) }).toEqual({
    invariant: "I10: at rest without its database",
    writes: [],
  });
  expectOnGitHub(world);
}

/** Asking for a redelivery changes nothing that anybody sees. */
function visibleWrites(world: World): readonly string[] {
  return world.github.writes.filter((method) => method !== "redeliver");
}

/** What can be checked on GitHub. */
function expectOnGitHub(world: World): void {
  const problems = [...world.oracle.broken];
  for (const repository of world.github.allRepositories()) {
    for (const number of world.github.numbers(repository)) {
      problems.push(...problemsOf(world, repository, number).map((problem) => `#${number} ${problem}`));
    }
  }
  const texts = world.github
    .allRepositories()
    .flatMap((repository) => [
      ...world.github.numbers(repository).flatMap((number) => world.said(number, repository)),
      ...world.github.allCheckRuns(repository).map((run) => `${run.title}\n${run.summary}`),
    ]);
  for (const text of texts) for (const mention of mentionedIn(text)) problems.push(`mentions ${mention}`);
  const secret = RECORD_KEYS[0].secret;
  for (const form of ["hex", "base64", "base64url"] as const) {
    const canary = secret.toString(form);
    if (texts.some((text) => text.includes(canary))) problems.push("I14: the record key is on GitHub");
    if (world.log.some((line) => line.includes(canary))) problems.push("I14: the record key is in the log");
  }
  expect(problems).toEqual([]);
}

function problemsOf(world: World, repository: Repository, number: number): readonly string[] {
  const said = world.said(number, repository);
  const statuses = said.filter((body) => body.includes(STATUS)).length;
  if (statuses === 0 && said.length === 0) return [];
  const problems: string[] = [];
  if (statuses !== 1) problems.push(`I4: ${statuses} status comments`);

  const markers = said.flatMap((body) => /\n<!-- sevgate:([\w-]+) -->$/.exec(body)?.[1] ?? []);
  const twice = markers.filter((marker, at) => markers.indexOf(marker) !== at);
  if (twice.length > 0) problems.push(`I3: said twice: ${twice.join(", ")}`);

  const history = world.history(number, repository);
  if (history === null) return [...problems, "its record does not verify"];
  const issue = world.github.issue(number, repository);
  const excused = history.phase === "closed-ungated" || history.cancelled !== null || history.waived !== null;
  if (
    issue.state === "closed" &&
    issue.closeReason === "completed" &&
    !excused &&
    !hasEvidence(world, repository, number)
  ) {
    problems.push("I7: closed without evidence");
  }
  for (const { at } of history.reopenings) {
    const sameDay = history.reopenings.filter((other) => other.at >= at && other.at - at < DAY_MS).length;
    if (sameDay > MAX_REOPENINGS_A_DAY) problems.push(`I7: reopened ${sameDay} times in a day`);
  }
  const explained = markers.filter((marker) => marker.startsWith("reopened-")).length;
  if (explained > history.reopenings.length) problems.push(`I7: ${explained} reopenings explained, too many`);
  return problems;
}

/** By the tests' own judgement, not Sevgate's: a filled post-mortem that names it, or a merged runbook that does. */
function hasEvidence(world: World, repository: Repository, number: number): boolean {
  const issues = world.github.save().repositories.get(repository.id)?.issues.values() ?? [];
  return [...issues].some((other) => {
    if (!new RegExp(`#${number}\\b`).test(`${other.title}\n${other.body}`)) return false;
    if (other.labels.includes("post-mortem")) return other.body.includes(WHAT_HAPPENED);
    return (
      other.pullRequest?.merged === true && other.pullRequest.files.some(({ path }) => path.startsWith("runbooks/"))
    );
  });
}
