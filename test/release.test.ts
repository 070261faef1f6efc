import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }>
  >;
}

const FILE = fileURLToPath(new URL("../.github/workflows/release.yml", import.meta.url));
const { jobs } = load(readFileSync(FILE, "utf8")) as Workflow;

/** Below it: `origin.git`, which people and the workflow push to, and a folder for each run. */
let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "sevgate-release-"));
  mkdirSync(join(base, "bin"));
  writeFileSync(join(base, "bin/gh"), gh());
  chmodSync(join(base, "bin/gh"), 0o755);
  mkdirSync(join(base, "release"));
  writeFileSync(join(base, "release/action.js"), "// built\n");
  succeed(join(base, "release"), "sha256sum -- * > SHA256SUMS");
  succeed(base, "git init -q --bare -b main origin.git && git clone -q origin.git person 2>&1");
  commitAndTag("1.2.3");
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

/** Knows one release: the file `isDraft` says whether it is one that nobody has published; absent: there is none. */
function gh(): string {
  return `#!/bin/sh
cd "${base}" && echo "$*" >> gh.log
case "$2" in
  view) cat isDraft ;;
  delete) rm isDraft ;;
  create) [ ! -e isDraft ] && echo false > isDraft ;;
esac
`;
}

function shell(cwd: string, script: string, env: NodeJS.ProcessEnv = {}) {
  // As GitHub runs a step without `shell`: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
  return spawnSync("bash", ["-e", "-c", script], {
    cwd,
    encoding: "utf8",
    env: {
      PATH: `${base}/bin:${process.env["PATH"]}`,
      HOME: base,
      GIT_CONFIG_NOSYSTEM: "1",
      ...env,
    },
  });
}

function succeed(cwd: string, script: string, env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = shell(cwd, script, env);
  if (status !== 0) throw new Error(`${status}: ${script}\n${stdout}${stderr}`);
  return stdout.trim();
}

function commitAndTag(version: string): void {
  succeed(
    join(base, "person"),
    `echo "${version}" > version && echo dist/ > .gitignore && git add . && git -c user.name=Ada -c user.email=a@b.example commit -qm ${version} &&
    git tag v${version} && git push -q origin HEAD:main v${version}`,
  );
}

/** One run of the last job, in a checkout of its own, as actions/checkout makes it. */
function releaseJob(tag: string, at: string) {
  const folder = mkdtempSync(join(base, "run-"));
  succeed(base, `git clone -q --depth 1 --branch ${tag} "file://${base}/origin.git" "${folder}" 2>&1`);
  cpSync(join(base, "release"), join(folder, "release"), { recursive: true });
  const scripts = (jobs["release"]?.steps ?? []).flatMap(({ run }) => run ?? []);
  const env = { GITHUB_REF_NAME: tag, IS_PRERELEASE: String(tag.includes("-")) };
  // Git takes the time of a commit from here, where the workflow does not say it.
  const clock = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
  for (const script of scripts) {
    const { status, stderr } = shell(folder, script, { ...env, ...clock });
    if (status !== 0) return stderr;
  }
  return "done";
}

const tags = () => succeed(join(base, "origin.git"), "git tag --list").split("\n");
const commit = (ref: string) => succeed(join(base, "origin.git"), `git rev-parse "${ref}"`);

describe("The last job of a release", () => {
  it("adds the action on top of the released commit, at a tag of its own and at v1, and never moves what a person tagged", () => {
    const released = commit("v1.2.3");
    expect(releaseJob("v1.2.3", "2026-01-01T00:00:00Z")).toBe("done");
    expect(tags()).toEqual(["action-v1.2.3", "v1", "v1.2.3"]);
    expect([commit("v1.2.3"), commit("main"), commit("v1^")]).toEqual([released, released, released]);
    expect(commit("v1")).toBe(commit("action-v1.2.3"));
    expect(succeed(join(base, "origin.git"), "git diff --name-only v1.2.3 v1")).toBe("dist/action/index.js");
    expect(readFileSync(join(base, "gh.log"), "utf8")).toContain("release create v1.2.3 release/SHA256SUMS");
  });

  it("can be run again where it was cut off: the action's tag stays where it is", () => {
    expect(releaseJob("v1.2.3", "2026-01-01T00:00:00Z")).toBe("done");
    const action = commit("action-v1.2.3");
    expect(releaseJob("v1.2.3", "2026-01-01T00:10:00Z")).toBe("done");
    expect([commit("action-v1.2.3"), commit("v1")]).toEqual([action, action]);
  });

  it("publishes the release once, and makes anew what was left as a draft", () => {
    expect(releaseJob("v1.2.3", "2026-01-01T00:00:00Z")).toBe("done");
    expect(releaseJob("v1.2.3", "2026-01-01T00:10:00Z")).toBe("done");
    writeFileSync(join(base, "isDraft"), "true\n");
    expect(releaseJob("v1.2.3", "2026-01-01T00:20:00Z")).toBe("done");
    const asked = readFileSync(join(base, "gh.log"), "utf8").match(/^release (?:create|delete) v1\.2\.3/gm);
    expect(asked).toEqual(["release create v1.2.3", "release delete v1.2.3", "release create v1.2.3"]);
    expect(readFileSync(join(base, "isDraft"), "utf8")).toBe("false\n");
  });

  it("leaves v1 where it is for a pre-release, and moves it with the next release", () => {
    expect(releaseJob("v1.2.3", "2026-01-01T00:00:00Z")).toBe("done");
    rmSync(join(base, "isDraft"));
    commitAndTag("1.3.0-rc.1");
    expect(releaseJob("v1.3.0-rc.1", "2026-01-02T00:00:00Z")).toBe("done");
    expect(commit("v1")).toBe(commit("action-v1.2.3"));
    rmSync(join(base, "isDraft"));
    commitAndTag("1.3.0");
    expect(releaseJob("v1.3.0", "2026-01-03T00:00:00Z")).toBe("done");
    expect(commit("v1")).toBe(commit("action-v1.3.0"));
  });

  it("stops before it pushes anything when a file is not the one that was built", () => {
    writeFileSync(join(base, "release/action.js"), "// changed on the way\n");
    expect(releaseJob("v1.2.3", "2026-01-01T00:00:00Z")).not.toBe("done");
    expect(tags()).toEqual(["v1.2.3"]);
  });
});
