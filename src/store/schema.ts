import { TerminalError } from "../base/errors.ts";
import type { Query, Sql } from "./sql.ts";

/**
 * The tables of the index and the alerts, one list of statements per version. Forward only: a released version is never edited;
 * the next one is appended.
 *
 * Texts are `text` and not `jsonb`: PostgreSQL refuses `\u0000` in `jsonb`, and a policy file may contain anything.
 */
const VERSIONS: readonly (readonly string[])[] = [
  [
    `create table sevgate_repository (
      id bigint primary key,
      installation_id bigint not null,
      owner text not null,
      name text not null,
      severity_labels text,
      post_mortem_label text,
      last_good_policy text,
      policy_state text,
      policy_read_at bigint,
      swept_at bigint,
      labels_ready_for text,
      seen bigserial
    )`,
    "create index sevgate_repository_name on sevgate_repository (lower(owner || '/' || name))",
    "create index sevgate_repository_installation on sevgate_repository (installation_id)",
    `create table sevgate_incident (
      repository_id bigint not null,
      number bigint not null,
      record_revision bigint not null default 0,
      record text,
      status_comment_id bigint,
      open boolean not null default true,
      verdict text,
      primary key (repository_id, number)
    )`,
    `create table sevgate_link (
      id bigserial primary key,
      repository_id bigint not null,
      incident bigint not null,
      kind text not null,
      target_repository text not null,
      target bigint not null
    )`,
    `create unique index sevgate_link_once
      on sevgate_link (repository_id, incident, kind, lower(target_repository), target)`,
    "create index sevgate_link_target on sevgate_link (lower(target_repository), target)",
    "create table sevgate_progress (name text primary key, at bigint not null)",
  ],
  [
    `create table sevgate_alert (
      repository_id bigint not null,
      id text not null,
      state text not null,
      status text not null,
      changed_at bigint not null,
      issue bigint,
      earlier_issue bigint,
      handled_at bigint,
      opening_at bigint,
      folded text,
      told text,
      trouble text,
      primary key (repository_id, id)
    )`,
    "create index sevgate_alert_issue on sevgate_alert (repository_id, issue)",
    "create index sevgate_alert_opening on sevgate_alert (repository_id, opening_at) where opening_at is not null",
  ],
  [
    `create table sevgate_thread (
      repository_id bigint not null,
      number bigint not null,
      view text,
      sent text,
      revision bigint not null default 0,
      primary key (repository_id, number)
    )`,
    `create table sevgate_request (
      id text primary key,
      repository_id bigint not null,
      number bigint,
      body text not null,
      answer text,
      at bigint not null,
      closed boolean not null default false
    )`,
    "create index sevgate_request_open on sevgate_request (repository_id, number) where not closed",
  ],
  [
    `create table sevgate_page (
      repository_id bigint not null,
      number bigint not null,
      page text not null,
      channel text not null,
      state text not null,
      since bigint not null,
      tried_at bigint not null,
      external_id text,
      why text not null,
      primary key (repository_id, number, page, channel)
    )`,
  ],
  [
    `create table sevgate_inbox (
      row bigserial primary key,
      at timestamptz not null default now(),
      process text not null,
      id text not null,
      data text not null,
      priority integer not null
    )`,
  ],
  [
    "alter table sevgate_thread add column outsider text, add column announced_at bigint",
    `create index sevgate_thread_announced on sevgate_thread (repository_id, announced_at)
     where announced_at is not null`,
  ],
  ["alter table sevgate_inbox add column rank integer not null default 0"],
  ["alter table sevgate_repository add column is_private boolean"],
  [
    "create table sevgate_name (name text primary key, repository_id bigint not null)",
    // The repository that has a name at the time of the upgrade counts as its first.
    `insert into sevgate_name (name, repository_id)
     select distinct on (lower(owner || '/' || name)) lower(owner || '/' || name), id
     from sevgate_repository order by lower(owner || '/' || name), seen desc`,
  ],
  [
    `create table sevgate_alert_member (
      repository_id bigint not null,
      endpoint text not null,
      alert text not null,
      member text not null,
      primary key (repository_id, endpoint, member, alert)
    )`,
    "create index sevgate_alert_member_alert on sevgate_alert_member (repository_id, endpoint, alert)",
  ],
  ["alter table sevgate_link add column standing text not null default 'untold'"],
  [
    // For what a request in a channel looks up. A repository's channel is noted when its policy is next read.
    "alter table sevgate_repository add column slack_channel text",
    "create index sevgate_repository_channel on sevgate_repository (slack_channel, id)",
    "update sevgate_repository set policy_read_at = null",
    "alter table sevgate_thread add column channel text",
    `update sevgate_thread set channel = substring(sent from '"root":{"channel":"([^"]+)"')`,
    "create index sevgate_thread_channel on sevgate_thread (channel) where channel is not null",
  ],
  ["create index sevgate_repository_seen on sevgate_repository (seen)"],
];

/** The version of the tables that this program needs. */
export const NEWEST_VERSION = VERSIONS.length;

/** Any number, the same in every process: replicas that start together take turns. */
const MIGRATION_LOCK = 7_383_428_351;

/**
 * Brings the tables to this program's version, all in one transaction.
 *
 * @param newest an older version gives the tables of an earlier program, for tests
 * @throws TerminalError if a newer Sevgate has written the database
 */
export async function migrateSchema(sql: Sql, newest = NEWEST_VERSION): Promise<void> {
  await sql.transaction(async (query) => {
    await query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    // Not `create … if not exists`: that takes the right to create tables even if there is nothing to create.
    // Not `to_regclass`: it may go by what the catalog held before we had the lock.
    const [found] = await query<{ missing: boolean }>(
      `select not exists (
         select from pg_catalog.pg_class where relname = 'sevgate_schema' and pg_catalog.pg_table_is_visible(oid)
       ) as missing`,
    );
    if (found?.missing !== false) {
      await query("create table sevgate_schema (version integer primary key, at timestamptz not null)");
    }
    const current = await currentVersion(query);
    if (current > VERSIONS.length) {
      throw new TerminalError(
        `The database was written by a newer Sevgate (schema ${current}; this one knows ${VERSIONS.length}). ` +
          "Start the newer version again, or give this one an empty database.",
      );
    }
    for (const [index, statements] of VERSIONS.entries()) {
      const version = index + 1;
      if (version <= current || version > newest) continue;
      for (const statement of statements) await query(statement);
      await query("insert into sevgate_schema (version, at) values ($1, now())", [version]);
    }
  });
}

/** The version of the tables that exist; 0: there are none. */
export async function schemaVersion(query: Query): Promise<number> {
  const [found] = await query<{ present: boolean }>("select to_regclass('sevgate_schema') is not null as present");
  return found?.present === true ? await currentVersion(query) : 0;
}

async function currentVersion(query: Query): Promise<number> {
  const rows = await query<{ version: number | null }>("select max(version) as version from sevgate_schema");
  return rows[0]?.version ?? 0;
}
