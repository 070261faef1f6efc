import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { until } from "../../demo/until.ts";
import { setup } from "../../src/cli/setup.ts";
import { type Chromium, findChromium, startChromium } from "../../testkit/chromium.ts";
import { readBody } from "../../testkit/forward-request.ts";
import { listenOnLoopback } from "../../testkit/listen-on-loopback.ts";

// A browser.
jest.setTimeout(60_000);

const PROGRAM = findChromium();
const MANIFEST = new URL("../../app.yml", import.meta.url);

/** The two pages of GitHub that matter: the one that takes the manifest, and the one that gives the secrets. */
async function startGitHub() {
  const posted: { readonly path: string; readonly manifest: Readonly<Record<string, unknown>> }[] = [];
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://github.example");
    if (pathname.endsWith("/settings/apps/new")) {
      const form = new URLSearchParams((await readBody(request)).toString("utf8"));
      const manifest = JSON.parse(form.get("manifest") ?? "{}") as Record<string, unknown>;
      posted.push({ path: pathname, manifest });
      const back = `${manifest["redirect_url"]}?code=abc123&state=${searchParams.get("state")}`;
      response.writeHead(302, { location: back }).end();
    } else {
      response.writeHead(201, { "content-type": "application/json" }).end(
        JSON.stringify({
          id: 42,
          slug: "sevgate-acme",
          html_url: "https://github.com/apps/sevgate-acme",
          pem: "-----BEGIN RSA PRIVATE KEY-----",
          webhook_secret: "0123456789abcdef0123456789abcdef",
        }),
      );
    }
  }
  const server = createServer((request, response) => void answer(request, response));
  return { ...(await listenOnLoopback(server)), posted };
}

describe("sevgate setup --elsewhere in a real browser", () => {
  if (PROGRAM === undefined) {
    process.stdout.write("Chromium is not installed (apt-get install chromium): no browser was used.\n");
    it.skip("is not installed here: nothing was looked at", () => {});
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "sevgate-elsewhere-"));
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium(PROGRAM);
  });
  afterAll(async () => {
    await chromium.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(["the file", "the address to paste"])(
    "leads from %s to GitHub, and the address bar shows the code although nothing answers there",
    async (which) => {
      const github = await startGitHub();
      const pageFile = join(folder, "page.html");
      const envFile = join(folder, `${which}.env`);
      const said: string[] = [];
      const browse = async () => {
        const pasted = said.find((line) => line.startsWith("data:")) ?? "";
        const page = await chromium.open(which === "the file" ? pathToFileURL(pageFile).href : pasted);
        await page.evaluate("document.querySelector('button').click()");
        const address = await until("the code in the address bar", async () => {
          const shown = await page.address();
          return /^http:\/\/127\.0\.0\.1:\d+\/callback\?code=/.test(shown) ? shown : null;
        });
        await page.close();
        return address;
      };
      const code = await setup({
        url: "https://sevgate.example.com",
        organization: "acme",
        owner: undefined,
        name: undefined,
        githubUrl: github.url,
        githubApiUrl: github.url,
        manifestFile: MANIFEST,
        envFile,
        elsewhere: true,
        pageFile,
        port: 0,
        force: false,
        ask: browse,
        say: (line) => said.push(line),
      });
      await github.close();
      expect({ code, said: said.at(-1) }).toEqual({ code: 0, said: expect.stringContaining("sevgate protect") });
      expect(github.posted).toMatchObject([
        { path: "/organizations/acme/settings/apps/new", manifest: { name: "Sevgate acme", public: false } },
      ]);
      expect(readFileSync(envFile, "utf8")).toContain("APP_ID=42\n");
      expect(existsSync(pageFile)).toBe(false);
    },
  );
});
