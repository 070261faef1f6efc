import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import { requireNode } from "../../src/run/require-node.ts";

describe("Node", () => {
  it.each([
    ["24.15.0", "3.51.3"],
    ["24.21.0", "3.39.0"],
    ["25.0.0", "3.53.4"],
    ["100.1.0", "4.0.0"],
  ])("%s with SQLite %s will do", (node, sqlite) => {
    expect(() => requireNode({ node, sqlite })).not.toThrow();
  });

  it.each([
    ["20.20.2", undefined],
    ["22.22.0", "3.51.0"],
    ["24.14.9", "3.51.0"],
  ])("%s is refused, with what is needed and where it is", (node, sqlite) => {
    expect(() => requireNode({ node, sqlite })).toThrow(
      new TerminalError(`this is Node ${node}, and Sevgate needs 24.15 or newer. Install it from https://nodejs.org.`),
    );
  });

  it.each(["3.38.5", undefined])("that was built with another SQLite (%s) is refused, with the remedy", (sqlite) => {
    expect(() => requireNode({ node: "24.18.0", sqlite })).toThrow(/needs 3\.39 or newer\. Install Node's own build/);
  });
});
