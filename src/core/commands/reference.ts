import { MAX_TEXT_LENGTH, MIN_REASON_LENGTH } from "./arguments.ts";
import { COMMAND_NAMES, COMMANDS, type CommandSpec } from "./registry.ts";
import { MAX_COMMANDS_PER_COMMENT } from "./scan.ts";

/** The text of docs/commands.md, made from the registry. */
export function commandsReference(): string {
  const rows = COMMAND_NAMES.map((name) => {
    const spec: CommandSpec = COMMANDS[name];
    return `| \`${spec.usage}\` | ${spec.summary} | ${spec.who} | ${spec.apps} |`;
  });
  const details = COMMAND_NAMES.flatMap((name) => {
    const spec: CommandSpec = COMMANDS[name];
    const aliases = spec.aliases.map((alias) => `\`/${alias}\``).join(", ");
    return [
      `## \`/${name}\``,
      "",
      spec.summary,
      "",
      "```text",
      ...spec.examples,
      "```",
      "",
      ...(aliases === "" ? [] : [`Also: ${aliases}.`, ""]),
    ];
  });
  return [
    "<!-- Generated from src/core/commands/registry.ts by `npm run generate`. Do not edit. -->",
    "",
    "# Commands",
    "",
    "Write a command as the first word of a line of a new comment on the incident.",
    "",
    "| Command | What it does | Who, by default | Apps |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    "Who may use a command is the person's role in the repository at the time Sevgate reads the comment. Change it with",
    "[`commands.permission`](policy.md) in the policy.",
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
    "## What counts as a command",
    "",
    "- The first word of a line of ordinary text, also in a list item. Capital letters do not matter: `/ACK` is `/ack`.",
    "  What a reader does not see does not matter either: spaces of any kind, or an invisible character that was copied.",
    "- A comma, a full stop, a colon, an exclamation mark or an emoji may follow: `/ack, will do`. `/ack?` asks: it is",
    "  answered with how to write the command, and does nothing. So are misspelt ones: `/akc`, `/sev1`, `/severity=P0`.",
    "- Nothing counts inside code, quotes, HTML, links, bold or italic text, headings, images or tables, or below the",
    "  repeated message or the signature of an e-mail reply. What you write below a message quoted with `>` counts, after an",
    "  empty line.",
    "- Markdown takes some lines into what stands around them: directly below a quote, a table, `</details>` or an `<img>`, or",
    "  above a row of dashes. A command there does nothing, and one reply says so. Leave an empty line above and below it.",
    "- So does one whose slash or letters only look right (`／ack`), or with a space behind the slash.",
    "- Five slips of a person in an hour are answered; then it is said once that further ones are not.",
    `- The first ${MAX_COMMANDS_PER_COMMENT} commands of a comment count. They are obeyed in order.`,
    "- Only new comments count. Editing or deleting a comment later changes nothing.",
    `- A text has at most ${MAX_TEXT_LENGTH} characters; the reason for \`/cancel\` and \`/waive\` at least ${MIN_REASON_LENGTH}.`,
    "- A thumbs-up on your comment says that it was done. Only a refusal gets a reply. A comment gets one reply, however many",
    "  commands are in it.",
    "- People without rights in the repository get three replies an hour there, then a reaction, then silence. A 😕 says that",
    "  there is no answer now.",
    "",
    ...details,
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}
