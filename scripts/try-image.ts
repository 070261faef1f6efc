import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../demo/until.ts";
import { WEBHOOK_PATH } from "../src/ingress/http/server.ts";
import { OWNER, REPOSITORY, type RunningEmulator, startEmulator } from "../testkit/emulator.ts";
import { createTestDatabase, freePort } from "../testkit/postgres.ts";

/**
 * `node scripts/try-image.ts FOLDER [OPTION OF PODMAN...]`: runs the image `localhost/sevgate`, and tries what
 * docs/install/server.md promises of it. scripts/try-image.sh builds it and calls this. Ends with 1 at the first promise that
 * does not hold.
 */
const [work = "", ...storage] = process.argv.slice(2);
const IMAGE = "localhost/sevgate";
const BASES = {
  "as small as distroless": { image: IMAGE, base: "localhost/try-base" },
  Debian: { image: "localhost/sevgate-debian", base: "localhost/try-debian" },
} as const;
const MB = 1_000_000;
const LARGEST_LAYERS_MB = 60;
const MEMORY_MB = 256;
const GENEROUS = { limitMs: 60_000 };
/** Limits of this machine may be below what containers ask for by default. */
const ULIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What podman says of an image; as far as it is looked at. */
interface InspectedImage {
  readonly Size: number;
  readonly Config: {
    readonly User: string;
    readonly StopSignal: string;
    readonly Volumes: Readonly<Record<string, unknown>>;
    readonly Labels: Readonly<Record<string, string>>;
  };
}

interface ContainerState {
  readonly Pid: number;
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
}

/** Not synchronously: GitHub, as it is emulated here, has to go on answering meanwhile. */
function run(program: string, args: readonly string[]): Promise<Ran> {
  // No systemd has to run here: health is asked for by hand.
  const env = { ...process.env, DISABLE_HC_SYSTEMD: "true" };
  return new Promise((done) => {
    const child = execFile(program, args, { env, maxBuffer: 64 * MB }, (_, stdout, stderr) =>
      done({ status: child.exitCode, stdout, stderr }),
    );
  });
}

function podman(...args: readonly string[]): Promise<Ran> {
  return run("podman", [...storage, "--runtime", "runc", "--cgroup-manager", "cgroupfs", ...args]);
}

async function must(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await podman(...args);
  assert.equal(status, 0, `podman ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout.trim();
}

async function inspectImage(name: string): Promise<InspectedImage> {
  return (JSON.parse(await must("image", "inspect", name)) as [InspectedImage])[0];
}

async function stateOf(name: string): Promise<ContainerState> {
  return (JSON.parse(await must("container", "inspect", name)) as [{ readonly State: ContainerState }])[0].State;
}

function holds(promise: string): void {
  console.log(`  ok  ${promise}`);
}

async function trySizes(): Promise<void> {
  for (const [name, { image, base }] of Object.entries(BASES)) {
    const [whole, below] = [(await inspectImage(image)).Size, (await inspectImage(base)).Size];
    const ours = (whole - below) / MB;
    assert.ok(ours <= LARGEST_LAYERS_MB, `our layers weigh ${ours} MB`);
    holds(`on a base ${name}: our layers ${ours.toFixed(1)} MB, in all ${(whole / MB).toFixed(0)} MB`);
  }
}

async function tryContents(): Promise<void> {
  const { Config: config } = await inspectImage(IMAGE);
  assert.equal(config.User, "65532:65532");
  assert.deepEqual(Object.keys(config.Volumes), ["/data"]);
  assert.equal(config.StopSignal, "SIGTERM");
  assert.match(config.Labels["org.opencontainers.image.revision"] ?? "", /^[0-9a-f]{40}$/);
  const folder = await must("image", "mount", IMAGE);
  const find = async (...args: readonly string[]) => (await run("find", [folder, ...args])).stdout.trim();
  assert.equal(await find("-name", "npm*", "-o", "-name", "sh", "-o", "-name", "bash", "-o", "-name", "busybox"), "");
  assert.equal(
    await find("-path", "*/app/*", "(", "-not", "-user", "0", "-o", "-perm", "/022", ")", "-not", "-type", "l"),
    "",
  );
  assert.equal(await find("-path", "*/app/*", "-name", ".env*", "-o", "-path", "*/app/*", "-name", "*.pem"), "");
  assert.equal(await find("-path", "*/app/*", "-name", "*.node"), "");
  holds("nothing native in it: the same for every processor");
  assert.notEqual(await find("-path", "*/app/dist/THIRD_PARTY_LICENSES.txt"), "");
  assert.notEqual(await find("-path", "*/app/LICENSE"), "");
  holds("all licenses are in it");
  await must("image", "unmount", IMAGE);
  holds("no npm and no shell in it, no secrets, and nothing of Sevgate that its user could change");
}

/** A server in a container, as docs/install/server.md starts it: a read-only root, no rights, secrets in files. */
interface Container {
  readonly name: string;
  readonly url: string;
  pid(): Promise<number>;
}

async function start(
  github: RunningEmulator,
  name: string,
  options: readonly string[],
  { image = IMAGE, databaseUrl = null }: { readonly image?: string; readonly databaseUrl?: string | null } = {},
): Promise<Container> {
  const secrets = join(work, "secrets");
  mkdirSync(secrets, { recursive: true });
  writeFileSync(join(secrets, "private-key"), github.privateKey);
  writeFileSync(join(secrets, "webhook-secret"), `${github.webhookSecret}\n`);
  if (databaseUrl !== null) writeFileSync(join(secrets, "database-url"), databaseUrl);
  const port = await freePort();
  // With a database it needs no folder at all.
  const store = databaseUrl === null ? ["--volume", `${name}-data:/data`] : ["--image-volume", "ignore"];
  const env = {
    APP_ID: github.appId,
    PRIVATE_KEY_FILE: "/run/secrets/private-key",
    WEBHOOK_SECRET_FILE: "/run/secrets/webhook-secret",
    GITHUB_API_URL: github.url,
    ...(databaseUrl === null ? {} : { DATABASE_URL_FILE: "/run/secrets/database-url" }),
    PORT: port,
    HOST: "127.0.0.1",
  };
  await must(
    ...["run", "--detach", "--pull", "never", "--network", "host", "--name", name, ...ULIMITS],
    ...["--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges"],
    ...["--volume", `${secrets}:/run/secrets:ro`, ...store],
    ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
    ...options,
    image,
  );
  return { name, url: `http://127.0.0.1:${port}`, pid: async () => (await stateOf(name)).Pid };
}

async function logOf(name: string): Promise<string> {
  const { stdout, stderr } = await podman("logs", name);
  return stdout + stderr;
}

async function untilReady({ name }: Container): Promise<number> {
  const since = performance.now();
  await until(
    `${name} is ready`,
    async () => {
      assert.equal((await stateOf(name)).Running, true, await logOf(name));
      return (await podman("exec", name, "node", "/app/bin/sevgate.js", "healthcheck", "--ready")).status === 0;
    },
    GENEROUS,
  );
  return (performance.now() - since) / 1_000;
}

function statusOf(pid: number): ReadonlyMap<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").split("\n");
  return new Map(lines.map((line) => line.split(":\t") as [string, string]));
}

const ISSUES = `/repos/${OWNER}/${REPOSITORY}/issues`;

/** Somebody opens an incident; its webhook goes to this container, which has to say 202. */
async function openIncident(github: RunningEmulator, { url }: Container): Promise<number> {
  github.deliverTo(`${url}${WEBHOOK_PATH}`);
  const before = github.webhooks.length;
  const issue = { title: "Checkout is down", labels: ["sev:P1"] };
  const { number } = (await github.as("alice", "POST", ISSUES, issue)) as { number: number };
  const answer = await until(
    "the answer to the webhook",
    async () => github.webhooks.slice(before).find(({ name }) => name === "issues"),
    GENEROUS,
  );
  assert.equal(answer.status, 202);
  return number;
}

/** Waits until it has its status comment, and says how many. */
async function statusComments(github: RunningEmulator, issue: number): Promise<number> {
  return await until(
    `the status comment of #${issue}`,
    async () => {
      const comments = (await github.as("alice", "GET", `${ISSUES}/${issue}/comments`)) as { body: string }[];
      return comments.filter(({ body }) => body.includes("<!-- sevgate:status -->")).length || null;
    },
    GENEROUS,
  );
}

/** What somebody does on GitHub arrives, is answered with 202, and is acted upon. */
async function tryWebhook(github: RunningEmulator, container: Container): Promise<void> {
  assert.equal(await statusComments(github, await openIncident(github, container)), 1);
}

async function stop({ name }: Container): Promise<void> {
  // Sevgate ends by itself after 28 s at most, and a busy machine stops its clocks.
  await must("stop", "--time", "120", name);
  assert.equal((await stateOf(name)).ExitCode, 0, await logOf(name));
}

/** Options that limit memory, where this machine can; empty, and said, where not. */
async function memoryOptions(): Promise<readonly string[]> {
  const options = ["--memory", `${MEMORY_MB}m`, "--memory-swap", `${MEMORY_MB}m`];
  const { status, stderr } = await podman("run", "--rm", "--pull", "never", ...ULIMITS, ...options, IMAGE, "--version");
  if (status === 0) return options;
  console.log(`  --  memory cannot be limited here: ${stderr.trim().split("\n").at(-1)}`);
  return [];
}

function memoryOf(pid: number): { readonly limit: number; readonly peak: number } {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const first = lines.find((line) => line.split(":")[1] === "memory");
  const [folder, limit, peak] =
    first === undefined
      ? [`/sys/fs/cgroup${lines.find((line) => line.startsWith("0::"))?.slice(3)}`, "memory.max", "memory.peak"]
      : [`/sys/fs/cgroup/memory${first.split(":")[2]}`, "memory.limit_in_bytes", "memory.max_usage_in_bytes"];
  const read = (file: string) => Number(readFileSync(join(folder, file), "utf8"));
  return { limit: read(limit), peak: read(peak) };
}

async function tryLife(github: RunningEmulator): Promise<void> {
  const memory = await memoryOptions();
  const container = await start(github, "life", memory);
  const readyAfter = await untilReady(container);
  holds(
    `with a read-only root, without rights${memory.length > 0 ? `, in ${MEMORY_MB} MB` : ""}: ready in ${readyAfter.toFixed(1)} s`,
  );

  const status = statusOf(await container.pid());
  assert.equal(status.get("Uid"), "65532\t65532\t65532\t65532");
  assert.equal(status.get("NSpid")?.split("\t").at(-1), "1");
  assert.equal(status.get("CapEff"), "0000000000000000");
  holds("it is process 1, as user 65532, without capabilities");

  const write = `require("node:fs").writeFileSync("/app/x", "")`;
  const { status: wrote, stderr } = await podman("exec", "--user", "0", container.name, "node", "-e", write);
  assert.notEqual(wrote, 0);
  assert.match(stderr, /EROFS/);
  holds("not even root can write outside /data");

  assert.equal((await podman("healthcheck", "run", container.name)).status, 0);
  holds("its HEALTHCHECK says that it is alive");

  await tryWebhook(github, container);
  holds("a webhook from GitHub was answered with 202, and the incident has its status comment");

  if (memory.length > 0) {
    const { limit, peak } = memoryOf(await container.pid());
    assert.equal(limit, MEMORY_MB * 1024 * 1024);
    assert.equal((await stateOf(container.name)).OOMKilled, false);
    holds(`of ${MEMORY_MB} MB it took ${(peak / 1024 / 1024).toFixed(0)} MB at most, pages of files included`);
  }

  await must("kill", "--signal", "KILL", container.name);
  await until("it is dead", async () => (await stateOf(container.name)).Running === false, GENEROUS);
  await must("start", container.name);
  const again = await untilReady(container);
  await tryWebhook(github, container);
  holds(
    `killed, and started on the same volume: ready in ${again.toFixed(1)} s, and the next webhook was answered with 202`,
  );

  const since = performance.now();
  await stop(container);
  assert.match(await logOf(container.name), /Sevgate has stopped/);
  holds(`SIGTERM ended it with 0 in ${((performance.now() - since) / 1_000).toFixed(1)} s, as process 1`);
}

async function tryAnyUser(github: RunningEmulator): Promise<void> {
  const container = await start(github, "any-user", ["--user", "1234567:0"]);
  await untilReady(container);
  assert.equal(statusOf(await container.pid()).get("Uid"), "1234567\t1234567\t1234567\t1234567");
  await tryWebhook(github, container);
  await stop(container);
  holds("it runs as any user, such as 1234567:0, with a new volume");
}

async function tryDebian(github: RunningEmulator): Promise<void> {
  const container = await start(github, "debian", [], { image: BASES.Debian.image });
  await untilReady(container);
  await stop(container);
  holds("it runs on a base with Node in /usr/local as well");
}

/** Two of the same image on one PostgreSQL, without a folder, as in deploy/kubernetes. */
async function tryReplicas(github: RunningEmulator): Promise<void> {
  const database = await createTestDatabase();
  try {
    const options = { databaseUrl: database.url };
    const one = await start(github, "one", await memoryOptions(), options);
    await untilReady(one);
    const two = await start(github, "two", await memoryOptions(), options);
    await untilReady(two);
    const issues: number[] = [];
    for (const replica of [one, two, one, two, one]) issues.push(await openIncident(github, replica));
    // The first is killed with what it has begun; what it had said yes to is in the database.
    const killedAt = performance.now();
    await must("kill", "--signal", "KILL", one.name);
    issues.push(await openIncident(github, two));
    for (const issue of issues) assert.equal(await statusComments(github, issue), 1);
    const all = ((performance.now() - killedAt) / 1_000).toFixed(1);
    holds(`two replicas on PostgreSQL: one was killed, and ${all} s later the other had done all, each once`);

    await must("start", one.name);
    await untilReady(one);
    await stop(two);
    await tryWebhook(github, one);
    await stop(one);
    holds("replaced one after the other: each ended with 0, and the one that stayed went on");
  } finally {
    for (const name of ["one", "two"]) await podman("rm", "--force", "--time", "0", name);
    await database.drop();
  }
}

async function tryCommands(): Promise<void> {
  const sevgate = (...args: readonly string[]) =>
    podman("run", "--rm", "--pull", "never", "--network", "none", ...ULIMITS, IMAGE, ...args);
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  assert.equal((await sevgate("--version")).stdout.trim(), version);
  const refused = await sevgate();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /^sevgate: APP_ID is missing\..*\nsevgate: PRIVATE_KEY is missing\./);
  assert.equal((await sevgate("healthcheck")).status, 1);
  holds("it takes every command; without settings it says what is missing, and ends with 1");
}

const github = await startEmulator();
try {
  await trySizes();
  await tryContents();
  await tryCommands();
  await tryLife(github);
  await tryAnyUser(github);
  await tryDebian(github);
  await tryReplicas(github);
} finally {
  await github.close();
}
