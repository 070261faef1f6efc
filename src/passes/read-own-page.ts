import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import { type AlertChange, UNSAID } from "../core/alerts/alert-change.ts";
import { mergeChange } from "../core/alerts/merge-change.ts";
import { issueOfPageRow } from "../core/alerts/own-page.ts";
import type { Key } from "../core/model.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { AlertStore } from "../store/alert-store.ts";
import type { PageStore } from "../store/page-store.ts";
import type { AlertSourceApis } from "../systems/alert-source.ts";

export interface ReadOwnPageParts {
  readonly pages: PageStore;
  readonly alerts: AlertStore;
  readonly apis: AlertSourceApis;
  readonly clock: Clock;
  readonly trace: Trace;
}

/** How many of an incident's open pages are looked at, the newest: people answer the one that rings. */
const MOST_READ = 5;
const FROM = { source: "better-stack", endpoint: "better-stack" } as const;

/**
 * One pass over the pages of an incident at Better Stack: has somebody acknowledged one there? What brought it here is
 * a webhook, which is a hint and not signed; what counts is what Better Stack says about the incidents it created for
 * these pages.
 *
 * @throws TransientError when Better Stack does not answer; the queue brings the key back
 */
export async function readOwnPage(
  { pages, alerts, apis, clock, trace }: ReadOwnPageParts,
  { repository, alert }: Extract<Key, { kind: "alert-source" }>,
  lease: Lease,
): Promise<PassResult> {
  const issue = issueOfPageRow(FROM.source, alert);
  const api = apis.get(FROM.source);
  if (issue === null || api?.acknowledgement === undefined) return NOTHING_MORE;
  const standing = (await pages.sentPages(repository.id, issue))
    .filter(({ channel, state }) => channel === FROM.source && state === "sent")
    .slice(-MOST_READ);
  for (const { externalId } of standing) {
    if (externalId === null) continue;
    const answer = await api.acknowledgement(externalId);
    if (answer.kind === "failed") throw new TransientError(`better-stack: ${answer.why}`);
    if (answer.kind === "none") continue;
    await lease.assertHeld();
    const { at, by } = answer;
    const email = by !== null && /^[^\s@]+@[^\s@]+$/.test(by) ? by : null;
    const change: AlertChange = {
      ...UNSAID,
      change: "acknowledged",
      key: `page:${issue}`,
      externalId,
      at,
      order: "time",
      title: "A page",
      summary: "",
      severity: null,
      url: null,
      actor: by === null ? null : { name: email === null ? by.slice(0, 100) : null, email },
      labels: {},
    };
    const now = clock.now();
    await trace.take("report-acknowledgement", "plan:own-page", () =>
      alerts.report(repository.id, alert, now, (known) => mergeChange(known, FROM, change, now)),
    );
    return { checkAgainIn: null, alsoLookAt: [{ kind: "incident", repository, number: issue }] };
  }
  return NOTHING_MORE;
}
