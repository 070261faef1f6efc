import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { load, loadAll } from "js-yaml";
import { pino } from "pino";
import { NODE_OPTIONS } from "../../scripts/node-options.ts";
import { type Manifest as PackageManifest, publishedManifest } from "../../scripts/published-manifest.ts";
import { systemClock } from "../../src/base/clock.ts";
import { EXIT_CODES } from "../../src/cli/exit-codes.ts";
import { CALENDAR_PREFIX } from "../../src/core/oncall/calendar-path.ts";
import { createIngress, WEBHOOK_PATH } from "../../src/ingress/http/server.ts";
import { COMMANDS_PATH, INTERACTIONS_PATH } from "../../src/ingress/slack/receive-slack.ts";
import { KNOWN_SETTINGS } from "../../src/run/known-settings.ts";
import { INTAKE_GRACE_MS, PASSES_GRACE_MS } from "../../src/run/run-sevgate.ts";
import { SECRET_SETTINGS } from "../../src/run/secret-files.ts";
import { readSettings } from "../../src/run/settings.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { testPrivateKey } from "../contract/world.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const DOCKERFILE = read("Dockerfile");
const UNIT = read("deploy/sevgate.service");
const PACKAGE = JSON.parse(read("package.json")) as PackageManifest;

/** As in compose.yaml, as far as it is looked at. */
interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: { readonly postgres: object };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly profiles?: readonly string[];
}
const COMPOSE = load(read("deploy/compose.yaml")) as {
  readonly services: Readonly<Record<"sevgate" | "caddy" | "postgres", Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
};

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}
interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumes: readonly { readonly secret: { readonly items: readonly { key: string; path: string }[] } }[];
  readonly containers: readonly [
    {
      readonly ports: readonly object[];
      readonly env: readonly { readonly name: string; readonly value?: string }[];
      readonly startupProbe: Probe;
      readonly livenessProbe: Probe;
      readonly readinessProbe: Probe;
      readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
      readonly securityContext: Readonly<Record<string, unknown>>;
      readonly volumeMounts: readonly [{ readonly mountPath: string; readonly readOnly: boolean }];
      readonly resources: { readonly limits: Readonly<Record<string, string>> };
    },
  ];
}
const kubernetes = <T extends object>(file: string) => load(read(`deploy/kubernetes/${file}.yaml`)) as Manifest & T;
const deployment = kubernetes<{
  spec: {
    replicas: number;
    selector: { matchLabels: object };
    template: { metadata: { labels: object }; spec: Pod };
  };
}>("deployment");
const pod = deployment.spec.template.spec;
const [container] = pod.containers;

/** Milliseconds from SIGTERM to the end, with every limit used up. */
function longestStop(): number {
  const read = readSettings({ APP_ID: "1", PRIVATE_KEY: testPrivateKey(), WEBHOOK_SECRET: "w".repeat(20) });
  if (read.kind !== "ok") throw new Error("the settings are wrong");
  return read.settings.drainFor + INTAKE_GRACE_MS + PASSES_GRACE_MS;
}

const SETTINGS = new Set([
  ...KNOWN_SETTINGS.map(({ name }) => name as string),
  ...SECRET_SETTINGS.map((name) => `${name}_FILE`),
]);

/** The server as it is when it is well: what it answers to a path. */
async function answerOf(path: string): Promise<number> {
  const ingress = createIngress({
    secrets: ["s".repeat(20)],
    accept: async () => "ignored",
    notReady: async () => [],
    metrics: createMetrics(systemClock),
    log: pino({ level: "silent" }),
  });
  const { url } = await ingress.listen(0, "127.0.0.1");
  const { status } = await fetch(`${url}${path}`);
  await ingress.stop(0);
  return status;
}

describe("Everything in deploy/", () => {
  it("sets only what is a setting of the server", () => {
    const ofUnit = [...UNIT.matchAll(/^#?Environment=(.*)$/gm)].flatMap(([, line = ""]) =>
      line.split(" ").map((one) => one.split("=")[0] ?? ""),
    );
    const ofImage = [...DOCKERFILE.matchAll(/^(?:ENV| {2}) ?([A-Z_]+)=/gm)].map(([, name = ""]) => name);
    const names = [
      ...Object.keys(COMPOSE.services.sevgate.environment ?? {}),
      ...container.env.map(({ name }) => name),
      ...ofUnit,
      ...ofImage,
    ];
    expect(names).toEqual(expect.arrayContaining(["DATA_DIR", "PRIVATE_KEY_FILE", "APP_ID", "HOST", "NODE_ENV"]));
    // Not ours: where Node is found, and how it runs.
    const unknown = names.filter((name) => !["PATH", "NODE_ENV"].includes(name) && !SETTINGS.has(name));
    expect(unknown).toEqual([]);
  });

  it("leaves the server the time that it takes to stop", () => {
    const stop = longestStop();
    const seconds = (text: string | undefined) => Number(/^(\d+)s$/.exec(text ?? "")?.[1]) * 1_000;
    expect(seconds(COMPOSE.services.sevgate.stop_grace_period)).toBeGreaterThan(stop);
    expect(seconds(/^TimeoutStopSec=(.*)$/m.exec(UNIT)?.[1])).toBeGreaterThan(stop);
    const { preStop } = container.lifecycle;
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(stop + preStop.sleep.seconds * 1_000);
  });

  it("has the version of the package", () => {
    const { images } = load(read("deploy/kubernetes/kustomization.yaml")) as { images: { newTag: string }[] };
    expect(images.map(({ newTag }) => newTag)).toEqual([PACKAGE.version]);
    expect(DOCKERFILE).toContain(`ARG VERSION=${PACKAGE.version}\n`);
  });

  it("keeps what its pages write beside it out of git, and installs no package of an earlier version", () => {
    const ignored = read(".gitignore").split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".env", "sevgate.env", "sevgate-setup.html"]));
    // Of two packages with one name npm takes either.
    expect(read("docs/install/server.md")).toContain("rm -f sevgate-*.tgz && npm pack\n");
  });

  it("is linked from a page on how to install", () => {
    const pages = globSync("docs/install/*.md", { cwd: ROOT }).map(read).join("\n");
    for (const file of readdirSync(join(ROOT, "deploy")).filter((name) => !name.startsWith(".")))
      expect(pages).toContain(`](../../deploy/${file}`);
  });
});

describe("The image", () => {
  it("runs as a number that is not root, and starts Node as the program does", () => {
    expect(/^USER (.*)$/m.exec(DOCKERFILE)?.[1]).toBe("65532:65532");
    const program = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(DOCKERFILE)?.[1] ?? "null");
    expect(program).toEqual(["node", ...NODE_OPTIONS, "/app/bin/sevgate.js"]);
    expect(DOCKERFILE).toContain('CMD ["start"]');
    expect(DOCKERFILE).toMatch(/^VOLUME \["\/data"\]$/m);
    expect(DOCKERFILE).toMatch(/^ {2}DATA_DIR=\/data \\$/m);
    expect(DOCKERFILE).toMatch(/^STOPSIGNAL SIGTERM$/m);
  });

  it("is built of what the lockfile names, once for all processors", () => {
    expect([...DOCKERFILE.matchAll(/^RUN (npm .*)$/gm)].map(([, command]) => command)).toEqual([
      "npm ci",
      "npm pack --silent --pack-destination /tmp \\",
    ]);
    expect(DOCKERFILE).toMatch(/^FROM --platform=\$BUILDPLATFORM \$\{BUILD_BASE\} AS build$/m);
  });

  it("asks after its health by a command that there is", () => {
    // Not `--ready`: some engines kill what is unhealthy, and that helps against no outage of GitHub or of a database.
    const asked = JSON.parse(/^ {2}CMD (\[.*\])$/m.exec(DOCKERFILE)?.[1] ?? "null");
    expect(asked).toEqual(["node", "/app/bin/sevgate.js", "healthcheck"]);
    expect(Object.keys(EXIT_CODES)).toContain("healthcheck");
    expect(COMPOSE.services.sevgate.healthcheck?.test.slice(1)).toEqual([
      "node",
      "/app/bin/sevgate.js",
      "healthcheck",
      "--ready",
    ]);
  });

  it("is built of what it needs and of nothing else: no secret of the folder can end up in it", () => {
    const [all, ...kept] = read(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(all).toBe("*");
    expect(kept.every((line) => /^![\w./*-]+$/.test(line) && !/env$|^!(?:deploy|data)/.test(line))).toBe(true);
    const shipped = publishedManifest(PACKAGE, null)["files"] as readonly string[];
    for (const file of shipped.filter((one) => !/^!?dist\b/.test(one))) expect(kept).toContain(`!${file}`);
    for (const line of kept) expect(globSync(line.slice(1), { cwd: ROOT })).not.toEqual([]);
    expect(DOCKERFILE).not.toMatch(/^(?:ARG|ENV) .*(?:KEY|SECRET|TOKEN|PASSWORD)/m);
  });
});

describe("deploy/compose.yaml", () => {
  const { sevgate, caddy, postgres } = COMPOSE.services;

  it("gives neither Sevgate nor Caddy a root that can be written to, or rights they do without", () => {
    for (const service of [sevgate, caddy]) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    }
  });

  it("lets in through Caddy alone, and keeps PostgreSQL where nothing else reaches it", () => {
    expect([sevgate.ports, postgres.ports]).toEqual([undefined, undefined]);
    expect(caddy.ports).toEqual(["80:80", "443:443"]);
    expect(postgres.profiles).toEqual(["postgres"]);
    expect(postgres.networks).toEqual(["inside"]);
    expect(COMPOSE.networks["inside"]).toEqual({ internal: true });
    expect(caddy.networks).toEqual(["outside"]);
  });

  it("reaches Sevgate from Caddy, and PostgreSQL from Sevgate, which does not need it", () => {
    expect(sevgate.environment).toMatchObject({ HOST: "0.0.0.0", PORT: "3000" });
    expect(sevgate.networks).toEqual(["outside", "inside"]);
    expect(sevgate.depends_on).toEqual({ postgres: { condition: "service_healthy", required: false } });
    expect(caddy.volumes).toContain("./Caddyfile:/etc/caddy/Caddyfile:ro");
    expect(read("deploy/Caddyfile")).toContain("{$SEVGATE_UPSTREAM:sevgate:3000}");
    // PostgreSQL finishes what it has begun; what is killed has to recover first.
    expect(postgres.stop_grace_period).toBe("60s");
  });

  it("keeps what is to outlive a container, and says at its top every variable that it reads", () => {
    expect(sevgate.volumes).toEqual(["data:/data"]);
    expect(sevgate.env_file).toBe(".env");
    const text = read("deploy/compose.yaml");
    const [top = ""] = text.split(/^name:/m);
    for (const [, name = ""] of text.matchAll(/\$\{(\w+)/g)) expect(top).toContain(`#   ${name} `);
  });
});

describe("deploy/kubernetes", () => {
  it("is whole: every file is in the kustomization, and every one has its namespace from there", () => {
    const { resources } = load(read("deploy/kubernetes/kustomization.yaml")) as { resources: string[] };
    const files = readdirSync(join(ROOT, "deploy/kubernetes")).filter((name) => name !== "kustomization.yaml");
    expect(resources.toSorted()).toEqual(files.toSorted());
    for (const file of files) expect(loadAll(read(`deploy/kubernetes/${file}`))).toHaveLength(1);
  });

  it("asks for nothing that the restricted profile of Kubernetes forbids, and writes nowhere", () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.volumeMounts.every(({ readOnly }) => readOnly)).toBe(true);
    expect(kubernetes<{ metadata: { labels: object } }>("namespace").metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
    });
  });

  it("hears nothing but the ingress controller and Prometheus, and asks nothing but names, HTTPS and PostgreSQL", () => {
    const { spec } = kubernetes<{ spec: { policyTypes: string[]; ingress: unknown[]; egress: unknown[] } }>(
      "network-policy",
    );
    expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
    const names = { key: "kubernetes.io/metadata.name", operator: "In", values: ["ingress-nginx", "monitoring"] };
    expect(spec.ingress).toEqual([
      {
        from: [{ namespaceSelector: { matchExpressions: [names] } }],
        ports: [{ port: "http", protocol: "TCP" }],
      },
    ]);
    const to = (port: number, protocol = "TCP") => ({ port, protocol });
    expect(spec.egress).toEqual([{ ports: [to(53, "UDP"), to(53)] }, { ports: [to(443)] }, { ports: [to(5432)] }]);
  });

  it("is reached at the port that it listens on, and not by variables of other services", () => {
    const { spec } = kubernetes<{ spec: { ports: object[] } }>("service");
    expect(spec.ports).toEqual([{ name: "http", port: 80, targetPort: "http" }]);
    expect(container.ports).toEqual([{ name: "http", containerPort: 3000 }]);
    expect(pod.enableServiceLinks).toBe(false);
  });

  it("takes no more memory than it is said to, and keeps no processor waiting", () => {
    expect(container.resources.limits).toEqual({ memory: "512Mi" });
  });

  it("has no token of the cluster", () => {
    const account = kubernetes<{ automountServiceAccountToken: boolean }>("service-account");
    expect([account.automountServiceAccountToken, pod.automountServiceAccountToken]).toEqual([false, false]);
    expect(pod.serviceAccountName).toBe(account.metadata.name);
  });

  it("takes each secret from a file that is mounted, and none from a variable", () => {
    const [{ mountPath }] = container.volumeMounts;
    const mounted = pod.volumes[0]?.secret.items.map(({ path }) => `${mountPath}/${path}`) ?? [];
    const files = container.env.filter(({ name }) => name.endsWith("_FILE"));
    expect(files.map(({ value }) => value)).toEqual(mounted);
    expect(files.map(({ name }) => name.replace(/_FILE$/, "")).every((name) => SECRET_SETTINGS.includes(name))).toBe(
      true,
    );
    expect(container.env.filter(({ name }) => SECRET_SETTINGS.includes(name))).toEqual([]);
  });

  it("lets its user read those files, who owns none of them, and nobody else", () => {
    expect(pod.securityContext).toMatchObject({ runAsUser: 65_532, fsGroup: 65_532 });
    // YAML 1.2 and 1.1 differ in what 0440 is; Kubernetes reads 1.1.
    expect(read("deploy/kubernetes/deployment.yaml")).toMatch(/^ +defaultMode: 0440$/m);
  });

  it.each(["startupProbe", "livenessProbe", "readinessProbe"] as const)(
    "has a %s that the server answers",
    async (name) => {
      const { path, port } = container[name].httpGet;
      expect([port, await answerOf(path)]).toEqual(["http", 200]);
      // What is not ready is sent nothing; only what does not answer at all is restarted.
      expect(path).toBe(name === "readinessProbe" ? "/readyz" : "/healthz");
    },
  );

  it("always has one of its replicas at work", () => {
    const budget = kubernetes<{ spec: { minAvailable: number; selector: { matchLabels: object } } }>(
      "pod-disruption-budget",
    );
    expect(deployment.spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0 } } });
    expect(budget.spec.minAvailable).toBe(1);
    const labels = deployment.spec.template.metadata.labels;
    const service = kubernetes<{ spec: { selector: object } }>("service");
    const policy = kubernetes<{ spec: { podSelector: { matchLabels: object } } }>("network-policy");
    for (const selected of [
      deployment.spec.selector.matchLabels,
      budget.spec.selector.matchLabels,
      service.spec.selector,
      policy.spec.podSelector.matchLabels,
    ]) {
      expect(selected).toEqual(labels);
    }
  });

  it("lets everything in that others send and fetch, and metrics to nobody outside", () => {
    const { spec, metadata } = kubernetes<{
      metadata: { annotations: object };
      spec: { rules: { http: { paths: { path: string; pathType: string }[] } }[] };
    }>("ingress");
    expect(metadata.annotations).toMatchObject({ "nginx.ingress.kubernetes.io/proxy-body-size": "25m" });
    expect(new Set(spec.rules.flatMap(({ http }) => http.paths.map(({ pathType }) => pathType)))).toEqual(
      new Set(["Prefix"]),
    );
    const prefixes = spec.rules.flatMap(({ http }) => http.paths.map(({ path }) => path));
    const isIn = (path: string) =>
      prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix.replace(/\/$/, "")}/`));
    for (const path of [
      WEBHOOK_PATH,
      "/alerts/grafana/prod",
      COMMANDS_PATH,
      INTERACTIONS_PATH,
      `${CALENDAR_PREFIX}70`,
    ]) {
      expect([path, isIn(path)]).toEqual([path, true]);
    }
    expect(isIn("/metrics")).toBe(false);
  });
});

const HAS_ANALYZE = spawnSync("systemd-analyze", ["security", "--help"], { encoding: "utf8" }).stdout?.includes(
  "offline",
);
(HAS_ANALYZE ? describe : describe.skip)("deploy/sevgate.service", () => {
  function analyze(...args: readonly string[]) {
    const folder = mkdtempSync(join(tmpdir(), "sevgate-unit-"));
    const file = join(folder, "sevgate.service");
    // What it starts is not installed here.
    writeFileSync(file, UNIT.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
    const { status, stdout, stderr } = spawnSync("systemd-analyze", [...args, file], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    return { status, stdout, stderr };
  }

  it("is valid", () => {
    expect(analyze("verify")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it("is exposed no more than 1.5 of 10, as systemd judges it", () => {
    const { stdout } = analyze("security", "--offline=true", "--no-pager");
    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(1.5);
  });

  it("is reached from this machine alone, keeps its folder to itself, and comes back when it has failed", () => {
    expect(UNIT).toMatch(/^Environment=HOST=127\.0\.0\.1 PORT=3000 DATA_DIR=\/var\/lib\/sevgate /m);
    for (const line of ["StateDirectory=sevgate", "StateDirectoryMode=0700", "DynamicUser=yes", "Restart=on-failure"]) {
      expect(UNIT.split("\n")).toContain(line);
    }
  });

  it("starts what the package has, where the page installs it", () => {
    expect(existsSync(join(ROOT, "bin/sevgate.js"))).toBe(true);
    const page = read("docs/install/server.md");
    expect(/^ExecStart=(\S+) start$/m.exec(UNIT)?.[1]).toBe("/opt/sevgate/bin/sevgate");
    // Otherwise `doctor` looks for the store elsewhere, and says that the server was never started.
    const [folder = ""] = /DATA_DIR=\S+/.exec(UNIT) ?? [];
    expect(page).toContain(`sudo env ${folder} node --env-file=/etc/sevgate/env /opt/sevgate/bin/sevgate doctor\n`);
    for (const words of ["--prefix /opt/sevgate", "/etc/sevgate/env", "/etc/systemd/system/sevgate.service"]) {
      expect(page).toContain(words);
    }
  });
});
