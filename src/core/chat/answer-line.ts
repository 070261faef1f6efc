import { inDrill } from "../words/in-drill.ts";
import { type ChatLine, code, line, link, text, words } from "./chat-line.ts";
import type { ChatAnswer } from "./chat-request.ts";
import { type ChatName, chatFacts } from "./chats.ts";

/** What somebody who asked for something is told, visible only to them; `null`: the thread already shows it. */
export function answerLine(answer: ChatAnswer, user: string, chat: ChatName, isDrill: boolean): ChatLine | null {
  const answered = answerTo(answer, user, chat);
  return answered === null || !isDrill ? answered : line`${words(inDrill(true, ""))}${answered}`;
}

function answerTo(answer: ChatAnswer, user: string, chat: ChatName): ChatLine | null {
  switch (answer.kind) {
    case "done":
      return null;
    case "unmapped":
      return line`I do not know who you are on GitHub, so nothing was changed. Add your ${words(chatFacts(chat).title)} id, ${text(user, 40)}, under ${code("people")} in ${code(".github/sevgate/on-call.yml")}, or comment on the issue.`;
    case "not-allowed":
      return line`${text(answer.login, 64)} needs the ${text(answer.needs, 20)} role in this repository, so nothing was changed. Ask a maintainer to do it, or to give you that role.`;
    case "cannot-tell":
      return line`GitHub did not say which role you have, so nothing was changed. Please try again in a few minutes, or comment on the issue.`;
    case "already":
      return line`That is so already: nothing was changed.`;
    case "declared":
      return line`Declared: ${link(answer.url, `#${answer.number}`)}. Updates are in its thread.`;
    case "not-here":
      return line`Incidents of that repository are not declared from this channel, so nothing was done. Its policy names the channel; open an issue with a severity label instead.`;
    case "run-elsewhere":
      return line`The GitHub Action of that repository runs its incidents now, so nothing was changed from here. Comment a command on the issue instead, or open one with a severity label.`;
    case "elsewhere":
      return answer.link === null
        ? line`This is not the message of the incident any more, so nothing was changed. Updates are in the channel that the policy of the repository names; the issue always knows.`
        : line`This is not the message of the incident any more, so nothing was changed. Its buttons are ${link(answer.link, "in its thread")} now.`;
    case "closed":
      return line`This incident is closed, so nothing was changed. Reopen the issue first if it is not over.`;
  }
}
