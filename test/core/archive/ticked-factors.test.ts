import { describe, expect, it } from "@jest/globals";
import { namesFactor, tickedFactors } from "../../../src/core/archive/ticked-factors.ts";

const FACTORS = ["configuration", "Missing alert", "change without review", "data_store*schema", "⚡"];

describe("Contributing factors that are ticked in a post-mortem", () => {
  it.each<{ name: string; body: string; ticked: readonly string[] }>([
    { name: "none, of an empty text", body: "", ticked: [] },
    { name: "none of the untouched list", body: "- [ ] configuration\n- [ ] Missing alert", ticked: [] },
    { name: "one", body: "- [x] configuration\n- [ ] Missing alert", ticked: ["configuration"] },
    {
      name: "several, in the order of the policy, each once",
      body: "* [X] CHANGE without Review\n* [x] missing  alert\n* [x] Missing alert",
      ticked: ["Missing alert", "change without review"],
    },
    { name: "in bold, with an emoji or a full stop", body: "- [x] 🔔 **Missing alert**.", ticked: ["Missing alert"] },
    { name: "with a note behind a colon", body: "- [x] Configuration: 3 s was too short", ticked: ["configuration"] },
    { name: "with a note behind a dash", body: "- [x] Missing alert – nobody saw it", ticked: ["Missing alert"] },
    { name: "with a note in brackets", body: "- [x] Missing alert (disk)", ticked: ["Missing alert"] },
    { name: "as Sevgate wrote it, escaped", body: "- [x] data\\_store\\*schema", ticked: ["data_store*schema"] },
    { name: "a sign alone", body: "- [x] ⚡", ticked: ["⚡"] },
    { name: "none that the policy does not list", body: "- [x] the moon\n- [x] configuration drift", ticked: [] },
    {
      name: "none in code, a quote or a comment",
      body: "    - [x] configuration\n\n> - [x] configuration\n\n<!--\n- [x] configuration\n-->",
      ticked: [],
    },
    { name: "none that is no task", body: "- configuration\n\n[x] configuration", ticked: [] },
  ])("are $name", ({ body, ticked }) => {
    expect(tickedFactors(body, FACTORS)).toEqual(ticked);
  });

  it("are none where the policy lists none", () => {
    expect(tickedFactors("- [x] configuration", [])).toEqual([]);
    expect(namesFactor("configuration", [])).toBe(false);
  });
});
