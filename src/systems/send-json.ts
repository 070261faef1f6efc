import { AnswerTooLongError, boundedText } from "../base/bounded-text.ts";
import { USER_AGENT } from "./github/create-fetch.ts";
import type { PageAnswer } from "./pager.ts";

/** The longest a paging system may take to answer, body included. */
const TIME_LIMIT_MS = 10_000;

/** They answer with a few lines, or some kilobytes for a page of a list. */
const LONGEST_ANSWER_BYTES = 1_048_576;

/** What came back: a status and the text of the body, or why nothing did. */
export type JsonAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "silent"; readonly why: string };

/**
 * Sends one request, with JSON as its content (`null`: none). Redirects are not followed: a key never goes to another
 * host. It never throws.
 */
export async function sendJson(
  method: "GET" | "POST" | "PUT",
  url: string,
  headers: Readonly<Record<string, string>>,
  content: unknown,
  timeLimitMs = TIME_LIMIT_MS,
): Promise<JsonAnswer> {
  try {
    const response = await fetch(url, {
      method,
      headers: { "content-type": "application/json", "user-agent": USER_AGENT, ...headers },
      ...(content === null ? {} : { body: JSON.stringify(content) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeLimitMs),
    });
    return { kind: "answered", status: response.status, body: await boundedText(response, LONGEST_ANSWER_BYTES) };
  } catch (error) {
    if (error instanceof AnswerTooLongError) return { kind: "silent", why: "an answer of more than 1 MiB" };
    const isLate = (error as { readonly name?: unknown } | null)?.name === "TimeoutError";
    return { kind: "silent", why: isLate ? "no answer within 10 s" : "no connection" };
  }
}

/** What an unsuccessful answer means: after 408, 425, 429 and 5xx, or no answer, it may work later. */
export function unsuccessful(answer: JsonAnswer): Exclude<PageAnswer, { kind: "taken" }> {
  if (answer.kind === "silent") return { kind: "failed", why: answer.why };
  const { status } = answer;
  const passes = status === 408 || status === 425 || status === 429 || status >= 500;
  return { kind: passes ? "failed" : "refused", why: `HTTP ${status}` };
}
