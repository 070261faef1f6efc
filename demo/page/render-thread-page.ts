import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Conversation, conversationId, renderConversation } from "./render-conversation.ts";
import { type IconName, renderIcon } from "./render-icon.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { escapeHtml as html } from "./render-mrkdwn.ts";

/** A page of issues and pull requests, in the order they are shown. Instants are ISO 8601 in UTC. */
export interface ThreadPage {
  readonly title: string;
  readonly generatedAt: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly threads: readonly Thread[];
  /** What is in Slack, each beside the thread it is about; left out: Slack is not mentioned. */
  readonly conversations?: readonly Conversation[];
  /** Where the report is, from this page; left out: there is none. */
  readonly report?: string;
  /** The page is served, and follows what changes (follow-changes.js). */
  readonly live?: boolean;
}

/** An issue or a pull request as people see it. */
export interface Thread {
  readonly kind: "issue" | "pull-request";
  readonly number: number;
  readonly title: string;
  readonly state: "open" | "closed" | "not_planned" | "merged" | "draft";
  readonly labels: readonly ThreadLabel[];
  readonly author: string;
  /** Markdown. */
  readonly body: string;
  readonly comments: readonly ThreadComment[];
  /** One sentence each; those with an instant go between the comments, the others at the end. */
  readonly events?: readonly (string | { readonly at: string; readonly text: string })[];
  readonly checks?: readonly ThreadCheck[];
}

export interface ThreadLabel {
  readonly name: string;
  /** Six hexadecimal digits; anything else is shown grey. */
  readonly color: string;
}

export interface ThreadComment {
  readonly author: string;
  readonly isApp: boolean;
  /** Markdown. */
  readonly body: string;
  readonly createdAt: string;
  /** Counts by GitHub's name for the reaction: `+1`, `rocket`, … */
  readonly reactions?: Readonly<Record<string, number>>;
}

/** A check run on the head of a pull request. */
export interface ThreadCheck {
  readonly name: string;
  /** GitHub's conclusion; `null` while it runs. */
  readonly conclusion: string | null;
  readonly title: string | null;
  /** Markdown. */
  readonly summary: string | null;
}

const REACTIONS: Readonly<Record<string, readonly [symbol: string, name: string]>> = {
  "+1": ["👍", "thumbs up"],
  "-1": ["👎", "thumbs down"],
  laugh: ["😄", "laugh"],
  confused: ["😕", "confused"],
  heart: ["❤️", "heart"],
  hooray: ["🎉", "hooray"],
  rocket: ["🚀", "rocket"],
  eyes: ["👀", "eyes"],
};
const STATES: Readonly<Record<Thread["state"], string>> = {
  open: "Open",
  closed: "Closed",
  not_planned: "Closed as not planned",
  merged: "Merged",
  draft: "Draft",
};

/**
 * One self-contained HTML file that shows threads as GitHub would: nothing is loaded except images in the threads, and
 * no script runs but that of a live page (a content security policy tells the browser so, too).
 */
export function renderThreadPage(page: ThreadPage): string {
  const isLive = page.live === true;
  const style = [readStyle(), ...labelColors(page.threads).map(labelRule)].join("\n");
  const script = isLive ? readFileSync(new URL("./follow-changes.js", import.meta.url), "utf8") : "";
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    ...(isLive ? [`script-src ${hashOf(script)}`, "connect-src 'self'"] : []),
    "img-src https: data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const conversations = page.conversations ?? [];
  const inSlack = conversations.map((one, index) => ({
    thread: one.thread,
    shown: renderConversation(one, index, time),
  }));
  const numbers = new Set(page.threads.map(({ number }) => number));
  return [
    "<!doctype html>",
    `<html lang="en"${isLive ? ` data-version="${versionOf(page)}"` : ""}>`,
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${html(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${html(`${page.title} · ${page.repository}`)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    '<a class="skip" href="#threads">Skip to the threads</a>',
    '<header class="top">',
    `<h1>${html(page.title)}</h1>`,
    `<p class="made">${html(page.repository)}, ${isLive ? "live, as of" : "as of"} ${time(page.generatedAt)}</p>`,
    ...(page.report === undefined
      ? []
      : [`<p class="made"><a href="${html(page.report)}">How long it took: the report</a></p>`]),
    "</header>",
    ...(isLive
      ? ['<div role="status"><p id="news" hidden>Something has changed. <a href="">Show it</a></p></div>']
      : []),
    navigation(page.threads, conversations),
    '<main id="threads" tabindex="-1">',
    ...page.threads.map((thread) => {
      const shown = renderThread(thread, numbers);
      const beside = inSlack.filter((one) => one.thread === thread.number).map((one) => one.shown);
      return beside.length === 0
        ? shown
        : `<div class="pair">\n${shown}\n<div class="beside">\n${beside.join("\n")}\n</div>\n</div>`;
    }),
    ...inSlack.filter(({ thread }) => thread === null || !numbers.has(thread)).map(({ shown }) => shown),
    ...(page.threads.length === 0 ? ["<p>No issue or pull request yet.</p>"] : []),
    "</main>",
    ...(isLive ? [`<script>${script}</script>`] : []),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** A word that changes when something on the page does; when the page was made does not count. */
export function versionOf(page: ThreadPage): string {
  const shown = {
    ...page,
    generatedAt: null,
    conversations: page.conversations?.map((one) => ({ ...one, names: null })),
  };
  return createHash("sha256").update(JSON.stringify(shown)).digest("hex").slice(0, 16);
}

/** The source of a content security policy that allows exactly this text. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function navigation(threads: readonly Thread[], conversations: readonly Conversation[]): string {
  const item = (target: string, icon: string, name: string, number: string, more = "") =>
    `<li><a href="#${target}">${icon}<span>${html(name)} <span class="number">${html(number)}</span>${more}</span></a></li>`;
  const inSlack = conversations.map(({ channel, thread }, index) => ({
    thread,
    shown: item(conversationId(index), `<span class="sign">${renderIcon("chat")}</span>`, "Slack", channel),
  }));
  const numbers = new Set(threads.map(({ number }) => number));
  // In the order of the page.
  const items = [
    ...threads.flatMap(({ number, state, title }) => [
      item(
        `thread-${number}`,
        `<span class="sign ${state}">${renderIcon(state)}</span>`,
        title,
        `#${number}`,
        `<span class="unseen"> ${STATES[state]}</span>`,
      ),
      ...inSlack.filter(({ thread }) => thread === number).map(({ shown }) => shown),
    ]),
    ...inSlack.filter(({ thread }) => thread === null || !numbers.has(thread)).map(({ shown }) => shown),
  ];
  return `<nav aria-label="Issues, pull requests and Slack"><ul>${items.join("\n")}</ul></nav>`;
}

function renderThread(thread: Thread, numbers: ReadonlySet<number>): string {
  const id = `thread-${thread.number}`;
  const entries = [
    ...thread.comments.map((comment, index) => ({
      at: comment.createdAt,
      shown: renderComment(comment, `${id}-comment-${index + 1}`, numbers),
    })),
    ...(thread.events ?? []).map((event) => {
      const shown = typeof event === "string" ? html(event) : `${html(event.text)} · ${time(event.at)}`;
      return { at: typeof event === "string" ? null : event.at, shown: `<p class="event">${shown}</p>` };
    }),
  ];
  // ISO instants sort as text. The sort is stable: whatever has no instant keeps its place at the end.
  entries.sort((a, b) => (a.at === null ? 1 : b.at === null ? -1 : a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return [
    `<section class="thread" aria-labelledby="${id}">`,
    "<header>",
    `<h2 id="${id}" tabindex="-1">${html(thread.title)} <span class="number">#${thread.number}</span></h2>`,
    '<p class="facts">',
    `<span class="state ${thread.state}">${renderIcon(thread.state)} ${STATES[thread.state]}</span>`,
    `<span>${thread.kind === "issue" ? "Issue" : "Pull request"} by <strong>${html(thread.author)}</strong></span>`,
    ...thread.labels.map(
      (label) =>
        `<span class="label label-${colorOf(label)}"><span class="unseen">label </span>${html(label.name)}</span>`,
    ),
    "</p>",
    "</header>",
    box(thread.author, "opened this", thread.body, `${id}-body`, numbers),
    ...entries.map(({ shown }) => shown),
    ...(thread.checks === undefined || thread.checks.length === 0 ? [] : [renderChecks(thread.checks, id, numbers)]),
    "</section>",
  ].join("\n");
}

function renderComment(comment: ThreadComment, id: string, numbers: ReadonlySet<number>): string {
  const reactions = Object.entries(comment.reactions ?? {}).filter(([, count]) => count > 0);
  const pills = reactions.map(([name, count]) => {
    const [symbol, words] = REACTIONS[name] ?? ["•", name];
    return `<li><span aria-hidden="true">${symbol}</span> <span class="unseen">${html(words)}: </span>${count}</li>`;
  });
  const below = pills.length === 0 ? "" : `<ul class="reactions" aria-label="Reactions">${pills.join("")}</ul>`;
  return box(comment.author, `commented ${time(comment.createdAt)}`, comment.body, id, numbers, comment.isApp, below);
}

function box(
  author: string,
  did: string,
  body: string,
  id: string,
  threads: ReadonlySet<number>,
  isApp = false,
  below = "",
): string {
  const shown =
    body.trim() === ""
      ? '<p class="empty">No description provided.</p>'
      : renderMarkdown(body, { idPrefix: `${id}-`, headingLevel: 2, keepsLineBreaks: true, threads });
  return [
    `<article class="box${isApp ? " by-app" : ""}" id="${id}" aria-label="${html(author)}">`,
    `<p class="who"><span class="avatar" aria-hidden="true">${html([...author][0]?.toUpperCase() ?? "?")}</span>` +
      `<strong>${html(author)}</strong>${isApp ? ' <span class="app">app</span>' : ""} <span class="did">${did}</span></p>`,
    `<div class="markdown-body">${shown}</div>`,
    below,
    "</article>",
  ].join("\n");
}

function renderChecks(checks: readonly ThreadCheck[], id: string, threads: ReadonlySet<number>): string {
  const items = checks.map((check, index) => {
    const outcome = check.conclusion ?? "in progress";
    const [kind, icon] = grade(check.conclusion);
    const place = { idPrefix: `${id}-check-${index + 1}-`, headingLevel: 3, keepsLineBreaks: false, threads };
    const summary =
      check.summary === null ? "" : `<div class="markdown-body">${renderMarkdown(check.summary, place)}</div>`;
    return [
      `<article class="check ${kind}">`,
      `<p class="check-head"><span class="sign">${renderIcon(icon)}</span> <strong>${html(check.name)}</strong>` +
        ` <span class="outcome">${html(outcome)}</span>${check.title === null ? "" : ` <span>${html(check.title)}</span>`}</p>`,
      summary,
      "</article>",
    ].join("\n");
  });
  return `<div class="checks"><h3>Checks</h3>\n${items.join("\n")}</div>`;
}

function grade(conclusion: string | null): readonly [kind: "good" | "bad" | "waiting", icon: IconName] {
  if (conclusion === null) return ["waiting", "running"];
  if (conclusion === "success") return ["good", "good"];
  return ["neutral", "skipped", "stale"].includes(conclusion) ? ["waiting", "neutral"] : ["bad", "bad"];
}

function readStyle(): string {
  const markdownStyle = readFileSync(new URL(import.meta.resolve("github-markdown-css/github-markdown.css")), "utf8");
  const ownStyle = readFileSync(new URL("./thread-page.css", import.meta.url), "utf8");
  return `${markdownStyle}\n${ownStyle}`;
}

/** Six lower-case hexadecimal digits, whatever was given: it becomes part of a class name and a style. */
function colorOf(label: ThreadLabel): string {
  return /^[0-9a-f]{6}$/i.test(label.color) ? label.color.toLowerCase() : "ededed";
}

function labelColors(threads: readonly Thread[]): readonly string[] {
  return [...new Set(threads.flatMap(({ labels }) => labels.map(colorOf)))];
}

/** Black or white text, whichever is more readable on the color (WCAG 2.2, relative luminance). */
function labelRule(color: string): string {
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // Above this, black has more contrast.
  return `.label-${color} { background: #${color}; color: #${luminance > 0.179 ? "000" : "fff"}; }`;
}

function time(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return html(instant);
  const iso = date.toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}
