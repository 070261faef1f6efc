import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { anyMutation, examplePayloads, mutated } from "../support/mutated-payloads.ts";
import { type PayloadStorm, sendAll, startPayloadStorm } from "../support/payload-storm.ts";

const examples = examplePayloads();
const SEED = Number(process.env["FAULT_SEED"] ?? 20261123);
/** The long run, with 200, is test/faults/security-payloads.test.ts. */
const MUTATIONS_EACH = 5;

describe("a delivery that GitHub signed", () => {
  let storm: PayloadStorm;
  beforeAll(async () => {
    storm = await startPayloadStorm();
  }, 60_000);
  afterAll(() => storm.close());

  it("is accepted, whichever of GitHub's own examples it is", async () => {
    expect(examples.length).toBeGreaterThan(300);
    const bodies = examples.map((event) => ({ event, body: JSON.stringify(event.payload) }));
    expect(await sendAll(storm, bodies)).toEqual({ sent: examples.length, refused: [] });
    expect(await storm.waiting()).toBeGreaterThan(3);
  }, 60_000);

  it("is accepted, whatever is in it: nothing crashes, nothing is refused, nothing is complained of", async () => {
    const mutations = fc.sample(fc.array(anyMutation, { minLength: 1, maxLength: 3 }), {
      seed: SEED,
      numRuns: examples.length * MUTATIONS_EACH,
    });
    const bodies = mutations.map((some, at) => {
      const event = examples[at % examples.length]!;
      return { event, body: mutated(event.payload, some) };
    });
    expect({ seed: SEED, ...(await sendAll(storm, bodies)) }).toEqual({ seed: SEED, sent: bodies.length, refused: [] });
    expect(storm.complaints).toEqual([]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  }, 120_000);

  it("is accepted also when it is nested a hundred thousand levels deep, or its keys are those of prototypes", async () => {
    const event = examples[0]!;
    const deep = `{"installation":{"id":9},"repository":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    const poisoned = `{"installation":{"id":9,"__proto__":{"id":1}},"repository":{"__proto__":{"id":70,"full_name":"a/b"}},
      "constructor":{"prototype":{"polluted":1}},"__proto__":{"polluted":1},"issue":{"number":1,"labels":[{"__proto__":{"name":"x"}}]}}`;
    expect(await storm.send("issues", deep)).toBe(202);
    expect(await storm.send("issues", poisoned)).toBe(202);
    expect(await storm.send("__proto__", JSON.stringify(event.payload))).toBe(202);
    expect(await storm.send("constructor", JSON.stringify(event.payload))).toBe(202);
    expect(storm.complaints).toEqual([]);
  });
});
