import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly uses?: string;
  readonly steps?: readonly { readonly run?: string }[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const OURS = globSync(".github/workflows/*.{yml,yaml}", { cwd: ROOT }).map((file) => {
  const text = readFileSync(`${ROOT}${file}`, "utf8");
  const workflow = load(text) as Workflow;
  return { file, text, jobs: Object.entries(workflow.jobs), workflow };
});

/** By job: what it may write. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  attest: ["attestations", "id-token"],
  npm: ["id-token"],
  image: ["packages"],
  "image-index": ["attestations", "id-token", "packages"],
  release: ["contents"],
};

describe("Our workflows", () => {
  it("use the actions of others at a commit that is named, with its version beside it", () => {
    const used = OURS.flatMap(({ text }) => text.split("\n").filter((line) => /^\s*(?:- )?uses:/.test(line)));
    expect(used.length).toBeGreaterThan(5);
    const loose = used.filter((line) => !/uses: (?:\.\/|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(line));
    expect(loose).toEqual([]);
  });

  it("may do nothing by themselves, and each job no more than it needs", () => {
    for (const { file, workflow, jobs } of OURS) {
      expect([file, workflow.permissions]).toEqual([file, {}]);
      for (const [name, { permissions }] of jobs) {
        const writes = Object.entries(permissions ?? {}).flatMap(([scope, right]) => (right === "write" ? scope : []));
        expect([file, name, permissions !== undefined, writes]).toEqual([file, name, true, MAY_WRITE[name] ?? []]);
      }
    }
  });

  it("run no code of a pull request with rights, and leave no token behind", () => {
    for (const { file, text } of OURS) {
      expect([file, text]).toEqual([file, expect.not.stringMatching(/pull_request_target|workflow_run/)]);
      const checkouts = text.match(/uses: actions\/checkout@/g) ?? [];
      expect([file, text.match(/persist-credentials: false/g) ?? []]).toEqual([
        file,
        checkouts.map(() => "persist-credentials: false"),
      ]);
    }
  });

  it("end what hangs, hold no secret of ours, and put nothing that somebody wrote into a script", () => {
    for (const { file, text, jobs } of OURS) {
      const endless = jobs.filter(([, job]) => job.uses === undefined && job["timeout-minutes"] === undefined);
      expect([file, endless.map(([name]) => name)]).toEqual([file, []]);
      expect(text).not.toMatch(/secrets\./);
      // An expression in a script is replaced before the shell reads it.
      const scripts = jobs.flatMap(([, { steps }]) => (steps ?? []).flatMap(({ run }) => run ?? []));
      expect([file, scripts.filter((script) => script.includes("${{"))]).toEqual([file, []]);
    }
  });
});
