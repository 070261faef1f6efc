import type { Logger } from "pino";
import { TransientError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import { channelName, isAllowed } from "../core/chat/allowed-channels.ts";
import { answerLine } from "../core/chat/answer-line.ts";
import { DeclarationBody, notAllowed, type SlackAnswer } from "../core/chat/chat-request.ts";
import { slackCard } from "../core/chat/slack/slack-card.ts";
import { authorize } from "../core/commands/authorize.ts";
import { plain, titleText } from "../core/markdown/escape.ts";
import type { Key } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { readJson } from "../core/read-json.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { PerhapsSentError } from "../systems/slack/ports.ts";
import type { SlackParts } from "../systems/slack/slack-parts.ts";
import { SlackRefusedError } from "../systems/slack/slack-refused-error.ts";

type DeclarationKey = Extract<Key, { kind: "declaration" }>;
/** What is asked for in Slack is done within the hour, or not at all: later it would surprise. */
const TOO_LATE_MS = 3_600_000;

/**
 * One pass over what somebody in Slack wants to declare: it becomes an issue with the label of the severity, in a
 * repository whose policy names that channel, by the rights that person has on GitHub now. Once: an issue made by a pass
 * that died is found again.
 *
 * @throws TransientError, TerminalError as GitHub's ports do
 */
export async function declarationPass(
  parts: ObserveParts & {
    /** `null`: Slack is not set up. */
    readonly slack: SlackParts | null;
    readonly log: Logger;
    readonly trace: Trace;
  },
  { repository, id }: DeclarationKey,
  write: GitHubWriter,
  lease: Lease,
): Promise<PassResult> {
  const { read, app, clock, policies, trace } = parts;
  if (parts.slack === null) return NOTHING_MORE;
  const { threads, channels, slack } = parts.slack;
  const kept = await threads.request(id);
  const asked = readJson(DeclarationBody, kept?.body ?? null);
  if (kept === null || asked === null) return NOTHING_MORE;
  if (clock.now() - kept.at > TOO_LATE_MS) {
    await threads.closeRequest(id);
    return NOTHING_MORE;
  }
  const { policy: inForce, onCall } = await policies.rules(repository);
  const { policy } = inForce;
  const { user, channel, channelTitle } = asked;

  async function judge(): Promise<SlackAnswer> {
    const people = [...(onCall.schedule?.people.values() ?? [])];
    const login = people.find((person) => person.slack === user)?.login ?? null;
    if (login === null) return { kind: "unmapped" };
    const permission = await read.permission(repository, login);
    // Whoever may change the severity may set it.
    const may = authorize("severity", { id: 0, login, isBot: false }, permission, policy.commands);
    if (may.kind === "refused") return notAllowed(login, may.needs);
    if (may.kind !== "allowed") return { kind: "cannot-tell" };
    const severity = policy.severities.find((one) => one.name === asked!.severity);
    const facts = await read.repository(repository);
    const names = [channel, channelTitle];
    const isBound = names.map(channelName).includes(channelName(policy.slack.channel));
    if (severity === undefined || facts === "missing") return { kind: "not-here" };
    if (!isBound || !isAllowed(channels, names, repository, facts.isPrivate)) return { kind: "not-here" };

    const marker = `<!-- sevgate:declared-${id} -->`;
    const alike = await read.issuesWithLabel(repository, severity.label, { state: "all", since: kept!.at });
    const known = alike.find(({ author, body }) => author?.login === app.botLogin && body.includes(marker));
    const words = asked!.text.split("\n").map((line) => plain(line, 500));
    const body = [...words, "", `Declared in Slack by ${plain(login, 64)}.`, marker].join("\n");
    const content = { title: titleText(asked!.title, 200), body, labels: [severity.label] };
    const open = () => write.createIssue(repository, content, "incident");
    const issue = known ?? (await trace.take("open-issue", "request", open));
    return { kind: "declared", number: issue.number, url: issue.url };
  }

  const answer = await judge();
  const hint = answerLine(answer, user);
  try {
    await lease.assertHeld();
    if (hint !== null) {
      const card = slackCard({ kind: "lines", lines: [hint] });
      await trace.take(`answer:${answer.kind}`, "request", () => slack.hint(channel, user, card));
    }
  } catch (error) {
    if (error instanceof TransientError && !(error instanceof PerhapsSentError)) throw error;
    if (!(error instanceof PerhapsSentError || error instanceof SlackRefusedError)) throw error;
    parts.log.info({ repository: fullName(repository), err: error }, "nobody could be told in Slack");
  }
  await threads.closeRequest(id);
  return answer.kind === "declared"
    ? { checkAgainIn: null, alsoLookAt: [{ kind: "incident", repository, number: answer.number }] }
    : NOTHING_MORE;
}
