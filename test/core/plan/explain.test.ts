import { describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import fc from "fast-check";
import { derive } from "../../../src/core/derive.ts";
import type { IncidentObservation } from "../../../src/core/observation.ts";
import { after } from "../../../src/core/plan/after.ts";
import { assume } from "../../../src/core/plan/assume.ts";
import { explain, type Looked } from "../../../src/core/plan/explain.ts";
import { Explanation, explanationJsonSchema } from "../../../src/core/plan/explanation.ts";
import { explanationText } from "../../../src/core/plan/explanation-text.ts";
import { planSteps } from "../../../src/core/plan/plan.ts";
import { arbitraryWorld } from "../../support/arbitrary-world.ts";
import { unseenIn } from "../../support/unseen-in.ts";

const LOOKED: Looked = { app: "told", isSealChecked: true, store: "read", notKnown: [], requests: 3 };

/** The same world some steps later, as GitHub would show it. */
function later(start: IncidentObservation, steps: number): IncidentObservation {
  let seen = start;
  for (let count = 0; count < steps; count += 1) {
    const incident = derive(seen);
    const [step] = incident === null ? [] : planSteps(seen, incident);
    if (step === undefined) return seen;
    seen = after(seen, step.action, assume(seen, step.action));
  }
  return seen;
}

const arbitraryMoment = fc.tuple(arbitraryWorld, fc.nat({ max: 25 })).map(([world, steps]) => later(world, steps));

describe("An explanation", () => {
  const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true, formats: { "date-time": true } });
  const conforms = ajv.compile(JSON.parse(explanationJsonSchema()) as object);

  it("keeps to its schema, whatever is seen", () => {
    let explained = 0;
    fc.assert(
      fc.property(arbitraryMoment, (seen) => {
        const explanation = explain(seen, LOOKED);
        if (explanation === null) return;
        explained += 1;
        const printed: unknown = JSON.parse(JSON.stringify(explanation));
        conforms(printed);
        expect(conforms.errors ?? []).toEqual([]);
        expect(Explanation.parse(printed)).toEqual(printed);
      }),
      { numRuns: 150 },
    );
    expect(explained).toBeGreaterThan(50);
  });

  it("has its schema's promise broken by what is left out or added", () => {
    const [seen] = fc.sample(
      arbitraryWorld.filter((world) => explain(world, LOOKED) !== null),
      1,
    );
    const { verdict, ...without } = explain(seen!, LOOKED)!;
    expect(conforms(without)).toBe(false);
    expect(conforms({ ...without, verdict, more: 1 })).toBe(false);
    expect(conforms({ version: 2, error: { kind: "later", message: "" } })).toBe(false);
    expect(conforms({ version: 1, error: { kind: "later", message: "" } })).toBe(true);
  });

  it("names every new entry by who found it: none is in the record without, and none twice", () => {
    fc.assert(
      fc.property(arbitraryMoment, (seen) => {
        const incident = derive(seen);
        if (incident === null) return;
        const saved = seen.record.kind === "found" ? seen.record.record.entries : [];
        const found = incident.found.flatMap(({ entries }) => entries);
        expect([...saved, ...found]).toEqual(incident.record.entries);
        const edges = incident.found.flatMap((one) => one.edges);
        expect(incident.edges.filter((edge) => !edges.includes(edge))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("comes to an end with its steps, and then names none", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const explanation = explain(world, LOOKED);
        if (explanation === null) return;
        expect(explanation.stepsEnd).toBe(true);
        const atRest = explain(later(world, explanation.steps.length), LOOKED);
        expect(atRest?.steps).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("gives each step a reason: a judge or a rule", () => {
    fc.assert(
      fc.property(arbitraryMoment, (seen) => {
        for (const { why } of explain(seen, LOOKED)?.steps ?? []) expect(why).toMatch(/^(?:judge|plan):[a-z-]+/);
      }),
      { numRuns: 50 },
    );
  });

  it("is printed in lines of at most 80 columns, but for single words, with nothing a terminal would obey", () => {
    const nasty = fc.constantFrom(
      "\u001b[2J\u001b]0;owned\u0007",
      "\u009b31m",
      "\u202edesrever",
      "a\r\nb",
      "x".repeat(200),
    );
    fc.assert(
      fc.property(arbitraryMoment, nasty, (seen, text) => {
        const issue = { ...seen.issue, title: text, labels: [...seen.issue.labels, text], assignees: [text] };
        const explanation = explain({ ...seen, issue, policy: { ...seen.policy, source: text } }, LOOKED);
        if (explanation === null) return;
        const printed = explanationText({ ...explanation, notKnown: ["what the server keeps"] });
        expect(printed.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(unseenIn(printed)).toBeNull();
        for (const line of printed.split("\n")) {
          if (line.length > 80)
            expect(
              line
                .trim()
                .split(" ")
                .some((word) => word.length > 60),
            ).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
