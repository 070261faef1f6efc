import { get } from "node:http";
import * as z from "zod";
import { errorCode } from "../base/error-code.ts";
import { oneLine } from "../core/markdown/escape.ts";
import { type Environment, loadDotEnv } from "../run/settings.ts";

export interface HealthcheckOptions {
  /** Ask whether it is ready, and not only whether it is alive. */
  readonly ready: boolean;
  readonly env?: Environment;
  readonly write?: (text: string) => void;
}

const Answered = z.object({ message: z.string().max(1_000) });
const LONGEST_ANSWER = 10_000;
/** Longer than the server takes to find out that its store does not answer. */
const LIMIT_MS = 4_000;

/**
 * `sevgate healthcheck`: asks the server on this machine, or in this container, how it is, and says what it answers. For
 * images without a shell. It reads HOST and PORT alone, and asks no proxy.
 *
 * @returns the exit code: 0 when the answer is good, 1 otherwise
 */
export async function healthcheck({
  ready,
  env,
  write = (text) => process.stdout.write(text),
}: HealthcheckOptions): Promise<0 | 1> {
  if (env === undefined) loadDotEnv();
  const url = addressOf(env ?? process.env, ready ? "/readyz" : "/healthz");
  if (url === null) {
    write("PORT does not say where the server listens: it is to be a number from 1 to 65535.\n");
    return 1;
  }
  const { isGood, words } = await ask(url);
  write(`${words}\n`);
  return isGood ? 0 : 1;
}

/** `null`: nobody can know the port. */
function addressOf(env: Environment, path: string): string | null {
  const port = env["PORT"]?.trim() || "3000";
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) return null;
  const host = env["HOST"]?.trim() || "0.0.0.0";
  // A server that listens everywhere is asked where this machine is at home.
  const asked = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${asked.includes(":") ? `[${asked}]` : asked}:${port}${path}`;
}

/** Not by `fetch`, which may be told to ask a proxy. */
function ask(url: string): Promise<{ readonly isGood: boolean; readonly words: string }> {
  return new Promise((done) => {
    const nobody = (why: string) =>
      done({
        isGood: false,
        words: `${url} does not answer (${why}). Look whether the server runs: its log says more.`,
      });
    const request = get(url, { agent: false, signal: AbortSignal.timeout(LIMIT_MS) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > LONGEST_ANSWER) response.destroy();
      });
      response.on("close", () => {
        const said = messageIn(text);
        const isGood = response.statusCode === 200 && said !== null;
        done({ isGood, words: oneLine(said ?? `${url} answers, but it is no Sevgate. Look at HOST and PORT.`) });
      });
    });
    request.on("error", (error) => nobody(error.name === "AbortError" ? "after 4 s" : errorCode(error) || "no answer"));
  });
}

/** What Sevgate says of itself; `null`: it is somebody else. */
function messageIn(text: string): string | null {
  try {
    return Answered.parse(JSON.parse(text)).message;
  } catch {
    return null;
  }
}
