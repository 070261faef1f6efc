import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { until } from "../../demo/until.ts";
import { freePort, unprivilegedUser } from "../../testkit/postgres.ts";

/** A real PgBouncer in front of a database. */
export interface TestPgbouncer {
  /** The URL of the database through it. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * `session`: a client keeps its connection; `transaction` and `statement`: it gets any connection, for that long
 * (PgBouncer docs, `pool_mode`).
 */
export type PoolMode = "session" | "transaction" | "statement";

/** Whether this machine has one: it comes with the system (`apt-get install pgbouncer`), not with npm. */
export function hasPgbouncer(): boolean {
  return spawnSync("pgbouncer", ["--version"], { env: ENVIRONMENT }).status === 0;
}

/** On Debian it is where only root looks. */
const ENVIRONMENT = { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` };

/**
 * Starts one for a database, configured as right after installation: with few connections that many share, and no
 * parameters it was told to ignore.
 */
export async function startPgbouncer(databaseUrl: string, poolMode: PoolMode): Promise<TestPgbouncer> {
  const { hostname, port: serverPort, username, pathname } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), "sevgate-pgbouncer-"));
  const user = unprivilegedUser();
  const port = await freePort();
  const name = pathname.slice(1);
  writeFileSync(
    join(folder, "pgbouncer.ini"),
    `[databases]
${name} = host=${hostname} port=${serverPort || 5432} dbname=${name} user=${username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${poolMode}
default_pool_size = ${poolMode === "session" ? 20 : 4}
`,
  );
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const bouncer: ChildProcess = spawn("pgbouncer", [join(folder, "pgbouncer.ini")], {
    cwd: folder,
    env: ENVIRONMENT,
    stdio: "ignore",
    ...user,
  });
  const kill = () => bouncer.kill("SIGKILL");
  process.once("exit", kill);
  const url = `postgres://${username}@127.0.0.1:${port}/${name}`;
  await until("PgBouncer answers", async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on("error", () => {});
    return await client.connect().then(
      async () => {
        await client.end();
        return true;
      },
      () => false,
    );
  });
  return {
    url,
    async stop() {
      process.off("exit", kill);
      const ended = new Promise((done) => bouncer.once("exit", done));
      bouncer.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
