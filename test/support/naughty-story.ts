import { closingReferences } from "../../src/core/markdown/references.ts";
import { NAUGHTY_NUMBER } from "./naughty-strings.ts";
import { renderTree } from "./rendered-tree.ts";
import { Story } from "./story.ts";
import { unseenIn } from "./unseen-in.ts";

/** The longest text a command accepts is 500; the reason around it needs some of that. */
const IN_A_COMMAND = 400;

/** A story in which everybody writes `text` wherever one can write, and what is wrong with what Sevgate says in it. */
export async function playNaughty(text: string): Promise<{ readonly story: Story; readonly wrong: readonly string[] }> {
  const one = oneLine(text);
  const story = await Story.begin({ policy: policyWith(one) });
  const { github } = story;
  const bob = github.as("bob");
  github.setFile(`runbooks/${one.replaceAll("/", "").slice(0, 80)}.md`, text);
  github.setFile(".github/sevgate/templates/incident.md", `## Impact\n\n${text}\n`);

  const body = text.trim() === "" ? "x" : text;
  const labels = ["sev:P0", ...(one.trim() === "" ? [] : [[...one].slice(0, 25).join("")])];
  const { number: issue } = bob.openIssue({ title: one.slice(0, 250), body, labels });
  await story.settle();
  const around = story.github.issue(issue).body;

  await story.say("alice", issue, "/ack");
  await story.say("rita", issue, body);
  await story.say("rita", issue, `/${one}`);
  await story.say("alice", issue, `/note ${one}`);
  await story.say("alice", issue, `/status ${one}`);
  await story.say("alice", issue, `/severity ${one}`);
  await story.say("alice", issue, `/severity P0 ${one}`);
  await story.say("alice", issue, `/assign ${one}`);
  await story.say("alice", issue, `/assign @bob ${one}`);
  await story.say("alice", issue, `/postmortem ${one}`);
  // A number that GitHub does not show is looked for again.
  await story.advance(5_000);
  await story.say("alice", issue, `/runbook ${one}`);
  await story.advance(5_000);
  await story.say("alice", issue, `/ack${one.slice(0, 30)}`);
  await story.say("alice", issue, "/runbook");
  const pull = bob.openPullRequest({
    title: `${one.slice(0, 200)} fixes #${issue}`,
    body: `${text}\n\nFixes #${issue}`,
    commits: [`${text}\n\nCloses: #${issue}`],
    files: { "a.ts": "1", ".github/sevgate.yml": text },
  });
  await story.settle();
  await story.say("alice", issue, "/postmortem");
  bob.close(issue);
  await story.settle();
  await story.say("alice", issue, `/mitigate ${one}`);
  await story.say("alice", issue, `/time started 08:00 ${one}`);
  await story.say("alice", issue, `/waive for this reason: ${one}`);
  await story.say("alice", issue, `/resolve ${one}`);

  const wrong: string[] = [];
  const expectThat = (holds: boolean, what: string) => {
    if (!holds) wrong.push(what);
  };
  expectThat(around.startsWith(body), "the author's own text was changed");
  const history = story.history(issue);
  expectThat(history.responder === "alice", "the record forgot who responds");
  expectThat(history.waived !== null && history.resolved !== null, "the record forgot the last commands");
  const noted = story.record(issue).entries.find((entry) => entry.kind === "noted");
  // A note with nothing visible in it is not a note. As in Markdown, U+FFFD stands for U+0000.
  expectThat(
    /^[\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}]*$/u.test(one) ||
      (noted !== undefined && "text" in noted && noted.text === one.replaceAll("\0", "\uFFFD")),
    "note changed",
  );
  expectThat(github.issue(issue).state === "closed", "the incident did not close in the end");
  expectThat(github.checkRuns(pull.headSha).length > 0, "the pull request has no check");

  const own = new Set([issue, pull.number, ...github.numbers()]);
  for (const said of sayings(story))
    wrong.push(...problemsOf(said, own).map((problem) => `${problem} in ${said.text}`));
  return { story, wrong };
}

/** What somebody can type into one line of a form, or after a command. */
function oneLine(text: string): string {
  const line = text.replace(/[\r\n]+/g, " ").slice(0, IN_A_COMMAND);
  return (/[\uD800-\uDBFF]$/.test(line) && line.length === IN_A_COMMAND ? line.slice(0, -1) : line).trim();
}

function policyWith(one: string): string {
  const printable = wellFormed(one.replace(/\p{Cc}/gu, ""));
  const heading = wellFormed(printable.replace(/^[\s#]+/, "").slice(0, 60)).trim() || "More";
  return JSON.stringify({
    severities: {
      P0: { label: "sev:P0", description: wellFormed(printable.slice(0, 90)), "close-requires": "post-mortem" },
      P1: { label: "sev:P1" },
    },
    "post-mortem": { "required-sections": ["What happened", heading] },
  });
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

interface Saying {
  readonly text: string;
  /** A title is shown as it is, for a person to copy; the rest is Markdown. */
  readonly isTitle: boolean;
}

/** Everything the app wrote that people see: comments, issues of its own, checks with their remarks. */
function sayings(story: Story): readonly Saying[] {
  const { github, repository } = story;
  const isOurs = (login: string | undefined) => login === github.botLogin;
  const markdown = (text: string): Saying => ({ text, isTitle: false });
  const title = (text: string): Saying => ({ text, isTitle: true });
  const numbers = github.numbers(repository);
  const comments = numbers
    .flatMap((number) => github.comments(number, repository))
    .filter(({ author }) => isOurs(author?.login))
    .map((comment) => markdown(comment.body));
  const created = numbers
    .map((number) => github.issue(number, repository))
    .filter(({ author }) => isOurs(author?.login))
    .flatMap((issue) => [title(issue.title), markdown(issue.body)]);
  const checks = github
    .allCheckRuns(repository)
    .flatMap(({ content }) => [
      title(content.title),
      markdown(content.summary),
      ...content.annotations.map(({ message }) => title(message)),
    ]);
  return [...comments, ...created, ...checks];
}

/** What Sevgate's own Markdown consists of, as a browser sees it. */
const ELEMENTS = new Set(
  "a blockquote br code del details em h1 h2 h3 h4 h5 h6 hr input li ol p pre span strong sub summary table tbody td th thead tr ul".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(["href", "type", "checked", "disabled", "className", "align"]);
const OWN_COMMENT = /^ (?:sevgate:[\w :=#.-]+|item:(?:[a-z-]+|step-[0-9a-f]{8}-\d+)|[A-Z][^<>]*) $/;
/** The repository's own pages, and Sevgate's documents (src/core/words/documents.ts). */
const OWN_ADDRESS =
  /^https:\/\/(?:github\.com\/acme\/ops\/(?:issues|pull|blob)\/[\w%#().~!*'/-]+|sevgate\.example\.com\/blob\/v[\d.]+\/docs\/[\w-]+\.md)$/;
const MENTION = /(?:^|[^a-z0-9])@[a-z0-9]/i;
const REFERENCE = /(?:^|[^\w&])(?:[\w.-]+\/[\w.-]+)?#(\d+)|\bGH-(\d+)/gi;
const ADDRESS = /:\/\/|www\./i;

/** What in a text goes beyond plain text and Sevgate's own structure. */
function problemsOf(said: Saying, own: ReadonlySet<number>): readonly string[] {
  // GitHub shows a title as it is, and looks for nothing in it.
  const { elements, comments, texts, codes, linkTexts } = said.isTitle
    ? { elements: [], comments: [], texts: [], codes: [said.text], linkTexts: [] }
    : renderTree(said.text);
  const problems: string[] = [];
  for (const { tagName, properties } of elements) {
    if (!ELEMENTS.has(tagName)) problems.push(`<${tagName}>`);
    for (const name of Object.keys(properties)) if (!ATTRIBUTES.has(name)) problems.push(`<${tagName} ${name}>`);
    const { href } = properties;
    if (href !== undefined && !OWN_ADDRESS.test(String(href))) problems.push(`a link to ${String(href)}`);
  }
  for (const comment of comments) if (!OWN_COMMENT.test(comment)) problems.push(`a comment "${comment}"`);
  for (const text of [...texts, ...codes, ...linkTexts, said.text]) {
    const unseen = unseenIn(text);
    if (unseen !== null) problems.push(`something unseen (${unseen}) in ${JSON.stringify(text)}`);
  }
  for (const text of [...texts, ...linkTexts]) {
    if (MENTION.test(text)) problems.push(`a mention in "${text}"`);
    if (ADDRESS.test(text)) problems.push(`an address in "${text}"`);
    for (const [, number, other] of text.matchAll(REFERENCE)) {
      // Somebody who links something that does not exist is told its number; no issue has it.
      const told = /there is no|not there/.test(text) && [NAUGHTY_NUMBER, 12].includes(Number(number ?? other));
      if (!told && !own.has(Number(number ?? other))) problems.push(`a reference in "${text}"`);
    }
  }
  const closing = said.isTitle ? [] : closingReferences(texts.join("\n"), "acme/ops");
  if (closing.length > 0) problems.push(`a closing keyword ${closing[0]!.matched}`);
  if (/\b49\b/.test(texts.join(" "))) problems.push("an evaluated template");
  return problems;
}
