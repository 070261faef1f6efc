import { codeSpan } from "../markdown/escape.ts";
import { TEAM } from "../oncall/escalation-rule.ts";
import { channelInWords } from "./lead.ts";
import type { RunbookView } from "./runbooks.ts";
import type { ChecklistItem, StatusView } from "./status-view.ts";

/** A box of what to do first, and what belongs to it. */
export interface FirstStep extends ChecklistItem {
  /** The runbooks behind it, each with its steps. */
  readonly runbooks: readonly RunbookView[];
}

/**
 * What people do first: roll back, follow the runbook, get help. The order stays the same for the whole life, since
 * `/done 2` counts the boxes; one that goes is the last.
 */
export function firstSteps(view: StatusView, runbooks: readonly RunbookView[]): readonly FirstStep[] {
  const { history, record } = view;
  const box = (id: string, text: string, isDone = false): FirstStep => ({
    id,
    text,
    checked: isDone || record.ticks.includes(id),
    runbooks: id === "runbook" ? runbooks : [],
  });
  return [
    box("revert", rollBack(view), history.reverts.length > 0),
    box("runbook", followRunbook(runbooks, view.seen.runbookTexts.size > 0 || history.runbooks !== null)),
    box("reach-out", getHelp(view)),
    ...(history.announced === null
      ? [box("thread", `Open a thread in ${channelInWords(view)}, so that nobody works on this alone`)]
      : []),
  ];
}

/** If the policy wants reverts first: with the likeliest cause, and once a revert is open, its number. */
function rollBack({ history: { suspected, reverts } }: StatusView): string {
  const last = reverts.at(-1);
  if (last !== undefined) return `Roll back: #${last.revert} takes #${last.pullRequest} back`;
  if (suspected === null) return "Roll back? `/suspects` lists what was merged recently";
  const since = suspected.good === null ? "" : ` since ${codeSpan(shortened(suspected.good))}`;
  return suspected.pullRequest === null
    ? `Roll back? Nothing was merged${since}: look for a change elsewhere`
    : `Roll back? #${suspected.pullRequest} is the likeliest cause${since}: \`/revert #${suspected.pullRequest}\` · \`/suspects\` lists all`;
}

/** A SHA as people write it: a long one fills two lines of a phone and says no more. */
function shortened(version: string): string {
  return /^[0-9a-f]{40,64}$/.test(version) ? version.slice(0, 7) : version;
}

/** @param isLooked whether runbooks were looked for yet */
function followRunbook(runbooks: readonly RunbookView[], isLooked: boolean): string {
  const [only, ...more] = runbooks;
  if (only !== undefined && more.length === 0) return `Follow the runbook ${only.heading}`;
  if (only !== undefined) return "Follow the runbook that fits";
  return isLooked
    ? "No runbook matches (`/runbook` lists all): write down what you do"
    : "Follow the runbook, if there is one: `/runbook` lists them";
}

/** Someone to page is named by a role that the on-call file has. */
function getHelp({ seen: { onCall }, history }: StatusView): string {
  const roles = onCall.schedule?.roles.map(({ name }) => name) ?? [];
  const paged = new Set(history.pages.flatMap(({ targets }) => targets.map(({ role }) => role)));
  const role = roles.find((name) => name !== "primary" && !paged.has(name)) ?? TEAM;
  const page = onCall.schedule === null ? "" : `${codeSpan(`/page ${role}`)} pages someone, `;
  return `Need help? ${page}\`/who\` names people who know this`;
}
