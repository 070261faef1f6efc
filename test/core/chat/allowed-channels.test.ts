import { describe, expect, it } from "@jest/globals";
import { type AllowedChannel, isAllowed } from "../../../src/core/chat/allowed-channels.ts";

describe("A policy chooses among the channels the operator allows:", () => {
  const allowed: readonly AllowedChannel[] = [
    { channel: "alert", repositories: null },
    { channel: "C0123456789", repositories: "acme/secret" },
    { channel: "secrets", repositories: "acme/*" },
  ];
  it.each([
    ["#alert", "acme/ops", false, true],
    ["alert", "other/repo", false, true],
    ["#alert", "acme/secret", true, false],
    ["#general", "acme/ops", false, false],
    ["C0123456789", "acme/secret", true, true],
    ["C0123456789", "acme/ops", false, false],
    ["c0123456789", "acme/secret", true, false],
    ["#secrets", "ACME/Anything", true, true],
    ["#secrets", "evil/acme", true, false],
  ])("%s for %s (private: %s) is %s", (channel, place, isPrivate, expected) => {
    const [owner = "", name = ""] = place.split("/");
    expect(isAllowed(allowed, [channel], { owner, name }, isPrivate)).toBe(expected);
  });

  it("no list allows no channel", () => {
    expect(isAllowed([], ["#alert"], { owner: "acme", name: "ops" }, false)).toBe(false);
  });
});
