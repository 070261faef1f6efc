import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { systemClock } from "../../../src/base/clock.ts";
import { TerminalError } from "../../../src/base/errors.ts";
import { createPlainAsker, type PlainAsk } from "../../../src/systems/github/create-plain-asker.ts";
import { type Listening, listenOnLoopback } from "../../../testkit/listen-on-loopback.ts";

let server: Listening;
let ask: PlainAsk;
let asked: string[] = [];

beforeAll(async () => {
  server = await listenOnLoopback(
    createServer((request, response) => {
      if (request.url !== "/versions") asked.push(`${request.method} ${request.url}`);
      const isOld = request.url?.startsWith("/repos/acme/old") === true;
      response.writeHead(isOld ? 301 : 200, {
        "content-type": "application/json",
        ...(isOld ? { location: "/repositories/7" } : {}),
      });
      response.end("{}");
    }),
  );
  ask = createPlainAsker({ apiUrl: server.url, clock: systemClock, token: async () => "x" });
});

beforeEach(() => {
  asked = [];
});

afterAll(async () => {
  await server.close();
});

const LABEL = "DELETE /repos/{owner}/{repo}/labels/{name}";

describe("a plain question to GitHub", () => {
  it.each([
    [LABEL, { name: ".." }],
    [LABEL, { name: "." }],
    ["DELETE /repos/{owner}/{repo}/git/refs/{ref}", { ref: "heads/x/../../../.." }],
    ["GET /repos/{owner}/{repo}/contents/{path}", { path: "../labels" }],
  ])("never goes up by a name: %s with %o", async (route, place) => {
    await expect(ask(route, { owner: "acme", repo: "ops", ...place })).rejects.toThrow(TerminalError);
    expect(asked).toEqual([]);
  });

  it("goes to the label, whatever is in its name, and to files and branches in folders", async () => {
    await ask(LABEL, { owner: "acme", repo: "ops", name: "a/../.." });
    await ask(LABEL, { owner: "acme", repo: "ops", name: "sev:P1?x#y" });
    await ask("GET /repos/{owner}/{repo}/contents/{path}", { owner: "acme", repo: "ops", path: ".github/sevgate.yml" });
    expect(asked).toEqual([
      "DELETE /repos/acme/ops/labels/a%2F..%2F..",
      "DELETE /repos/acme/ops/labels/sev%3AP1%3Fx%23y",
      "GET /repos/acme/ops/contents/.github/sevgate.yml",
    ]);
  });

  it("does not write to where a repository has moved, and says so (A-116)", async () => {
    await expect(ask(LABEL, { owner: "acme", repo: "old", name: "bug" })).rejects.toThrow(/this has moved/);
    expect(asked).toEqual(["DELETE /repos/acme/old/labels/bug"]);
  });
});
