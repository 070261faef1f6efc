import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { authorize, neededPermission } from "../../../src/core/commands/authorize.ts";
import { nearestCommand, parseCommand } from "../../../src/core/commands/parse-command.ts";
import { commandsReference } from "../../../src/core/commands/reference.ts";
import { COMMAND_NAMES, COMMANDS, type CommandName, type CommandSpec } from "../../../src/core/commands/registry.ts";
import { scanCommands } from "../../../src/core/commands/scan.ts";
import { PERMISSIONS, type PermissionAnswer, type Person } from "../../../src/core/model.ts";

const DAY_MS = 86_400_000;

/** `line:word rest` of every line that is a command. */
function found(body: string): readonly string[] {
  return scanCommands(body)
    .filter(({ slip }) => slip === null)
    .map(({ line, word, rest }) => `${line}:${word}${rest === "" ? "" : ` ${rest}`}`);
}

/** `line:word` of the lines that a person would read as a command and that are answered. */
function slips(body: string, kind: "swallowed" | "look-alike"): readonly string[] {
  return scanCommands(body)
    .filter(({ slip }) => slip === kind)
    .map(({ line, word }) => `${line}:${word}`);
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
    { name: "with a comma behind it", body: "/ack, on it", commands: ["1:ack, on it"] },
    { name: "with an emoji behind it", body: "/ack👍🏽", commands: ["1:ack👍🏽"] },
    { name: "with a tab behind it", body: "/ack\tnow", commands: ["1:ack now"] },
    { name: "between lone carriage returns", body: "on it\r/ack\rthanks", commands: ["2:ack"] },
    { name: "after a zero-width space", body: "\u200B/ack", commands: ["1:ack"] },
    { name: "before a zero-width space", body: "/ack\u200B", commands: ["1:ack"] },
    { name: "after a byte order mark", body: "\uFEFF/ack", commands: ["1:ack"] },
    { name: "before a byte order mark", body: "/ack\uFEFF", commands: ["1:ack"] },
    { name: "after a no-break space", body: "\u00A0/ack", commands: ["1:ack"] },
    { name: "before a no-break space", body: "/ack\u00A0now", commands: ["1:ack now"] },
    { name: "after an ideographic space", body: "\u3000\u3000/ack", commands: ["1:ack"] },
    { name: "before an ideographic space", body: "/ack\u3000now", commands: ["1:ack now"] },
    { name: "with a joiner inside", body: "/a\u200Dck", commands: ["1:ack"] },
    { name: "with a soft hyphen inside", body: "/ac\u00ADk", commands: ["1:ack"] },
    { name: "with a filler behind it", body: "/ack\u3164", commands: ["1:ack"] },
    { name: "after marks of direction that turn nothing", body: "\u200F\u202A/ack\u202C", commands: ["1:ack"] },
    {
      name: "with all of it in a list and below prose",
      body: "text\n\u200B/ack\u00A0\n\n- \u00A0/note\u2003x\u200B",
      commands: ["2:ack", "4:note x"],
    },
    {
      name: "below a quote and an empty line, an image of Markdown, a rule",
      body: "![x](https://a.example/x.png)\n/ack\n\n---\n/note x",
      commands: ["2:ack", "5:note x"],
    },
    { name: "with a lone tilde in its text", body: "/note ~please look", commands: ["1:note ~please look"] },
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
    { name: "as a path", body: "/etc/hosts\n/ack/x\n/ack/\n/status.json\n/status?x=1\n/status_page" },
    { name: "between quotation marks", body: "\"/ack\"\n“/ack”\n'/ack'" },
    { name: "struck through by one tilde", body: "~please\n/ack~" },
    { name: "struck through by two tildes", body: "~~please\n/ack~~" },
    { name: "above a row that makes it a table's header", body: "/ack x\n| --- |" },
    { name: "above a row of colons", body: "/ack\n:-:" },
    { name: "as a number below prose, which begins no list", body: "see item\n14. /ack" },
    { name: "as a number below prose that a row of dashes makes a table's header", body: "see item\n2) /ack\n:-:" },
    { name: "behind a dash and a no-break space, which begin no list", body: "-\u00A0/ack" },
    { name: "with a fullwidth slash", body: "\uFF0Fack" },
    { name: "with a right-to-left override", body: "/\u202Eack" },
    { name: "after a right-to-left override", body: "\u202E/ack" },
    { name: "after a right-to-left isolate", body: "\u2067/ack" },
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

  it.each([
    [
      "Gmail, whose lines GitHub keeps with the address hidden",
      "/ack\n\nOn Thu, Nov 26, 2026 at 10:00 AM Alice ***@***.***> wrote:\n\n/resolve",
    ],
    [
      "Gmail in German, broken after the address",
      "/ack\n\nAm Do., 26. Nov. 2026 um 10:00 Uhr schrieb Alice <\nnotifications@github.com>:\n\n/resolve",
    ],
    ["Gmail in French", "/ack\n\nLe jeu. 26 nov. 2026 à 10:00, Alice <notifications@github.com> a écrit :\n\n/resolve"],
    ["Gmail in Spanish", "/ack\n\nEl jue, 26 nov 2026 a las 10:00, Alice (<a@b.example>) escribió:\n\n/resolve"],
    ["Gmail in Dutch", "/ack\n\nOp do 26 nov 2026 om 10:00 schreef Alice <a@b.example>:\n\n/resolve"],
    [
      "Gmail in Italian",
      "/ack\n\nIl giorno gio 26 nov 2026 alle ore 10:00 Alice <a@b.example> ha scritto:\n\n/resolve",
    ],
    ["Apple Mail", "/ack\n\nOn 26 Nov 2026, at 10:00, Alice <a@b.example> wrote:\n\n/resolve"],
    [
      "Apple Mail in Portuguese",
      "/ack\n\nEm 26 de nov. de 2026, à(s) 10:00, Alice <a@b.example> escreveu:\n\n/resolve",
    ],
    ["Yahoo", "/ack\n\nOn Thursday, November 26, 2026, 10:00:00 AM GMT+1, Alice <a@b.example> wrote:  \n \n /resolve"],
    [
      "Outlook",
      "/ack\n\nFrom: Alice <a@b.example>\nSent: Thursday, November 26, 2026 10:00 AM\nTo: acme/ops <x@y.example>\nSubject: Re: [acme/ops] Down (#1)\n\n/resolve",
    ],
    [
      "Outlook on the web, with its rule",
      "/ack\n________________________________\nFrom: Alice <a@b.example>\nSent: Thursday, 26 November 2026 10:00\nTo: acme/ops\nSubject: Re: Down\n\n/resolve",
    ],
    [
      "Outlook in German",
      "/ack\n\nVon: Alice <a@b.example>\nGesendet: Donnerstag, 26. November 2026 10:00\nAn: acme/ops\nBetreff: AW: Down\n\n/resolve",
    ],
    [
      "Outlook in French",
      "/ack\n\nDe : Alice <a@b.example>\nEnvoyé : jeudi 26 novembre 2026 10:00\nÀ : acme/ops\nObjet : RE: Down\n\n/resolve",
    ],
    [
      "Outlook in Japanese",
      "/ack\n\n差出人: Alice <a@b.example>\n送信日時: 2026年11月26日 10:00\n宛先: acme/ops\n件名: Re: Down\n\n/resolve",
    ],
    ["Outlook of old", "/ack\n\n-----Original Message-----\nFrom: Alice\n/resolve"],
    ["a forwarded message", "/ack\n\n---------- Forwarded message ---------\n/resolve"],
    [
      "GitHub's own footer",
      "/ack\n\nReply to this email directly, view it on GitHub <https://github.com/x>.\n/resolve",
    ],
    ["GitHub's own reason", "/ack\n\nYou are receiving this because you were mentioned.Message ID: <x>\n/resolve"],
  ])("below the message that is repeated by %s", (_client, body) => {
    expect(found(body)).toEqual(["1:ack"]);
  });

  it.each([
    ["a log line", "On prod we log <nil>"],
    ["a log line in French", "Le pod redémarre avec <OOMKilled>"],
    ["an address", "On call: <https://wiki.example/on-call>"],
    ["a row of underscores", "____________________"],
    ["a row of dashes", "--------------------"],
    ["a remark on a day", "On Monday the team wrote:"],
    ["a remark with a time", "On 2026-11-26 at 10:00 Bob wrote: it is the disk"],
    ["an address of mail", "On prod mail goes to <ops@acme.example>"],
    ["a list of facts", "From: eu-west-1\nTo: us-east-1\nSince: 10:00"],
    ["two dashes without a space", "text\n\n--"],
    ["a remark about a notification", "You are receiving this because you are on call."],
    ["a remark about replies", "Reply to this email directly if you can."],
    ["in German", "Am Montag schrieb jemand: nein"],
  ])("but %s cuts nothing off", (_name, line) => {
    expect(found(`${line}\n\n/ack`).map((one) => one.split(":")[1])).toEqual(["ack"]);
  });

  it("but what is written below a quoted message is the author's", () => {
    const quote = "On Thu, 26 Nov 2026 at 10:00, A B <a@b.example> wrote:\n\n> Please look.\n> /resolve\n\n/ack\n";
    expect(found(quote)).toEqual(["6:ack"]);
  });

  it("but a mail pasted as code cuts nothing off", () => {
    const header = "On Thu, 26 Nov 2026 at 10:00, A B <a@b.example> wrote:";
    expect(found(`\`\`\`\n${header}\n-- \n\`\`\`\n\n/ack`)).toEqual(["6:ack"]);
  });

  it("beyond the tenth of a comment", () => {
    expect(found("/ack\n".repeat(1000))).toEqual(Array.from({ length: 10 }, (_, index) => `${index + 1}:ack`));
  });
});

describe("a line that a person takes for a command is answered, once for a comment,", () => {
  it.each<{ name: string; body: string; answered: readonly string[] }>([
    { name: "directly below </details>", body: "<details>\n\nlog\n\n</details>\n/ack", answered: ["6:ack"] },
    {
      name: "directly below an image",
      body: '<img width="10" src="https://a.example/x.png">\n/ack',
      answered: ["2:ack"],
    },
    { name: "directly below a quote", body: "> text\n/ack", answered: ["2:ack"] },
    { name: "between the tags of a block", body: "<div>\n/resolve done\n</div>", answered: ["2:resolve"] },
    { name: "above dashes, which make it a heading", body: "/ack\n---\nAda", answered: ["1:ack"] },
    { name: "above a signature that lost its space", body: "/ack\n--\nAda", answered: ["1:ack"] },
    { name: "as the header of a table", body: "/ack x\n| --- |", answered: ["1:ack"] },
    { name: "directly below a table", body: "| a |\n| - |\n/ack", answered: ["3:ack"] },
    { name: "in bold text", body: "**a\n/ack b**", answered: ["2:ack"] },
    { name: "only the first of several", body: "> text\n/ack\n/resolve", answered: ["2:ack"] },
    { name: "but not a word that is no command", body: "> text\n/usr\n/akc", answered: [] },
    { name: "but not in code", body: "`a\n/ack`", answered: [] },
    { name: "but not where it was quoted on purpose", body: "> /ack", answered: [] },
    { name: "but not in folded text", body: "<details>\n\n/ack\n\n> x\n/ack\n\n</details>", answered: [] },
    { name: "but not in <pre>", body: "<pre>\n/ack\n</pre>", answered: [] },
    { name: "but not in a comment", body: "<!--\n/ack\n-->", answered: [] },
    { name: "but not in a comment between tags", body: "<div>\n<!-- a\n/ack\n-->\n</div>", answered: [] },
    { name: "but not struck through", body: "~~a\n/ack~~", answered: [] },
    { name: "but not in a link", body: "[a\n/ack](https://a.example)", answered: [] },
    { name: "but not in a footnote", body: "x[^1]\n\n[^1]: see\n/ack", answered: [] },
    { name: "but not below the message that is repeated", body: "thanks\n-- \n> x\n/ack", answered: [] },
  ])("$name", ({ body, answered }) => {
    expect(slips(body, "swallowed")).toEqual(answered);
    expect(found(body)).toEqual([]);
  });

  it.each([
    ["a fullwidth slash", "\uFF0Fack", "ack"],
    ["a division slash", "\u2215ack", "ack"],
    ["fullwidth letters", "/\uFF41\uFF43\uFF4B", "ack"],
    ["a Cyrillic letter", "/\u0430ck", "ack"],
    ["Cyrillic capitals", "/\u0410\u0421\u041A", "ack"],
    ["a Kelvin sign", "/ac\u212A", "ack"],
    ["an accent", "/r\u00E9solve", "resolve"],
    ["a space behind the slash", "/ status all good", "status"],
  ])("when it has %s", (_name, body, word) => {
    expect(slips(body, "look-alike")).toEqual([`1:${word}`]);
    expect(found(body)).toEqual([]);
    expect(parseCommand(scanCommands(body)[0]!)).toMatchObject({
      kind: "unknown",
      slip: "look-alike",
      instead: `/${word}`,
    });
  });

  it.each(["\uFF0Fetc", "/ usr", "/\u0430\u0431", "\u2215home/x", "/ and so on"])(
    "but not %j, which is far from any",
    (body) => {
      expect(scanCommands(body)).toEqual([]);
    },
  );
});

const MARKDOWN_PIECES = [
  ..."/ack|/note x|text|\n|\n|\n\n|  |    |\t|> |- |1. |14. |2) |# |```|~~~|`|``|*|**|_|~|~~|[|](u)|![|]: u|\\|&amp;|---|:-:|===|| a ||\n| - |".split(
    "|",
  ),
  "|",
  "\r\n",
  "\n| - |",
  "\n-|",
];

/** The words that `linesByMicromark` looks for. */
const PLAIN_WORD = /^[a-z][a-z-]{0,30}[.,:;!?]{0,3}$/;

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
          const [from, to] = [child.position!.start.offset!, child.position!.end.offset!];
          if (slash < from || slash >= to) continue;
          // A marker within a paragraph does not begin a list: it is text before the slash.
          if (/(?:^|[\r\n])[ \t]*$/.test(body.slice(from, slash))) starts.push(index + 1);
        }
      }
    } else if (node.type === "root" || node.type === "list" || node.type === "listItem") node.children.forEach(visit);
  };
  visit(tree);
  return starts;
}

/**
 * Where the two parsers differ, without any command that people would write being lost or found:
 *
 * - a number other than 1 within a new item or below indented code: micromark treats it as one that would interrupt a
 *   paragraph (CommonMark, "List items")
 * - a row of dashes below a heading or a list item that it does not belong to, and one without a bar below a line with
 *   one: the specification does not say whether that begins a table (GFM, "Tables"); nor whether one that also reads as
 *   a list item does
 * - a line right below a link definition in a quote: whether the quote goes on
 */
function isDisputed(body: string): boolean {
  if (/(?:[-+*]|\d[.)])[ \t]+(?:14\.|2\))/.test(body)) return true;
  if (/(?:\t| {4})/.test(body) && /14\.|2\)/.test(body)) return true;
  const lines = body.split(/\r\n?|\n/);
  return lines.some((line, at) => {
    const above = lines[at - 1] ?? "";
    if (/^[ \t]*>.*\]:/.test(above)) return true;
    if (!/-/.test(line) || !/^[ \t>|:-]+$/.test(line) || !`${above}${line}`.includes("|")) return false;
    return /^[ \t>]*(?:[-+*#]|\d{1,9}[.)])[ \t]/.test(above) || !line.includes("|") || /^[ \t>]*-[ \t]/.test(line);
  });
}

describe("scanning", () => {
  it("finds what a second, independent Markdown parser says is ordinary text, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...MARKDOWN_PIECES), { maxLength: 14 }), (pieces) => {
        const body = pieces.join("");
        fc.pre(!isDisputed(body));
        const lines = scanCommands(body).filter(({ slip, word }) => slip === null && PLAIN_WORD.test(word));
        expect(lines.map(({ line }) => line)).toEqual(linesByMicromark(body).slice(0, 10));
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
    { line: "/page", command: { name: "page", target: { kind: "unsaid" }, text: "" } },
    {
      line: "/page the cache is gone",
      command: { name: "page", target: { kind: "unsaid" }, text: "the cache is gone" },
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
    { line: "/ack, will do", command: { name: "ack" } },
    { line: "/ack.", command: { name: "ack" } },
    { line: "/ack!", command: { name: "ack" } },
    { line: "/ack…", command: { name: "ack" } },
    { line: "/ack\uFF01", command: { name: "ack" } },
    { line: "/ack 👍", command: { name: "ack" } },
    { line: "/ack👍", command: { name: "ack" } },
    { line: "/ack — on it", command: { name: "ack" } },
    { line: "/ack)", command: { name: "ack" } },
    { line: "/status: rolling back", command: { name: "status", text: "rolling back" } },
    { line: "/severity: P0", command: { name: "severity", severity: "P0", reason: "" } },
    { line: "/severity P0, all down", command: { name: "severity", severity: "P0", reason: "all down" } },
    { line: "/assign @octocat", command: { name: "assign", logins: ["octocat"], role: null } },
    { line: "/assign octo-cat Lead", command: { name: "assign", logins: ["octo-cat"], role: "lead" } },
    { line: "/assign @ada_corp", command: { name: "assign", logins: ["ada_corp"], role: null } },
    { line: "/assign @one @two", command: { name: "assign", logins: ["one", "two"], role: null } },
    { line: "/assign @one, @two and @three", command: { name: "assign", logins: ["one", "two", "three"], role: null } },
    { line: "/assign @\u200Boctocat", command: { name: "assign", logins: ["octocat"], role: null } },
    { line: "/assign \uFF20octocat", command: { name: "assign", logins: ["octocat"], role: null } },
    { line: "/handoff @octocat", command: { name: "handoff", login: "octocat" } },
    { line: "/handoff @octocat thanks!", command: { name: "handoff", login: "octocat" } },
    { line: "/handoff @octocat, thank you for taking over", command: { name: "handoff", login: "octocat" } },
    {
      line: "/page @\u200Boctocat\u00A0now",
      command: { name: "page", target: { kind: "login", login: "octocat" }, text: "now" },
    },
    { line: "/revert #\u200B35", command: { name: "revert", target: { repository: null, number: 35 }, reason: "" } },
    {
      line: "/revert #35: it is slow",
      command: { name: "revert", target: { repository: null, number: 35 }, reason: "it is slow" },
    },
    { line: "/good v1.4.2\u200B", command: { name: "good", ref: "v1.4.2" } },
    { line: "/postmortem o/r#\u20603", command: { name: "postmortem", target: { repository: "o/r", number: 3 } } },
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
    {
      line: "/runbook #5 covers exactly this",
      command: { name: "runbook", target: { repository: null, number: 5 }, reason: "covers exactly this" },
    },
    {
      line: "/time started 9:05",
      command: { name: "time", time: "started", when: { day: null, clock: 32_700_000, offset: null }, reason: "" },
    },
    {
      line: "/time Detected, 10:42:30 UTC, by a customer",
      command: {
        name: "time",
        time: "detected",
        when: { day: null, clock: 38_550_000, offset: 0 },
        reason: "by a customer",
      },
    },
    {
      line: "/time resolved 2026-11-26T10:42+01:00 it was over by then",
      command: {
        name: "time",
        time: "resolved",
        when: { day: "2026-11-26", clock: 38_520_000, offset: 3_600_000 },
        reason: "it was over by then",
      },
    },
    {
      line: "/time mitigated 2026-11-26\u00A010:42 \u22120330",
      command: {
        name: "time",
        time: "mitigated",
        when: { day: "2026-11-26", clock: 38_520_000, offset: -12_600_000 },
        reason: "",
      },
    },
    {
      line: "/time acknowledged 10:42 DB on-call took it",
      command: {
        name: "time",
        time: "acknowledged",
        when: { day: null, clock: 38_520_000, offset: null },
        reason: "DB on-call took it",
      },
    },
    { line: "/cancel false alarm", command: { name: "cancel", reason: "false alarm" } },
    { line: "/waive known problem", command: { name: "waive", lasts: null, reason: "known problem" } },
    { line: "/waive 7d known problem", command: { name: "waive", lasts: 7 * DAY_MS, reason: "known problem" } },
    { line: "/waive 90M known problem", command: { name: "waive", lasts: 90 * 60_000, reason: "known problem" } },
    { line: "/waive 365d, known problem", command: { name: "waive", lasts: 365 * DAY_MS, reason: "known problem" } },
    {
      line: "/snooze #41 14d the vendor ships it next week",
      command: {
        name: "snooze",
        target: { repository: null, number: 41 },
        lasts: 14 * DAY_MS,
        reason: "the vendor ships it next week",
      },
    },
    {
      line: "/snooze acme/learnings#41, 90d, nobody has the time",
      command: {
        name: "snooze",
        target: { repository: "acme/learnings", number: 41 },
        lasts: 90 * DAY_MS,
        reason: "nobody has the time",
      },
    },
    { line: "/accept", command: { name: "accept", what: null } },
    { line: "/accept waiver", command: { name: "accept", what: "waiver" } },
    { line: "/accept #34", command: { name: "accept", what: { repository: null, number: 34 } } },
    {
      line: "/accept acme/learnings#34",
      command: { name: "accept", what: { repository: "acme/learnings", number: 34 } },
    },
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
    { line: "/severity", problem: { kind: "missing-argument", why: "Add a level" } },
    { line: "/status", problem: { kind: "missing-argument" } },
    { line: "/note", problem: { kind: "missing-argument" } },
    { line: "/assign", problem: { kind: "missing-argument" } },
    { line: "/note \u200B", problem: { kind: "missing-argument" } },
    { line: `/cancel ${"\u200B".repeat(20)}x`, problem: { kind: "bad-argument" } },
    { line: "/handoff", problem: { kind: "missing-argument" } },
    { line: "/handoff @org/team", problem: { kind: "bad-argument" } },
    {
      line: "/handoff @one @two",
      problem: { kind: "bad-argument", why: "Name one person only" },
    },
    { line: "/assign @one @two lead", problem: { kind: "bad-argument", why: "Give a role to one person at a time" } },
    { line: "/assign @one @org/team", problem: { kind: "bad-argument" } },
    {
      line: `/assign ${"@a ".repeat(11)}`,
      problem: { kind: "bad-argument", why: "Assign at most 10 people at a time" },
    },
    { line: "/time", problem: { kind: "missing-argument" } },
    { line: "/time 10:42", problem: { kind: "bad-argument", why: expect.stringContaining("Name one of started, ") } },
    { line: "/time closed 10:42", problem: { kind: "bad-argument" } },
    { line: "/time started", problem: { kind: "missing-argument" } },
    { line: "/time started 2026-11-26", problem: { kind: "bad-argument" } },
    {
      line: "/time started 2026-02-30 10:42",
      problem: { kind: "bad-argument", why: expect.stringContaining("Check the day") },
    },
    { line: "/time started 24:00", problem: { kind: "bad-argument" } },
    { line: "/time started 10:60", problem: { kind: "bad-argument" } },
    { line: "/time started 10:42+15:00", problem: { kind: "bad-argument" } },
    { line: "/time started 10:42pm", problem: { kind: "bad-argument" } },
    { line: "/time started 10:42 p.m.", problem: { kind: "bad-argument" } },
    { line: "/time started 10:42 PDT", problem: { kind: "bad-argument" } },
    { line: "/time started 26.11.2026 10:42", problem: { kind: "bad-argument" } },
    { line: `/time started 10:42 ${"x".repeat(501)}`, problem: { kind: "too-long" } },
    { line: "/cancel", problem: { kind: "missing-argument" } },
    { line: "/waive", problem: { kind: "missing-argument" } },
    { line: "/waive 7d", problem: { kind: "missing-argument" } },
    { line: "/waive 7d soon", problem: { kind: "bad-argument" } },
    { line: "/waive 2w known problem", problem: { kind: "bad-argument" } },
    { line: "/waive 0d known problem", problem: { kind: "bad-argument" } },
    { line: "/waive 366d known problem", problem: { kind: "bad-argument" } },
    { line: "/waive 7 days known problem", problem: { kind: "bad-argument" } },
    { line: "/snooze", problem: { kind: "missing-argument" } },
    { line: "/snooze #41", problem: { kind: "missing-argument" } },
    { line: "/snooze #41 the vendor ships it next week", problem: { kind: "missing-argument" } },
    { line: "/snooze #41 14d", problem: { kind: "missing-argument" } },
    { line: "/snooze #41 14d later", problem: { kind: "bad-argument" } },
    ...["2w", "91d", "400d"].map((lasts) => ({
      line: `/snooze #41 ${lasts} the vendor ships it next week`,
      problem: {
        kind: "bad-argument",
        why: "Write for how long as a whole number and m, h or d, such as 14d, at most 90d at a time",
      },
    })),
    { line: "/snooze that 14d the vendor ships it next week", problem: { kind: "bad-argument" } },
    { line: "/accept that", problem: { kind: "bad-argument" } },
    { line: "/accept waiver please", problem: { kind: "bad-argument" } },
    { line: "/cancel too short", problem: { kind: "bad-argument" } },
    {
      line: "/assign @org/team",
      problem: { kind: "bad-argument", why: "Name people, as a team cannot be assigned" },
    },
    { line: "/assign -a", problem: { kind: "bad-argument" } },
    { line: "/assign @a--b", problem: { kind: "bad-argument" } },
    { line: `/assign @${"a".repeat(40)}`, problem: { kind: "bad-argument" } },
    { line: "/assign @a lead comms", problem: { kind: "bad-argument" } },
    { line: "/assign @a <script>", problem: { kind: "bad-argument" } },
    {
      line: `/note ${"x".repeat(501)}`,
      problem: { kind: "too-long", why: expect.stringContaining("to 500 characters (it has 501)") },
    },
    { line: `/severity P1 ${"x".repeat(501)}`, problem: { kind: "too-long" } },
    { line: `/severity ${"x".repeat(51)}`, problem: { kind: "bad-argument" } },
    { line: `/waive ${"x".repeat(501)}`, problem: { kind: "too-long" } },
    { line: "/runbook #5 too short", problem: { kind: "bad-argument", why: expect.stringContaining("at least 10") } },
    { line: "/runbook covers exactly this", problem: { kind: "bad-argument" } },
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
    ["ack?", "ack"],
    ["ack,will", "ack"],
    ["ack—on", "ack"],
    ["acked", "ack"],
    ["acking", "ack"],
    ["sev1", "severity"],
    ["severity=P0", "severity"],
    ["severity:P0", "severity"],
    ["assign@octocat", "assign"],
    ["resolve?", "resolve"],
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
    const parsed = parseCommand({ line: 1, word, rest: "", slip: null });
    if (nearest === null) expect(parsed).toBeNull();
    else expect(parsed).toMatchObject({ kind: "unknown", command: null, word, slip: null });
  });
});

describe("what is suggested for a misspelt command", () => {
  it.each([
    ["/akc", "/ack"],
    ["/acked", "/ack"],
    ["/sev1", "/severity"],
    ["/severity=P0", "/severity P0"],
    ["/severity:P0", "/severity P0"],
    ["/severity=P0 all down", "/severity P0 all down"],
    ["/sev=P0", "/severity P0"],
    ["/assign@octocat lead", "/assign @octocat lead"],
    ["/revert#35", "/revert #35"],
    ["/ack,will do", "/ack will do"],
    ["/status—all good", "/status all good"],
    ["/ack?", "/ack"],
    ["/cancel=no", "/cancel"],
  ])("%s: %s, which works when it is copied where it can", (line, instead) => {
    expect(parseCommand(scanCommands(line)[0]!)).toMatchObject({ kind: "unknown", instead });
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
      expect(text).toContain(`| \`${COMMANDS[name].usage}\` | ${COMMANDS[name].summary}`);
      for (const alias of COMMANDS[name].aliases) expect(text).toContain(`\`/${alias}\``);
    }
  });
});

describe("who may use a command", () => {
  const ada: Person = { id: 1, login: "ada", isBot: false };
  const bot: Person = { id: 2, login: "deploy[bot]", isBot: true };
  const rights = { permission: { default: "triage", waive: "maintain" }, bots: [] } as const;
  const answers: readonly PermissionAnswer[] = [...PERMISSIONS, "cannot-tell"];

  /** Per command: the least right that is enough by default. Written out, so that a change of rights shows up here. */
  const table = {
    ack: "triage",
    unack: "triage",
    mitigate: "triage",
    resolve: "triage",
    severity: "triage",
    drill: "triage",
    assign: "triage",
    status: "triage",
    note: "triage",
    done: "triage",
    postmortem: "triage",
    runbook: "triage",
    page: "triage",
    handoff: "triage",
    oncall: "triage",
    who: "triage",
    suspects: "triage",
    good: "triage",
    revert: "write",
    time: "triage",
    cancel: "triage",
    waive: "maintain",
    accept: "triage",
    items: "triage",
    drop: "write",
    snooze: "triage",
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

  // GitHub does not tell apps' rights (A-034): what it says about one does not matter.
  describe.each(["none", "admin", "cannot-tell"] as const)("an app of which GitHub says %s", (has) => {
    it.each(COMMAND_NAMES)("is not listened to with /%s unless the policy names it", (name) => {
      expect(authorize(name, bot, has, rights)).toEqual({ kind: "ignored" });
    });

    /** What an app in a plain list may do. Written out, so that granting them a command shows up here. */
    const listed: readonly CommandName[] = [
      "assign",
      "status",
      "note",
      "page",
      "who",
      "suspects",
      "good",
      "oncall",
      "help",
    ];

    it.each(COMMAND_NAMES)(
      "has of a plain list what acknowledges, accepts, waives, cancels and drops nothing: /%s",
      (name) => {
        const plain = { ...rights, bots: [{ login: "Deploy[bot]", commands: null }] };
        const expected = { kind: listed.includes(name) ? "allowed" : "not-granted" };
        expect(authorize(name, bot, has, plain)).toEqual(expected);
      },
    );

    it.each(COMMAND_NAMES)("has of a line with commands these, and /help: /%s", (name) => {
      const granted = { ...rights, bots: [{ login: "Deploy[bot]", commands: ["resolve", "waive"] }] };
      const expected = { kind: ["resolve", "waive", "help"].includes(name) ? "allowed" : "not-granted" };
      expect(authorize(name, bot, has, granted)).toEqual(expected);
    });
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
