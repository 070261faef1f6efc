import { chatFacts, chatOf } from "../chat/chats.ts";
import { codeSpan, link, person, plain } from "../markdown/escape.ts";
import { hasItSince } from "../record/key-times.ts";
import { latestNews } from "../record/latest-news.ts";
import { utcOn } from "../words/time.ts";
import { somebodyElsewhere } from "./alert-facts.ts";
import { nextPage } from "./escalation-facts.ts";
import type { StatusView } from "./status-view.ts";

/** A line of what a responder needs first. */
export interface LeadLine {
  /** A word or two: `Take it`, `Next`, `Now`. */
  readonly name: string;
  readonly value: string;
}

/** How much of an update is shown; the timeline links the rest. */
const NEWS_CHARACTERS = 300;

/** Who has it or how to take it, what comes next, and what is known now: of an incident that is not over. */
export function leadLines(view: StatusView): readonly LeadLine[] {
  return [...whoHasIt(view), ...whatIsNext(view), whatIsKnown(view)];
}

function whoHasIt(view: StatusView): readonly LeadLine[] {
  const { history } = view;
  const roles = [...history.roles].flatMap(([role, login]) =>
    role === "assignee" ? [] : [`${person(login)} (${plain(role, 64)})`],
  );
  const there = [...roles, ...thread(view)];
  const more = there.length === 0 ? "" : ` · ${there.join(" · ")}`;
  if (history.responder !== null) {
    const at = hasItSince(history);
    const since = at === null ? "" : `, since ${utcOn(at, history.declared.at)}`;
    return [{ name: "Responder", value: `${person(history.responder)}${since}${more}` }];
  }
  const elsewhere = somebodyElsewhere(history);
  if (elsewhere !== null) return [{ name: "Responder", value: `${elsewhere}; \`/ack\` takes over${more}` }];
  if (history.resolved !== null) return there.length === 0 ? [] : [{ name: "Responder", value: `nobody${more}` }];
  if (history.mitigated !== null) return [{ name: "Responder", value: `nobody: \`/ack\` takes it${more}` }];
  const take = `comment \`/ack\`${button(view)}. You need not fix it alone.${withYou(roles)}`;
  return [{ name: "Take it", value: take }];
}

function withYou(roles: readonly string[]): string {
  return roles.length === 0 ? "" : ` With you: ${roles.join(", ")}.`;
}

function button(view: StatusView): string {
  const [place] = thread(view);
  return place === undefined ? "" : `, or press *Acknowledge* in ${place}`;
}

/** Where people talk about it; empty: nowhere that Sevgate knows of. */
function thread({ history: { announced } }: StatusView): readonly string[] {
  if (announced === null) return [];
  const { name, link: address } = announced;
  return [address === null ? plain(name, 81) : link(name, address, [new URL(address).host])];
}

function whatIsNext(view: StatusView): readonly LeadLine[] {
  const { seen, history, timers, escalation } = view;
  const declaredAt = history.declared.at;
  // What is left then stands below, unfolded.
  if (history.resolved !== null) return [];
  const page = nextPage(seen, escalation, declaredAt);
  if (page !== null) return [{ name: "Next", value: page }];
  const timer = timers.find(({ name }) => history.acknowledged === null || name !== "acknowledge");
  const due =
    timer === undefined
      ? null
      : `${timer.name === "acknowledge" ? "somebody acknowledges by" : "an update by"} ${utcOn(timer.due, declaredAt)}${timer.overdue ? " ⏰ overdue" : ""}${timer.name === "update" ? ": `/status TEXT`" : ""}`;
  const isBegun = history.acknowledged !== null || history.mitigated !== null;
  const end = isBegun ? "when it is over: `/resolve TEXT`" : null;
  const steps = [due, end].filter((step) => step !== null);
  return steps.length === 0 ? [] : [{ name: "Next", value: steps.join(" · ") }];
}

function whatIsKnown({ record, history }: StatusView): LeadLine {
  const news = latestNews(record.entries);
  if (news === null) return { name: "Now", value: "no update yet · `/status TEXT`" };
  const who = news.by === null ? "" : `, ${person(news.by)}`;
  return {
    name: `Now (${utcOn(news.at, history.declared.at)}${who})`,
    value: plain(news.text, NEWS_CHARACTERS),
  };
}

/** The channel where people open a thread themselves while Sevgate has opened none. */
export function channelInWords({ seen }: StatusView): string {
  return codeSpan(chatFacts(chatOf(seen.thread)).channelOf(seen.policy.policy));
}
