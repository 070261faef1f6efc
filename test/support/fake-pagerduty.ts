import { FakeJsonApi, type FakeRequest } from "./fake-json-api.ts";

/** What the fake knows of an incident. */
export interface FakePagerDutyIncident {
  status: "triggered" | "acknowledged" | "resolved";
  /** The address in `From` of the last change. */
  by: string | null;
}

/**
 * A small PagerDuty over real HTTP, in the documented shapes of "Update an incident" and "Get an incident": `200` with the
 * incident; `400` for a user it does not know and for an incident that is resolved; `401` without the key; `404`.
 * Heard is `PUT <path> <from> <status>` or `GET <path>`.
 */
export class FakePagerDuty extends FakeJsonApi {
  readonly token = "a-key-of-the-fake";
  readonly users = new Set(["sevgate@acme.example"]);
  readonly incidents = new Map<string, FakePagerDutyIncident>();

  open(id: string): FakePagerDutyIncident {
    const incident: FakePagerDutyIncident = { status: "triggered", by: null };
    this.incidents.set(id, incident);
    return incident;
  }

  protected answer({ method, url, headers, body }: FakeRequest): { status: number; answer: unknown } {
    const wrong = (status: number, code: number, message: string, errors: readonly string[] = []) => ({
      status,
      answer: { error: { message, code, errors } },
    });
    const asked = JSON.parse(body === "" ? "{}" : body) as {
      incident?: { type?: string; status?: FakePagerDutyIncident["status"] };
    };
    const from = String(headers["from"] ?? "");
    this.heard.push(method === "PUT" ? `PUT ${url} ${from} ${asked.incident?.status}` : `${method} ${url}`);
    if (this.fails !== null) return wrong(this.fails, 2000, "failing");
    if (headers["authorization"] !== `Token token=${this.token}`) return wrong(401, 2006, "Unauthorized");
    const [, id = ""] = /^\/incidents\/([^/]+)$/.exec(url) ?? [];
    const incident = this.incidents.get(decodeURIComponent(id));
    if (incident === undefined) return wrong(404, 2100, "Not Found");
    const shown = () => ({ status: 200, answer: { incident: { id, type: "incident", status: incident.status } } });
    if (method === "GET") return shown();
    if (method !== "PUT") return wrong(404, 2100, "Not Found");
    if (!this.users.has(from)) return wrong(400, 1008, "Requester User Not Found");
    const { type, status } = asked.incident ?? {};
    if (type !== "incident_reference" || status === undefined) return wrong(400, 2001, "Invalid Input Provided");
    if (incident.status === "resolved")
      return wrong(400, 2001, "Invalid Input Provided", ["Incident Already Resolved"]);
    incident.status = status;
    incident.by = from;
    return shown();
  }
}
