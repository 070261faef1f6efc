import { constants } from "node:fs";
import { link, mkdir, open, readdir, rm } from "node:fs/promises";
import { createConnection, createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import { errorCode } from "../base/error-code.ts";
import { TerminalError } from "../base/errors.ts";

/** Who holds a data folder, in their own words. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

export interface DataFolderLock {
  release(): Promise<void>;
}

/** The longest socket path every system accepts: 104 bytes with the final zero on macOS, 108 on Linux (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 103;
const ANSWER_LIMIT_MS = 1_000;
const MAX_ROUNDS = 20;
const LOCK_NAME = /^lock-(\d{6,})\.sock$/;

/**
 * Takes the data folder for this process alone, until `release` or the end of the process, however it ends.
 *
 * The lock is a listening Unix-domain socket in the folder: the kernel answers on it for exactly as long as its process
 * lives. So no timeout is needed, a process id that an earlier container had means nothing, and containers that share
 * the folder on one machine see each other. The steps, and why they are enough, are in
 * docs/decisions/0003-embedded-store-and-its-lock.md.
 *
 * @throws TerminalError within 2 s if another process holds it, naming the holder; or if the folder cannot hold a
 * socket
 */
export async function lockDataFolder(folder: string): Promise<DataFolderLock> {
  const absolute = resolve(folder);
  await mkdir(absolute, { recursive: true, mode: 0o700 });
  const holder: LockHolder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const short = await shortPath(absolute);
  try {
    const temporary = `.lock-${process.pid}-${Date.now().toString(36)}.sock`;
    const server = await listen(join(short.path, temporary), holder, absolute);
    try {
      await claim(absolute, short.path, temporary);
    } catch (error) {
      server.close();
      throw error;
    } finally {
      await rm(join(absolute, temporary), { force: true });
    }
    // The file stays: its number keeps the next ones in order.
    return { release: () => new Promise((done) => server.close(() => done())) };
  } finally {
    await short.close();
  }
}

/**
 * Gives the listening socket the next lock number, or refuses.
 *
 * A number becomes visible only once its socket answers (the socket listens before it is linked), is held by at most one
 * process at a time (`link` fails on an existing name), and is removed only by the holder of a higher one.
 */
async function claim(folder: string, shortFolder: string, temporary: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const highest = Math.max(0, ...(await lockNumbers(folder)));
    const holder = highest === 0 ? null : await askHolder(join(shortFolder, lockName(highest)));
    if (holder !== null) throw new TerminalError(inUse(folder, holder));
    const mine = highest + 1;
    try {
      await link(join(folder, temporary), join(folder, lockName(mine)));
    } catch (error) {
      if (errorCode(error) === "EEXIST") continue;
      throw new TerminalError(noSockets(folder), { cause: error });
    }
    const numbers = await lockNumbers(folder);
    if (numbers.some((number) => number > mine)) {
      // Another process took a higher number and removed this one before we took it again.
      await rm(join(folder, lockName(mine)), { force: true });
      continue;
    }
    for (const number of numbers) {
      if (number < mine) await rm(join(folder, lockName(number)), { force: true });
    }
    return;
  }
  throw new TerminalError(`The data folder ${folder} changes hands too fast. Start one process at a time.`);
}

async function lockNumbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const number = LOCK_NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function lockName(number: number): string {
  return `lock-${String(number).padStart(6, "0")}.sock`;
}

function listen(path: string, holder: LockHolder, folder: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end(JSON.stringify(holder));
    });
    server.once("error", (error) => fail(new TerminalError(noSockets(folder), { cause: error })));
    server.listen(path, () => {
      // The lock alone must not keep alive a process that has nothing left to do.
      server.unref();
      done(server);
    });
  });
}

/** Who answers on the socket: `null` if nobody does, a holder without a name if it is too busy to say. */
function askHolder(path: string): Promise<Partial<LockHolder> | null> {
  return new Promise((done, fail) => {
    const socket = createConnection(path);
    let answer = "";
    socket.setTimeout(ANSWER_LIMIT_MS, () => {
      socket.destroy();
      done({});
    });
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("end", () => done(parseHolder(answer)));
    socket.on("error", (error) => {
      if (errorCode(error) === "ECONNREFUSED" || errorCode(error) === "ENOENT") done(null);
      else if (errorCode(error) === "ECONNRESET" || errorCode(error) === "EAGAIN") done({});
      else fail(error);
    });
  });
}

function parseHolder(text: string): Partial<LockHolder> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function inUse(folder: string, holder: Partial<LockHolder>): string {
  const who =
    holder.pid === undefined
      ? "another process, which does not answer"
      : `process ${holder.pid} on ${holder.host ?? "an unknown host"}, since ${holder.since ?? "an unknown time"}`;
  return (
    `The data folder ${folder} is in use by ${who}. Stop that process first, set DATA_DIR to another folder, ` +
    "or set DATABASE_URL to run several processes on PostgreSQL."
  );
}

function noSockets(folder: string): string {
  return (
    `The data folder ${folder} cannot hold a lock (a Unix-domain socket). ` +
    "Set DATA_DIR to a folder on a local disk that this user may write to, or set DATABASE_URL to use PostgreSQL."
  );
}

/** A path to the folder that leaves room for a socket's name, however long the folder's own is. */
async function shortPath(folder: string): Promise<{ readonly path: string; close(): Promise<void> }> {
  const nothingToClose = async () => {};
  const fromHere = relative(process.cwd(), folder);
  for (const path of [folder, ...(isAbsolute(fromHere) || fromHere === "" ? [] : [fromHere])]) {
    if (fits(path)) return { path, close: nothingToClose };
  }
  if (process.platform === "linux") {
    // An open folder has a short name of its own (proc(5)).
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    return { path: `/proc/self/fd/${handle.fd}`, close: () => handle.close() };
  }
  throw new TerminalError(`The path of the data folder ${folder} is too long. Set DATA_DIR to a shorter one.`);
}

function fits(folder: string): boolean {
  const longestName = `.lock-${"9".repeat(10)}-${"z".repeat(9)}.sock`;
  return Buffer.byteLength(join(folder, longestName)) <= MAX_SOCKET_PATH_BYTES;
}
