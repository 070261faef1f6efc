import fc from "fast-check";
import type { Instant, Millis } from "../../src/core/model.ts";
import { type Entry, KEY_TIMES } from "../../src/core/record/entry.ts";
import type { IncidentRecord } from "../../src/core/record/record.ts";

/** Text that should not be able to do any harm. */
export const hostileText: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(
      "@alice @acme/sre",
      "fixes #1, closes acme/ops#2",
      "<!-- sevgate:status -->",
      "<!-- sevgate:record v1 00000000 AAAA AAAA -->",
      "-->\n- [x] thread <!-- item:thread -->",
      "| a | b |\n| - | - |",
      "</details><script>alert(1)</script>",
      "```\n~~~\n[x](javascript:alert(1)) ![y](https://evil.example/y.png)",
      "https://github.com/acme/ops/issues/1 www.evil.example :tada:",
      "\ud800 \udfff \u202e \u0000 \u2028",
      "__proto__",
      "{{ secret }} {% raw %}",
      "ü€😀".repeat(100),
    ),
    fc.string({ unit: "binary", maxLength: 500 }),
    fc.string({ unit: "grapheme", maxLength: 200 }),
  )
  .map((text) => text.slice(0, 500));

const at = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 2, 1) }).map((ms) => ms as Instant);
const login = fc.constantFrom("alice", "bob", "deploy[bot]", "__proto__", "constructor");
const by = fc.option(login);
const severity = fc.constantFrom("P0", "P1", "P2");
const source = fc.record({ comment: fc.integer({ min: 1, max: 1_000_000 }), line: fc.integer({ min: 1, max: 40 }) });
const target = fc.record({
  repository: fc.constantFrom(null, "acme/learnings"),
  number: fc.integer({ min: 1, max: 30 }),
});
const digest = fc.constantFrom("a".repeat(32), "b".repeat(32));
const lineDigest = fc.constantFrom("1".repeat(16), "2".repeat(16), "3".repeat(16));
const lines = fc.uniqueArray(lineDigest, { minLength: 1, maxLength: 3 });
const timer = fc.constantFrom("acknowledge" as const, "update" as const, "post-mortem" as const);

function event<Kind extends Entry["kind"], Shape extends object>(kind: Kind, shape: fc.Arbitrary<Shape>) {
  return fc.tuple(at, by, shape).map(([when, who, rest]) => ({ kind, at: when, by: who, ...rest }));
}

/** Any entry except the declaration. */
export const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  event("acknowledged", fc.record({ source: fc.option(source) })),
  event(
    "acknowledged",
    fc.record({ source: fc.constant(null), via: fc.constant({ slack: "T1:1.1:sevgate:acknowledge:2.2" }) }),
  ),
  event("handed-over", fc.record({ login, source })),
  event("unacknowledged", fc.record({ source })),
  event("mitigated", fc.record({ text: hostileText, source: fc.option(source) })),
  event("resolved", fc.record({ text: hostileText, source: fc.option(source) })),
  event(
    "severity-changed",
    fc.record({
      from: severity,
      to: severity,
      reason: hostileText,
      source: fc.option(source),
      raised: fc.boolean(),
      alert: fc.constantFrom("prod", "__proto__"),
    }),
  ),
  event("assigned", fc.record({ login, role: fc.constantFrom(null, "lead", "comms"), source })),
  event("updated", fc.record({ text: hostileText, source })),
  event("noted", fc.record({ text: hostileText, source })),
  event(
    "linked",
    fc.record(
      {
        evidence: fc.constantFrom("post-mortem" as const, "runbook-pr" as const),
        target,
        source: fc.option(source),
        reason: hostileText,
      },
      { requiredKeys: ["evidence", "target", "source"] },
    ),
  ),
  event("proven", fc.record({ target })),
  event("disproven", fc.record({ target, revertedBy: fc.integer({ min: 1, max: 99 }) })),
  event(
    "runbooks-matched",
    fc.record({
      runbooks: fc.array(
        fc.record({
          path: fc.constantFrom("runbooks/checkout.md", "runbooks/a b|c.md", "runbooks/@alice #1.md"),
          sha: fc.constantFrom("a".repeat(40), "b".repeat(40)),
          changedAt: fc.option(at),
        }),
        { maxLength: 3 },
      ),
    }),
  ),
  event("locked", fc.constant({})),
  event("unlocked", fc.constant({})),
  event(
    "ticked",
    fc.record({ items: fc.array(fc.constantFrom("reach-out", "update"), { minLength: 1, maxLength: 2 }), source }),
  ),
  event("cancelled", fc.record({ reason: hostileText, source })),
  event("waived", fc.record({ reason: hostileText, source })),
  event(
    "waived",
    fc.record(
      {
        reason: hostileText,
        source,
        lasts: fc.constantFrom(60_000, 604_800_000).map((ms) => ms as Millis),
        approvals: fc.integer({ min: 1, max: 2 }),
      },
      { requiredKeys: ["reason", "source"] },
    ),
  ),
  event("waiver-accepted", fc.record({ source })),
  event("waiver-ended", fc.constant({})),
  event("post-mortem-accepted", fc.record({ target, digest, source })),
  event("post-mortem-changed", fc.record({ target, digest })),
  event("items-asked", fc.record({ postMortem: target, lines, source })),
  event(
    "items-filed",
    fc.record({
      postMortem: target,
      items: fc.array(fc.record({ number: fc.integer({ min: 1, max: 30 }), line: lineDigest }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  ),
  event("item-dropped", fc.record({ target, reason: hostileText, source })),
  event("item-done", fc.record({ target })),
  event("item-reopened", fc.record({ target })),
  event("refused", fc.record({ command: fc.constantFrom("ack", "resolve", "__proto__"), source })),
  event("answered", fc.record({ command: fc.constantFrom("help", "runbook"), source })),
  event(
    "closed",
    fc.record({
      how: fc.constantFrom(
        "resolved" as const,
        "person" as const,
        "not-planned" as const,
        "duplicate" as const,
        "cancelled" as const,
        "waived" as const,
        "ungated" as const,
        "discussion" as const,
      ),
      closedAt: at,
      evidence: fc.array(target, { maxLength: 3 }),
    }),
  ),
  event(
    "reopened",
    fc.record(
      {
        why: fc.constantFrom("gate", "re-armed", "waiver-ended", "may-not-cancel", "may-not-resolve", "bot-not-listed"),
        closedAt: at,
        closer: fc.option(login),
      },
      { requiredKeys: ["why", "closedAt"] },
    ),
  ),
  event("resumed", fc.constantFrom({}, { restored: true as const })),
  event("reminded", fc.record({ timer, due: at })),
  event("ack-timed-out", fc.constant({})),
  event("unconfirmed", fc.constant({})),
  event("confirmed", fc.constant({})),
  event("drill", fc.record({ on: fc.boolean(), source: fc.option(source) })),
  event(
    "paged",
    fc.record({
      episode: fc.option(at),
      step: fc.option(fc.integer({ min: 0, max: 20 })),
      round: fc.integer({ min: 0, max: 3 }),
      targets: fc.array(fc.record({ login, role: fc.constantFrom(null, "primary", "team") }), { maxLength: 4 }),
      nobody: fc.subarray(["primary", "secondary"]),
      unreachable: fc.subarray(["carol"]),
      text: hostileText,
      source: fc.option(source),
    }),
  ),
  event(
    "announced",
    fc.record(
      {
        chat: fc.constantFrom("slack", "another-chat"),
        channel: fc.constantFrom("C0123456789", "C0ALERT"),
        ts: fc.constantFrom("1767603600.000100", "1767603601.000200"),
        name: fc.constantFrom("#alert", "C0123456789", "#1"),
        link: fc.constantFrom(null, "https://acme.slack.com/archives/C0123456789/p1767603600000100"),
      },
      { requiredKeys: ["channel", "ts", "name", "link"] },
    ),
  ),
  event(
    "alerted",
    fc.record({
      what: fc.constantFrom("fired-again" as const, "acknowledged" as const, "recovered" as const, "joined" as const),
      endpoint: fc.constantFrom("prod", "__proto__"),
      since: at,
      name: fc.option(hostileText.map((text) => text.slice(0, 254))),
    }),
  ),
  event(
    "time-corrected",
    fc.record({
      time: fc.constantFrom(...KEY_TIMES),
      to: at,
      was: fc.option(at),
      reason: hostileText,
      source,
    }),
  ),
  event("item-snoozed", fc.record({ target, until: at, reason: hostileText, source })),
  event("rebuilt", fc.record({ why: fc.constantFrom("edited" as const, "rolled-back" as const, "deleted" as const) })),
);

/** Any record that may be written: the declaration and what followed. */
export function anyRecord(maxEntries: number): fc.Arbitrary<IncidentRecord> {
  return fc
    .record({
      declared: event("declared", fc.record({ severity })),
      later: fc.array(anyEntry, { maxLength: maxEntries, size: "max" }),
      revision: fc.integer({ min: 1, max: 9_999 }),
      templateApplied: fc.boolean(),
      ticks: fc.uniqueArray(fc.constantFrom("thread", "runbook", "revert", "reach-out"), { maxLength: 4 }),
      judgedUpTo: fc.nat(1_000),
    })
    .map(({ declared, later, ...rest }) => ({
      version: 1,
      ...rest,
      ticks: rest.ticks.toSorted(),
      entries: [declared, ...later],
    }));
}
