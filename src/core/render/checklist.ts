import { chatFacts, chatOf } from "../chat/chats.ts";
import { codeSpan, link, plain } from "../markdown/escape.ts";
import { BY_PEOPLE } from "../words/checklist-items.ts";
import { linkTo } from "../words/links.ts";
import type { ChecklistItem, StatusView } from "./status-view.ts";

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
      text: "Take it: `/ack`",
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
      text: "Say what is known: `/status TEXT`",
      checked: ticked("update") || history.lastUpdate !== null,
    },
    {
      id: "learn",
      text:
        linked === undefined
          ? "Write down what was learned: `/postmortem`, or a runbook pull request"
          : `Write down what was learned: ${linkTo(linked.target, null)}`,
      checked: ticked("learn") || view.gate.status === "met",
    },
  ];
}

/** If the policy wants reverts first: with the likeliest cause, and once a revert is open, its number. */
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

/** Ticks itself when Sevgate has opened the thread; without a chat, people open it. */
function thread({ seen, history, record }: StatusView): ChecklistItem {
  const { announced } = history;
  if (announced === null) {
    const channel = chatFacts(chatOf(seen.thread)).channelOf(seen.policy.policy);
    const text = `Open a thread in ${plain(channel, 81)}, so that nobody works on this alone`;
    return { id: "thread", text, checked: record.ticks.includes("thread") };
  }
  const { name, link: address } = announced;
  const place = address === null ? plain(name, 81) : link(name, address, [new URL(address).host]);
  return { id: "thread", text: `Work on it together, in the thread in ${place}`, checked: true };
}
