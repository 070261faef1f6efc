import { describe, expect, it } from "@jest/globals";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import type { Answer } from "../../src/rehearse/answer.ts";
import { cleanUp } from "../../src/rehearse/clean-up.ts";
import type { Asker, Scratch } from "../../src/rehearse/scratch.ts";
import { MARK, scratchPlace } from "../support/scratch-place.ts";

interface Thing {
  readonly number: number;
  readonly title: string;
  state: string;
  readonly user: { readonly login: string; readonly type: string };
  readonly labels?: readonly { readonly name: string }[];
  readonly pull_request?: object;
}

const MARIA = { login: "maria", type: "User" };
const BOT = { login: "sevgate[bot]", type: "Bot" };
const MALLORY = { login: "mallory", type: "User" };
const OTHER = "rehearsal-7zzzzz";
const EVERYBODYS = [{ name: "bug" }, { name: "sev:P1" }];

/** A repository with two issues and a branch of a rehearsal among those of others, as `cleanUp` sees it. */
function repository({
  mayDelete = false,
  breaksAt = "",
  error = new TransientError("no answer from GitHub.") as Error,
  is = { id: 7, full_name: "acme/sevgate-scratch" },
  more = [] as readonly Thing[],
  comments = [] as readonly object[],
  moreLabels = [] as readonly { readonly name: string }[],
} = {}) {
  const issues: (Thing & { node_id: string })[] = [
    { number: 1, title: "A bug", state: "open", node_id: "I_1", user: MARIA },
    { number: 2, title: `A plain issue for trials (${MARK})`, state: "open", node_id: "I_2", user: MARIA },
    { number: 3, title: `The checkout is down (${OTHER})`, state: "open", node_id: "I_3", user: BOT },
    ...more.map((one) => ({ ...one, node_id: `I_${one.number}` })),
  ];
  const branches = [
    { name: "main" },
    { name: `${MARK}-pool` },
    { name: `${OTHER}-pool` },
    { name: `revert-4-${MARK}-connections` },
    { name: `the-${MARK}-pool` },
    { name: "rehearsal-dinner" },
  ];
  const labels = [...EVERYBODYS, { name: `${MARK}-P0` }, ...moreLabels];
  const wrote: string[] = [];
  const ok = (data: unknown): Answer => ({ status: 200, headers: {}, data });

  function answer(route: string, parameters: Readonly<Record<string, unknown>>): Answer {
    const [method = "", path = ""] = route.split(" ");
    const what = path.replace("/repos/{owner}/{repo}/", "");
    if (route === breaksAt) throw error;
    if (route === "GET /repos/{owner}/{repo}") return ok(is);
    if (method !== "GET") wrote.push(`${method} ${what} ${Object.values(parameters)[0]}`);
    if (route.startsWith("PATCH") && what.startsWith("issues/")) {
      const issue = issues.find(({ number }) => number === parameters["issue_number"]);
      if (issue !== undefined) issue.state = String(parameters["state"]);
    }
    if (route.startsWith("DELETE") && what.startsWith("labels")) {
      labels.splice(0, labels.length, ...labels.filter(({ name }) => name !== parameters["name"]));
    }
    if (method === "GET" && what === "issues") return ok(issues);
    if (method === "GET" && what === "issues/{issue_number}/comments") return ok(comments);
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
    ...scratchPlace(),
    person,
    app: null,
    begunAt: 0,
    patienceMs: 0,
    betweenLooksMs: 0,
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
      `DELETE git/refs/{ref} heads/${MARK}-pool`,
      `DELETE git/refs/{ref} heads/revert-4-${MARK}-connections`,
      `DELETE labels/{name} ${MARK}-P0`,
    ]);
    // Another rehearsal may be running there.
    expect(issues.map(({ number }) => number)).toEqual([1, 3]);
    expect(done).toEqual(["deleted 1 issue", "deleted 2 branches", "deleted 1 label"]);
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
    expect(left).toContain("no answer from GitHub.");
  });

  it("goes on with the rest, too, where GitHub says that something has moved", async () => {
    const { scratch, wrote } = repository({
      breaksAt: "PATCH /repos/{owner}/{repo}/issues/{issue_number}",
      error: new TerminalError("This has moved."),
    });
    const { left } = await cleanUp(scratch, null);
    expect(wrote).toContain(`DELETE git/refs/{ref} heads/${MARK}-pool`);
    expect(left).toContain("This has moved.");
  });

  it("takes away what any rehearsal left when somebody asks for that", async () => {
    const { scratch, wrote } = repository({ mayDelete: true });
    await cleanUp(scratch, null);
    expect(wrote).toEqual(expect.arrayContaining(["deleteIssue I_3", `DELETE git/refs/{ref} heads/${OTHER}-pool`]));
  });

  const labelled = (number: number, state: string, names: readonly string[], user = MARIA): Thing => ({
    number,
    title: `The checkout is down (${MARK})`,
    state,
    user,
    labels: names.map((name) => ({ name })),
  });

  it("ends an incident that was closed too early, as Sevgate is about to open it again, and leaves one that is over", async () => {
    const more = [
      labelled(5, "closed", [`${MARK}-P0`]),
      labelled(6, "closed", [`${MARK}-P0`, "incident:resolved"]),
      { ...labelled(8, "closed", []), title: `A plain issue (${MARK})` },
    ];
    const { scratch, wrote } = repository({ more });
    const { left } = await cleanUp(scratch, new Set());
    expect(wrote).toContain("POST issues/{issue_number}/comments 5");
    expect(wrote.filter((one) => /\b[68]$/.test(one))).toEqual([]);
    // Sevgate did not say that it is over.
    expect(left).toContainEqual(expect.stringMatching(/^#5 was closed without Sevgate/));
  });

  it("keeps the labels of incidents that are still there: without them Sevgate would open these again", async () => {
    const more = [labelled(6, "closed", [`${MARK}-P0`, "incident:resolved"])];
    const { scratch, wrote } = repository({ more });
    const { left } = await cleanUp(scratch, new Set(["bug", "sev:P1"]));
    expect(wrote.filter((one) => one.startsWith("DELETE labels"))).toEqual([]);
    expect(left).toContainEqual(
      `the labels of its incidents and post-mortems, which Sevgate goes by: ${MARK}-P0, incident:resolved`,
    );
  });

  it("takes no pull request for an issue", async () => {
    const more = [{ ...labelled(7, "open", []), title: `A pool (${MARK})`, pull_request: {} }];
    const { scratch, wrote } = repository({ more, mayDelete: true });
    await cleanUp(scratch, new Set());
    expect(wrote).not.toContain("deleteIssue I_7");
  });

  it("deletes comments of the person alone, on plain issues alone", async () => {
    const more = [labelled(5, "open", [`${MARK}-P0`])];
    const comments = [
      { id: 21, user: MARIA },
      { id: 22, user: MALLORY },
      { id: 23, user: BOT },
    ];
    const { scratch, wrote } = repository({ more, comments });
    await cleanUp(scratch, new Set());
    expect(wrote.filter((one) => one.startsWith("DELETE issues/comments"))).toEqual([
      "DELETE issues/comments/{comment_id} 21",
    ]);
  });

  it.each([
    [`${MARK}: I copied the mark`, MARIA],
    [`I copied the mark (${MARK})`, MALLORY],
    ["The rehearsal-dinner is cold", MARIA],
    ["We need a (rehearsal-weekly) for each release", MARIA],
    ["Notes (rehearsal-202611)", MARIA],
  ])("leaves “%s” of %o alone, and says whose has a mark", async (title, user) => {
    const more = [{ number: 9, title, state: "open", user }];
    for (const mayDelete of [true, false]) {
      const { scratch, issues } = repository({ mayDelete, more });
      const { left } = await cleanUp(scratch, null);
      expect(issues.find(({ number }) => number === 9)?.state).toBe("open");
      expect(left.some((one) => one.includes("#9 by mallory"))).toBe(user === MALLORY);
    }
  });

  it("leaves a label that somebody made meanwhile, and takes one of Sevgate's", async () => {
    const moreLabels = [{ name: "customer" }, { name: "Incident:Declared" }, { name: "rehearsal-dinner" }];
    const { scratch, wrote } = repository({ moreLabels });
    await cleanUp(scratch, new Set(EVERYBODYS.map(({ name }) => name)));
    const gone = wrote.filter((one) => one.startsWith("DELETE labels"));
    expect(gone).toEqual([`DELETE labels/{name} ${MARK}-P0`, "DELETE labels/{name} Incident:Declared"]);
  });

  it.each([
    ["was renamed", { id: 7, full_name: "acme/payments" }, /is called acme\/payments now/],
    ["is another one of the same name", { id: 8, full_name: "acme/sevgate-scratch" }, /another repository than before/],
  ])("touches nothing if the repository %s in the meantime", async (_what, is, why) => {
    const { scratch, wrote } = repository({ mayDelete: true, is });
    const { done, left } = await cleanUp(scratch, null);
    expect({ wrote, done, left }).toEqual({ wrote: [], done: [], left: [expect.stringMatching(why)] });
  });
});
