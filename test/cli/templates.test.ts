import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { oncall } from "../../src/cli/oncall.ts";
import { runbooks } from "../../src/cli/runbooks.ts";
import { validate } from "../../src/cli/validate.ts";
import type { Instant, Millis } from "../../src/core/model.ts";
import { parsePolicy } from "../../src/core/policy/parse.ts";
import { templateProblem } from "../../src/core/render/liquid.ts";
import { COMMANDS_PATH, INTERACTIONS_PATH } from "../../src/ingress/slack/receive-slack.ts";
import { loadGitHubDescription } from "../../testkit/github-description.ts";
import { IssueForm } from "../support/issue-form.ts";

const ROOT = fileURLToPath(new URL("../../templates/", import.meta.url));
const POLICY = join(ROOT, "github/sevgate.yml");
const PLACEHOLDER = /<[^<>\n]{1,60}>/;

/** The lines that a linter says of a text. */
type Linter = (text: string) => Promise<readonly string[]>;

function lines(out: string): readonly string[] {
  return out.split("\n").filter((line) => line !== "");
}

async function lintPolicy(text: string): Promise<readonly string[]> {
  let out = "";
  const read = async () => new TextEncoder().encode(text);
  const code = await validate({ file: "x", json: false, read, write: (said) => (out += said) });
  return code === 0 ? [] : lines(out);
}

async function lintOnCall(text: string): Promise<readonly string[]> {
  let out = "";
  const read = async (file: string) => (file === "x" ? new TextEncoder().encode(text) : readFileSync(file));
  const write = (said: string) => {
    out += said;
  };
  const code = await oncall({ file: "x", policy: POLICY, lint: true, explain: false, json: false, read, write });
  return code === 0 && /nothing to fix/.test(out) ? [] : lines(out);
}

async function lintRunbook(text: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-templates-"));
  mkdirSync(join(folder, "runbooks"));
  writeFileSync(join(folder, "runbooks/one.md"), text);
  let out = "";
  const now = Date.parse("2030-06-01T00:00:00Z") as Instant;
  const limits = { now, olderThan: (180 * 86_400_000) as Millis };
  const code = await runbooks({ path: folder, lint: true, json: false, ...limits, write: (said) => (out += said) });
  rmSync(folder, { recursive: true });
  return code === 0 ? [] : lines(out).filter((line) => line.startsWith("runbooks/"));
}

async function lintLiquid(text: string): Promise<readonly string[]> {
  const problem = templateProblem(text);
  return problem === null ? [] : [problem];
}

function labelsOf(text: string): readonly string[] {
  const { labels } = load(text) as { readonly labels: readonly string[] | string };
  return [labels].flat();
}

/** What the policy beside them knows. */
function policy() {
  const parsed = parsePolicy(readFileSync(POLICY, "utf8"));
  if (parsed.kind === "invalid") throw new Error("the policy is broken");
  return parsed.policy;
}

async function lintForm(text: string): Promise<readonly string[]> {
  const parsed = IssueForm.safeParse(load(text));
  const unknown = labelsOf(text).filter((label) => !policy().severities.some((severity) => severity.label === label));
  return [
    ...(parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)),
    ...unknown.map((label) => `${label} is no severity of the policy beside it`),
  ];
}

/** "About issue and pull request templates": `name` and `about`, or GitHub does not offer it. */
async function lintIssueTemplate(text: string): Promise<readonly string[]> {
  const [, head = ""] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? [];
  const { name, about } = load(head) as { readonly name?: unknown; readonly about?: unknown };
  const { label, "required-sections": sections } = policy()["post-mortem"];
  return [
    ...(typeof name === "string" && typeof about === "string"
      ? []
      : ["it has no name, or does not say what it is about"]),
    ...(labelsOf(head).includes(label) ? [] : [`it does not set ${label}`]),
    ...sections.filter((section) => !text.includes(`\n## ${section}\n`)).map((section) => `it has no ${section}`),
  ];
}

async function lintSlackManifest(text: string): Promise<readonly string[]> {
  const { features, settings, oauth_config } = load(text) as {
    readonly features: { readonly slash_commands: readonly { readonly url: string }[] };
    readonly settings: { readonly interactivity: { readonly is_enabled: boolean; readonly request_url: string } };
    readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  };
  const path = (url: string | undefined) => (url === undefined ? "" : new URL(url).pathname);
  return [
    ...(path(features.slash_commands[0]?.url) === COMMANDS_PATH ? [] : ["commands go elsewhere"]),
    ...(path(settings.interactivity.request_url) === INTERACTIONS_PATH ? [] : ["buttons go elsewhere"]),
    ...(settings.interactivity.is_enabled ? [] : ["buttons are off"]),
    ...(oauth_config.scopes.bot.toSorted().join() === "chat:write,commands" ? [] : ["it asks for other rights"]),
  ];
}

/** "Create a repository ruleset", which GitHub's page imports as well. */
async function lintRuleset(text: string): Promise<readonly string[]> {
  const ruleset = JSON.parse(text) as {
    readonly rules: readonly {
      readonly parameters: {
        readonly required_status_checks: readonly { readonly context: string; readonly integration_id: unknown }[];
      };
    }[];
  };
  const check = ruleset.rules[0]?.parameters.required_status_checks[0];
  const problems = loadGitHubDescription().problemsOfRequest("POST", "/repos/a/b/rulesets", new URLSearchParams(), {
    ...ruleset,
    // The description has alternatives for a rule, of which some other one may fit what is wrong here.
    rules: [],
  });
  return [
    ...problems,
    ...(check?.context === "sevgate/close-gate" ? [] : ["it requires another check"]),
    ...(Number.isInteger(check?.integration_id) ? [] : [`${check?.integration_id} is no App ID`]),
  ];
}

/** Its promises are held by test/run/action/workflow-templates.test.ts; actionlint reads it in .ci/run. */
async function lintWorkflow(text: string): Promise<readonly string[]> {
  const { jobs = {} } = load(text) as { readonly jobs?: Readonly<Record<string, unknown>> };
  return Object.keys(jobs).length > 0 ? [] : ["it has no job"];
}

const LINTERS: readonly (readonly [RegExp, Linter])[] = [
  [/^github\/sevgate\.yml$/, lintPolicy],
  [/^github\/sevgate\/on-call\.yml$/, lintOnCall],
  [/^github\/ISSUE_TEMPLATE\/[\w-]+\.yml$/, lintForm],
  [/^github\/ISSUE_TEMPLATE\/[\w-]+\.md$/, lintIssueTemplate],
  [/^runbook\.md$/, lintRunbook],
  [/^(?:incident|status|post-mortem)\.md$/, lintLiquid],
  [/^slack-manifest\.yml$/, lintSlackManifest],
  [/^ruleset\.json$/, lintRuleset],
  [/^workflows\/[\w-]+\.yml$/, lintWorkflow],
];

const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
  .toSorted();

/** As somebody would fill it in. */
function filled(text: string): string {
  return text
    .replaceAll(/"<the App ID[^"]*"/g, "4242")
    .replaceAll("<first-login>", "alice")
    .replaceAll("<second-login>", "bob")
    .replaceAll("<third-login>", "carol")
    .replaceAll("<team or login>", "payments")
    .replaceAll("<the day you looked through it>", "2030-05-20");
}

describe("every file in templates/", () => {
  it.each(files)(
    "%s passes its own linter but for its placeholders, and whole when they are filled in",
    async (file) => {
      const lint = LINTERS.find(([which]) => which.test(file))?.[1];
      // A new template needs a line above.
      expect(lint).toBeDefined();
      const text = readFileSync(join(ROOT, file), "utf8");
      const said = await lint!(text);
      expect(said.filter((line) => !PLACEHOLDER.test(line))).toEqual([]);
      expect(await lint!(filled(text))).toEqual([]);
    },
  );

  it("is looked at, and a slip in it is found", async () => {
    expect(files.length).toBeGreaterThan(9);
    const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
    const slips: readonly (readonly [Linter, string])[] = [
      [lintPolicy, read("github/sevgate.yml").replace("version: 1", "version: 9")],
      [lintOnCall, filled(read("github/sevgate/on-call.yml")).replace("P0:", "P9:")],
      [lintForm, read("github/ISSUE_TEMPLATE/incident-p0.yml").replace("sev:P0", "sev:P9")],
      [lintForm, read("github/ISSUE_TEMPLATE/incident-p0.yml").replace("id: since", "id: impact")],
      [lintForm, read("github/ISSUE_TEMPLATE/incident-p0.yml").replace("description:", "about:")],
      [lintIssueTemplate, read("github/ISSUE_TEMPLATE/post-mortem.md").replace("## Action items", "## Items")],
      [lintRunbook, filled(read("runbook.md")).replace("severities: [P0", "severities: [P9")],
      [lintLiquid, read("status.md").replace("{% endfor %}", "")],
      [lintRuleset, filled(read("ruleset.json")).replaceAll("sevgate/", "other/")],
      [lintRuleset, filled(read("ruleset.json")).replace('"active"', '"on"')],
      [lintSlackManifest, read("slack-manifest.yml").replace("/slack/commands", "/commands")],
    ];
    for (const [lint, text] of slips) expect((await lint(text)).length).toBeGreaterThan(0);
  });
});
