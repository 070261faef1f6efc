import { describe, expect, it } from "@jest/globals";
import { scanCommands } from "../../src/core/commands/scan.ts";
import { derive } from "../../src/core/derive.ts";
import { readTicks } from "../../src/core/judge/judge-ticks.ts";
import { plan } from "../../src/core/plan/plan.ts";
import { namedFiles } from "../../src/core/regressions/suspects.ts";
import { redact } from "../../src/systems/github/errors.ts";
import { buildIssue, buildObservation } from "../support/build-observation.ts";
import { EVERY_READER, hostileMarkdown, LARGEST_BODY, tokensOf } from "../support/hostile-markdown.ts";

const patterns = hostileMarkdown(LARGEST_BODY - 100);

describe("262,144 characters made to cost", () => {
  it("come in more than a hundred patterns", () => {
    expect(patterns.length).toBeGreaterThan(100);
    expect(patterns.filter(([, text]) => text.length < 20_000)).toEqual([]);
  });

  it.each(patterns)("cost no more work than as many letters could: %s", (_name, text) => {
    expect(tokensOf(text)).toBeLessThanOrEqual(LARGEST_BODY);
  });

  // All of them are read by everything in test/faults/security-scanning.test.ts.
  it.each(patterns.filter((_, at) => at % 6 === 0))("are read to the end, by whatever reads: %s", (_name, text) => {
    for (const read of EVERY_READER) expect(read(text)).toBe(true);
  });

  it("beyond 12,000 lines, which nobody writes into 256 KiB, are not read: no command is found there", () => {
    expect(scanCommands(`/ack\n${"\n".repeat(11_998)}/resolve`).map(({ word }) => word)).toEqual(["ack", "resolve"]);
    expect(scanCommands(`/ack\n${"\n".repeat(11_999)}/resolve`).map(({ word }) => word)).toEqual(["ack"]);
  });
});

describe("a table", () => {
  it.each([
    ["| a |\n| - |\n| /ack |", []],
    ["a | b\n-|-\n/ack | c\n\n/resolve", [5]],
    ["- a | b\n  -|-\n  /ack | c\n\n  /resolve", [5]],
    ["text\na | b\n-|-\n/ack\n\n/resolve", [6]],
  ])("holds no command, and hides none below it: %j", (body, lines) => {
    const commands = scanCommands(body).filter(({ slip }) => slip === null);
    expect(commands.map(({ line }) => line)).toEqual(lines);
  });
});

// Each stopped everything else for seconds to minutes: taking the square of their length in steps, these would not
// finish.
describe("what once stopped everything", () => {
  it.each([
    ["spaces and a letter", `${" ".repeat(55_000)}x`],
    ["tabs and spaces on many lines", `${" \t".repeat(100)}x\n`.repeat(250)],
    ["the start of a record again and again", "<!-- sevgate:record ".repeat(2_700)],
    ["empty lines", "\n".repeat(60_000)],
    ["items without an end", "- [ ] <!-- item:a --> ".repeat(2_500)],
  ])("is only something to mend in the status comment: %s", (_, text) => {
    // The record as it was saved, so that the text alone decides whether anything is written.
    const issue = buildIssue({ labels: ["sev:P0", "incident:declared"], body: "<!-- sevgate:template -->" });
    const begun = buildObservation({ issue });
    const first = plan(begun, derive(begun)!).find((action) => action.kind === "create-status")!;
    const look = (shown: string) => {
      const status = {
        commentId: 1,
        createdAt: begun.at,
        text: shown,
        madeOf: null,
        isNew: false,
        isBehind: false,
        continues: null,
        former: null,
      };
      const seen = buildObservation({ issue, record: { kind: "found", record: first.record }, status });
      return plan(seen, derive(seen)!).map(({ kind }) => kind);
    };
    expect(look(first.text.replaceAll("\n", " \t \n"))).not.toContain("edit-status");
    expect(look(text)).toContain("edit-status");
    expect(readTicks(text, [], [])).toEqual([]);
  });

  it.each([
    ["backticks", "`".repeat(64_000), []],
    ["fences that nobody closes", "``` a\n".repeat(10_000), []],
    ["code spans that nobody closes", "`a ".repeat(21_000), []],
    ["backticks, and a file behind them", `x ${"`".repeat(60_000)}\n\nsrc/cart.ts`, ["src/cart.ts"]],
    ["folders without a file", "a/".repeat(32_000), []],
  ])("names the files it names, and no others: %s", (_, body, files) => {
    expect(namedFiles({ title: "Down", body })).toEqual(files);
  });

  it("is a token that ends nowhere, and is taken out whole", () => {
    expect(redact("eyJ-".repeat(20_000))).toBe("[redacted]");
    expect(redact("token ghp_abc and eyJhbGciOi.eyJzdWIi.x-y_z, x-eyJhbGciOi.eyJ")).toBe(
      "token [redacted] and [redacted], x-[redacted]",
    );
  });
});
