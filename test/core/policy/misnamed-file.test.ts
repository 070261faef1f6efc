import { describe, expect, it } from "@jest/globals";
import { misnamedFiles } from "../../../src/core/plan/misnamed-check.ts";
import { misnamedFile } from "../../../src/core/policy/misnamed-file.ts";

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
    [".github/sevgate-on-call.yml", ".github/sevgate/on-call.yml"],
    [".sevgate/on-call.yml", ".github/sevgate/on-call.yml"],
    [".sevgate/policy.yml", ".github/sevgate.yml"],
    [".sevgate/templates/incident.md", ".github/sevgate/templates/incident.md"],
    [".github/sevgate.toml", ".github/sevgate.yml"],
    [".github/sevgate (1).yml", ".github/sevgate.yml"],
    [".github/sevgate copy.yml", ".github/sevgate.yml"],
    [".github/sevgate - Copy (2).yaml", ".github/sevgate.yml"],
    [".github/sevgate-policy.yml", ".github/sevgate.yml"],
    [".github/sevegate.yml", ".github/sevgate.yml"],
    [".github/sevgate.yml.bak", ".github/sevgate.yml"],
    [".github/sevgate.yml~", ".github/sevgate.yml"],
    [".github/sevgate.yaml.old", ".github/sevgate.yml"],
    [".github/sevgate/on-call.yml.orig", ".github/sevgate/on-call.yml"],
    [".github/sevgate/on-call (2).yml", ".github/sevgate/on-call.yml"],
    [".github/sevgate/templates/incident.txt", ".github/sevgate/templates/incident.md"],
    [".github/sevgate/templates/status.liquid", ".github/sevgate/templates/status.md"],
    [".github/sevgate/template/incident.md", ".github/sevgate/templates/incident.md"],
    [".github/sevgate/templates/postmortem.md", ".github/sevgate/templates/post-mortem.md"],
    [".github/sevgate/templates/incident.markdown", ".github/sevgate/templates/incident.md"],
    [".github/sevgate/template/status.md", ".github/sevgate/templates/status.md"],
    [".github/sevgate/post-mortem.md", ".github/sevgate/templates/post-mortem.md"],
    [".github/sevgate/templates/postmortem.P0.md", ".github/sevgate/templates/post-mortem.p0.md"],
    [".github/sevgate/templates/post-mortem-security.md", ".github/sevgate/templates/post-mortem.security.md"],
    [".github/sevgate/templates/post-mortem.P0.liquid", ".github/sevgate/templates/post-mortem.p0.md"],
    [
      ".github/sevgate/template/post_mortem_team-security.markdown",
      ".github/sevgate/templates/post-mortem.team-security.md",
    ],
    [".github/sevgate/templates/post-mortem.liquid.md", ".github/sevgate/templates/post-mortem.md"],
    [".github/sevgate/templates/weekly.md", ".github/sevgate/templates/incident.md, post-mortem.md or status.md"],
  ])("under the name %s is told its right one, %s", (path, meant) => {
    expect(misnamedFile(path)).toEqual({ path, meant });
  });

  it.each([
    ".github/sevgate.yml",
    ".github/sevgate/on-call.yml",
    ".github/sevgate/templates/status.md",
    ".github/sevgate/templates/post-mortem.P0.md",
    ".github/sevgate/templates/post-mortem.team-security.md",
    ".github/sevgate.schema.json",
    ".github/on-call.schema.json",
    ".github/workflows/sevgate.yml",
    ".github/dependabot.yml",
    ".github/stale.yml",
    ".github/ISSUE_TEMPLATE/incident-p0.yml",
    "docs/sevgate.yml",
    "on-call.yml",
    ".github/on-call.yml",
    ".github/oncall.yml",
    ".github/seagate.yml",
    "seagate.yml",
    ".github/sevgate/stats.md",
    ".github/sevgate/README.md",
    ".github/sevgate/notes.txt",
    ".github/sevgate/templates/README.md",
    ".github/sevgate/templates/logo.png",
    ".github/ISSUE_TEMPLATE/post-mortem.md",
    ".github/sevgate.md",
    ".github/sevgate.yml.example",
    "package.json",
    "README.md",
  ])("is not %s", (path) => {
    expect(misnamedFile(path)).toBe(null);
  });

  it.each([".github/sevgate.yml.bak", ".github/sevgate.yaml~", ".github/sevgate/on-call.yml.old"])(
    "is not %s beside the file itself: that is a backup",
    (path) => {
      expect(misnamedFile(path, false)).toBe(null);
      expect(misnamedFiles([{ path, status: "added" }], true)).toEqual([]);
      expect(misnamedFiles([{ path, status: "added" }], false)).toHaveLength(1);
      // The file it was renamed from no longer exists.
      expect(misnamedFiles([{ path, status: "renamed" }], true)).toHaveLength(1);
      expect(misnamedFiles([{ path, status: "removed" }], false)).toEqual([]);
    },
  );
});
