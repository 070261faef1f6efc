import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { errorCode } from "../../base/error-code.ts";
import { TransientError } from "../../base/errors.ts";
import { PerhapsSentError } from "../chat.ts";
import { SlackRefusedError } from "./slack-refused-error.ts";

/** Nothing was sent: no connection was made. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Slack's own trouble: "It's possible some aspect of the operation succeeded before the error was raised." */
const HALFWAY: ReadonlySet<string> = new Set(["internal_error", "fatal_error", "request_timeout"]);
/** Slack is busy and did nothing. */
const BUSY: ReadonlySet<string> = new Set(["ratelimited", "rate_limited", "service_unavailable"]);
/** The pause when Slack limits us without saying for how long. */
const PAUSE_MS = 30_000;

/**
 * Turns what the client threw into an error of ours, which contains neither the token nor what was sent.
 *
 * @param pause called with how long Slack wants to be left alone, ms; returns when that is over
 */
export function slackError(method: string, error: unknown, pause: (ms: number) => unknown): Error {
  if (error instanceof WebAPIRateLimitedError) {
    const retryAfterMs = Math.max(1, error.retryAfter) * 1_000;
    pause(retryAfterMs);
    return new TransientError(`${method}: Slack's rate limit is reached`, { retryAfterMs });
  }
  if (error instanceof WebAPIPlatformError) {
    const said: unknown = error.data.error;
    const reason = typeof said === "string" ? said : "";
    // Anything that is not one of Slack's words came from something between us and Slack.
    if (!/^[a-z][a-z0-9_]{2,60}$/.test(reason)) return unreadable(method);
    if (HALFWAY.has(reason)) return new PerhapsSentError(`${method}: Slack failed: ${reason}`);
    if (BUSY.has(reason)) return new TransientError(`${method}: Slack is busy: ${reason}`, { retryAfterMs: PAUSE_MS });
    return new SlackRefusedError(method, reason);
  }
  if (error instanceof WebAPIHTTPError) {
    const { statusCode } = error;
    if (statusCode >= 500) return new PerhapsSentError(`${method}: Slack answered ${statusCode}`);
    return new SlackRefusedError(method, `http_${statusCode}`);
  }
  if (error instanceof WebAPIRequestError) {
    const code = codeOf(error.original);
    return NOT_CONNECTED.has(code)
      ? new TransientError(`${method}: Slack cannot be reached (${code})`)
      : new PerhapsSentError(`${method}: no answer from Slack (${code || error.original.name})`);
  }
  // Among others a 429 that does not say for how long: the client has no class for it.
  if (error instanceof Error && error.message.startsWith("Retry header")) {
    pause(PAUSE_MS);
    return new TransientError(`${method}: Slack's rate limit is reached`, { retryAfterMs: PAUSE_MS });
  }
  return unreadable(method);
}

function unreadable(method: string): PerhapsSentError {
  return new PerhapsSentError(`${method}: no answer from Slack that can be read`);
}

function codeOf(error: unknown): string {
  for (let cause: unknown = error; typeof cause === "object" && cause !== null; ) {
    const code = errorCode(cause);
    if (code !== "") return code;
    cause = (cause as { readonly cause?: unknown }).cause;
  }
  return "";
}
