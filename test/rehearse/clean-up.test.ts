import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import type { Answer } from "../../src/rehearse/answer.ts";
import { cleanUp } from "../../src/rehearse/clean-up.ts";
import type { Asker, Scratch } from "../../src/rehearse/scratch.ts";
import { nothingSeen } from "../../src/rehearse/story-seen.ts";

const MARK = "rehearsal-k3x9a2";

interface Thing {
  readonly number: number;
  readonly title: string;
  state: string;
}

/** A repository with two issues and a branch of a rehearsal among those of others, as `cleanUp` sees it. */
function repository({ mayDelete = false, breaksAt = "" } = {}) {
  const issues: (Thing & { node_id: string })[] = [
    { number: 1, title: "A bug", state: "open", node_id: "I_1" },
    { number: 2, title: `A plain issue for trials (${MARK})`, state: "open", node_id: "I_2" },
    { number: 3, title: "The checkout is down (rehearsal-zzzzzz)", state: "open", node_id: "I_3" },
  ];
  const branches = [{ name: "main" }, { name: `${MARK}-pool` }, { name: "rehearsals" }];
  const labels = [{ name: "bug" }, { name: `${MARK}-P0` }, { name: "sev:P1" }];
  const wrote: string[] = [];
  const ok = (data: unknown): Answer => ({ status: 200, headers: {}, data });

  function answer(route: string, parameters: Readonly<Record<string, unknown>>): Answer {
    const [method = "", path = ""] = route.split(" ");
    const what = path.replace("/repos/{owner}/{repo}/", "");
    if (route === breaksAt) throw new TransientError(`${route}: no answer from GitHub.`);
    if (method !== "GET") wrote.push(`${method} ${what} ${Object.values(parameters)[0]}`);
    if (route.startsWith("PATCH") && what.startsWith("issues/")) {
      const issue = issues.find(({ number }) => number === parameters["issue_number"]);
      if (issue !== undefined) issue.state = String(parameters["state"]);
    }
    if (route.startsWith("DELETE") && what.startsWith("labels")) {
      labels.splice(0, labels.length, ...labels.filter(({ name }) => name !== parameters["name"]));
    }
    if (method === "GET" && what === "issues") return ok(issues);
    if (method === "GET" && what === "branches") return ok(branches);
    if (method === "GET" && what === "labels") return ok(labels);
    return what.startsWith("contents") ? { status: 404, headers: {}, data: {} } : ok([]);
  }

  const person: Asker = {
    ask: async (route, parameters = {}) => answer(route, parameters),
    graphql: async (_document, variables = {}) => {
      if (!mayDelete) return ok({ data: null, errors: [{ type: "FORBIDDEN" }] });
      wrote.push(`deleteIssue ${variables["id"]}`);
      issues.splice(0, issues.length, ...issues.filter(({ node_id }) => node_id !== variables["id"]));
      return ok({ data: { deleteIssue: { clientMutationId: null } } });
    },
  };
  const scratch: Scratch = {
    owner: "acme",
    name: "sevgate-scratch",
    defaultBranch: "main",
    isPrivate: true,
    me: "maria",
    mark: MARK,
    person,
    app: null,
    begunAt: 0,
    patienceMs: 0,
    betweenLooksMs: 0,
    story: nothingSeen(),
    trialIssue: async () => 2,
    branch: async () => ({ name: "", sha: "" }),
    until: async () => null,
    pause: async () => {},
  };
  return { scratch, wrote, issues };
}

describe("cleaning up after a rehearsal", () => {
  it("deletes issues where the person may (A-153), and touches nothing that has no mark", async () => {
    const { scratch, wrote, issues } = repository({ mayDelete: true });
    const { done, left } = await cleanUp(scratch, new Set(["bug", "sev:P1"]));
    expect(wrote).toEqual([
      "deleteIssue I_2",
      "deleteIssue I_3",
      `DELETE git/refs/{ref} heads/${MARK}-pool`,
      `DELETE labels/{name} ${MARK}-P0`,
    ]);
    expect(issues.map(({ number }) => number)).toEqual([1]);
    expect(done).toEqual(["deleted 2 issues", "deleted 1 branch", "deleted 1 label"]);
    expect(left).toEqual([expect.stringMatching(/^commits on the default branch/)]);
  });

  it("closes them where the person may not, and names its own and counts those of earlier rehearsals", async () => {
    const { scratch, issues } = repository();
    const { left } = await cleanUp(scratch, null);
    expect(issues.map(({ number, state }) => [number, state])).toEqual([
      [1, "open"],
      [2, "closed"],
      [3, "closed"],
    ]);
    expect(left[0]).toMatch(/^closed issues with their comments: #2, 1 of earlier rehearsals\./);
  });

  it("goes on with the rest where something cannot be taken back, and says what", async () => {
    const { scratch, wrote } = repository({ breaksAt: "GET /repos/{owner}/{repo}/rulesets" });
    const { left } = await cleanUp(scratch, null);
    expect(wrote).toContain(`DELETE git/refs/{ref} heads/${MARK}-pool`);
    expect(left).toContain("GET /repos/{owner}/{repo}/rulesets: no answer from GitHub.");
  });
});
