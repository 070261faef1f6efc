import { describe, expect, it } from "@jest/globals";
import { sameHeading } from "../../../src/core/markdown/heading-names.ts";
import { hasOwnText } from "../../../src/core/markdown/own-text.ts";

const TEMPLATE =
  "<!-- What made it possible, what triggered it, why it was not noticed earlier. -->\n\n| When | What |\n| --- | --- |\n";

/* What is left where an answer should be: a reader sees nothing in it, or nothing that says anything. */
describe("A section that a reader sees as empty is empty:", () => {
  it.each<[string, string]>([
    ["nothing", ""],
    ["white space", " \t\n\n  "],
    ["entities of white space", "&nbsp;&#160;&#x2003;&emsp;&ZeroWidthSpace;"],
    ["invisible characters", "\u200B\u200D\u2060\uFEFF\u00AD"],
    ["filler characters that count as letters", "\u3164\u115F\u1160\uFFA0"],
    ["Braille without dots", "\u2800\u2800"],
    ["a line break of HTML", "<br><br/>\n<p></p>"],
    ["empty elements", "<div><span></span></div>\n\n<details><summary></summary></details>"],
    ["a comment", "<!-- later -->"],
    ["a comment that never ends", "<!-- later"],
    ["a link definition", "[1]: https://example.com 'all of it is said here'"],
    ["a footnote that nothing calls", "[^1]: all of it is said here"],
    ["a rule", "---\n\n***\n\n___"],
    ["dots, dashes and dashes that look alike", "...\n\n…\n\n–\n\n—\n\n―"],
    ["emoji", "👍 :tada: 🎉"],
    ["an empty list", "-\n- \n* \n1."],
    ["empty boxes", "- [ ]\n- [x]"],
    ["an empty quote", ">\n> "],
    ["an empty code block", "```\n\n```"],
    ["a code block with a placeholder", "```\nTODO\n```"],
    ["an empty table", "| | |\n| --- | --- |\n| | |"],
    ["the head of a table", "| When | What |\n| --- | --- |"],
    ["a table of placeholders", "| Time | Event |\n| --- | --- |\n| TBD | n/a |"],
    ["a table with times that nobody filled in", "| Time | Event |\n| --- | --- |\n| HH:MM | |"],
    ["TBD", "TBD"],
    ["TBD in bold, in brackets, with a full stop", "**[TBD]**."],
    ["n/a", "n/a"],
    ["N.A.", "N.A."],
    ["not applicable", "_Not applicable._"],
    ["to be determined, by somebody", "To be determined, @bob"],
    ["coming soon", "Coming soon…"],
    ["x", "xxxxx"],
    ["a variable that nobody filled in", "{{ root_cause }}"],
    ["the answer of a form that has none", "_No response_"],
    [
      "the hint of the template without its marks",
      "What made it possible, what triggered it, why it was not noticed earlier.",
    ],
    [
      "the hint, wrapped anew and quoted",
      "> What made it possible, what triggered it,\n> why it was not\n> noticed earlier.",
    ],
    ["a part of the hint", "what triggered it, why it was not noticed earlier"],
    ["the table of the template", "| When | What |\n| --- | --- |"],
    ["a label without an answer", "**Root cause:**\n\nTrigger:"],
    ["a heading without anything below", "### Details"],
    ["an image without a source", '<img alt="all of it">'],
    ["a script", "<script>all of it</script>"],
    ["a style", "<style>p { color: red }</style>"],
  ])("%s", (_, text) => {
    expect(hasOwnText(text, TEMPLATE)).toBe(false);
  });

  it.each<[string, string]>([
    ["none, for somebody looked", "None."],
    ["unknown", "Unknown so far; we looked at the logs."],
    ["one word", "Overload."],
    ["a number", "42 %"],
    ["a time", "10:42"],
    ["a picture", "![graph](https://example.com/a.png)"],
    ["a row of a table", "| When | What |\n| --- | --- |\n| 10:42 | It went down |"],
    ["code", "```\nERROR: pool is empty\n```"],
    ["a link", "https://example.com/post"],
    ["a reference", "#12"],
    ["another script", "接続が足りなかった。"],
    ["Arabic", "نفدت الاتصالات"],
    ["a heading that says it", "### The pool of connections ran dry at noon"],
    ["an answer after the hint", "What triggered it: a deploy of the worker"],
    ["TBD among words", "The TBD feature was on."],
    ["a quote", "> The pool was empty."],
    ["words between details", "<details><summary>Why</summary>\n\nThe pool was empty.\n\n</details>"],
  ])("but not one with %s", (_, text) => {
    expect(hasOwnText(text, TEMPLATE)).toBe(true);
  });
});

describe("A heading names its section, however it is decorated:", () => {
  it.each([
    "Why it happened",
    "why it happened",
    "WHY IT HAPPENED",
    "Why it happened?",
    "Why it happened:",
    "Why it happened …",
    "1. Why it happened",
    "1) Why it happened",
    "(1) Why it happened",
    "3.2 Why it happened",
    "3.2. Why it happened",
    "4 - Why it happened",
    "4 – Why it happened:",
    "① Why it happened",
    "🔥 Why it happened",
    ":fire: Why it happened",
    "🔥 2. Why it happened?",
    "1️⃣ Why it happened",
    "**Why it happened**",
    "Why it\u00A0happened",
    "Why it hap\u00ADpened",
    "Why  it   happened !",
    "【Why it happened】",
    "Ｗｈｙ it happened",
  ])("%s", (title) => {
    expect(sameHeading(title, "Why it happened")).toBe(true);
  });

  it.each(["Why", "Why it did not happen", "What happened", "5 Whys", "Why it happened again", ""])(
    "but another one does not: %s",
    (title) => {
      expect(sameHeading(title, "Why it happened")).toBe(false);
    },
  );
});
