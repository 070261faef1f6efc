import { type AlertState, burningMembers } from "../core/alerts/alert-state.ts";
import { type KnownAlert, MOST_LISTED, MOST_NAMED, NO_ALERTS } from "../core/alerts/known-alert.ts";
import type { Instant } from "../core/model.ts";
import { HOUR_MS } from "../core/time-units.ts";
import type { AlertFields, AlertStore } from "./alert-store.ts";
import { inSlices } from "./in-slices.ts";
import type { Query, Sql } from "./sql.ts";
import { listsOf, rowListsOf } from "./sql-lists.ts";

interface AlertRow {
  readonly repository_id: number;
  readonly id: string;
  readonly state: string;
  readonly issue: number | null;
  readonly earlier_issue: number | null;
  readonly handled_at: number | null;
  readonly opening_at: number | null;
  readonly folded: string | null;
  readonly told: string | null;
  readonly trouble: string | null;
}

/** The alerts on one SQL dialect. */
export function createSqlAlertStore(sql: Sql): AlertStore {
  return {
    async alert(repositoryId, id) {
      return await read(sql.query, repositoryId, id);
    },

    async report(repositoryId, id, at, merge) {
      return await sql.transaction(async (query) => {
        const before = (await read(query, repositoryId, id))?.state ?? null;
        const after = merge(before);
        if (after !== before) {
          await keepMembers(query, repositoryId, id, before, after);
          await query(
            `insert into sevgate_alert (repository_id, id, state, status, changed_at) values ($1, $2, $3, $4, $5)
             on conflict (repository_id, id)
             do update set state = excluded.state, status = excluded.status, changed_at = excluded.changed_at`,
            [repositoryId, id, JSON.stringify(after), after.status, at],
          );
        }
        return { before, after };
      }, `alert ${repositoryId}/${id}`);
    },

    async save(repositoryId, id, fields) {
      const columns = columnsOf(fields);
      if (columns.length === 0) return;
      const changes = columns.map(([name], index) => `${name} = $${index + 3}`).join(", ");
      await sql.query(`update sevgate_alert set ${changes} where repository_id = $1 and id = $2`, [
        repositoryId,
        id,
        ...columns.map(([, value]) => value),
      ]);
    },

    async reserveOpening(repositoryId, id, at, most) {
      return await sql.transaction(async (query) => {
        const rows = await query<{ count: number }>(
          `select count(*) as count from sevgate_alert
           where repository_id = $1 and opening_at > $2 and id <> $3`,
          [repositoryId, at - HOUR_MS, id],
        );
        if ((rows[0]?.count ?? 0) >= most) return false;
        await query("update sevgate_alert set opening_at = $3 where repository_id = $1 and id = $2", [
          repositoryId,
          id,
          at,
        ]);
        return true;
      }, `alert ${repositoryId}`);
    },

    async ofIncident(repositoryId, issue) {
      const counts = await sql.query<{ status: AlertState["status"]; count: number }>(
        `select status, count(*) as count from sevgate_alert
         where repository_id = $1 and issue = $2 group by status`,
        [repositoryId, issue],
      );
      // Most incidents have none: then this is all that is asked.
      if (counts.length === 0) return NO_ALERTS;
      const rows = await sql.query<AlertRow>(
        `select * from sevgate_alert where repository_id = $1 and issue = $2
         order by case status when 'firing' then 0 when 'acknowledged' then 1 else 2 end, changed_at desc, id limit $3`,
        [repositoryId, issue, MOST_LISTED],
      );
      // In the order of their ids, which means nothing: so a later one seldom takes the place of one that is named.
      const named = await sql.query<AlertRow>(
        `select * from sevgate_alert where repository_id = $1 and issue = $2 and status <> 'resolved'
         order by id limit $3`,
        [repositoryId, issue, MOST_NAMED],
      );
      const count = (status: AlertState["status"]) => counts.find((one) => one.status === status)?.count ?? 0;
      return {
        listed: rows.map(knownAlert),
        named: named.map((row) => knownAlert(row).state.title),
        firing: count("firing"),
        acknowledged: count("acknowledged"),
        resolved: count("resolved"),
      };
    },

    async holding(repositoryId, source, endpoint, members) {
      const held = new Map<string, string[]>();
      for (const list of listsOf([...new Set(members)], 3)) {
        const rows = await sql.query<{ alert: string; member: string }>(
          `select alert, member from sevgate_alert_member
           where repository_id = $1 and endpoint = $2 and member in (${list.text})`,
          [repositoryId, `${source}/${endpoint}`, ...list.values],
        );
        for (const { alert, member } of rows) held.set(alert, [...(held.get(alert) ?? []), member]);
      }
      const alerts = [...held].map(([id, own]) => ({ id, members: own.toSorted() }));
      return alerts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    },

    async folded(repositoryId, severity) {
      const rows = await sql.query<{ count: number }>(
        `select count(*) as count from sevgate_alert
         where repository_id = $1 and folded = $2 and issue is null`,
        [repositoryId, severity],
      );
      return rows[0]?.count ?? 0;
    },

    async giveFolded(repositoryId, severity, issue) {
      await sql.query(
        "update sevgate_alert set issue = $3 where repository_id = $1 and folded = $2 and issue is null",
        [repositoryId, severity, issue],
      );
    },

    async forgetQuiet(before) {
      // An alert that is over has no firing members: there is nothing else to forget.
      await inSlices((most) =>
        sql.query(
          `delete from sevgate_alert where (repository_id, id) in (
             select repository_id, id from sevgate_alert where status = 'resolved' and changed_at < $1 limit $2)
           returning 1 as gone`,
          [before, most],
        ),
      );
    },
  };
}

/** Which members are firing, for finding the alert they belong to. */
async function keepMembers(
  query: Query,
  repositoryId: number,
  id: string,
  before: AlertState | null,
  after: AlertState,
): Promise<void> {
  const ids = (state: AlertState | null) =>
    state === null ? [] : [...new Set(burningMembers(state).map((one) => one.id))].toSorted();
  const now = ids(after);
  if (JSON.stringify(now) === JSON.stringify(ids(before))) return;
  const endpoint = `${after.source}/${after.endpoint}`;
  await query("delete from sevgate_alert_member where repository_id = $1 and endpoint = $2 and alert = $3", [
    repositoryId,
    endpoint,
    id,
  ]);
  for (const list of rowListsOf(now, 4)) {
    await query(
      `insert into sevgate_alert_member (repository_id, endpoint, alert, member) values ${list.text} on conflict do nothing`,
      [repositoryId, endpoint, id, ...list.values],
    );
  }
}

async function read(query: Query, repositoryId: number, id: string): Promise<KnownAlert | null> {
  const rows = await query<AlertRow>("select * from sevgate_alert where repository_id = $1 and id = $2", [
    repositoryId,
    id,
  ]);
  return rows[0] === undefined ? null : knownAlert(rows[0]);
}

function columnsOf(fields: AlertFields): readonly (readonly [string, unknown])[] {
  const told = fields.told === undefined || fields.told === null ? fields.told : JSON.stringify(fields.told);
  const all = [
    ["issue", fields.issue],
    ["earlier_issue", fields.earlierIssue],
    ["handled_at", fields.handledAt],
    ["opening_at", fields.openingAt],
    ["folded", fields.folded],
    ["told", told],
    ["trouble", fields.trouble],
  ] as const;
  return all.filter(([, value]) => value !== undefined);
}

function knownAlert(row: AlertRow): KnownAlert {
  return {
    repositoryId: row.repository_id,
    id: row.id,
    state: JSON.parse(row.state) as AlertState,
    issue: row.issue,
    earlierIssue: row.earlier_issue,
    handledAt: row.handled_at as Instant | null,
    openingAt: row.opening_at as Instant | null,
    folded: row.folded,
    told: row.told === null ? null : (JSON.parse(row.told) as KnownAlert["told"]),
    trouble: row.trouble,
  };
}
