import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { appName } from "../../src/cli/app-name.ts";
import { convertCode } from "../../src/cli/convert-code.ts";
import { readServerUrl } from "../../src/cli/read-server-url.ts";
import { type SetupOptions, settingsOf, setup, withValues } from "../../src/cli/setup.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { type Environment, readSettings } from "../../src/run/settings.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const PKCS8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const SECRET = "0123456789abcdef0123456789abcdef";

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sevgate-setup-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A GitHub that gives everything the same answer. */
async function startServer(answer: { readonly status: number; readonly body: unknown }): Promise<{
  readonly url: string;
  readonly asked: string[];
}> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe("sevgate setup", () => {
  const CONVERSION = {
    id: 42,
    slug: "sevgate-acme",
    html_url: "https://github.com/apps/sevgate-acme",
    pem: PEM,
    webhook_secret: SECRET,
  };

  /** Runs the set-up against a GitHub of our own, as a browser would go through it. */
  async function goThrough(
    options: Partial<SetupOptions>,
    browser: (page: string, firstUrl: string) => Promise<void>,
    conversion: { readonly status: number; readonly body: unknown } = { status: 201, body: CONVERSION },
  ) {
    const github = await startServer(conversion);
    const manifestFile = join(folder, "app.yml");
    writeFileSync(manifestFile, "name: Sevgate\nurl: https://example.com\ndefault_permissions: { issues: write }\n");
    const said: string[] = [];
    const done = setup({
      url: "https://sevgate.example.com/",
      organization: undefined,
      owner: "octocat",
      name: undefined,
      githubUrl: "https://github.com",
      githubApiUrl: github.url,
      manifestFile,
      envFile: join(folder, ".env"),
      elsewhere: false,
      pageFile: join(folder, "sevgate-setup.html"),
      port: 0,
      force: false,
      ask: async () => null,
      say: (line) => {
        said.push(line);
        const url = /^Open (http:\/\/127\.0\.0\.1:\d+\/\S+) /.exec(line)?.[1];
        if (url !== undefined) {
          void fetch(url)
            .then((response) => response.text())
            .then((page) => browser(page, url));
        }
      },
      ...options,
    });
    const code = await done.catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      said.push(error.message);
      return 2 as const;
    });
    return { code, said: said.join("\n"), github };
  }
  function field(page: string, pattern: RegExp): string {
    const text = pattern.exec(page)?.[1] ?? "";
    return text.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  }
  async function comeBack(page: string, url: string, change: { readonly state?: string } = {}): Promise<Response> {
    const state = change.state ?? new URL(field(page, /action="([^"]+)"/)).searchParams.get("state");
    return await fetch(new URL(`/callback?code=abc123&state=${state}`, url));
  }
  /** A request with a Host header of one's own, which `fetch` does not allow. */
  function statusOf(url: string, host: string): Promise<number> {
    return new Promise((done, fail) => {
      request(url, { headers: { host } }, (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      })
        .once("error", fail)
        .end();
    });
  }

  //
  it("hands GitHub a manifest with the right addresses, and writes what comes back for this user alone", async () => {
    let page = "";
    writeFileSync(join(folder, ".env"), "# mine\nLOG_LEVEL=debug\n");
    chmodSync(join(folder, ".env"), 0o644);
    const { code, said, github } = await goThrough({ name: "Acme incidents" }, async (seen, url) => {
      page = seen;
      await comeBack(seen, url);
    });
    expect(code).toBe(0);
    expect(field(page, /action="([^"]+)"/)).toMatch(/^https:\/\/github\.com\/settings\/apps\/new\?state=[\w-]{43}$/);
    expect(JSON.parse(field(page, /name="manifest" value="([^"]+)"/))).toEqual({
      name: "Acme incidents",
      url: "https://sevgate.example.com",
      default_permissions: { issues: "write" },
      default_events: [],
      hook_attributes: { url: "https://sevgate.example.com/api/github/webhooks", active: true },
      redirect_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    });
    expect(github.asked).toEqual(["POST /app-manifests/abc123/conversions"]);
    const text = readFileSync(join(folder, ".env"), "utf8");
    expect(text.startsWith("# mine\nLOG_LEVEL=debug\n")).toBe(true);
    const { GITHUB_API_URL: _server, ...environment } = parseEnv(text);
    expect(readSettings(environment as Environment)).toMatchObject({
      kind: "ok",
      settings: { appId: 42, privateKey: PKCS8, webhookSecrets: [SECRET] },
    });
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
    expect(said).toContain("https://github.com/apps/sevgate-acme/installations/new");
    expect(said).not.toContain(SECRET);
  });

  it("lets an organization own the app", async () => {
    let page = "";
    await goThrough({ organization: "acme inc" }, async (seen, url) => {
      page = seen;
      await comeBack(seen, url);
    });
    expect(field(page, /action="([^"]+)"/)).toContain(
      "https://github.com/organizations/acme%20inc/settings/apps/new?state=",
    );
    // "Sevgate" itself is somebody's already.
    expect(page).toContain("Sevgate acme inc");
  });

  it("takes no code that belongs to another set-up", async () => {
    let refused = 0;
    const { code, github } = await goThrough({}, async (page, url) => {
      refused = (await comeBack(page, url, { state: "x".repeat(32) })).status;
      await comeBack(page, url);
    });
    expect(refused).toBe(400);
    expect(code).toBe(0);
    expect(github.asked).toHaveLength(1);
  });

  it.each(["../../user", "a/b", "a%2Fb", "", "x".repeat(300)])("sends GitHub no code like %j", async (code) => {
    const github = await startServer({ status: 201, body: CONVERSION });
    await expect(convertCode(github.url, code)).rejects.toThrow("GitHub sent no code back");
    expect(github.asked).toEqual([]);
  });

  it("says what to do when GitHub refuses the code, and writes nothing", async () => {
    const { code, said } = await goThrough(
      {},
      async (page, url) => {
        await comeBack(page, url);
      },
      { status: 404, body: { message: "Not Found" } },
    );
    expect(code).toBe(1);
    expect(said).toMatch(/refused the code \(status 404\).+run sevgate setup again/);
    expect(() => readFileSync(join(folder, ".env"))).toThrow("ENOENT");
  });

  it("replaces secrets that are there only when somebody agrees", async () => {
    const before = 'APP_ID=7\nPRIVATE_KEY="-----BEGIN\nold\nEND-----"\nWEBHOOK_SECRET=old # comment\nPORT=80\n';
    writeFileSync(join(folder, ".env"), before);
    const questions: string[] = [];
    const refused = await goThrough(
      {
        ask: async (question) => {
          questions.push(question);
          return "n";
        },
      },
      async () => {},
    );
    expect(refused.code).toBe(1);
    expect(questions).toEqual([expect.stringContaining("APP_ID, PRIVATE_KEY, WEBHOOK_SECRET")]);
    expect(readFileSync(join(folder, ".env"), "utf8")).toBe(before);
    const agreed = await goThrough({ ask: async () => "y" }, async (page, url) => {
      await comeBack(page, url);
    });
    expect(agreed.code).toBe(0);
    expect(parseEnv(readFileSync(join(folder, ".env"), "utf8"))).toMatchObject({
      APP_ID: "42",
      PRIVATE_KEY: Buffer.from(PEM).toString("base64"),
      WEBHOOK_SECRET: SECRET,
      PORT: "80",
    });
  });

  it("writes lines that mean the same to Node, to a container's --env-file and to a shell", async () => {
    await goThrough({}, async (page, url) => {
      await comeBack(page, url);
    });
    const text = readFileSync(join(folder, ".env"), "utf8");
    // What `docker run --env-file` makes of it: everything between the first `=` and the end of the line.
    const inContainer = Object.fromEntries(
      text
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    expect(inContainer).toEqual(parseEnv(text));
    for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/^[A-Z_]+=[\w.:/+=@~-]+$/);
    expect(readSettings(inContainer)).toMatchObject({ kind: "ok", settings: { privateKey: PKCS8 } });
  });

  it("puts nothing over secrets that came into the file while it waited, nor over a file beside it", async () => {
    const [envFile, cwd] = [join(folder, ".env"), process.cwd()];
    process.chdir(folder);
    try {
      writeFileSync("sevgate-42.env", "APP_ID=7\n");
      const { code, said } = await goThrough({}, async (page, url) => {
        writeFileSync(envFile, "APP_ID=8\nWEBHOOK_SECRET=of another app\n");
        await comeBack(page, url);
      });
      expect(code).toBe(0);
      expect(said).toContain("sevgate-42-2.env (");
      expect(readFileSync(envFile, "utf8")).toBe("APP_ID=8\nWEBHOOK_SECRET=of another app\n");
      expect(readFileSync("sevgate-42.env", "utf8")).toBe("APP_ID=7\n");
      expect(statSync("sevgate-42-2.env").mode & 0o777).toBe(0o600);
    } finally {
      process.chdir(cwd);
    }
  });

  it("keeps a link to where the settings are, and writes there", async () => {
    const kept = join(folder, "kept.env");
    writeFileSync(kept, "PORT=4000\n");
    symlinkSync(kept, join(folder, ".env"));
    const { code } = await goThrough({}, async (page, url) => {
      await comeBack(page, url);
    });
    expect(code).toBe(0);
    expect(lstatSync(join(folder, ".env")).isSymbolicLink()).toBe(true);
    expect(readFileSync(kept, "utf8")).toMatch(/^PORT=4000\nAPP_ID=42\n/);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
  });

  it("leaves no other server's address beside an app of github.com", () => {
    const app = { id: 42, pem: PEM, webhook_secret: SECRET };
    const before = "GITHUB_API_URL=https://github.example.com/api/v3\n";
    const usual = "https://api.github.com";
    expect(parseEnv(withValues(before, settingsOf(app, usual, before)))).toMatchObject({ GITHUB_API_URL: usual });
    expect(settingsOf(app, usual, "")).not.toHaveProperty("GITHUB_API_URL");
    expect(settingsOf(app, "https://api.acme.ghe.com", "")).toMatchObject({
      GITHUB_API_URL: "https://api.acme.ghe.com",
    });
  });

  it("shows its page at the printed address alone, and under the names of this machine alone", async () => {
    const seen: Record<string, number> = {};
    const { code, github } = await goThrough({}, async (page, url) => {
      const { origin, port, pathname } = new URL(url);
      const state = new URL(field(page, /action="([^"]+)"/)).searchParams.get("state");
      for (const path of [
        "/",
        "/index.html",
        `${pathname.slice(0, -1)}${pathname.endsWith("x") ? "y" : "x"}`,
        `/${state}`,
      ]) {
        seen[`another path: ${path === "/" ? "/" : path.length}`] = (await fetch(`${origin}${path}`)).status;
      }
      for (const host of [`evil.example:${port}`, "127.0.0.1", `127.0.0.1:1`, `localhost.evil.example:${port}`]) {
        seen[`as ${host.replace(port, "PORT")}`] = await statusOf(url, host);
        await statusOf(`${origin}/callback?code=theirs&state=${state}`, host);
      }
      expect(await statusOf(url, `localhost:${port}`)).toBe(200);
      expect(page).not.toContain(pathname.slice(1));
      await comeBack(page, url);
    });
    expect(new Set(Object.values(seen).slice(0, 4))).toEqual(new Set([404]));
    expect(new Set(Object.values(seen).slice(4))).toEqual(new Set([421]));
    expect(code).toBe(0);
    expect(github.asked).toEqual(["POST /app-manifests/abc123/conversions"]);
  });

  it("asks for a code once, however often the browser comes back", async () => {
    const statuses: number[] = [];
    const { github } = await goThrough({}, async (page, url) => {
      const answers = await Promise.all([comeBack(page, url), comeBack(page, url)]);
      statuses.push(...answers.map(({ status }) => status));
    });
    expect(statuses.toSorted()).toEqual([200, 409]);
    expect(github.asked).toHaveLength(1);
  });

  it.each([
    ["http://sevgate.example.com", "https://github.com", /in the clear.+--url https:\/\/sevgate\.example\.com/],
    ["http://203.0.113.7:3000", "https://github.example.com", /in the clear/],
    ["http://10.0.0.7", "https://github.example.com", /in the clear/],
    ["https://localhost", "https://github.com", /cannot reach localhost.+proxy or a tunnel/],
    ["https://127.0.0.1:3000", "https://github.com", /cannot reach/],
    ["http://127.0.0.1:3000", "https://github.com", /cannot reach/],
    ["https://[::1]", "https://github.com", /cannot reach/],
    ["https://[::ffff:10.0.0.1]", "https://github.com", /cannot reach/],
    ["https://[fd00::1]", "https://acme.ghe.com", /cannot reach/],
    ["https://10.1.2.3", "https://github.com", /cannot reach/],
    ["https://172.20.0.1", "https://github.com", /cannot reach/],
    ["https://192.168.1.10", "https://github.com", /cannot reach/],
    ["https://169.254.1.1", "https://github.com", /cannot reach/],
    ["https://100.64.0.1", "https://github.com", /cannot reach/],
    ["https://0.0.0.0", "https://github.com", /cannot reach/],
    ["https://0x7f000001", "https://github.com", /cannot reach/],
    ["https://sevgate", "https://github.com", /cannot reach/],
    ["https://sevgate.internal", "https://github.com", /cannot reach/],
    ["https://sevgate.localhost", "https://github.com", /cannot reach/],
    ["https://bob:hunter2@sevgate.example.com", "https://github.com", /more than a name and a path/],
    ["https://sevgate.example.com/?a=b", "https://github.com", /more than a name and a path/],
    ["ftp://sevgate.example.com", "https://github.com", /sevgate setup --url https/],
    ["sevgate.example.com", "https://github.com", /sevgate setup --url https/],
  ])("refuses %s for %s, with the reason and what to give", async (url, githubUrl, why) => {
    const refused = readServerUrl(url, githubUrl);
    expect(refused).toEqual({ kind: "refused", why: expect.stringMatching(why) });
    expect(JSON.stringify(refused)).not.toContain("hunter2");
    const { code, said, github } = await goThrough({ url, githubUrl }, async () => {});
    expect({ code, said }).toEqual({ code: 2, said: refused.kind === "refused" ? refused.why : "" });
    expect(github.asked).toEqual([]);
    expect(existsSync(join(folder, ".env"))).toBe(false);
  });

  it.each([
    ["https://sevgate.example.com/", "https://github.com", "https://sevgate.example.com"],
    ["https://tools.example.com/sevgate/", "https://github.com", "https://tools.example.com/sevgate"],
    ["https://172.32.0.1", "https://github.com", "https://172.32.0.1"],
    ["https://sevgate.internal", "https://github.example.com", "https://sevgate.internal"],
    ["https://10.0.0.7:8443", "https://github.example.com", "https://10.0.0.7:8443"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:4000", "http://127.0.0.1:3000"],
    ["http://localhost:3000", "https://github.example.com", "http://localhost:3000"],
  ])("takes %s for %s", (given, githubUrl, url) => {
    expect(readServerUrl(given, githubUrl)).toEqual({ kind: "ok", url });
  });

  it("sends nobody to a GitHub in the clear", async () => {
    const { code, said } = await goThrough({ githubUrl: "http://github.example.com" }, async () => {});
    expect(code).toBe(2);
    expect(said).toContain("It begins with https");
  });

  //
  it.each(["http://github.corp.example/api/v3", "github.corp.example"])(
    "asks for no secrets at GITHUB_API_URL=%s, and says so before anything is created",
    async (githubApiUrl) => {
      const { code, said } = await goThrough({ githubApiUrl }, async () => {});
      expect(code).toBe(2);
      expect(said).toContain("GITHUB_API_URL is no address that begins with https");
    },
  );

  it("takes an empty GITHUB_API_URL for none", async () => {
    const github = await startServer({ status: 201, body: CONVERSION });
    const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
    const given = ["--url", "https://sevgate.example.com", "--owner", "octocat", "--github-url", github.url];
    const child = spawn(process.execPath, [main, "setup", ...given], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", GITHUB_API_URL: "" },
    });
    const ended = once(child, "close");
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) {
      const url = /^Open (\S+) /.exec(line)?.[1];
      if (url !== undefined) void fetch(url).then(async (answer) => await comeBack(await answer.text(), url));
    }
    expect((await ended)[0]).toBe(0);
    expect(github.asked).toContain("POST /api/v3/app-manifests/abc123/conversions");
  }, 30_000);

  it("asks for the address of the server, and says how to give it when nobody answers", async () => {
    const { code, said } = await goThrough({ url: undefined }, async () => {});
    expect(code).toBe(2);
    expect(said).toContain("sevgate setup --url");
    const answered = await goThrough({ url: undefined, ask: async () => "sevgate" }, async () => {});
    expect(answered.code).toBe(1);
  });

  it("creates no app whose settings it could not write", async () => {
    for (const envFile of [folder, join(folder, "none", ".env"), join(folder, "app.yml", ".env")]) {
      const { code, said, github } = await goThrough({ envFile }, async () => {});
      expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining("Name another with --write-to.") });
      expect(github.asked).toEqual([]);
    }
  });

  describe("in a browser on another machine", () => {
    /** Runs it with `--elsewhere`; `paste` gets the page and the address that GitHub sends its browser to. */
    async function elsewhere(
      paste: (page: string, address: string) => readonly (string | null)[],
      options: Partial<SetupOptions> = {},
    ) {
      const pageFile = join(folder, "page.html");
      let mode = 0;
      let page = "";
      let answers: (string | null)[] | null = null;
      const found = await goThrough(
        {
          elsewhere: true,
          pageFile,
          ask: async () => {
            if (answers === null) {
              page = readFileSync(pageFile, "utf8");
              mode = statSync(pageFile).mode & 0o777;
              const { redirect_url } = JSON.parse(field(page, /name="manifest" value="([^"]+)"/));
              const state = new URL(field(page, /action="([^"]+)"/)).searchParams.get("state");
              answers = [...paste(page, `${redirect_url}?code=abc123&state=${state}`)];
            }
            return answers.shift() ?? null;
          },
          ...options,
        },
        async () => {},
      );
      return { ...found, page, mode, isLeft: existsSync(pageFile) };
    }

    it("hands over a page that needs nothing else, and takes the address that comes back", async () => {
      const { code, said, page, mode, isLeft, github } = await elsewhere((_page, address) => [address]);
      expect({ code, mode, isLeft }).toEqual({ code: 0, mode: 0o600, isLeft: false });
      expect(page).not.toMatch(/<script|src=|<link/);
      expect(said).toContain(`data:text/html;base64,${Buffer.from(page).toString("base64")}`);
      expect(JSON.parse(field(page, /name="manifest" value="([^"]+)"/))).toMatchObject({
        name: "Sevgate octocat",
        redirect_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:(?:49|5\d|6\d)\d{3}\/callback$/),
      });
      expect(github.asked).toEqual(["POST /app-manifests/abc123/conversions"]);
      expect(readFileSync(join(folder, ".env"), "utf8")).toContain("APP_ID=42\n");
    });

    it("takes an address that the terminal broke into lines", async () => {
      expect((await elsewhere((_page, address) => [` ${address.slice(0, 50)}\n ${address.slice(50)}\r\n`])).code).toBe(
        0,
      );
    });

    it("takes no code alone, nor one that belongs to another page, and asks again", async () => {
      const { code, said, github } = await elsewhere((_page, address) => [
        "abc123",
        "http://127.0.0.1:50000/callback?code=theirs&state=theirs",
        "http://127.0.0.1:50000/callback?code=theirs",
        address,
      ]);
      expect(said).toMatch(/not the whole address[\s\S]+belongs to another set-up[\s\S]+not the whole address/);
      expect(code).toBe(0);
      expect(github.asked).toHaveLength(1);
    });

    it.each([["nothing"], [""], [null]])(
      "writes nothing, and leaves no page, when %j is pasted and then no more",
      async (pasted) => {
        const { code, said, isLeft, github } = await elsewhere(() => [pasted]);
        expect({ code, isLeft, asked: github.asked }).toEqual({ code: 1, isLeft: false, asked: [] });
        expect(said).toContain("delete it in the developer settings");
        expect(existsSync(join(folder, ".env"))).toBe(false);
      },
    );

    it("ends calmly at Ctrl-C, and says what may be left on GitHub", async () => {
      const { code, said, isLeft } = await elsewhere(() => [], {
        ask: async () => {
          throw Object.assign(new Error("Aborted with Ctrl+C"), { code: "ABORT_ERR" });
        },
      });
      expect({ code, isLeft }).toEqual({ code: 1, isLeft: false });
      expect(said).toContain("Nothing was written. If GitHub has created the app, delete it");
    });

    it("puts its page over no file that is there", async () => {
      writeFileSync(join(folder, "mine.html"), "mine");
      const { code, said } = await elsewhere(() => [], { pageFile: join(folder, "mine.html") });
      expect(code).toBe(1);
      expect(said).toMatch(/is there already.+--page/);
      expect(readFileSync(join(folder, "mine.html"), "utf8")).toBe("mine");
    });

    it("says what to do when somebody else was faster with the code", async () => {
      const github = await startServer({ status: 404, body: {} });
      const { code, said } = await elsewhere((_page, address) => [address], { githubApiUrl: github.url });
      expect(code).toBe(1);
      expect(said).toMatch(/refused the code.+delete the app/);
      expect(existsSync(join(folder, ".env"))).toBe(false);
    });
  });

  it("creates the app on a GitHub Enterprise Server, whose addresses are its own", async () => {
    const server = await startServer({
      status: 201,
      body: { ...CONVERSION, html_url: "https://github.corp.example/github-apps/sevgate-octocat" },
    });
    let action = "";
    const { code, said } = await goThrough({ githubUrl: server.url, githubApiUrl: null }, async (page, url) => {
      action = field(page, /action="([^"]+)"/);
      await comeBack(page, url);
    });
    expect(code).toBe(0);
    expect(action).toContain(`${server.url}/settings/apps/new?state=`);
    expect(server.asked).toEqual(["GET /api/v3/meta", "POST /api/v3/app-manifests/abc123/conversions"]);
    expect(said).toContain("https://github.corp.example/github-apps/sevgate-octocat/installations/new");
    expect(parseEnv(readFileSync(join(folder, ".env"), "utf8"))).toMatchObject({
      GITHUB_API_URL: `${server.url}/api/v3`,
    });
  });

  //
  it.each([
    ["3.19.2", ["issues"]],
    ["3.20.0", ["issues", "sub_issues", "merge_group"]],
    [undefined, ["issues"]],
  ])("asks an Enterprise Server of version %s for no event that it would refuse", async (version, events) => {
    const server = await startServer({ status: 201, body: { ...CONVERSION, installed_version: version } });
    const manifestFile = join(folder, "whole.yml");
    writeFileSync(manifestFile, "name: Sevgate\ndefault_events: [issues, sub_issues, merge_group]\n");
    let page = "";
    const options = { githubUrl: server.url, githubApiUrl: null, manifestFile };
    const { said } = await goThrough(options, async (seen, url) => {
      page = seen;
      await comeBack(seen, url);
    });
    expect(JSON.parse(field(page, /name="manifest" value="([^"]+)"/)).default_events).toEqual(events);
    expect(/Left out.+sub_issues, merge_group/.test(said)).toBe(events.length === 1);
  });

  it("ends on a page that leads to the installation, as the terminal does, and says what comes next", async () => {
    let last = "";
    const { said } = await goThrough({}, async (page, url) => {
      last = await (await comeBack(page, url)).text();
    });
    expect(last).toContain('href="https://github.com/apps/sevgate-acme/installations/new"');
    for (const text of [last, said]) expect(text).toMatch(/sevgate start[\s\S]+sevgate doctor/);
    expect(said).toContain("sevgate protect OWNER/REPOSITORY");
    expect(last).not.toContain(SECRET);
  });

  //
  it.each<readonly [string, Partial<SetupOptions>, string]>([
    ["the organization", { organization: "acme", owner: undefined }, "Sevgate acme"],
    ["the person who is named", { owner: "octocat" }, "Sevgate octocat"],
    ["the person who answers", { owner: undefined, ask: async () => " mona " }, "Sevgate mona"],
    ["the server, when nobody answers", { owner: undefined }, "Sevgate sevgate.example.com"],
    [
      "the server, when the answer is no login",
      { owner: undefined, ask: async () => "a b" },
      "Sevgate sevgate.example.com",
    ],
  ])("proposes a name that is free: it has that of %s", async (_whose, options, name) => {
    let page = "";
    await goThrough(options, async (seen, url) => {
      page = seen;
      await comeBack(seen, url);
    });
    expect(JSON.parse(field(page, /name="manifest" value="([^"]+)"/)).name).toBe(name);
  });

  it("keeps within GitHub's 34 characters, and two long names apart", () => {
    const [one, other] = ["a".repeat(39), `${"a".repeat(38)}b`].map(appName);
    expect([one?.length, other?.length]).toEqual([34, 34]);
    expect(one).not.toBe(other);
    expect(appName("a".repeat(26))).toBe(`Sevgate ${"a".repeat(26)}`);
  });

  it.each([
    [{ name: "n".repeat(35) }, /at most 34 characters/],
    [{ name: " " }, /at most 34 characters/],
    [{ owner: "no login" }, /--owner is a login/],
  ])("refuses %j before anything is created", async (options, why) => {
    const { code, said, github } = await goThrough(options, async () => {});
    expect(code).toBe(2);
    expect(said).toMatch(why);
    expect(github.asked).toEqual([]);
  });

  it("says what to do when its port is taken", async () => {
    const { url } = await startServer({ status: 200, body: {} });
    const port = Number(new URL(url).port);
    await expect(goThrough({ port }, async () => {})).rejects.toThrow(
      `127.0.0.1:${port} is in use by another program. Leave out --port, and a free one is taken.`,
    );
  });
});
