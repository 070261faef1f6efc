import { createServer } from "node:http";

/**
 * A GitHub where the app exists and nothing else does: every issue is gone. So passes end after one look, and intake is
 * measured with the workers running, but without the emulator.
 */
const ANSWERS: readonly (readonly [RegExp, number, unknown])[] = [
  [/^\/app$/, 200, { id: 1, slug: "sevgate" }],
  [/^\/app\/installations\/\d+\/access_tokens$/, 201, { token: "ghs_bench", expires_at: "2099-01-01T00:00:00Z" }],
  [/^\/app\/(?:installations|hook\/deliveries)$/, 200, []],
];

createServer((request, response) => {
  request.resume();
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const [, status, data] = ANSWERS.find(([pattern]) => pattern.test(path)) ?? [null, 404, { message: "Not Found" }];
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(data));
}).listen(Number(process.env["PORT"]), "127.0.0.1");
