import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What the fake knows of an incident, in the fields of Better Stack's API. */
export interface FakeIncident {
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  resolved_at: string | null;
  resolved_by: string | null;
}

/**
 * A small Better Stack over real HTTP, in the documented shapes of "Acknowledge an ongoing incident" and "Resolve an ongoing
 * incident": `200` with the incident, `409` when it is so already, `404` for one it does not know, `401` without the token.
 */
export class FakeBetterStack {
  readonly token = "a-token-of-the-fake";
  readonly incidents = new Map<string, FakeIncident>();
  /** `POST <path> <body>` of every request, in order. */
  readonly heard: string[] = [];
  /** Answers with this status and does nothing; `null`: works. */
  fails: number | null = null;
  #server: Server | null = null;

  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        this.heard.push(`${request.method} ${request.url} ${body}`);
        const { status, answer } = this.#answer(request.method, request.url, request.headers.authorization, body);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      });
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  open(id: string): FakeIncident {
    const incident = { acknowledged_at: null, acknowledged_by: null, resolved_at: null, resolved_by: null };
    this.incidents.set(id, incident);
    return incident;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  #answer(method = "", url = "", authorization = "", body = ""): { status: number; answer: unknown } {
    const errors = (status: number, text: string) => ({ status, answer: { errors: text } });
    if (this.fails !== null) return errors(this.fails, "failing");
    if (authorization !== `Bearer ${this.token}`) return errors(401, "Invalid Team API token");
    const [, id = "", what] = /^\/api\/v3\/incidents\/([^/]+)\/(acknowledge|resolve)$/.exec(url) ?? [];
    const incident = this.incidents.get(decodeURIComponent(id));
    if (method !== "POST" || what === undefined || incident === undefined) return errors(404, "Resource not found");
    const by = JSON.parse(body === "" ? "{}" : body) as { acknowledged_by?: string; resolved_by?: string };
    if (what === "acknowledge") {
      if (incident.acknowledged_at !== null || incident.resolved_at !== null)
        return errors(409, "Already acknowledged");
      incident.acknowledged_at = "2026-01-05T09:10:00.000Z";
      incident.acknowledged_by = by.acknowledged_by ?? null;
    } else {
      if (incident.resolved_at !== null) return errors(409, "Already resolved");
      incident.resolved_at = "2026-01-05T09:20:00.000Z";
      incident.resolved_by = by.resolved_by ?? null;
    }
    return { status: 200, answer: { data: { id, type: "incident", attributes: incident } } };
  }
}
