import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import type { WebhookEvent } from "../../src/ingress/webhooks/hints.ts";

/** GitHub's own examples of every event, each with an installation, without which no event concerns an app. */
export function examplePayloads(): readonly WebhookEvent[] {
  const file = createRequire(import.meta.url).resolve("@octokit/webhooks-examples/api.github.com/index.json");
  const events = JSON.parse(readFileSync(file, "utf8")) as {
    readonly name: string;
    readonly examples: readonly Record<string, unknown>[];
  }[];
  return events.flatMap(({ name, examples }) =>
    examples.map((example) => ({ name, payload: { installation: { id: 9 }, ...example } })),
  );
}

/** One change of a payload: where, counted over all its places, and what. */
export interface Mutation {
  readonly place: number;
  readonly change: "delete" | "replace" | "rename";
  readonly junk: unknown;
}

/** JSON that GitHub does not send: wrong types, the names of prototypes, numbers beyond integers, texts out of bounds. */
const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  2_147_483_648,
  1.5,
  "",
  "\u0000",
  "\uD800",
  "../../etc/passwd",
  "'; drop table sevgate_incident; --",
  "{{ 7 | times: 7 }}",
  "no_such_action",
  [],
  [null, [[]]],
  {},
  JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'),
  nested(500),
];

/** Texts as long as GitHub allows: used rarely, because they cost the test time. */
const LONG_JUNK: readonly string[] = ["x".repeat(70_000), "#1 ".repeat(20_000), "Incident: #1\n".repeat(5_000)];

/** Mutations as fast-check makes them: the same for the same seed. */
export const anyMutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(),
  change: fc.constantFrom("delete" as const, "replace" as const, "replace" as const, "rename" as const),
  junk: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...JUNK) },
    { weight: 20, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    { weight: 1, arbitrary: fc.constantFrom(...LONG_JUNK) },
  ),
});

/** The JSON of the payload with the mutations done, one after the other. */
export function mutated(payload: unknown, mutations: readonly Mutation[]): string {
  const copy = structuredClone(payload);
  for (const { place, change, junk } of mutations) {
    const places = placesOf(copy);
    const found = places[place % places.length];
    if (found === undefined) continue;
    const [node, name] = found;
    if (change === "replace") node[name] = structuredClone(junk);
    if (change === "rename") {
      const property = { value: node[name], enumerable: true, writable: true, configurable: true };
      Object.defineProperty(node, "__proto__", property);
    }
    if (change !== "replace") Reflect.deleteProperty(node, name);
  }
  return JSON.stringify(copy);
}

/** Every value inside, by its container; the outer levels several times, because that is where the rules look. */
function placesOf(payload: unknown): readonly (readonly [Record<string, unknown>, string])[] {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  function visit(node: unknown, depth: number): void {
    if (typeof node !== "object" || node === null || depth > 5) return;
    const holder = node as Record<string, unknown>;
    for (const name of Object.keys(holder)) {
      for (let weight = depth; weight < 3; weight += 1) places.push([holder, name]);
      places.push([holder, name]);
      visit(holder[name], depth + 1);
    }
  }
  visit(payload, 0);
  return places;
}

function nested(depth: number): unknown {
  return JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
}
