import type { Instant } from "../core/model.ts";
import { HOUR_MS } from "../core/time-units.ts";
import { inSlices } from "./in-slices.ts";
import type { Sql } from "./sql.ts";
import type { KnownRequest, KnownThread, ThreadStore } from "./thread-store.ts";

const REMEMBERED_MS = 7 * 86_400_000;

interface RequestRow {
  readonly id: string;
  readonly repository_id: number;
  readonly number: number | null;
  readonly body: string;
  readonly answer: string | null;
  readonly at: number;
}

/** What is remembered for a chat, on one SQL dialect. Every call may throw `TransientError`. */
export function createSqlThreadStore({ query, transaction }: Sql): ThreadStore {
  return {
    async thread(repositoryId, number) {
      const rows = await query<{ view: string | null; sent: string | null; revision: number }>(
        "select view, sent, revision from sevgate_thread where repository_id = $1 and number = $2",
        [repositoryId, number],
      );
      return rows[0] ?? null;
    },

    async openThreads(repositoryId) {
      return await query<KnownThread>(
        `select thread.view, thread.sent, thread.revision from sevgate_thread thread
         join sevgate_incident incident using (repository_id, number)
         where repository_id = $1 and incident.open order by number`,
        [repositoryId],
      );
    },

    async openThreadsIn(channel, most) {
      const rows = await query<KnownThread & { readonly repository_id: number }>(
        `select thread.repository_id, thread.view, thread.sent, thread.revision from sevgate_thread thread
         join sevgate_incident incident using (repository_id, number)
         where thread.channel = $1 and incident.open
         order by thread.outsider is not null, repository_id, number limit $2`,
        [channel, most],
      );
      return rows.map(({ repository_id: repositoryId, ...thread }) => ({ ...thread, repositoryId }));
    },

    async saveThreadView(repositoryId, number, view) {
      await query(
        `insert into sevgate_thread (repository_id, number, view) values ($1, $2, $3)
         on conflict (repository_id, number) do update set view = excluded.view`,
        [repositoryId, number, view],
      );
    },

    async saveThreadSent(repositoryId, number, over, sent, channel) {
      const rows = await query(
        `insert into sevgate_thread (repository_id, number, sent, revision, channel) values ($1, $2, $3, $4 + 1, $5)
         on conflict (repository_id, number) do update
         set sent = excluded.sent, revision = excluded.revision, channel = excluded.channel
         where sevgate_thread.revision = $4 returning 1 as saved`,
        [repositoryId, number, sent, over, channel],
      );
      return rows.length === 1;
    },

    async reserveAnnouncement(repositoryId, number, author, at, most) {
      return await transaction(async (within) => {
        const rows = await within<{ own: number; all_of_them: number }>(
          `select count(*) filter (where outsider = $4) as own, count(*) as all_of_them from sevgate_thread
           where repository_id = $1 and announced_at > $2 and number <> $3`,
          [repositoryId, at - HOUR_MS, number, author.toLowerCase()],
        );
        const { own = 0, all_of_them: all = 0 } = rows[0] ?? {};
        if (own >= most.ofAuthor || all >= most.ofRepository) return false;
        await within(
          `insert into sevgate_thread (repository_id, number, outsider, announced_at) values ($1, $2, $3, $4)
           on conflict (repository_id, number) do update
           set outsider = excluded.outsider, announced_at = coalesce(sevgate_thread.announced_at, excluded.announced_at)`,
          [repositoryId, number, author.toLowerCase(), at],
        );
        return true;
      }, `announce ${repositoryId}`);
    },

    async addRequest({ id, repositoryId, number, body, at }) {
      await inSlices((most) =>
        query(
          "delete from sevgate_request where id in (select id from sevgate_request where at < $1 limit $2) returning 1 as gone",
          [at - REMEMBERED_MS, most],
        ),
      );
      const rows = await query(
        `insert into sevgate_request (id, repository_id, number, body, at) values ($1, $2, $3, $4, $5)
         on conflict (id) do nothing returning 1 as added`,
        [id, repositoryId, number, body, at],
      );
      return rows.length === 1;
    },

    async request(id) {
      const rows = await query<RequestRow>("select * from sevgate_request where id = $1 and not closed", [id]);
      return rows[0] === undefined ? null : known(rows[0]);
    },

    async requests(repositoryId, number) {
      const rows = await query<RequestRow>(
        `select * from sevgate_request where repository_id = $1 and number is not distinct from $2 and not closed
         order by at, id`,
        [repositoryId, number],
      );
      return rows.map(known);
    },

    async answerRequest(id, answer) {
      await query("update sevgate_request set answer = $2 where id = $1", [id, answer]);
    },

    async closeRequest(id) {
      await query("update sevgate_request set closed = true, body = '', answer = null where id = $1", [id]);
    },
  };
}

function known(row: RequestRow): KnownRequest {
  const { id, number, body, answer } = row;
  return { id, repositoryId: row.repository_id, number, body, answer, at: row.at as Instant };
}
