import type { Instant } from "../../model.ts";
import type { Phase } from "../../record/history.ts";
import { PHASE_WORDS } from "../../words/phase-words.ts";
import { marked, plain, type SlackBlock, type SlackButton, type SlackMessage, type SlackText } from "./message.ts";
import { mrkdwn, plainText, slackDate, slackLink } from "./mrkdwn.ts";
import { SLACK_LIMITS } from "./slack-limits.ts";

/** What the one message of an incident shows. */
export interface RootFacts {
  readonly severity: string;
  readonly title: string;
  readonly url: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly repositoryId: number;
  readonly number: number;
  readonly phase: Phase;
  /** `closed` past every other word. */
  readonly isOpen: boolean;
  readonly responder: string | null;
  /** Who is on call now, by role; empty: nobody, or no on-call file. */
  readonly onCall: readonly string[];
  readonly declaredAt: Instant;
  readonly declaredBy: string | null;
}

/** What the buttons of a root message are called in the requests that Slack sends. */
export const ACTIONS = {
  acknowledge: "sevgate:acknowledge",
  resolve: "sevgate:resolve",
  open: "sevgate:open",
} as const;

/**
 * The message at the head of an incident's thread: severity, title, state, responder, on call, repository, and the
 * buttons that make sense now. The same facts give the same message: an unchanged one is not sent again.
 */
export function rootMessage(facts: RootFacts): SlackMessage {
  const { icon, word } = PHASE_WORDS[facts.phase];
  const heading = plainText(`${icon} ${facts.severity} · ${facts.title}`, SLACK_LIMITS.headerText);
  const state = !facts.isOpen && facts.phase === "resolved" ? "closed" : stateWord(facts, word);
  const nobody = "nobody yet";
  const fields: SlackText[] = [
    marked(`*Status*\n${state}`),
    marked(`*Severity*\n${mrkdwn(facts.severity, 32)}`),
    marked(`*Responder*\n${facts.responder === null ? nobody : mrkdwn(facts.responder, 64)}`),
    marked(`*On call*\n${facts.onCall.length === 0 ? "not known" : names(facts.onCall)}`),
    marked(
      `*Declared*\n${slackDate(facts.declaredAt)}${facts.declaredBy === null ? "" : ` by ${mrkdwn(facts.declaredBy, 64)}`}`,
    ),
    marked(`*Issue*\n${slackLink(facts.url, `${facts.repository}#${facts.number}`)}`),
  ];
  const buttons = buttonsOf(facts);
  const blocks: SlackBlock[] = [
    { type: "header", text: plain(heading) },
    { type: "section", fields },
    { type: "context", elements: [marked(`${mrkdwn(facts.repository, 140)} · what happens is told in this thread`)] },
    { type: "actions", block_id: `incident:${incidentValue(facts)}`, elements: buttons },
  ];
  return { text: incidentLine(facts), blocks };
}

/** An incident in one line of mrkdwn: for notifications, and for lists. */
export function incidentLine(facts: RootFacts): string {
  const { icon, word } = PHASE_WORDS[facts.phase];
  const responder = facts.responder === null ? "" : ` · ${mrkdwn(facts.responder, 64)}`;
  const title = slackLink(facts.url, plainText(facts.title, SLACK_LIMITS.headerText));
  return `${icon} ${mrkdwn(facts.severity, 32)} · ${title} · ${stateWord(facts, word)}${responder} · ${mrkdwn(facts.repository, 140)}#${facts.number}`;
}

function stateWord(facts: RootFacts, word: string): string {
  return facts.phase === "resolved" && facts.isOpen ? "resolved, waiting for what was learnt" : word;
}

function names(logins: readonly string[]): string {
  return logins
    .slice(0, 5)
    .map((login) => mrkdwn(login, 64))
    .join(", ");
}

function buttonsOf(facts: RootFacts): readonly SlackButton[] {
  const value = incidentValue(facts);
  const isActive = facts.isOpen && !["resolved", "cancelled", "closed-ungated"].includes(facts.phase);
  const buttons: SlackButton[] = [];
  if (isActive && facts.phase === "declared") {
    buttons.push({
      type: "button",
      action_id: ACTIONS.acknowledge,
      text: plain("Acknowledge"),
      value,
      style: "primary",
    });
  }
  if (isActive) {
    buttons.push({
      type: "button",
      action_id: ACTIONS.resolve,
      text: plain("Resolve"),
      value,
      confirm: {
        title: plain("Resolve the incident?"),
        text: plain("It counts as over. The issue closes as soon as the close gate allows."),
        confirm: plain("Resolve"),
        deny: plain("Not yet"),
      },
    });
  }
  if (facts.url.length <= SLACK_LIMITS.url) {
    buttons.push({ type: "button", action_id: ACTIONS.open, text: plain("Open issue"), url: facts.url });
  }
  return buttons;
}

function incidentValue(facts: Pick<RootFacts, "repositoryId" | "number">): string {
  return `${facts.repositoryId}/${facts.number}`;
}

/** The incident that a button's value means; `null`: no value of ours. */
export function incidentOfValue(value: string): { readonly repositoryId: number; readonly number: number } | null {
  const match = /^(?<repositoryId>[1-9]\d{0,14})\/(?<number>[1-9]\d{0,9})$/.exec(value);
  if (match?.groups === undefined) return null;
  return { repositoryId: Number(match.groups["repositoryId"]), number: Number(match.groups["number"]) };
}
