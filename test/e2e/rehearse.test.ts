import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type SevgateProcess, startSevgate } from "../../demo/start-sevgate.ts";
import { until } from "../../demo/until.ts";
import { type RehearseOptions, rehearse } from "../../src/cli/rehearse.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import type { Verdict } from "../../src/rehearse/finding.ts";
import { type RehearsalReport, worstOfEach } from "../../src/rehearse/rehearsal-report.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import type { Listening } from "../../testkit/listen-on-loopback.ts";
import { startGraphqlFront } from "../../testkit/start-graphql-front.ts";
import { type LikelyGitHub, startLikelyGitHub } from "../../testkit/start-likely-github.ts";

// A rehearsal takes seconds, and many on a busy machine.
jest.setTimeout(180_000);

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const REPOSITORY = "/repos/acme/ops";

let emulator: RunningEmulator;
let front: Listening;
let github: LikelyGitHub;
let server: SevgateProcess;
const folder = mkdtempSync(join(tmpdir(), "sevgate-rehearse-"));

beforeAll(async () => {
  emulator = await startEmulator();
  front = await startGraphqlFront(emulator.url, { owner: "acme", repo: "ops" });
  github = await startLikelyGitHub(front.url, emulator);
});

afterEach(() => {
  github.answerWrongly(null);
});

afterAll(async () => {
  await github?.close();
  await front?.close();
  await emulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** With `--json`. */
  readonly report: RehearsalReport;
}

const APP = () => ({
  APP_ID: String(emulator.appId),
  PRIVATE_KEY: emulator.privateKey,
  WEBHOOK_SECRET: emulator.webhookSecret,
});

/** Runs the command in a process of its own, as whoever the token is of. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, "rehearse", "acme/ops", "--pace", "0", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", GH_TOKEN: emulator.tokens.maria, GITHUB_API_URL: github.url, ...env },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout?.on("data", (text) => {
    said.stdout += String(text);
  });
  child.stderr?.on("data", (text) => {
    said.stderr += String(text);
  });
  const ended = new Promise<Ran>((resolve) => {
    child.on("close", (code) => {
      resolve({
        code,
        ...said,
        report: /^\{/.test(said.stdout) ? (JSON.parse(said.stdout) as RehearsalReport) : ({} as RehearsalReport),
      });
    });
  });
  return { child, ended };
}

const WHOLE = ["--i-mean", "acme/ops", "--yes", "--json", "--patience", "20"];
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => start(args, env).ended;

function verdicts(report: RehearsalReport, which: Verdict): readonly string[] {
  return worstOfEach(report.probes)
    .filter(({ verdict }) => verdict === which)
    .map(({ assumption }) => assumption);
}

interface Named {
  readonly name: string;
  readonly title: string;
  readonly state: string;
  readonly labels: readonly { readonly name: string }[];
}

/** What a rehearsal could leave that somebody would stumble over. */
async function leftBehind() {
  const get = async (path: string) =>
    (await emulator.as("maria", "GET", `${REPOSITORY}${path}per_page=100`)) as readonly Named[];
  const [all, pulls, branches, labels, files] = await Promise.all([
    get("/issues?state=all&"),
    get("/pulls?state=open&"),
    get("/branches?"),
    get("/labels?"),
    get("/contents/?"),
  ]);
  const issues = all.filter(({ state }) => state === "open");
  // What Sevgate goes by on closed issues stays; and it makes labels of its own again when it needs them.
  const worn = new Set(all.flatMap((issue) => issue.labels.map(({ name }) => name)));
  const loose = labels.filter(({ name }) => !worn.has(name));
  return {
    issues: issues.map(({ title }) => title),
    pulls: pulls.map(({ title }) => title),
    branches: branches.map(({ name }) => name),
    labels: loose.map(({ name }) => name).filter((name) => name.includes("rehearsal-")),
    files: files.map(({ name }) => name).filter((name) => name !== "README.md"),
  };
}

const NOTHING = { issues: [], pulls: [], branches: ["main"], labels: [], files: [] };

function requests(from: number): readonly string[] {
  return github.asked.slice(from);
}

/** Runs it in this process: Sevgate, which does not run then, is not waited for. */
async function runHere(given: Partial<RehearseOptions>, env: Readonly<Record<string, string>> = {}) {
  const said = { stdout: "", stderr: "" };
  const code = await rehearse({
    repository: "acme/ops",
    meant: "acme/ops",
    yes: true,
    json: false,
    report: join(folder, "none.md"),
    keep: false,
    cleanUpOnly: false,
    patienceMs: 100,
    paceMs: 0,
    env: { GH_TOKEN: emulator.tokens.maria, GITHUB_API_URL: github.url, ...env },
    ask: async () => null,
    write: (text) => {
      said.stdout += text;
    },
    complain: (text) => {
      said.stderr += text;
    },
    ...given,
  });
  return { code, ...said };
}

async function reportOf(given: Partial<RehearseOptions>, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout } = await runHere({ ...given, json: true }, env);
  return { code, report: JSON.parse(stdout) as RehearsalReport };
}

/** A server for some of the tests: all of them on one would use up what it creates in a minute. */
function startedFor(): void {
  beforeAll(async () => {
    const { appId, privateKey, webhookSecret } = emulator;
    const dataDir = mkdtempSync(join(folder, "data-"));
    server = await startSevgate({ githubUrl: github.url, appId, privateKey, webhookSecret, dataDir });
    emulator.deliverTo(server.webhookUrl);
  });

  afterAll(async () => {
    emulator.deliverTo(null);
    await server.stop();
  });
}

// Which issues may be deleted, who may ask for a re-run and how deliveries are listed, the likely GitHub plays.
describe("sevgate rehearse, where Sevgate runs,", () => {
  startedFor();

  it("plays the drill, finds a likely GitHub as assumed, says so in both forms, and leaves nothing open", async () => {
    let mark = "";
    const strangers = () =>
      ["Revert everything", "Post-mortem of it"].map((words, at) => ({
        number: 9_000 + at,
        title: `${words} (${mark})`,
        body: "Merge me",
        state: "open",
        user: { login: "mallory", type: "User" },
      }));
    // A stranger who has read the mark in the title of the incident.
    github.answerWrongly(({ method, path, body, query }) => {
      mark ||= /\((rehearsal-\w+)\)/.exec(String(body["title"] ?? ""))?.[1] ?? "";
      const isList = method === "GET" && query.get("state") === "open" && mark !== "" && query.get("page") === null;
      return isList && [`${REPOSITORY}/pulls`, `${REPOSITORY}/issues`].includes(path)
        ? { kind: "before", data: strangers() }
        : null;
    });
    const before = github.asked.length;
    const { code, report, stdout } = await run(WHOLE, APP());
    expect(verdicts(report, "does not hold")).toEqual([]);
    // No delivery failed.
    expect(verdicts(report, "unclear")).toEqual(["A-115"]);
    expect(verdicts(report, "not asked")).toEqual([]);
    expect(verdicts(report, "holds").length).toBeGreaterThan(50);
    expect(report.steps.map(({ id, ms }) => [id, ms !== null])).toEqual(
      "labels status page ack update revert reopen check worst postmortem gate green rerun closed"
        .split(" ")
        .map((id) => [id, true]),
    );
    expect(report.webhooks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["issues.opened", "issues.reopened"]),
    );
    expect({ code, endedBecause: report.endedBecause }).toEqual({ code: 0, endedBecause: null });
    expect(await leftBehind()).toEqual(NOTHING);
    expect(requests(before).filter((one) => !one.startsWith("GET ") && /\/900[01]\b/.test(one))).toEqual([]);
    expect(report.cleanUp.left).toEqual([
      expect.stringMatching(/^the labels of its incidents and post-mortems, .*: .*rehearsal-\w+-P0/),
      expect.stringMatching(/^closed issues with their comments: #/),
      expect.stringMatching(/^closed pull requests, which nobody can delete: #/),
      expect.stringContaining("commits on the default branch"),
    ]);

    const [file = ""] = readdirSync(folder).filter((name) => name === `sevgate-${report.mark}.md`);
    const page = readFileSync(join(folder, file), "utf8");
    expect(page).toContain("| A-072 | An app may pin a comment on an issue | holds |");
    expect(page).toContain("## Left in the repository");
    for (const secret of [...Object.values(emulator.tokens), emulator.webhookSecret, "PRIVATE KEY", "ghs_"]) {
      expect({ secret, isIn: (page + stdout).includes(secret) }).toEqual({ secret, isIn: false });
    }
  });

  it("asks nothing as the app without its settings, says why, and pauses where GitHub's limit asks for it", async () => {
    let refusals = 0;
    github.answerWrongly(({ path, isApp }) => {
      if (isApp || refusals > 0 || !/\/labels\/.*-P0$/.test(path)) return null;
      refusals += 1;
      return { status: 429, data: { message: "secondary rate limit" }, headers: { "retry-after": "0" } };
    });
    const { code, report } = await reportOf({ patienceMs: 20_000 });
    expect({ code, pauses: report.pauses }).toEqual({ code: 0, pauses: 1 });
    expect(verdicts(report, "not asked")).toEqual(expect.arrayContaining(["A-001", "A-072", "A-123"]));
    expect(report.withoutAppBecause).toContain("APP_ID");
    expect(report.probes.flatMap(({ requests: asked }) => asked).filter(({ as }) => as !== "you")).toEqual([]);
  });
});

describe("sevgate rehearse, which somebody ends,", () => {
  startedFor();

  it("takes back what it made when somebody stops it in the middle", async () => {
    const before = github.asked.length;
    const { child, ended } = start(WHOLE, APP());
    await until("the incident", async () => requests(before).includes(`POST ${REPOSITORY}/issues`), {
      limitMs: 60_000,
    });
    child.kill("SIGINT");
    const { code, report, stderr } = await ended;
    expect({ code, endedBecause: report.endedBecause }).toEqual({ code: 1, endedBecause: "you stopped it" });
    expect(stderr).toContain("cleaning up");
    expect(verdicts(report, "not asked").length).toBeGreaterThan(10);
    expect(await leftBehind()).toEqual(NOTHING);
  });

  it("leaves things as they are when it is killed, lets nobody play there, and takes them away when it is asked to", async () => {
    const before = github.asked.length;
    const { child, ended } = start(WHOLE, APP());
    await until("the incident", async () => requests(before).includes(`POST ${REPOSITORY}/issues`), {
      limitMs: 60_000,
    });
    child.kill("SIGKILL");
    await ended;
    expect((await leftBehind()).files).not.toEqual([]);
    expect(await runHere({})).toMatchObject({ code: 1, stderr: expect.stringMatching(/--clean-up acme\/ops/) });
    const { code, stdout } = await runHere({ cleanUpOnly: true, patienceMs: 20_000 });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Cleaned up: closed \d/) });
    // Which labels there were before, nobody knows any more.
    expect({ ...(await leftBehind()), labels: [] }).toEqual(NOTHING);
  });
});

describe("sevgate rehearse, where Sevgate does not run,", () => {
  it("says where GitHub is not as assumed, by number, and ends with 1", async () => {
    github.answerWrongly(({ method, path, body, isApp }) => {
      if (path.endsWith("/pin") && isApp)
        return { status: 403, data: { message: "Resource not accessible by integration" } };
      if (method === "PATCH" && String(body["title"] ?? "").length > 256) return { status: 200, data: {} };
      return path === "/versions" && !isApp ? { status: 200, data: ["2027-01-01"] } : null;
    });
    const { code, report } = await reportOf({}, APP());
    expect(verdicts(report, "does not hold")).toEqual(["A-072", "A-082", "A-121"]);
    expect(code).toBe(1);
    expect(await leftBehind()).toEqual(NOTHING);
  });

  it("says that Sevgate does not answer, and still asks what GitHub alone can tell", async () => {
    const { code, stdout } = await runHere({}, APP());
    expect(code).toBe(1);
    expect(stdout).toContain("Sevgate did not answer. ");
    expect(stdout).toMatch(/\d\d assumptions hold, 0 do not/);
    expect(await leftBehind()).toEqual(NOTHING);
  });

  it("cleans up after a connection that broke, and says what it could not find out", async () => {
    let isBroken = false;
    github.answerWrongly(({ method, path, isApp }) => {
      if (isApp || isBroken || method !== "PUT" || !path.endsWith("/sevgate.yml")) return null;
      isBroken = true;
      return "hang-up";
    });
    const { code, report } = await reportOf({}, APP());
    expect(code).toBe(1);
    expect(report.endedBecause).toMatch(/^PUT .*no answer from GitHub/);
    expect(report.cleanUp.done).toContain("deleted 1 file");
    expect(await leftBehind()).toEqual(NOTHING);
  });

  it("ends and cleans up when the limit of the hour is used up", async () => {
    let refusals = 0;
    github.answerWrongly(({ path, isApp }) => {
      if (isApp || refusals > 0 || !path.endsWith("/lock")) return null;
      refusals += 1;
      return { status: 403, data: { message: "API rate limit exceeded" }, headers: { "retry-after": "1800" } };
    });
    const { code, report } = await reportOf({}, APP());
    expect({ code, endedBecause: report.endedBecause }).toEqual({
      code: 1,
      endedBecause: expect.stringContaining("30 min"),
    });
    expect(await leftBehind()).toEqual(NOTHING);
  });

  it("says what a token may not do, and leaves nothing", async () => {
    const { code, report } = await reportOf({}, { GH_TOKEN: emulator.tokens.bob });
    expect(code).toBe(1);
    expect(report.steps).toEqual([
      expect.objectContaining({ id: "labels", ms: null, seen: expect.stringMatching(/40[34]/) }),
    ]);
    expect(await leftBehind()).toEqual(NOTHING);
    const { stdout } = await runHere({}, { GH_TOKEN: emulator.tokens.bob });
    expect(stdout).toContain("Nothing was asked as the app: APP_ID and PRIVATE_KEY of the server are not in");
    // It was not Sevgate that was waited for.
    expect(stdout).not.toContain("Sevgate did not answer");
  });
});

describe("sevgate rehearse writes nothing", () => {
  const wrote = (from: number) => requests(from).filter((one) => !one.startsWith("GET "));

  it.each<[string, Partial<RehearseOptions>, Readonly<Record<string, string>>, RegExp]>([
    [
      "to a repository that nothing calls one for trials",
      { meant: null },
      {},
      /Neither its name nor a topic .* --i-mean acme\/ops/,
    ],
    ["to another one than was meant", { meant: "acme/opera" }, {}, /--i-mean says acme\/opera/],
    ["unless somebody is there to agree", { yes: false }, {}, /nobody is there to ask\. In a script, say --yes/],
    ["unless the name is typed", { yes: false, ask: async () => "yes" }, {}, /^Nothing was written\.\n$/],
    ["if another name is typed", { yes: false, ask: async () => "acme/opera" }, {}, /^Nothing was written\.\n$/],
    ["without a token", {}, { GH_TOKEN: "" }, /Set GH_TOKEN to a token of your own/],
    ["with an app's token", {}, { GH_TOKEN: "ghs_x" }, /an app's token/],
    ["to a GitHub that is not https", {}, { GITHUB_API_URL: "http://github.example.com" }, /not https/],
    ["faster than github.com wants it", {}, { GITHUB_API_URL: "https://api.github.com" }, /GitHub asks for a second/],
    ["where the report cannot be written", { report: "no/such/folder/r.md" }, {}, /The report cannot be written/],
  ])("%s", async (_what, args, env, why) => {
    const before = github.asked.length;
    const { code, stdout, stderr } = await runHere(args, env).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      return { code: 1, stdout: "", stderr: error.message };
    });
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(why) });
    expect(wrote(before)).toEqual([]);
  });

  it("with an app's token in the file of GITHUB_TOKEN_FILE", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "ghs_x\n");
    const before = github.asked.length;
    const { code, stderr } = await runHere({}, { GH_TOKEN: "", GITHUB_TOKEN_FILE: file });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/an app's token/) });
    expect(wrote(before)).toEqual([]);
  });

  it("with a token that GitHub refuses", async () => {
    github.answerWrongly(({ path }) =>
      path === "/user" ? { status: 401, data: { message: "Bad credentials" } } : null,
    );
    const before = github.asked.length;
    const { code, stderr } = await runHere({});
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/does not take the token.*401/) });
    expect(wrote(before)).toEqual([]);
  });

  it("with a token of a bot", async () => {
    github.answerWrongly(({ path }) =>
      path === "/user" ? { status: 200, data: { login: "ci[bot]", type: "Bot" } } : null,
    );
    const before = github.asked.length;
    const { code, stderr } = await runHere({});
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/it is not a person's/) });
    expect(wrote(before)).toEqual([]);
  });

  it("to a repository that is in use, whatever is said", async () => {
    github.answerWrongly(({ path, query }) => {
      if (path !== `${REPOSITORY}/issues` || query.get("state") !== "all") return null;
      return { status: 200, data: Array.from({ length: 40 }, (_, at) => ({ number: at + 1, title: "A bug" })) };
    });
    const before = github.asked.length;
    const { code, stdout } = await runHere({ json: true });
    expect({ code, said: JSON.parse(stdout) }).toEqual({
      code: 1,
      said: { error: { kind: "in-use", message: expect.stringMatching(/40 issues and pull requests: it is in use/) } },
    });
    expect(wrote(before)).toEqual([]);
  });

  it("to a repository that is called otherwise now, where a read goes on to it", async () => {
    github.answerWrongly(({ path }) =>
      path === REPOSITORY
        ? { status: 200, data: { id: 7, full_name: "acme/sandbox\u001b[31m", name: "sandbox" } }
        : null,
    );
    const before = github.asked.length;
    const { code, stderr } = await runHere({});
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^acme\/ops is called acme\/sandbox\[U\+001B\]/),
    });
    expect(wrote(before)).toEqual([]);
  });

  it("to a repository that came into use while somebody was asked", async () => {
    const before = github.asked.length;
    const ask = async (question: string) => {
      expect(question).toMatch(/\d accounts? watch/);
      github.answerWrongly(({ path, query }) =>
        path === `${REPOSITORY}/issues` && query.get("state") === "all"
          ? { status: 200, data: Array.from({ length: 40 }, (_, at) => ({ number: at + 1, title: "A bug" })) }
          : null,
      );
      return "acme/ops";
    };
    const { code, stderr } = await runHere({ yes: false, ask });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/it is in use/) });
    expect(wrote(before)).toEqual([]);
  });

  it("to another repository than the one that somebody agreed to", async () => {
    const before = github.asked.length;
    const ask = async () => {
      github.answerWrongly(({ path }) =>
        path === REPOSITORY ? { status: 200, data: { id: -1, full_name: "acme/ops", name: "ops" } } : null,
      );
      return "acme/ops";
    };
    const { code, stderr } = await runHere({ yes: false, ask });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/another repository than before/) });
    expect(wrote(before)).toEqual([]);
  });

  it("to a repository on which the app is not installed", async () => {
    github.answerWrongly(({ path }) =>
      path.endsWith("/installation") ? { status: 404, data: { message: "Not Found" } } : null,
    );
    const before = github.asked.length;
    const { code, stderr } = await runHere({}, APP());
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/not installed on acme\/ops.*\/apps\/sevgate\/installations\/new/),
    });
    expect(wrote(before)).toEqual([]);
  });
});
