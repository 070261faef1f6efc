import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { TransientError } from "../../../src/base/errors.ts";
import { alertId } from "../../../src/core/alerts/alert-state.ts";
import { keyId } from "../../../src/core/key.ts";
import type { Instant, Key, Repository } from "../../../src/core/model.ts";
import type { AlertEndpoint } from "../../../src/ingress/alerts/alert-endpoints.ts";
import { createAlertIntake } from "../../../src/ingress/alerts/alert-intake.ts";
import { createIngress, type Ingress } from "../../../src/ingress/http/server.ts";
import { MemoryAlerts } from "../../../src/store/memory-alerts.ts";
import { MemoryIndex } from "../../../src/store/memory-index.ts";
import { MemoryPages } from "../../../src/store/memory-pages.ts";
import { createMetrics } from "../../../src/views/metrics.ts";
import {
  alertmanagerGroup,
  betterStackIncident,
  grafanaGroup,
  pagerDutyEvent,
  pagerDutyWebhook,
} from "../../../testkit/alert-payloads.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";
import { createLogLines } from "../../support/log-lines.ts";

const HOME: Repository = { installationId: 9, id: 70, owner: "acme", name: "ops" };
const SECRET = "a-secret-of-at-least-thirty-two-characters";
const PREVIOUS = "the-secret-before-it/as+long=as-this-one";
const ENDPOINTS: readonly AlertEndpoint[] = [
  { source: "better-stack", name: "prod", repository: "acme/ops", secrets: [SECRET, PREVIOUS] },
  {
    source: "better-stack",
    name: "staging",
    repository: "acme/ops",
    secrets: ["the-secret-of-another-endpoint-also-long"],
  },
  { source: "alertmanager", name: "metrics", repository: "Acme/Ops", secrets: [SECRET] },
  { source: "grafana", name: "boards", repository: "acme/ops", secrets: [SECRET] },
  { source: "pagerduty", name: "pages", repository: "acme/ops", secrets: [SECRET] },
  { source: "pagerduty-events", name: "tools", repository: "acme/ops", secrets: [SECRET] },
  { source: "better-stack", name: "elsewhere", repository: "acme/unseen", secrets: [SECRET] },
  { source: "better-stack", name: "by-id", repository: "71", secrets: [SECRET] },
];

const running: Ingress[] = [];
afterEach(async () => {
  for (const ingress of running.splice(0)) await ingress.stop(1_000);
});

const POLICY = `alerts: { endpoints: { ${ENDPOINTS.map(({ name }) => `${name}: { severity: P1 }`).join(", ")} } }`;

async function setUp(
  options: {
    readonly policy?: string;
    readonly policyState?: string;
    readonly hasSwept?: boolean;
    readonly add?: () => Promise<void>;
  } = {},
) {
  const { log, lines } = createLogLines();
  const clock = new VirtualClock();
  const metrics = createMetrics(clock);
  const alerts = new MemoryAlerts();
  const pages = new MemoryPages();
  const index = new MemoryIndex();
  await index.saveRepository(HOME, {
    lastGoodPolicy: { text: options.policy ?? POLICY, sha: "a", source: "x" },
    policyReadAt: clock.now(),
    policyState: options.policyState ?? null,
  });
  const added: Key[] = [];
  const queue = {
    async add(keys: readonly Key[]) {
      await options.add?.();
      added.push(...keys);
    },
  };
  const ingress = createIngress({
    secrets: ["not for alerts"],
    accept: async () => "ignored",
    alerts: createAlertIntake({
      endpoints: ENDPOINTS,
      alerts,
      pages,
      queue,
      index,
      hasSwept: () => options.hasSwept ?? true,
      clock,
      log,
      metrics,
    }),
    notReady: async () => [],
    metrics,
    log,
  });
  running.push(ingress);
  const { url } = await ingress.listen(0, "127.0.0.1");
  const post = (path: string, payload: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/alerts/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof payload === "string" ? payload : JSON.stringify(payload),
    });
  return { post, index, alerts, pages, added, lines, metrics, clock };
}

const bearer = (secret = SECRET) => ({ authorization: `Bearer ${secret}` });
const basic = (secret = SECRET) => ({ authorization: `Basic ${Buffer.from(`any:${secret}`).toString("base64")}` });
const hmac = (text: string, secret = SECRET) => createHmac("sha256", secret).update(text).digest("hex");

describe("an alert that comes in", () => {
  it("is kept and queued before it is answered", async () => {
    const { post, alerts, added } = await setUp();
    const answer = await post("better-stack/prod", betterStackIncident("started"), bearer());
    expect(answer.status).toBe(202);
    const id = alertId("better-stack", "prod", "monitor:4");
    expect(added.map(keyId)).toEqual([`alert:70!${id}`]);
    expect((await alerts.alert(HOME.id, id))?.state).toMatchObject({ status: "firing", title: "Checkout" });
  });

  it.each<readonly [string, string, unknown, (text: string) => Record<string, string>]>([
    ["Better Stack with a bearer token", "better-stack/prod", betterStackIncident("started"), () => bearer()],
    [
      "Better Stack with the secret before the rotation",
      "better-stack/prod",
      betterStackIncident("started"),
      () => bearer(PREVIOUS),
    ],
    ["Better Stack with basic authentication", "better-stack/prod", betterStackIncident("started"), () => basic()],
    [
      "Better Stack with a secret in the path",
      `better-stack/prod/${encodeURIComponent(SECRET)}`,
      betterStackIncident("started"),
      () => ({}),
    ],
    ["Alertmanager", "alertmanager/metrics", alertmanagerGroup("firing"), () => bearer()],
    [
      "Grafana with a signature",
      "grafana/boards",
      grafanaGroup("firing"),
      (text) => ({ "x-grafana-alerting-signature": hmac(text) }),
    ],
    [
      "Grafana with a signed time",
      "grafana/boards",
      grafanaGroup("firing"),
      (text) => {
        const time = String(new VirtualClock().now() / 1_000);
        return { "x-grafana-alerting-timestamp": time, "x-grafana-alerting-signature": hmac(`${time}:${text}`) };
      },
    ],
    [
      "PagerDuty, one of whose signatures is right",
      "pagerduty/pages",
      pagerDutyWebhook("incident.triggered"),
      (text) => ({ "x-pagerduty-signature": `v1=${"0".repeat(64)},v1=${hmac(text)}` }),
    ],
    [
      "a tool that knows PagerDuty's Events API",
      "pagerduty-events/tools",
      { ...pagerDutyEvent("trigger"), routing_key: SECRET },
      () => ({}),
    ],
  ])("is taken: %s", async (_says, path, payload, headers) => {
    const { post, added } = await setUp();
    const text = JSON.stringify(payload);
    expect((await post(path, text, headers(text))).status).toBe(202);
    expect(added).toHaveLength(1);
  });

  const started = JSON.stringify(betterStackIncident("started"));
  const triggered = JSON.stringify(pagerDutyWebhook("incident.triggered"));
  const firing = JSON.stringify(grafanaGroup("firing"));
  it.each<readonly [string, string, string, Record<string, string>]>([
    ["no secret", "better-stack/prod", started, {}],
    ["a wrong secret", "better-stack/prod", started, bearer("wrong")],
    ["the secret of another endpoint", "better-stack/staging", started, bearer()],
    ["a wrong secret in the path", "better-stack/prod/wrong", started, {}],
    ["the right secret under another source", "alertmanager/prod", started, bearer()],
    ["an endpoint that is not there", "better-stack/nobody", started, bearer()],
    ["a name every object has", "better-stack/constructor", started, bearer()],
    [
      "an empty password",
      "better-stack/prod",
      started,
      { authorization: `Basic ${Buffer.from("any:").toString("base64")}` },
    ],
    ["a signature of other bytes", "pagerduty/pages", triggered, { "x-pagerduty-signature": `v1=${hmac("other")}` }],
    ["a signature without its version", "pagerduty/pages", triggered, { "x-pagerduty-signature": hmac(triggered) }],
    [
      "a wrong signature beside a right token",
      "pagerduty/pages",
      triggered,
      { "x-pagerduty-signature": `v1=${hmac("other")}`, ...bearer() },
    ],
    [
      "a time signed an hour ago",
      "grafana/boards",
      firing,
      (() => {
        const time = String(new VirtualClock().now() / 1_000 - 3_600);
        return { "x-grafana-alerting-timestamp": time, "x-grafana-alerting-signature": hmac(`${time}:${firing}`) };
      })(),
    ],
    ["another routing key", "pagerduty-events/tools", JSON.stringify(pagerDutyEvent("trigger")), {}],
    ["no JSON where the secret is in it", "pagerduty-events/tools", "routing_key", {}],
  ])("is refused, and leaves nothing behind: %s", async (_says, path, body, headers) => {
    const { post, alerts, added, lines, metrics } = await setUp();
    const answer = await post(path, body, headers);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ ok: false, message: expect.stringContaining("docs/alerts.md") });
    expect(added).toEqual([]);
    expect(await alerts.alert(HOME.id, alertId("better-stack", "prod", "monitor:4"))).toBeNull();
    expect(lines).toEqual([]);
    expect(await metrics.registry.metrics()).toMatch(/sevgate_alerts_total\{source="[\w-]+",result="refused"\} 1/);
  });

  it("speaks only of its own alerts: a resolve from another endpoint changes nothing, and is counted", async () => {
    const { post, alerts, metrics } = await setUp();
    await post("better-stack/prod", betterStackIncident("started"), bearer());
    const forged = await post(
      "better-stack/staging",
      betterStackIncident("resolved"),
      bearer(ENDPOINTS[1]!.secrets[0]),
    );
    expect(forged.status).toBe(202);
    expect((await alerts.alert(HOME.id, alertId("better-stack", "prod", "monitor:4")))?.state.status).toBe("firing");
    expect(await metrics.registry.metrics()).toContain(
      'sevgate_alerts_total{source="better-stack",result="unmatched"} 1',
    );
  });

  it.each<readonly [string, string]>([
    ["with spaces in it", '{ "payload": {}, "routing_key" :\n "KEY", "event_action": "trigger" }'],
    ["with escapes in it", '{"event_action":"trigger","routing_key":"\\u0061KEY1"}'],
    [
      "behind another key that it quotes",
      '{"custom":{"routing_key":"other"},"routing_key":"KEY","event_action":"trigger"}',
    ],
  ])("proves itself by the routing key in it, as JSON may be written: %s", async (_says, template) => {
    const { post } = await setUp();
    const text = template.replace("aKEY1", `a${SECRET.slice(1)}`).replace("\\u0061KEY1", `\\u0061${SECRET.slice(1)}`);
    // Once past the secret, it is told what is wrong with it: a trigger without a summary.
    expect((await post("pagerduty-events/tools", text.replace("KEY", SECRET), {})).status).toBe(400);
  });

  it.each<readonly [string, string]>([
    ["deep", `{"routing_key":"wrong","a":${"[".repeat(250_000)}${"]".repeat(250_000)}}`],
    ["long", JSON.stringify({ routing_key: "wrong", a: Array(100_000).fill(1) })],
    ["of keys", `{${'"routing_key":"wrong",'.repeat(20_000)}"a":1}`],
    ["of beginnings of keys", '"routing_key":"'.repeat(30_000)],
    ["of backslashes", `{"routing_key":"${"\\".repeat(500_000)}`],
  ])("is not parsed before anything is proved, nor looked at more than a little: %s", async (_says, body) => {
    const { post } = await setUp();
    const parse = jest.spyOn(JSON, "parse");
    const answer = await post("pagerduty-events/tools", body, {});
    // Node's own fetch, which posts it, parses something else.
    const parsed = parse.mock.calls.map(([text]) => String(text)).filter((text) => body.includes(text));
    parse.mockRestore();
    expect(answer.status).toBe(401);
    expect(parsed.length).toBeLessThanOrEqual(8);
    expect(Math.max(0, ...parsed.map(({ length }) => length))).toBeLessThanOrEqual(600);
  });

  it("is refused when it is larger than 512 KiB", async () => {
    const { post } = await setUp();
    const large = JSON.stringify({ ...betterStackIncident("started"), padding: "x".repeat(512 * 1024) });
    expect((await post("better-stack/prod", large, bearer())).status).toBe(413);
  });

  it("is sent again later when it could not be kept, or when repositories were not looked through yet", async () => {
    const { post } = await setUp({ hasSwept: false, add: () => Promise.reject(new TransientError("no answer")) });
    const answer = await post("better-stack/prod", betterStackIncident("started"), bearer());
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("60");
    const unseen = await post("better-stack/elsewhere", betterStackIncident("started"), bearer());
    expect(unseen.status).toBe(503);
    expect(await unseen.text()).toContain("acme/unseen");
  });

  describe("that is proven and has nowhere to go is not lost in silence:", () => {
    it.each<readonly [string, string, number, RegExp, string]>([
      [
        "the policy does not name its endpoint",
        "better-stack/staging",
        422,
        /does not name the endpoint staging/,
        "no-policy",
      ],
      ["the repository is not seen", "better-stack/elsewhere", 404, /does not see acme\/unseen/, "no-repository"],
    ])("%s", async (_says, path, status, says, result) => {
      const { post, added, lines, metrics } = await setUp({ policy: POLICY.replace(/staging: \{[^}]*\},?/, "") });
      const { secrets } = ENDPOINTS.find(({ name }) => path.endsWith(name))!;
      const payload = betterStackIncident("started", { name: "canary of a body" });
      const answer = await post(path, payload, bearer(secrets[0]));
      expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([
        status,
        expect.stringMatching(says),
      ]);
      expect(added).toEqual([]);
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).not.toContain("canary");
      expect(await metrics.registry.metrics()).toContain(
        `sevgate_alerts_total{source="better-stack",result="${result}"} 1`,
      );
    });

    it("the repository is one that its action runs", async () => {
      const { post, added, alerts, lines } = await setUp({ policyState: '{"runsIn":"action"}' });
      const answer = await post("better-stack/prod", betterStackIncident("started"), bearer());
      expect(answer.status).toBe(422);
      expect(((await answer.json()) as { message: string }).message).toBe(
        "The GitHub Action of acme/ops runs it (runs-in: action in its policy), so the server takes no alerts for it. Send them there by repository_dispatch, or write runs-in: server.",
      );
      expect(added).toEqual([]);
      expect(await alerts.alert(HOME.id, alertId("better-stack", "prod", "monitor:4"))).toBeNull();
      expect(lines).toHaveLength(1);
    });

    it("PagerDuty gets the reason with a 202, for it switches off what is refused", async () => {
      const { post } = await setUp({ policy: "version: 1" });
      const text = JSON.stringify(pagerDutyWebhook("incident.triggered"));
      const answer = await post("pagerduty/pages", text, { "x-pagerduty-signature": `v1=${hmac(text)}` });
      expect([answer.status, await answer.json()]).toEqual([
        202,
        { ok: false, message: expect.stringContaining("does not name the endpoint pages") },
      ]);
    });

    it("it is kept while the policy has to be read again: it may name the endpoint by now", async () => {
      const { post, index, added } = await setUp({ policy: "version: 1" });
      await index.saveRepository(HOME, { policyReadAt: null });
      expect((await post("better-stack/prod", betterStackIncident("started"), bearer())).status).toBe(202);
      expect(added).toHaveLength(1);
    });
  });

  describe("belongs to the repository its endpoint was set up for:", () => {
    it("one that was renamed goes on getting it, and one that takes the old name gets nothing", async () => {
      const { post, index, added, lines } = await setUp();
      await index.saveRepository({ ...HOME, name: "operations" }, {});
      await index.saveRepository({ ...HOME, id: 71 }, { lastGoodPolicy: { text: POLICY, sha: "a", source: "x" } });
      expect((await post("better-stack/prod", betterStackIncident("started"), bearer())).status).toBe(202);
      expect(added.map((key) => [key.repository.id, key.repository.name])).toEqual([[70, "operations"]]);
      await index.forgetRepository(70);
      const answer = await post("better-stack/prod", betterStackIncident("started"), bearer());
      expect([answer.status, await answer.text()]).toEqual([
        404,
        expect.stringContaining("write better-stack/prod=71 in ALERT_ENDPOINTS"),
      ]);
      expect(added).toHaveLength(1);
      expect(lines).toHaveLength(1);
    });

    it("by its id, which says so at once", async () => {
      const { post, index, added } = await setUp();
      await index.saveRepository(
        { ...HOME, id: 71, name: "other" },
        { lastGoodPolicy: { text: POLICY, sha: "a", source: "x" } },
      );
      await post("better-stack/by-id", betterStackIncident("started"), bearer());
      expect(added.map(({ repository }) => repository.id)).toEqual([71]);
    });
  });

  it("says what was not understood, but never refuses PagerDuty, which would switch the webhook off", async () => {
    const { post } = await setUp();
    const wrong = await post("better-stack/prod", { hello: "world" }, bearer());
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining("event and data.id are missing")]);
    for (const payload of [{ hello: "world" }, pagerDutyWebhook("incident.workflow.started"), "not JSON"]) {
      const text = typeof payload === "string" ? payload : JSON.stringify(payload);
      const signed = { "x-pagerduty-signature": `v1=${hmac(text)}` };
      expect((await post("pagerduty/pages", text, signed)).status).toBe(202);
    }
  });

  it("tells a tool the key it did not give, as PagerDuty does", async () => {
    const { post } = await setUp();
    const { dedup_key: _, ...event } = { ...pagerDutyEvent("trigger"), routing_key: SECRET };
    const answer = await post("pagerduty-events/tools", event);
    expect(await answer.json()).toEqual({
      status: "success",
      message: "Event processed",
      dedup_key: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  describe("that is a page Sevgate sent itself", () => {
    const name = "P1: Checkout is down (acme/ops#12)";
    const key = "sevgate/70#12/1767603600000-0";
    const sent = { state: "sent", since: 0 as Instant, triedAt: 0 as Instant, why: "" } as const;

    const betterStack = (id: string, called = name) => {
      const own = betterStackIncident("acknowledged", { name: called, acknowledged_by: "alice@example.com" }, id);
      return { ...own, data: { ...own.data, relationships: {} } };
    };
    const pagerDuty = (incidentKey: string) => {
      const { event } = pagerDutyWebhook("incident.acknowledged");
      return JSON.stringify({ event: { ...event, data: { ...event.data, incident_key: incidentKey } } });
    };

    async function withPages() {
      const world = await setUp();
      await world.pages.saveSentPage(70, 12, {
        ...sent,
        page: "1767603600000-0",
        channel: "pagerduty",
        externalId: null,
      });
      await world.pages.saveSentPage(70, 12, {
        ...sent,
        page: "1767603600000-0",
        channel: "better-stack",
        externalId: "42",
      });
      const duty = (text: string) =>
        world.post("pagerduty/pages", text, { "x-pagerduty-signature": `v1=${hmac(text)}` });
      return { ...world, duty };
    }

    it("makes no alert: it leads to the incident it was for, and at Better Stack to what is true there", async () => {
      const { post, duty, added, alerts } = await withPages();
      expect((await post("better-stack/prod", betterStack("42"), bearer())).status).toBe(202);
      expect((await duty(pagerDuty(key))).status).toBe(202);
      const renamed = betterStack("42", name.replace("acme/ops", "acme/before"));
      expect((await post("better-stack/prod", renamed, bearer())).status).toBe(202);
      const read = "alert-source:70!page:better-stack:12";
      expect(added.map(keyId)).toEqual([read, "incident:70#12", read]);
      expect(await alerts.alert(HOME.id, "page:better-stack:12")).toBeNull();
      expect((await alerts.alert(HOME.id, "page:pagerduty:12"))?.state.status).toBe("acknowledged");
    });

    it.each<readonly [string, (world: Awaited<ReturnType<typeof withPages>>) => Promise<Response>]>([
      [
        "the name alone, with an id nobody was given",
        ({ post }) => post("better-stack/prod", betterStack("43"), bearer()),
      ],
      [
        "the name, at another endpoint",
        ({ post }) => post("better-stack/staging", betterStack("43"), bearer(ENDPOINTS[1]!.secrets[0])),
      ],
      [
        "the id with another incident's name",
        ({ post }) => post("better-stack/prod", betterStack("42", name.replace("#12", "#13")), bearer()),
      ],
      [
        "an incident of another repository",
        ({ post }) => post("better-stack/prod", betterStack("43", name.replace("ops", "other")), bearer()),
      ],
      ["a key of a page that was never sent", ({ duty }) => duty(pagerDuty("sevgate/70#12/1767603600000-1"))],
      ["a key with more behind it", ({ duty }) => duty(pagerDuty(`${key}/../x`))],
    ])("is none that only looks like one: %s", async (_says, send) => {
      const world = await withPages();
      expect((await send(world)).status).toBe(202);
      expect(world.added.filter(({ kind }) => kind !== "alert")).toEqual([]);
      for (const issue of [12, 13]) {
        for (const source of ["better-stack", "pagerduty"]) {
          expect(await world.alerts.alert(HOME.id, `page:${source}:${issue}`)).toBeNull();
        }
      }
      expect(JSON.stringify(world.lines)).not.toContain("alice@example.com");
    });
  });

  it("is taken apart where the policy of its repository says each", async () => {
    const policy = "alerts: { endpoints: { metrics: { severity: P1, group: each } } }";
    const { post, added } = await setUp({ policy });
    await post("alertmanager/metrics", alertmanagerGroup("firing"), bearer());
    expect(added).toHaveLength(2);
  });

  it("has no address that answers anything else", async () => {
    const { post } = await setUp();
    for (const path of ["", "better-stack", "../healthz", "better-stack/prod/a/b", "Better-Stack/prod"]) {
      expect((await post(path, "{}", bearer())).status).toBe(404);
    }
  });
});
