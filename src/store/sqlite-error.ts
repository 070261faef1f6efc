import { errorCode } from "../base/error-code.ts";
import { TransientError } from "../base/errors.ts";

/** The file of the embedded database is damaged: nothing is kept until a new one is begun, at the next start. */
export class DamagedStoreError extends TransientError {
  constructor() {
    super("the embedded database is damaged: restart Sevgate, and a new one is begun");
  }
}

/** Result codes of SQLite (sqlite.org/rescode.html) that mean a mistake in the program. */
const MISTAKES = new Set([1, 19, 20, 21, 25]);
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGE = new Set([11, 26]);

/** SQLITE_READONLY and SQLITE_FULL: only the operator can help. */
const REMEDIES = new Map([
  [8, "the folder in DATA_DIR can no longer be written to: look at its disk and permissions"],
  [13, "the disk with the folder in DATA_DIR is full: make room, and Sevgate goes on by itself"],
]);

/** The primary result code; `null`: not an error from SQLite. */
export function resultCode(error: unknown): number | null {
  if (errorCode(error) !== "ERR_SQLITE_ERROR") return null;
  const { errcode } = error as { readonly errcode?: unknown };
  // The extended code has the primary one in its lowest byte.
  return typeof errcode === "number" ? errcode & 0xff : null;
}

/** Whether the file is damaged, or no database at all. */
export function isDamage(error: unknown): boolean {
  return DAMAGE.has(resultCode(error) ?? 0);
}

/** Turns what `node:sqlite` throws into `TransientError` if another try may help; a mistake is left as it is. */
export function sqliteError(error: unknown): unknown {
  const code = resultCode(error);
  const mayHelp = code === null ? errorCode(error) === "ERR_INVALID_STATE" : !MISTAKES.has(code);
  if (!mayHelp) return error;
  return new TransientError(REMEDIES.get(code ?? 0) ?? "the database could not do that", { cause: error });
}
