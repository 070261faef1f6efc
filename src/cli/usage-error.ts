/** The command line was not understood, and nothing was done. The message says what to write instead; it is shown as it is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
