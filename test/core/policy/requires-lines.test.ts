import { describe, expect, it } from "@jest/globals";
import { requiresLines } from "../../../src/core/policy/requires-lines.ts";

describe("where a policy says what a severity needs before it can close", () => {
  it.each<[name: string, text: string, lines: Readonly<Record<string, number>>]>([
    [
      "is the line of close-requires",
      "version: 1\nseverities:\n  P0:\n    label: sev:P0\n    close-requires: [fix-merged]\n  P1: {}\n",
      { P0: 5, P1: 6 },
    ],
    ["is the line of the severity, if it says nothing else", "severities:\n  P0: {}\n", { P0: 2 }],
    [
      "is in one line with the severity",
      "# a comment\nseverities:\n\n  P0: { close-requires: [] }\n  'P1': { close-requires: [fix-merged] }\n",
      { P0: 4, P1: 5 },
    ],
    ["is nowhere in a file that names none", "version: 1\nslack:\n  channel: '#close-requires'\n", {}],
    ["is nowhere in a file that cannot be used", "severities: [\n", {}],
    ["is nowhere in an empty one", "", {}],
  ])("%s", (_, text, lines) => {
    expect(Object.fromEntries(requiresLines(text))).toEqual(lines);
  });
});
