import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { codeSpan, link, person, plain } from "../../../src/core/markdown/escape.ts";
import { sameHeading } from "../../../src/core/markdown/heading-names.ts";
import { hasOwnText } from "../../../src/core/markdown/own-text.ts";
import { linesLikeHeadings, sectionsOf, taskItems } from "../../../src/core/markdown/sections.ts";
import { unseenIn } from "../../support/unseen-in.ts";

function parse(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function nodesOf(tree: Root): readonly Nodes[] {
  const nodes: Nodes[] = [];
  const visit = (node: Nodes): void => {
    nodes.push(node);
    if ("children" in node) node.children.forEach(visit);
  };
  visit(tree);
  return nodes;
}

/** What a reader sees and copies: tags are invisible. */
function shown(tree: Root): string {
  return nodesOf(tree)
    .map((node) => ("value" in node && node.type !== "html" ? node.value : ""))
    .join("");
}

const NAUGHTY = [
  "@octocat",
  "@org/team",
  "#12",
  "owner/repo#12",
  "GH-12",
  "fixes #12",
  "https://github.com/a/b/issues/1",
  "http://evil.example",
  "www.evil.example",
  "ftp://evil.example",
  "a@evil.example",
  "mailto:a@evil.example",
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<!-- sevgate:record abc -->",
  "-->",
  "<!--",
  "[text](https://evil.example)",
  "![](https://evil.example/x.png)",
  "[a]: https://evil.example",
  "[^1]",
  "[^1]: x",
  "`",
  "```",
  "~~~",
  "``` mermaid",
  "**",
  "__",
  "*a*",
  "_a_",
  "~~a~~",
  "# a",
  "> a",
  "> [!NOTE]",
  "- a",
  "+ a",
  "* a",
  "1. a",
  "1) a",
  "- [ ] a",
  "---",
  "***",
  "===",
  "| a | b |",
  "|-|-|",
  ":-:",
  "\\",
  "\\\\",
  "\\@octocat",
  "&commat;octocat",
  "&#64;octocat",
  "&#x40;octocat",
  "&lt;b&gt;",
  "&nbsp;",
  ":rocket:",
  ":+1:",
  "$x$",
  "$$x$$",
  "$`x`$",
  "    a",
  "\t/ack",
  "/resolve now",
  "\u202Eabc",
  "\u200B",
  "\u200D",
  "\uFEFF",
  "\u0000",
  "\u0007",
  "\r\n",
  "\n\n",
  "\u2028",
  "\uD800",
  "\uDC00",
  "\u{E0041}",
  "\uFE0F",
  "👩‍👩‍👧",
  "é",
  "漢字",
  "عربي",
  "<https://evil.example>",
  "<a@evil.example>",
  "</details>",
  "<details>",
  "]",
  "](",
  "!",
  "![",
  '"',
  "'",
  "{{ x }}",
  "{% x %}",
];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...NAUGHTY, " ", "a", "1"), { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 }),
);
/** `@` and a login, not after a letter or digit (jch/html-pipeline, MentionFilter; GitHub's own is not public). */
const MENTION = /(?:^|[^a-z0-9])@[a-z0-9][a-z0-9-]*/i;
const CROSS_REFERENCE = /#\d|GH-\d/i;
const ADDRESS = /:\/\/|www\./i;

/**
 * Only plain text comes out, and a second reading of that text finds nothing to act on: it looks at one text at a time,
 * and not into code (jch/html-pipeline, MentionFilter, IGNORE_PARENTS).
 */
function expectOnlyText(tree: Root, allowed: readonly string[]): void {
  for (const node of nodesOf(tree)) {
    expect(["root", "paragraph", "text", "html", ...allowed]).toContain(node.type);
    if (node.type === "html") expect(["<span>", "</span>", ...allowed]).toContain(node.value);
    if (node.type === "text" || node.type === "inlineCode") {
      if (node.type === "text") {
        expect(node.value).not.toMatch(MENTION);
        expect(node.value).not.toMatch(CROSS_REFERENCE);
        expect(node.value).not.toMatch(ADDRESS);
      }
      expect(unseenIn(node.value)).toBeNull();
    }
  }
}

describe("a person's text, shown as plain text", () => {
  //
  it("is only text wherever it stands: alone, in a sentence, in a list, in a table, behind an exclamation mark", () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const one = plain(a, 200);
        const two = plain(b, 200);
        expectOnlyText(parse(one), []);
        expectOnlyText(parse(`Title: ${one} and ${two}`), []);
        expectOnlyText(parse(`- ${one}\n- **${one}x**`), ["list", "listItem", "strong"]);
        expectOnlyText(parse(`x${one}${two}`), []);
        const table = parse(`| a | b |\n| --- | --- |\n| x${one} | x${two} |`);
        expectOnlyText(table, ["table", "tableRow", "tableCell"]);
        expect(nodesOf(table).filter((node) => node.type === "tableCell")).toHaveLength(4);
      }),
      { numRuns: 400 },
    );
  });

  it("is only text inside HTML, where no backslash helps", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(plain(text, 200).replaceAll(/<\/?span>/g, "")).not.toMatch(/[<>"]|&(?!(?:amp|lt|gt|quot|#36|#47);)/);
      }),
    );
  });

  it("reads as it was written, but for what cannot be seen", () => {
    const visible = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(visible, (text) => {
        expect(shown(parse(plain(text, 200)))).toBe(text.replace(/\s+/g, " ").trim());
      }),
      { numRuns: 300 },
    );
  });

  it("turns no link that follows into an image", () => {
    const nodes = nodesOf(parse(`${plain("Fire!", 50)}${link("log", "https://github.com/a/b")}`));
    expect(nodes.map((node) => node.type)).toEqual(["root", "paragraph", "text", "link", "text"]);
  });

  //
  it("is one line of bounded length that cuts no character in two", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 30 }), (text, maxLength) => {
        const out = plain(text, maxLength);
        expect(out).not.toMatch(/[\n\r]/);
        expect(out).not.toMatch(/\p{Cs}/u);
        expect(shown(parse(out)).length).toBeLessThanOrEqual(maxLength);
      }),
    );
    expect(plain("😀😀😀", 4)).toBe("😀…");
    expect(plain("😀😀", 4)).toBe("😀😀");
  });

  it.each([
    ["abc\u202Edef", "abc\\[U+202E\\]def"],
    ["a\u0007b", "a\\[U+0007\\]b"],
    ["a\u200Bb", "a\\[U+200B\\]b"],
    ["a\u{E0041}b", "a\\[U+E0041\\]b"],
    ["a\uD800b", "a\uFFFDb"],
    ["two\r\n\r\nlines", "two lines"],
    ["/resolve now", "&#47;resolve now"],
    ["P0: checkout is down", "P0: checkout is down"],
    // To GitHub, `x@.A` is an e-mail address.
    ["@.A", "<span>@</span>.A"],
    ["2026-11-23 10:30:00", "2026-11-23 10:30:00"],
    ["👩‍👩‍👧 ok", "👩‍👩‍👧 ok"],
    ["", ""],
  ])("%j is shown as %j", (text, out) => {
    expect(plain(text, 100)).toBe(out);
  });
});

describe("a person's name", () => {
  it("never mentions, and stands for a deleted account too", () => {
    expect(person("octo-cat")).toBe("octo-cat");
    expect(shown(parse(person("ada_corp")))).toBe("ada_corp");
    expect(shown(parse(person("deploy[bot]")))).toBe("deploy[bot]");
    expectOnlyText(parse(person("@octocat")), []);
    expectOnlyText(parse(person("gh-12")), []);
    expect(shown(parse(person("gh-12")))).toBe("gh-12");
    expect(person("gh-martin")).toBe("gh-martin");
    expect(person(null)).toBe("somebody who left");
  });
});

describe("What joins or varies a character", () => {
  it("is written only where it is part of what is seen: an emoji, a letter of a script that has it", () => {
    const parts = [
      "\u200C",
      "\u200D",
      "\uFE0E",
      "\uFE0F",
      "\u{1F3FD}",
      "\u20E3",
      "🚀",
      "❤",
      "1",
      "a",
      "é",
      "م",
      "क",
      "\u2D8F",
      " ",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 8 }), (chosen) => {
        expect(unseenIn(codeSpan(chosen.join("")))).toBeNull();
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(["👩🏽‍🚀", "❤️‍🔥", "☝🏽️", "1️⃣", "می‌خواهم", "क्‍ष"])("is kept there: %s", (text) => {
    expect(codeSpan(text)).toBe(`\`${text}\``);
  });
});

describe("a code span", () => {
  it("holds any text, alone and in a table, and lets nothing out", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const span = codeSpan(text);
        const tree = parse(`x ${span} y`);
        expectOnlyText(tree, span.startsWith("<code>") ? ["<code>", "</code>"] : ["inlineCode"]);
        const html = nodesOf(tree).flatMap((node) => (node.type === "html" ? [node.value] : []));
        const code = html.filter((tag) => !tag.includes("span"));
        expect(code).toEqual(span.startsWith("<code>") ? ["<code>", "</code>"] : []);
        const cells = nodesOf(parse(`| a |\n| --- |\n| ${span} |`)).filter((node) => node.type === "tableCell");
        expect(cells).toHaveLength(2);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["runbooks/db.md", "`runbooks/db.md`"],
    ["a`b", "``a`b``"],
    ["`", "`` ` ``"],
    ["a|b", "<code>a&#124;b</code>"],
    ["/revert #35", "`/revert #35`"],
    ["/assign @octocat", "`/assign @octocat`"],
    ["http://10.0.0.1:9090/graph", "`http://10.0.0.1:9090/graph`"],
    ["gh-12", "`gh-12`"],
    ["", ""],
  ])("%j is written %s", (text, written) => {
    expect(codeSpan(text)).toBe(written);
  });
});

describe("a link", () => {
  it("leads only to trusted hosts, and is text otherwise", () => {
    fc.assert(
      fc.property(hostile, hostile, (text, path) => {
        const trusted = nodesOf(parse(link(`x${text}`, `https://github.com/${path}`)));
        for (const node of trusted) {
          expect(["root", "paragraph", "text", "html", "link"]).toContain(node.type);
          if (node.type === "html") expect(node.value).toMatch(/^<\/?span>$/);
          if (node.type === "link") expect(new URL(node.url).host).toBe("github.com");
        }
        expectOnlyText(parse(link(text, `https://evil.example/${path}`)), []);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["https://github.com/a/b/issues/1", "[x](https://github.com/a/b/issues/1)"],
    ["https://github.com/a/b(c)?q=<1>&copy;=2", "[x](https://github.com/a/b%28c%29?q=%3C1%3E&amp;copy;=2)"],
    ["https://evil.example/", "x"],
    ["https://github.com.evil.example/", "x"],
    ["https://github.com@evil.example/", "x"],
    ["https://user:pw@github.com/", "x"],
    ["http://github.com/a", "x"],
    ["https://github.com:8443/a", "x"],
    ["//github.com/a", "x"],
    ["javascript:alert(1)", "x"],
    ["data:text/html,x", "x"],
    ["", "x"],
  ])("to %j is %s", (url, written) => {
    expect(link("x", url)).toBe(written);
  });

  it("leads to the hosts it is given: an Enterprise Server, or this machine over http", () => {
    expect(link("x", "https://git.example.com/a", ["git.example.com"])).toBe("[x](https://git.example.com/a)");
    expect(link("x", "http://127.0.0.1:4001/a", ["127.0.0.1:4001"])).toBe("[x](http://127.0.0.1:4001/a)");
    expect(link("x", "http://127.0.0.1:4002/a", ["127.0.0.1:4001"])).toBe("x");
    expect(link("x", "http://git.example.com/a", ["git.example.com"])).toBe("x");
  });
});

const POST_MORTEM = `<!-- Fill in every section. -->
Incident: #12

## What happened

<!-- What did people notice? -->

### Timeline

| Time | What |
| --- | --- |
| | |

## Why it happened

_Write the causes, not the culprits._

## Action items

- [ ] 
- [ ] TBD
`;

describe("the sections of a body", () => {
  it("are read with their sub-sections, without comments, and with their lines", () => {
    expect(sectionsOf(POST_MORTEM)).toMatchObject([
      {
        title: "What happened",
        depth: 2,
        text: "### Timeline\n\n| Time | What |\n| --- | --- |\n| | |",
        written: "<!-- What did people notice? -->\n\n### Timeline\n\n| Time | What |\n| --- | --- |\n| | |",
        line: 4,
      },
      {
        title: "Timeline",
        depth: 3,
        text: "| Time | What |\n| --- | --- |\n| | |",
        written: "| Time | What |\n| --- | --- |\n| | |",
        line: 8,
      },
      {
        title: "Why it happened",
        depth: 2,
        text: "_Write the causes, not the culprits._",
        written: "_Write the causes, not the culprits._",
        line: 14,
      },
      { title: "Action items", depth: 2, text: "- [ ] \n- [ ] TBD", written: "- [ ] \n- [ ] TBD", line: 18 },
    ]);
  });

  it.each<{ name: string; body: string; sections: readonly (readonly [string, string])[] }>([
    { name: "none", body: "just text", sections: [] },
    {
      name: "an issue form's empty answer",
      body: "### Impact\n\n_No response_\n\n### Steps\n\nopen it",
      sections: [
        ["Impact", ""],
        ["Steps", "open it"],
      ],
    },
    {
      name: "underlined headings",
      body: "What\n====\na\n\nWhy\n---\nb",
      sections: [
        ["What", "a\n\nWhy\n---\nb"],
        ["Why", "b"],
      ],
    },
    { name: "markup in a title", body: "## **Why** `it` [happened](u)\nx", sections: [["Why it happened", "x"]] },
    {
      name: "carriage returns",
      body: "## A\r\nx\r\n## B\r\ny\r\n",
      sections: [
        ["A", "x"],
        ["B", "y"],
      ],
    },
    { name: "no heading in code", body: "## A\n```\n## B\n```", sections: [["A", "```\n## B\n```"]] },
    {
      name: "no heading in a quote or comment",
      body: "## A\n> ## B\n\n<!--\n## C\n-->\nx",
      sections: [["A", "> ## B\n\n\n\n\nx"]],
    },
    { name: "a comment inside a line", body: "## A\nseen <!-- not\nthis --> here", sections: [["A", "seen  here"]] },
    { name: "a comment shown in code", body: "## A\n`<!-- x -->`", sections: [["A", "`<!-- x -->`"]] },
  ])("$name", ({ body, sections }) => {
    expect(sectionsOf(body).map(({ title, text }) => [title, text])).toEqual(sections);
  });
});

describe("task items", () => {
  it("are read with state, text and the issues they name; none from code or quotes", () => {
    const body = [
      "- [ ] add an alert, see #3 and o/r#4",
      "- [x] **done**",
      "  - [X] nested octo/shop#5",
      "- [ ] ",
      "- [ ] <!-- who, what, by when -->",
      "- not a task",
      "- [] nor this",
      "",
      "> - [ ] quoted",
      "",
      "```",
      "- [ ] code",
      "```",
      "1. [ ] numbered",
    ].join("\n");
    expect(taskItems(body, "octo/shop")).toMatchObject([
      {
        checked: false,
        text: "add an alert, see #3 and o/r#4",
        references: [
          { repository: null, number: 3 },
          { repository: "o/r", number: 4 },
        ],
      },
      { checked: true, text: "**done**", references: [] },
      { checked: true, text: "nested octo/shop#5", references: [{ repository: null, number: 5 }] },
      { checked: false, text: "", references: [] },
      { checked: false, text: "", references: [] },
      { checked: false, text: "numbered", references: [] },
    ]);
  });
});

describe("what stands behind the box of a task", () => {
  it.each([
    ["- [ ] # fix it now", "# fix it now"],
    ["- [ ] [5]: https://example.com", "[5]: https://example.com"],
    ["- [ ] > quote the bill", "> quote the bill"],
    ["- [ ] 1. fix it", "1. fix it"],
    ["- [ ] - fix it", "- fix it"],
    ["- [ ] [^1]: fix it", "fix it"],
    ["- [ ] fix it\n  ---", "fix it"],
    ["- [ ] fix\n  it", "fix it"],
    ["- [ ] **fix** <!-- soon --> `it`", "fix it"],
  ])("is text, whatever it looks like: %j", (body, shown) => {
    expect(taskItems(body).map(({ lines }) => lines.map(({ text }) => text).join(" "))).toEqual([shown]);
  });
});

describe("a section has text of its own", () => {
  const template =
    "Duration:\n\nWho was called and who came to help:\n\n| Step | |\n| --- | --- |\n| How it was noticed at last | |\n\n<!-- hint -->\n_Write the causes, not the culprits._\n\n| Time | What |\n| --- | --- |\n| | |\n\n- [ ] \n";

  it.each([
    "The disk was full.",
    `${template}\nThe disk was full.`,
    "| Time | What |\n| --- | --- |\n| 10:00 | alert |",
    "- [ ] add an alert",
    "```\nerror 500\n```",
    "![graph](https://example.com/g.png)",
    '<img src="https://example.com/g.png" alt="">',
    "原因は不明",
    "none",
    "The pool ran dry.[^1]\n\n[^1]: See the graph.",
    "[^1]\n\n[^1]: The disk was full.",
    "<details><summary>Log</summary>\n\nerror 500\n\n</details>",
    "<p>The disk was full.</p>",
    "| Time | What |\n| --- | --- |\n| &nbsp; | alert |",
    "[the graph](https://example.com)",
    "> The disk was full.",
    "Culprits.",
    "TBD was what the config said",
    "- [x] Yes\n- [ ] No",
    "Duration: 5 minutes",
    "> [!NOTE]\n> The disk was full.",
    "**The disk was full.**",
    "**The disk of the shop was full**",
    "- **Disk full**",
    "**Cause** The disk was full",
    "**Cause**\nThe disk was full",
    "**![](g.png)**",
    "Owner: @alice",
    "Noticed at 10:30:00",
    "Cause: https://example.com/status",
    "Why: we do not know",
    "Unknown",
    "A pending migration",
    "We put it on the list: TODO and WIP are gone",
    "The screen of the cashier said in red letters: TBD",
    "| Duration | 5 minutes |\n| --- | --- |\n| Cause | The disk was full |",
    "| Duration | |\n| --- | --- |\n| Cause | The disk was full |",
    "| Time |\n| --- |\n| 10:00 |",
    "| What happened |  |\n| --- | --- |\n| The disk of the shop was full | |",
    "<table><tr><th>Duration</th><td>5 minutes</td></tr></table>",
    "<table>\n<tr>\n<td>Duration</td>\n<td>5 minutes</td>\n</tr>\n</table>",
    '<video src="https://github.com/user-attachments/assets/1" controls></video>',
    '<video controls>\n  <source src="https://github.com/user-attachments/assets/1">\n</video>',
    "https://github.com/user-attachments/assets/0f8a",
    "[recording.mov](https://github.com/user-attachments/files/1/recording.mov)",
    "![](https://github.com/user-attachments/assets/1)",
    "- The disk was full\n  ---",
    "> The disk was full\n> ---",
    "[^a] \n\n[^a]: See [^b].\n\n[^b]: The disk was full.",
    "<details>\n<summary>Log</summary>\nThe disk was full.\n</details>",
    "TODO: the nightly job deleted the table of orders because its name was read as a pattern",
    ...["The TODO app was down", "TODO list was full", "TBD had been deployed as a version"],
    ...["Orders hung in status = pending", "Our TODO list service: pending", "Add an alert, owner: TBD"],
    ...["- [ ] Add alert (owner: TBD)", "- [ ] Add alert, owner: TBD", "- [ ] Fix status = pending"],
    ...["- [ ] TODO: add an alert", "The orders were stuck in state: pending", "Fixed it. Status: pending"],
    ...["We will add an alert", "Details: the disk was full", "{{ $value }} of the shop's disks were full"],
    ...["### The DB ran out of connections", "<h3>The DB died</h3>", "**Expired TLS certificate**"],
    "### Disks\n\n### The disk of the shop was full",
    "<script>alert(1)</script>\n\nThe disk was full.",
    "<style>a > b</style>The disk was full.",
    "The disk <script>if (a<b) c</script> was full.",
    "[^1]\n\n[^1]: DNS",
  ])("%j", (section) => {
    expect(hasOwnText(section, template)).toBe(true);
  });

  it.each([
    "",
    template,
    template.replaceAll("\n", "\r\n"),
    template.toUpperCase(),
    "Write the causes,   not the culprits.",
    "- [x] ",
    "| Time | What |\n| --- | --- |\n| | |",
    "<!-- The disk was full. -->",
    "<!--\n\nThe disk was full.\n\n-->",
    "TBD",
    "- TODO",
    "_No response_",
    "n/a",
    "...",
    "---",
    "### Another heading",
    "\u200B",
    "\u3164",
    "\u115F\u1160",
    "\uFFA0",
    "\u2800",
    "&nbsp;",
    "&#8203;",
    "&#x3164;",
    "&ZeroWidthSpace;&zwj;",
    "- &nbsp;\n- &#8203;",
    "| Time | What |\n| --- | --- |\n| &nbsp; | \u3164 |",
    "[//]: # (The disk was full)",
    "[disk]: https://example.com 'The disk was full'",
    "[disk]:\n  https://example.com\n  'The disk was full'",
    "[^1]: The disk was full.",
    "[^1]: The disk was full.\n\n    And more of it.",
    "<?php echo 'The disk was full' ?>",
    "<![CDATA[ The disk was full ]]>",
    "<!DOCTYPE disk>",
    "<div>\n<!-- The disk was full. -->\n</div>",
    "<!-- never closed\n\nThe disk was full.",
    "<b></b><br>",
    '<details title="a > b"></details>',
    "<div title='hello > world'>\n</div>",
    "[](https://example.com)",
    "**TBD**.",
    "- [ ] TBD",
    "To do …",
    "hint",
    "_Write the causes,_\n_not the culprits._",
    ...["TBC", "pending", "To be determined", "WIP", "todo:", "tbd, soon", "Not yet.", "TBD TBD", "xxxxx"],
    ...["To be filled in later", "TBD @alice", "`TBD`", "> TBD", "1. TBD\n2. n/a", "...\n\nTBD", "Work in progress…"],
    ...["Duration: n/a", "Duration: TBD", "**Duration:** _TBD_", "- Duration – TBD", "Cause = n/a", "Duration：TBD"],
    ...["Duration: TBD\nCause: pending", "Duration:", "Root cause:", "Who was called and who came to help: TBD"],
    ...["T.B.D.", "hh:mm", "YYYY-MM-DD", "- [x] n/a", "> [!NOTE]", "> [!NOTE]\n> TBD"],
    ...["**Impact**", "**Impact**\n\n**Cause**", "**Impact**\nTBD\n\n**Cause**\n\nn/a", "**Duration** TBD"],
    "| TBD | TBD |",
    "| Time | What |\n| --- | --- |\n| TBD | TBD |",
    "| Time | What |\n| --- | --- |\n| TBD | to be determined |\n| | pending |",
    "| Duration | Cause |\n| --- | --- |\n| | |",
    "| Duration | Cause |\n| --- | --- |",
    "| Duration | |\n| --- | --- |\n| Cause | |\n| Impact | n/a |",
    "| Step | |\n| --- | --- |\n| How it was noticed at last | TBD |",
    "- | Duration | Cause |\n  | --- | --- |\n  | TBD | |",
    "> | Duration | Cause |\n> | --- | --- |\n> | | |",
    "| Duration |\n| --- |\n| TBD \\| TBD |",
    "<table><tr><th>Duration</th></tr><tr><td></td></tr></table>",
    "<table>\n<tr>\n<td>Duration</td>\n<td>TBD</td>\n</tr>\n</table>",
    "<details><summary>Details</summary></details>",
    "<details>\n<summary>Details</summary>\n\n</details>",
    "<details><summary>Details</summary>\n\nTBD\n\n</details>",
    "<h3>Details</h3>",
    "[^1]: See [^2].\n\n[^2]: See [^1].",
    "[^1]: See [^1].",
    "[1]: https://example.com\n[2]: <https://example.com> (The disk was full)",
    "- [1]: https://example.com",
    ...["👍", "🔥🔥🔥", ":tada:", ":+1:", ":100:", "1️⃣", "✅ 👍"],
    ...["TODO: write this", "TODO(bob)", "TBD - bob will write", "TBD after the meeting", "WIP, ask @bob"],
    ...["To be written by bob", "To be done: why", "Under investigation by the database team", "**TODO:** write this"],
    ...[
      "Will fill in later",
      "will be filled later",
      "We will write this soon.",
      "I'll add more details here tomorrow",
    ],
    ...["details to follow", "More details to follow", "Details: TBD", "Duration: TBD after the meeting"],
    ...["{{ what_happened }}", "Duration: {{ duration }}", "{% what_happened %}", "- {{ a }}\n- {{ b }}"],
    ...["- [ ] TODO: write", "- [x] TODO: write", "10:00 – TBD", "10:00: TBD"],
    ...["<script>The disk was full.</script>", "<style>\nThe disk was full.\n</style>"],
    ...["a &nbsp; <SCRIPT src='x'>if (a<b) c\n</SCRIPT>".slice(2), "TBD <script>The disk was full.</script>"],
    ...["### What went wrong with it\n\n### Steps", "### Write the causes, not the culprits", "### TODO: write this"],
    ...["### The steps of it:", "### What we saw in it\n\nTBD", "### The DB ran out of connections\n\nTBD"],
    ...["| The DB | died of heat |\n| --- | --- |", "<details><summary>The DB died of heat</summary></details>"],
    ...["[^1]\n\n[^1]: TBD", "[^1]: DNS", "[^1]: DNS 'The disk was full'"],
    ...['<img alt="graph">', "<video controls></video>", "![Uploading graph.png…]()", "<img src=''>"],
  ])("but not with %j", (section) => {
    expect(hasOwnText(section, template)).toBe(false);
  });
});

describe("the hint of a template", () => {
  const template = "<!-- In plain words: what people saw, from when to when. No blame. -->";

  it.each([
    ["without its comment marks", "In plain words: what people saw, from when to when. No blame."],
    ["without the first mark", "In plain words: what people saw, from when to when. No blame. -->"],
    ["with its line broken", "In plain words: what people saw,\nfrom when to when. No blame."],
    ["as an item", "- In plain words: what people saw, from when to when. No blame."],
    ["in capitals", template.slice(5, -4).toUpperCase()],
  ])("%s is no text of one's own", (_, section) => {
    expect(hasOwnText(section, template)).toBe(false);
  });

  it("is one with an answer below it", () => {
    expect(hasOwnText(`${template.slice(5, -4)}\n\nNobody could pay.`, template)).toBe(true);
  });
});

describe("a heading is known", () => {
  it.each([
    "What happened?",
    "What happened:",
    "1. What happened",
    "1) What happened",
    "2.1 What happened",
    "3 - What happened",
    "🔥 What happened",
    "What happened 🔥",
    ":fire: What happened",
    "1️⃣ What happened",
    "what  HAPPENED",
    "What\u00A0happened",
    "What happened\u200B",
    "— What happened —",
    "(1) What happened",
    "1: What happened",
    "1 – What happened",
    "1.What happened",
    "2.1. What happened",
    "１． What happened",
    "#1. What happened",
    "① What happened",
  ])("as %j", (title) => {
    expect(sameHeading(title, "What happened")).toBe(true);
    expect(sameHeading("What happened", title)).toBe(true);
  });

  it.each([
    ["What happened next", "What happened"],
    ["5 whys", "6 whys and more"],
    ["5 Whys", "3 Whys"],
    ["5 Whys", "Whys"],
    ["1. 5 Whys", "3 Whys"],
    ["1 What happened", "What happened"],
    ["3-day outage", "Day outage"],
    ["10:30 outage", "Outage"],
    ["2024 in short", "in long"],
    ["", "What happened"],
    ["Why", "What"],
  ])("but %j is not %j", (title, wanted) => {
    expect(sameHeading(title, wanted)).toBe(false);
  });

  it("with and without the number before a name that has one itself", () => {
    expect(sameHeading("1. 5 Whys", "5 Whys")).toBe(true);
    expect(sameHeading("2) Why", "3. Why")).toBe(true);
  });

  it.each([
    ["**What happened**\n\nThe disk was full.", 1],
    ["Intro\n\n__What happened:__\nThe disk was full.", 3],
    ["<h2>What happened</h2>\nThe disk was full.", 1],
    ["What happened\n\nThe disk was full.", 1],
    ["We know what happened", null],
    ["```\nWhat happened\n```", null],
    ["<!-- What happened -->", null],
    ["**What&nbsp;happened**", 1],
    ['<h2 align="center">2. What happened?</h2>', 1],
    ["**What happened** x\n", null],
  ])("where it is only a line: %j", (body, line) => {
    expect(linesLikeHeadings(body, ["Why", "What happened"]).get("What happened") ?? null).toBe(line);
  });
});
