import * as z from "zod";
import type { Clock } from "../../base/clock.ts";
import { TransientError } from "../../base/errors.ts";
import { ChatRequestBody, DeclarationBody, keptRequest } from "../../core/chat/chat-request.ts";
import { readThreadView } from "../../core/chat/kept-thread.ts";
import { DECLARE_FORM, declareForm } from "../../core/chat/slack/declare-form.ts";
import { messageOfLines } from "../../core/chat/slack/message.ts";
import { mrkdwn } from "../../core/chat/slack/mrkdwn.ts";
import { ACTIONS, incidentOfValue } from "../../core/chat/slack/root-message.ts";
import { SLACK_LIMITS } from "../../core/chat/slack/slack-limits.ts";
import { slackLine } from "../../core/chat/slack/slack-line.ts";
import { rootLine } from "../../core/chat/thread-root.ts";
import { ThreadSent } from "../../core/chat/thread-state.ts";
import type { Key } from "../../core/model.ts";
import { fullName } from "../../core/names.ts";
import { keptPolicy } from "../../core/policy/kept-policy.ts";
import { readJson } from "../../core/read-json.ts";
import { BY_SLACK } from "../../queue/cause.ts";
import type { Queue } from "../../queue/queue.ts";
import type { IndexStore } from "../../store/index-store.ts";
import type { ThreadStore } from "../../store/thread-store.ts";
import type { Slack } from "../../systems/slack/ports.ts";
import { SlackRefusedError } from "../../systems/slack/slack-refused-error.ts";
import { createMayShowInChannel, type MayShowInChannelParts } from "./may-show-in-channel.ts";
import { repositoriesOfChannel } from "./repositories-of-channel.ts";
import { verifySlackSignature } from "./verify-slack-signature.ts";
import { createWhoCommand, type WhoCommandParts } from "./who-command.ts";

/** Where Slack sends what people do; templates/slack-manifest.yml says the same. */
export const INTERACTIONS_PATH = "/slack/interactions";
export const COMMANDS_PATH = "/slack/commands";

/** What the way in from Slack needs. */
export interface ReceiveSlackParts extends Omit<WhoCommandParts, "mayShow">, MayShowInChannelParts {
  readonly signingSecret: string;
  readonly threads: ThreadStore;
  readonly index: IndexStore;
  readonly queue: Pick<Queue, "add">;
  readonly clock: Clock;
  readonly slack: Pick<Slack, "openView">;
}

/** A request as it arrived. */
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
const UserId = z.string().regex(/^[UW][A-Z0-9]{1,20}$/);
const Ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/);
const BlockActions = z.object({
  type: z.literal("block_actions"),
  team: z.object({ id: Id }).nullish(),
  user: z.object({ id: UserId, team_id: Id.optional() }),
  container: z.object({ channel_id: Id, message_ts: Ts }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional(), action_ts: Ts })).max(25),
});

const Command = z.object({
  text: z.string().default(""),
  channel_id: Id,
  channel_name: z.string().max(80).default(""),
  trigger_id: z.string().max(200).default(""),
});

const Picked = z.object({ value: z.object({ selected_option: z.object({ value: z.string() }) }) });
const Written = z.object({ value: z.object({ value: z.string().nullish() }) });
const Submission = z.object({
  type: z.literal("view_submission"),
  team: z.object({ id: Id }).nullish(),
  user: z.object({ id: UserId, team_id: Id.optional() }),
  view: z.object({
    id: z.string().regex(/^[A-Z0-9]{1,20}$/),
    callback_id: z.literal(DECLARE_FORM),
    private_metadata: z.string().max(200),
    state: z.object({
      values: z.object({ title: Written, severity: Picked, repository: Picked, text: Written }),
    }),
  }),
});

const Declaration = DeclarationBody.extend({ channel: Id });

const DONE: SlackHttpAnswer = { status: 200, body: "" };
const MOST_LISTED = 20;
/** How many of a channel's open threads are looked at. */
const MOST_LOOKED_AT = 100;

/**
 * Takes what people do in Slack: verified on the bytes as received, kept, and only then answered with `200`. A button
 * decides nothing here: a pass judges whoever pressed it, by their rights on GitHub.
 *
 * @throws TransientError when the store does not answer; Slack then tells the person that it did not work
 */
export function createReceiveSlack(parts: ReceiveSlackParts): (request: SlackHttpRequest) => Promise<SlackHttpAnswer> {
  const { threads, index, queue, clock } = parts;
  const mayShow = createMayShowInChannel(parts);
  const who = createWhoCommand({ ...parts, mayShow });

  async function press(payload: z.output<typeof BlockActions>): Promise<void> {
    const { user, container } = payload;
    const team = payload.team?.id ?? user.team_id ?? "";
    for (const { action_id, value, action_ts } of payload.actions) {
      const kind = action_id === ACTIONS.acknowledge ? "acknowledge" : action_id === ACTIONS.resolve ? "resolve" : null;
      const incident = incidentOfValue(value ?? "");
      if (kind === null || incident === null) continue;
      const { repositoryId, number } = incident;
      const known = await index.repository(repositoryId);
      const sent = readJson(ThreadSent, (await threads.thread(repositoryId, number))?.sent ?? null);
      if (known === null || sent === null) continue;
      // Only the button on the incident's own message counts, not on one it has left, or one that was forwarded or made
      // up.
      const isOurs = sent.root?.channel === container.channel_id && sent.root.ts === container.message_ts;
      const asked = isOurs ? kind : "lost";
      const body = ChatRequestBody.parse({ chat: "slack", kind: asked, user: user.id, channel: container.channel_id });
      const id = `${team}:${container.message_ts}:${action_id}:${action_ts}`;
      await threads.addRequest({ id, repositoryId, number, body: keptRequest(body), at: clock.now() });
      const key: Key = { kind: "incident", repository: known.repository, number };
      // Even if it was already there: the process may have died right afterwards.
      await queue.add([key], 30, BY_SLACK);
    }
  }

  async function declare({
    text,
    channel_id,
    channel_name,
    trigger_id,
  }: z.output<typeof Command>): Promise<SlackHttpAnswer> {
    const names = [channel_id, channel_name];
    const { first } = await repositoriesOfChannel(index, parts.channels, names, SLACK_LIMITS.options);
    // A name is part of a repository, too.
    const may = await Promise.all(first.map((known) => mayShow(known, names)));
    const shown = first.filter((_, at) => may[at] === true);
    if (shown.length === 0) {
      if (may.includes("cannot-tell"))
        return ephemeral(["GitHub does not say now what may be shown here. Please try again."]);
      return ephemeral([
        "No repository declares its incidents in this channel. Open an issue with a severity label instead.",
      ]);
    }
    const repositories = shown.map(({ repository, lastGoodPolicy }) => ({
      id: repository.id,
      name: fullName(repository),
      severities: keptPolicy(lastGoodPolicy).severities.map(({ name }) => name),
    }));
    const title = text.trim().replace(/^declare\s*/i, "");
    const form = declareForm({ channel: `${channel_id} ${channel_name}`, repositories, title });
    try {
      await parts.slack.openView(trigger_id, form);
      return DONE;
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof SlackRefusedError)) throw error;
      return ephemeral(["Slack did not open the form. Please try again, or open an issue with a severity label."]);
    }
  }

  async function submit({ team, user, view }: z.output<typeof Submission>): Promise<void> {
    const { title, severity, repository, text } = view.state.values;
    const known = await index.repository(Number(repository.value.selected_option.value));
    if (known === null) return;
    const [channel = "", channelTitle = ""] = view.private_metadata.split(" ");
    const body = Declaration.safeParse({
      chat: "slack",
      kind: "declare",
      user: user.id,
      channel,
      channelTitle,
      title: (title.value.value ?? "").slice(0, 200),
      severity: severity.value.selected_option.value,
      text: (text.value.value ?? "").slice(0, 3_000),
    }).data;
    if (body === undefined) return;
    // A form is submitted once; the same submission sent again has the same id as before.
    const id = `${team?.id ?? user.team_id ?? ""}:${view.id}`;
    const kept = { id, repositoryId: known.repository.id, number: null, body: keptRequest(body), at: clock.now() };
    await threads.addRequest(kept);
    await queue.add([{ kind: "declaration", repository: known.repository, id }], 30, BY_SLACK);
  }

  async function list(names: readonly [id: string, title: string]): Promise<readonly string[]> {
    const found: { readonly line: string; readonly isOutsiders: boolean }[] = [];
    // Only what was announced in this particular channel.
    const here = await threads.openThreadsIn(names[0], MOST_LOOKED_AT);
    for (const repositoryId of new Set(here.map((thread) => thread.repositoryId))) {
      const known = await index.repository(repositoryId);
      // What was once announced to everybody may have become private since.
      if (known === null || (await mayShow(known, names)) !== true) continue;
      for (const thread of here.filter((one) => one.repositoryId === repositoryId)) {
        const view = readThreadView(thread.view);
        if (view !== null) found.push({ line: slackLine(rootLine(view.root)), isOutsiders: view.outsider !== null });
      }
    }
    // What people without rights declared must not crowd out anything of the team's.
    const lines = found.toSorted((a, b) => Number(a.isOutsiders) - Number(b.isOutsiders)).map(({ line }) => line);
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
      if (word === "declare") return await declare(command);
      if (word === "who") return ephemeral(await who([command.channel_id, command.channel_name]));
      return ephemeral(word === "list" ? await list([command.channel_id, command.channel_name]) : help(word));
    }
    const payload = readJson(z.unknown(), form.get("payload"));
    if (payload === null) return { status: 400, body: "" };
    const pressed = BlockActions.safeParse(payload).data;
    if (pressed !== undefined) await press(pressed);
    const submitted = Submission.safeParse(payload).data;
    if (submitted !== undefined) await submit(submitted);
    return DONE;
  };
}

function help(word: string): readonly string[] {
  const unknown = word === "" || word === "help" ? [] : [`I do not know ${mrkdwn(word, 40)}.`];
  return [
    ...unknown,
    "/incident declare [TITLE] – a form that declares an incident",
    "/incident list – the open incidents that were announced in this channel",
    "/incident who – who is on call, and until when",
    "/incident help – this list",
    "Acknowledge and Resolve are buttons under the message of an incident.",
  ];
}

/** Visible only to whoever asked. */
function ephemeral(lines: readonly string[]): SlackHttpAnswer {
  return { status: 200, body: JSON.stringify({ response_type: "ephemeral", ...messageOfLines(lines) }) };
}
