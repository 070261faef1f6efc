import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { until } from "../../demo/until.ts";
import { NODE_OPTIONS } from "../../scripts/node-options.ts";
import { withValues } from "../../src/cli/setup.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import { gatherOutput } from "../support/gather-output.ts";

// To start all of Sevgate takes a while on a busy machine.
jest.setTimeout(240_000);

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GENEROUS = { limitMs: 90_000 };
const PACKAGE = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
};

let folder: string;
/** The package as it was built, elsewhere: nothing has been started there. */
let moved: string;
let github: RunningEmulator;
const ending: (() => Promise<unknown>)[] = [];

/** What is in the package, and its dependencies, as after `npm ci --omit=dev`: none of those for development. */
beforeAll(async () => {
  github = await startEmulator();
  folder = mkdtempSync(join(tmpdir(), "sevgate-npm-"));
  for (const file of ["package.json", ...PACKAGE.files.filter((one) => one !== "dist")]) {
    cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  }
  // What is built is started once, and so has to be whole.
  const built = spawnSync(process.execPath, ["scripts/build.js", join(folder, "dist")], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect([built.status, built.stdout, built.stderr]).toEqual([0, "", ""]);
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    const isTop = /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path);
    if (!isTop || dev === true || !readdirSync(join(ROOT, dirname(path))).includes(path.split("/").at(-1) ?? ""))
      continue;
    const to = join(folder, path);
    spawnSync("mkdir", ["-p", dirname(to)]);
    symlinkSync(join(ROOT, path), to);
  }
  moved = mkdtempSync(join(tmpdir(), "sevgate-moved-"));
  for (const file of ["package.json", ...PACKAGE.files]) {
    cpSync(join(folder, file), join(moved, file), { recursive: true });
  }
});
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});
afterAll(async () => {
  await github.close();
  for (const each of [folder, moved]) rmSync(each, { recursive: true, force: true });
});

function environment(): NodeJS.ProcessEnv {
  // Production has a Node of its own; here it is the one that runs the tests.
  return {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: process.env["HOME"],
    NODE_ENV: "production",
    npm_config_update_notifier: "false",
  };
}

function writeDotEnv(): void {
  writeFileSync(
    join(folder, ".env"),
    withValues("", {
      APP_ID: String(github.appId),
      PRIVATE_KEY: Buffer.from(github.privateKey).toString("base64"),
      WEBHOOK_SECRET: github.webhookSecret,
      GITHUB_API_URL: github.url,
      PORT: "0",
      HOST: "127.0.0.1",
      LOG_FORMAT: "json",
      DRAIN_FOR: "0s",
      DATA_DIR: join(folder, "data"),
    }),
  );
}

function run(command: string, ...args: readonly string[]) {
  return runWith({}, command, ...args);
}

function runWith(more: NodeJS.ProcessEnv, command: string, ...args: readonly string[]) {
  const child = spawn(command, args, { cwd: folder, env: { ...environment(), ...more }, detached: true });
  const { ended, output } = gatherOutput(child);
  ending.push(async () => {
    try {
      // The whole group, so that nothing a test starts outlives it.
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // It has ended.
    }
    await ended;
  });
  return {
    child,
    ended,
    output,
    listens: () => until("it listens", async () => /"pid":(\d+).*Sevgate listens/.exec(output())?.[1], GENEROUS),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("npm start", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "of what was built, without a dependency for development, ends in order on %s to npm alone",
    async (signal) => {
      writeDotEnv();
      const npm = run("npm", "start");
      const pid = Number(await npm.listens());
      expect(pid).not.toBe(npm.child.pid);
      npm.child.kill(signal);
      await npm.ended;
      expect(npm.output()).toContain("Sevgate has stopped");
      expect(isAlive(pid)).toBe(false);
    },
  );

  it("takes Ctrl-C, which the terminal sends to npm and to Sevgate, for one wish to stop", async () => {
    writeDotEnv();
    const npm = run("npm", "start");
    await npm.listens();
    process.kill(-(npm.child.pid ?? 0), "SIGINT");
    await npm.ended;
    expect(npm.output()).toContain("Sevgate has stopped");
  });

  it("takes all that was compiled with the build, wherever the build is moved to", async () => {
    writeDotEnv();
    const program = join(moved, "bin/sevgate.js");
    const tell = { NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    const server = runWith(tell, process.execPath, ...NODE_OPTIONS, program, "start");
    await server.listens();
    server.child.kill("SIGTERM");
    await server.ended;
    const judged = [...server.output().matchAll(/V8 code cache for ESM \S+?\/dist\/(\S+) was (\w+)/g)];
    expect(judged.filter(([, , how]) => how !== "accepted")).toEqual([]);
    const accepted = judged.map(([, file = ""]) => file.replace(/-[A-Z0-9]{8}\.js$/, ".js"));
    expect(accepted).toEqual(expect.arrayContaining(["cli/main.js", "cli/start.js", "parts/run-server.js"]));
    expect(server.output()).not.toMatch(/dist\/\S+ was not initialized/);
  });

  it("compiles nothing: it says how to build what was not built", async () => {
    expect(PACKAGE.scripts["start"]).toBe(`exec node ${NODE_OPTIONS.join(" ")} bin/sevgate.js start`);
    for (const name of ["start", "setup"])
      expect(PACKAGE.scripts[name]).toMatch(/^exec node (?:--\S+ )*bin\/sevgate\.js /);
    expect(PACKAGE.scripts["prepack"]).toMatch(/ && npm run build && /);
    expect(PACKAGE.files).toContain("dist");
    const bare = mkdtempSync(join(tmpdir(), "sevgate-bare-"));
    cpSync(join(ROOT, "bin"), join(bare, "bin"), { recursive: true });
    const { status, stderr } = spawnSync(process.execPath, [join(bare, "bin/sevgate.js"), "start"], {
      encoding: "utf8",
    });
    rmSync(bare, { recursive: true });
    expect([status, stderr]).toEqual([1, "sevgate: not built yet. Run `npm ci && npm run build` first.\n"]);
  });

  it("says to whoever has installed the source from git what to install", () => {
    const folder = mkdtempSync(join(tmpdir(), "sevgate-from-git-"));
    cpSync(join(ROOT, "bin"), join(folder, "node_modules/sevgate/bin"), { recursive: true });
    const program = join(folder, "node_modules/sevgate/bin/sevgate.js");
    const { status, stderr } = spawnSync(process.execPath, [program, "demo"], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect([status, stderr]).toEqual([1, expect.stringContaining("Install a release, or what `npm pack` makes")]);
  });
});

describe("The settings that setup writes", () => {
  it("are understood by Node's --env-file, from another folder", async () => {
    writeDotEnv();
    const elsewhere = mkdtempSync(join(tmpdir(), "sevgate-elsewhere-"));
    const child = spawn(
      process.execPath,
      [`--env-file=${join(folder, ".env")}`, join(folder, "bin/sevgate.js"), "start"],
      { cwd: elsewhere, env: environment() },
    );
    const { ended, output } = gatherOutput(child);
    await until("it listens", async () => output().includes("Sevgate listens"), GENEROUS);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    rmSync(elsewhere, { recursive: true });
  });
});
