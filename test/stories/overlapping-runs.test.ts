import { describe, expect, it } from "@jest/globals";
import { type Act, OverlappingRuns } from "../support/overlapping-runs.ts";
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

const KILLED: Readonly<Record<string, { readonly before: readonly Act[]; readonly first: Act; readonly second: Act }>> =
  {
    "two commands": { before: [declare], first: say("alice", "/ack"), second: say("bob", "/status Rolling back") },
    "a declaration and a command": { before: [], first: declare, second: say("alice", "/ack") },
    "a close and a command": { before: [declare], first: close, second: say("alice", "/ack") },
    "a post-mortem and a command": {
      before: [declare],
      first: say("alice", "/postmortem"),
      second: say("bob", "/ack"),
    },
    "the same command, looked at twice": {
      before: [declare],
      first: say("alice", "/ack"),
      second: (runs) => runs.incident(INCIDENT),
    },
  };

//
describe("Runs of the action that overlap", () => {
  describe.each(Object.keys(SCENES) as SceneName[])("with %s", (name) => {
    it.each(SEEDS)("lose no receipt, obey no command twice, and come to rest (seed %i)", async (seed) => {
      for (const what of await playOverlapping(name, seed)) expect(MAY_BE_MADE_TWICE).toContain(what);
    });
  });

  it.each(Object.entries(KILLED))(
    "lose nothing if one of them is killed, at whichever request: %s",
    async (_, scene) => {
      const { before, first, second } = scene;
      for (let at = 1; ; at += 1) {
        const runs = new OverlappingRuns(1, FILES);
        for (const act of before) await runs.play([act]);
        const isKilled = await runs.killed(first, at, second);
        await runs.alone(runs.incident(INCIDENT));
        await expectNothingLost(runs);
        if (!isKilled) {
          expect(at).toBeGreaterThan(5);
          return;
        }
      }
    },
  );

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
