import { createServer } from "node:http";
import type { Instant } from "../src/core/model.ts";
import type { FakeGitHub } from "./fake-github/fake-github.ts";
import { fetchFromFake } from "./fake-over-http/fetch-from-fake.ts";
import { readBody } from "./forward-request.ts";
import { type Listening, listenOnLoopback } from "./listen-on-loopback.ts";

/**
 * The fake on a port of this machine, for other processes.
 *
 * @param now the time on the fake's clock
 */
export async function serveFakeGitHub(github: FakeGitHub, now: () => Instant): Promise<Listening> {
  const answer = fetchFromFake(github, now, () => {});
  const server = createServer((request, response) => {
    void (async () => {
      const { method = "GET", url = "/" } = request;
      const body = (await readBody(request)).toString();
      const given = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      );
      const asked = { method, headers: given, ...(body === "" ? {} : { body }) };
      const said = await answer(`http://github.test${url}`, asked);
      response.writeHead(said.status, Object.fromEntries(said.headers));
      response.end(said.body === null ? undefined : await said.text());
    })().catch((error: unknown) => {
      response.writeHead(500, { "content-type": "text/plain" }).end(String(error));
    });
  });
  return await listenOnLoopback(server);
}
