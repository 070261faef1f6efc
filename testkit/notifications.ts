import type { FakeEvent } from "./fake-github/events.ts";

/*
 * Whom GitHub notifies of what, by its documentation:
 *
 * - Who is subscribed to an issue or pull request: whoever watches the repository, has opened it, commented on it, closed,
 *   reopened or merged it, is assigned, is mentioned, or is asked for a review (GitHub docs, "About notifications", default
 *   subscriptions; "REST API endpoints for notifications", notification reasons).
 * - What subscribers are notified of: a new issue or pull request, a comment, closing, reopening and merging. An assignment
 *   and a request for a review notify only the person they are for.
 * - What notifies nobody: labels, reactions, pins, checks, edits of a text, a branch that is pushed (GitHub docs, "Configuring
 *   notifications"; an edit may notify those it newly mentions, A-076, which Sevgate does not rely on).
 * - Nobody is notified of what they did themselves (the same page: *your own updates* are off by default).
 *
 * Each notification is one e-mail. The inbox and the phone keep one entry for each thread: what happens there in the same
 * moment arrives together.
 */

/** What somebody is notified of. */
export interface Notification {
  readonly to: string;
  /** Who did it. */
  readonly by: string;
  /** Number of the issue or pull request. */
  readonly thread: number;
  readonly what: "opened" | "comment" | "closed" | "reopened" | "merged" | "assigned" | "review requested";
  /** The comment, or the text of a new issue or pull request; else empty. */
  readonly text: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** Reads webhooks, and says whom GitHub would have notified of what happened. */
export class Notifications {
  readonly all: Notification[] = [];
  readonly #watchers: readonly string[];
  readonly #subscribed = new Map<number, Set<string>>();

  /** @param watchers who gets everything that happens in the repository */
  constructor(watchers: readonly string[]) {
    this.#watchers = watchers;
  }

  /** @param at ms since the epoch */
  hear({ name, payload }: FakeEvent, at: number): void {
    const by = loginOf(payload["sender"]);
    const { number: thread = 0, body = null } = (payload["issue"] ?? payload["pull_request"] ?? {}) as Shown;
    const notify = (what: Notification["what"], to: readonly string[], text = "") => {
      const people = [...new Set(to)].filter((login) => login !== by && !login.endsWith("[bot]"));
      this.all.push(...people.map((login) => ({ to: login, by, thread, what, text, at })));
    };
    const subscribers = this.#subscribed.get(thread) ?? new Set();
    this.#subscribed.set(thread, subscribers);
    const everybody = () => [...this.#watchers, ...subscribers];
    const join = (...logins: readonly string[]) => {
      for (const login of logins) subscribers.add(login);
    };

    switch (`${name}.${payload.action}`) {
      case "issues.opened":
      case "pull_request.opened":
        join(...mentioned(body ?? ""));
        notify("opened", everybody(), body ?? "");
        join(by);
        break;
      case "issue_comment.created": {
        const text = (payload["comment"] as Shown).body ?? "";
        join(...mentioned(text));
        notify("comment", everybody(), text);
        join(by);
        break;
      }
      case "issues.closed":
        notify("closed", everybody());
        join(by);
        break;
      case "issues.reopened":
      case "pull_request.reopened":
        notify("reopened", everybody());
        join(by);
        break;
      case "pull_request.closed":
        notify((payload["pull_request"] as { readonly merged: boolean }).merged ? "merged" : "closed", everybody());
        join(by);
        break;
      case "issues.assigned":
        notify("assigned", [loginOf(payload["assignee"])]);
        join(loginOf(payload["assignee"]));
        break;
      case "pull_request.review_requested":
        notify("review requested", [loginOf(payload["requested_reviewer"])]);
        join(loginOf(payload["requested_reviewer"]));
        break;
    }
  }

  /** What somebody was notified of, oldest first. */
  of(login: string): readonly Notification[] {
    return this.all.filter(({ to }) => to === login);
  }
}

/** How often something arrives: what the same actor does in a thread within a moment arrives together. */
export function arrivals(notifications: readonly Notification[], momentMs = 10_000): number {
  const last = new Map<string, number>();
  return notifications.filter(({ thread, by, at }) => {
    const id = `${thread} ${by}`;
    const isNew = at - (last.get(id) ?? Number.NEGATIVE_INFINITY) > momentMs;
    last.set(id, at);
    return isNew;
  }).length;
}

interface Shown {
  readonly number?: number;
  readonly body?: string | null;
}

function loginOf(account: unknown): string {
  return (account as { readonly login: string }).login;
}

/** `@name`, not within code or a comment of HTML, and not after a letter or digit. */
function mentioned(markdown: string): readonly string[] {
  const shown = markdown.replace(/<!--[\s\S]*?-->|`[^`\n]*`/g, "");
  return [...shown.matchAll(/(?<![A-Za-z0-9`])@([A-Za-z0-9][A-Za-z0-9-]*)/g)].map(([, login = ""]) => login);
}
