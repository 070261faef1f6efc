import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, jest } from "@jest/globals";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError } from "../../src/base/errors.ts";
import { openStore, type Store } from "../../src/run/open-store.ts";
import { openPglite } from "../../src/store/open-pglite.ts";
import { createLogLines } from "../support/log-lines.ts";
import { Story } from "../support/story.ts";

// Creating an embedded database takes seconds. The long part is test/faults/folder.test.ts.
jest.setTimeout(240_000);

const MINUTE_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), "sevgate-folder-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function open(): Promise<Store> {
  return openStore({ databaseUrl: null, dataDir: folder, log: createLogLines().log, clock: systemClock });
}

describe("a data folder", () => {
  it("that a newer Sevgate wrote is refused and stays where it is; one whose control file is damaged is begun anew", async () => {
    const first = await open();
    await first.index.saveIncident(7, 1, { recordRevision: 3 });
    await first.close();

    const { sql } = await openPglite(join(folder, "pg"));
    await sql.query("insert into sevgate_schema (version, at) values (99, now())");
    await sql.close();
    await expect(open()).rejects.toThrow(/written by a newer Sevgate \(schema 99.+Start the newer version again/);
    await expect(open()).rejects.toBeInstanceOf(TerminalError);
    expect(readdirSync(folder).filter((name) => name.startsWith("pg"))).toEqual(["pg"]);

    const control = join(folder, "pg", "global", "pg_control");
    const bytes = readFileSync(control);
    bytes[0] = bytes[0]! ^ 1;
    writeFileSync(control, bytes);
    const anew = await open();
    expect(await anew.index.incident(7, 1)).toBeNull();
    await anew.close();
    expect(readdirSync(folder).filter((name) => name.startsWith("pg-broken-"))).toHaveLength(1);
  });
});

describe("a database that is lost in the middle of an incident", () => {
  it.each([false, true])(
    "costs neither severity, acknowledgement (%p) nor timers, and repeats no reminder",
    async (acknowledged) => {
      const story = await Story.begin();
      const issue = await story.declare(["sev:P0"]);
      if (acknowledged) await story.say("alice", issue, "/ack");
      else await story.advance(16 * MINUTE_MS);
      const before = { replies: story.replies(issue), history: story.history(issue), timer: story.queue.nextTimer() };
      expect(before.replies.length > 0 || acknowledged).toBe(true);
      expect(before.timer).not.toBeNull();

      story.restart({ database: "lost" });
      story.hint({ kind: "repository", repository: story.repository });
      await story.settle();
      const { history } = before;
      expect(story.history(issue)).toEqual(history);
      expect(story.replies(issue)).toEqual(before.replies);
      expect(story.queue.nextTimer()).toBe(before.timer);
      await story.advance(5 * MINUTE_MS);
      expect(story.replies(issue)).toEqual(before.replies);
    },
  );
});
