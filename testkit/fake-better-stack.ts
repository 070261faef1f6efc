import { FakeJsonApi, type FakeRequest } from "./fake-json-api.ts";

/** What the fake knows about an incident, in the fields of Better Stack's API. */
export interface FakeIncident {
  readonly name: string;
  readonly started_at: string;
  /** `null`: created through the API. */
  readonly monitor: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  resolved_at: string | null;
  resolved_by: string | null;
}

/**
 * A small Better Stack over real HTTP, in the documented shapes of "Get a single incident", "Acknowledge an ongoing
 * incident" and "Resolve an ongoing incident": `200` with the incident, `409` when it is already so, `404` for one it
 * does not know, `401` without the token. `heard` has `POST <path> <body>`; what was only read is in `read`.
 */
export class FakeBetterStack extends FakeJsonApi {
  readonly token = "a-token-of-the-fake";
  readonly incidents = new Map<string, FakeIncident>();

  /** The paths that were requested. */
  readonly read: string[] = [];

  open(id: string, of: Partial<Pick<FakeIncident, "name" | "started_at" | "monitor">> = {}): FakeIncident {
    const incident = {
      name: "Checkout",
      started_at: "2026-01-05T09:00:00.000Z",
      monitor: "4",
      ...of,
      acknowledged_at: null,
      acknowledged_by: null,
      resolved_at: null,
      resolved_by: null,
    };
    this.incidents.set(id, incident);
    return incident;
  }

  protected answer({ method, url, headers, body }: FakeRequest): { status: number; answer: unknown } {
    if (method === "GET") this.read.push(url);
    else this.heard.push(`${method} ${url} ${body}`);
    const errors = (status: number, text: string) => ({ status, answer: { errors: text } });
    if (this.fails !== null) return errors(this.fails, "failing");
    if (headers.authorization !== `Bearer ${this.token}`) return errors(401, "Invalid Team API token");
    const [, id = "", what] =
      /^\/api\/v3\/incidents\/([^/]+)\/(acknowledge|resolve)$/.exec(method === "GET" ? `${url}/acknowledge` : url) ??
      [];
    const incident = this.incidents.get(decodeURIComponent(id));
    if (method === "GET" && incident !== undefined) return { status: 200, answer: shown(id, incident) };
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
    return { status: 200, answer: shown(id, incident) };
  }
}

function shown(id: string, { monitor, ...attributes }: FakeIncident) {
  const relationships = monitor === null ? {} : { monitor: { data: { id: monitor, type: "monitor" } } };
  return { data: { id, type: "incident", attributes, relationships } };
}
