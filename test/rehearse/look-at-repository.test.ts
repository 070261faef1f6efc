import { describe, expect, it } from "@jest/globals";
import { allPages } from "../../src/rehearse/all-pages.ts";
import type { Answer } from "../../src/rehearse/answer.ts";
import { isOurFile, lookAtRepository, ON_CALL_FILE } from "../../src/rehearse/look-at-repository.ts";

const ok = (data: unknown): Answer => ({ status: 200, headers: {}, data });
const refused = (status: number): Answer => ({ status, headers: {}, data: { message: "No" } });
const REPOSITORY = { id: 7, full_name: "Acme/Scratch", name: "Scratch", owner: { login: "Acme" } };

/** A repository as its routes answer; others say that there is nothing. */
function asker(answers: Readonly<Record<string, Answer | readonly Answer[]>>) {
  const asked: string[] = [];
  return {
    asked,
    ask: async (route: string, parameters: Readonly<Record<string, unknown>> = {}) => {
      const what = route.replace("/repos/{owner}/{repo}", "").replace("{path}", String(parameters["path"]));
      asked.push(what);
      const answer = answers[what];
      const page = Number(parameters["page"] ?? 1);
      return (
        (Array.isArray(answer) ? answer[page - 1] : (answer as Answer)) ??
        (what.includes("/contents/") ? refused(404) : ok([]))
      );
    },
    graphql: async () => refused(404),
  };
}

async function lookAt(answers: Readonly<Record<string, Answer>>) {
  const looked = await lookAtRepository(asker({ "GET ": ok(REPOSITORY), ...answers }), "acme", "scratch");
  return typeof looked === "string" ? looked : looked.look;
}

const file = (text: string) => ok({ content: Buffer.from(text).toString("base64") });
const commit = (message: string, login: string | null, email = "x@example.com") => ({
  author: login === null ? null : { login },
  commit: { message, author: { email } },
});

describe("a look at the repository for a rehearsal", () => {
  it("does not mind in which case its name is written", async () => {
    expect(await lookAt({})).toMatchObject({ owner: "Acme", name: "Scratch" });
  });

  it("says where it has moved, and that GitHub answers about nothing", async () => {
    expect(await lookAt({ "GET ": ok({ ...REPOSITORY, full_name: "acme/payments" }) })).toMatch(
      /is called acme\/payments/,
    );
    expect(await lookAt({ "GET ": ok({}) })).toMatch(/not what GitHub answers about/);
  });

  it("takes an empty repository, whose commits cannot be listed (409), and none that cannot be read", async () => {
    expect(await lookAt({ "GET /commits": refused(409) })).toMatchObject({ commits: 0, authors: 0 });
    expect(await lookAt({ "GET /commits": refused(403) })).toMatch(/cannot be read as a whole: 403/);
    expect(await lookAt({ "GET /issues": refused(403) })).toMatch(/cannot be read as a whole: 403/);
  });

  it("takes a file that it may not read for somebody's own", async () => {
    const path = `GET /contents/${ON_CALL_FILE}`;
    expect(await lookAt({ [path]: refused(403) })).toMatchObject({ hasOwnPolicy: true, isBeingRehearsed: false });
    expect(await lookAt({ [path]: file("version: 1") })).toMatchObject({ hasOwnPolicy: true, isBeingRehearsed: false });
    const ours = file("# Written by sevgate rehearse (rehearsal-k3x9z2); …");
    expect(await lookAt({ [path]: ours })).toMatchObject({ hasOwnPolicy: false, isBeingRehearsed: true });
  });

  it("counts what no rehearsal made, people by their logins, and those without one by their addresses", async () => {
    const commits = [
      commit("Begin", "maria", "maria@home"),
      commit("Go on", "maria", "maria@work"),
      commit("Help", null, "bob@example.com"),
      commit("Rehearse: say who is on call", "wendy"),
      commit("Merge pull request #2 from acme/rehearsal-k3x9z2-pool", "wendy"),
      commit("Prepare the rehearsal-dinner", "maria"),
    ];
    const issues = [
      { number: 1, title: "A bug" },
      { number: 2, title: "A pool (rehearsal-k3x9z2)" },
      { number: 3, title: "About rehearsal-k3x9z2" },
    ];
    const look = await lookAt({
      "GET /commits": ok(commits),
      "GET /issues": ok(issues),
      "GET /pulls": ok([{ number: 3, title: "About rehearsal-k3x9z2" }]),
    });
    expect(look).toMatchObject({ commits: 4, authors: 2, entries: 2 });
  });

  it("knows the file of one rehearsal from that of another", () => {
    const ours = file("# Written by sevgate rehearse (rehearsal-k3x9z2); it goes again at the end.");
    expect([isOurFile(ours), isOurFile(ours, "rehearsal-k3x9z2"), isOurFile(ours, "rehearsal-7zzzzz")]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("a list of GitHub", () => {
  it("is read page after page, up to the one that is not full", async () => {
    const full = ok(Array.from({ length: 100 }, (_, at) => at));
    const { ask, graphql, asked } = asker({ "GET /labels": [full, full, ok([200])] });
    expect(await allPages({ ask, graphql }, "GET /repos/{owner}/{repo}/labels")).toHaveLength(201);
    expect(asked).toHaveLength(3);
  });
});
