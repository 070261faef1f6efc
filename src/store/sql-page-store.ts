import type { SentPage } from "../core/escalation/page-outbox.ts";
import type { Instant } from "../core/model.ts";
import type { PagingChannel } from "../core/policy/policy.ts";
import type { PageStore } from "./page-store.ts";
import type { Sql } from "./sql.ts";

interface PageRow {
  readonly page: string;
  readonly channel: PagingChannel;
  readonly state: SentPage["state"];
  readonly since: number;
  readonly tried_at: number;
  readonly external_id: string | null;
  readonly why: string;
}

/** The pages on one SQL dialect. */
export function createSqlPageStore({ query }: Pick<Sql, "query">): PageStore {
  return {
    async sentPages(repositoryId, number) {
      const rows = await query<PageRow>(
        "select * from sevgate_page where repository_id = $1 and number = $2 order by since, page, channel",
        [repositoryId, number],
      );
      return rows.map((row) => ({
        page: row.page,
        channel: row.channel,
        state: row.state,
        since: row.since as Instant,
        triedAt: row.tried_at as Instant,
        externalId: row.external_id,
        why: row.why,
      }));
    },

    async saveSentPage(repositoryId, number, { page, channel, state, since, triedAt, externalId, why }) {
      await query(
        `insert into sevgate_page (repository_id, number, page, channel, state, since, tried_at, external_id, why)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (repository_id, number, page, channel) do update set state = excluded.state,
           since = excluded.since, tried_at = excluded.tried_at, external_id = excluded.external_id, why = excluded.why`,
        [repositoryId, number, page, channel, state, since, triedAt, externalId, why],
      );
    },
  };
}
