import { afterAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { ActionRuns } from "../support/action-runs.ts";
import { anyMutation, examplePayloads, mutated } from "../support/mutated-payloads.ts";

jest.setTimeout(180_000);

const EXAMPLES = examplePayloads();

describe("an event file that holds what GitHub does not send", () => {
  const runs = new ActionRuns();
  afterAll(() => runs.stop());

  /** As GitHub sends it for the repository of the run. */
  const placed = (payload: unknown): unknown => {
    const { id } = runs.repository;
    const known = payload as { readonly repository?: object };
    return { ...known, repository: { ...known.repository, id, full_name: "acme/ops" } };
  };

  it("ends the run in one of its two ways, each with its words, and writes nothing", async () => {
    const writes = runs.github.writes.length;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: EXAMPLES.length - 1 }),
        fc.array(anyMutation, { maxLength: 4 }),
        async (at, changes) => {
          const { name, payload } = EXAMPLES[at]!;
          const text = mutated(placed(payload), changes);
          const run = await runs.runWith(name === "pull_request" ? "pull_request_target" : name, text);
          expect(run.lines.join("\n")).not.toContain("failed unexpectedly");
          expect([0, 1]).toContain(run.exitCode);
          expect(run.summary).toMatch(/^## Sevgate\n/);
        },
      ),
      { numRuns: 300, seed: 48 },
    );
    expect(runs.github.writes.slice(writes).filter((write) => !/label/i.test(write))).toEqual([]);
  });
});
