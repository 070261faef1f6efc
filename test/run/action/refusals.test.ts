import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Instant } from "../../../src/core/model.ts";
import { ActionRuns, type EndedRun } from "../../support/action-runs.ts";

let runs: ActionRuns;

beforeEach(() => {
  runs = new ActionRuns();
});

afterEach(() => {
  runs.stop();
});

const place = () => ({ id: runs.repository.id, full_name: "acme/ops", private: false });
const opened = (labels: readonly string[]) => ({
  action: "opened",
  issue: { number: 1, labels: labels.map((name) => ({ name })), body: "" },
  repository: place(),
});
const graphql = (data: unknown) => Response.json({ data });

/** Red, with the words beside the run and in its summary. */
function expectRefusal(run: EndedRun, words: string | RegExp): void {
  expect(run.exitCode).toBe(1);
  expect(run.lines.at(-1)).toMatch(/^::error title=Sevgate::/);
  expect(run.lines.at(-1)).toMatch(words);
  expect(run.summary.replaceAll("\\", "")).toMatch(words);
}

describe("a run is refused in a clear line, before anything is asked of GitHub,", () => {
  const nothingAsked = () => expect(runs.runs.at(-1)).toMatchObject({ requests: [], questions: 0 });

  it("if there is no event file", async () => {
    expectRefusal(await runs.runWith("issues", null), /GITHUB_EVENT_PATH names cannot be read \(ENOENT\)/);
    nothingAsked();
  });

  it("if the event file is not JSON", async () => {
    expectRefusal(await runs.runWith("issues", "{"), /not JSON/);
    nothingAsked();
  });

  it("if the event file is larger than any of GitHub's", async () => {
    expectRefusal(await runs.runWith("issues", " ".repeat(27 * 1_048_576)), /larger than any/);
    nothingAsked();
  });

  it.each([["null"], ["[]"], ['"issue"'], ["{}"]])("if the event is of no repository: %s", async (text) => {
    expectRefusal(await runs.runWith("issues", text), /another repository/);
    nothingAsked();
  });

  it("if the event is one of another repository", async () => {
    const payload = { ...opened(["sev:P0"]), repository: { ...place(), id: 1 } };
    expectRefusal(await runs.run("issues", payload), /another repository/);
    nothingAsked();
  });

  it("if the workflow uses pull_request, whose workflow a pull request may change", async () => {
    expectRefusal(await runs.run("pull_request", { repository: place() }), /Use pull_request_target/);
    nothingAsked();
  });

  it("if it gets no secrets, as runs for forks and for Dependabot", async () => {
    runs.environment = { "INPUT_RECORD-KEY": "" };
    expectRefusal(await runs.run("issues", opened(["sev:P0"])), /record-key is empty[\s\S]*forks get no secrets/);
    nothingAsked();
  });

  it("if the record key is too short to be one, which it does not print", async () => {
    runs.environment = { "INPUT_RECORD-KEY": "short-secret" };
    const run = await runs.run("issues", opened(["sev:P0"]));
    expectRefusal(run, /shorter than 32 characters/);
    expect(JSON.stringify(run)).not.toContain("short-secret");
  });

  it("if an alert does not say where it comes from", async () => {
    expectRefusal(await runs.dispatch({ alert: "down" }), /holds source \(better-stack/);
    nothingAsked();
  });
});

// (A-136)
describe("a run is refused once GitHub has said", () => {
  it("that it does not know the token", async () => {
    runs.instead = () => Response.json({ message: "Bad credentials" }, { status: 401 });
    expectRefusal(await runs.schedule(), /refuses the token. Check the input token/);
  });

  it("that the token is a person's", async () => {
    runs.instead = (_, path) =>
      path === "/graphql"
        ? graphql({ viewer: { login: "alice" }, repository: { databaseId: runs.repository.id } })
        : null;
    expectRefusal(await runs.schedule(), /token is a person's/);
  });

  it("that the token does not show this repository", async () => {
    runs.instead = (_, path) =>
      path === "/graphql"
        ? Response.json({
            data: { viewer: { login: "sevgate[bot]" }, repository: null },
            errors: [{ type: "NOT_FOUND", message: "Could not resolve to a Repository." }],
          })
        : null;
    expectRefusal(await runs.schedule(), /does not show this repository/);
  });

  it("nothing about whose the token is, unless the workflow names the app", async () => {
    runs.instead = (_, path) => (path === "/graphql" ? Response.json({ message: "Not Found" }, { status: 404 }) : null);
    expectRefusal(await runs.schedule(), /Give the input app-slug/);
    runs.instead = (_, path, body) =>
      path === "/graphql" && body.includes("viewer")
        ? Response.json({
            data: null,
            errors: [{ type: "FORBIDDEN", message: "Resource not accessible by integration" }],
          })
        : null;
    expectRefusal(await runs.schedule(), /Give the input app-slug/);
    runs.environment = { "INPUT_APP-SLUG": "sevgate" };
    expect(await runs.schedule()).toMatchObject({ exitCode: 0 });
  });

  it("that the token is another app's than the workflow names", async () => {
    runs.environment = { "INPUT_APP-SLUG": "other" };
    expectRefusal(await runs.schedule(), /one of sevgate\[bot\], but the input app-slug says other/);
  });

  it("that the server runs the repository, with the line that changes it", async () => {
    runs.github.setFile(".github/sevgate.yml", "version: 1\n", runs.repository);
    const run = await runs.schedule();
    expectRefusal(run, /add this line to \.github\/sevgate\.yml on the default branch: runs-in: action/);
    // It asks for the policy and its owner's, and for nothing else.
    expect(run.requests.filter((one) => !/^GET (?:apps|\/apps|contents|actions)/.test(one))).toEqual([]);
  });
});

describe("a run that left something undone is red:", () => {
  it("GitHub did not answer for long, which it says with the incident", async () => {
    const { number } = runs.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
    runs.instead = (method, path) =>
      method === "GET" && path.endsWith(`/issues/${number}`)
        ? Response.json({ message: "Oops" }, { status: 502 })
        : null;
    await runs.settle();
    const run = runs.runs.find(({ exitCode }) => exitCode === 1)!;
    expect(run.summary).toMatch(/### Not done\n\n- incident #1: .*502/);
    expect(run.summary).toContain("**Something was left undone.** The next scheduled run tries again");
    expect(run.outputs).toContain("undone=1\n");
    runs.instead = () => null;
    await runs.schedule();
    expect(runs.status(number)).toContain("nobody has acknowledged");
  });

  it("GitHub did not answer after something was done, which it says as well", async () => {
    const { number } = runs.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
    runs.instead = (_, path) => (path.endsWith("/pulls") ? Response.json({ message: "Oops" }, { status: 502 }) : null);
    await runs.settle();
    const run = runs.runs.find(({ exitCode }) => exitCode === 1)!;
    expect(run.summary).toMatch(/### Not done\n\n- the repository: .*502/);
    expect(run.summary).toMatch(/- incident #1: `.*create-status/);
    expect(runs.ownComments(number)).toHaveLength(1);
  });

  it("the hour's requests are used up, which says when they are back", async () => {
    runs.limit = { limit: 1_000, remaining: 6, resetsAt: (runs.clock.now() + 1_200_000) as Instant };
    runs.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
    await runs.settle();
    const run = runs.runs.find(({ exitCode }) => exitCode === 1)!;
    expect(run.summary).toMatch(/rate limit is reached/);
  });

  it("its time was over, and it names what still waits", async () => {
    for (const title of ["Down", "Slow"]) {
      await runs.after(() => runs.github.as("bob").openIssue({ title, body: "", labels: ["sev:P0"] }));
    }
    runs.instead = () => {
      runs.later(60_000);
      return null;
    };
    const run = await runs.schedule();
    expect(run.exitCode).toBe(1);
    expect(run.summary).toMatch(
      /### Not done\n\n[\s\S]*- incident #1: The run&#39;s|- incident #1: The run's time was over/,
    );
  });

  it("few requests are left, which a scheduled run keeps for events", async () => {
    await runs.schedule();
    runs.limit = { limit: 1_000, remaining: 150, resetsAt: (runs.clock.now() + 1_200_000) as Instant };
    const run = await runs.schedule();
    expect(run.exitCode).toBe(1);
    expect(run.summary).toContain("kept for events");
    expect(run.summary).toMatch(/Left of the hour's 1000 requests: 14\d, for 20 minutes/);
    expect(run.requests.length).toBeLessThan(6);
  });
});

describe("a policy that is broken", () => {
  it("makes the run red, with the place, and nothing is judged by rules that nobody chose", async () => {
    runs.github.setFile(".github/sevgate.yml", "runs-in: action\nseverity: {}\n", runs.repository);
    const { number } = runs.github.as("bob").openIssue({ title: "Down", body: "", labels: ["sev:P0"] });
    await runs.settle();
    const run = runs.runs.find(({ exitCode }) => exitCode === 1)!;
    expect(run.summary).toContain("- incident #1: The policy of acme/ops cannot be used (line 2: ");
    expect(runs.github.issue(number, runs.repository).labels).toEqual(["sev:P0"]);
    expect(runs.ownComments(number)).toEqual([]);
  });
});

describe("what a run says", () => {
  it("is that there is nothing to do, in green, for an event of no interest", async () => {
    for (const name of ["watch", "fork", "deployment_status", "release", "gollum", "../../etc/passwd"]) {
      const run = await runs.runWith(name, null);
      expect(run).toMatchObject({ exitCode: 0, requests: [], questions: 0 });
      expect(run.summary).toContain("Nothing to do");
    }
  });

  // (A-137)
  it("holds nothing that people wrote, and no line of it is a command to the runner", async () => {
    const words = "::set-output name=x::y ##[error]mine @acme/all";
    runs.environment = { RUNNER_DEBUG: "1" };
    runs.github.as("bob").openIssue({ title: words, body: `${words}\n::error::body`, labels: ["sev:P0"] });
    await runs.settle();
    await runs.after(() => runs.github.as("alice").comment(1, `/ack\n::error::${words}`));
    const run = runs.runs.at(-1)!;
    expect(run.summary).not.toContain("acme/all");
    const [first, ...lines] = run.lines;
    const [, word = ""] = /^::stop-commands::(.+)$/.exec(first ?? "") ?? [];
    const resumed = lines.indexOf(`::${word}::`);
    expect(word).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines.slice(resumed + 1).filter((line) => line.startsWith("::"))).toEqual([]);
    expect(lines.slice(0, resumed).filter((line) => line.includes("::error::"))).toEqual([]);
    expect(lines.length).toBeGreaterThan(10);
  });

  it("escapes what the policy calls its labels", async () => {
    const policy = "version: 1\nruns-in: action\nseverities: { Bad: { label: 'bad `@acme/all` | x' } }\n";
    runs.github.setFile(".github/sevgate.yml", policy, runs.repository);
    const run = await runs.schedule();
    expect(run.exitCode).toBe(0);
    expect(run.summary).toContain(
      "<code>create&#45;label&#58;bad &#96;<span>@</span>acme&#47;all&#96; &#124; x</code>",
    );
  });
});
