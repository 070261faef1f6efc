/** Node.js docs, "X509 certificate error codes". */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
const WRONG_CERTIFICATE: ReadonlySet<string> = new Set([
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
]);

/**
 * What is wrong with the other side's certificate, by the code of the TLS error: an authority this machine does not
 * know, or a certificate that is not for that name or time. `null`: it was something else.
 */
export function certificateTrouble(code: string): "unknown-authority" | "wrong-certificate" | null {
  if (UNKNOWN_AUTHORITY.has(code)) return "unknown-authority";
  return WRONG_CERTIFICATE.has(code) ? "wrong-certificate" : null;
}
