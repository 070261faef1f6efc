import { createServer } from "node:http";
import { type Listening, listenOnLoopback } from "../testkit/listen-on-loopback.ts";

/** A page, and a word that changes when something on it does. */
export interface ServedPage {
  readonly html: string;
  readonly version: string;
}

/** Serves one page at `/` on a free loopback port, and its version at `/version`; `read` makes both for each request. */
export async function servePage(read: () => Promise<ServedPage>): Promise<Listening> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?", 1)[0];
    if (request.method !== "GET" || (path !== "/" && path !== "/version")) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("The page is at /.\n");
      return;
    }
    const [type, part] = path === "/" ? (["html", "html"] as const) : (["plain", "version"] as const);
    read().then(
      (page) => {
        response
          .writeHead(200, { "content-type": `text/${type}; charset=utf-8`, "cache-control": "no-store" })
          .end(page[part]);
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
