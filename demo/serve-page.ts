import { createServer } from "node:http";
import { type Listening, listenOnLoopback } from "../testkit/listen-on-loopback.ts";

/** Serves one page on a free loopback port; `render` makes it again for each request. */
export async function servePage(render: () => Promise<string>): Promise<Listening> {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || (request.url ?? "").split("?", 1)[0] !== "/") {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("The page is at /.\n");
      return;
    }
    render().then(
      (page) => {
        response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(page);
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
