import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { authorize, neededPermission } from "../../src/core/commands/authorize.ts";
import { commandsReference } from "../../src/core/commands/reference.ts";
import {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  type CommandSpec,
  nearestCommand,
  parseCommand,
} from "../../src/core/commands/registry.ts";
import { scanCommands } from "../../src/core/commands/scan.ts";
import { PERMISSIONS, type PermissionAnswer, type Person } from "../../src/core/model.ts";

/** `line:word rest` of every command found. */
function found(body: string): readonly string[] {
  return scanCommands(body).map(({ line, word, rest }) => `${line}:${word}${rest === "" ? "" : ` ${rest}`}`);
}

describe("a command is the first word of a line of ordinary text", () => {
  it.each<{ name: string; body: string; commands: readonly string[] }>([
    { name: "alone", body: "/ack", commands: ["1:ack"] },
    { name: "in capitals", body: "/ACK", commands: ["1:ack"] },
    {
      name: "with a text",
      body: "/status rolling back,  see `deploy`",
      commands: ["1:status rolling back,  see `deploy`"],
    },
    { name: "with a carriage return", body: "/ack\r\n/resolve done\r\n", commands: ["1:ack", "2:resolve done"] },
    { name: "with spaces and tabs behind", body: "/ack \t ", commands: ["1:ack"] },
    { name: "below prose of the same paragraph", body: "On it.\n/ack", commands: ["2:ack"] },
    { name: "after hard breaks", body: "On it.  \n/ack\n\nOn it.\\\n/status x", commands: ["2:ack", "5:status x"] },
    {
      name: "in a list",
      body: "- /ack\n- text\n  - /note deep\n1. /status x",
      commands: ["1:ack", "3:note deep", "4:status x"],
    },
    { name: "indented by three spaces", body: "   /ack", commands: ["1:ack"] },
    { name: "after a code span over two lines", body: "see `a\nb` and\n/ack", commands: ["3:ack"] },
    {
      name: "after a link whose address is on the next line",
      body: "see [x](\nhttps://a.example) and\n/ack",
      commands: ["3:ack"],
    },
    { name: "right after code", body: "```\n/resolve\n```\n/ack", commands: ["4:ack"] },
    { name: "right after a quote and an empty line", body: "> /resolve\n\n/ack", commands: ["3:ack"] },
    { name: "right after an HTML comment", body: "<!-- /resolve -->\n/ack", commands: ["2:ack"] },
    { name: "after a closed element", body: "<details>\n\n/resolve\n\n</details>\n\n/ack", commands: ["7:ack"] },
    {
      name: "after a word in angle brackets that is no element",
      body: "restart <service>\n/ack\n\n/note x",
      commands: ["2:ack", "4:note x"],
    },
    {
      name: "with markup in its text",
      body: "/note **big** [fire](https://a.example)",
      commands: ["1:note **big** [fire](https://a.example)"],
    },
    {
      name: "with punctuation, which parsing answers",
      body: "/ack, /resolve and so on",
      commands: ["1:ack, /resolve and so on"],
    },
  ])("$name", ({ body, commands }) => {
    expect(found(body)).toEqual(commands);
  });
});

describe("nothing is a command", () => {
  it.each<{ name: string; body: string }>([
    { name: "in the middle of a line", body: "please /ack" },
    { name: "after an escaped slash", body: "\\/ack" },
    { name: "written as an entity", body: "&#47;ack" },
    { name: "in a fence", body: "```\n/ack\n```" },
    { name: "in a fence of tildes that never ends", body: "~~~sh\n/ack" },
    { name: "in indented code", body: "    /ack" },
    { name: "in a code span", body: "`/ack`" },
    { name: "in a code span over two lines", body: "`a\n/ack`" },
    { name: "in a quote", body: "> /ack" },
    { name: "in the lazy next line of a quote", body: "> text\n/ack" },
    { name: "in an alert", body: "> [!NOTE]\n> /ack" },
    { name: "in a quote in a list", body: "- > /ack" },
    { name: "in an HTML comment", body: "<!--\n/ack\n-->" },
    { name: "in an HTML comment with empty lines", body: "<!--\n\n/ack\n\n-->" },
    { name: "in an inline HTML comment", body: "text <!-- a\n/ack\n--> b" },
    { name: "in an HTML block", body: "<div>\n/ack\n</div>" },
    { name: "in <pre>", body: "<pre>\n\n/ack\n\n</pre>" },
    { name: "in an HTML quote with empty lines", body: "<blockquote>\n\n/ack\n\n</blockquote>" },
    { name: "in inline HTML", body: "<b>x\n/ack\n</b>" },
    { name: "in a link", body: "[a\n/ack](https://a.example)" },
    { name: "in a link's title", body: "[a](https://a.example '\n/ack')" },
    { name: "in an image", body: "![a\n/ack](https://a.example/x.png)" },
    { name: "in bold text", body: "**a\n/ack b**" },
    { name: "in a heading", body: "# /ack" },
    { name: "underlined as a heading", body: "/ack\n---" },
    { name: "in a table", body: "| a |\n| - |\n/ack" },
    { name: "in a table's cell", body: "a|b\n-|-\n/ack|c" },
    { name: "in a footnote", body: "x[^1]\n\n[^1]: /ack\n/ack" },
    { name: "in the lazy line of a footnote", body: "x[^1]\n\n[^1]: see below\n/ack" },
    { name: "in a link definition", body: "[a]:\n/ack" },
    { name: "in a task's text behind the box", body: "- [ ] /ack" },
    { name: "as a path", body: "/etc/hosts\n/ack/x\n/var/log is full" },
    { name: "with a fullwidth slash", body: "\uFF0Fack" },
    { name: "with a zero-width joiner inside", body: "/a\u200Dck" },
    { name: "with a zero-width space in front", body: "\u200B/ack" },
    { name: "with a byte order mark in front", body: "\uFEFF/ack" },
    { name: "with a no-break space in front", body: "\u00A0/ack" },
    { name: "with a no-break space behind", body: "/ack\u00A0now" },
    { name: "with a right-to-left override", body: "/\u202Eack" },
    { name: "with a Cyrillic letter", body: "/\u0430ck" },
    { name: "with a Kelvin sign", body: "/ac\u212A" },
    {
      name: "in the quoted part of an e-mail reply",
      body: "thanks\n\nOn Mon, 23 Nov 2026 at 10:00, A B <a@b.example> wrote:\n/resolve",
    },
    {
      name: "below a mail header wrapped over two lines",
      body: "thanks\n\nOn Mon, 23 Nov 2026, A B <a@b.example>\nwrote:\n\n/resolve",
    },
    { name: "below an Outlook header", body: "thanks\n-----Original Message-----\n/resolve" },
    { name: "below a signature", body: "thanks\n-- \n/resolve" },
  ])("$name", ({ body }) => {
    expect(found(body)).toEqual([]);
  });

  it("below an e-mail's signature, while what stands above it counts", () => {
    expect(found("/ack\n-- \nAda\n/resolve")).toEqual(["1:ack"]);
  });

  it("but a mail pasted as code cuts nothing off", () => {
    expect(found("```\nOn Monday A wrote:\n-- \n```\n\n/ack")).toEqual(["6:ack"]);
  });

  it("beyond the tenth of a comment", () => {
    expect(found("/ack\n".repeat(1000))).toEqual(Array.from({ length: 10 }, (_, index) => `${index + 1}:ack`));
  });
});

const MARKDOWN_PIECES = [
  ..."/ack|/note x|text|\n|\n|\n\n|  |    |\t|> |- |1. |# |```|~~~|`|``|*|**|_|~~|[|](u)|![|]: u|\\|&amp;|---|===|| a ||\n| - |".split(
    "|",
  ),
  "|",
  "\r\n",
];

/** A line without a pipe above a row of dashes with one: a table to micromark, text to markdown-it; GitHub was not asked. */
const PIPELESS_TABLE = /^[^|\r\n]+(?:\r\n|\r|\n)[^\r\n]*(?:---[^\r\n]*\||\|[^\r\n]*---)/m;

/** The lines on which an independent parser (micromark) sees a text of a top-level or list paragraph start with `/`. */
function linesByMicromark(body: string): readonly number[] {
  const tree: Root = fromMarkdown(body, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const starts: number[] = [];
  const rawLines = body.split(/\r\n?|\n/);
  let offset = 0;
  const slashes = rawLines.map((raw) => {
    const at =
      offset +
      (/^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?=\/[a-z][a-z-]{0,30}[.,:;!?]{0,3}(?:[ \t]|$))/i.exec(raw)?.[0]
        .length ?? -1);
    const isStart = at >= offset;
    offset += raw.length + (body.startsWith("\r\n", offset + raw.length) ? 2 : 1);
    return isStart ? at : null;
  });
  const visit = (node: Nodes): void => {
    if (node.type === "paragraph") {
      for (const child of node.children) {
        if (child.type !== "text") continue;
        for (const [index, slash] of slashes.entries()) {
          if (slash === null) continue;
          if (child.position!.start.offset! <= slash && slash < child.position!.end.offset!) starts.push(index + 1);
        }
      }
    } else if (node.type === "root" || node.type === "list" || node.type === "listItem") node.children.forEach(visit);
  };
  visit(tree);
  return starts;
}

describe("scanning", () => {
  it("finds what a second, independent Markdown parser says is ordinary text, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...MARKDOWN_PIECES), { maxLength: 14 }), (pieces) => {
        const body = pieces.join("");
        fc.pre(!PIPELESS_TABLE.test(body));
        expect(scanCommands(body).map(({ line }) => line)).toEqual(linesByMicromark(body).slice(0, 10));
      }),
      { numRuns: 1500 },
    );
  });

  it("takes any text without a mishap, and says the same twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const body = `/ack\n${text}\n/ack`;
        expect(scanCommands(body)).toEqual(scanCommands(body));
      }),
    );
  });

  it.each([
    "![",
    "[",
    "> ",
    "1. ",
    "- ",
    "*a_ ",
    "a\n-\n",
    "`",
    "<a ",
    "|a",
    "[a](",
    "a**b",
    "<!--",
    "- a\n\n  b\n",
    "&a",
  ])("survives 65,536 characters of %j around a command", (unit) => {
    const body = `/ack\n\n${unit.repeat(65_536 / unit.length)}`;
    expect(found(body.slice(0, 65_536))[0]).toBe("1:ack");
  });
});

describe("a line becomes a command", () => {
  it.each<{ line: string; command: object }>([
    { line: "/ack", command: { name: "ack" } },
    { line: "/ACKNOWLEDGE please", command: { name: "ack" } },
    { line: "/unack", command: { name: "unack" } },
    { line: "/mitigate", command: { name: "mitigate", text: "" } },
    { line: "/mitigate traffic moved", command: { name: "mitigate", text: "traffic moved" } },
    { line: "/resolve", command: { name: "resolve", text: "" } },
    { line: "/page", command: { name: "page", target: { kind: "role", role: "primary" }, text: "" } },
    {
      line: "/page the cache is gone",
      command: { name: "page", target: { kind: "role", role: "primary" }, text: "the cache is gone" },
    },
    {
      line: "/page Team all hands",
      command: { name: "page", target: { kind: "role", role: "team" }, text: "all hands" },
    },
    {
      line: "/page @octo-cat you know it best",
      command: { name: "page", target: { kind: "login", login: "octo-cat" }, text: "you know it best" },
    },
    { line: "/severity p1", command: { name: "severity", severity: "p1", reason: "" } },
    { line: "/sev P0  all down", command: { name: "severity", severity: "P0", reason: "all down" } },
    { line: "/assign @octocat", command: { name: "assign", login: "octocat", role: null } },
    { line: "/assign octo-cat Lead", command: { name: "assign", login: "octo-cat", role: "lead" } },
    { line: "/assign @ada_corp", command: { name: "assign", login: "ada_corp", role: null } },
    { line: "/status all good", command: { name: "status", text: "all good" } },
    { line: `/note ${"x".repeat(500)}`, command: { name: "note", text: "x".repeat(500) } },
    { line: "/postmortem", command: { name: "postmortem", target: null } },
    { line: "/post-mortem #34", command: { name: "postmortem", target: { repository: null, number: 34 } } },
    { line: "/postmortem 34", command: { name: "postmortem", target: { repository: null, number: 34 } } },
    { line: "/postmortem o/r#3", command: { name: "postmortem", target: { repository: "o/r", number: 3 } } },
    {
      line: "/runbook https://github.com/o/r/pull/5#discussion_r1",
      command: { name: "runbook", target: { repository: "o/r", number: 5 }, reason: "" },
    },
    { line: "/good v1.4.2", command: { name: "good", ref: "v1.4.2" } },
    {
      line: "/revert #35 it is slow",
      command: { name: "revert", target: { repository: null, number: 35 }, reason: "it is slow" },
    },
    { line: "/suspects", command: { name: "suspects" } },
    { line: "/runbook", command: { name: "runbook", target: null, reason: "" } },
    { line: "/cancel false alarm", command: { name: "cancel", reason: "false alarm" } },
    { line: "/waive known problem", command: { name: "waive", reason: "known problem" } },
    { line: "/help", command: { name: "help" } },
  ])("$line", ({ line, command }) => {
    expect(parseCommand(scanCommands(line)[0]!)).toEqual({ kind: "command", command });
  });

  it("takes an address of the GitHub Enterprise Server it works for, and of no other host", () => {
    const [line] = scanCommands("/postmortem https://github.example.com/o/r/issues/5");
    const target = { repository: "o/r", number: 5 };
    expect(parseCommand(line!, "github.example.com")).toMatchObject({ command: { target } });
    expect(parseCommand(line!)).toMatchObject({ kind: "bad-argument" });
  });
});

describe("what is wrong with a command is said with the way to write it", () => {
  it.each<{ line: string; problem: object }>([
    { line: "/page @acme/sre now", problem: { kind: "bad-argument" } },
    { line: "/severity", problem: { kind: "missing-argument", why: "Write the level after the command." } },
    { line: "/status", problem: { kind: "missing-argument" } },
    { line: "/note", problem: { kind: "missing-argument" } },
    { line: "/assign", problem: { kind: "missing-argument" } },
    { line: "/cancel", problem: { kind: "missing-argument" } },
    { line: "/waive", problem: { kind: "missing-argument" } },
    { line: "/cancel too short", problem: { kind: "bad-argument" } },
    {
      line: "/assign @org/team",
      problem: { kind: "bad-argument", why: "A team cannot be assigned. Write the login of one person." },
    },
    { line: "/assign -a", problem: { kind: "bad-argument" } },
    { line: "/assign @a--b", problem: { kind: "bad-argument" } },
    { line: `/assign @${"a".repeat(40)}`, problem: { kind: "bad-argument" } },
    { line: "/assign @a lead comms", problem: { kind: "bad-argument" } },
    { line: "/assign @a <script>", problem: { kind: "bad-argument" } },
    {
      line: `/note ${"x".repeat(501)}`,
      problem: { kind: "too-long", why: expect.stringContaining("501 characters; 500 is the limit") },
    },
    { line: `/severity P1 ${"x".repeat(501)}`, problem: { kind: "too-long" } },
    { line: `/severity ${"x".repeat(51)}`, problem: { kind: "bad-argument" } },
    { line: `/waive ${"x".repeat(501)}`, problem: { kind: "too-long" } },
    { line: "/postmortem #0", problem: { kind: "bad-argument" } },
    { line: "/postmortem #1 #2", problem: { kind: "bad-argument" } },
    { line: "/postmortem x#1", problem: { kind: "bad-argument" } },
    { line: "/postmortem #1;rm", problem: { kind: "bad-argument" } },
    { line: "/postmortem https://evil.example/o/r/issues/5", problem: { kind: "bad-argument" } },
    { line: "/runbook https://evil.example/", problem: { kind: "bad-argument" } },
    { line: "/good", problem: { kind: "missing-argument" } },
    { line: "/good main..evil", problem: { kind: "bad-argument" } },
    { line: "/good -x", problem: { kind: "bad-argument" } },
    { line: "/revert", problem: { kind: "missing-argument" } },
    { line: "/revert everything", problem: { kind: "bad-argument" } },
    { line: "/runbook javascript:alert(1)", problem: { kind: "bad-argument" } },
  ])("$line", ({ line, problem }) => {
    const parsed = parseCommand(scanCommands(line)[0]!);
    const spec = COMMANDS[(parsed as { command: CommandName }).command];
    expect(parsed).toMatchObject({ ...problem, usage: spec.usage });
  });
});

describe("a misspelt command is answered with the nearest, and other words with silence", () => {
  it.each<[word: string, nearest: CommandName | null]>([
    ["akc", "ack"],
    ["ackk", "ack"],
    ["ack,", "ack"],
    ["resolve.", "resolve"],
    ["resovle", "resolve"],
    ["resolved", "resolve"],
    ["mitigated", "mitigate"],
    ["severty", "severity"],
    ["postmorten", "postmortem"],
    ["post-mortm", "postmortem"],
    ["hlep", "help"],
    ["asign", "assign"],
    ["acknowlege", "ack"],
    ["s", null],
    ["usr", null],
    ["tmp", null],
    ["dev", null],
    ["var", null],
    ["home", null],
    ["root", null],
    ["retest", null],
    ["lgtm", null],
    ["approve", null],
    ["close", null],
    ["reopen", null],
    ["constructor", null],
    ["tostring", null],
    ["hasownproperty", null],
  ])("/%s: %s", (word, nearest) => {
    expect(nearestCommand(word)).toBe(nearest);
    const parsed = parseCommand({ line: 1, word, rest: "" });
    expect(parsed).toEqual(nearest === null ? null : { kind: "unknown", command: null, word, nearest });
  });
});

describe("the registry", () => {
  it.each(COMMAND_NAMES)("/%s shows examples that work and a usage that starts with it", (name) => {
    const spec: CommandSpec = COMMANDS[name];
    expect(spec.usage.split(" ")[0]).toBe(`/${name}`);
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const example of spec.examples) {
      expect(parseCommand(scanCommands(example)[0]!)).toMatchObject({ kind: "command", command: { name } });
    }
    for (const alias of spec.aliases) expect(nearestCommand(alias)).toBe(name);
  });

  it("documents every command and every alias", () => {
    const text = commandsReference();
    for (const name of COMMAND_NAMES) {
      expect(text).toContain(`| \`${COMMANDS[name].usage}\` | ${COMMANDS[name].summary} |`);
      for (const alias of COMMANDS[name].aliases) expect(text).toContain(`\`/${alias}\``);
    }
  });
});

describe("who may use a command", () => {
  const ada: Person = { id: 1, login: "ada", isBot: false };
  const bot: Person = { id: 2, login: "deploy[bot]", isBot: true };
  const rights = { permission: { default: "triage", waive: "maintain" }, bots: [] } as const;
  const answers: readonly PermissionAnswer[] = [...PERMISSIONS, "cannot-tell"];

  /** Per command: the least right that is enough by default. Written out, so that a change of rights is seen here. */
  const table = {
    ack: "triage",
    unack: "triage",
    mitigate: "triage",
    resolve: "triage",
    severity: "triage",
    assign: "triage",
    status: "triage",
    note: "triage",
    postmortem: "triage",
    runbook: "triage",
    page: "triage",
    handoff: "triage",
    oncall: "triage",
    who: "triage",
    suspects: "triage",
    good: "triage",
    revert: "write",
    cancel: "triage",
    waive: "maintain",
    help: "none",
  } as const satisfies Record<CommandName, string>;

  it.each(COMMAND_NAMES.flatMap((name) => answers.map((has) => ({ name, has, needs: table[name] }))))(
    "/$name with $has needs $needs",
    ({ name, has, needs }) => {
      const expected =
        needs === "none"
          ? { kind: "allowed" }
          : has === "cannot-tell"
            ? { kind: "cannot-tell" }
            : PERMISSIONS.indexOf(has) >= PERMISSIONS.indexOf(needs)
              ? { kind: "allowed" }
              : { kind: "refused", needs, has };
      expect(authorize(name, ada, has, rights)).toEqual(expected);
    },
  );

  it("is nobody's business when the account is gone", () => {
    expect(authorize("ack", null, "admin", rights)).toEqual({ kind: "ignored" });
  });

  it("leaves bots out unless the policy lists them, and then asks for the same right", () => {
    expect(authorize("ack", bot, "admin", rights)).toEqual({ kind: "ignored" });
    expect(authorize("help", bot, "admin", rights)).toEqual({ kind: "ignored" });
    const listed = { ...rights, bots: ["Deploy[bot]"] };
    expect(authorize("ack", bot, "write", listed)).toEqual({ kind: "allowed" });
    expect(authorize("ack", bot, "none", listed)).toEqual({ kind: "refused", needs: "triage", has: "none" });
  });

  it("follows the policy: a line for the command first, then the default, which never makes /waive cheaper", () => {
    expect(neededPermission("ack", { permission: { default: "write" } })).toBe("write");
    expect(neededPermission("ack", { permission: { default: "write", ack: "triage" } })).toBe("triage");
    expect(neededPermission("waive", { permission: { default: "triage" } })).toBe("maintain");
    expect(neededPermission("waive", { permission: { default: "admin" } })).toBe("admin");
    expect(neededPermission("waive", { permission: { default: "triage", waive: "write" } })).toBe("write");
    expect(neededPermission("help", { permission: { default: "admin" } })).toBe("none");
    expect(neededPermission("ack", { permission: {} })).toBe("triage");
  });
});
