/**
 * Sevgate in Probot's adapters: `node probot-adapter-process.ts middleware` serves it by `createNodeMiddleware` and
 * prints the port; `… function <event> <payload file>` handles one event as a cloud function would, and prints `done`.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createNodeMiddleware, createProbot } from "probot";
import sevgate from "../../src/app.ts";

const [kind, event = "", file = ""] = process.argv.slice(2);
if (kind === "middleware") {
  const middleware = await createNodeMiddleware(sevgate, {
    probot: createProbot(),
    webhooksPath: "/api/github/webhooks",
  });
  const server = createServer((request, response) => {
    void middleware(request, response, () => {
      response.writeHead(404).end("not ours");
    });
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`));
} else {
  const probot = createProbot();
  await probot.load(sevgate);
  const payload = JSON.parse(readFileSync(file, "utf8")) as never;
  await probot.receive({ id: "1", name: event, payload } as Parameters<typeof probot.receive>[0]);
  process.stdout.write("done\n");
}
