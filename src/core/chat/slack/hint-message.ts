import type { SlackAnswer } from "../chat-request.ts";
import { messageOfLines, type SlackMessage } from "./message.ts";
import { mrkdwn, slackLink } from "./mrkdwn.ts";

/** What somebody is told who pressed a button, seen by them alone; `null`: the thread shows it already. */
export function hintMessage(answer: SlackAnswer, userId: string): SlackMessage | null {
  const line = sentence(answer, userId);
  return line === null ? null : messageOfLines([line]);
}

function sentence(answer: SlackAnswer, userId: string): string | null {
  switch (answer.kind) {
    case "done":
      return null;
    case "unmapped":
      return `I do not know who you are on GitHub, so nothing was changed. Add your Slack id, ${mrkdwn(userId, 40)}, under \`people\` in \`.github/sevgate/on-call.yml\`, or comment on the issue.`;
    case "not-allowed":
      return `${mrkdwn(answer.login, 64)} needs the right ${mrkdwn(answer.needs, 20)} in this repository, so nothing was changed. Ask a maintainer to do it, or to give you that right.`;
    case "cannot-tell":
      return "GitHub did not tell me your rights, so nothing was changed. Please try again in a few minutes, or comment on the issue.";
    case "already":
      return "That is so already: nothing was changed.";
    case "declared":
      return `Declared: ${slackLink(answer.url, `#${answer.number}`)}. What happens is told in its thread.`;
    case "not-here":
      return "Incidents of that repository are not declared from this channel, so nothing was done. Its policy names the channel; open an issue with a severity label instead.";
    case "elsewhere":
      return answer.link === null
        ? "This is not the message of the incident any more, so nothing was changed. What happens is told in the channel that the policy of the repository names; the issue always knows."
        : `This is not the message of the incident any more, so nothing was changed. Its buttons are ${slackLink(answer.link, "in its thread")} now.`;
    case "closed":
      return "This incident is closed, so nothing was changed. Reopen the issue first if it is not over.";
  }
}
