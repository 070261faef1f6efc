import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** The least a webhook receiver can do: read, verify, parse, answer. It stores nothing and has no limits. */
const secret = process.env["WEBHOOK_SECRET"] ?? "";

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
    const given = Buffer.from(String(request.headers["x-hub-signature-256"]));
    const valid = given.length === expected.length && timingSafeEqual(given, expected);
    if (valid) JSON.parse(body.toString("utf8"));
    response.writeHead(valid ? 202 : 401).end();
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1");
