import { TerminalError } from "../base/errors.ts";
import type { Query } from "./sql.ts";

/** What a connection's role may do where Sevgate keeps its tables, according to the catalog. */
interface Rights {
  readonly database: string;
  readonly role: string;
  /** The schema that new tables go to; `null`: no schema of the search path exists. */
  readonly schema: string | null;
  readonly may_create: boolean;
  readonly has_version_table: boolean;
  readonly has_queue: boolean;
  readonly is_queue_installed: boolean;
  readonly may_make_queue: boolean;
  readonly may_create_in_queue: boolean;
  readonly may_use_queue: boolean;
  /** Our own tables and sequences, by full name: those the role may not use, and tables it does not own. */
  readonly closed_tables: readonly string[];
  readonly closed_sequences: readonly string[];
  readonly foreign_tables: readonly string[];
}

/** The server quotes every name, so that the statements can be pasted as they are. */
const RIGHTS = `
  with ours as (
    select c.oid, c.relkind, c.relowner, format('%I.%I', n.nspname, c.relname) as name, n.nspname = $1 as of_queue
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'S')
      and (n.nspname = $1 or (n.nspname = current_schema() and c.relname like 'sevgate\\_%'))
  )
  select quote_ident(current_database()) as database, quote_ident(current_user) as role,
    quote_ident(current_schema()) as schema,
    coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create,
    to_regclass('sevgate_schema') is not null as has_version_table,
    to_regnamespace($1) is not null as has_queue,
    exists (select from ours where of_queue) as is_queue_installed,
    has_database_privilege(current_database(), 'create') as may_make_queue,
    coalesce(has_schema_privilege((select oid from pg_namespace where nspname = $1), 'create'), false)
      as may_create_in_queue,
    coalesce(has_schema_privilege((select oid from pg_namespace where nspname = $1), 'usage'), false) as may_use_queue,
    array(select name from ours where case relkind when 'S' then false else not (has_table_privilege(oid, 'select')
      and has_table_privilege(oid, 'insert') and has_table_privilege(oid, 'update')
      and has_table_privilege(oid, 'delete')) end order by name) as closed_tables,
    array(select name from ours where case relkind when 'S' then not has_sequence_privilege(oid, 'usage') else false end
      order by name) as closed_sequences,
    array(select name from ours where relkind <> 'S' and not of_queue and not pg_has_role(relowner, 'usage') order by name)
      as foreign_tables`;

/**
 * Checks whether the connection's role may do what the start is about to do, and only that: where all tables already
 * exist, a role without CREATE will do. In PostgreSQL 15 and later, only the owner of a database may create tables in its
 * schema `public` (release notes of version 15).
 *
 * @param queueSchema where the queue keeps its tables
 * @param newest the version of the tables that this program needs
 * @returns whether the queue's schema exists: `create schema if not exists` takes a right of its own even when it does
 * @throws TerminalError with the statements to run, when the role may not do it
 */
export async function checkRights(query: Query, queueSchema: string, newest: number): Promise<boolean> {
  const [rights] = await query<Rights>(RIGHTS, [queueSchema]);
  if (rights === undefined) throw new TerminalError("PostgreSQL does not tell what its role may do.");
  const statements = missingRights(rights, queueSchema, await isOlderThan(newest, rights, query));
  if (statements.length === 0) return rights.has_queue;
  throw new TerminalError(
    `The role ${rights.role} may not do in the database ${rights.database} what Sevgate needs. Run as its owner: ` +
      statements.join(" "),
  );
}

/** As far as it can be read: what the role may not read has to be opened to it first. */
async function isOlderThan(newest: number, rights: Rights, query: Query): Promise<boolean> {
  if (!rights.has_version_table) return true;
  if (rights.closed_tables.length > 0) return false;
  const [row] = await query<{ version: number | null }>("select max(version) as version from sevgate_schema");
  return (row?.version ?? 0) < newest;
}

function missingRights(rights: Rights, queueSchema: string, isOlder: boolean): readonly string[] {
  const { role, schema } = rights;
  const statements: string[] = [];
  if (schema === null) {
    statements.push(`CREATE SCHEMA sevgate AUTHORIZATION ${role};`, `ALTER ROLE ${role} SET search_path = sevgate;`);
  } else if (isOlder && !rights.may_create) {
    statements.push(`GRANT CREATE ON SCHEMA ${schema} TO ${role};`);
  }
  if (rights.has_version_table && isOlder) {
    statements.push(...rights.foreign_tables.map((table) => `ALTER TABLE ${table} OWNER TO ${role};`));
  }
  if (!rights.has_queue) {
    if (!rights.may_make_queue) statements.push(`CREATE SCHEMA ${queueSchema} AUTHORIZATION ${role};`);
  } else if (!rights.is_queue_installed) {
    if (!rights.may_create_in_queue) statements.push(`GRANT CREATE, USAGE ON SCHEMA ${queueSchema} TO ${role};`);
  } else if (!rights.may_use_queue) {
    statements.push(`GRANT USAGE ON SCHEMA ${queueSchema} TO ${role};`);
  }
  const { closed_tables: tables, closed_sequences: sequences } = rights;
  if (tables.length > 0) {
    statements.push(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables.join(", ")} TO ${role};`);
  }
  if (sequences.length > 0) statements.push(`GRANT USAGE ON SEQUENCE ${sequences.join(", ")} TO ${role};`);
  return statements;
}
