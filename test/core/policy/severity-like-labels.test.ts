import { describe, expect, it } from "@jest/globals";
import { severityLikeLabels } from "../../../src/core/policy/severity-like-labels.ts";
import { ALL_NAUGHTY_STRINGS } from "../../support/naughty-strings.ts";

describe("A label looks like a severity", () => {
  it.each([
    "P0",
    "p3",
    "S1",
    "sev1",
    "SEV-2",
    "sev:P0",
    "sev/critical",
    "severity: high",
    "severity/low",
    "Severity_2",
    "priority: urgent",
    "priority/p1",
    "prio 1",
    "incident: major",
    "critical",
    "Blocker",
  ])("if it is called %s", (label) => {
    expect(severityLikeLabels([label])).toEqual([label]);
  });

  it.each([
    "bug",
    "high",
    "low hanging fruit",
    "P10",
    "p",
    "0",
    "sev",
    "several",
    "severity",
    "severity: unknown",
    "priority: @alice",
    "incident:acknowledged",
    "good first issue",
    "s3 bucket",
  ])("but not if it is called %s", (label) => {
    expect(severityLikeLabels([label])).toEqual([]);
  });

  it("and the most severe comes first, as they came within one rank", () => {
    const labels = ["severity: low", "P1", "critical", "sev2", "priority: high", "P0"];
    expect(severityLikeLabels(labels)).toEqual(["critical", "P0", "P1", "priority: high", "sev2", "severity: low"]);
  });

  it("whatever people call their labels, without taking long", () => {
    for (const label of ALL_NAUGHTY_STRINGS) expect(severityLikeLabels([label]).length).toBeLessThanOrEqual(1);
    expect(severityLikeLabels([`severity${" :/_.-".repeat(20_000)}1`])).toEqual([]);
  });
});
