import { certificateTrouble } from "../../base/certificate-trouble.ts";
import { TerminalError, TransientError } from "../../base/errors.ts";

/** The parts of an HTTP answer by which errors are told apart. Header names are in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
}

/** GitHub refused, and said why. `reason` is GitHub's short message, without tokens. */
export class RefusedError extends TerminalError {
  readonly reason: string;

  constructor(message: string, options: { readonly status: number; readonly reason: string }) {
    super(message, options);
    this.reason = options.reason;
  }
}

/**
 * What was asked for does not exist for us: 404 or 410, or 409 in a repository without commits. Readers turn it into
 * "missing".
 *
 * (A-068)
 */
export class NotThereError extends RefusedError {}

/** An installation token was refused (401). Never leaves the client. */
export class UnauthorizedError extends Error {
  override readonly name = "UnauthorizedError";
}

/** Statuses for which trying again later may help. 403 and 429 limits are told apart in rate-limits.ts. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 409, 425]);

const REASON_MAX_CHARACTERS = 160;

/**
 * Turns a failed answer (status 400 or more) into the error to throw.
 *
 * The message names method, route and status, and the permission GitHub says would have been accepted
 * (`X-Accepted-GitHub-Permissions`, GitHub docs, "Choosing permissions for a GitHub App"). It contains neither values
 * from the request nor bodies.
 *
 * @param route   method and path with placeholders, e.g. `GET /repos/{owner}/{repo}`
 */
export function errorFor(route: string, answer: HttpAnswer): TransientError | RefusedError {
  const { status } = answer;
  const reason = reasonOf(answer.data);
  const said = reason === "" ? "" : ` ${reason}`;
  if (status >= 500) return new TransientError(`${route}: GitHub answered ${status}. It is tried again later.`);
  const emptyRepository = status === 409 && /repository is empty/i.test(reason);
  if (TRANSIENT_STATUSES.has(status) && !emptyRepository) {
    return new TransientError(`${route}: GitHub answered ${status}.${said} It is tried again later.`);
  }
  if (status === 404 || status === 410 || emptyRepository) {
    return new NotThereError(`${route}: GitHub answered ${status}: not there, or not visible to the app.`, {
      status,
      reason,
    });
  }
  //
  const needed = answer.headers["x-accepted-github-permissions"];
  const remedy =
    status === 403 && needed !== undefined
      ? ` The app needs the permission ${needed.replaceAll("=", ": ")}. Grant it in the app's settings and accept it for the installation.`
      : "";
  return new RefusedError(`${route}: GitHub answered ${status}.${said}${remedy}`, { status, reason });
}

/**
 * The error when GitHub will not issue a token. It is never "missing": what was asked for may well exist.
 *
 * 401 means wrong app id or key; 403 a suspended and 404 a removed installation (GitHub REST, "Create an installation
 * access token for an app").
 */
export function tokenErrorFor(route: string, answer: HttpAnswer): TransientError | TerminalError {
  const error = errorFor(route, answer);
  if (error instanceof TransientError) return error;
  const why =
    answer.status === 401
      ? "GitHub refused the app's credentials. Check APP_ID and PRIVATE_KEY."
      : answer.status === 404
        ? "The app is not installed there any more."
        : `GitHub gives no token for this installation. ${error.reason}`.trim();
  return new TerminalError(`${route}: GitHub answered ${answer.status}. ${why}`, { status: answer.status });
}

/** The error for a request that got no answer: refused, reset, timed out, cut off. */
export function networkErrorFor(route: string, error: unknown): TransientError {
  const code = failureCode(error);
  const trouble = certificateTrouble(code);
  const remedy =
    trouble === "unknown-authority"
      ? " This machine does not know the authority of its certificate: set NODE_EXTRA_CA_CERTS=/path/to/ca.pem."
      : trouble === "wrong-certificate"
        ? " Its certificate is not valid for this name and time: check GITHUB_API_URL, and renew the certificate."
        : "";
  return new TransientError(`${route}: no answer from GitHub (${code}). It is tried again later.${remedy}`);
}

/** GitHub's short message and error codes, on one line and without tokens; empty when there are none. */
export function reasonOf(data: unknown): string {
  if (typeof data !== "object" || data === null || !("message" in data) || typeof data.message !== "string") return "";
  const codes =
    "errors" in data && Array.isArray(data.errors)
      ? data.errors.flatMap((error: unknown) => {
          // GitHub's OpenAPI description, `validation-error-simple`: sentences alone.
          if (typeof error === "string") return error === "" ? [] : [error];
          if (typeof error !== "object" || error === null) return [];
          const field = "field" in error && typeof error.field === "string" ? error.field : "";
          const code = "code" in error && typeof error.code === "string" ? error.code : "";
          // Errors without a code of their own have a sentence (GitHub REST, "Client errors").
          const said = "message" in error && typeof error.message === "string" ? error.message : "";
          if (code === "custom" && said !== "") return [said];
          return code === "" ? [] : [`${field} ${code}`.trim()];
        })
      : [];
  const text = codes.length === 0 ? data.message : `${data.message} (${codes.join(", ")})`;
  return redact(text.replace(/\s+/g, " ")).slice(0, REASON_MAX_CHARACTERS);
}

/** Removes tokens from a text: GitHub's prefixes (of any length) and JSON Web Tokens. */
export function redact(text: string): string {
  return text.replace(/\b(?:gh[a-z]_|github_pat_)\S+|\beyJ[\w.-]+/g, "[redacted]");
}

/** Whether a request ended because its answer took too long. */
export function isTimeOut(error: unknown): boolean {
  return failureCode(error) === "time-out";
}

/** A word for a network failure: a system code such as ECONNRESET, or the error's name. */
function failureCode(error: unknown): string {
  let name = "unknown failure";
  // Recognised by shape: under some test runners and loaders, Node's own errors come from another realm.
  for (let cause: unknown = error; typeof cause === "object" && cause !== null; ) {
    const known: { readonly name?: unknown; readonly code?: unknown; readonly cause?: unknown } = cause;
    if (known.name === "TimeoutError") return "time-out";
    if (typeof known.code === "string") return known.code;
    if (typeof known.name === "string") name = known.name;
    cause = known.cause;
  }
  return name;
}
