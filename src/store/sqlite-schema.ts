import { TerminalError } from "../base/errors.ts";
import { rowSum } from "./row-sum.ts";
import type { Query } from "./sql.ts";
import type { RunNow } from "./sqlite-connection.ts";

/** A table of the embedded database, and the indexes for finding its rows. */
interface Table {
  readonly name: string;
  /** Each with its type and its constraints. */
  readonly columns: readonly string[];
  readonly key: readonly string[];
  /** Its rows are small enough to be kept in the key's own tree, without a second one. */
  readonly isSmall?: boolean;
  readonly indexes?: readonly string[];
}

/**
 * The tables, one list for each version, as in schema.ts: the same things are kept between passes there and here, and
 * test/contract/store.contract.ts holds for both. Forward only: a released version is never edited.
 */
const VERSIONS: readonly (readonly Table[])[] = [
  [
    {
      name: "sevgate_repository",
      columns: [
        "id integer not null",
        "installation_id integer not null",
        "owner text not null",
        "name text not null",
        "severity_labels text",
        "post_mortem_label text",
        "last_good_policy text",
        "policy_state text",
        "policy_read_at integer",
        "swept_at integer",
        "labels_ready_for text",
        "seen integer not null",
        "is_private boolean",
        "slack_channel text",
      ],
      key: ["id"],
      indexes: [
        "sevgate_repository_name on sevgate_repository (lower(owner || '/' || name))",
        "sevgate_repository_installation on sevgate_repository (installation_id)",
        "sevgate_repository_channel on sevgate_repository (slack_channel, id)",
        "sevgate_repository_seen on sevgate_repository (seen)",
      ],
    },
    {
      name: "sevgate_name",
      columns: ["name text not null", "repository_id integer not null"],
      key: ["name"],
      isSmall: true,
    },
    {
      name: "sevgate_incident",
      columns: [
        "repository_id integer not null",
        "number integer not null",
        "record_revision integer not null default 0",
        "record text",
        "status_comment_id integer",
        "open boolean not null default true",
        "verdict text",
      ],
      key: ["repository_id", "number"],
      indexes: ["sevgate_incident_open on sevgate_incident (repository_id) where open"],
    },
    {
      name: "sevgate_link",
      columns: [
        "id integer",
        "repository_id integer not null",
        "incident integer not null",
        "kind text not null",
        "target_repository text not null",
        "target integer not null",
        "standing text not null default 'untold'",
      ],
      key: ["id"],
      indexes: [
        "sevgate_link_target on sevgate_link (lower(target_repository), target)",
        "sevgate_link_repository on sevgate_link (repository_id, kind)",
      ],
    },
    {
      name: "sevgate_progress",
      columns: ["name text not null", "at integer not null"],
      key: ["name"],
      isSmall: true,
    },
    {
      name: "sevgate_alert",
      columns: [
        "repository_id integer not null",
        "id text not null",
        "state text not null",
        "status text not null",
        "changed_at integer not null",
        "issue integer",
        "earlier_issue integer",
        "handled_at integer",
        "opening_at integer",
        "folded text",
        "told text",
        "trouble text",
      ],
      key: ["repository_id", "id"],
      indexes: [
        "sevgate_alert_issue on sevgate_alert (repository_id, issue)",
        "sevgate_alert_opening on sevgate_alert (repository_id, opening_at) where opening_at is not null",
        "sevgate_alert_quiet on sevgate_alert (changed_at) where status = 'resolved'",
      ],
    },
    {
      name: "sevgate_alert_member",
      columns: [
        "repository_id integer not null",
        "endpoint text not null",
        "alert text not null",
        "member text not null",
      ],
      key: ["repository_id", "endpoint", "member", "alert"],
      isSmall: true,
      indexes: ["sevgate_alert_member_alert on sevgate_alert_member (repository_id, endpoint, alert)"],
    },
    {
      name: "sevgate_thread",
      columns: [
        "repository_id integer not null",
        "number integer not null",
        "view text",
        "sent text",
        "revision integer not null default 0",
        "outsider text",
        "announced_at integer",
        "channel text",
      ],
      key: ["repository_id", "number"],
      indexes: [
        "sevgate_thread_announced on sevgate_thread (repository_id, announced_at) where announced_at is not null",
        "sevgate_thread_channel on sevgate_thread (channel) where channel is not null",
      ],
    },
    {
      name: "sevgate_request",
      columns: [
        "id text not null",
        "repository_id integer not null",
        "number integer",
        "body text not null",
        "answer text",
        "at integer not null",
        "closed boolean not null default false",
      ],
      key: ["id"],
      indexes: [
        "sevgate_request_open on sevgate_request (repository_id, number) where not closed",
        "sevgate_request_at on sevgate_request (at)",
      ],
    },
    {
      name: "sevgate_page",
      columns: [
        "repository_id integer not null",
        "number integer not null",
        "page text not null",
        "channel text not null",
        "state text not null",
        "since integer not null",
        "tried_at integer not null",
        "external_id text",
        "why text not null",
      ],
      key: ["repository_id", "number", "page", "channel"],
    },
    {
      name: "sevgate_work",
      columns: [
        "id text not null",
        "key text not null",
        "cause text not null",
        "failures integer not null",
        "crashes integer not null",
        "installation_id integer not null",
        "rank integer not null",
        "place integer not null",
        "starts integer not null",
        "again boolean not null",
      ],
      key: ["id"],
      isSmall: true,
      // Everything a choice asks for: rows that are passed over need not be read.
      indexes: ["sevgate_work_next on sevgate_work (rank desc, place, installation_id)"],
    },
    {
      name: "sevgate_timer",
      columns: [
        "id text not null",
        "key text not null",
        "cause text not null",
        "failures integer not null",
        "crashes integer not null",
        "at integer not null",
      ],
      key: ["id"],
      isSmall: true,
      indexes: ["sevgate_timer_at on sevgate_timer (at)"],
    },
    {
      name: "sevgate_aside",
      columns: ["id text not null", "key text not null", "since integer not null"],
      key: ["id"],
      isSmall: true,
    },
  ],
];

const UNIQUE_LINKS =
  "create unique index sevgate_link_once on sevgate_link (repository_id, incident, kind, lower(target_repository), target)";

/** `tables`: a checksum of the definitions of all tables, so that a flipped bit in one of them is noticed. */
const SCHEMA_TABLE: Table = {
  name: "sevgate_schema",
  columns: ["version integer not null", "tables integer not null", "opened_at integer not null"],
  key: ["version"],
  isSmall: true,
};

/** The version of the tables that this program needs. */
export const NEWEST_SQLITE_VERSION = VERSIONS.length;

/** What a file is to this program. */
export type SchemaState = "empty" | "whole" | "damaged";

/** Every table whose rows carry a checksum, and its columns. */
export const SUMMED: ReadonlyMap<string, readonly string[]> = new Map(
  [SCHEMA_TABLE, ...VERSIONS.flat()].map((table) => [table.name, namesOf(table)]),
);

/** The condition for rows of this table that are not as they were written. */
export function isNotWhole(table: string): string {
  return `sum is not row_sum(${SUMMED.get(table)?.join(", ")})`;
}

/**
 * Looks at the tables, but not yet at what they hold.
 *
 * @throws TerminalError if a newer Sevgate has written them
 */
export function schemaState(run: RunNow): SchemaState {
  const tables = run<{ name: string }>("select name from sqlite_schema");
  if (tables.length === 0) return "empty";
  if (!tables.some(({ name }) => name === SCHEMA_TABLE.name)) return "damaged";
  if (run(`select 1 from sevgate_schema where ${isNotWhole("sevgate_schema")}`).length > 0) return "damaged";
  const [newest] = run<{ version: number; tables: number }>(
    "select version, tables from sevgate_schema order by version desc limit 1",
  );
  if (newest === undefined) return "damaged";
  if (newest.version > NEWEST_SQLITE_VERSION) {
    throw new TerminalError(
      `The database was written by a newer Sevgate (schema ${newest.version}; this one knows ${NEWEST_SQLITE_VERSION}). ` +
        "Start the newer version again, or give this one an empty database.",
    );
  }
  return newest.tables === sumOfTables(run) ? "whole" : "damaged";
}

/** The version of the tables that exist, 0 if there are none; for those who only look. */
export async function sqliteVersion(query: Query): Promise<number> {
  const tables = await query("select 1 from sqlite_schema where name = 'sevgate_schema'");
  if (tables.length === 0) return 0;
  const [row] = await query<{ version: number | null }>("select max(version) as version from sevgate_schema");
  return row?.version ?? 0;
}

/** Brings the tables to this program's version. To be called inside a transaction. */
export function migrateSqlite(run: RunNow, now: number): void {
  const isNew = schemaState(run) === "empty";
  if (isNew) create(run, SCHEMA_TABLE);
  const [known] = run<{ version: number | null }>("select max(version) as version from sevgate_schema");
  for (const [index, tables] of VERSIONS.entries()) {
    if (index + 1 <= (known?.version ?? 0)) continue;
    for (const table of tables) create(run, table);
    if (index === 0) run(UNIQUE_LINKS);
    run("insert into sevgate_schema (version, tables, opened_at) values (?1, ?2, ?3)", [
      index + 1,
      sumOfTables(run),
      now,
    ]);
  }
  // So that a disk that takes no writes is noticed at the start.
  run("update sevgate_schema set opened_at = ?1 where version = ?2", [now, NEWEST_SQLITE_VERSION]);
}

function create(run: RunNow, table: Table): void {
  const { name, columns, key, isSmall = false, indexes = [] } = table;
  const sum = `sum integer as (row_sum(${namesOf(table).join(", ")})) stored`;
  // SQLite assigns ids by itself if the column is an `integer primary key`.
  const own = columns.map((column) => (column === "id integer" ? "id integer primary key" : column));
  const primary = own.some((column) => column.endsWith("primary key")) ? [] : [`primary key (${key.join(", ")})`];
  run(`create table ${name} (${[...own, sum, ...primary].join(", ")})${isSmall ? " without rowid" : ""}`);
  for (const index of indexes) run(`create index ${index}`);
}

function namesOf({ columns }: Table): readonly string[] {
  return columns.map((column) => column.slice(0, column.indexOf(" ")));
}

function sumOfTables(run: RunNow): number {
  const tables = run<{ name: string; sql: string | null }>("select name, sql from sqlite_schema order by name");
  return rowSum(...tables.flatMap(({ name, sql }) => [name, sql]));
}
