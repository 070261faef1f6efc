import { z } from "zod";
import type { Key } from "../core/model.ts";
import { messageOfLines } from "../core/slack/message.ts";
import { mrkdwn } from "../core/slack/mrkdwn.ts";
import { readKept } from "../core/slack/read-kept.ts";
import { ACTIONS, incidentOfValue } from "../core/slack/root-message.ts";
import { SlackRequestBody } from "../core/slack/slack-request.ts";
import { ThreadSent, ThreadView } from "../core/slack/thread-state.ts";
import type { Clock } from "../queue/clock.ts";
import type { IndexStore } from "../queue/index-store.ts";
import type { Queue } from "../queue/queue.ts";
import type { ThreadStore } from "../queue/thread-store.ts";
import { verifySlackSignature } from "./verify-slack-signature.ts";

/** Where Slack sends what people do; templates/slack-manifest.yml says the same. */
export const INTERACTIONS_PATH = "/slack/interactions";
export const COMMANDS_PATH = "/slack/commands";

/** What the way in from Slack needs. */
export interface ReceiveSlackParts {
  readonly signingSecret: string;
  readonly threads: ThreadStore;
  readonly index: IndexStore;
  readonly queue: Pick<Queue, "add">;
  readonly clock: Clock;
}

/** A request as it came in. */
export interface SlackHttpRequest {
  readonly path: string;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Buffer;
}

export interface SlackHttpAnswer {
  readonly status: 200 | 400 | 401;
  /** JSON; empty: nothing to say. */
  readonly body: string;
}

const Id = z.string().regex(/^[A-Z0-9]{1,20}$/);
const Ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/);
const BlockActions = z.object({
  type: z.literal("block_actions"),
  team: z.object({ id: Id }).nullish(),
  user: z.object({ id: Id, team_id: Id.optional() }),
  container: z.object({ channel_id: Id, message_ts: Ts }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional(), action_ts: Ts })).max(25),
});
const Command = z.object({ text: z.string().default(""), channel_id: Id, user_id: Id });

const DONE: SlackHttpAnswer = { status: 200, body: "" };
const MOST_LISTED = 20;

/**
 * Takes what people do in Slack: verified on the bytes as received, kept, and only then answered `200`. A button decides
 * nothing here: whoever pressed it is judged by a pass, by their rights on GitHub.
 *
 * @throws TransientError when the store does not answer; Slack then tells the person that it did not work
 */
export function createReceiveSlack(parts: ReceiveSlackParts): (request: SlackHttpRequest) => Promise<SlackHttpAnswer> {
  const { threads, index, queue, clock } = parts;

  async function press(payload: z.output<typeof BlockActions>): Promise<void> {
    const { user, container } = payload;
    const team = payload.team?.id ?? user.team_id ?? "";
    for (const { action_id, value, action_ts } of payload.actions) {
      const kind = action_id === ACTIONS.acknowledge ? "acknowledge" : action_id === ACTIONS.resolve ? "resolve" : null;
      const incident = incidentOfValue(value ?? "");
      if (kind === null || incident === null) continue;
      const { repositoryId, number } = incident;
      const known = await index.repository(repositoryId);
      const sent = readKept(ThreadSent, (await threads.thread(repositoryId, number))?.sent ?? null);
      // Only the button of the incident's own message counts, not one that was forwarded or made up.
      const isOurs = sent?.root?.channel === container.channel_id && sent.root.ts === container.message_ts;
      if (known === null || !isOurs) continue;
      const body = SlackRequestBody.parse({ kind, user: user.id, channel: container.channel_id });
      const id = `${team}:${container.message_ts}:${action_id}:${action_ts}`;
      await threads.addRequest({ id, repositoryId, number, body: JSON.stringify(body), at: clock.now() });
      const key: Key = { kind: "incident", repository: known.repository, number };
      // Also when it was there already: the process may have died right after.
      await queue.add([key], 30);
    }
  }

  async function list(channel: string): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const { repository } of await index.repositories()) {
      for (const known of await threads.openThreads(repository.id)) {
        const view = readKept(ThreadView, known.view);
        // Only what was announced in this very channel: it is known here.
        if (view !== null && readKept(ThreadSent, known.sent)?.root?.channel === channel) lines.push(view.line);
      }
    }
    if (lines.length === 0) return ["No incident that was announced in this channel is open."];
    const more = lines.length > MOST_LISTED ? [`and ${lines.length - MOST_LISTED} more.`] : [];
    return [...lines.slice(0, MOST_LISTED), ...more];
  }

  return async ({ path, timestamp, signature, body }) => {
    if (!verifySlackSignature(body, { timestamp, signature }, parts.signingSecret, clock.now())) {
      return { status: 401, body: "" };
    }
    const form = new URLSearchParams(body.toString("utf8"));
    if (path === COMMANDS_PATH) {
      const command = Command.safeParse(Object.fromEntries(form)).data;
      if (command === undefined) return { status: 400, body: "" };
      const word = (command.text.trim().split(/\s+/)[0] ?? "").toLowerCase();
      return ephemeral(word === "list" ? await list(command.channel_id) : help(word));
    }
    const payload = readKept(z.unknown(), form.get("payload"));
    if (payload === null) return { status: 400, body: "" };
    const pressed = BlockActions.safeParse(payload).data;
    if (pressed !== undefined) await press(pressed);
    return DONE;
  };
}

function help(word: string): readonly string[] {
  const unknown = word === "" || word === "help" ? [] : [`I do not know ${mrkdwn(word, 40)}.`];
  return [
    ...unknown,
    "/incident list – the open incidents that were announced in this channel",
    "/incident help – this list",
    "An incident is declared on GitHub, by its severity label. Acknowledge and Resolve are buttons under its message.",
  ];
}

/** Seen by whoever asked alone. */
function ephemeral(lines: readonly string[]): SlackHttpAnswer {
  return { status: 200, body: JSON.stringify({ response_type: "ephemeral", ...messageOfLines(lines) }) };
}
