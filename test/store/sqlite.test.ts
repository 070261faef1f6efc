import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { rowSum } from "../../src/store/row-sum.ts";
import { SqliteConnection, type SqliteHandle } from "../../src/store/sqlite-connection.ts";
import { DamagedStoreError } from "../../src/store/sqlite-error.ts";

const folder = mkdtempSync(join(tmpdir(), "sevgate-sqlite-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A database whose statements are counted, and which can be told to fail at one. */
class Watched implements SqliteHandle {
  static #made = 0;
  readonly file = join(folder, `${Watched.#made++}.db`);
  readonly db = new DatabaseSync(this.file);
  readonly statements: string[] = [];
  failAt: { readonly text: string; readonly errcode: number; readonly undoesAll: boolean } | null = null;

  get isTransaction(): boolean {
    return this.db.isTransaction;
  }

  prepare(text: string) {
    const statement = this.db.prepare(text);
    return {
      columns: () => statement.columns(),
      all: (...values: (string | bigint | number | null)[]) => {
        this.statements.push(text);
        if (this.failAt?.text === text) {
          const { errcode, undoesAll } = this.failAt;
          this.failAt = null;
          if (undoesAll) this.db.exec("rollback");
          throw Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode });
        }
        return statement.all(...values);
      },
    };
  }

  close(): void {
    this.db.close();
  }

  count(text: string): number {
    return this.statements.filter((one) => one === text).length;
  }
}

const turn = () => new Promise((done) => setImmediate(done));

const FULL = 13;
const IO_ERROR_WHILE_WRITING = 778;
const CORRUPT = 11;

describe("the connection to the embedded database", () => {
  let watched: Watched;
  let connection: SqliteConnection;
  let damages: unknown[];
  let damagedRows: number;
  const add = (value: unknown) => connection.sql.query("insert into kept (text) values ($1)", [value]);
  const all = async () =>
    (await connection.sql.query<{ text: string }>("select text from kept order by id")).map(({ text }) => text);

  beforeEach(() => {
    watched = new Watched();
    damages = [];
    damagedRows = 0;
    watched.db.exec("create table kept (id integer primary key, text text unique, number integer, yes boolean)");
    connection = new SqliteConnection(watched, {
      onDamage: (error) => damages.push(error),
      onDamagedRow: () => (damagedRows += 1),
    });
  });
  afterEach(async () => {
    await connection.close();
  });

  it("commits once what is asked for in one turn of the event loop, and again in the next", async () => {
    await Promise.all(Array.from({ length: 16 }, (_, at) => add(`${at}`)));
    expect(watched.count("commit")).toBe(1);
    await add("later");
    expect(watched.count("commit")).toBe(2);
    expect(await all()).toHaveLength(17);
    // Whoever only reads needs none.
    expect(watched.count("commit")).toBe(2);
  });

  it("says that something is kept only after it is, also to whoever has read it", async () => {
    const seen: string[] = [];
    const written = add("one").then(() => seen.push(`written, ${watched.count("commit")}`));
    const read = all().then((texts) => seen.push(`read ${texts}, ${watched.count("commit")}`));
    await Promise.all([written, read]);
    expect(seen).toEqual(["written, 1", "read one, 1"]);
  });

  it("undoes a statement that fails, and nothing else of its turn", async () => {
    const [first, second, third] = await Promise.allSettled([add("same"), add("same"), add("other")]);
    expect([first?.status, second?.status, third?.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
    // A mistake is a mistake: another try would not help.
    expect((second as PromiseRejectedResult).reason).not.toBeInstanceOf(TransientError);
    expect(await all()).toEqual(["same", "other"]);
  });

  it("undoes all of a part that fails in its middle, and nothing else of its turn", async () => {
    const part = connection.commit((run) => {
      run("insert into kept (text) values ($1)", ["half"]);
      throw new Error("a mistake");
    });
    const [failed] = await Promise.allSettled([part, add("other")]);
    expect(failed).toMatchObject({ status: "rejected", reason: { message: "a mistake" } });
    expect(await all()).toEqual(["other"]);
  });

  it.each([
    ["at the commit", "commit", FULL, false],
    ["at a statement, which undoes all that was not committed", "insert into kept (text) values (?1)", FULL, true],
    ["at the beginning", "begin immediate", IO_ERROR_WHILE_WRITING, false],
  ])(
    "tells everybody of a turn when the disk is full %s, and goes on in the next",
    async (_, text, errcode, undoesAll) => {
      await add("before");
      watched.failAt = { text, errcode, undoesAll };
      const given = await Promise.allSettled([add("one"), add("two"), connection.commit(() => 1)]);
      const failed = given.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
      expect(failed.length).toBe(text === "begin immediate" ? 1 : 3);
      await turn();
      for (const { reason } of failed) expect(reason).toBeInstanceOf(TransientError);
      const left = text === "begin immediate" ? ["before", "two"] : ["before"];
      expect(await all()).toEqual(left);
      await add("after");
      expect(await all()).toEqual([...left, "after"]);
    },
  );

  it("tells whoever has read what could not be kept", async () => {
    watched.failAt = { text: "commit", errcode: FULL, undoesAll: false };
    const [written, read] = await Promise.allSettled([add("one"), all()]);
    expect([written?.status, read?.status]).toEqual(["rejected", "rejected"]);
  });

  it("lets nobody in between the statements of a transaction, however long it waits", async () => {
    const order: string[] = [];
    const { promise: goOn, resolve } = Promise.withResolvers<void>();
    const slow = connection.sql
      .transaction(async (query) => {
        await query("insert into kept (text) values ($1)", ["first half"]);
        await goOn;
        await query("insert into kept (text) values ($1)", ["second half"]);
      })
      .then(() => order.push("transaction"));
    const other = add("other").then(() => order.push("statement"));
    const part = connection
      .commit((run) => run("insert into kept (text) values ('part')"))
      .then(() => order.push("part"));
    for (let count = 0; count < 5; count += 1) await turn();
    expect([order, watched.count("commit")]).toEqual([[], 0]);
    resolve();
    await Promise.all([slow, other, part]);
    expect(order[0]).toBe("transaction");
    expect(await all()).toEqual(["first half", "second half", "other", "part"]);
  });

  it("undoes a transaction that fails, and goes on with those that waited for it", async () => {
    const failing = connection.sql.transaction(async (query) => {
      await query("insert into kept (text) values ('half')");
      throw new Error("changed its mind");
    });
    const next = connection.sql.transaction((query) => query("insert into kept (text) values ('whole')"));
    await expect(failing).rejects.toThrow("changed its mind");
    await next;
    expect(await all()).toEqual(["whole"]);
  });

  it("lets timers and others in, however often it is asked in a row", async () => {
    let isOver = false;
    setTimeout(() => {
      isOver = true;
    }, 1);
    let asked = 0;
    while (!isOver) {
      await all();
      asked += 1;
    }
    expect(asked).toBeGreaterThan(0);
  });

  it("gives values back as they were given: yes and no, whole numbers, any text", async () => {
    await connection.sql.query("insert into kept (text, number, yes) values ($1, $2, $3)", [5, 2 ** 40 + 1, true]);
    await connection.sql.query("insert into kept (text, number, yes) values ($1, $2, $3)", ["a\u0000é😀", null, false]);
    expect(await connection.sql.query("select text, number, yes from kept order by id")).toEqual([
      { text: "5", number: 2 ** 40 + 1, yes: true },
      { text: "a\u0000é😀", number: null, yes: false },
    ]);
    // The second placeholder named first, and one of them twice.
    expect(await connection.sql.query("select $2 as b, $1 as a, $2 as c", ["x", "y"])).toEqual([
      { b: "y", a: "x", c: "y" },
    ]);
  });

  it("refuses values that would be taken for something else", async () => {
    for (const value of [{}, [1], undefined, new Date(0)]) {
      await expect(connection.sql.query("select $1 as one", [value])).rejects.toBeInstanceOf(TypeError);
    }
  });

  it("keeps what was begun when it is closed, and then says that another try may help", async () => {
    const last = add("last");
    await connection.close();
    await last;
    await connection.close();
    await expect(add("late")).rejects.toBeInstanceOf(TransientError);
    const again = new DatabaseSync(watched.file);
    expect(again.prepare("select text from kept order by id").all()).toEqual([{ text: "last" }]);
    again.close();
  });

  it("gives no row whose sum says that it is not what was written, and says so", async () => {
    watched.db.exec("create table summed (id integer, text text, yes boolean, sum integer)");
    const insert = "insert into summed (id, text, yes, sum) values ($1, $2, $3, $4)";
    await connection.sql.query(insert, [1, "whole", true, rowSum(1, "whole", 1)]);
    expect(await connection.sql.query("select * from summed")).toMatchObject([{ id: 1, text: "whole", yes: true }]);
    await connection.sql.query(insert, [2, "whale", null, rowSum(2, "whole", null)]);
    expect(damagedRows).toBe(0);
    await expect(connection.sql.query("select * from summed")).rejects.toBeInstanceOf(TransientError);
    await expect(connection.commit((run) => run("select * from summed"))).rejects.toBeInstanceOf(TransientError);
    expect(damagedRows).toBe(2);
    expect(await connection.sql.query("select id from summed where id = 1")).toEqual([{ id: 1 }]);
  });

  it.each([
    [13, /the disk .* is full: make room/],
    [8, /can no longer be written to: look at its disk and permissions/],
  ])("says what to do when SQLite answers with %d, which only an operator can help", async (errcode, words) => {
    watched.failAt = { text: "select text from kept order by id", errcode, undoesAll: false };
    const failed = all();
    await expect(failed).rejects.toBeInstanceOf(TransientError);
    await expect(failed).rejects.toThrow(words);
  });

  it("asks nothing more of a file that turns out to be damaged, and says so once", async () => {
    watched.failAt = { text: "select text from kept order by id", errcode: CORRUPT, undoesAll: false };
    await expect(all()).rejects.toBeInstanceOf(TransientError);
    await expect(all()).rejects.toBeInstanceOf(DamagedStoreError);
    await expect(add("one")).rejects.toBeInstanceOf(TransientError);
    expect(damages).toHaveLength(1);
  });
});
