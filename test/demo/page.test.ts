import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Element, Root } from "hast";
import rehypeParse from "rehype-parse";
import { unified } from "unified";
import type { SlackMessageShown } from "../../demo/page/render-conversation.ts";
import { renderRecording } from "../../demo/page/render-recording.ts";
import { renderThreadPage, type Thread, type ThreadPage, versionOf } from "../../demo/page/render-thread-page.ts";
import { marked, plain } from "../../src/core/chat/slack/message.ts";

const THREAD: Thread = {
  kind: "issue",
  number: 12,
  title: "Checkout is down",
  state: "open",
  labels: [{ name: "sev:P0", color: "b60205" }],
  author: "ada",
  body: "Nobody can pay.",
  comments: [],
};
const PAGE: ThreadPage = {
  title: "An incident",
  generatedAt: "2026-11-23T10:00:00Z",
  repository: "octo/shop",
  threads: [THREAD],
};

function pageWith(thread: Partial<Thread>, page: Partial<ThreadPage> = {}): string {
  return renderThreadPage({ ...PAGE, ...page, threads: [{ ...THREAD, ...thread }] });
}

function slackMessage(change: Partial<SlackMessageShown>): SlackMessageShown {
  return { at: "2026-11-23T10:00:00Z", text: "", blocks: [], inChannelToo: false, ...change };
}

/** The elements of a page, as a browser's parser sees them. */
function elementsOf(page: string): readonly Element[] {
  const found: Element[] = [];
  const visit = (node: Root | Element): void => {
    for (const child of node.children) {
      if (child.type !== "element") continue;
      found.push(child);
      visit(child);
    }
  };
  visit(unified().use(rehypeParse).parse(page));
  return found;
}

const HOSTILE = [
  "<script>alert(1)</script>",
  "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><script>1</script></svg>",
  "<a href='javascript:alert(1)'>x</a>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](data:text/html,<script>1</script>)",
  "![x](javascript:alert(1))",
  "<iframe src=https://evil.example></iframe>",
  "<object data=x></object><embed src=x>",
  "<style>body{display:none}</style>",
  "<form action=https://evil.example><button formaction=x>go</button></form>",
  "<base href=https://evil.example>",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>",
  "<link rel=stylesheet href=https://evil.example>",
  "<p style='position:fixed'>x</p>",
  "<details open ontoggle=alert(1)>x</details>",
  "</article></main></body></html>",
  '"><script>alert(1)</script>',
  "<math><mi//xlink:href='javascript:1'>",
  "<template><script>1</script></template>",
  "<!--><script>alert(1)</script>-->",
  "`",
  "\n",
  "> ",
  "- ",
  "```\n",
  "<",
  ">",
  "&lt;",
];

/** Nothing that could run, load or send: none of these elements, no handler, no inline style, no other protocol. */
function expectHarmless(page: string): void {
  const elements = elementsOf(page);
  const names = elements.map(({ tagName }) => tagName);
  for (const name of ["script", "iframe", "object", "embed", "form", "base", "link", "math", "button", "template"]) {
    expect(names).not.toContain(name);
  }
  for (const svg of elements.filter(({ tagName }) => tagName === "svg")) {
    expect(svg.properties["className"]).toEqual(["icon"]);
    expect(svg.children.map((child) => child.type === "element" && Object.keys(child.properties))).toEqual([["d"]]);
  }
  expect(names.filter((name) => name === "style")).toHaveLength(1);
  expect(names.filter((name) => name === "main")).toHaveLength(1);
  expect(elements.filter(({ properties }) => properties["httpEquiv"] !== undefined)).toHaveLength(1);
  for (const { properties } of elements) {
    for (const [name, value] of Object.entries(properties)) {
      expect(name).not.toMatch(/^(?:on[a-z]|style$|srcdoc$|formAction$)/i);
      if (name === "href" || name === "src") expect(String(value)).toMatch(/^(?:https?:|#|(?![a-z.+-]*:))/i);
    }
  }
}

describe("a page of threads", () => {
  it("runs and loads nothing, whatever people wrote and wherever they wrote it", () => {
    const text = fc
      .array(fc.constantFrom(...HOSTILE), { minLength: 1, maxLength: 4 })
      .map((pieces) => pieces.join(" "));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expectHarmless(
          renderThreadPage({
            title: a,
            generatedAt: b,
            repository: b,
            threads: [
              {
                ...THREAD,
                title: a,
                author: b,
                body: a,
                labels: [{ name: a, color: b }],
                comments: [{ author: a, isApp: true, body: b, createdAt: a, reactions: { [b]: 1 } }],
                events: [a, { at: b, text: a }],
                checks: [{ name: a, conclusion: b, title: a, summary: b }],
              },
            ],
            conversations: [
              {
                channel: a,
                thread: null,
                root: slackMessage({
                  blocks: [
                    { type: "header", text: plain(a) },
                    { type: "section", text: marked(b), fields: [marked(a)] },
                    { type: "context", elements: [marked(a)] },
                    { type: "actions", elements: [{ type: "button", action_id: b, text: plain(a), url: b }] },
                  ],
                }),
                replies: [
                  slackMessage({ at: b, text: a }),
                  slackMessage({ text: `<@U1> <${a}|${b}> <!date^1^${a}|${b}>` }),
                ],
                names: new Map([["U1", b]]),
              },
            ],
          }),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("shows a thread of Slack's with its mentions, links and dates, and what people wrote as they wrote it", () => {
    const reply =
      "📟 Paged: <@U1> (primary) · <https://example.com/1|#5> · *bold* a*b*c &lt;b&gt; <!date^1^{time}|09:00 UTC>";
    const page = pageWith(
      {},
      {
        conversations: [
          {
            channel: "#alert",
            thread: 12,
            root: slackMessage({ text: "Checkout is down" }),
            replies: [slackMessage({ text: reply, inChannelToo: true })],
            names: new Map([["U1", "alice"]]),
          },
        ],
      },
    );
    expect(page).toContain('<span class="slack-mention">@alice</span> (primary)');
    expect(page).toContain('<a href="https://example.com/1" rel="noreferrer">#5</a>');
    expect(page).toContain("<strong>bold</strong> a*b*c &#60;b&#62; 09:00 UTC");
    expect(page).toContain("shown in the channel too");
    expect(page).toContain('<a href="#conversation-1">');
  });

  it("tells the browser the same: no script, and no style but its own", () => {
    const page = pageWith({});
    const meta = elementsOf(page).find(({ properties }) => properties["httpEquiv"] !== undefined);
    const style = /<style>([\s\S]*)<\/style>/.exec(page)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    expect(meta?.properties["content"]).toContain("default-src 'none'");
    expect(meta?.properties["content"]).toContain(`style-src 'sha256-${hash}'`);
    expect(meta?.properties["content"]).not.toContain("script-src");
    expect(page).not.toMatch(/<link|@import|url\((?!["']?data:)/);
  });

  it("shows task lists, tables, details, strikethrough, line breaks and alerts as GitHub does", () => {
    const body = [
      "- [x] page somebody",
      "- [ ] open a thread",
      "",
      "| a | b |",
      "| - | - |",
      "| 1 | 2 |",
      "",
      "<details><summary>Timeline</summary>",
      "",
      "~~old~~ **new**",
      "",
      "</details>",
      "",
      "first",
      "second",
      "",
      "> [!WARNING]",
      "> careful",
    ].join("\n");
    const elements = elementsOf(pageWith({ body }));
    const boxes = elements
      .filter(({ tagName }) => tagName === "input")
      .map(({ properties }) => properties["ariaLabel"]);
    expect(boxes).toEqual(["Done", "Not done yet"]);
    const names = elements.map(({ tagName }) => tagName);
    for (const name of ["table", "th", "td", "details", "summary", "del", "br"]) expect(names).toContain(name);
    const classes = elements.flatMap(
      ({ properties }) => (properties["className"] as readonly string[] | undefined) ?? [],
    );
    expect(classes).toContain("markdown-alert-warning");
  });

  it("links a mention of a thread that is on the page, and no other, and none in code", () => {
    const page = pageWith({ body: "see #12, #13 and `#12`" });
    expect(page).toContain('<a href="#thread-12">#12</a>, #13 and <code>#12</code>');
  });

  it("keeps comments and events in the order of time, events without one last", () => {
    const page = pageWith({
      comments: [
        {
          author: "sevgate",
          isApp: true,
          body: "first-comment",
          createdAt: "2026-11-23T10:00:01Z",
          reactions: { "+1": 2, eyes: 0 },
        },
        { author: "ada", isApp: false, body: "second-comment", createdAt: "2026-11-23T10:00:03Z" },
      ],
      events: ["untimed event", { at: "2026-11-23T10:00:02Z", text: "timed event" }],
    });
    const order = ["first-comment", "timed event", "second-comment", "untimed event"].map((text) => page.indexOf(text));
    expect(order.toSorted((a, b) => a - b)).toEqual(order);
    expect(page).toContain('<span class="app">app</span>');
    expect(page).toContain("thumbs up: </span>2");
    expect(page).not.toContain("eyes:");
  });

  it("shows checks with outcome, title and rendered summary", () => {
    const checks = [
      { name: "sevgate/close-gate", conclusion: "failure", title: "Would close #12", summary: "Edit `Fixes #12`" },
    ];
    const page = pageWith({ kind: "pull-request", checks });
    expect(page).toContain("sevgate/close-gate");
    expect(page).toContain("Would close #12");
    expect(page).toContain("Edit <code>Fixes #12</code>");
  });

  it("writes labels in black or white with a contrast of at least 4.5 to 1 on any color", () => {
    const channel = (hex: string): number => {
      const share = Number.parseInt(hex, 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    const luminance = (color: string): number =>
      0.2126 * channel(color.slice(0, 2)) + 0.7152 * channel(color.slice(2, 4)) + 0.0722 * channel(color.slice(4, 6));
    const colors = [
      "000000",
      "ffffff",
      "b60205",
      "777777",
      "808080",
      "0e8a16",
      "fbca04",
      "d93f0b",
      "1d76db",
      "ff0000",
      "0000ff",
    ];
    const page = pageWith({ labels: colors.map((color) => ({ name: color, color })) });
    for (const color of colors) {
      const text = new RegExp(`\\.label-${color} \\{ background: #${color}; color: #(000|fff); \\}`).exec(page)![1]!;
      const lights = [luminance(color), text === "fff" ? 1 : 0].toSorted((a, b) => b - a) as [number, number];
      expect((lights[0] + 0.05) / (lights[1] + 0.05)).toBeGreaterThanOrEqual(4.5);
    }
    expect(pageWith({ labels: [{ name: "x", color: "red;}" }] })).toContain(".label-ededed");
  });

  it("runs no script as a file, and only its own where it is served and follows what changes", () => {
    const scripts = (page: string) => elementsOf(page).filter(({ tagName }) => tagName === "script");
    expect(scripts(pageWith({}))).toHaveLength(0);
    const live = pageWith({ body: "<script>alert(1)</script>" }, { live: true });
    expect(scripts(live)).toHaveLength(1);
    const script = /<script>([\s\S]*?)<\/script>/.exec(live)![1]!;
    const hash = createHash("sha256").update(script).digest("base64");
    const policy = elementsOf(live).find(({ properties }) => properties["httpEquiv"] !== undefined)?.properties[
      "content"
    ];
    expect(policy).toContain(`script-src 'sha256-${hash}';`);
    expect(live).not.toContain('http-equiv="refresh"');
  });

  it("has another version when something on it has changed, and not because time has passed", () => {
    const page = { ...PAGE, live: true };
    expect(renderThreadPage(page)).toContain(`data-version="${versionOf(page)}"`);
    expect(versionOf({ ...page, generatedAt: "2026-11-23T11:00:00Z" })).toBe(versionOf(page));
    expect(versionOf({ ...page, threads: [{ ...THREAD, state: "closed" }] })).not.toBe(versionOf(page));
  });

  it("shows Slack beside the issue it is about, before all other threads", () => {
    const about = { channel: "#alert", root: slackMessage({ text: "down" }), replies: [], names: new Map() };
    const page = renderThreadPage({
      ...PAGE,
      threads: [THREAD, { ...THREAD, number: 13 }],
      conversations: [
        { ...about, thread: 12 },
        { ...about, thread: null },
      ],
    });
    const order = [
      '<div class="pair">',
      'id="thread-12"',
      'id="conversation-1"',
      'id="thread-13"',
      'id="conversation-2"',
    ];
    expect(order.map((part) => page.indexOf(part)).toSorted((a, b) => a - b)).toEqual(
      order.map((part) => page.indexOf(part)),
    );
    expect(page.indexOf(order[0]!)).toBeGreaterThan(0);
    const links = elementsOf(page).flatMap(({ tagName, properties }) => (tagName === "a" ? [properties["href"]] : []));
    expect(links).toEqual(["#threads", "#thread-12", "#conversation-1", "#thread-13", "#conversation-2"]);
  });

  it("announces headings in order, with no level left out, whatever level a comment begins with", () => {
    const page = pageWith({ body: "### P0\n\n##### First steps\n\n### Closing\n\n# Impact" });
    const levels = elementsOf(page).flatMap(({ properties }) => properties["ariaLevel"] ?? []);
    expect(levels).toEqual([3, 4, 3, 3]);
  });

  it("can be read by people who do not see it: landmarks, one first heading, ids that are unique", () => {
    const footnotes = "# big\n\ntext[^1]\n\n[^1]: note";
    const page = pageWith({
      body: footnotes,
      comments: [{ author: "ada", isApp: false, body: footnotes, createdAt: "2026-11-23T10:00:01Z" }],
    });
    const elements = elementsOf(page);
    const names = elements.map(({ tagName }) => tagName);
    for (const landmark of ["header", "nav", "main"]) expect(names).toContain(landmark);
    const first = elements.filter(
      ({ tagName, properties }) => tagName === "h1" && properties["ariaLevel"] === undefined,
    );
    expect(first).toHaveLength(1);
    const ids = elements.flatMap(({ properties }) => properties["id"] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { tagName, properties } of elements) {
      const target = tagName === "a" ? String(properties["href"]) : "";
      if (target.startsWith("#")) expect(ids).toContain(target.slice(1));
    }
  });
});

describe("the recording of a terminal", () => {
  const SCREEN = { columns: 80, rows: 10, title: "A <demo>" };
  const TOLD = `$ npm run demo\n\n${styleText("bold", "1.  bob says <b>", { validateStream: false })}\n    ✓ it is there\n`;

  it("shows what was said, in its colors, and takes no markup from it", () => {
    const svg = renderRecording(TOLD, SCREEN);
    expect(svg).toContain("$ npm run demo</text>");
    expect(svg).toContain('<tspan class="b">1.  bob says &#60;b&#62;</tspan>');
    expect(svg).toContain('<title id="title">A &#60;demo&#62;</title>');
  });

  it("stands still for people who want less motion", () => {
    expect(renderRecording(TOLD, SCREEN)).toMatch(
      /@media \(prefers-reduced-motion:reduce\)\{\.lines,\.shade\{animation:none\}/,
    );
  });

  it("begins with the name of the first step, and shows a full screen where nothing moves", () => {
    const svg = renderRecording(TOLD, SCREEN);
    expect(svg).toContain("@keyframes show{0%{transform:translateY(54px)}");
    expect(svg).toMatch(/\.shade\{transform:translateY\(\d+px\);animation/);
    expect(readFileSync(new URL("../../docs/images/demo.svg", import.meta.url), "utf8")).toMatch(
      /@keyframes show\{0%\{transform:translateY\(126px\)\}/,
    );
  });

  it("scrolls to its last line, and holds it", () => {
    const svg = renderRecording(`${"line\n".repeat(12)}`, SCREEN);
    const scrolled = [...svg.matchAll(/@keyframes scroll\{.*?\}\}$/gm)].join().match(/-\d+px/g);
    expect(scrolled).toEqual(["-18px", "-36px"]);
  });

  it("in the README is small, and of the demo", () => {
    const svg = readFileSync(new URL("../../docs/images/demo.svg", import.meta.url), "utf8");
    expect(svg.length).toBeLessThan(100_000);
    expect(svg).toContain("$ npx sevgate demo");
    expect(svg).toContain("GitHub merges");
  });
});
