import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Serves one page on a free port of loopback; `render` makes it anew for each request. */
export async function servePage(
  render: () => Promise<string>,
): Promise<{ readonly url: string; close(): Promise<void> }> {
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
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
