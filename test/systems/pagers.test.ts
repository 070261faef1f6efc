import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createBetterStackPager } from "../../src/systems/better-stack/better-stack-pager.ts";
import type { PageContent } from "../../src/systems/pager.ts";
import { createPagerDutyPager } from "../../src/systems/pagerduty/pagerduty-pager.ts";
import { readPagingSettings } from "../../src/systems/read-paging-settings.ts";
import { sendJson } from "../../src/systems/send-json.ts";

interface Heard {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that keeps what it hears and gives everything the same answer; `null`: none. */
async function listen(answer: { readonly status: number; readonly body?: unknown } | null) {
  const heard: Heard[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      heard.push({ line: `${method} ${url}`, authorization: headers.authorization, body });
      if (answer === null) return;
      const location = answer.status === 307 ? { location: "https://elsewhere.example/" } : {};
      response.writeHead(answer.status, { "content-type": "application/json", ...location });
      response.end(JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const PAGE: PageContent = {
  dedupKey: "sevgate/10#7/1767603600000-0",
  summary: "P0: Checkout is down (acme/ops#7)",
  description: "Called: alice (primary).",
  url: "https://github.com/acme/ops/issues/7",
  source: "acme/ops",
  isMostSevere: true,
};

describe("PagerDuty", () => {
  it("is paged with a key that makes the same page one incident, and gets the resolution under that key", async () => {
    const { heard, url } = await listen({ status: 202, body: { status: "success" } });
    const pager = createPagerDutyPager("routing-key", url);
    expect(await pager.page(PAGE)).toEqual({ kind: "taken", externalId: null });
    expect(await pager.end({ dedupKey: PAGE.dedupKey, externalId: null })).toEqual({ kind: "taken", externalId: null });
    expect(heard.map(({ line }) => line)).toEqual(["POST /v2/enqueue", "POST /v2/enqueue"]);
    expect(heard.map(({ body }) => body)).toEqual([
      expect.objectContaining({
        routing_key: "routing-key",
        event_action: "trigger",
        dedup_key: PAGE.dedupKey,
        payload: expect.objectContaining({ summary: PAGE.summary, source: "acme/ops", severity: "critical" }),
        links: [{ href: PAGE.url, text: expect.any(String) }],
      }),
      { routing_key: "routing-key", event_action: "resolve", dedup_key: PAGE.dedupKey },
    ]);
  });
});

describe("Better Stack", () => {
  it("is paged in the name of the requester, and the incident it made is resolved", async () => {
    const { heard, url } = await listen({ status: 201, body: { data: { id: "42", type: "incident" } } });
    const pager = createBetterStackPager("token", "ops@acme.example", url);
    expect(await pager.page(PAGE)).toEqual({ kind: "taken", externalId: "42" });
    await pager.end({ dedupKey: PAGE.dedupKey, externalId: "42" });
    expect(heard.map(({ line }) => line)).toEqual(["POST /api/v3/incidents", "POST /api/v3/incidents/42/resolve"]);
    expect(heard.map(({ authorization }) => authorization)).toEqual(["Bearer token", "Bearer token"]);
    expect(heard[0]?.body).toMatchObject({
      requester_email: "ops@acme.example",
      summary: PAGE.summary,
      description: `Called: alice (primary).\n${PAGE.url}`,
    });
  });

  it.each([404, 409])("answers %i to what is resolved already: that is good", async (status) => {
    const { url } = await listen({ status });
    const answer = await createBetterStackPager("t", "a@b.example", url).end({ dedupKey: "x", externalId: "1" });
    expect(answer.kind).toBe("taken");
  });
});

describe.each([
  { name: "PagerDuty", make: (url: string) => createPagerDutyPager("k", url) },
  { name: "Better Stack", make: (url: string) => createBetterStackPager("t", "a@b.example", url) },
])("$name", ({ make }) => {
  it.each([
    [429, "failed"],
    [500, "failed"],
    [503, "failed"],
    [400, "refused"],
    [401, "refused"],
    [307, "refused"],
  ] as const)("that answers %i has %s", async (status, kind) => {
    const { url, heard } = await listen({ status, body: { secret: "never repeat this" } });
    expect(await make(url).page(PAGE)).toEqual({ kind, why: `HTTP ${status}` });
    expect(heard).toHaveLength(1);
  });

  it("that is not there has failed", async () => {
    const { url } = await listen({ status: 202 });
    server?.close();
    expect(await make(url).page(PAGE)).toEqual({ kind: "failed", why: "no connection" });
  });
});

it("a paging system that does not answer holds nobody up for longer than its time", async () => {
  const { url } = await listen(null);
  expect(await sendJson("POST", url, {}, {}, 50)).toEqual({ kind: "silent", why: "no answer within 10 s" });
});

it("a paging system that answers without end is read no further than a megabyte", async () => {
  const { url } = await listen({ status: 200, body: { long: "x".repeat(2_000_000) } });
  expect(await sendJson("POST", url, {}, {})).toEqual({ kind: "silent", why: "an answer of more than 1 MiB" });
});

describe("the settings of PagerDuty's API", () => {
  const read = (env: Readonly<Record<string, string>>) => readPagingSettings((name) => env[name]);
  it("need a key and a user, and go to PagerDuty unless told otherwise", () => {
    const env = { PAGERDUTY_API_TOKEN: "u+abcdefghijklmnopqr", PAGERDUTY_FROM_EMAIL: "sevgate@acme.example" };
    expect(read(env).paging.pagerDutyApi).toEqual({
      token: "u+abcdefghijklmnopqr",
      fromEmail: "sevgate@acme.example",
      baseUrl: "https://api.pagerduty.com",
    });
    expect(read({}).paging.pagerDutyApi).toBeNull();
  });

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ["PAGERDUTY_FROM_EMAIL", { PAGERDUTY_API_TOKEN: "u+abcdefghijklmnopqr" }],
    ["PAGERDUTY_API_TOKEN", { PAGERDUTY_API_TOKEN: "a key", PAGERDUTY_FROM_EMAIL: "sevgate@acme.example" }],
    ["PAGERDUTY_API_URL", { PAGERDUTY_API_URL: "http://pagerduty.example" }],
  ])("that are wrong at %s are told by its name", (name, env) => {
    expect(read(env).problems.map((problem) => problem.name)).toEqual([name]);
  });
});
