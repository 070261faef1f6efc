import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "@jest/globals";
import { lostCommits } from "../../src/store/lost-commits.ts";

const FRAME_BYTES = 24 + 4_096;
const folder = mkdtempSync(join(tmpdir(), "sevgate-log-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The log of ten commits, as a process has left it that was killed; begun anew after `earlier` others. */
function logOfTen(earlier = 0): Buffer {
  const file = join(mkdtempSync(join(folder, "database-")), "kept.db");
  const db = new DatabaseSync(file);
  db.exec("pragma locking_mode = exclusive; pragma journal_mode = wal; create table kept (text)");
  const insert = db.prepare("insert into kept values (?)");
  for (let commit = 0; commit < earlier; commit += 1) insert.run("earlier".repeat(1_000));
  db.exec("pragma wal_checkpoint(restart)");
  for (let commit = 0; commit < 10; commit += 1) insert.run(`${commit}`.repeat(1_000));
  copyFileSync(`${file}-wal`, `${file}-log`);
  db.close();
  return readFileSync(`${file}-log`);
}

function flipped(log: Buffer, at: number): Buffer {
  const bytes = Buffer.from(log);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  return bytes;
}

describe("the log of the embedded database", () => {
  it.each([0, 300])(
    "that is whole has lost nothing, also where %i commits went before it in the same file",
    (earlier) => {
      expect(lostCommits(logOfTen(earlier))).toBe(0);
    },
  );

  it("that a crash has cut anywhere has lost nothing for sure", () => {
    const log = logOfTen(0);
    for (let length = 0; length <= log.length; length += 997) expect(lostCommits(log.subarray(0, length))).toBe(0);
  });

  it("that holds half of its last commit has lost nothing for sure", () => {
    const log = logOfTen(0);
    expect(lostCommits(flipped(log, log.length - 10))).toBe(0);
  });

  it("in which a bit has flipped has lost the commits from there on, wherever in the frame it was", () => {
    const log = logOfTen(0);
    const frames = (log.length - 32) / FRAME_BYTES;
    for (const frame of [2, 3, 4]) {
      const commits = Array.from({ length: frames - frame }, (_, at) => 32 + (frame + at) * FRAME_BYTES);
      const expected = commits.filter((at) => log.readUInt32BE(at + 4) !== 0).length;
      for (const place of [0, 16, 20, 24, 24 + 4_095]) {
        expect(lostCommits(flipped(log, 32 + frame * FRAME_BYTES + place))).toBe(expected);
      }
      // A flipped salt: the frame itself is not known again.
      expect(lostCommits(flipped(log, 32 + frame * FRAME_BYTES + 8))).toBeGreaterThanOrEqual(expected - 1);
    }
  });

  it.each([0, 4, 8, 12, 16, 20, 24, 28])("whose header has a flipped bit at %i has lost them all", (at) => {
    expect(lostCommits(flipped(logOfTen(0), at))).toBeGreaterThan(9);
  });

  it("counts no commits of an earlier round, though a bit of them has flipped", () => {
    const log = logOfTen(300);
    expect(log.length).toBeGreaterThan(100 * FRAME_BYTES);
    expect(lostCommits(flipped(log, log.length - 50 * FRAME_BYTES))).toBe(0);
  });
});
