import { randomUUID } from "node:crypto";
import { GroupCommit } from "../store/group-commit.ts";
import type { Query } from "../store/sql.ts";
import type { Priority } from "./queue.ts";

/** What waits in the inbox: a job that is not in the queue yet. */
export interface Arrival {
  /** The identity of its key. */
  readonly id: string;
  /** The job's data, as JSON. */
  readonly data: string;
  readonly priority: Priority;
  /** Whose turn it is when many wait: higher first. */
  readonly rank: number;
}

export interface InboxParts {
  readonly query: Query;
  /** Puts arrivals into the queue. The same one may come twice, if the process died before it was taken out of the inbox. */
  admit(arrivals: readonly Arrival[]): Promise<void>;
}

/** So that no statement gets large. */
const MAX_MOVED_AT_ONCE = 200;
/** What another process left here is moved after this time: had that process not died, it would have moved it itself. */
const LEFT_BEHIND_S = 10;

/**
 * Where verified deliveries wait for their place in the queue.
 *
 * Storing a row here is a fifth of the work of a pg-boss job, and it is all that GitHub waits for
 * (docs/decisions/0015-intake-before-passes.md). The move into the queue follows at once or, under load, for many
 * arrivals together (inbox-mover.ts).
 */
export class Inbox {
  readonly #parts: InboxParts;
  /** Marks what this process has stored: replicas do not move each other's arrivals. */
  readonly #process = randomUUID();
  readonly #adding: GroupCommit<Arrival>;

  constructor(parts: InboxParts) {
    this.#parts = parts;
    this.#adding = new GroupCommit<Arrival>(
      (arrivals) => this.#insert([...arrivals.values()]),
      (known, added) => ({
        ...known,
        priority: added.priority > known.priority ? added.priority : known.priority,
        rank: Math.max(known.rank, added.rank),
      }),
    );
  }

  /** Stores the arrivals. Durable when the promise resolves. */
  async add(arrivals: readonly Arrival[]): Promise<void> {
    await this.#adding.add(new Map(arrivals.map((arrival) => [arrival.id, arrival])));
  }

  /**
   * Moves arrivals into the queue, the highest rank first and then the oldest, including those that a dead process left here.
   *
   * Not in one transaction: a process that dies in between leaves rows that are moved again, and a key waits once however often
   * it is added.
   *
   * @returns whether there may be more
   */
  async moveSome(): Promise<boolean> {
    const { query, admit } = this.#parts;
    const rows = await query<Arrival & { readonly row: number }>(
      `select row, id, data, priority, rank from sevgate_inbox
       where process = $1 or at < now() - make_interval(secs => $2) order by rank desc, row limit $3`,
      [this.#process, LEFT_BEHIND_S, MAX_MOVED_AT_ONCE],
    );
    if (rows.length === 0) return false;
    // A key keeps its first cause.
    await admit(rows.toSorted((a, b) => Number(a.row) - Number(b.row)));
    await query("delete from sevgate_inbox where row = any($1)", [rows.map(({ row }) => row)]);
    return rows.length === MAX_MOVED_AT_ONCE;
  }

  async #insert(arrivals: readonly Arrival[]): Promise<void> {
    await this.#parts.query(
      `insert into sevgate_inbox (process, id, data, priority, rank)
       select $1, arrival.id, arrival.data, arrival.priority, arrival.rank
       from json_to_recordset($2::json) as arrival(id text, data text, priority integer, rank integer)`,
      [this.#process, JSON.stringify(arrivals)],
    );
  }
}
