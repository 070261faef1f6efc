import { describe, expect, it } from "@jest/globals";
import { runsInOf, whoRunsBy } from "../../../src/core/policy/runs-in.ts";

describe("who runs a repository, by a policy that is broken elsewhere,", () => {
  it.each([
    ["runs-in: action", "action"],
    ["severities: [\nruns-in: action # for now\n", "action"],
    ["a: }\r\nruns-in: server\r\n", "server"],
    ["a: }\rruns-in: action # here\u2028\rb: c", "action"],
    ["\"runs-in\": 'action'", "action"],
    ['runs-in : "server"', "server"],
    ["runs-in: action\nruns-in: action", "action"],
  ] as const)("is read from its line: %j", (text, expected) => {
    expect(runsInOf(text)).toBe(expected);
  });

  it.each([
    "",
    "severities: [",
    "# runs-in: action",
    "version: 1 # runs-in: action",
    "description: it runs in circles",
  ])("is not said where nothing says it: %j", (text) => expect(runsInOf(text)).toBeNull());

  it.each([
    "runs-in: acton",
    "runs-in:",
    "runs-in: Action",
    "runs-in:\n  action",
    "  runs-in: action",
    "{ runs-in: action, severities: [",
    "runs-in: server\nruns-in: action",
    "runs_in: action",
    "RunsIn: action",
    "? runs-in\n: action",
    "runs-in: &who action",
  ])("is unclear where nobody could be sure: %j", (text) => {
    expect(runsInOf(text)).toBe("unclear");
  });
});

describe("who runs a repository, as the index remembers it,", () => {
  it("is the server in what was written before there was an action, and nobody known where no policy was read", () => {
    expect(whoRunsBy('{"kind":"absent"}')).toBe("server");
    expect(whoRunsBy('{"kind":"valid","runsIn":"action"}')).toBe("action");
    expect(whoRunsBy(null)).toBeNull();
    expect(whoRunsBy("{")).toBeNull();
  });
});
