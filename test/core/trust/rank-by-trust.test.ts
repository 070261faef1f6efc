import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { STANDINGS } from "../../../src/core/model.ts";
import { rankByTrust, type Trust } from "../../../src/core/trust/rank-by-trust.ts";

const TRUSTS: readonly Trust[] = ["command", ...STANDINGS];
const candidates = fc.array(
  fc.record({ trust: fc.constantFrom(...TRUSTS), number: fc.integer({ min: 1, max: 999 }) }),
  { maxLength: 40 },
);

describe("Candidates that are ranked by trust", () => {
  it("lose nobody: each is kept or cut, and no more are kept than asked for", () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 0, max: 20 }), (all, most) => {
        const { kept, cut } = rankByTrust(all, most);
        expect(kept).toHaveLength(Math.min(most, all.length));
        expect(new Set([...kept, ...cut])).toEqual(new Set(all));
        expect(kept.length + cut.length).toBe(all.length);
      }),
    );
  });

  it("keep none while one that is trusted more is cut, however many outsiders there are", () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 0, max: 20 }), (all, most) => {
        const { kept, cut } = rankByTrust(all, most);
        const rank = ({ trust }: { readonly trust: Trust }) => TRUSTS.indexOf(trust);
        expect(Math.max(-1, ...kept.map(rank))).toBeLessThanOrEqual(Math.min(99, ...cut.map(rank)));
      }),
    );
  });

  it("stay in order among equals", () => {
    const all = [1, 2, 3, 4].map((number) => ({ number, trust: "team" as const }));
    expect(rankByTrust(all, 3).kept.map(({ number }) => number)).toEqual([1, 2, 3]);
  });
});
