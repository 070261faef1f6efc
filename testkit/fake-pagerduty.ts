import { FakeJsonApi, type FakeRequest } from "./fake-json-api.ts";

/** What the fake knows about an incident. */
export interface FakePagerDutyIncident {
  readonly number: number;
  readonly service: string;
  status: "triggered" | "acknowledged" | "resolved";
  /** The e-mail address in `From` of the last change. */
  by: string | null;
}

/**
 * A small PagerDuty over real HTTP, in the documented shapes of "Update an incident" and "Get an incident": `200` with
 * the incident; `400` for a user it does not know and for a resolved incident; `401` without the key; `404`. `heard`
 * has `PUT <path> <from> <status>`; what was only read is in `read`.
 */
export class FakePagerDuty extends FakeJsonApi {
  readonly token = "a-key-of-the-fake";
  readonly users = new Set(["sevgate@acme.example"]);
  readonly incidents = new Map<string, FakePagerDutyIncident>();

  /** The paths that were requested. */
  readonly read: string[] = [];

  open(id: string, of: Partial<FakePagerDutyIncident> = {}): FakePagerDutyIncident {
    const incident: FakePagerDutyIncident = { number: 2, service: "PF9KMXH", status: "triggered", by: null, ...of };
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
    if (method === "GET") this.read.push(url);
    else this.heard.push(method === "PUT" ? `PUT ${url} ${from} ${asked.incident?.status}` : `${method} ${url}`);
    if (this.fails !== null) return wrong(this.fails, 2000, "failing");
    if (headers["authorization"] !== `Token token=${this.token}`) return wrong(401, 2006, "Unauthorized");
    const [, id = ""] = /^\/incidents\/([^/]+)$/.exec(url) ?? [];
    const incident = this.incidents.get(decodeURIComponent(id));
    if (incident === undefined) return wrong(404, 2100, "Not Found");
    const { service, number } = incident;
    const shown = () => ({
      status: 200,
      answer: {
        incident: {
          id,
          type: "incident",
          incident_number: number,
          status: incident.status,
          service: { id: service, type: "service_reference" },
        },
      },
    });
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
