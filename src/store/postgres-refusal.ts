import { certificateTrouble } from "../base/certificate-trouble.ts";
import { errorCode } from "../base/error-code.ts";
import { TerminalError, TransientError } from "../base/errors.ts";

/** Whether PgBouncer refused a connection because of a parameter it was not told to ignore (PgBouncer docs, configuration). */
export function isUnsupportedParameter(error: unknown): boolean {
  return /unsupported startup parameter/i.test(messageOf(error));
}

/**
 * What people have to fix before a connection to PostgreSQL can work, as a `TerminalError` with the remedy; any other error
 * as it is, because another try may help.
 */
export function postgresRefusal(error: unknown): unknown {
  if (error instanceof TerminalError) return error;
  const cause = error instanceof TransientError ? error.cause : error;
  const sentence = refusal(errorCode(cause), messageOf(cause));
  return sentence === null ? error : new TerminalError(sentence, { cause });
}

function refusal(code: string, message: string): string | null {
  const trouble = certificateTrouble(code);
  if (trouble === "unknown-authority") {
    return (
      `PostgreSQL's certificate is from an authority this machine does not know (${code}). Name the authority's ` +
      "certificate: add ?sslmode=verify-full&sslrootcert=/path/to/ca.pem to DATABASE_URL, or set " +
      "NODE_EXTRA_CA_CERTS=/path/to/ca.pem."
    );
  }
  if (trouble === "wrong-certificate") {
    return (
      `PostgreSQL's certificate is not valid for this address and time (${code}): ${message}. Use the name that is in ` +
      "the certificate in DATABASE_URL, or renew the certificate."
    );
  }
  if (code === "ENOENT" || code === "EACCES") {
    const path = /open '(?<path>[^']*)'/.exec(message)?.groups?.["path"];
    if (path !== undefined) {
      return `DATABASE_URL names a file that cannot be read (${code}): ${path}. Check sslrootcert, sslcert and sslkey.`;
    }
  }
  if (/server does not support SSL connections/i.test(message)) {
    return "PostgreSQL takes no TLS. Set it up there, or take sslmode out of DATABASE_URL.";
  }
  if (/no encryption/i.test(message) && code === "28000") {
    return (
      "PostgreSQL refused the connection (28000): it wants TLS, or does not know this address. Add ?sslmode=verify-full " +
      "to DATABASE_URL, or allow the address in pg_hba.conf."
    );
  }
  if (code.startsWith("28") || code === "3D000") {
    return `PostgreSQL refused the connection (${code}). Check user, password and database name in DATABASE_URL.`;
  }
  if (code === "42501") {
    return (
      `PostgreSQL refused a statement (42501): ${message}. Check that the user of DATABASE_URL may create schemas and ` +
      "tables in that database."
    );
  }
  if (/statement pooling mode/i.test(message)) {
    return "PgBouncer shares connections by the statement. Set pool_mode = transaction or session for this database there.";
  }
  return null;
}

function messageOf(error: unknown): string {
  if (error instanceof TransientError && error.cause !== undefined) return messageOf(error.cause);
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : "";
}
