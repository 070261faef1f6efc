import { describe, expect, it } from "@jest/globals";
import { ALERT_SOURCES } from "../../../src/core/alerts/alert-change.ts";
import { normalizeAlert } from "../../../src/core/alerts/normalize-alert.ts";
import { keyId } from "../../../src/core/key.ts";
import type { Key } from "../../../src/core/model.ts";
import { ToldChanges } from "../../../src/ingress/sweep/told-changes.ts";
import { createEnqueueHints } from "../../../src/ingress/webhooks/enqueue-hints.ts";
import { concernsUs, type HintContext, type Hints, hintsOf } from "../../../src/ingress/webhooks/hints.ts";
import { MemoryIndex } from "../../../src/store/memory-index.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";
import { examplePayloads } from "../../support/mutated-payloads.ts";

/** Nothing is known about any repository yet, so whatever may be an incident is looked at. */
const UNKNOWN: HintContext = {
  botLogin: "sevgate[bot]",
  webHost: "github.com",
  severityLabelsOf: () => null,
  postMortemLabelOf: () => null,
  followUpsLabelsOf: () => null,
  watchesBuilds: () => null,
};

/**
 * What GitHub's examples of each event make worth a look: the kinds of keys and, with a question mark, of questions to
 * the index. Examples of one event differ, so these are for all of them together. Events that are not here make nothing
 * worth a look.
 */
const WORTH_A_LOOK: Readonly<Record<string, readonly string[]>> = {
  // For somebody else's checks, which name nothing of Sevgate's: only "Re-run all" does not say whose.
  check_suite: ["recheck"],
  installation: ["access-changed", "repositories-of?", "repository", "uninstalled"],
  installation_repositories: ["access-changed", "repositories-removed", "repository"],
  issue_comment: ["incident"],
  issues: ["incident", "known?"],
  merge_group: ["merge-group"],
  pull_request: ["linked-to?", "pull-request"],
  repository: ["everything open", "policy", "repository", "visibility"],
  workflow_run: ["workflow"],
};

const examples = examplePayloads();

function kindsOf(hints: Hints): readonly string[] {
  return [
    ...hints.keys.map(({ kind }) => kind),
    ...hints.questions.map(({ kind }) => `${kind}?`),
    ...(hints.policyChanged.length > 0 ? ["policy"] : []),
    ...(hints.sweepAnew.length > 0 ? ["everything open"] : []),
    ...hints.installations.map(({ kind }) => kind),
    ...(hints.visibilityChanged.length > 0 ? ["visibility"] : []),
  ];
}

describe("each of GitHub's own examples of a delivery", () => {
  it("is read, and makes worth a look what its event is about", () => {
    expect(examples.length).toBeGreaterThan(300);
    const found: Record<string, string[]> = {};
    for (const { name, payload } of examples) {
      const kinds = kindsOf(hintsOf({ name, payload }, UNKNOWN));
      if (kinds.length > 0) found[name] = [...new Set([...(found[name] ?? []), ...kinds])].toSorted();
    }
    expect(found).toEqual(WORTH_A_LOOK);
    expect(Object.keys(found).filter((name) => !concernsUs(name))).toEqual([]);
  });

  it("is accepted by the way in, told of once, and makes its keys wait", async () => {
    const clock = new VirtualClock();
    const told = new ToldChanges(clock);
    const waiting = new Map<string, Key>();
    const accept = createEnqueueHints({
      queue: {
        accept: async (keys) => {
          for (const key of keys) waiting.set(keyId(key), key);
        },
      },
      index: new MemoryIndex(),
      clock,
      botLogin: () => null,
      webHost: "github.com",
      told,
      forgetTokens: () => {},
    });
    const refused: string[] = [];
    for (const { name, payload } of examples) {
      try {
        await accept({ name, payload });
      } catch (error) {
        refused.push(`${name}: ${String(error)}`);
      }
    }
    expect(refused).toEqual([]);
    const kinds = new Set([...waiting.values()].map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual([
      "incident",
      "merge-group",
      "pull-request",
      "recheck",
      "repository",
      "workflow",
    ]);
  });

  it("is no alert of any other system, wherever it is sent", () => {
    const odd: string[] = [];
    for (const source of ALERT_SOURCES) {
      for (const { name, payload } of examples) {
        const read = normalizeAlert(source, payload, "related");
        if (read.kind === "changes") odd.push(`${source} ${name}: ${read.kind}`);
      }
    }
    expect(odd).toEqual([]);
  });
});
