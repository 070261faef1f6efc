import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { runSevgate } from "../support/run-sevgate.ts";

describe("A person's token, in a clone whose .env names a server of its own,", () => {
  const folder = mkdtempSync(join(tmpdir(), "sevgate-token-"));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(401).end("{}");
  });
  let url = "";

  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(join(folder, ".env"), `GITHUB_API_URL=${url}\n`);
  });

  afterAll(async () => {
    await new Promise((done) => server.close(done));
    rmSync(folder, { recursive: true, force: true });
  });

  async function command(env: Readonly<Record<string, string>>, given: readonly string[]) {
    asked.length = 0;
    const { code, err } = await runSevgate(given, { cwd: folder, env });
    return { code, said: err, asked: [...asked] };
  }

  it.each([
    [["explain", "acme/ops#1"], "GITHUB_TOKEN"],
    [["report", "acme/ops"], "GITHUB_TOKEN"],
    [["protect", "acme/ops"], "GH_TOKEN"],
    [["rehearse", "acme/scratch", "--yes"], "GH_TOKEN"],
  ])("does not go there: sevgate %j", async (given, token) => {
    const { code, said, asked: sent } = await command({ [token]: "ghp_of-maria" }, given);
    expect(sent).toEqual([]);
    expect(code).toBe(1);
    expect(said).toContain(`.env names the server ${url}, and ${token} is not from that file.`);
    expect(said).not.toContain("ghp_");
  });

  it("goes there once the environment names it as well", async () => {
    const { asked: sent } = await command({ GITHUB_TOKEN: "ghp_of-maria", GITHUB_API_URL: url }, [
      "protect",
      "acme/ops",
    ]);
    expect(sent.length).toBeGreaterThan(0);
  });
});
