/** The `code` that Node.js and database drivers put on their errors, such as `ENOENT`; `""` when there is none. */
export function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
