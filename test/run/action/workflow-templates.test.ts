import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { ACTION } from "../../../src/core/words/documents.ts";
import { concernsUs } from "../../../src/ingress/webhooks/hints.ts";
import { startsRun, type WorkflowTemplate, workflowTemplate } from "../../support/starts-run.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: unknown;
  readonly jobs: {
    readonly sevgate: {
      readonly if: string;
      readonly concurrency: unknown;
      readonly permissions?: Readonly<Record<string, string>>;
      readonly "timeout-minutes": number;
      readonly steps: readonly Step[];
    };
  };
}

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const APP = "templates/workflows/sevgate.yml";
const TOKEN = "templates/workflows/sevgate-github-token.yml";
const action = load(read("action.yml")) as {
  readonly inputs: Readonly<Record<string, { readonly required: boolean }>>;
};

describe.each([APP, TOKEN])("the workflow %s", (file) => {
  const text = read(file);
  const workflow = load(text) as Workflow;
  const { sevgate } = workflow.jobs;

  it("may do nothing by itself, runs one at a time without dropping any, and ends what hangs", () => {
    expect(workflow.permissions).toEqual({});
    expect(sevgate.concurrency).toEqual({ group: "sevgate", queue: "max" });
    expect(sevgate["timeout-minutes"]).toBe(15);
  });

  // A full queue cancels what comes: a hundred comments without a command would cancel an alert, which nothing finds again.
  it("lets nothing wait that its condition skips", () => {
    expect(workflow.concurrency).toBeUndefined();
  });

  it("takes nothing of a pull request: no pull_request, no checkout, no script", () => {
    expect(Object.keys(workflow.on)).not.toContain("pull_request");
    expect(text).not.toContain("actions/checkout");
    expect(sevgate.steps.filter(({ run }) => run !== undefined)).toEqual([]);
  });

  it("is started by what the action has a use for", () => {
    const started = Object.keys(workflow.on).map((name) => (name === "pull_request_target" ? "pull_request" : name));
    const others = started.filter((name) => !concernsUs(name));
    expect(others).toEqual(["repository_dispatch", "schedule", "workflow_dispatch"]);
    expect(started).toEqual(expect.arrayContaining(["issues", "issue_comment", "pull_request", "merge_group", "push"]));
  });

  it("uses actions at a commit that is named, and gives every input that is needed, and no other", () => {
    const [last, ...before] = sevgate.steps.toReversed();
    for (const { uses } of before) expect(text).toMatch(new RegExp(`uses: ${uses} # v\\d+\\.\\d+\\.\\d+\n`));
    for (const { uses } of before) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    expect(last?.uses).toBe(ACTION);
    const given = Object.keys(last?.with ?? {});
    const needed = Object.entries(action.inputs).flatMap(([name, { required }]) => (required ? name : []));
    expect(given).toEqual(expect.arrayContaining(needed));
    expect(given.filter((name) => !(name in action.inputs))).toEqual([]);
  });

  const comment = (action: string, body: string, type: "User" | "Bot" = "User") =>
    startsRun(workflowTemplate(basename(file) as WorkflowTemplate), {
      name: "issue_comment",
      payload: { action, comment: { body, user: { login: "somebody", type } }, sender: { login: "somebody" } },
    });

  it("begins a run for a comment that may hold a command, new or edited, by a person or an app", () => {
    const texts = ["/ack", "  /ack", "Now:\n\n- /ack", "\uFF0Fack"];
    for (const text of texts) expect([comment("created", text), comment("edited", text)]).toEqual([true, true]);
    expect(comment("created", "/ack", "Bot")).toBe(true);
    expect([comment("created", "Thanks"), comment("edited", "Thanks"), comment("deleted", "/ack")]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("begins a run when somebody ticks a box of an app's comment, or deletes it", () => {
    expect([comment("edited", "- [x] Ready", "Bot"), comment("deleted", "Status", "Bot")]).toEqual([true, true]);
  });
});

describe("the rights of the job", () => {
  it("are none where the app has its own token, and few with the token of the workflow", () => {
    const [app, token] = [APP, TOKEN].map((file) => (load(read(file)) as Workflow).jobs.sevgate.permissions);
    expect(app).toBeUndefined();
    const writes = Object.entries(token ?? {}).flatMap(([name, right]) => (right === "write" ? name : []));
    expect(writes).toEqual(["checks", "issues", "pull-requests"]);
  });
});
