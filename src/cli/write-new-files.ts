import { randomBytes } from "node:crypto";
import type { Dirent } from "node:fs";
import { link, lstat, mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "../base/error-code.ts";
import { TerminalError } from "../base/errors.ts";
import { sameName } from "../core/names.ts";
import type { SetupFile } from "../core/setup/setup-file.ts";

/** A file system that has no hard links says so in one of these ways. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Whether something has this path already, whatever its case: on some systems two such names are one file.
 *
 * @throws TerminalError for a path that leads through a link or a file
 */
export async function isThere(root: string, path: string): Promise<boolean> {
  const parts = path.split("/");
  for (const [at, name] of parts.entries()) {
    const folder = parts.slice(0, at).join("/");
    const entries = await entriesOf(root, folder);
    const found = entries.find((entry) => sameName(entry.name, name));
    if (found === undefined) return false;
    if (at === parts.length - 1) return true;
    if (found.isDirectory() && found.name === name) continue;
    const is = found.isDirectory() ? `is there as ${found.name}` : "is no folder (a link does not count)";
    throw new TerminalError(`${[...parts.slice(0, at), name].join("/")} ${is}, so ${path} cannot be written.`);
  }
  return true;
}

async function entriesOf(root: string, folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === "") throw error;
    const shown = folder === "" ? "The folder" : folder;
    throw new TerminalError(
      `${shown} cannot be looked into (${errorCode(error)}), so nothing was written. ${remedyOf(error)}`,
    );
  }
}

/**
 * Writes files that are not there yet: all of them, or none. Each is written beside its place and put there whole; nothing that
 * somebody else puts there meanwhile is overwritten.
 *
 * @throws TerminalError that says which one could not be written, and why; nothing is left behind then
 */
export async function writeNewFiles(root: string, files: readonly SetupFile[]): Promise<void> {
  const folders: string[] = [];
  const beside: string[] = [];
  const placed: string[] = [];
  let now = "";
  try {
    const ready: { readonly from: string; readonly to: string; readonly path: string }[] = [];
    for (const { path, text } of files) {
      now = path;
      folders.push(...(await makeFolders(root, dirname(path))));
      const from = join(root, dirname(path), `.sevgate-${randomBytes(6).toString("hex")}.tmp`);
      beside.push(from);
      await writeFile(from, text, { flag: "wx" });
      ready.push({ from, to: join(root, path), path });
    }
    for (const { from, to, path } of ready) {
      now = path;
      await place(from, to);
      placed.push(to);
    }
    for (const from of beside) await rm(from, { force: true });
  } catch (error) {
    for (const path of [...placed, ...beside]) await rm(path, { force: true }).catch(() => {});
    // One that holds something else by now stays.
    for (const folder of folders.toReversed()) await rmdir(folder).catch(() => {});
    throw new TerminalError(`${now} cannot be written (${reasonOf(error)}), so nothing was. ${remedyOf(error)}`);
  }
}

async function makeFolders(root: string, folder: string): Promise<readonly string[]> {
  const made: string[] = [];
  const parts = folder.split("/");
  for (const at of parts.keys()) {
    const path = join(root, ...parts.slice(0, at + 1));
    try {
      await mkdir(path);
      made.push(path);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
  return made;
}

/** Unlike renaming, linking does not replace what is there. */
async function place(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    if (!NO_LINKS.has(errorCode(error))) throw error;
    const there = await lstat(to).catch(() => null);
    if (there !== null) throw Object.assign(new Error("it is there by now"), { code: "EEXIST" });
    await rename(from, to);
  }
}

function reasonOf(error: unknown): string {
  const code = errorCode(error);
  if (code === "EEXIST") return "somebody has made it meanwhile";
  return code === "" ? String(error) : code;
}

function remedyOf(error: unknown): string {
  switch (errorCode(error)) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "Let this user read and write in the folder, and run it again.";
    case "ENOSPC":
    case "EDQUOT":
      return "Make room on the disk, and run it again.";
    default:
      return "Run it again.";
  }
}
