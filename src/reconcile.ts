import type { Logger } from "pino";
import { answerRequests } from "./apply/answer-requests.ts";
import { type ApplyParts, applyAction } from "./apply/apply-action.ts";
import { applyRepository } from "./apply/apply-repository.ts";
import { bringThread } from "./apply/bring-thread.ts";
import { fenceWriter, fencing } from "./apply/fence-writer.ts";
import { orUnanswered } from "./apply/or-unanswered.ts";
import type { Clock } from "./base/clock.ts";
import { derive } from "./core/derive.ts";
import { assertNever, type Key } from "./core/model.ts";
import type { IncidentObservation, TemplateSources } from "./core/observation.ts";
import { after } from "./core/plan/after.ts";
import { plan } from "./core/plan/plan.ts";
import type { RecordKeys } from "./core/record/seal.ts";
import { lookAtIncident } from "./observe/look-at-incident.ts";
import { observeRepository } from "./observe/observe-repository.ts";
import { observeThread } from "./observe/observe-thread.ts";
import { StatusLook } from "./observe/status-look.ts";
import { reconcileAlert, reconcileAlertSource, reconcileWorkflow } from "./passes/alert-pass.ts";
import { createLook } from "./passes/create-look.ts";
import { currentRepository } from "./passes/current-repository.ts";
import { reconcileDeclaration } from "./passes/declaration-pass.ts";
import { followUps } from "./passes/follow-ups.ts";
import { reconcileMerge, reconcileRecheck } from "./passes/merge-pass.ts";
import { openRevert } from "./passes/open-revert.ts";
import { type PagingParts, sendPages } from "./passes/page-pass.ts";
import { RevertMemory } from "./passes/revert-memory.ts";
import { Steps } from "./passes/steps.ts";
import { ALWAYS_HELD, type Lease } from "./queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "./queue/queue.ts";
import type { AlertStore } from "./store/alert-store.ts";
import { fenceIndex } from "./store/fence-index.ts";
import type { IndexStore } from "./store/index-store.ts";
import type { AlertSourceApis } from "./systems/alert-source.ts";
import type { GitHub, GitHubWriter } from "./systems/github/ports.ts";
import type { SlackParts } from "./systems/slack/slack-parts.ts";

/** Everything a pass may touch outside `core/`. */
export interface ReconcilerParts {
  readonly github: GitHub;
  readonly index: IndexStore;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recordKeys: RecordKeys;
  readonly templates: TemplateSources;
  /** `null`: Slack is not set up. */
  readonly slack: SlackParts | null;
  /** How people are woken besides the comment on the issue; left out: not at all. */
  readonly paging?: PagingParts;
  /** Systems that are told what became of their alerts; left out: none. */
  readonly alertSources?: AlertSourceApis;
}

type KeyOf<Kind extends Key["kind"]> = Extract<Key, { kind: Kind }>;

/**
 * Makes the loop: one pass over one key is observe → derive → plan → apply.
 *
 * A pass is safe at any time, for any reason, any number of times, and may die between any two actions. It throws
 * `TransientError` or `TerminalError` (src/base/errors.ts); after a throw its outcome is void and the queue decides. It writes
 * only while `lease` holds (docs/decisions/0011-fencing.md).
 */
export function createReconciler(
  parts: ReconcilerParts,
): (key: Key, signal: AbortSignal, lease?: Lease) => Promise<PassResult> {
  const { github, index, log, slack, clock, paging } = parts;
  const memory = new RevertMemory(clock);
  const threads = slack?.threads ?? null;
  const look = createLook({
    ...parts,
    threads,
    ...(paging === undefined ? {} : { pages: paging.pages }),
  });

  async function incidentPass(key: KeyOf<"incident">, write: GitHubWriter): Promise<PassResult> {
    const lookWith = { ...(await look()), index: fenceIndex(index) };
    let seen = await lookAtIncident(lookWith, key);
    if ("kind" in seen) return followUps.elsewhere(index, key, seen, threads);
    const statusLook = new StatusLook(lookWith);
    const steps = new Steps(log.child({ issue: key.number, repository: key.repository.id }));
    for (;;) {
      const now: IncidentObservation = seen;
      const incident = derive(now);
      if (incident === null) return NOTHING_MORE;
      const action = steps.next(plan(now, incident));
      if (action === null) return followUps.ofIncident(lookWith, key, now, incident, threads, clock.now());
      seen = await statusLook.before(action, now);
      if (seen !== now) continue;
      const revert: ApplyParts["openRevert"] = (pullRequest, content) =>
        openRevert({ read: lookWith.read, write, memory }, now.repository, pullRequest, content);
      const apply = () => applyAction({ ...lookWith, write, openRevert: revert }, now, action);
      const learned = await steps.take(action, () => orUnanswered({ ...lookWith, log }, now, action, apply));
      if (learned !== null) seen = after(now, action, learned);
    }
  }

  async function threadPass(key: KeyOf<"thread">, lease: Lease): Promise<PassResult> {
    if (slack === null) return NOTHING_MORE;
    const told = await answerRequests({ ...slack, lease }, key);
    const seen = await observeThread({ ...slack, read: github.read, clock }, key);
    const result = seen === null ? NOTHING_MORE : await bringThread({ ...slack, clock, log, lease }, seen);
    return told ? result : followUps.soon(result);
  }

  async function repositoryPass(key: KeyOf<"repository">, write: GitHubWriter): Promise<PassResult> {
    const seen = await observeRepository(await look(), key.repository);
    if (seen === null) return NOTHING_MORE;
    return followUps.ofRepository(seen, await applyRepository({ write, index, log }, seen));
  }

  async function pagePass(key: KeyOf<"page">, lease: Lease): Promise<PassResult> {
    if (paging === undefined) return NOTHING_MORE;
    const { policy } = await (await look()).policies.rules(key.repository);
    return sendPages({ ...paging, read: github.read, index, clock, log }, key, policy.policy, lease);
  }

  return async (hint, signal, lease = ALWAYS_HELD) => {
    const write = fenceWriter(github.write, signal, lease);
    const repository = await currentRepository({ read: github.read, index }, hint.repository);
    const key: Key = { ...hint, repository };
    switch (key.kind) {
      case "incident":
        return incidentPass(key, write);
      case "pull-request":
      case "merge-group":
        return reconcileMerge(await look(), key, write);
      case "recheck":
        return reconcileRecheck(await look(), key, write);
      case "thread":
        return threadPass(key, fencing(signal, lease));
      case "declaration":
        if (slack === null) return NOTHING_MORE;
        return reconcileDeclaration({ ...(await look()), slack, log }, key, write, fencing(signal, lease));
      case "repository":
        return repositoryPass(key, write);
      case "page":
        return pagePass(key, lease);
      case "alert":
        return reconcileAlert({ ...(await look()), log }, key, write);
      case "workflow":
        return reconcileWorkflow({ ...(await look()), log }, key, fencing(signal, lease));
      case "alert-source":
        return reconcileAlertSource({ ...(await look()), apis: parts.alertSources ?? new Map(), log }, key, lease);
      default:
        return assertNever(key);
    }
  };
}
