import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type AlertChange, UNSAID } from "../../../src/core/alerts/alert-change.ts";
import { type AlertState, alertId, recoveredAt } from "../../../src/core/alerts/alert-state.ts";
import { mergeChange } from "../../../src/core/alerts/merge-change.ts";
import type { Instant } from "../../../src/core/model.ts";

const START = Date.UTC(2026, 0, 5, 9);
const MINUTE = 60_000;
const FROM = { source: "better-stack", endpoint: "prod" } as const;

function change(what: AlertChange["change"], minute: number, more: Partial<AlertChange> = {}): AlertChange {
  return {
    ...UNSAID,
    change: what,
    key: "monitor:4",
    externalId: "1",
    at: (START + minute * MINUTE) as Instant,
    order: "time",
    title: "Checkout",
    summary: "",
    severity: null,
    url: null,
    actor: null,
    labels: {},
    ...more,
  };
}

/** The state after these deliveries, all received an hour after the first of them happened. */
function told(changes: readonly AlertChange[], receivedAt = START + 24 * 60 * MINUTE): AlertState {
  let state: AlertState | null = null;
  for (const one of changes) state = mergeChange(state, FROM, one, receivedAt as Instant);
  return state!;
}

describe("where an alert stands", () => {
  it("does not depend on the order of its deliveries, nor on how often each arrives", () => {
    const life = [
      change("fired", 0),
      change("acknowledged", 5),
      change("resolved", 10),
      change("fired", 20, { externalId: "2" }),
      change("acknowledged", 25, { externalId: "2" }),
      change("resolved", 30, { externalId: "2" }),
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: life.length }).chain((length) => {
          const changes = life.slice(0, length);
          const again = fc.array(fc.constantFrom(...changes), { maxLength: 6 });
          return fc.record({
            changes: fc.constant(changes),
            deliveries: again.chain((more) =>
              fc.shuffledSubarray([...changes, ...more], { minLength: length + more.length }),
            ),
          });
        }),
        ({ changes, deliveries }) => {
          expect(told(deliveries).status).toBe(told(changes).status);
          expect(told(deliveries).resolvedAt).toBe(told(changes).resolvedAt);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("a resolve that overtakes its firing leaves nothing burning", () => {
    expect(told([change("resolved", 10), change("fired", 0)]).status).toBe("resolved");
  });

  it("the first to acknowledge is kept", () => {
    const ada = { name: "Ada", email: null };
    const bob = { name: "Bob", email: null };
    const both = [change("acknowledged", 1, { actor: ada }), change("acknowledged", 2, { actor: bob })];
    expect(told([change("fired", 0), ...both]).acknowledgedBy).toBe(ada);
  });

  it("the next firing has to be acknowledged again", () => {
    const again = told([change("fired", 0), change("acknowledged", 1), change("resolved", 2), change("fired", 3)]);
    expect(again).toMatchObject({ status: "firing", acknowledgedAt: null, times: 2 });
  });

  it("a group goes on burning when one alert began while the others were put out", () => {
    const group = { order: "start", externalId: null } as const;
    const states = [change("fired", 0, group), change("resolved", 10, group), change("fired", 9, group)];
    expect(told(states).status).toBe("firing");
    expect(told([...states.slice(0, 2), change("fired", 0, group)]).status).toBe("resolved");
  });

  it("a source whose clock is ahead cannot speak for the future", () => {
    const now = START + MINUTE;
    const state = told([change("fired", 600_000), change("resolved", 0)], now);
    expect(state).toMatchObject({ firedAt: now, status: "firing" });
    expect(mergeChange(state, FROM, change("resolved", 3), (START + 3 * MINUTE) as Instant).status).toBe("resolved");
  });

  it("nothing new is the same object", () => {
    const state = told([change("fired", 0)]);
    expect(mergeChange(state, FROM, change("fired", 0), (START + MINUTE) as Instant)).toBe(state);
  });

  it("has recovered after two quiet minutes, or half an hour when it flaps", () => {
    const once = told([change("fired", 0), change("resolved", 10)]);
    expect(recoveredAt(once)).toBe(START + 12 * MINUTE);
    const flaps = [0, 1, 2, 3].flatMap((at) => [change("fired", at * 4), change("resolved", at * 4 + 2)]);
    expect(recoveredAt(told(flaps))).toBe(START + (14 + 30) * MINUTE);
  });
});

describe("the identity of an alert", () => {
  it("belongs to its endpoint: none can name an alert of another one", () => {
    const ids = [
      alertId("better-stack", "prod", "1"),
      alertId("better-stack", "staging", "1"),
      alertId("alertmanager", "prod", "1"),
      alertId("better-stack", "prod", "2"),
      alertId("better-stack", 'prod","1', "1"),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
