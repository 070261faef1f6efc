import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { prepareRepository } from "../../demo/prepare-repository.ts";
import { until } from "../../demo/until.ts";
import { createWorld, FULL_NAME, PLACE, type World } from "../../demo/world.ts";
import { NODE_OPTIONS } from "../../scripts/node-options.ts";
import { type Manifest, publishedManifest } from "../../scripts/published-manifest.ts";
import { createProgram } from "../../src/cli/create-program.ts";
import { withValues } from "../../src/cli/setup.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import { type Gathered, gatherOutput } from "../support/gather-output.ts";

// Real processes, a build among them.
jest.setTimeout(240_000);

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GENEROUS = { limitMs: 90_000 };
/** With the demo; 60 MB without it are the limit (decision 46). */
const MOST_BYTES = 20_000_000;

interface InstalledManifest {
  readonly version: string;
  readonly [field: string]: unknown;
}

/** Everything is below it: the clone that is packed, and the folder the package is installed into. */
let base: string;
let clone: string;
let installed: string;
let manifest: InstalledManifest;
let github: RunningEmulator;
let world: World;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  github = await startEmulator();
  world = createWorld(github);
  await prepareRepository(world);
  base = mkdtempSync(join(tmpdir(), "sevgate-package-"));
  clone = join(base, "clone");
  mkdirSync(clone);
  // A pack swaps package.json for a moment: not under the eyes of other tests.
  for (const name of readdirSync(ROOT)) {
    if (!/^(?:node_modules|dist|test|bench|demo-output|\.git)$/.test(name))
      cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  }
  mkdirSync(join(clone, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name !== ".cache") symlinkSync(join(ROOT, "node_modules", name), join(clone, "node_modules", name));
  }
  const before = readFileSync(join(clone, "package.json"), "utf8");
  succeed(clone, "npm", "pack", "--silent", "--pack-destination", base);
  expect(readFileSync(join(clone, "package.json"), "utf8")).toBe(before);

  const folder = join(base, "installed");
  mkdirSync(folder);
  const [tarball = ""] = readdirSync(base).filter((name) => name.endsWith(".tgz"));
  // Nothing is known to this npm but the package itself.
  succeed(folder, "npm", "install", "--offline", "--cache", join(base, "cache"), join(base, tarball));
  installed = join(folder, "node_modules/sevgate");
  manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as InstalledManifest;
});
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});
afterAll(async () => {
  await github.close();
  rmSync(base, { recursive: true, force: true });
});

function environment(): NodeJS.ProcessEnv {
  return {
    // A user's own Node; here it is the one that runs the tests.
    PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: base,
    TMPDIR: base,
    NO_COLOR: "1",
    npm_config_update_notifier: "false",
  };
}

function succeed(cwd: string, command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env: environment(), encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
}

interface Running extends Gathered {
  readonly process: ChildProcess;
}

/** `sevgate …`, by the name that npm has put into `node_modules/.bin`. */
function sevgate(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  return run(join(installed, "../.bin/sevgate"), args, env);
}

/** In a folder of its own. Not waited for: GitHub is in this process. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const cwd = join(base, "work");
  mkdirSync(cwd, { recursive: true });
  const child = spawn(program, args, { cwd, env: { ...environment(), ...env } });
  const gathered = gatherOutput(child);
  ending.push(() => {
    child.kill("SIGKILL");
    return gathered.ended;
  });
  return { process: child, ...gathered };
}

/** The exit code, and what was printed. */
async function outcome(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<readonly [number | string, string]> {
  const running = sevgate(args, env);
  return [await running.ended, running.output()];
}

/** Of what is in it, in bytes. */
function weigh(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, { size, ...file }) => sum + (file.mode & 0o040000 ? 0 : size), 0);
}

function serverSettings(): NodeJS.ProcessEnv {
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY: Buffer.from(github.privateKey).toString("base64"),
    WEBHOOK_SECRET: github.webhookSecret,
    GITHUB_API_URL: github.url,
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_FORMAT: "json",
    DRAIN_FOR: "0s",
  };
}

describe("The package that npm pack makes", () => {
  it("names the repository of the workflow that publishes it, as provenance has to (A-131)", () => {
    const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
    const url = "git+https://github.com/acme/sevgate.git";
    expect(publishedManifest(own, "acme/sevgate")).toMatchObject({ repository: { type: "git", url } });
    expect(manifest).not.toHaveProperty("repository");
  });

  it("is published by nobody from a clone: npm publish says where releases come from", () => {
    const before = readFileSync(join(clone, "package.json"), "utf8");
    const options = { cwd: clone, env: environment(), encoding: "utf8" } as const;
    const { status, stderr } = spawnSync("npm", ["publish", "--dry-run"], options);
    expect([status, stderr]).toEqual([1, expect.stringContaining("release.yml")]);
    expect(readFileSync(join(clone, "package.json"), "utf8")).toBe(before);
  });

  it("installs without the network: it brings nothing else, runs nothing, and is small", () => {
    expect(readdirSync(dirname(installed)).filter((name) => !name.startsWith("."))).toEqual(["sevgate"]);
    for (const field of ["dependencies", "optionalDependencies", "devDependencies", "private", "overrides"])
      expect(manifest).not.toHaveProperty([field]);
    for (const script of ["preinstall", "install", "postinstall", "prepare"])
      expect(manifest["scripts"]).not.toHaveProperty([script]);
    expect(manifest).toMatchObject({
      engines: { node: ">=24.15" },
      peerDependenciesMeta: { probot: { optional: true } },
    });
    expect(weigh(installed)).toBeLessThan(MOST_BYTES);
    expect(existsSync(join(installed, "dist/compiled"))).toBe(false);
  });

  it("has every document that its messages and its help name", () => {
    const code = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".js"))
      .map((name) => readFileSync(join(installed, "dist", name), "utf8"))
      .join("\n");
    const named = new Set(code.match(/\b(?:docs|runbooks)\/[a-z/-]+\.md\b/g));
    expect(named.size).toBeGreaterThan(10);
    expect([...named].filter((document) => !existsSync(join(installed, document)))).toEqual([]);
  });

  it("has the license of everything that was built into it", () => {
    const licenses = readFileSync(join(installed, "dist/THIRD_PARTY_LICENSES.txt"), "utf8");
    for (const name of ["probot", "zod", "pg-boss", "emulate", "@slack/web-api", "Hono", "github-markdown-css"])
      expect(licenses).toContain(name);
    const used = new Set(
      readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".map"))
        .flatMap((name) => (JSON.parse(readFileSync(join(installed, "dist", name), "utf8")) as SourceMap).sources)
        .flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
    );
    expect(used.size).toBeGreaterThan(80);
    const missing = [...used].filter((name) => !licenses.includes(`\n${name} `));
    // Parts of packages that are there: the emulator's own, and what source maps of octokit call their folder.
    expect(missing.filter((name) => !/^(?:@emulators\/\w+|(?:@octokit\/)?src)$/.test(name))).toEqual([]);
  });

  it("lists for machines exactly the packages whose licenses it has", () => {
    const read = (name: string) => readFileSync(join(installed, "dist", name), "utf8");
    const bill = JSON.parse(read("sevgate.cdx.json")) as BillOfMaterials;
    const licensed = [...read("THIRD_PARTY_LICENSES.txt").matchAll(/^={80}\n(\S+) (\S+), .*\n={80}$/gm)];
    expect(bill.components.map(({ name, version }) => [name, version])).toEqual(
      licensed.map(([, name, version]) => [name, version]),
    );
    // What `npm sbom` leaves out: a dependency that a tool for tests stands on as well, and the demo.
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(["lru-cache", "emulate"]));
    expect(bill.metadata.component).toMatchObject({ name: "sevgate", version: manifest.version });
  });

  it("says its version, and explains every command", async () => {
    expect(await outcome(["--version"])).toEqual([0, `${manifest.version}\n`]);
    const names = createProgram([]).commands.map((command) => command.name());
    expect(names).toEqual(
      expect.arrayContaining(["demo", "start", "setup", "validate", "oncall", "doctor", "explain"]),
    );
    for (const name of names) {
      expect([name, ...(await outcome([name, "--help"]))]).toEqual([name, 0, expect.stringContaining("Exit codes:")]);
    }
  });

  it("says to an older Node what it needs", () => {
    const program = readFileSync(join(installed, "bin/sevgate.js"), "utf8");
    const older = join(installed, "bin/older.js");
    writeFileSync(older, program.replace("process.versions.node.split", '"22.11.0".split'));
    const { status, stderr } = spawnSync(process.execPath, [older, "demo"], { encoding: "utf8" });
    rmSync(older);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/needs 24\.15 or newer.*nodejs\.org/)]);
  });

  it("plays the demo", async () => {
    // As npx starts it.
    const [code, output] = await outcome(["demo"], { npm_command: "exec" });
    expect([code, output]).toEqual([0, expect.stringContaining("Play with it yourself: npx sevgate demo --keep")]);
    expect(readFileSync(join(base, "work/demo-output/incident.html"), "utf8")).toContain("markdown-body");
    expect(readFileSync(join(base, "work/demo-output/report.html"), "utf8")).toContain("Checkout is down");
  });

  it("leads through the set-up, as far as its page", async () => {
    const running = sevgate(["setup", "--url", "https://sevgate.example"]);
    const url = await until("its page", async () => /http:\/\/\S+/.exec(running.output())?.[0], GENEROUS);
    const page = await (await fetch(url)).text();
    expect(page).toContain("hook_attributes");
    expect(page).toContain("default_permissions");
    running.process.kill("SIGTERM");
    await running.ended;
  });

  it("validates a policy and says who is on call", async () => {
    const templates = join(installed, "templates/github");
    expect(await outcome(["validate", join(templates, "sevgate.yml")])).toEqual([0, expect.stringContaining("P0")]);
    const onCall = readFileSync(join(templates, "sevgate/on-call.yml"), "utf8");
    mkdirSync(join(base, "work"), { recursive: true });
    writeFileSync(join(base, "work/on-call.yml"), onCall.replaceAll(/<(\w+)-login>/g, "$1"));
    expect(await outcome(["oncall", "--file", "on-call.yml", "--json"])).toEqual([
      0,
      expect.stringContaining("primary"),
    ]);
    expect(await outcome(["validate", "not-there.yml"])).toEqual([1, expect.stringContaining("not-there.yml")]);
  });

  it("writes the first files into a clone, for a server and for the action, each valid", async () => {
    for (const more of [[], ["--action"], ["--action", "--github-token"]]) {
      const folder = mkdtempSync(join(base, "clone-of-"));
      succeed(folder, "git", "init", "--quiet");
      expect([more, ...(await outcome(["init", "--repo", folder, "--yes", ...more]))]).toEqual([
        more,
        0,
        expect.stringContaining("wrote  .github/sevgate.yml"),
      ]);
      expect(existsSync(join(folder, ".github/workflows/sevgate.yml"))).toBe(more.length > 0);
      expect((await outcome(["validate", join(folder, ".github/sevgate.yml")]))[0]).toBe(0);
    }
  });

  it("refuses what it cannot do yet in one line, and writes nothing", async () => {
    const before = readdirSync(join(base, "work"));
    for (const [words, remedy] of [
      [["protect", FULL_NAME], "GITHUB_TOKEN"],
      [["rehearse", FULL_NAME], "GH_TOKEN"],
      [["healthcheck"], "does not answer"],
      [["doctor"], "APP_ID is missing"],
    ] as const) {
      expect([words, ...(await outcome(words, { PORT: "1" }))]).toEqual([words, 1, expect.stringContaining(remedy)]);
    }
    expect(readdirSync(join(base, "work"))).toEqual(before);
  });

  it("serves a repository, and what it did can be explained, reported and examined", async () => {
    const settings = serverSettings();
    writeFileSync(join(base, "work/.env"), withValues("", { ...settings } as Record<string, string>));
    const server = sevgate(["start"]);
    const url = await until(
      "it listens",
      async () => /"url":"(http:[^"]+)".*Sevgate listens/.exec(server.output())?.[1],
      GENEROUS,
    );
    github.deliverTo(`${url}/api/github/webhooks`);
    const { data: issue } = await world.as("bob").issues.create({ ...PLACE, title: "Outage", labels: ["sev:P0"] });
    await until("the status comment", async () => (await world.statusComment(issue.number)) !== null, GENEROUS);

    const reader = { GITHUB_TOKEN: github.tokens.alice, GITHUB_API_URL: github.url };
    rmSync(join(base, "work/.env"));
    expect(await outcome(["explain", `${FULL_NAME}#${issue.number}`], reader)).toEqual([
      0,
      expect.stringContaining("P0"),
    ]);
    expect(await outcome(["report", FULL_NAME], reader)).toEqual([0, expect.stringContaining("Outage")]);
    const [code, examined] = await outcome(["doctor", "--url", url, "--json"], {
      ...settings,
      PORT: new URL(url).port,
    });
    expect([code, examined]).toEqual([expect.any(Number), expect.stringContaining('"findings":[')]);

    server.process.kill("SIGTERM");
    expect(await server.ended).toBe(0);
  });

  it("is a Probot app for whoever imports it, and does there what an event leads to", async () => {
    const script = 'import("sevgate").then((app) => console.log(typeof app.default, Object.keys(app)))';
    const { stdout } = spawnSync(process.execPath, [...NODE_OPTIONS, "-e", script], {
      cwd: join(base, "installed"),
      encoding: "utf8",
    });
    expect(stdout).toBe("function [ 'default' ]\n");
    expect(readFileSync(join(installed, "dist/app.d.ts"), "utf8")).toContain("export default function sevgate(");

    const { data: issue } = await world.as("bob").issues.create({ ...PLACE, title: "Slow", labels: ["sev:P0"] });
    const { data: repository } = await world.as("maria").repos.get(PLACE);
    const payload = {
      action: "opened",
      installation: { id: github.installationId },
      repository,
      issue,
      sender: issue.user,
    };
    writeFileSync(join(base, "payload.json"), JSON.stringify(payload));
    const probot = run(
      process.execPath,
      [
        join(ROOT, "node_modules/probot/bin/probot.js"),
        ...["receive", "-e", "issues", "-p", join(base, "payload.json"), join(installed, "dist/app.js")],
      ],
      { ...serverSettings(), DATA_DIR: join(base, "data") },
    );
    expect([await probot.ended, probot.output()]).toEqual([0, expect.any(String)]);
    expect(await world.status(issue.number)).toContain("P0");
  });
});

interface BillOfMaterials {
  readonly metadata: { readonly component: object };
  readonly components: readonly { readonly name: string; readonly version: string }[];
}

interface SourceMap {
  readonly sources: readonly string[];
}
