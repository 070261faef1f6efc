import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";

const text = readFileSync(new URL("../../app.yml", import.meta.url), "utf8");
const manifest = load(text) as {
  readonly public: boolean;
  readonly hook_attributes: { readonly url: string; readonly active: boolean };
  readonly default_permissions: Readonly<Record<string, string>>;
  readonly default_events: readonly string[];
};

describe("The app's manifest", () => {
  it("asks for these permissions and no other: a new one is a decision, written down here", () => {
    expect(manifest.default_permissions).toEqual({
      metadata: "read",
      issues: "write",
      pull_requests: "write",
      checks: "write",
      contents: "write",
      merge_queues: "read",
      deployments: "read",
      statuses: "write",
      actions: "read",
    });
  });

  // A-006
  it("writes no commit status, though it may: the right is there for GitHub to offer the app as a source", () => {
    const source = new URL("../../src/", import.meta.url);
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const writing = files.filter((file) =>
      /POST [^"`]*\/statuses|createCommitStatus/.test(readFileSync(new URL(file, source), "utf8")),
    );
    expect(files.length).toBeGreaterThan(200);
    expect(writing).toEqual([]);
  });

  it("says of each permission why", () => {
    const lines = text.split("\n");
    for (const permission of Object.keys(manifest.default_permissions)) {
      const index = lines.findIndex((line) => line.startsWith(`  ${permission}:`));
      expect(lines[index - 1]).toMatch(/^ {2}# \S+/);
    }
  });

  // A-020, A-112
  it("subscribes to these events and no other", () => {
    expect([...manifest.default_events].sort()).toEqual(
      [
        "issues",
        "issue_comment",
        "label",
        "merge_group",
        "pull_request",
        "push",
        "repository",
        "sub_issues",
        "workflow_run",
      ].sort(),
    );
  });

  it("sends webhooks to the path the server listens on, over TLS", () => {
    const url = new URL(manifest.hook_attributes.url);
    expect(url.pathname).toBe("/api/github/webhooks");
    expect(url.protocol).toBe("https:");
  });

  it("keeps the app to the account that registers it", () => {
    expect(manifest.public).toBe(false);
  });
});
