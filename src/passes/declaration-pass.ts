import type { Logger } from "pino";
import { TransientError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import { channelName, isAllowed } from "../core/chat/allowed-channels.ts";
import { answerLine } from "../core/chat/answer-line.ts";
import { loginInChat } from "../core/chat/chat-people.ts";
import { type ChatAnswer, DeclarationBody, notAllowed } from "../core/chat/chat-request.ts";
import { chatFacts } from "../core/chat/chats.ts";
import { authorize } from "../core/commands/authorize.ts";
import { plain, titleText } from "../core/markdown/escape.ts";
import type { Key } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { isOwnAccount } from "../core/own.ts";
import { readJson } from "../core/read-json.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import { type ChatParts, ChatRefusedError, PerhapsSentError } from "../systems/chat.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import type { PassParts } from "./pass-parts.ts";
import type { RunHere } from "./run-here.ts";

type DeclarationKey = Extract<Key, { kind: "declaration" }>;
/** What is asked for in a chat is done within the hour or not at all: later it would surprise people. */
const TOO_LATE_MS = 3_600_000;

/**
 * One pass over what somebody in a chat wants to declare: it becomes an issue with the label of the severity, in a
 * repository whose policy names that channel, by the rights that person has on GitHub now. Only once: an issue created
 * by a pass that died is found again.
 *
 * @throws TransientError, TerminalError as GitHub's ports do
 */
export async function declarationPass(
  parts: PassParts & {
    /** `null`: none is set up. */
    readonly chat: ChatParts | null;
    readonly runHere: RunHere;
    readonly log: Logger;
    readonly trace: Trace;
  },
  key: DeclarationKey,
  write: GitHubWriter,
  lease: Lease,
): Promise<PassResult> {
  const { repository, id } = key;
  const { read, app, clock, policies, trace } = parts;
  if (parts.chat === null) return NOTHING_MORE;
  const { threads, channels, chat } = parts.chat;
  const kept = await threads.request(id);
  const asked = readJson(DeclarationBody, kept?.body ?? null);
  if (kept === null || asked === null || asked.chat !== chat.name) return NOTHING_MORE;
  if (clock.now() - kept.at > TOO_LATE_MS) {
    await threads.closeRequest(id);
    return NOTHING_MORE;
  }
  const { policy: inForce, onCall } = await policies.rules(repository);
  const { policy } = inForce;
  const { user, channel, channelTitle } = asked;

  async function judge(): Promise<ChatAnswer> {
    if ((await parts.runHere.judge(parts, key, null)) !== null) return { kind: "run-elsewhere" };
    const login = loginInChat(onCall.schedule, chat.name, user);
    if (login === null) return { kind: "unmapped" };
    const permission = await read.permission(repository, login);
    // Anybody who may change the severity may set it.
    const may = authorize("severity", { id: 0, login, isBot: false }, permission, policy.commands);
    if (may.kind === "refused") return notAllowed(login, may.needs);
    if (may.kind !== "allowed") return { kind: "cannot-tell" };
    const severity = policy.severities.find((one) => one.name === asked!.severity);
    const facts = await read.repository(repository);
    const names = [channel, channelTitle];
    const isBound = names.map(channelName).includes(channelName(chatFacts(chat.name).channelOf(policy)));
    if (severity === undefined || facts === "missing") return { kind: "not-here" };
    if (!isBound || !isAllowed(channels, names, repository, facts.isPrivate)) return { kind: "not-here" };

    const marker = `<!-- sevgate:declared-${id} -->`;
    const alike = await read.issuesWithLabel(repository, severity.label, { state: "all", since: kept!.at });
    const known = alike.find(({ author, body }) => isOwnAccount(app, author) && body.includes(marker));
    const words = asked!.text.split("\n").map((line) => plain(line, 500));
    const body = [...words, "", `Declared in ${chatFacts(chat.name).title} by ${plain(login, 64)}.`, marker].join("\n");
    const content = { title: titleText(asked!.title, 200), body, labels: [severity.label] };
    const open = () => write.createIssue(repository, content, "incident");
    const issue = known ?? (await trace.take("open-issue", "request", open));
    return { kind: "declared", number: issue.number, url: issue.url };
  }

  const answer = await judge();
  const hint = answerLine(answer, user, chat.name, false);
  try {
    await lease.assertHeld();
    if (hint !== null) {
      await trace.take(`answer:${answer.kind}`, "request", () => chat.hint(channel, user, hint));
    }
  } catch (error) {
    if (error instanceof TransientError && !(error instanceof PerhapsSentError)) throw error;
    if (!(error instanceof PerhapsSentError || error instanceof ChatRefusedError)) throw error;
    parts.log.info({ repository: fullName(repository), err: error }, "the chat took no answer");
  }
  await threads.closeRequest(id);
  return answer.kind === "declared"
    ? { checkAgainIn: null, alsoLookAt: [{ kind: "incident", repository, number: answer.number }] }
    : NOTHING_MORE;
}
