import { type FetchFunction, type Logger, LogLevel, WebClient } from "@slack/web-api";
import * as z from "zod";
import type { Clock } from "../../base/clock.ts";
import type { SlackMessage } from "../../core/chat/slack/message.ts";
import { ChannelPace } from "./channel-pace.ts";
import type { Slack } from "./ports.ts";
import { slackError } from "./slack-error.ts";

/** Slack answers within a second or two; the queue gives a pass far longer. */
const TIMEOUT_MS = 10_000;
/** Slack's own hosts, and those of its government cloud. */
const SLACK_HOST = /(?:^|\.)slack(?:-gov)?\.com$/;

const Posted = z.object({ channel: z.string().min(1), ts: z.string().min(1) });
const Linked = z.object({ permalink: z.url() });

/** What the adapter needs. */
export interface SlackOptions {
  /** A bot token, `xoxb-…`. */
  readonly token: string;
  /** Without a trailing slash, such as `https://slack.com/api`. */
  readonly apiUrl: string;
  readonly clock: Clock;
  /** The way to the network; tests bring their own. */
  readonly fetch?: FetchFunction;
}

/**
 * Slack's Web API.
 *
 * The client's own defaults would retry for half an hour, wait indefinitely and sleep on rate limits: here every call
 * is sent once and takes 10 s at most, and whatever goes wrong is reported, so that the queue decides.
 */
export function createSlack({ token, apiUrl, clock, fetch }: SlackOptions): Slack {
  const pace = new ChannelPace(clock);
  const client = new WebClient(token, {
    slackApiUrl: `${apiUrl}/`,
    allowAbsoluteUrls: false,
    retryConfig: { retries: 0 },
    timeout: TIMEOUT_MS,
    rejectRateLimitedCalls: true,
    logger: SILENT,
    ...(fetch === undefined ? {} : { fetch }),
  });

  async function call<Schema extends z.ZodType>(
    method: string,
    options: Record<string, unknown>,
    answer: Schema,
  ): Promise<z.output<Schema>> {
    try {
      return answer.parse(await client.apiCall(method, options));
    } catch (error) {
      throw slackError(method, error, (ms) => pace.pause(ms));
    }
  }

  const nothing = z.unknown();
  const shown = ({ text, blocks }: SlackMessage) => ({
    text,
    blocks,
    parse: "none",
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  });

  return {
    async post({ channel, threadTs, broadcast, content }) {
      pace.count(channel);
      const thread = threadTs === null ? {} : { thread_ts: threadTs, reply_broadcast: broadcast };
      // Slack expects names without the `#`; ids have none.
      const place = { channel: channel.replace(/^#/, "") };
      const { channel: id, ts } = await call("chat.postMessage", { ...place, ...thread, ...shown(content) }, Posted);
      pace.count(id);
      return { channel: id, ts };
    },
    async update({ channel, ts }, content) {
      await call("chat.update", { channel, ts, ...shown(content) }, nothing);
    },
    async link({ channel, ts }) {
      const { permalink } = await call("chat.getPermalink", { channel, message_ts: ts }, Linked);
      const { hostname, protocol } = new URL(permalink);
      const isOurs = SLACK_HOST.test(hostname) ? protocol === "https:" : hostname === new URL(apiUrl).hostname;
      return isOurs && permalink.length <= 500 ? permalink : null;
    },
    async ping() {
      await call("auth.test", {}, nothing);
    },
    async hint(channel, userId, content) {
      await call("chat.postEphemeral", { channel, user: userId, ...shown(content) }, nothing);
    },
    async openView(triggerId, view) {
      await call("views.open", { trigger_id: triggerId, view }, nothing);
    },
    waitBefore: (channel) => pace.waitBefore(channel),
  };
}

/** The client's log could contain what people wrote; ours says what went wrong. */
const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
