import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Instant, Repository, Standing } from "../core/model.ts";
import { HOUR_MS } from "../core/time-units.ts";
import { inSlices } from "./in-slices.ts";
import {
  type IndexStore,
  type KnownIncident,
  type KnownRepository,
  type LinkKind,
  ONBOARDING_TURNS,
} from "./index-store.ts";
import type { Sql } from "./sql.ts";
import { listsOf } from "./sql-lists.ts";

interface RepositoryRow {
  readonly id: number;
  readonly installation_id: number;
  readonly owner: string;
  readonly name: string;
  readonly severity_labels: string | null;
  readonly post_mortem_label: string | null;
  readonly last_good_policy: string | null;
  readonly policy_state: string | null;
  /** Below zero: a hint. */
  readonly policy_read_at: number | null;
  readonly swept_at: number | null;
  readonly labels_ready_for: string | null;
  readonly is_private: boolean | null;
  readonly slack_channel: string | null;
}

interface IncidentRow {
  readonly repository_id: number;
  readonly number: number;
  readonly record_revision: number;
  readonly record: string | null;
  readonly status_comment_id: number | null;
  readonly open: boolean;
  readonly verdict: string | null;
}

interface LinkRow {
  readonly repository_id: number;
  readonly incident: number;
  readonly kind: LinkKind;
  readonly target_repository: string;
  readonly target: number;
  readonly standing: Standing;
}

type RepositoryFields = Partial<Omit<KnownRepository, "repository">>;
type IncidentFields = Partial<Omit<KnownIncident, "repositoryId" | "number">>;
/** A column and its value: the names are constants of this file; only values come from outside. */
type Columns = readonly (readonly [string, unknown])[];

const MAX_NAMED = 20_000;

/** The tables with rows that belong to a repository, and the column that says to which. */
const OF_REPOSITORY = [
  ["sevgate_link", "id"],
  ["sevgate_thread", "repository_id, number"],
  ["sevgate_request", "id"],
  ["sevgate_page", "repository_id, number, page, channel"],
  ["sevgate_incident", "repository_id, number"],
  ["sevgate_alert", "repository_id, id"],
  ["sevgate_alert_member", "repository_id, endpoint, member, alert"],
] as const;

/** The index on one SQL dialect. Every call may throw `TransientError`. Names are compared as on GitHub: ignoring case. */
export function createSqlIndexStore(sql: Sql): IndexStore {
  const { query } = sql;
  /** Names that are already kept, as far as this process knows. */
  const named = new LRUCache<string, true>(atMost(MAX_NAMED));
  /** By the repository's id: the name under which this process last saved it. */
  const nameOf = new LRUCache<number, string>(atMost(MAX_NAMED));

  /**
   * @param computed columns whose values are SQL
   * @param onlyOver an existing row is changed only if this column has this value
   * @returns the changed rows
   */
  async function upsert(
    table: string,
    identity: Columns,
    columns: Columns,
    {
      computed = [],
      onlyOver = null,
    }: { readonly computed?: readonly (readonly [string, string])[]; readonly onlyOver?: Columns[number] | null } = {},
  ): Promise<readonly object[]> {
    const all = [...identity, ...columns];
    const changes = [...columns, ...computed].map(([name]) => `${name} = excluded.${name}`).join(", ");
    const condition = onlyOver === null ? "" : ` where ${table}.${onlyOver[0]} = $${all.length + 1}`;
    return await query(
      `insert into ${table} (${[...all, ...computed].map(([name]) => name).join(", ")})
       values (${[...all.map((_, index) => `$${index + 1}`), ...computed.map(([, text]) => text)].join(", ")})
       on conflict (${identity.map(([name]) => name).join(", ")})
       do ${changes === "" ? "nothing" : `update set ${changes}`}${condition}
       returning 1 as changed`,
      [...all.map(([, value]) => value), ...(onlyOver === null ? [] : [onlyOver[1]])],
    );
  }

  /** Links name their target: those to a repository that has been renamed follow it. */
  async function followName({ id, owner, name }: Repository): Promise<void> {
    const is = `${owner}/${name}`;
    if (nameOf.get(id) === is) return;
    const rows = await query<{ name: string }>(
      "select owner || '/' || name as name from sevgate_repository where id = $1",
      [id],
    );
    const was = rows[0]?.name ?? is;
    if (was.toLowerCase() !== is.toLowerCase()) {
      await sql.transaction(async (inside) => {
        await inside(
          `update sevgate_link as link set target_repository = $2
           where lower(target_repository) = lower($1) and not exists (
             select 1 from sevgate_link as known
             where known.repository_id = link.repository_id and known.incident = link.incident and known.kind = link.kind
             and known.target = link.target and lower(known.target_repository) = lower($2))`,
          [was, is],
        );
        await inside("delete from sevgate_link where lower(target_repository) = lower($1)", [was]);
      });
    }
    nameOf.set(id, is);
  }

  async function progress(name: string): Promise<Instant | null> {
    const rows = await query<{ at: number }>("select at from sevgate_progress where name = $1", [name]);
    return (rows[0]?.at ?? null) as Instant | null;
  }

  async function saveProgress(name: string, at: Instant): Promise<void> {
    await upsert("sevgate_progress", [["name", name]], [["at", at]]);
  }

  return {
    async repository(id) {
      const rows = await query<RepositoryRow>("select * from sevgate_repository where id = $1", [id]);
      return rows[0] === undefined ? null : knownRepository(rows[0]);
    },

    async repositoryByName(fullName) {
      // A repository that was renamed while we were not looking may still hold the name: the one seen last has it now.
      const rows = await query<RepositoryRow>(
        "select * from sevgate_repository where lower(owner || '/' || name) = lower($1) order by seen desc, id desc limit 1",
        [fullName],
      );
      return rows[0] === undefined ? null : knownRepository(rows[0]);
    },

    async firstNamed(fullName) {
      const rows = await query<{ repository_id: number }>("select repository_id from sevgate_name where name = $1", [
        fullName.toLowerCase(),
      ]);
      return rows[0]?.repository_id ?? null;
    },

    async repositories(installationId) {
      const rows =
        installationId === undefined
          ? await query<RepositoryRow>("select * from sevgate_repository order by id")
          : await query<RepositoryRow>("select * from sevgate_repository where installation_id = $1 order by id", [
              installationId,
            ]);
      return rows.map(knownRepository);
    },

    async repositoriesOfChannel(channels, most) {
      const found: Pick<KnownRepository, "repository" | "isPrivate">[] = [];
      for (const list of listsOf(channels, 2)) {
        const rows = await query<Pick<RepositoryRow, "id" | "installation_id" | "owner" | "name" | "is_private">>(
          `select id, installation_id, owner, name, is_private from sevgate_repository
           where slack_channel in (${list.text}) order by id limit $1`,
          [most, ...list.values],
        );
        found.push(...rows.map((row) => ({ repository: repositoryOf(row), isPrivate: row.is_private })));
      }
      return found.toSorted((a, b) => a.repository.id - b.repository.id).slice(0, most);
    },

    async sweepStates(installationId) {
      const rows = await query<
        Pick<RepositoryRow, "id" | "installation_id" | "owner" | "name" | "swept_at"> & { readonly open: number }
      >(
        `select r.id, r.installation_id, r.owner, r.name, r.swept_at, coalesce(i.open, 0) as open
         from sevgate_repository r
         left join (select repository_id, count(*) as open from sevgate_incident where open group by 1) i
           on i.repository_id = r.id
         where r.installation_id = $1 order by r.id`,
        [installationId],
      );
      return rows.map((row) => ({
        repository: repositoryOf(row),
        sweptAt: row.swept_at as Instant | null,
        openIncidents: row.open,
      }));
    },

    async saveRepository(repository, fields) {
      await followName(repository);
      await upsert("sevgate_repository", [["id", repository.id]], repositoryColumns(repository, fields), {
        computed: [["seen", "(select coalesce(max(seen), 0) + 1 from sevgate_repository)"]],
      });
      const name = `${repository.owner}/${repository.name}`.toLowerCase();
      if (named.has(name)) return;
      await query("insert into sevgate_name (name, repository_id) values ($1, $2) on conflict (name) do nothing", [
        name,
        repository.id,
      ]);
      named.set(name, true);
    },

    async savePolicyRead(repositoryId, at, hint) {
      await query(
        `update sevgate_repository set policy_read_at = $2
         where id = $1 and (policy_read_at is null or policy_read_at >= 0 or policy_read_at = $3)`,
        [repositoryId, at, hint === null ? null : -hint],
      );
    },

    async forgetRepository(id) {
      // The repository itself goes last: after a crash before that, all of it is done again.
      for (const [table, key] of OF_REPOSITORY) {
        await inSlices((most) =>
          query(
            `delete from ${table} where (${key}) in (select ${key} from ${table} where repository_id = $1 limit $2)
             returning 1 as gone`,
            [id, most],
          ),
        );
      }
      await query("delete from sevgate_repository where id = $1", [id]);
    },

    async incident(repositoryId, number) {
      const rows = await query<IncidentRow>("select * from sevgate_incident where repository_id = $1 and number = $2", [
        repositoryId,
        number,
      ]);
      return rows[0] === undefined ? null : knownIncident(rows[0]);
    },

    async openIncidents(repositoryId) {
      const rows = await query<IncidentRow>(
        "select * from sevgate_incident where repository_id = $1 and open order by number",
        [repositoryId],
      );
      return rows.map(knownIncident);
    },

    async saveIncident(repositoryId, number, fields) {
      await upsert(
        "sevgate_incident",
        [
          ["repository_id", repositoryId],
          ["number", number],
        ],
        incidentColumns(fields),
      );
    },

    async saveRecord(repositoryId, number, over, fields) {
      const saved = await upsert(
        "sevgate_incident",
        [
          ["repository_id", repositoryId],
          ["number", number],
        ],
        incidentColumns(fields),
        { onlyOver: ["record_revision", over] },
      );
      return saved.length === 1;
    },

    async forgetIncident(repositoryId, number) {
      await sql.transaction(async (inside) => {
        await inside("delete from sevgate_link where repository_id = $1 and incident = $2", [repositoryId, number]);
        await inside("delete from sevgate_incident where repository_id = $1 and number = $2", [repositoryId, number]);
      });
    },

    async linksFrom(repositoryId, incident, kind) {
      const rows = await query<LinkRow>(
        `select * from sevgate_link where repository_id = $1 and incident = $2 and (cast($3 as text) is null or kind = $3)
         order by id`,
        [repositoryId, incident, kind ?? null],
      );
      return rows.map((row) => ({
        repository: row.target_repository,
        number: row.target,
        kind: row.kind,
        standing: row.standing,
      }));
    },

    async linksTo(targetRepository, target, kind) {
      const rows = await query<LinkRow>(
        `select * from sevgate_link
         where lower(target_repository) = lower($1) and target = $2 and (cast($3 as text) is null or kind = $3) order by id`,
        [targetRepository, target, kind ?? null],
      );
      return rows.map(({ repository_id: repositoryId, incident, kind: known, standing }) => {
        return { repositoryId, incident, kind: known, standing };
      });
    },

    async linksOutOf({ id, owner, name }, kind) {
      const rows = await query<Pick<LinkRow, "target_repository" | "target">>(
        `select min(target_repository) as target_repository, target from sevgate_link
         where repository_id = $3 and kind = $2 and lower(target_repository) <> lower($1)
         group by lower(target_repository), target order by max(id) desc limit 500`,
        [`${owner}/${name}`, kind, id],
      );
      return rows.map((row) => ({ repository: row.target_repository, number: row.target }));
    },

    async linksInto({ id, owner, name }, kind) {
      const rows = await query<Pick<LinkRow, "repository_id" | "incident">>(
        `select repository_id, incident from sevgate_link
         where lower(target_repository) = lower($1) and kind = $2 and repository_id <> $3
         group by repository_id, incident order by max(id) desc limit 500`,
        [`${owner}/${name}`, kind, id],
      );
      return rows.map((row) => ({ repositoryId: row.repository_id, incident: row.incident }));
    },

    async addLink(repositoryId, incident, kind, targetRepository, target, standing) {
      await query(
        `insert into sevgate_link (repository_id, incident, kind, target_repository, target, standing)
         values ($1, $2, $3, $4, $5, coalesce($6, 'untold'))
         on conflict (repository_id, incident, kind, lower(target_repository), target)
         do update set standing = excluded.standing
         where cast($6 as text) is not null and sevgate_link.standing <> excluded.standing`,
        [repositoryId, incident, kind, targetRepository, target, standing ?? null],
      );
    },

    async removeLink(repositoryId, incident, kind, targetRepository, target) {
      await query(
        `delete from sevgate_link where repository_id = $1 and incident = $2 and kind = $3
         and lower(target_repository) = lower($4) and target = $5`,
        [repositoryId, incident, kind, targetRepository, target],
      );
    },

    changesReadUntil: (installationId) => progress(`changes/${installationId}`),
    saveChangesReadUntil: (installationId, until) => saveProgress(`changes/${installationId}`, until),
    async takeOnboardingTurn(installationId, now) {
      for (let turn = 0; turn < ONBOARDING_TURNS; turn += 1) {
        const taken = await query<{ name: string }>(
          `insert into sevgate_progress (name, at) values ($1, $2)
           on conflict (name) do update set at = excluded.at where sevgate_progress.at <= $3
           returning name`,
          [`onboarding/${installationId}/${turn}`, now, now - HOUR_MS],
        );
        if (taken.length > 0) return true;
      }
      return false;
    },

    deliveriesSweptAt: () => progress("deliveries"),
    saveDeliveriesSweptAt: (at) => saveProgress("deliveries", at),
  };
}

function repositoryColumns(repository: Repository, fields: RepositoryFields): Columns {
  return [
    ["installation_id", repository.installationId],
    ["owner", repository.owner],
    ["name", repository.name],
    ...given("severity_labels", asJson(fields.severityLabels)),
    ...given("post_mortem_label", fields.postMortemLabel),
    ...given("last_good_policy", asJson(fields.lastGoodPolicy)),
    ...given("policy_state", fields.policyState),
    ...given("policy_read_at", fields.policyHint ? -fields.policyHint : fields.policyReadAt),
    ...given("swept_at", fields.sweptAt),
    ...given("labels_ready_for", fields.labelsThere?.join("\n") ?? fields.labelsThere),
    ...given("is_private", fields.isPrivate),
    ...given("slack_channel", fields.slackChannel),
  ];
}

function incidentColumns(fields: IncidentFields): Columns {
  return [
    ...given("record_revision", fields.recordRevision),
    ...given("record", fields.record),
    ...given("status_comment_id", fields.statusCommentId),
    ...given("open", fields.open),
    ...given("verdict", fields.verdict),
  ];
}

/** `undefined` leaves a column as it is; `null` empties it. */
function given(column: string, value: unknown): Columns {
  return value === undefined ? [] : [[column, value]];
}

function asJson(value: unknown): string | null | undefined {
  return value === undefined || value === null ? value : JSON.stringify(value);
}

function repositoryOf(row: Pick<RepositoryRow, "id" | "installation_id" | "owner" | "name">): Repository {
  return { installationId: row.installation_id, id: row.id, owner: row.owner, name: row.name };
}

function knownRepository(row: RepositoryRow): KnownRepository {
  const read = row.policy_read_at;
  return {
    repository: repositoryOf(row),
    severityLabels: row.severity_labels === null ? null : (JSON.parse(row.severity_labels) as string[]),
    postMortemLabel: row.post_mortem_label,
    lastGoodPolicy:
      row.last_good_policy === null
        ? null
        : (JSON.parse(row.last_good_policy) as NonNullable<KnownRepository["lastGoodPolicy"]>),
    policyState: row.policy_state,
    policyReadAt: read === null || read < 0 ? null : (read as Instant),
    policyHint: read === null || read >= 0 ? null : -read,
    sweptAt: row.swept_at as Instant | null,
    labelsThere: row.labels_ready_for?.split("\n") ?? null,
    slackChannel: row.slack_channel,
    isPrivate: row.is_private,
  };
}

function knownIncident(row: IncidentRow): KnownIncident {
  return {
    repositoryId: row.repository_id,
    number: row.number,
    recordRevision: row.record_revision,
    record: row.record,
    statusCommentId: row.status_comment_id,
    open: row.open,
    verdict: row.verdict,
  };
}
