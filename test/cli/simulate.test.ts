import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import { TransientError } from "../../src/base/errors.ts";
import type { Access, Connection } from "../../src/cli/explain.ts";
import { gitRemote } from "../../src/cli/git-remote.ts";
import { type SimulateOptions, simulate } from "../../src/cli/simulate.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import type { Instant } from "../../src/core/model.ts";
import { type NoSimulation, type Simulation, simulationJsonSchema } from "../../src/core/plan/simulation.ts";
import type { GitHubWriter } from "../../src/systems/github/ports.ts";
import { testPrivateKey } from "../contract/world.ts";
import { Story } from "../support/story.ts";

const HOUR_MS = 3_600_000;
const TOKEN = { GITHUB_TOKEN: "ghp_a_token_of_the_test" };
const SERVER = {
  APP_ID: "4242",
  PRIVATE_KEY: testPrivateKey(),
  WEBHOOK_SECRET: "a webhook secret for tests",
  // Of the stories (test/support/story.ts).
  RECORD_KEY: "a record key for tests, long enough to be one",
};
const ON_CALL = ".github/sevgate/on-call.yml";
const ALICE = "rotations: { a: { start: 2026-01-01, members: [alice] } }\nroles: { primary: { layers: [a] } }\n";
const LAX =
  "version: 1\nseverities:\n  P0: { label: sev:P0, close-requires: [] }\n  P1: { label: sev:P1, close-requires: [] }\n";
/** Both severities need a post-mortem, and P1 has an hour less to be acknowledged. */
const STRICT =
  "version: 1\nseverities:\n  P0: { label: sev:P0, close-requires: [post-mortem] }\n" +
  "  P1: { label: sev:P1, close-requires: [fix-merged] }\n";

const conforms = new Ajv({
  strict: true,
  allErrors: true,
  allowUnionTypes: true,
  formats: { "date-time": true },
}).compile(JSON.parse(simulationJsonSchema()) as object);

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-simulate-"));
  folders.push(folder);
  return folder;
}

/** Three incidents that closed: #1 with a post-mortem, #3 with a fix, #5 with nothing; #6 is a drill, #7 is open. */
async function threeIncidents(): Promise<Story> {
  const story = await Story.begin({ policy: LAX });
  story.github.as("alice").push("On call", { [ON_CALL]: ALICE });
  await story.settle();
  const end = async (number: number) => {
    await story.advance(60_000);
    await story.say("alice", number, "/ack");
    await story.advance(HOUR_MS);
    await story.say("alice", number, "/resolve");
  };
  const first = await story.declare(["sev:P0"]);
  await story.say("alice", first, "/postmortem");
  const written = Math.max(...story.github.numbers());
  await story.fillPostMortem(written);
  await end(first);
  const second = await story.declare(["sev:P1"]);
  const { number } = story.github
    .as("bob")
    .openPullRequest({ title: "Fix", body: `Refs #${second}`, files: { a: "b" } });
  await story.settle();
  story.github.as("alice").merge(number);
  await story.settle();
  await end(second);
  await end(await story.declare(["sev:P0"]));
  const drill = await story.declare(["sev:P0", "drill"]);
  await end(drill);
  await story.declare(["sev:P1"]);
  await story.advance(HOUR_MS);
  return story;
}

/** Nothing in it is changed by what is tested here. */
let story: Story;
let real: GitHubWriter;
beforeAll(async () => {
  story = await threeIncidents();
  real = story.github.write;
  story.listens = false;
});

type Asked = Partial<SimulateOptions>;

function file(text: string): string {
  const path = join(newFolder(), "file.yml");
  writeFileSync(path, text);
  return path;
}

async function run(options: Asked = {}): Promise<{ readonly code: 0 | 1 | 2; readonly text: string }> {
  // Any write fails the test.
  story.github.write = new Proxy({} as GitHubWriter, {
    get: (_, name) => () => Promise.reject(new Error(`simulate wrote: ${String(name)}`)),
  });
  story.github.forgetCalls();
  let text = "";
  const connect = (access: Access, onRequest: () => void): Connection => {
    story.github.onCall = onRequest;
    return { read: story.github.read, app: access.kind === "app" ? story.github.app : null };
  };
  try {
    const code = await simulate({
      repository: "acme/ops",
      policy: undefined,
      onCall: undefined,
      since: undefined,
      app: undefined,
      json: false,
      env: { ...SERVER, DATA_DIR: newFolder() },
      clock: story.clock,
      connect,
      remote: async () => null,
      ...options,
      write: (written) => {
        text += written;
      },
    });
    return { code, text };
  } finally {
    story.github.write = real;
  }
}

/** As JSON, held to the schema. */
async function simulated(options: Asked): Promise<Simulation> {
  const { code, text } = await run({ ...options, json: true });
  const printed = JSON.parse(text) as Simulation;
  conforms(printed);
  expect(conforms.errors ?? []).toEqual([]);
  expect(code).toBe(0);
  return printed;
}

async function problem(options: Asked): Promise<NoSimulation["error"]> {
  const { code, text } = await run({ ...options, json: true });
  const printed = JSON.parse(text) as NoSimulation;
  conforms(printed);
  expect(conforms.errors ?? []).toEqual([]);
  expect(code).toBe(printed.error.kind === "bad-argument" ? 2 : 1);
  return printed.error;
}

const kinds = ({ incidents }: Simulation) =>
  incidents.map(({ number, effects }) => [number, ...effects.map(({ kind }) => kind)]);

describe("sevgate simulate", () => {
  it("names which incidents could not have closed, and why; drills are left out", async () => {
    const told = await simulated({ policy: file(STRICT) });
    const [first, , third] = story.github
      .numbers()
      .filter((one) => told.incidents.some(({ number }) => number === one));
    expect(told.looked).toEqual({ incidents: 4, drills: 1, unreadable: [], older: 0 });
    expect(told.sum).toMatchObject({ closed: 3, cannotClose: 1 });
    expect(told.incidents[0]).toMatchObject({
      number: third,
      was: { severity: "P0", closing: { status: "met", lacks: [] } },
      is: { closing: { status: "unmet", lacks: ["no post-mortem is linked"] } },
      effects: [{ kind: "cannot-close" }],
    });
    expect(told.incidents[1]).toMatchObject({ closedAt: null, effects: [{ kind: "cannot-close" }] });
    expect(told.incidents.find(({ number }) => number === first)?.effects).toEqual([]);
    expect(told.changes).toContainEqual(expect.stringContaining("P0 can no longer be closed without a post-mortem"));
  });

  it("by the rules in force changes nothing", async () => {
    const told = await simulated({ policy: file(LAX), onCall: file(ALICE) });
    expect(kinds(told).filter(([, ...effects]) => effects.length > 0)).toEqual([]);
    expect(told.changes).toEqual([]);
    expect(told.sum.calls.is).toBe(told.sum.calls.was);
    expect(told.sum.calls.is).toBeGreaterThan(3);
    expect(told.sum.people).toEqual([]);
  });

  it("says who would have been called by another on-call file", async () => {
    const told = await simulated({ onCall: file(ALICE.replace("alice", "bob")) });
    expect(told.onCall.was).toBe(ON_CALL);
    expect(kinds(told).every(([, ...effects]) => effects.join() === "pages")).toBe(true);
    expect(told.sum.people.map(({ login, was, is }) => [login, was > 0, is > 0])).toEqual([
      ["alice", true, false],
      ["bob", false, true],
    ]);
    expect(told.incidents[0]?.is?.pages.calls[0]).toMatchObject({ login: "bob", role: "primary", step: 1 });
  });

  it("prints the same for people, in 80 columns, without anything a terminal could take for a command", async () => {
    const { code, text } = await run({ policy: file(STRICT) });
    expect(code).toBe(0);
    expect(text).toMatch(/^acme\/ops {2}4 incidents since 2025-10-\d\d, 3 closed\n/);
    expect(text).toContain("\n  1 of 3 could not have closed: #");
    expect(text).toMatch(/\n {6}could not have closed: no post-mortem is linked\n/);
    expect(text).toContain("\n  1 drill left out\n");
    expect(text).toMatch(/\n\d+ requests to GitHub; nothing was written\.\n$/);
    expect(text.split("\n").filter((line) => line.length > 80 && !line.includes("/sevgate-simulate-"))).toEqual([]);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("asks GitHub for each thing once, writes nothing, and says how many requests that were", async () => {
    const told = await simulated({ policy: file(STRICT) });
    expect(story.github.writes).toEqual([]);
    expect(told.requests).toBe(story.github.calls.length);
    const asked = story.github.calls.map((call) => JSON.stringify(call));
    expect(asked.length).toBeLessThan(40);
    const comments = story.github.reads.filter((method) => method === "comments");
    expect(comments.length).toBe(5);
  });

  it("looks only at incidents declared since the day that is named", async () => {
    const day = new Date(story.clock.now()).toISOString().slice(0, 10);
    expect((await simulated({ policy: file(STRICT), since: day })).looked.incidents).toBe(4);
    const clock = { now: () => (story.clock.now() + 48 * HOUR_MS) as Instant };
    expect((await simulated({ policy: file(STRICT), since: "1d", clock })).looked.incidents).toBe(0);
    expect((await simulated({ policy: file(STRICT), since: "3d", clock })).looked.incidents).toBe(4);
  });

  it("lays a policy that extends the owner's over the one that is there, and says where it cannot", async () => {
    const text = "version: 1\nextends: owner\nseverities:\n  P0: { close-requires: [post-mortem] }\n";
    const alone = await problem({ policy: file(text) });
    expect(alone.kind).toBe("bad-file");
    expect(alone.problems[0]?.message).toContain("acme/.github");
    const owners = story.github.addRepository({ owner: "acme", name: ".github" });
    story.github.setFile(".github/sevgate.yml", LAX, owners);
    const told = await simulated({ policy: file(text) });
    expect(told.changes).toEqual(["P0 can no longer be closed without a post-mortem: the gate is tightened"]);
    expect(told.sum.cannotClose).toBe(1);
  });

  it("with a token alone lists the incidents of each severity once, and none from before the time", async () => {
    await simulated({ policy: file(STRICT), env: TOKEN });
    expect(story.github.reads.filter((method) => method === "issuesWithLabel")).toHaveLength(2);
  });

  it("with a token alone finds a fix by what GitHub itself shows, and says what it does not know", async () => {
    const told = await simulated({ policy: file(STRICT), env: TOKEN });
    const withFix = told.incidents.find(({ is }) => is?.severity === "P1" && is.closing.status === "met");
    expect(withFix?.effects).toEqual([]);
    expect(told.notKnown.join("\n")).toContain("the seal takes the app's key");
    expect(told.sum).toMatchObject({ closed: 3, cannotClose: 1 });
  });
});

describe("The time for action items", () => {
  it("counts as the reports count it, by the items' own issues: one that is late now, and by which policy", async () => {
    const before = story;
    try {
      story = await Story.begin({ policy: LAX.replace("sev:P0,", "sev:P0, action-items-within: 7d,") });
      real = story.github.write;
      const number = await story.declare(["sev:P0"]);
      const body =
        "## What happened\n\nNo connections.\n\n## Why it happened\n\nOne each.\n\n## Action items\n\n" +
        "- [ ] Limit the pool\n- [ ] Alert on it\n- [ ] Tell the vendor, in 40d\n";
      const learned = story.github.as("bob").openIssue({ title: "Learned", body, labels: ["post-mortem"] });
      await story.say("alice", number, `/ack\n/resolve fixed\n/postmortem #${learned.number}`);
      await story.say("bob", number, "/items");
      const items = story.github.numbers().filter((one) => story.github.issue(one).labels.includes("action-item"));
      await story.say("alice", number, `/drop #${items[1]} not worth it`);
      await story.advance(10 * 24 * HOUR_MS);
      story.listens = false;
      const slow = LAX.replace("sev:P0,", "sev:P0, action-items-within: 30d,");
      const told = await simulated({ policy: file(slow) });
      expect(items).toHaveLength(3);
      expect(told.sum.deadlines["action-items"]).toEqual({ was: 1, is: 0 });
      expect(told.incidents[0]?.effects).toEqual([{ kind: "deadline", deadline: "action-items", byMs: null }]);
      expect((await run({ policy: file(slow) })).text).toContain("\n  action items    0, was 1\n");
    } finally {
      story = before;
      real = story.github.write;
    }
  });
});

describe("Whose records count, with a token alone,", () => {
  it("has to be said where two apps have status comments", async () => {
    const newest = Math.max(...story.github.numbers());
    story.github.as("other[bot]").comment(newest, story.status(newest));
    const error = await problem({ policy: file(STRICT), env: TOKEN });
    expect(error.kind).toBe("which-app");
    expect(error.message).toContain("--app");
    expect((await simulated({ policy: file(STRICT), env: TOKEN, app: "sevgate" })).looked.incidents).toBe(4);
  });
});

describe("What cannot be used", () => {
  it("is a file with problems: each is said with its place, and GitHub is not asked", async () => {
    const policy = file("version: 1\nclosing:\n  grace: 5\n");
    const error = await problem({ policy });
    expect(error).toMatchObject({ kind: "bad-file", problems: [{ file: policy, line: 3, path: "closing.grace" }] });
    expect(story.github.calls).toEqual([]);
    const { code, text } = await run({ policy });
    expect(code).toBe(1);
    expect(text).toContain(`${policy}:3:10: closing.grace: `);
    const onCall = file("zone: CET\nroles: {}\n");
    expect((await problem({ onCall })).problems[0]).toMatchObject({ file: onCall, line: 1 });
    expect((await problem({ policy: "/no/such/file.yml" })).problems[0]?.message).toContain("no such file");
  });

  it("is a hostile policy: it is refused or simulated, and nothing of it reaches the terminal as it is", async () => {
    const hostile = [
      "a: &a [*a]\n",
      `version: 1\nseverities: {${Array.from({ length: 500 }, (_, at) => `S${at}: {label: l${at}}`).join(", ")}}\n`,
      "version: 1\nseverities:\n  __proto__: { label: sev:P0 }\n",
      'version: 1\nseverities:\n  P0: { label: "\\u001b[2J" }\n',
      `version: 1\nseverities:\n  P0: { label: sev:P0, close-requires: ${"[".repeat(400)}${"]".repeat(400)} }\n`,
      "\u0000\u001b[2J",
      `version: 1\n# ${"x".repeat(300_000)}\n`,
    ];
    for (const text of hostile) {
      for (const json of [true, false]) {
        const { code, text: printed } = await run({ policy: file(text), json });
        expect([0, 1]).toContain(code);
        expect(printed.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    }
  });

  it("is a command line that is not understood: with 2, and the words to write instead", async () => {
    expect((await problem({})).message).toBe("Name what to try: --policy FILE, or --on-call FILE.");
    await expect(run({})).rejects.toThrow(UsageError);
    expect((await problem({ policy: "-", onCall: "-" })).kind).toBe("bad-argument");
    for (const since of ["yesterday", "2026-02-30", "0d", "2999-01-01"]) {
      expect((await problem({ policy: file(LAX), since })).message).toContain("--since");
    }
    expect((await problem({ policy: file(LAX), repository: "ops" })).message).toContain("acme/ops");
    expect((await problem({ policy: file(LAX), repository: undefined })).message).toContain("Name the repository");
  });

  it("is a repository that is not there, settings that are missing, or a GitHub that does not answer", async () => {
    expect((await problem({ policy: file(LAX), repository: "acme/none" })).kind).toBe("no-repository");
    expect((await problem({ policy: file(LAX), env: {} })).kind).toBe("settings");
    const env = { ...TOKEN, GITHUB_API_URL: "notaurl" };
    expect((await problem({ policy: file(LAX), env })).message).toMatch(/GITHUB_API_URL is not an address/);
    const { issuesWithLabel } = story.github.read;
    Object.assign(story.github.read, {
      issuesWithLabel: async () => {
        throw new TransientError("GitHub did not answer.");
      },
    });
    try {
      expect((await problem({ policy: file(LAX) })).kind).toBe("later");
    } finally {
      Object.assign(story.github.read, { issuesWithLabel });
    }
  });
});

describe("The repository", () => {
  it("is the one this folder is a clone of, if it is on the GitHub that is asked", async () => {
    const remote = (host: string) => async () => ({ host, repository: "acme/ops" });
    const told = await simulated({ policy: file(LAX), repository: undefined, remote: remote("github.com") });
    expect(told.repository).toBe("acme/ops");
    const other = await problem({ policy: file(LAX), repository: undefined, remote: remote("ghe.example") });
    expect(other.message).toContain("ghe.example");
  });

  it.each([
    ["https://github.com/acme/ops.git", { host: "github.com", repository: "acme/ops" }],
    ["https://token@github.com/acme/ops", { host: "github.com", repository: "acme/ops" }],
    ["git@github.com:acme/ops.git", { host: "github.com", repository: "acme/ops" }],
    ["ssh://git@ghe.example:22/acme/some.repo.git", { host: "ghe.example", repository: "acme/some.repo" }],
    ["/srv/git/ops.git", null],
    ["file:///srv/ops", null],
  ])("is read from the address of origin: %s", async (url, found) => {
    const config = `[core]\n\tbare = false\n[remote "upstream"]\n\turl = https://github.com/other/ops\n[remote "origin"]\n\turl = ${url}\n\tfetch = +refs\n`;
    expect(await gitRemote(async () => config)).toEqual(found);
  });

  it("has to be named where there is no clone", async () => {
    expect(await gitRemote(async () => Promise.reject(new Error("ENOENT")))).toBe(null);
    expect(await gitRemote(async () => "[core]\n")).toBe(null);
  });
});
