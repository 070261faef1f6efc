import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Ajv } from "ajv";
import { type ProtectOptions, protect } from "../../src/cli/protect.ts";
import { protectionJsonSchema } from "../../src/cli/protect-answer.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { planProtection, type Requirement } from "../../src/core/protection/plan-protection.ts";
import { closeGateRuleset } from "../../src/core/protection/ruleset.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { fetchFromFake } from "../../testkit/fake-over-http/fetch-from-fake.ts";
import { loadGitHubDescription } from "../../testkit/github-description.ts";
import { serveFakeGitHub } from "../../testkit/serve-fake-github.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { runSevgate } from "../support/run-sevgate.ts";

// A process takes a second to start, on a busy machine longer.
jest.setTimeout(60_000);

const APP = 4_242;
const CHECK = "sevgate/close-gate";
const ENV = { GITHUB_TOKEN: "ghp_of-maria", APP_ID: String(APP) };
const network = globalThis.fetch;

let clock: VirtualClock;
let github: FakeGitHub;
let asked: string[];
beforeEach(() => {
  clock = new VirtualClock();
  github = new FakeGitHub({ clock, appId: APP });
  github.addRepository({ owner: "acme", name: "ops" });
  github.viewer = { login: "maria", type: "User", isAdmin: true };
  asked = [];
  globalThis.fetch = fetchFromFake(
    github,
    () => clock.now(),
    ({ method, path }) => asked.push(`${method} ${path.split("?")[0]}`),
  );
});
afterEach(() => {
  globalThis.fetch = network;
});

const fits = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(protectionJsonSchema()) as object);

/** Runs the command against the fake, over HTTP, with every request checked against GitHub's description. */
async function run(options: Partial<ProtectOptions> = {}) {
  let text = "";
  const code = await protect({
    repository: "acme/ops",
    apply: false,
    force: false,
    bypass: "admins",
    appId: undefined,
    rulesetJson: false,
    json: false,
    env: ENV,
    clock,
    write: (written) => (text += written),
    ...options,
  }).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    text += error.message;
    return 2 as const;
  });
  // Whatever is answered as JSON is held to its schema.
  if (options.json === true)
    expect({ fits: fits(JSON.parse(text)), errors: fits.errors }).toEqual({ fits: true, errors: null });
  return { code, text };
}

/** A pull request on which the app has posted its check. */
async function postCheck(): Promise<void> {
  const repository = github.repositoryNamed("acme/ops");
  const { headSha } = github.as("wendy").openPullRequest({ title: "A change", commits: ["x"], files: {} });
  await github.write.createCheckRun(repository, {
    name: CHECK,
    headSha,
    status: "completed",
    conclusion: "success",
    title: "Closes nothing",
    summary: "",
    annotations: [],
    actions: [],
    externalId: "x",
  });
}

const writes = () => asked.filter((request) => !request.startsWith("GET "));
const rule = (appId: number | null, more: readonly object[] = []) => ({
  type: "required_status_checks",
  parameters: {
    strict_required_status_checks_policy: true,
    do_not_enforce_on_create: true,
    required_status_checks: [...more, { context: CHECK, ...(appId === null ? {} : { integration_id: appId }) }],
  },
});

describe("sevgate protect", () => {
  it("shows what it would send, byte for byte, and changes nothing", async () => {
    await postCheck();
    const { code, text } = await run();
    expect(code).toBe(0);
    expect(text).toContain("acme/ops, branch main, app sevgate, id 4242 (by APP_ID)\nNow:      nothing requires");
    expect(text).toContain(
      `POST /repos/acme/ops/rulesets\n${JSON.stringify(closeGateRuleset(CHECK, APP, "admins"), null, 2)}`,
    );
    expect(text).toContain("Nothing was changed. Add --apply");
    expect(text).not.toContain("Warning:");
    expect(writes()).toEqual([]);
    await run({ apply: true });
    expect(github.rulesets()).toMatchObject([closeGateRuleset(CHECK, APP, "admins")]);
  });

  it("makes the rule with --apply, sees that it is in force, and has nothing left to do the second time", async () => {
    await postCheck();
    const first = await run({ apply: true });
    expect(first).toMatchObject({
      code: 0,
      text: expect.stringContaining("Done: sevgate/close-gate is required from this app alone."),
    });
    expect(writes()).toEqual(["POST /repos/acme/ops/rulesets"]);
    const again = await run({ apply: true });
    expect(again.text).toContain(
      "the ruleset “sevgate/close-gate” requires sevgate/close-gate from this app alone.\nNothing is left to do.",
    );
    expect(writes()).toHaveLength(1);
  });

  //
  it("gives the check its source in a ruleset that is there, and leaves all the rest of it as it is", async () => {
    await postCheck();
    const before = {
      name: "main",
      bypass_actors: [{ actor_id: 7, actor_type: "Team", bypass_mode: "always" }],
      conditions: { ref_name: { include: ["refs/heads/main"], exclude: [] } },
      rules: [{ type: "deletion" }, rule(null, [{ context: "tests", integration_id: 9 }])],
    };
    const id = github.putRuleset(before);
    expect((await run({ apply: true })).code).toBe(0);
    expect(writes()).toEqual([`PUT /repos/acme/ops/rulesets/${id}`]);
    const rules = [{ type: "deletion" }, rule(APP, [{ context: "tests", integration_id: 9 }])];
    expect(github.rulesets()).toEqual([{ ...before, id, target: "branch", enforcement: "active", rules }]);
  });

  it("leaves a ruleset alone that GitHub does not show as a whole, and makes its own beside it", async () => {
    await postCheck();
    github.putRuleset({ name: "main", bypass_actors: [{ actor_type: "DeployKey" }], rules: [rule(null)] });
    github.showsBypass = false;
    expect((await run({ apply: true })).code).toBe(0);
    expect(github.rulesets().map(({ name, rules }) => [name, rules])).toEqual([
      ["main", [rule(null)]],
      ["sevgate/close-gate", closeGateRuleset(CHECK, APP, "admins").rules],
    ]);
  });

  //
  it("gives the check its source in classic branch protection, and the others keep theirs", async () => {
    await postCheck();
    github.setClassicChecks([
      { context: "tests", app_id: 9 },
      { context: "anybody", app_id: null },
      { context: CHECK, app_id: null },
    ]);
    expect((await run()).text).toContain("branch protection of main requires sevgate/close-gate from anybody.");
    const { request } = JSON.parse((await run({ json: true })).text);
    // Left out, GitHub would choose the app that posted it last.
    expect(request.body.checks).toContainEqual({ context: "anybody", app_id: -1 });
    expect((await run({ apply: true })).code).toBe(0);
    expect(writes()).toEqual(["PATCH /repos/acme/ops/branches/main/protection/required_status_checks"]);
    expect(github.classicChecks()).toEqual([
      { context: "tests", app_id: 9 },
      { context: "anybody", app_id: null },
      { context: CHECK, app_id: APP },
    ]);
  });

  it("puts its own ruleset in force again when somebody has switched it off, or taken the check out", async () => {
    await postCheck();
    const mine = closeGateRuleset(CHECK, APP, "none");
    const id = github.putRuleset({ ...mine, enforcement: "disabled" });
    expect((await run({ apply: true })).code).toBe(0);
    expect(github.rulesets()).toEqual([{ ...mine, id }]);
    github.putRuleset({ id, name: mine.name, rules: [{ type: "deletion" }] });
    expect((await run({ apply: true })).code).toBe(0);
    expect(github.rulesets()).toEqual([{ ...mine, id, rules: [{ type: "deletion" }, ...mine.rules] }]);
  });

  it("says so when GitHub took the change and the rule is still not in force", async () => {
    await postCheck();
    const mine = closeGateRuleset(CHECK, APP, "none");
    const conditions = { ref_name: { include: ["~ALL"], exclude: ["refs/heads/main"] } };
    github.putRuleset({ ...mine, enforcement: "evaluate", conditions });
    const { code, text } = await run({ apply: true });
    expect({ code, text }).toMatchObject({
      code: 1,
      text: expect.stringContaining("Look at https://github.com/acme/ops/settings/rules"),
    });
    expect(github.rulesets()).toMatchObject([{ enforcement: "active", conditions }]);
  });

  it("does not change a rule of the organization, and makes one that names the source beside it", async () => {
    await postCheck();
    github.requireChecks([CHECK]);
    const { text } = await run({ apply: true });
    expect(text).toContain("a ruleset of acme requires sevgate/close-gate from anybody.");
    expect(writes()).toEqual(["POST /repos/acme/ops/rulesets"]);
  });

  it("takes no other check of the app for the gate", async () => {
    await postCheck();
    github.putRuleset({
      name: "main",
      rules: [
        {
          type: "required_status_checks",
          parameters: { required_status_checks: [{ context: "sevgate/policy", integration_id: APP }] },
        },
      ],
    });
    expect(JSON.parse((await run({ json: true })).text)).toMatchObject({ plan: "create", required: [] });
  });

  it("does not choose between two apps that have posted the check", async () => {
    await postCheck();
    const check_runs = [4_242, 66].map((id) => ({ name: CHECK, app: { id, slug: `app-${id}` } }));
    answerInstead((request) => request.endsWith("/check-runs"), 200, { total_count: 2, check_runs });
    expect(await run({ apply: true, env: { GH_TOKEN: "ghp_of-maria" } })).toMatchObject({
      code: 1,
      text: expect.stringMatching(/app-4242 \(4242\) and app-66 \(66\): I cannot tell which is yours/),
    });
    expect(writes()).toEqual([]);
  });

  it("warns of a rule that wants the check from another app, before and after, and leaves it alone", async () => {
    await postCheck();
    github.putRuleset({ name: "theirs", rules: [rule(77)] });
    const says =
      /Warning: {2}The ruleset “theirs” requires sevgate\/close-gate from the app 77\. Merges wait for that app, too/;
    expect((await run({ apply: true })).text).toMatch(says);
    const again = await run({ json: true });
    expect(JSON.parse(again.text)).toMatchObject({ plan: "nothing", warnings: [{ kind: "other-source" }] });
    expect((await run()).text).toMatch(/Warning:[\s\S]+There is nothing to send\.\n$/);
    expect(github.rulesets()).toMatchObject([{ name: "theirs", rules: [rule(77)] }, {}]);
  });

  it("gives its own ruleset the new app without a warning when the app has changed", async () => {
    await postCheck();
    github.putRuleset(closeGateRuleset(CHECK, 77, "admins"));
    const { code, text } = await run({ apply: true });
    expect(code).toBe(0);
    expect(text).not.toContain("Warning:");
    expect(github.rulesets()).toMatchObject([closeGateRuleset(CHECK, APP, "admins")]);
  });

  it("changes nothing where the check has never been seen, or the policy keeps it back, unless told to", async () => {
    const unseen = await run({ apply: true });
    expect(unseen).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^Nothing was changed\. The app has not posted.+With --force/),
    });
    await postCheck();
    github.setFile(".github/sevgate.yml", "pull-requests: { check: referencing }\n");
    const kept = await run({ apply: true });
    expect(kept).toMatchObject({ code: 1, text: expect.stringContaining("`check: referencing`") });
    expect(writes()).toEqual([]);
    expect((await run({ apply: true, force: true })).code).toBe(0);
    expect(github.rulesets()).toHaveLength(1);
  });

  //
  it.each([
    ["the token of an installation", { ...ENV, GITHUB_TOKEN: "ghs_of-the-app" }, "User" as const],
    ["a token that GitHub says is an app's", ENV, null],
    ["a token that GitHub says is a bot's", ENV, "Bot" as const],
  ])("refuses %s, and sends nothing", async (_name, env, type) => {
    await postCheck();
    github.viewer = type === null ? null : { login: "x", type, isAdmin: true };
    const { code, text } = await run({ apply: true, env });
    expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining("is no person's") });
    expect(text).toContain("gh auth token");
    expect(writes()).toEqual([]);
  });

  it("takes the app from --app-id, else from APP_ID, else from the one app that has posted the check", async () => {
    const env = { GH_TOKEN: "ghp_of-maria" };
    expect(await run({ env })).toMatchObject({ code: 1, text: expect.stringMatching(/No app has posted.+--app-id/) });
    await postCheck();
    expect((await run({ env })).text).toContain("app sevgate, id 4242 (by the check it posted there)");
    const other = (await run({ appId: 5 })).text;
    expect(other).toContain("app id 5 (by --app-id)");
    expect(other).toContain("also posted by sevgate (4242), whose check will not count");
    github.appPermissions = { checks: "write" };
    expect((await run()).text).toContain("does not ask for statuses: write");
    github.slug = "github-actions";
    expect(await run({ env })).toMatchObject({
      code: 1,
      text: expect.stringContaining("I cannot tell which is yours"),
    });
    expect((await run({ env: { ...env, APP_ID: "4242" } })).text).toContain("Every workflow of the repository posts");
  });

  it.each([
    ["no token", { env: {} }, 1, /^Set GITHUB_TOKEN/],
    ["a token on two lines", { env: { GITHUB_TOKEN: "ghp_a\nb" } }, 1, /holds characters that no token has/],
    ["a token in quotes", { env: { GITHUB_TOKEN: "“ghp_a”" } }, 1, /holds characters that no token has/],
    ["a repository that is none", { repository: "ops" }, 2, /“ops” is no repository: write acme\/ops/],
    ["--ruleset-json without an app", { rulesetJson: true, env: {} }, 2, /add --app-id/],
    ["an API that is no address", { env: { ...ENV, GITHUB_API_URL: "x" } }, 1, /GITHUB_API_URL is not an address/],
  ] as const)("says what to do about %s", async (_name, options, code, says) => {
    const found = await run(options);
    expect(found.code).toBe(code);
    expect(found.text).toMatch(says);
    expect(asked).toEqual([]);
  });

  //
  it("says that a plan has no rules for private repositories", async () => {
    github.rulesInPlan = false;
    expect(await run({ apply: true })).toMatchObject({
      code: 1,
      text: expect.stringMatching(/no rules for private repositories.+gate works without/),
    });
  });

  it("says which right is missing when GitHub refuses the change", async () => {
    await postCheck();
    github.viewer = { login: "wendy", type: "User", isAdmin: false };
    expect(await run({ apply: true })).toMatchObject({
      code: 1,
      text: expect.stringMatching(/refuses the change \(404\).+Administration: read and write/),
    });
    expect(github.rulesets()).toEqual([]);
  });

  /** Answers those requests in GitHub's place. */
  function answerInstead(wanted: (request: string) => boolean, status: number, body: unknown): void {
    const fake = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const path = new URL(input instanceof Request ? input.url : input).pathname;
      if (!wanted(`${init?.method ?? "GET"} ${path}`)) return await fake(input, init);
      const json = typeof body !== "string";
      const headers = { "content-type": json ? "application/json" : "text/html" };
      return new Response(json ? JSON.stringify(body) : body, { status, headers });
    };
  }

  it.each([
    [404, { message: "Not Found" }],
    [200, "<html>Sign in</html>"],
  ])("says where an Enterprise Server has its API when none answers (%i)", async (status, body) => {
    answerInstead((request) => request === "GET /user", status, body);
    expect(await run({ env: { ...ENV, GITHUB_API_URL: "https://github.corp.example" } })).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^No API of GitHub.+https:\/\/github\.corp\.example\/api\/v3/),
    });
  });

  it("does not take a person for an app when GitHub refuses them for something else", async () => {
    answerInstead((request) => request === "GET /user", 403, { message: "Your IP address is not allowed" });
    const { code, text } = await run({ apply: true });
    expect({ code, text }).toMatchObject({
      code: 1,
      text: expect.stringContaining("address is not allowed. It takes"),
    });
    expect(text).not.toContain("no person's");
    expect(writes()).toEqual([]);
  });

  it("speaks of a refused change only when one was sent", async () => {
    answerInstead((request) => request.endsWith("/pulls"), 404, { message: "Not Found" });
    const { code, text } = await run({ apply: true });
    expect({ code, text }).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^GET .+\/pulls: GitHub answered 404/),
    });
    expect(text).not.toContain("change");
  });

  it("says what GitHub has against the change, and that nothing was changed", async () => {
    await postCheck();
    answerInstead((request) => request.startsWith("POST "), 422, {
      message: "Validation Failed",
      errors: ["Name must be unique"],
    });
    expect(await run({ apply: true })).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^Nothing was changed\. .+Name must be unique/),
    });
  });

  it.each([
    [
      "does not say whether it made the change",
      (request: string) => request.startsWith("POST "),
      /may have made the change.+run this again/,
    ],
    [
      "took the change and then says nothing more",
      (request: string) => writes().length > 0 && request.endsWith("/rulesets"),
      /^GitHub took the change, and does not show/,
    ],
  ])("does not let anybody believe that nothing was changed when GitHub %s", async (_name, wanted, says) => {
    await postCheck();
    answerInstead(wanted, 502, { message: "Bad Gateway" });
    const { code, text } = await run({ apply: true });
    expect(code).toBe(1);
    expect(text).toMatch(says);
  });

  it("sends a token nowhere in the clear, but to this machine", async () => {
    const env = { ...ENV, GITHUB_API_URL: "http://github.corp.example/api/v3" };
    expect(await run({ env })).toMatchObject({ code: 1, text: expect.stringContaining("readable on the way") });
    expect(asked).toEqual([]);
  });

  it("answers as one line of JSON, with the request, and with an error for what cannot be said", async () => {
    await postCheck();
    const { text } = await run({ json: true });
    expect(text.trimEnd()).not.toContain("\n");
    expect(JSON.parse(text)).toEqual({
      version: 1,
      repository: "acme/ops",
      branch: "main",
      check: CHECK,
      app: { id: APP, slug: "sevgate", from: "setting" },
      required: [],
      plan: "create",
      request: { method: "POST", path: "/repos/acme/ops/rulesets", body: closeGateRuleset(CHECK, APP, "admins") },
      warnings: [],
      applied: false,
    });
    const refused = await run({ json: true, env: {} });
    expect(JSON.parse(refused.text)).toMatchObject({
      version: 1,
      error: { kind: "settings", message: expect.any(String) },
    });
    expect((await run({ json: true, repository: "x" })).code).toBe(2);
  });

  it.each([
    ["admins", [5]],
    ["maintainers", [2, 5]],
    ["none", []],
  ] as const)("lets %s merge without the check, in pull requests only", (bypass, roles) => {
    expect(closeGateRuleset(CHECK, APP, bypass).bypass_actors).toEqual(
      roles.map((actor_id) => ({ actor_id, actor_type: "RepositoryRole", bypass_mode: "pull_request" })),
    );
  });
});

describe("sevgate protect as a command", () => {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-protect-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** In an empty folder, and with nothing of this environment. */
  const command = (env: Readonly<Record<string, string>>, ...given: readonly string[]) =>
    runSevgate(["protect", ...given], { cwd: folder, env });

  it("shows, applies and finds nothing left, with exit codes, a token from a file, and no token in what it prints", async () => {
    await postCheck();
    globalThis.fetch = network;
    const server = await serveFakeGitHub(github, () => clock.now());
    writeFileSync(join(folder, "token"), "ghp_of-maria-in-a-file\n");
    const env = { GITHUB_TOKEN_FILE: "token", GITHUB_API_URL: server.url, APP_ID: String(APP) };
    const shown = await command(env, "acme/ops");
    const applied = await command(env, "acme/ops", "--apply", "--bypass", "none");
    const again = await command(env, "acme/ops", "--json");
    await server.close();
    expect([shown.code, applied.code, again.code]).toEqual([0, 0, 0]);
    expect(shown.out).toContain("Nothing was changed.");
    expect(applied.out).toContain("Done: ");
    expect(JSON.parse(again.out)).toMatchObject({ plan: "nothing", request: null });
    expect(github.rulesets()).toMatchObject([{ bypass_actors: [] }]);
    expect(JSON.stringify([shown, applied, again])).not.toContain("ghp_");
  });

  it.each([
    [[], /Name the repository: sevgate protect acme\/ops/],
    [["acme/ops", "--force"], /--force does nothing without --apply/],
    [["acme/ops", "--bypass", "all"], /Allowed choices are admins, maintainers, none/],
    [["acme/ops", "--app-id", "x"], /It is the App ID, a number/],
    [["--ruleset-json", "--apply"], /cannot be used with option '--apply'/],
  ])("does nothing for %j, with exit code 2", async (given, says) => {
    const { code, out, err } = await command({}, ...given);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(says);
  });
});

describe("the ruleset to import", () => {
  const file = JSON.parse(readFileSync(new URL("../../templates/ruleset.json", import.meta.url), "utf8"));

  it("is the one that --ruleset-json prints, but for the app's id", async () => {
    const { text } = await run({ rulesetJson: true, repository: undefined });
    const filled = JSON.parse(JSON.stringify(file).replace(/"<the App ID[^"]*"/, String(APP)));
    expect(JSON.parse(text)).toEqual(filled);
    expect(asked).toEqual([]);
  });

  it("is one that GitHub's description knows, and is none before the id is written into it", () => {
    const described = loadGitHubDescription();
    const problems = (body: unknown) =>
      described.problemsOfRequest("POST", "/repos/acme/ops/rulesets", new URLSearchParams(), body);
    expect(problems(closeGateRuleset(CHECK, APP, "maintainers"))).toEqual([]);
    expect(problems(file)).not.toEqual([]);
  });
});

describe("the smallest change", () => {
  const from = (kind: Requirement["kind"], appId: number | null): Requirement => ({ kind, id: 1, name: "x", appId });
  const named = { id: 9, name: "sevgate/close-gate" };

  it.each<readonly [string, readonly Requirement[], typeof named | null, string]>([
    ["nothing requires it", [], null, "create"],
    ["its own ruleset does not hold", [], named, "repair"],
    ["a ruleset requires it from anybody", [from("ruleset", null)], null, "pin"],
    ["classic protection requires it from anybody", [from("classic", null)], named, "pin"],
    ["the organization requires it from anybody", [from("inherited", null)], null, "create"],
    ["the organization requires it from this app", [from("inherited", 4_242)], null, "nothing"],
    ["another app's is required", [from("ruleset", 5)], null, "create"],
    ["one of two names this app", [from("ruleset", null), from("ruleset", 4_242)], null, "nothing"],
  ])("when %s", (_name, required, own, kind) => {
    expect(planProtection(required, own, 4_242).kind).toBe(kind);
  });
});
