import { describe, expect, it } from "@jest/globals";
import { scanCommands } from "../../src/core/commands/scan.ts";
import { EVERY_READER, hostileMarkdown, LARGEST_BODY, tokensOf } from "../support/hostile-markdown.ts";

const patterns = hostileMarkdown(LARGEST_BODY - 100);

describe("65,536 characters made to cost", () => {
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

  it("beyond 3,000 lines, which nobody writes into 64 KiB, are not read: no command is found there", () => {
    expect(scanCommands(`/ack\n${"\n".repeat(2_998)}/resolve`).map(({ word }) => word)).toEqual(["ack", "resolve"]);
    expect(scanCommands(`/ack\n${"\n".repeat(2_999)}/resolve`).map(({ word }) => word)).toEqual(["ack"]);
  });
});

describe("a table", () => {
  it.each([
    ["| a |\n| - |\n| /ack |", []],
    ["a | b\n-|-\n/ack | c\n\n/resolve", [5]],
    ["- a | b\n  -|-\n  /ack | c\n\n  /resolve", [5]],
    ["text\na | b\n-|-\n/ack\n\n/resolve", [6]],
  ])("holds no command, and hides none below it: %j", (body, lines) => {
    const commands = scanCommands(body).filter(({ slip }) => slip === undefined);
    expect(commands.map(({ line }) => line)).toEqual(lines);
  });
});
