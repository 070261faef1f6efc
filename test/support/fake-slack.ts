import type { FetchFunction } from "@slack/web-api";
import { mentionsIn, messageProblems, viewProblems } from "../../testkit/block-kit.ts";
import type { VirtualClock } from "../../testkit/virtual-clock.ts";

/** A message in Slack, as it is now. */
export interface SlackMessageKept {
  readonly ts: string;
  readonly threadTs: string | null;
  readonly broadcast: boolean;
  readonly at: number;
  text: string;
  blocks: readonly unknown[];
  edits: number;
}

/** What goes wrong with a request: before Slack has seen it, or afterwards, when the answer gets lost. */
export type SlackFault =
  | { readonly kind: "not-connected" | "no-answer-and-not-done" | "no-answer-but-done" | "unavailable-and-not-done" }
  | { readonly kind: "limited"; readonly retryAfterS: number }
  | { readonly kind: "refused"; readonly reason: string };

type Method =
  | "auth.test"
  | "chat.postMessage"
  | "chat.update"
  | "chat.getPermalink"
  | "chat.postEphemeral"
  | "views.open";

/**
 * A Slack in memory, behind the real client: it answers as docs.slack.dev describes the six methods Sevgate uses, and
 * refuses every message that Slack would refuse.
 */
export class FakeSlack {
  readonly token = "xoxb-fake-token";
  /** By id: the name of a channel the bot may post to. */
  readonly channels = new Map([
    ["C0ALERT0001", "alert"],
    ["C0SECRETS01", "secrets"],
  ]);
  /** Ids of channels that somebody has archived. */
  readonly archived = new Set<string>();
  readonly messages: (SlackMessageKept & { readonly channel: string })[] = [];
  readonly hints: { readonly channel: string; readonly user: string; readonly text: string }[] = [];
  readonly views: Record<string, unknown>[] = [];
  readonly calls: { readonly method: string; readonly at: number }[] = [];
  /** Asked before every request; `null`: nothing goes wrong. */
  fault: (method: Method, request: number) => SlackFault | null = () => null;
  readonly #clock: VirtualClock;
  #count = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** The way to it, for the client. */
  readonly fetch: FetchFunction = async (url, init) => {
    const method = String(url).split("/").at(-1) as Method;
    this.calls.push({ method, at: this.#clock.now() });
    const fault = this.fault(method, this.calls.length);
    const broken = (code: string) => Object.assign(new TypeError("fetch failed"), { cause: { code } });
    if (fault?.kind === "not-connected") throw broken("ECONNREFUSED");
    if (fault?.kind === "no-answer-and-not-done") throw broken("ECONNRESET");
    if (fault?.kind === "unavailable-and-not-done") return new Response("busy", { status: 503 });
    if (fault?.kind === "limited") {
      return new Response("", { status: 429, headers: { "retry-after": String(fault.retryAfterS) } });
    }
    if (fault?.kind === "refused") return answer({ ok: false, error: fault.reason });
    const given = Object.fromEntries(new URLSearchParams(String(init?.body)));
    const done = this.#do(method, given);
    if (fault?.kind === "no-answer-but-done") throw broken("ECONNRESET");
    return answer(done);
  };

  /** Somebody deletes a message. */
  delete(ts: string): void {
    const at = this.messages.findIndex((message) => message.ts === ts);
    if (at === -1) throw new Error(`no message ${ts}`);
    this.messages.splice(at, 1);
  }

  /** Root messages, oldest first. */
  get roots(): readonly SlackMessageKept[] {
    return this.messages.filter(({ threadTs }) => threadTs === null);
  }

  /** Replies to the newest root message, oldest first. */
  get replies(): readonly SlackMessageKept[] {
    const root = this.roots.at(-1)?.ts;
    return this.messages.filter(({ threadTs }) => threadTs !== null && threadTs === root);
  }

  /** Everybody who was notified by a mention. */
  get mentioned(): readonly string[] {
    return this.messages.flatMap((message) => mentionsIn(message));
  }

  #do(method: Method, given: Readonly<Record<string, string | undefined>>): object {
    const blocks = given["blocks"] === undefined ? [] : (JSON.parse(given["blocks"]) as readonly unknown[]);
    const text = given["text"] ?? "";
    if (method === "chat.postMessage" || method === "chat.update" || method === "chat.postEphemeral") {
      const problems = messageProblems({ text, blocks });
      if (problems.length > 0) throw new Error(`Slack would refuse this: ${problems.join("; ")}`);
    }
    const named = given["channel"] ?? "";
    const channel = [...this.channels].find(([id, name]) => id === named || name === named)?.[0];
    const found = this.messages.find(
      (message) => message.channel === channel && message.ts === (given["ts"] ?? given["message_ts"]),
    );
    switch (method) {
      case "auth.test":
        return { ok: true };
      case "chat.postMessage": {
        if (channel === undefined) return { ok: false, error: "channel_not_found" };
        if (this.archived.has(channel)) return { ok: false, error: "is_archived" };
        const parent = given["thread_ts"];
        if (parent !== undefined && !this.messages.some((one) => one.channel === channel && one.ts === parent)) {
          throw new Error("a reply below a message that is not there: nobody would see it");
        }
        this.#count += 1;
        const ts = `${Math.floor(this.#clock.now() / 1_000)}.${String(this.#count).padStart(6, "0")}`;
        const threadTs = given["thread_ts"] ?? null;
        const broadcast = given["reply_broadcast"] === "true";
        this.messages.push({ channel, ts, threadTs, broadcast, text, blocks, at: this.#clock.now(), edits: 0 });
        return { ok: true, channel, ts };
      }
      case "chat.update":
        if (channel === undefined) return { ok: false, error: "channel_not_found" };
        if (this.archived.has(channel)) return { ok: false, error: "is_archived" };
        if (found === undefined) return { ok: false, error: "message_not_found" };
        Object.assign(found, { text, blocks, edits: found.edits + 1 });
        return { ok: true, channel, ts: found.ts };
      case "chat.getPermalink":
        if (found === undefined) return { ok: false, error: "message_not_found" };
        return { ok: true, permalink: `https://acme.slack.com/archives/${channel}/p${found.ts.replace(".", "")}` };
      case "chat.postEphemeral":
        this.hints.push({ channel: named, user: given["user"] ?? "", text });
        return { ok: true };
      case "views.open": {
        const view = JSON.parse(given["view"] ?? "{}") as Record<string, unknown>;
        const problems = viewProblems(view);
        if (problems.length > 0) throw new Error(`Slack would refuse this: ${problems.join("; ")}`);
        this.views.push(view);
        return { ok: true };
      }
    }
  }
}

function answer(body: object): Response {
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
}
