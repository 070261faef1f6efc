import { spawn } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_OPTIONS } from "./node-options.ts";

/** What a start asks GitHub. */
const ANSWERS = { "/app": { id: 1, slug: "sevgate" }, "/versions": ["2022-11-28"] };
const SECRET = "only while this is built";
const PING = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
const LONGEST_MS = 30_000;
/** Node keeps its files from everybody else, but who builds is often not who starts. */
const FOR_ALL_TO_READ = 0o644;

/**
 * Starts the server of a build once, against a GitHub on this machine, and ends it, so that Node keeps in `compiled/` what
 * it compiled; each later start takes it from there. If that fails, says so and goes on: it only costs time.
 *
 * @param folder the build, absolute
 */
export async function keepCompiled(folder) {
  const compiled = join(folder, "compiled");
  // Nothing but this: a `.env` where the build runs is not meant for it.
  const data = mkdtempSync(join(tmpdir(), "sevgate-build-"));
  const github = createServer((request, response) => {
    const answer = ANSWERS[request.url];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { message: "Not Found" }));
  });
  try {
    github.listen(0, "127.0.0.1");
    await once(github, "listening");
    // Node takes nothing that was compiled with other options.
    const server = spawn(process.execPath, [...NODE_OPTIONS, join(folder, "cli/main.js"), "start"], {
      cwd: data,
      env: {
        NODE_COMPILE_CACHE: compiled,
        NODE_COMPILE_CACHE_PORTABLE: "1",
        APP_ID: "1",
        PRIVATE_KEY: generateKeyPairSync("rsa", {
          modulusLength: 2048,
          privateKeyEncoding: { type: "pkcs1", format: "pem" },
          publicKeyEncoding: { type: "spki", format: "pem" },
        }).privateKey,
        WEBHOOK_SECRET: SECRET,
        GITHUB_API_URL: `http://127.0.0.1:${github.address().port}`,
        HOST: "127.0.0.1",
        PORT: "0",
        DATA_DIR: data,
        DRAIN_FOR: "0s",
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LONGEST_MS,
    });
    const ended = once(server, "close");
    let said = "";
    server.stderr.on("data", (text) => (said += text));
    for await (const text of server.stdout) {
      said += text;
      const url = /Sevgate listens on (http:[^" ]+)/.exec(text)?.[1];
      if (url === undefined) continue;
      await sendPing(url);
      server.kill("SIGTERM");
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(said);
    for (const entry of readdirSync(compiled, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), FOR_ALL_TO_READ);
    }
  } catch (error) {
    console.log(`Built, but each start will compile everything anew: ${error.message}`);
  } finally {
    github.close();
    rmSync(data, { recursive: true, force: true });
  }
}

/** A first webhook, so that what takes one is kept as well. */
async function sendPing(url) {
  const answer = await fetch(`${url}/api/github/webhooks`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "ping",
      "x-github-delivery": "00000000-0000-4000-8000-000000000000",
      "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(PING).digest("hex")}`,
    },
    body: PING,
  });
  if (!answer.ok) throw new Error(`a webhook was answered with ${answer.status}: ${await answer.text()}`);
}
