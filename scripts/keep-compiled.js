import { spawn } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_OPTIONS } from "./node-options.ts";

/** What a start asks GitHub. */
const ANSWERS = { "/app": { id: 1, slug: "sevgate" }, "/versions": ["2022-11-28"] };
const SECRET = "only while this is built";
const PING = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
const LONGEST_MS = 30_000;

/**
 * Starts the server of a build once, against a GitHub on this machine, and ends it, so that Node keeps in `compiled/` what
 * it compiled; each later start by the same user, with the same Node, takes it from there. If that fails, says so and goes
 * on: it only costs time.
 *
 * @param folder the build, absolute
 */
export async function keepCompiled(folder) {
  const github = createServer((request, response) => {
    const answer = ANSWERS[request.url];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { message: "Not Found" }));
  });
  try {
    github.listen(0, "127.0.0.1");
    await once(github, "listening");
    await startOnce(folder, `http://127.0.0.1:${github.address().port}`);
  } catch (error) {
    console.log(`Built, but each start will compile everything anew: ${error.message}`);
  } finally {
    github.close();
  }
}

async function startOnce(folder, githubUrl) {
  // Nothing but this: a `.env` where the build runs is not meant for it.
  const data = mkdtempSync(join(tmpdir(), "sevgate-build-"));
  // Node takes nothing that was compiled with other options.
  const server = spawn(process.execPath, [...NODE_OPTIONS, join(folder, "cli/main.js"), "start"], {
    cwd: data,
    env: {
      NODE_COMPILE_CACHE: join(folder, "compiled"),
      NODE_COMPILE_CACHE_PORTABLE: "1",
      APP_ID: "1",
      PRIVATE_KEY: generateKeyPairSync("rsa", {
        modulusLength: 2048,
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      }).privateKey,
      WEBHOOK_SECRET: SECRET,
      GITHUB_API_URL: githubUrl,
      HOST: "127.0.0.1",
      PORT: "0",
      DATA_DIR: data,
      DRAIN_FOR: "0s",
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(server, "close");
  let said = "";
  let isPinged = false;
  try {
    server.stderr.on("data", (text) => (said += text));
    for await (const text of server.stdout) {
      said += text;
      const url = /Sevgate listens on (http:[^" ]+)/.exec(said)?.[1];
      if (url === undefined || isPinged) continue;
      await sendPing(url);
      isPinged = true;
      server.kill("SIGTERM");
    }
    const [code] = await ended;
    if (code !== 0 || !isPinged) throw new Error(`the server ended with ${code}: ${said}`);
  } finally {
    kill();
    await ended.catch(() => {});
    process.off("exit", kill);
    rmSync(data, { recursive: true, force: true });
  }
}

/** A first webhook, so that what takes one is kept as well. Not by `fetch`, which may be told to ask a proxy. */
async function sendPing(url) {
  const sending = request(`${url}/api/github/webhooks`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "ping",
      "x-github-delivery": "00000000-0000-4000-8000-000000000000",
      "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(PING).digest("hex")}`,
    },
  });
  sending.end(PING);
  const [answer] = await once(sending, "response");
  answer.resume();
  if (answer.statusCode >= 300) throw new Error(`a webhook was answered with ${answer.statusCode}`);
}
