import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { plainLines, Teller } from "../../demo/teller.ts";
import { until } from "../../demo/until.ts";
import { gatherOutput } from "../support/gather-output.ts";

// The whole demo, with a server that takes seconds to start, and many on a busy machine.
jest.setTimeout(180_000);

/** A demo in a process group of its own, with a folder for temporary files that nobody else uses. */
interface RunningDemo {
  readonly process: ChildProcess;
  readonly ended: Promise<number | string>;
  text(): string;
}

/** What `npm run demo` starts. */
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

let temporary: string;
let outside: string;
const demos: RunningDemo[] = [];

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "demo-tmp-"));
  outside = mkdtempSync(join(tmpdir(), "demo-out-"));
});

afterEach(async () => {
  for (const demo of demos.splice(0)) {
    signalGroup(demo, "SIGKILL");
    await demo.ended;
  }
  for (const folder of [temporary, outside]) rmSync(folder, { recursive: true, force: true });
});

/** A proxy that answers nothing: what is on this machine has to do without it. */
const PROXY = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: "http://127.0.0.1:9" };

function runDemo(...options: readonly string[]): RunningDemo {
  return runDemoWith({ TMPDIR: temporary }, ...options);
}

function runDemoWith(env: NodeJS.ProcessEnv, ...options: readonly string[]): RunningDemo {
  const child = spawn(process.execPath, [MAIN, "demo", ...options], {
    env: { PATH: process.env["PATH"] ?? "", ...PROXY, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const { ended, output } = gatherOutput(child);
  const demo = { process: child, ended, text: output };
  demos.push(demo);
  return demo;
}

/** The servers a demo says it has started, one URL each. */
function addresses(text: string): readonly string[] {
  return [...new Set(text.match(/http:\/\/(?:localhost|127\.0\.0\.1):\d+/g) ?? [])];
}

async function expectNothingLeft(demo: RunningDemo): Promise<void> {
  expect(readdirSync(temporary)).toEqual([]);
  await until("no process of the demo's group is left", async () => !signalGroup(demo, 0));
  for (const address of addresses(demo.text())) await expect(fetch(address)).rejects.toThrow();
}

/** Signals the demo and everything it has started, as a terminal does. `false`: none of them exists (kill(2), ESRCH). */
function signalGroup(demo: RunningDemo, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-(demo.process.pid ?? 0), signal);
  } catch {
    return false;
  }
}

describe("npm run demo", () => {
  it("plays a whole incident, behind a proxy as well, writes a page without scripts, and leaves nothing behind", async () => {
    const file = join(outside, "deep", "incident.html");
    const demo = runDemo("--output", file);
    expect([await demo.ended, demo.text()]).toEqual([0, expect.stringContaining("Done in")]);

    const text = demo.text();
    // Not a terminal: no colors.
    expect(stripVTControlCharacters(text)).toBe(text);
    expect(text).toContain(file);
    const told = [
      "posts its webhook to Sevgate",
      "Take it: comment",
      "Follow the runbook Checkout fails",
      "#1 is the likeliest cause",
      "📟 @alice (primary)",
      "↳ 📟 <@U",
      "press *Acknowledge* in #alert",
      "`/resolve` needs the triage role",
      "presses Acknowledge in Slack",
      "Responder: alice",
      "acknowledged · alice",
      "acknowledged by alice@shop.example",
      "[x] Count the connections",
      "alice): the invoice worker",
      '#3 Revert "Give each invoice a connection of its own"',
      "The version that worked is back",
      "Reopened. It needs one of these before it can close",
      "Would close #2 too early",
      "`Fixes #2` → `Refs #2`",
      "Post-mortem: Checkout is down",
      "↳ 📝 Post-mortem: #5",
      "It can close: everything",
      "turns green",
      "closed as completed",
      "Better Stack has it resolved",
      "GitHub merges",
      "Started: ",
      "- [ ] #6 Give the worker a pool of 5 connections",
      "- [x] #6 Give the worker a pool of 5 connections",
      "Action item #7 dropped by alice",
      "Incident follow-ups",
      "Time to learn: ",
    ];
    expect(told.filter((words) => !text.includes(words))).toEqual([]);
    expect(told.map((words) => text.indexOf(words))).toEqual(
      told.map((words) => text.indexOf(words)).toSorted((a, b) => a - b),
    );

    const page = readFileSync(file, "utf8");
    for (const words of [
      "Checkout is down",
      "Post-mortem: Checkout is down",
      "sevgate/close-gate",
      "incident:resolved",
      "Revert &#34;Give each invoice a connection of its own&#34;",
      "Slack <span",
      "📝 Post-mortem: <a href=",
      "Give the worker a pool of 5 connections",
      "Incident follow-ups",
      '<a href="report.html">',
    ]) {
      expect(page).toContain(words);
    }
    expect(readFileSync(join(outside, "deep", "report.html"), "utf8")).toContain("Checkout is down");
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toContain("sevgate:record");
    expect(page).not.toContain('http-equiv="refresh"');
    await expectNothingLeft(demo);
  });

  it("stays up with --keep, shows on its page what people do, and ends with Ctrl-C", async () => {
    const demo = runDemo("--keep", "--output", join(outside, "incident.html"));
    await until("the invitation", async () => demo.text().includes("Ctrl-C ends it"), { limitMs: 120_000 });
    const text = demo.text();
    const page = /follows what you do:\n\s*(\S+)/.exec(text)?.[1] ?? "";
    const curls = text.split("\n").filter((line) => line.trim().startsWith("curl "));
    expect(curls).toHaveLength(4);
    for (const curl of curls) {
      const [, method = "", token = "", url = "", body = ""] =
        /-X (\w+) -H 'authorization: Bearer (\S+)' (\S+) -d '(.*)'/.exec(curl) ?? [];
      // As curl sends it.
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/x-www-form-urlencoded" };
      expect((await fetch(url, { method, headers, body })).status).toBeLessThan(300);
      const shown = ["Search is slow", "by alice: rebuilding the index", "bob closed this", "snoozed until"][
        curls.indexOf(curl)
      ]!;
      await until(`the page shows “${shown}”`, async () => (await (await fetch(page)).text()).includes(shown));
    }
    await until("the issue came back", async () => {
      const html = await (await fetch(page)).text();
      return html.split("Reopened. It needs one of these before it can close").length > 2;
    });
    expect(await (await fetch(new URL("report", page))).text()).toContain("Search is slow");

    signalGroup(demo, "SIGINT");
    expect(await demo.ended).toBe(0);
    await expectNothingLeft(demo);
  });

  it.each([
    ["while the server is starting", "the real server"],
    ["in the middle of the story", "1.  Better Stack finds"],
  ])("leaves nothing behind when it is stopped %s", async (_when, told) => {
    const demo = runDemo("--output", join(outside, "incident.html"));
    await until(told, async () => demo.text().includes(told), { limitMs: 120_000 });
    const [folder = ""] = readdirSync(temporary);
    await until("the server writes", async () => readdirSync(join(temporary, folder)).length > 0);
    demo.process.kill("SIGTERM");
    expect(await demo.ended).toBe(143);
    expect(demo.text()).toContain("Nothing is left running.");
    await expectNothingLeft(demo);
  });

  it("says before it begins that it cannot write its page, and where to", async () => {
    const folder = runDemo("--output", outside);
    expect([await folder.ended, folder.text()]).toEqual([
      1,
      `error: ${outside} is a folder. Name a file in it: --output ${join(outside, "incident.html")}\n`,
    ]);
    const below = runDemo("--output", join(process.execPath, "incident.html"));
    expect([await below.ended, below.text()]).toEqual([
      1,
      expect.stringMatching(/^error: .* cannot be written \(E\w+\)\. Name another file with --output\.\n$/),
    ]);
  });

  it("says before it begins that there is no room for its data, and what to set", async () => {
    const demo = runDemoWith({ TMPDIR: join(outside, "none") }, "--output", join(outside, "incident.html"));
    expect([await demo.ended, demo.text()]).toEqual([
      1,
      `error: Nothing can be written to ${join(outside, "none")} (ENOENT). Set TMPDIR to a folder of yours.\n`,
    ]);
  });

  it("says what went wrong, shows the end of the server's log, and exits with 1", async () => {
    mkdirSync(join(outside, "report.html"));
    const demo = runDemo("--output", join(outside, "incident.html"));
    expect(await demo.ended).toBe(1);
    expect(demo.text()).toMatch(/✗ It broke off: .*EISDIR/);
    expect(demo.text()).toMatch(/The end of the server's log:\n.*"msg":"/);
    await expectNothingLeft(demo);
  });
});

describe("the teller", () => {
  function tellTo(lines: string[], isColored = false): Teller {
    return new Teller({ write: (text) => lines.push(text), isColored, width: 80 });
  }

  it("keeps to the width of the terminal", async () => {
    const lines: string[] = [];
    const teller = tellTo(lines);
    await teller.does("somebody ".repeat(30).trim(), async () => {});
    await teller.sees("something ".repeat(30).trim(), async () => ({ quote: ["words ".repeat(60).trim()] }));
    expect(lines.map((line) => line.trimEnd().length).filter((length) => length > 80)).toEqual([]);
  });

  it("uses colors only where they are wanted", async () => {
    for (const isColored of [true, false]) {
      const lines: string[] = [];
      await tellTo(lines, isColored).does("bob opens an issue", async () => {});
      expect(lines.join("") !== stripVTControlCharacters(lines.join(""))).toBe(isColored);
    }
  });

  it.each([
    ["## Heading", ["Heading"]],
    ["**bold** and [text](https://example.com)", ["bold and text"]],
    ["<!-- hidden\nlines --><details>\nshown</details>", ["shown"]],
    ["| **Name** | value |\n| --- | --- |\n| Other | x |", ["Name: value", "Other: x"]],
    ["`Fixes #1` by <span>@</span>octocat", ["`Fixes #1` by @octocat"]],
    ["by sevgate\\[bot\\]", ["by sevgate[bot]"]],
  ])("shows %j as plain lines", (markdown, expected) => {
    expect(plainLines(markdown)).toEqual(expected);
  });
});
