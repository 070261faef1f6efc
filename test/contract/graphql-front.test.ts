import { createServer } from "node:http";
import { expect, it } from "@jest/globals";
import { readBody } from "../../testkit/forward-request.ts";
import { listenOnLoopback } from "../../testkit/listen-on-loopback.ts";
import { startGraphqlFront } from "../../testkit/start-graphql-front.ts";

it.each([
  { known: "completed", kept: { output: { title: "new" } } },
  { known: "in_progress", kept: { status: "in_progress", conclusion: null, output: { title: "new" } } },
])("the emulated GitHub lets an update change of a run that is $known what GitHub does", async ({ known, kept }) => {
  const got: unknown[] = [];
  const emulated = await listenOnLoopback(
    createServer(async (request, response) => {
      const body = await readBody(request);
      if (request.method === "PATCH") got.push(JSON.parse(body.toString()));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ status: known }));
    }),
  );
  const front = await startGraphqlFront(emulated.url, { owner: "acme", repo: "ops" });
  try {
    const body = JSON.stringify({ status: "in_progress", conclusion: null, output: { title: "new" } });
    const answer = await fetch(`${front.url}/repos/acme/ops/check-runs/7`, { method: "PATCH", body });
    expect(answer.status).toBe(200);
    expect(got).toEqual([kept]);
  } finally {
    await front.close();
    await emulated.close();
  }
});
