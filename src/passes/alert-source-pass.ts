import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { StepResult, Trace } from "../base/trace.ts";
import { issueOfPageRow } from "../core/alerts/own-page.ts";
import { type Telling, whatToTell } from "../core/alerts/what-to-tell.ts";
import type { Key, Millis } from "../core/model.ts";
import type { OnCallInForce } from "../core/observation.ts";
import { historyOfCopy } from "../core/record/history-of-copy.ts";
import { sourceTrouble } from "../core/render/alert-facts.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { AlertSourceApis } from "../systems/alert-source.ts";
import type { PassParts } from "./pass-parts.ts";
import { readOwnPage } from "./read-own-page.ts";

type AlertSourceKey = Extract<Key, { kind: "alert-source" }>;

interface TellSourceParts {
  readonly alerts: AlertStore;
  readonly apis: AlertSourceApis;
  readonly index: Pick<IndexStore, "incident">;
  readonly clock: Clock;
  readonly trace: Trace;
}

/** After this long, people are told that a source does not answer; it is still tried. */
const SAY_AFTER_MS = 10 * 60_000;
const TRY_AGAIN_MS = 5 * 60_000;

const RESULTS: Readonly<Record<"done" | "refused" | "failed", StepResult>> = {
  done: "done",
  refused: "refused",
  failed: "retried",
};

/** One pass over the source of an alert: does it know what became of it? Or over a page there: has somebody answered? */
export async function alertSourcePass(
  look: PassParts & { readonly apis: AlertSourceApis; readonly trace: Trace },
  key: AlertSourceKey,
  lease: Lease,
): Promise<PassResult> {
  const { pages, alerts, apis, clock, trace } = look;
  if (issueOfPageRow("better-stack", key.alert) !== null) {
    return pages === null ? NOTHING_MORE : await readOwnPage({ pages, alerts, apis, clock, trace }, key, lease);
  }
  const { onCall } = await look.policies.rules(key.repository);
  return await tellSource(look, key, onCall, lease);
}

/**
 * Compares how the incident stands (the record's copy in the index) with what the source says and was told. GitHub is
 * not asked, and nothing on GitHub waits for this.
 *
 * @throws TransientError when the source does not answer; the queue brings the key back
 */
async function tellSource(
  parts: TellSourceParts,
  key: AlertSourceKey,
  onCall: OnCallInForce,
  lease: Lease,
): Promise<PassResult> {
  const { alerts, index, clock, trace } = parts;
  const { repository } = key;
  const alert = await alerts.alert(repository.id, key.alert);
  if (alert === null || alert.issue === null) return NOTHING_MORE;
  const history = historyOfCopy((await index.incident(repository.id, alert.issue))?.record);
  const telling = history === null ? null : whatToTell(alert, history);
  const api = telling === null ? undefined : parts.apis.get(telling.source);
  if (telling === null || api === undefined) return NOTHING_MORE;

  const incident: Key = { kind: "incident", repository, number: alert.issue };
  await lease.assertHeld();
  const by = nameOf(telling, onCall);
  const tell = () => (telling.state === "acknowledged" ? api.acknowledge(telling, by) : api.resolve(telling, by));
  const step = `tell:${telling.source}:${telling.state}`;
  const answer = await trace.take(step, `plan:source:${telling.state}`, tell, ({ kind }) => RESULTS[kind]);
  const told = { state: telling.state, firedAt: alert.state.firedAt };
  if (answer.kind === "done") {
    await alerts.save(repository.id, alert.id, { told, trouble: null });
    // The notice about the trouble goes.
    return alert.trouble === null ? NOTHING_MORE : { checkAgainIn: null, alsoLookAt: [incident] };
  }
  const trouble = sourceTrouble(telling, answer.kind, answer.why);
  if (answer.kind === "refused") {
    // Asking again would be refused again: people read why, and do it there themselves.
    await alerts.save(repository.id, alert.id, { told, trouble });
    return { checkAgainIn: null, alsoLookAt: [incident] };
  }
  if (clock.now() - telling.since < SAY_AFTER_MS) throw new TransientError(`${telling.source}: ${answer.why}`);
  await alerts.save(repository.id, alert.id, { trouble });
  return { checkAgainIn: TRY_AGAIN_MS as Millis, alsoLookAt: alert.trouble === trouble ? [] : [incident] };
}

/** The e-mail address the on-call file has for the person; GitHub's login if it has none. */
function nameOf({ by }: Telling, { schedule }: OnCallInForce): string {
  if (by === null) return "Sevgate";
  const people = [...(schedule?.people.values() ?? [])];
  const email = people.find(({ login }) => login.toLowerCase() === by.toLowerCase())?.email ?? null;
  return email ?? `github:${by}`;
}
