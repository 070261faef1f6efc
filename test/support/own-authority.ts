import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate authority that nobody knows, and a certificate for `localhost` from it. Files, in PEM. */
export interface OwnAuthority {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  remove(): void;
}

/** Uses the system's OpenSSL. */
export function createOwnAuthority(): OwnAuthority {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-ca-"));
  const openssl = (...args: readonly string[]) => {
    const { status, stderr, error } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr ?? error?.message}`);
  };
  const forTwoDays = ["-days", "2"];
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", ...forTwoDays, "-subj", "/CN=Our own");
  openssl("req", ...newKey, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost");
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
  openssl("x509", "-req", "-in", "server.csr", ...signing, "-out", "server.crt", ...forTwoDays);
  const path = (name: string) => join(folder, name);
  return {
    ca: path("ca.pem"),
    certificate: path("server.crt"),
    key: path("server.key"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
