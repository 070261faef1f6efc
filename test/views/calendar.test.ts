import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { parseICS, type VEvent } from "node-ical";
import { systemClock } from "../../src/base/clock.ts";
import { TransientError } from "../../src/base/errors.ts";
import { calendarUrls } from "../../src/cli/calendar-urls.ts";
import { oncall } from "../../src/cli/oncall.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import type { Instant } from "../../src/core/model.ts";
import { calendarPath } from "../../src/core/oncall/calendar-path.ts";
import { createIngress, type Ingress } from "../../src/ingress/http/server.ts";
import { createKnownSchedule } from "../../src/observe/known-schedule.ts";
import { MemoryIndex } from "../../src/store/memory-index.ts";
import { createCalendarFeed } from "../../src/views/calendar.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { createLogLines } from "../support/log-lines.ts";

const SECRET = "canary-calendar-0123456789abcdef0123";
const SHOP = { installationId: 1, id: 10, owner: "acme", name: "shop" };
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 2, 20, 9, 30) as Instant;
const FILE = `zone: Europe/Berlin
rotations:
  day: { start: 2026-01-05, members: [alice, bob], restrictions: [{ from: "08:00", to: "20:00" }] }
  night: { zone: America/New_York, start: 2026-01-01, shift: 2d, handoff: "02:30", members: [carol, dave, nobody] }
roles: { primary: { layers: [day, night] }, secondary: { follow: primary, layers: [night] } }
overrides: [{ role: primary, user: Erin, for: bob, from: 2026-03-23T12:00, to: 2026-03-26, reason: "BEGIN:VEVENT; x, y" }]
`;

let index: MemoryIndex;
let clock: VirtualClock;
let asked: number;
let trouble: Error | null;
const { log, lines } = createLogLines();
const running: Ingress[] = [];

beforeEach(async () => {
  index = new MemoryIndex();
  clock = new VirtualClock(NOW);
  asked = 0;
  trouble = null;
  lines.length = 0;
  await index.saveRepository(SHOP, { policyState: stateWith(FILE) });
});
afterEach(async () => {
  for (const ingress of running.splice(0)) await ingress.stop(1_000);
});

/** In the form kept by observe/policy-source.ts (test/stories/on-call.test.ts covers that). */
function stateWith(text: string): string {
  const onCall = { kind: "valid", problems: [], lastGood: { text, sha: text } };
  return JSON.stringify({ kind: "absent", file: "", problems: [], templates: {}, onCall });
}

async function start(secret: string | null = SECRET): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const counting = {
    async repository(id: number) {
      asked += 1;
      if (trouble !== null) throw trouble;
      return await index.repository(id);
    },
    repositoryByName: async (name: string) => await index.repositoryByName(name),
    firstNamed: async (name: string) => await index.firstNamed(name),
  };
  const scheduleOf = createKnownSchedule();
  const calendars = secret === null ? null : createCalendarFeed({ secret, index: counting, scheduleOf, clock, log });
  const parts = { secrets: ["s"], accept: async () => "ignored" as const, notReady: async () => [] };
  const ingress = createIngress({ ...parts, calendars, metrics: createMetrics(systemClock), log });
  running.push(ingress);
  const { url } = await ingress.listen(0, "127.0.0.1");
  return async (path, init) => await fetch(`${url}${path}`, init);
}

const role = (name: string, repository = "10") => calendarPath(SECRET, { repository, subject: { kind: "role", name } });
const person = (name: string) => calendarPath(SECRET, { repository: "10", subject: { kind: "person", name } });

type Event = VEvent & { readonly end: Date };

async function eventsOf(answer: Response): Promise<readonly Event[]> {
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/calendar; charset=utf-8"]);
  return Object.values(parseICS(await answer.text())).filter((one): one is Event => one?.type === "VEVENT");
}

/** What `sevgate oncall --days` says. */
async function shiftsSaid(
  days: number,
): Promise<Record<string, readonly { from: string; to: string; login: string | null }[]>> {
  let out = "";
  const read = async () => new TextEncoder().encode(FILE);
  const write = (text: string) => {
    out += text;
  };
  await oncall({ days, explain: false, lint: false, json: true, read, write, now: () => NOW });
  return JSON.parse(out).shifts;
}

const clip = (moment: Date, last: number) => new Date(Math.min(Math.max(moment.getTime(), NOW), last)).toISOString();

describe("the calendar of", () => {
  it("a role holds the shifts that sevgate oncall --days tells, over a change of the clocks, in UTC", async () => {
    const last = NOW + 60 * DAY_MS;
    const events = await eventsOf(await (await start())(role("primary")));
    const coming = events.filter(({ start, end }) => end.getTime() > NOW && start.getTime() < last);
    expect(
      coming.map(({ start, end, summary }) => ({
        from: clip(start, last).replace(".000Z", "Z"),
        to: clip(end, last).replace(".000Z", "Z"),
        login: String(summary)
          .replace(/^primary: | \(override.*$/g, "")
          .replace("nobody", "null"),
      })),
    ).toEqual((await shiftsSaid(60))["primary"]!.map(({ login, ...rest }) => ({ ...rest, login: String(login) })));
    expect(coming.map(({ summary }) => summary)).toContain("primary: Erin (override, instead of bob)");
  });

  it("a person holds their shifts in every role, from four weeks ago until 90 days ahead", async () => {
    const get = await start();
    const events = await eventsOf(await get(person("carol")));
    const said = await shiftsSaid(60);
    const theirs = ["primary", "secondary"].flatMap((name) =>
      said[name]!.filter(({ login }) => login === "carol").map(({ from }) => `${name}: carol ${from}`),
    );
    const told = events.map(
      ({ summary, start }) => `${String(summary)} ${clip(start, NOW + 365 * DAY_MS).replace(".000Z", "Z")}`,
    );
    expect(theirs.length).toBeGreaterThan(20);
    expect(told).toEqual(expect.arrayContaining(theirs));
    const starts = events.map(({ start }) => start.getTime());
    expect(Math.min(...starts)).toBeLessThan(NOW - 25 * DAY_MS);
    expect(Math.max(...starts)).toBeGreaterThan(NOW + 87 * DAY_MS);
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    expect(await eventsOf(await get(person("CAROL").replace("@", "%40")))).toHaveLength(events.length);
  });

  it("a shift keeps its UID while role and beginning stay, whoever takes it over", async () => {
    const get = await start();
    const before = await eventsOf(await get(role("primary")));
    await index.saveRepository(SHOP, { policyState: stateWith(FILE.replace("[alice, bob]", "[alice, zoe]")) });
    clock.advance(DAY_MS);
    const after = new Map((await eventsOf(await get(role("primary")))).map((one) => [one.uid, one]));
    const changed = before.filter(({ uid, summary }) => after.has(uid) && after.get(uid)?.summary !== summary);
    expect(changed.map(({ summary }) => summary)).toContain("primary: bob");
    expect(changed.every(({ uid, start }) => after.get(uid)?.start.getTime() === start.getTime())).toBe(true);
  });
});

describe("a calendar program", () => {
  it("ends every line with CRLF, the last one as well", async () => {
    const text = await (await (await start())(role("primary"))).text();
    expect(text.endsWith("END:VCALENDAR\r\n")).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    for (const line of text.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  });

  it("is not sent again to a program that has it, in whatever form it says so", async () => {
    const get = await start();
    const etag = (await get(role("primary"))).headers.get("etag") ?? "";
    const strong = etag.replace(/^W\//, "");
    expect(etag).toMatch(/^W\/"[\w-]+"$/);
    const forms: Readonly<Record<string, number>> = {
      [etag]: 304,
      [strong]: 304,
      "*": 304,
      " * ": 304,
      [`"other", ${etag}`]: 304,
      [`"a,b",${strong} , W/"c"`]: 304,
      [`"other"`]: 200,
      [`W/"other"`]: 200,
      [`"${etag}"`]: 200,
      [strong.slice(1, -1)]: 200,
      [`"a, ${strong.slice(1, -1)}"`]: 200,
      "": 200,
    };
    const told: Record<string, number> = {};
    for (const form of Object.keys(forms)) {
      told[form] = (await get(role("primary"), { headers: { "if-none-match": form } })).status;
    }
    expect(told).toEqual(forms);
  });

  it("is told how often to look, and gets 304 while nothing has changed", async () => {
    const get = await start();
    const first = await get(role("primary"));
    expect(await first.text()).toMatch(/\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n/);
    expect(first.headers.get("cache-control")).toBe("private, max-age=300");
    const etag = first.headers.get("etag")!;
    clock.advance(3_600_000);
    const again = await get(role("primary"), { headers: { "if-none-match": `"other", ${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("that asks every second costs one look in five minutes, and then sees a changed file", async () => {
    const get = await start();
    await Promise.all(Array.from({ length: 20 }, () => get(role("primary"))));
    expect(asked).toBe(1);
    await index.saveRepository(SHOP, { policyState: stateWith(FILE.replace("[alice, bob]", "[zoe, bob]")) });
    clock.advance(5 * 60_000 + 1);
    expect(await (await get(role("primary"))).text()).toContain("SUMMARY:primary: zoe");
    expect(asked).toBe(2);
  });

  it("that changes within the hour sees at most 2,000 shifts, the next ones among them", async () => {
    const hours = `rotations: { day: { start: 2026-01-05, shift: 1h, members: [alice, bob] } }
roles: { primary: { layers: [day] } }`;
    await index.saveRepository(SHOP, { policyState: stateWith(hours) });
    const events = await eventsOf(await (await start())(role("primary")));
    expect(events).toHaveLength(2_000);
    expect(events.some(({ start, end }) => start.getTime() <= NOW && end.getTime() > NOW)).toBe(true);
  });
});

describe("an address", () => {
  it("with another token, of another secret, of nobody and of nothing is answered alike: 404", async () => {
    const get = await start();
    const right = role("primary");
    const token = right.split("/")[3]!;
    const wrong = [
      "/nothing-at-all",
      "/oncall/acme/shop/primary.ics",
      "/oncall/10/primary.ics",
      right.replace(token, `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`),
      right.replace("primary", "secondary"),
      right.replace("/10/", "/11/"),
      right.replace("/10/", "/acme/shop/"),
      calendarPath(`${SECRET}x`, { repository: "10", subject: { kind: "role", name: "primary" } }),
      role("tertiary"),
      person("nobody-knows"),
      role("primary", "acme/vault"),
      role("primary", "11"),
    ];
    const answers = await Promise.all(
      wrong.map(async (path) => {
        const answer = await get(path);
        const headers = ["content-type", "cache-control", "etag"].map((name) => answer.headers.get(name));
        return JSON.stringify([answer.status, headers, await answer.text()]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^\[404,/);
    expect((await get(right, { method: "POST" })).status).toBe(404);
  });

  it("is of one repository, renamed or not, and never of another one that has its name", async () => {
    const get = await start();
    const places = ["10", "acme/shop"];
    for (const place of places) expect((await get(role("primary", place))).status).toBe(200);
    await index.saveRepository({ ...SHOP, name: "store" }, {});
    await index.saveRepository({ ...SHOP, id: 11 }, { policyState: stateWith(FILE.replaceAll("alice", "zoe")) });
    clock.advance(5 * 60_000 + 1);
    for (const place of places) expect(await (await get(role("primary", place))).text()).toContain("primary: alice");
    await index.forgetRepository(10);
    clock.advance(5 * 60_000 + 1);
    for (const place of places) expect((await get(role("primary", place))).status).toBe(404);
  });

  it("is nothing while the operator has set no CALENDAR_SECRET", async () => {
    expect((await (await start(null))(role("primary"))).status).toBe(404);
  });

  it("is in no log and no metric, also when the store does not answer", async () => {
    const get = await start();
    trouble = new TransientError("the store does not answer");
    expect((await get(role("primary"))).status).toBe(503);
    trouble = new Error("a bug");
    expect((await get(role("primary"))).status).toBe(503);
    trouble = null;
    expect((await get(role("primary"))).status).toBe(200);
    const seen = JSON.stringify(lines) + (await (await get("/metrics")).text());
    expect(lines).toHaveLength(2);
    for (const secret of [SECRET, role("primary").split("/")[3]!, "acme"]) expect(seen).not.toContain(secret);
  });
});

describe("sevgate oncall --calendar-url", () => {
  async function run(options: Partial<Parameters<typeof calendarUrls>[0]>) {
    let out = "";
    const code = await calendarUrls({
      json: false,
      repo: "10",
      env: { CALENDAR_SECRET: SECRET },
      read: async () => new TextEncoder().encode(FILE),
      write: (text) => {
        out += text;
      },
      ...options,
    });
    return { code, out };
  }

  it("prints addresses that the server takes: of one role or person, or of all that the file names", async () => {
    const get = await start();
    const one = await run({ role: "primary", baseUrl: "https://sevgate.example.com/" });
    expect(one).toEqual({ code: 0, out: `https://sevgate.example.com${role("primary")}\n` });
    expect((await run({ person: "@Erin" })).out).toMatch(/\/@Erin\.ics\n$/);
    const all = (await run({})).out.trim().split("\n");
    expect(all).toHaveLength(2 + 5);
    for (const path of all) expect((await get(path)).status).toBe(200);
  });

  it.each([
    ["no repository", { repo: undefined }, /^Say whose calendar it is.+--repo 123456/],
    ["a name", { repo: "acme/shop" }, /`gh api repos\/acme\/shop --jq \.id` shows it\.$/],
    ["a role no file can have", { role: "../x" }, /^--role is a role/],
    ["a person no file can have", { person: "a b" }, /^--person is a login/],
    ["an address that is none", { baseUrl: "sevgate" }, /^--base-url is where the server answers/],
  ] as const)("does not take %s, and says what to write", async (_name, options, expected) => {
    const error: unknown = await run(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(expected);
  });

  it.each([
    ["no secret", { env: {} }, /^CALENDAR_SECRET is missing/],
    ["a short secret", { env: { CALENDAR_SECRET: "hunter2" } }, /^CALENDAR_SECRET is shorter than 32 characters/],
    [
      "a broken file",
      { read: async () => new TextEncoder().encode("roles: {}") },
      /there is no primary.*--role primary/,
    ],
  ] as const)("exits with 1 and says what to do: %s", async (_name, options, expected) => {
    const { code, out } = await run(options);
    expect(code).toBe(1);
    expect(out).toMatch(expected);
    expect(out).not.toContain("hunter2");
  });
});
