import { createServer } from "node:http";
import { type Listening, listenOnLoopback } from "../testkit/listen-on-loopback.ts";

/** A page, and a word that changes when something on it does. */
export interface ServedPage {
  readonly html: string;
  readonly version: string;
}

/**
 * Serves one page at `/` on a free loopback port, and its version at `/version`; `read` makes both for each request.
 *
 * @param report makes the page at `/report` for each request; left out: there is none
 */
export async function servePage(read: () => Promise<ServedPage>, report?: () => Promise<string>): Promise<Listening> {
  const makers: Readonly<Record<string, (() => Promise<string>) | undefined>> = {
    "/": async () => (await read()).html,
    "/version": async () => (await read()).version,
    "/report": report,
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?", 1)[0]!;
    const make = Object.hasOwn(makers, path) ? makers[path] : undefined;
    if (request.method !== "GET" || make === undefined) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("The page is at /.\n");
      return;
    }
    const type = path === "/version" ? "plain" : "html";
    make().then(
      (text) => {
        response
          .writeHead(200, { "content-type": `text/${type}; charset=utf-8`, "cache-control": "no-store" })
          .end(text);
      },
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        response
          .writeHead(503, { "content-type": "text/plain; charset=utf-8", refresh: "3" })
          .end(`GitHub could not be read: ${why}\nThis page tries again by itself.\n`);
      },
    );
  });
  const { url, close } = await listenOnLoopback(server);
  return { url: `${url}/`, close };
}
