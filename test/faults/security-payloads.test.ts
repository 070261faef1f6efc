import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { anyMutation, examplePayloads, mutated } from "../support/mutated-payloads.ts";
import { sendAll, startPayloadStorm } from "../support/payload-storm.ts";

const SEED = Number(process.env["FAULT_SEED"] ?? Date.now() % 2 ** 31);
const MUTATIONS_EACH = 200;

describe("a delivery that GitHub signed", () => {
  it(`is accepted, whatever is in it: each of GitHub's examples with 200 mutations (FAULT_SEED=${SEED})`, async () => {
    const examples = examplePayloads();
    const storm = await startPayloadStorm();
    try {
      let sent = 0;
      for (const [at, event] of examples.entries()) {
        const mutations = fc.sample(fc.array(anyMutation, { minLength: 1, maxLength: 3 }), {
          seed: SEED + at,
          numRuns: MUTATIONS_EACH,
        });
        const result = await sendAll(
          storm,
          mutations.map((some) => ({ event, body: mutated(event.payload, some) })),
        );
        expect({ seed: SEED, at, refused: result.refused }).toEqual({ seed: SEED, at, refused: [] });
        sent += result.sent;
      }
      expect(sent).toBe(examples.length * MUTATIONS_EACH);
      expect(storm.complaints).toEqual([]);
    } finally {
      await storm.close();
    }
  }, 1_200_000);
});
