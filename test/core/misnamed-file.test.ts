import { describe, expect, it } from "@jest/globals";
import { misnamedFile } from "../../src/core/policy/misnamed-file.ts";

describe("a file that is meant for Sevgate", () => {
  it.each([
    [".github/sevgate.yaml", ".github/sevgate.yml"],
    [".github/Sevgate.yml", ".github/sevgate.yml"],
    [".github/sevgates.yml", ".github/sevgate.yml"],
    [".github/.sevgate.yml", ".github/sevgate.yml"],
    [".github/sevgate.json", ".github/sevgate.yml"],
    [".github/sevgate.yml.txt", ".github/sevgate.yml"],
    [".github/sevgate/sevgate.yml", ".github/sevgate.yml"],
    [".github/sevgate/policy.yml", ".github/sevgate.yml"],
    ["sevgate.yml", ".github/sevgate.yml"],
    [".sevgate.yaml", ".github/sevgate.yml"],
    [".github/sevgate/on-call.yaml", ".github/sevgate/on-call.yml"],
    [".github/sevgate/oncall.yml", ".github/sevgate/on-call.yml"],
    [".github/sevgate/on_call.yml", ".github/sevgate/on-call.yml"],
    [".github/on-call.yml", ".github/sevgate/on-call.yml"],
    [".github/sevgate/templates/postmortem.md", ".github/sevgate/templates/post-mortem.md"],
    [".github/sevgate/templates/incident.markdown", ".github/sevgate/templates/incident.md"],
    [".github/sevgate/template/status.md", ".github/sevgate/templates/status.md"],
    [".github/sevgate/post-mortem.md", ".github/sevgate/templates/post-mortem.md"],
    [".github/sevgate/templates/weekly.md", ".github/sevgate/templates/incident.md, post-mortem.md or status.md"],
  ])("under the name %s is told its right one, %s", (path, meant) => {
    expect(misnamedFile(path)).toEqual({ path, meant });
  });

  it.each([
    ".github/sevgate.yml",
    ".github/sevgate/on-call.yml",
    ".github/sevgate/templates/status.md",
    ".github/sevgate.schema.json",
    ".github/on-call.schema.json",
    ".github/workflows/sevgate.yml",
    ".github/dependabot.yml",
    ".github/stale.yml",
    ".github/ISSUE_TEMPLATE/incident-p0.yml",
    "docs/sevgate.yml",
    "on-call.yml",
    "package.json",
    "README.md",
  ])("is not %s", (path) => {
    expect(misnamedFile(path)).toBe(null);
  });
});
