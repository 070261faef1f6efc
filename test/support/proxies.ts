import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../demo/until.ts";
import { freePort } from "../../testkit/postgres.ts";
import { createOwnAuthority } from "./own-authority.ts";

/** A real proxy with TLS in front of a server on this machine, configured by our sample. */
export interface TestProxy {
  /** Sends a request; `body: null` stops after the headers, which name a length. */
  send(path: string, options: ProxiedRequest): Promise<{ readonly status: number; readonly body: string }>;
  stop(): Promise<void>;
}

export interface ProxiedRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer | null;
}

/** Which of our samples, with what is in it for a path of its own or without. */
export interface Sample {
  readonly program: "nginx" | "caddy";
  /** Below `/sevgate/`, as the comment at the end of the sample says. */
  readonly isBelowPath: boolean;
}

const DEPLOY = new URL("../../deploy/", import.meta.url);
/** On Debian nginx is where only root looks. */
const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;
/** What is exchanged for the sub-path begins here, in both samples. */
const EXCHANGED = /^\t# What Prometheus/m;
const START = { limitMs: 30_000 };

/** Whether this machine has it: both come with the system (`apt-get install nginx-light caddy`), not with npm. */
export function hasProxy(program: Sample["program"]): boolean {
  const asked = program === "nginx" ? ["-v"] : ["version"];
  return spawnSync(program, asked, { env: { PATH } }).status === 0;
}

/** Starts one on loopback. */
export async function startProxy(sample: Sample, upstreamPort: number): Promise<TestProxy> {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-proxy-"));
  const port = await freePort();
  const started =
    sample.program === "nginx"
      ? startNginx(folder, port, upstreamPort, sample.isBelowPath)
      : startCaddy(folder, port, upstreamPort, sample.isBelowPath);
  let said = "";
  started.child.stderr?.on("data", (text) => (said += String(text)));
  const ended = new Promise<void>((done) => started.child.once("close", () => done()));
  const send: TestProxy["send"] = (path, { method = "GET", headers = {}, body }) =>
    new Promise((done, fail) => {
      const sending = request(
        {
          host: "127.0.0.1",
          servername: "localhost",
          port,
          path,
          method,
          headers: { host: "localhost", ...headers },
          ca: started.authority(),
          agent: false,
        },
        (response) => {
          let text = "";
          response.on("data", (part) => (text += String(part)));
          response.on("end", () => done({ status: response.statusCode ?? 0, body: text }));
          response.on("end", () => sending.destroy());
        },
      );
      sending.on("error", fail);
      if (body === null) sending.flushHeaders();
      else sending.end(body);
    });
  await until(
    `${sample.program} answers`,
    async () => {
      if (started.child.exitCode !== null) throw new Error(`${sample.program} ended: ${said}`);
      return await send("/", {}).then(
        () => true,
        () => false,
      );
    },
    START,
  );
  return {
    send,
    async stop() {
      started.child.kill("SIGTERM");
      await ended;
      started.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface StartedProxy {
  readonly child: ChildProcess;
  /** Whom to trust, in PEM. */
  authority(): string;
  remove(): void;
}

function startNginx(folder: string, port: number, upstreamPort: number, isBelowPath: boolean): StartedProxy {
  const own = createOwnAuthority();
  const site = sampleText("nginx.conf", isBelowPath)
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`)
    .replace(/^\tlisten \[::\].*\n/m, "")
    .replace("sevgate.example.com;", "localhost;")
    .replace(/ssl_certificate [^;]+;/, `ssl_certificate ${own.certificate};`)
    .replace(/ssl_certificate_key [^;]+;/, `ssl_certificate_key ${own.key};`)
    .replaceAll("127.0.0.1:3000", `127.0.0.1:${upstreamPort}`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  writeFileSync(join(folder, "sevgate.conf"), site);
  writeFileSync(
    join(folder, "nginx.conf"),
    `${process.getuid?.() === 0 ? "user root;\n" : ""}daemon off;
pid ${join(folder, "pid")};
error_log stderr;
events {}
http {
access_log off;
${temporary.join("\n")}
include ${join(folder, "sevgate.conf")};
}
`,
  );
  const child = spawn("nginx", ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")], { env: { PATH } });
  return { child, authority: () => readFileSync(own.ca, "utf8"), remove: own.remove };
}

/** Caddy has an authority of its own for `localhost`, in place of Let's Encrypt. */
function startCaddy(folder: string, port: number, upstreamPort: number, isBelowPath: boolean): StartedProxy {
  const file = join(folder, "Caddyfile");
  const options = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n";
  writeFileSync(file, `${options}${sampleText("Caddyfile", isBelowPath)}`);
  mkdirSync(join(folder, "data"));
  const child = spawn("caddy", ["run", "--config", file, "--adapter", "caddyfile"], {
    cwd: folder,
    env: {
      PATH,
      HOME: folder,
      XDG_DATA_HOME: join(folder, "data"),
      XDG_CONFIG_HOME: folder,
      SEVGATE_DOMAIN: `localhost:${port}`,
      SEVGATE_UPSTREAM: `127.0.0.1:${upstreamPort}`,
    },
  });
  const authority = () => readFileSync(join(folder, "data/caddy/pki/authorities/local/root.crt"), "utf8");
  return { child, authority, remove: () => {} };
}

/** A sample as it is, or as its last comment says. */
function sampleText(name: string, isBelowPath: boolean): string {
  const text = readFileSync(new URL(name, DEPLOY), "utf8");
  if (!isBelowPath) return text;
  const at = EXCHANGED.exec(text)?.index;
  const [, commented = ""] = /^\t# Below a path[\s\S]*?\n\t#\n([\s\S]*?)^\}/m.exec(text) ?? [];
  if (at === undefined || commented === "") throw new Error(`${name} does not say how to serve a path`);
  return `${text.slice(0, at)}${commented.replaceAll(/^\t#\t?/gm, "\t")}}\n`;
}
