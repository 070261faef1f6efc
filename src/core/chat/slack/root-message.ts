import { inDrill } from "../../words/in-drill.ts";
import { plainLine } from "../plain-line.ts";
import {
  ACTION_WORDS,
  type IncidentRoot,
  rootContext,
  rootHeading,
  rootLine,
  rootNow,
  type ThreadAction,
} from "../thread-root.ts";
import { marked, plain, type SlackBlock, type SlackButton, type SlackMessage } from "./message.ts";
import { plainText } from "./mrkdwn.ts";
import { SLACK_LIMITS } from "./slack-limits.ts";
import { slackLine } from "./slack-line.ts";

/** The names of a root message's buttons in the requests that Slack sends. */
export const ACTIONS = {
  acknowledge: "sevgate:acknowledge",
  resolve: "sevgate:resolve",
  open: "sevgate:open",
} as const satisfies Record<ThreadAction, string>;

/**
 * The message at the head of an incident's thread, in five lines: what it is about, who has it, what is known, the
 * buttons that make sense now, and where it is.
 */
export function rootMessage(root: IncidentRoot): SlackMessage {
  const heading = plainText(plainLine(rootHeading(root)), SLACK_LIMITS.headerText);
  const buttons = buttonsOf(root);
  const blocks: SlackBlock[] = [
    { type: "header", text: plain(heading) },
    { type: "section", text: marked(rootNow(root).map(slackLine).join("\n")) },
  ];
  if (buttons.length > 0) {
    blocks.push({ type: "actions", block_id: `incident:${incidentValue(root)}`, elements: buttons });
  }
  blocks.push({ type: "context", elements: [marked(slackLine(rootContext(root)))] });
  return { text: slackLine(rootLine(root)), blocks };
}

function buttonsOf(root: IncidentRoot): readonly SlackButton[] {
  const value = incidentValue(root);
  return root.actions.flatMap((action): readonly SlackButton[] => {
    const { label, confirm } = ACTION_WORDS[action];
    const button = { type: "button", action_id: ACTIONS[action], text: plain(label) } as const;
    if (action === "open") return root.url.length <= SLACK_LIMITS.url ? [{ ...button, url: root.url }] : [];
    if (confirm === null) return [{ ...button, value, style: "primary" }];
    const { title, text, yes, no } = confirm;
    const asked = {
      title: plain(inDrill(root.isDrill, title)),
      text: plain(text),
      confirm: plain(yes),
      deny: plain(no),
    };
    return [{ ...button, value, confirm: asked }];
  });
}

function incidentValue({ repositoryId, number }: Pick<IncidentRoot, "repositoryId" | "number">): string {
  return `${repositoryId}/${number}`;
}

/** The incident that a button's value stands for; `null`: not one of our values. */
export function incidentOfValue(value: string): { readonly repositoryId: number; readonly number: number } | null {
  const match = /^(?<repositoryId>[1-9]\d{0,14})\/(?<number>[1-9]\d{0,9})$/.exec(value);
  if (match?.groups === undefined) return null;
  return { repositoryId: Number(match.groups["repositoryId"]), number: Number(match.groups["number"]) };
}
