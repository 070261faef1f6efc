import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { StepResult, Trace } from "../base/trace.ts";
import {
  channelsOf,
  type PagingStep,
  pageId,
  planPaging,
  type SentPage,
  wantedPages,
} from "../core/escalation/page-outbox.ts";
import { titleText } from "../core/markdown/escape.ts";
import type { Instant, Key, Millis } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { History, Page } from "../core/record/history.ts";
import { historyOfCopy } from "../core/record/history-of-copy.ts";
import { inDrill } from "../core/words/in-drill.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { PageStore } from "../store/page-store.ts";
import type { Pagers } from "../systems/create-pagers.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import type { PageAnswer } from "../systems/pager.ts";
import { type AllowedPaging, mayPage } from "../systems/paging-allow-list.ts";
import type { PassParts } from "./pass-parts.ts";

/** What is needed to send pages. */
export interface PagingParts {
  readonly pages: PageStore;
  readonly pagers: Pagers;
  /** Who may page through what, as the operator decided. */
  readonly allowed: readonly AllowedPaging[];
  /** Where people see issues, such as `https://github.com`. */
  readonly webUrl: string;
}

type PageKey = Extract<Key, { kind: "page" }>;

interface SendPagesParts extends PagingParts {
  readonly read: Pick<GitHubReader, "issue">;
  readonly index: Pick<IndexStore, "incident" | "firstNamed">;
  readonly clock: Clock;
  readonly trace: Trace;
}

/**
 * One pass over the pages of an incident in other systems: compares what should be open there (the record's copy in the
 * index) with what was sent. GitHub is only asked for the title, and not waited for.
 */
export async function pagePass(
  parts: PassParts & {
    /** `null`: pages go only to the issue. */
    readonly paging: PagingParts | null;
    readonly trace: Trace;
  },
  key: PageKey,
  lease: Lease,
): Promise<PassResult> {
  if (parts.paging === null) return NOTHING_MORE;
  const { policy } = await parts.policies.rules(key.repository);
  return await sendPages({ ...parts, ...parts.paging }, key, policy.policy, lease);
}

async function sendPages(parts: SendPagesParts, key: PageKey, policy: Policy, lease: Lease): Promise<PassResult> {
  const { index, pages, clock, trace } = parts;
  const { repository, number } = key;
  const incident = await index.incident(repository.id, number);
  const history = historyOfCopy(incident?.record);
  const wanted = history === null ? [] : wantedPages(history, incident?.open === true);
  const channels = channelsOf(policy, history?.severity ?? "");
  let hasNews = false;

  for (;;) {
    const known = await pages.sentPages(repository.id, number);
    const now = clock.now();
    const { step, lookAgainAt } = planPaging({ wanted, known, channels, now });
    if (step === null) {
      const checkAgainIn = lookAgainAt === null ? null : (Math.max(1, lookAgainAt - now) as Millis);
      return { checkAgainIn, alsoLookAt: hasNews ? [{ kind: "incident", repository, number }] : [] };
    }
    await lease.assertHeld();
    const id = step.kind === "send" ? `page:${step.channel}:${pageId(step.page)}` : endOf(step.known);
    const sent = await trace.take(id, "plan:pages", () => take(parts, key, policy, history, step, now), resultOf);
    await pages.saveSentPage(repository.id, number, sent);
    const before = step.known?.state ?? null;
    if (sent.state !== before || sent.state === "failing") hasNews = true;
  }
}

function endOf({ channel, page }: SentPage): string {
  return `end-page:${channel}:${page}`;
}

function resultOf({ state, why }: SentPage): StepResult {
  if (state === "refused") return "refused";
  // Also for one that stays as it was because ending it failed.
  return state === "failing" || why !== "" ? "retried" : "done";
}

async function take(
  parts: SendPagesParts,
  key: PageKey,
  policy: Policy,
  history: History | null,
  step: PagingStep,
  now: Instant,
): Promise<SentPage> {
  const { channel } = step.kind === "send" ? step : step.known;
  const pager = parts.pagers.get(channel);
  if (step.kind === "end") {
    const { known } = step;
    // A channel that was removed can no longer be asked.
    const answer: PageAnswer =
      pager === undefined
        ? { kind: "taken", externalId: null }
        : await pager.end({ dedupKey: dedupKey(key, known.page), externalId: known.externalId });
    return answer.kind === "failed"
      ? { ...known, triedAt: now, why: answer.why }
      : { ...known, state: "ended", triedAt: now, why: "" };
  }
  const page = pageId(step.page);
  const row = { page, channel, since: step.known?.since ?? now, triedAt: now, externalId: null };
  if (pager === undefined || history === null) return { ...row, state: "refused", why: "it is not set up" };
  if (!(await mayPage(parts.allowed, parts.index, channel, key.repository))) {
    return { ...row, state: "refused", why: "PAGING_CHANNELS of the server does not name this repository" };
  }
  const isDrill = history.drill !== null;
  const answer = await pager.page({
    dedupKey: dedupKey(key, page),
    summary: inDrill(
      isDrill,
      `${history.severity}: ${await titleOf(parts, key)} (${fullName(key.repository)}#${key.number})`,
    ),
    description: inDrill(isDrill, descriptionOf(step.page)),
    url: `${parts.webUrl}/${fullName(key.repository)}/issues/${key.number}`,
    source: fullName(key.repository),
    isMostSevere: policy.severities[0]?.name === history.severity,
  });
  switch (answer.kind) {
    case "taken":
      return { ...row, state: "sent", externalId: answer.externalId, why: "" };
    case "failed":
      return { ...row, state: "failing", why: answer.why };
    case "refused":
      return { ...row, state: "refused", why: answer.why };
  }
}

/** `sevgate/<repository>#<issue>/<page>`, with the repository's id, which does not change with its name. */
function dedupKey({ repository, number }: PageKey, page: string): string {
  return `sevgate/${repository.id}#${number}/${page}`;
}

function descriptionOf({ targets, nobody }: Page): string {
  const whom = targets.map(({ login, role }) => (role === null ? login : `${login} (${role})`)).join(", ");
  const missing = nobody.length === 0 ? "" : `Nobody is ${nobody.join(" or ")}. `;
  return `${missing}Called: ${whom === "" ? "nobody" : whom}. Comment /ack on the issue to take it.`;
}

/** The issue's title as plain text; if GitHub does not answer, that holds up no page. */
async function titleOf({ read }: SendPagesParts, { repository, number }: PageKey): Promise<string> {
  try {
    const issue = await read.issue(repository, number);
    if (issue === "missing" || "movedTo" in issue) return "an incident";
    return titleText(issue.title, 200) || "an incident";
  } catch (error) {
    if (error instanceof TransientError || error instanceof TerminalError) return "an incident";
    throw error;
  }
}
