import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A Chromium without a window, driven through its DevTools protocol. */
export interface Chromium {
  /** Loads a URL, and resolves when everything is there. */
  open(url: string, look?: Look): Promise<ChromiumPage>;
  close(): Promise<void>;
}

/** How a page is looked at. */
export interface Look {
  /** CSS pixels; 1300 × 900. */
  readonly width?: number;
  readonly height?: number;
  /** Pixels of the picture for one CSS pixel; 1. */
  readonly scale?: number;
  readonly colors?: "light" | "dark";
}

export interface ChromiumPage {
  /** The value of a JavaScript expression on the page; a promise is waited for. Throws what the page throws. */
  evaluate<T>(expression: string): Promise<T>;
  /** What the address bar shows, also of a page that could not be loaded. */
  address(): Promise<string>;
  /** A PNG of what is inside `area` (CSS pixels of the page). */
  picture(area: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }): Promise<Buffer>;
  close(): Promise<void>;
}

const PROGRAMS = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"];
const FLAGS = [
  "--headless",
  "--disable-gpu",
  // In a container the shared memory is too small for it.
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
];

/**
 * The Chromium of this machine, or one of its family; CHROMIUM names another. `undefined`: there is none. It comes with
 * the system (`apt-get install chromium`), not with npm.
 */
export function findChromium(): string | undefined {
  return PROGRAMS.find((name) => name !== undefined && spawnSync(name, ["--version"]).status === 0);
}

/** Starts one with a profile of its own, which is gone afterwards. */
export async function startChromium(program: string): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), "sevgate-chromium-"));
  // Its sandbox does not work for root, e.g. in a container; the pages are our own.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const child = spawn(program, [...FLAGS, ...sandbox, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  // Its helpers may write a moment longer.
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  const leaveNothing = () => {
    child.kill("SIGKILL");
    removeProfile();
  };
  process.once("exit", leaveNothing);
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const protocol = await connect(await debuggerUrl(child));

  return {
    async open(url, { width = 1300, height = 900, scale = 1, colors = "light" } = {}) {
      const { targetId } = await protocol.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await protocol.send<{ sessionId: string }>("Target.attachToTarget", {
        targetId,
        flatten: true,
      });
      const send = <T>(method: string, params: object = {}) => protocol.send<T>(method, params, sessionId);
      await send("Page.enable");
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: scale,
        mobile: width < 600,
      });
      const features = [{ name: "prefers-color-scheme", value: colors }];
      await send("Emulation.setEmulatedMedia", { features });
      const loaded = protocol.next("Page.loadEventFired", sessionId);
      const { errorText } = await send<{ errorText?: string }>("Page.navigate", { url });
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
      await loaded;
      return {
        async evaluate<T>(expression: string) {
          const { result, exceptionDetails } = await send<{
            result: { value: T };
            exceptionDetails?: { text: string; exception?: { description?: string } };
          }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
          if (exceptionDetails !== undefined) {
            throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
          }
          return result.value;
        },
        async address() {
          // Asked of the browser: the page's own session may get lost on the way from one site to another.
          const { targetInfo } = await protocol.send<{ readonly targetInfo: { readonly url: string } }>(
            "Target.getTargetInfo",
            { targetId },
          );
          return targetInfo.url;
        },
        async picture(area) {
          const clip = { ...area, scale: 1 };
          const { data } = await send<{ data: string }>("Page.captureScreenshot", {
            clip,
            captureBeyondViewport: true,
          });
          return Buffer.from(data, "base64");
        },
        async close() {
          await protocol.send("Target.closeTarget", { targetId });
        },
      };
    },
    async close() {
      process.off("exit", leaveNothing);
      protocol.close();
      child.kill("SIGKILL");
      await ended;
      removeProfile();
    },
  };
}

/** Chromium says on its error output where it listens. */
async function debuggerUrl(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("Chromium has no error output");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      // Whatever else it says is thrown away, and never blocks it.
      child.stderr.resume();
      return url;
    }
    said.push(line);
  }
  throw new Error(`Chromium does not start:\n${said.join("\n")}`);
}

interface Protocol {
  send<T>(method: string, params?: object, sessionId?: string): Promise<T>;
  /** Resolves at the next event of that name. */
  next(event: string, sessionId: string): Promise<void>;
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

async function connect(url: string): Promise<Protocol> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (message: Message) => void>();
  const events = new Map<string, () => void>();
  let lastId = 0;
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    } else events.get(`${message.sessionId} ${message.method}`)?.();
  });
  socket.addEventListener("close", () => {
    for (const answer of waiting.values()) answer({ error: { message: "Chromium has ended" } });
  });
  await new Promise<void>((done, fail) => {
    socket.addEventListener("open", () => done());
    socket.addEventListener("error", () => fail(new Error(`Chromium does not answer at ${url}`)));
  });
  return {
    send<T>(method: string, params: object = {}, sessionId?: string) {
      lastId += 1;
      const id = lastId;
      return new Promise<T>((done, fail) => {
        waiting.set(id, ({ result, error }) => {
          if (error === undefined) done(result as T);
          else fail(new Error(`${method}: ${error.message}`));
        });
        socket.send(JSON.stringify({ id, method, params, sessionId }));
      });
    },
    next: (event, sessionId) => new Promise((done) => events.set(`${sessionId} ${event}`, done)),
    close: () => socket.close(),
  };
}
