import { fenceWriter, fencing } from "./apply/fence-writer.ts";
import { Trace } from "./base/trace.ts";
import { keyId } from "./core/key.ts";
import { assertNever, type Key } from "./core/model.ts";
import { open } from "./core/record/seal.ts";
import { alertPass } from "./passes/alert-pass.ts";
import { alertSourcePass } from "./passes/alert-source-pass.ts";
import { createLook } from "./passes/create-look.ts";
import { currentRepository } from "./passes/current-repository.ts";
import { declarationPass } from "./passes/declaration-pass.ts";
import { followUpsPass } from "./passes/follow-ups-pass.ts";
import { incidentPass } from "./passes/incident-pass.ts";
import { mergePass } from "./passes/merge-pass.ts";
import { onboardingPass } from "./passes/onboarding-pass.ts";
import { pagePass } from "./passes/page-pass.ts";
import type { Logs } from "./passes/pass-parts.ts";
import { recheckPass } from "./passes/recheck-pass.ts";
import type { ReconcilerParts } from "./passes/reconciler-parts.ts";
import { remembering } from "./passes/remember.ts";
import { reportPass } from "./passes/report-pass.ts";
import { repositoryPass } from "./passes/repository-pass.ts";
import { RevertMemory } from "./passes/revert-memory.ts";
import { RunHere } from "./passes/run-here.ts";
import { strayCommandPass } from "./passes/stray-command-pass.ts";
import { threadPass } from "./passes/thread-pass.ts";
import { workflowPass } from "./passes/workflow-pass.ts";
import { namePass, type PassName, UNKNOWN_CAUSE } from "./queue/cause.ts";
import { ALWAYS_HELD, type Lease } from "./queue/lease.ts";
import type { PassResult } from "./queue/queue.ts";
import type { GitHubWriter } from "./systems/github/ports.ts";

/**
 * Makes the loop: one pass over one key is observe → derive → plan → apply. Each kind of key has its pass in `passes/`;
 * that of an incident shows the whole loop.
 *
 * A pass is safe at any time, any number of times, and may die between any two actions. It throws `TransientError` or `TerminalError`
 * (src/base/errors.ts): its outcome is void, and the queue decides. It writes only while `lease` holds (docs/decisions/0011-fencing.md).
 */
export function createReconciler(
  parts: ReconcilerParts,
): (key: Key, signal: AbortSignal, lease?: Lease, name?: PassName) => Promise<PassResult> {
  const { github, recordKeys, chat, paging, alertSources } = parts;
  const look = createLook({
    ...parts,
    openRecord: (commentBody, place) => open(commentBody, place, recordKeys),
    pages: paging?.pages ?? null,
  });
  const memory = new RevertMemory(parts.clock);
  const runHere = new RunHere(parts.runsIn ?? "server", parts.log);
  return (hint, signal, lease = ALWAYS_HELD, name = namePass(UNKNOWN_CAUSE)) =>
    parts.requests.count(async (soFar) => {
      const log = parts.log.child({ ...name, key: keyId(hint) });
      const trace = new Trace(log, soFar);
      const own = fencing(signal, lease);
      const write = fenceWriter(github.write, signal, lease);
      const repository = await currentRepository({ ...parts, read: github.read }, hint.repository);
      const key = { ...hint, repository };
      const result = runHere.after(key, trace, await pass(key, { log, trace }, write, own));
      trace.end({ lookAgainInMs: result.checkAgainIn, alsoLookAt: result.alsoLookAt.map(keyId) });
      return result;
    });

  async function pass(key: Key, logs: Logs, write: GitHubWriter, lease: Lease): Promise<PassResult> {
    if (key.kind === "thread") return threadPass({ ...parts, ...logs, read: github.read }, key, lease);
    return remembering({ ...(await look()), ...logs, runHere }, async (passParts) => {
      const left = await runHere.leave(passParts, key, chat);
      if (left !== null) return left;
      switch (key.kind) {
        case "incident":
          return incidentPass({ ...passParts, recordKeys, memory }, key, write);
        case "pull-request":
        case "merge-group":
          return mergePass(passParts, key, write);
        case "stray-command":
          return strayCommandPass(passParts, key, write);
        case "recheck":
          return recheckPass(passParts, key, write);
        case "declaration":
          return declarationPass({ ...passParts, chat }, key, write, lease);
        case "repository":
          return repositoryPass({ ...passParts, chat }, key, write);
        case "onboarding":
          return onboardingPass(passParts, key, write);
        case "follow-ups":
          return followUpsPass(passParts, key, write);
        case "report":
          return reportPass(passParts, key, write);
        case "page":
          return pagePass({ ...passParts, paging: paging ?? null }, key, lease);
        case "alert":
          return alertPass(passParts, key, write);
        case "workflow":
          return workflowPass(passParts, key, lease);
        case "alert-source":
          return alertSourcePass({ ...passParts, apis: alertSources ?? new Map() }, key, lease);
        default:
          return assertNever(key);
      }
    });
  }
}
