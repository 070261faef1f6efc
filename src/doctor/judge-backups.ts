import { join } from "node:path";
import { DATABASE_FILE } from "../store/database-file.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** What the installation has that GitHub does not. */
export interface BackupFacts {
  readonly hasRecordKey: boolean;
  /** The names of other settings with a secret that are set. */
  readonly otherSecrets: readonly string[];
  /** `null`: the store is embedded. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** Files with secrets that others on this machine may read. */
  readonly readableByOthers: readonly string[];
}

/** Says what a copy has to be kept of. Whether there is one, nobody can see from here. */
export function judgeBackups(facts: BackupFacts): readonly Finding[] {
  const { hasRecordKey, otherSecrets, databaseUrl, dataDir, readableByOthers } = facts;
  const own = ["PRIVATE_KEY", "WEBHOOK_SECRET", ...(hasRecordKey ? ["RECORD_KEY"] : []), ...otherSecrets];
  const signs = hasRecordKey
    ? "RECORD_KEY signs the records"
    : "the private key signs the records, as RECORD_KEY is not set";
  const store =
    databaseUrl === null
      ? `${join(dataDir, DATABASE_FILE)}, copied while the server is stopped`
      : 'the database, by `pg_dump "$DATABASE_URL"`';
  return [
    ok("backup of secrets", `keep a copy elsewhere of ${own.join(", ")}: no other place has them; ${signs}`),
    ok(
      "backup of the store",
      `good to have: ${store}. Incidents are on GitHub, and it is built again from there; alerts that do not come again, pages of the last hour, and copies that restore a deleted status comment are not. Never lose it together with the key that signs`,
    ),
    ...readableByOthers.map((file) =>
      warning("secrets", `${file} can be read by every user of this machine`, `Run: chmod 600 ${file}`),
    ),
  ];
}
