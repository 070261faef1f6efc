/** The rehearsal has to end here: somebody stopped it, or there is no more time or limit. What was made is cleaned up. */
export class RehearsalOverError extends Error {
  override readonly name = "RehearsalOverError";
}
