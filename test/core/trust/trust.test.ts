import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { mayShow } from "../../../src/core/trust/may-show.ts";
import { hasAddress, withoutAddresses } from "../../../src/core/trust/without-addresses.ts";

describe("What a repository holds", () => {
  const ops = { id: 1 };
  it.each([
    { from: "public", at: ops, may: true },
    { from: "public", at: { id: 2 }, may: true },
    { from: "public", at: "everybody", may: true },
    { from: "private", at: ops, may: true },
    { from: "private", at: { id: 2 }, may: false },
    { from: "private", at: "everybody", may: false },
    { from: "unknown", at: ops, may: true },
    { from: "unknown", at: { id: 2 }, may: false },
    { from: "unknown", at: "everybody", may: false },
  ] as const)("$from, may be shown at $at: $may", ({ from, at, may }) => {
    expect(mayShow({ id: 1, visibility: from }, at)).toBe(may);
  });
});

describe("An e-mail address in what other systems say", () => {
  it.each([
    ["jane@acme.com", "…@acme.com"],
    ["Mail to jane.o'neil+sre@mail.acme.com, please", "Mail to …@mail.acme.com, please"],
    ["<jane@acme.com>; bob@acme.com", "<…@acme.com>; …@acme.com"],
    ["jörg@münchen.example", "…@münchen.example"],
    ["a@b@c.example", "…@b@c.example"],
    ["@jane and jane@ and @", "@jane and jane@ and @"],
    ["no address: 3 @ 5", "no address: 3 @ 5"],
  ])("is cut down to its host: %s", (given, shown) => {
    expect(withoutAddresses(given)).toBe(shown);
  });

  it("is found wherever it stands", () => {
    fc.assert(
      fc.property(fc.string(), fc.emailAddress(), fc.string(), (before, address, behind) => {
        const shown = withoutAddresses(`${before} ${address} ${behind}`);
        expect(shown).not.toContain(` ${address} `);
        expect(hasAddress(address)).toBe(true);
      }),
    );
  });
});
