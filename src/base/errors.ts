/**
 * Trying again later may help: time-outs, 5xx, rate limits, a new object that is not visible yet. The queue tries
 * again.
 */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** How long to wait, in ms, when the other side said so; else `null`. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | null } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** Nothing was sent: what matters less leaves the rest of the budget to what matters more (core/trust/content-class.ts). */
export class HeldBackError extends TransientError {}

/** Trying again cannot help: missing permission, body refused, app suspended. Logged, never tried again by itself. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
  /** The HTTP status behind it, or `null`. */
  readonly status: number | null;

  constructor(message: string, options: { cause?: unknown; status?: number | null } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status ?? null;
  }
}
