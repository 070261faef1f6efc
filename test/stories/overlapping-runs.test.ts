import { describe, expect, it } from "@jest/globals";
import { OverlappingRuns } from "../support/overlapping-runs.ts";
import {
  close,
  declare,
  expectNothingLost,
  FILES,
  INCIDENT,
  MAY_BE_MADE_TWICE,
  playOverlapping,
  SCENES,
  type SceneName,
  say,
} from "../support/overlapping-scenes.ts";

const SEEDS = Array.from({ length: 8 }, (_, at) => at + 1);

//
describe("Runs of the action that overlap", () => {
  describe.each(Object.keys(SCENES) as SceneName[])("with %s", (name) => {
    it.each(SEEDS)("lose no receipt, obey no command twice, and come to rest (seed %i)", async (seed) => {
      for (const what of await playOverlapping(name, seed)) expect(MAY_BE_MADE_TWICE).toContain(what);
    });
  });

  it("see each other before they write: one that comes too late looks again", async () => {
    const runs = new OverlappingRuns(1, FILES);
    await runs.play([declare]);
    await runs.overtake(say("alice", "/ack"), "comment", say("bob", "/status Rolling back"));
    expect(runs.overwritten).toBe(0);
    await expectNothingLost(runs);
  });

  it("write again what was written over between that look and the write: whoever wrote last looks once more", async () => {
    const runs = new OverlappingRuns(1, FILES);
    await runs.play([declare]);
    await runs.overtake(say("alice", "/ack"), "editComment", say("bob", "/status Rolling back"));
    expect(runs.overwritten).toBe(1);
    expect(runs.record(INCIDENT).entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["acknowledged", "updated"]),
    );
    await expectNothingLost(runs);
  });

  it("may leave one reopening uncounted, at worst: the issue is open all the same", async () => {
    const runs = new OverlappingRuns(1, FILES);
    await runs.play([declare]);
    await runs.overtake(say("alice", "/ack"), "editComment", close);
    expect(runs.github.issue(INCIDENT, runs.repository).state).toBe("open");
    expect(runs.record(INCIDENT).entries.map(({ kind }) => kind)).not.toContain("reopened");
    await expectNothingLost(runs);
  });
});
