import { codeSpan, link, plain } from "../markdown/escape.ts";
import type { RunbookStepIds } from "./runbooks.ts";
import type { StatusView } from "./status.ts";
import { linkTo } from "./verdict.ts";

/** An item of the acknowledgement checklist. */
export interface ChecklistItem {
  /** Stable over versions: ticks are kept by it. */
  readonly id: string;
  readonly text: string;
  readonly checked: boolean;
}

/** Items Sevgate cannot see for itself; people tick them in the status comment. */
const BY_PEOPLE: readonly { readonly id: string; readonly text: string }[] = [
  { id: "runbook", text: "Follow the runbook, if there is one (`/runbook` lists them)" },
  { id: "revert", text: "A regression? Go back to the last known good version first" },
  { id: "reach-out", text: "Reach out to whoever knows more" },
];

/**
 * The acknowledgement checklist. An item ticks itself when Sevgate sees the thing done; ticks by people are kept.
 */
export function checklist(view: StatusView): readonly ChecklistItem[] {
  const { history, record } = view;
  const linked = history.links.find((link) => link.evidence === "post-mortem") ?? history.links[0];
  const ticked = (id: string) => record.ticks.includes(id);
  return [
    {
      id: "acknowledge",
      text: "Take responsibility: `/ack`",
      checked: ticked("acknowledge") || history.acknowledged !== null,
    },
    thread(view),
    ...BY_PEOPLE.map(({ id, text }) => ({
      id,
      text:
        id === "runbook"
          ? runbookItem(history.runbooks?.length ?? null, text)
          : id === "revert"
            ? revertItem(history, text)
            : text,
      checked: ticked(id) || (id === "revert" && history.reverts.length > 0),
    })),
    {
      id: "update",
      text: "Tell people what is known: `/status text`",
      checked: ticked("update") || history.lastUpdate !== null,
    },
    {
      id: "learn",
      text:
        linked === undefined
          ? "Write down what was learnt: `/postmortem`, or a runbook pull request"
          : `Write down what was learnt: ${linkTo(linked.target, null)}`,
      checked: ticked("learn") || view.gate.status === "met",
    },
  ];
}

/** Where the policy wants reverts first, with the likeliest cause; once a revert is open, its number. */
function revertItem({ suspected, reverts }: StatusView["history"], text: string): string {
  const last = reverts.at(-1);
  if (last !== undefined)
    return `Go back to the last known good version: #${last.revert} takes #${last.pullRequest} back`;
  if (suspected === null) return text;
  const since = suspected.good === null ? "" : ` since ${codeSpan(suspected.good)}`;
  return suspected.pullRequest === null
    ? `Go back to the last known good version first. Nothing was merged${since}: look for a change elsewhere`
    : `Go back to the last known good version first: #${suspected.pullRequest} is the likeliest cause${since}. \`/suspects\` lists all, \`/revert #${suspected.pullRequest}\` takes it back`;
}

/** @param matching how many runbooks match; `null`: not looked for yet */
function runbookItem(matching: number | null, text: string): string {
  if (matching === null) return text;
  return matching > 0
    ? "Follow the runbook: its steps are below"
    : "No runbook matches this one (`/runbook` lists those there are): write down what you do, it may become one";
}

/** Ticks itself when Sevgate has opened the thread; without Slack people open it. */
function thread({ seen, history, record }: StatusView): ChecklistItem {
  const { announced } = history;
  if (announced === null) {
    const text = `Open a thread in ${plain(seen.policy.policy.slack.channel, 81)}, so that nobody works on this alone`;
    return { id: "thread", text, checked: record.ticks.includes("thread") };
  }
  const { name, link: address } = announced;
  const place = address === null ? plain(name, 81) : link(name, address, [new URL(address).host]);
  return { id: "thread", text: `Work on it together, in the thread in ${place}`, checked: true };
}

const ITEM_IDS: ReadonlySet<string> = new Set([
  "acknowledge",
  "thread",
  ...BY_PEOPLE.map((item) => item.id),
  "update",
  "learn",
]);
/** The ids of all boxes of the status comment, as they stand there from the top. */
export function boxIds(steps: RunbookStepIds): readonly string[] {
  return [...ITEM_IDS, ...steps.all];
}

const ITEM = /^\s*[-*+] \[(?<mark>[ xX])\] .*<!-- item:(?<id>[a-z0-9-]{1,40}) -->\s*$/;

/**
 * Reads the ticks out of the status comment as it stands. An item that is not there any more keeps its earlier tick.
 *
 * Anyone GitHub lets edit the comment may tick: that takes write access.
 */
export function readTicks(
  statusText: string,
  earlier: readonly string[],
  automatic: readonly string[],
  steps: RunbookStepIds = { all: [], prefixes: [] },
): readonly string[] {
  // Ticks of runbooks that are listed no longer go with them: the record has room for a few.
  const ticks = new Set(
    earlier.filter((id) => !id.startsWith("step-") || steps.prefixes.some((prefix) => id.startsWith(prefix))),
  );
  for (const line of statusText.split(/[\n\r\u2028\u2029]/)) {
    const match = ITEM.exec(line);
    if (match === null) continue;
    const { id, mark } = match.groups as { id: string; mark: string };
    // What the app never wrote is no item, and must not fill the record.
    if (!ITEM_IDS.has(id) && !steps.all.includes(id)) continue;
    // A tick Sevgate set itself is no tick by a person: it goes when its reason goes.
    if (automatic.includes(id)) continue;
    if (mark === " ") ticks.delete(id);
    else ticks.add(id);
  }
  return [...ticks].sort();
}
