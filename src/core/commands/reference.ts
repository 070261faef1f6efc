import { KEY_TIMES } from "../record/entry.ts";
import { MAX_TEXT_LENGTH, MIN_REASON_LENGTH } from "./arguments.ts";
import { COMMAND_GROUPS, COMMANDS, type CommandGroup, type CommandSpec, commandsOf } from "./registry.ts";
import { MAX_COMMANDS_PER_COMMENT } from "./scan.ts";

/** The text of docs/commands.md, made from the registry. */
export function commandsReference(): string {
  const groups = Object.entries(COMMAND_GROUPS) as [CommandGroup, string][];
  return [
    "<!-- Generated from src/core/commands/registry.ts by `npm run generate`. Do not edit. -->",
    "",
    "# Commands",
    "",
    "Write a command as the first word of a line of a new comment on the incident. A thumbs-up says that it was done.",
    "",
    ...groups.flatMap(([group, title]) => section(group, title)),
    "*Role* is the least role a person needs in the repository at the time Sevgate reads the comment. Change it with",
    "[`commands.permission`](policy.md) in the policy. *Apps*: see [below](#apps).",
    "",
    "## What counts as a command",
    "",
    "- The first word of a line of ordinary text, also in a list item. Capital letters do not matter: `/ACK` is `/ack`.",
    "  What a reader does not see does not matter either: spaces of any kind, or an invisible character that was copied.",
    "- A comma, a full stop, a colon, an exclamation mark or an emoji may follow: `/ack, will do`. `/ack?` asks: it is",
    "  answered with how to write the command, and does nothing. So are misspelled ones: `/akc`, `/sev1`, `/severity=P0`.",
    "- Nothing counts inside code, quotes, HTML, links, bold or italic text, headings, images or tables, or below the",
    "  repeated message or the signature of an e-mail reply. What you write below a message quoted with `>` counts, after an",
    "  empty line.",
    "- Markdown takes some lines into what stands around them: directly below a quote, a table, `</details>` or an `<img>`, or",
    "  above a row of dashes. A command there does nothing, and one reply says so. Leave an empty line above and below it.",
    "- So does one whose slash or letters only look right (`／ack`), or with a space behind the slash.",
    `- The first ${MAX_COMMANDS_PER_COMMENT} commands of a comment count. They are obeyed in order.`,
    "- Only new comments count. Editing or deleting a comment later changes nothing.",
    `- A text has at most ${MAX_TEXT_LENGTH} characters; the reason for \`/cancel\`, \`/waive\`, \`/drop\` and \`/snooze\` at least ${MIN_REASON_LENGTH}.`,
    "- Commands work on the incident. One written on a pull request by someone with the triage role is answered, once on each",
    "  pull request, with where to write it. So are `/items`, `/drop` and `/snooze` on a post-mortem, an action item or",
    "  *Incident follow-ups*, with the line to paste.",
    "",
    "## Times",
    "",
    "`/time` corrects when something was: in the status comment, the summary, the post-mortem's draft and the chat. It works before",
    "closing and after. Who corrected it, and what it was before, stays on the timeline.",
    "",
    `- **NAME** is one of ${KEY_TIMES.map((time) => `\`${time}\``).join(", ")}, which come in that order: a time that would`,
    "  break it is refused. Times that nobody has said are left out.",
    "- **WHEN** is `2026-11-26T10:42Z`, `2026-11-26 10:42 UTC`, `10:42+01:00` or `10:42`. Without a zone it is in that of the on-call",
    "  file, else in UTC. Without a day it is the last such time before your comment; once the incident is over, the one within 12",
    "  hours of it; for `started` and `detected`, the one in the 12 hours before the declaration. Where that leaves none, or two, you are",
    "  asked for the day.",
    "- **It changes the time and nothing else.** `/time acknowledged` does not acknowledge: first `/ack`, then the time. Pages and",
    "  deadlines go by what was said when it was said. `/unack`, or opening the issue again, takes what it undoes with its time.",
    "- `close-requires: key-times` in the [policy](policy.md#key-times) asks for the times it names before an incident can close.",
    "",
    "## Answers",
    "",
    "- A thumbs-up on your comment says that it was done. Only refusals get a reply, and what asks for one: `/help`, `/oncall`,",
    "  `/who`, `/suspects`, `/runbook`. A comment gets one reply, however many commands are in it.",
    "- No slip is met with silence. Five of a person in an hour are answered in words; the fifth answer says that it is the last,",
    "  and further ones get a 😕. So does a command that was refused within the hour because you may not use it.",
    "- Without the triage role, in a private repository: three replies an hour, then a 😕. In a public one, where every reply",
    "  mails whoever follows the incident: a 😕, and when you ask again the reason, once a day. After six comments in an hour",
    "  there is no answer.",
    "- A 😕 on a command that is right says that there is no answer now: comment it again later.",
    "",
    "## Apps",
    "",
    "GitHub gives apps no role in a repository, so [`commands.bots`](policy.md) in the policy grants what an app may do. A plain",
    "list of logins grants the commands marked `listed` above. Those marked `granted` acknowledge, accept, waive, cancel or drop",
    "something, or write with Sevgate's own rights: they have to be named. What a workflow of GitHub Actions comments with its",
    "own token comes from `github-actions[bot]`:",
    "",
    "```yaml",
    "commands:",
    "  bots:",
    '    "github-actions[bot]": [note, status, mitigate]',
    "```",
    "",
    "Every workflow of the repository may then use them, so grant what any of them may say. Other apps are not listened to, and",
    "what an app says or labels confirms no incident that an outsider has declared. An app that lowers a severity by label needs",
    "`severity`; else the label is put back.",
    "",
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

/** The commands of a group, and their examples. */
function section(group: CommandGroup, title: string): readonly string[] {
  const specs = commandsOf(group).map((name): CommandSpec => COMMANDS[name]);
  return [
    `## ${title}`,
    "",
    "| Command | What it does | Role | Apps |",
    "| --- | --- | --- | --- |",
    ...specs.map((spec) => `| \`${spec.usage}\` | ${spec.summary}${also(spec)} | ${spec.who} | ${spec.apps} |`),
    "",
    "```text",
    ...specs.flatMap(({ examples }) => examples),
    "```",
    "",
  ];
}

function also({ aliases }: CommandSpec): string {
  return aliases.length === 0 ? "" : ` Also ${aliases.map((alias) => `\`/${alias}\``).join(", ")}.`;
}
