import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { calendarUrls } from "../../src/cli/calendar-urls.ts";
import { accessBy } from "../../src/cli/explain.ts";
import { SECRET_SETTINGS } from "../../src/run/secret-files.ts";
import { type Environment, readSettings, type SettingsFiles } from "../../src/run/settings.ts";
import { testPrivateKey } from "../contract/world.ts";

const OPERATIONS = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");

/** One value that each secret may have. */
const VALUES: Readonly<Record<string, string>> = {
  PRIVATE_KEY: testPrivateKey(),
  WEBHOOK_SECRET: "w".repeat(32),
  WEBHOOK_SECRET_PREVIOUS: "v".repeat(32),
  DATABASE_URL: "postgres://sevgate:hunter2@db/sevgate",
  RECORD_KEY: "r".repeat(32),
  RECORD_KEY_PREVIOUS: "q".repeat(32),
  SLACK_BOT_TOKEN: "xoxb-1-2-abc",
  SLACK_SIGNING_SECRET: "5".repeat(32),
  BETTER_STACK_API_TOKEN: "better-stack-token",
  PAGERDUTY_ROUTING_KEY: "R".repeat(32),
  PAGERDUTY_API_TOKEN: "pagerduty-api-token",
  "ALERT_SECRET_<NAME>": "a".repeat(32),
  CALENDAR_SECRET: "c".repeat(32),
};
const PLAIN: Environment = {
  APP_ID: "42",
  ALERT_ENDPOINTS: "grafana/prod=acme/ops",
  BETTER_STACK_REQUESTER_EMAIL: "ops@example.com",
  PAGERDUTY_FROM_EMAIL: "ops@example.com",
};
const variable = (secret: string) => secret.replace("<NAME>", "PROD");

const given = (): Environment => ({
  ...PLAIN,
  ...Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [variable(name), value])),
});

/** Files by their path; every other one is not there. */
function filesWith(contents: Readonly<Record<string, string>>): SettingsFiles {
  return {
    isTerminal: false,
    read: (path) => {
      const content = contents[path];
      if (content === undefined) throw Object.assign(new Error("not there"), { code: "ENOENT" });
      return content;
    },
  };
}

/** What is wrong when this secret comes from a file, and all others are given as they are. */
function problemsWith(secret: string, change: Environment, contents: Readonly<Record<string, string>>) {
  const read = readSettings({ ...given(), [secret]: undefined, ...change }, filesWith(contents));
  return read.kind === "ok" ? [] : read.problems;
}

describe("A secret in a file", () => {
  it("is possible for every setting that holds one", () => {
    expect(Object.keys(VALUES).toSorted()).toEqual([...SECRET_SETTINGS].toSorted());
    const secrets = Object.keys(VALUES).map(variable);
    const inFiles: Environment = {
      ...PLAIN,
      ...Object.fromEntries(secrets.map((name) => [`${name}_FILE`, `/run/secrets/${name}`])),
    };
    const contents = Object.fromEntries(
      Object.entries(VALUES).map(([name, value]) => [`/run/secrets/${variable(name)}`, `${value}\n`]),
    );
    const read = readSettings(inFiles, filesWith(contents));
    expect(read.kind).toBe("ok");
    expect(read).toEqual(readSettings(given(), filesWith({})));
  });

  it.each(SECRET_SETTINGS.map(variable))("as %s_FILE that cannot be read is one problem, with its remedy", (secret) => {
    const name = `${secret}_FILE`;
    const message = `${name} names a file that cannot be read (ENOENT): /nowhere. Check the path and its permissions.`;
    expect(problemsWith(secret, { [name]: "/nowhere" }, {})).toEqual([{ name, message }]);
  });

  it.each(SECRET_SETTINGS.map(variable))(
    "as %s_FILE with nothing in it is one problem: it is not missing",
    (secret) => {
      const name = `${secret}_FILE`;
      const message = `${name} names a file with nothing in it: /empty. Write the secret into it.`;
      expect(problemsWith(secret, { [name]: "/empty" }, { "/empty": "\n" })).toEqual([{ name, message }]);
    },
  );

  it.each(SECRET_SETTINGS.map(variable))("as %s_FILE beside the secret itself is refused", (secret) => {
    const name = `${secret}_FILE`;
    const value = given()[secret];
    const message = `${name} and ${secret} are both set. Remove one of them.`;
    expect(problemsWith(secret, { [secret]: value, [name]: "/file" }, { "/file": "x" })).toEqual([{ name, message }]);
  });

  it("is wrong in the same way as one that is given, and never shown", () => {
    const problems = problemsWith("WEBHOOK_SECRET", { WEBHOOK_SECRET_FILE: "/s" }, { "/s": "hunter2\n" });
    expect(problems).toEqual([{ name: "WEBHOOK_SECRET", message: expect.stringMatching(/shorter than 20/) }]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it("counts as missing when the setting is empty, and is then taken from the variable", () => {
    expect(problemsWith("RECORD_KEY", { RECORD_KEY: VALUES["RECORD_KEY"], RECORD_KEY_FILE: " " }, {})).toEqual([]);
    expect(problemsWith("RECORD_KEY", { RECORD_KEY: "", RECORD_KEY_FILE: "/r" }, { "/r": "r".repeat(32) })).toEqual([]);
  });

  it("keeps quotes that belong to it: only those around a variable are a container's", () => {
    const secret = `"${"w".repeat(30)}"`;
    const files = filesWith({ "/w": `${secret}\r\n` });
    const read = readSettings({ ...given(), WEBHOOK_SECRET: undefined, WEBHOOK_SECRET_FILE: '"/w"' }, files);
    expect(read).toMatchObject({
      kind: "ok",
      settings: { webhookSecrets: [secret, VALUES["WEBHOOK_SECRET_PREVIOUS"]] },
    });
  });

  it.each([
    ["UTF-16, as a shell of Windows writes it", Buffer.from(`\uFEFF${"w".repeat(32)}\r\n`, "utf16le")],
    ["UTF-16 without a mark", Buffer.from("w".repeat(32), "utf16le")],
    ["bytes that are no text", Buffer.from("ff".repeat(32), "hex")],
  ])("in %s is refused: it would be another secret than the one that was meant", (_, bytes) => {
    expect(problemsWith("WEBHOOK_SECRET", { WEBHOOK_SECRET_FILE: "/w" }, { "/w": bytes.toString("utf8") })).toEqual([
      {
        name: "WEBHOOK_SECRET_FILE",
        message: "WEBHOOK_SECRET_FILE names a file that is not text in UTF-8: /w. Write the secret into it anew.",
      },
    ]);
  });

  it("that is far too large is one problem, with its remedy", () => {
    const read = () => {
      throw Object.assign(new Error("too large"), { code: "EFBIG" });
    };
    expect(
      readSettings({ ...given(), RECORD_KEY: undefined, RECORD_KEY_FILE: "/r" }, { isTerminal: false, read }),
    ).toEqual({
      kind: "problems",
      problems: [
        {
          name: "RECORD_KEY_FILE",
          message: "RECORD_KEY_FILE names a file that cannot be read (EFBIG): /r. It is far too large: check the path.",
        },
      ],
    });
  });

  it("may begin with the mark that editors of Windows write", () => {
    expect(problemsWith("RECORD_KEY", { RECORD_KEY_FILE: "/r" }, { "/r": `\uFEFF${"r".repeat(32)}\r\n` })).toEqual([]);
    const read = readSettings(
      { ...given(), WEBHOOK_SECRET: undefined, WEBHOOK_SECRET_FILE: "/w" },
      filesWith({ "/w": `\uFEFF${"w".repeat(32)}` }),
    );
    expect(read).toMatchObject({ kind: "ok", settings: { webhookSecrets: ["w".repeat(32), expect.anything()] } });
  });

  it.each(["APP_ID", "PAGING_CHANNELS"])(
    "is not how %s is given, which is said: it would be missing without a word",
    (setting) => {
      const read = readSettings(
        { ...given(), [setting]: undefined, [`${setting}_FILE`]: "/run/secrets/x" },
        filesWith({}),
      );
      expect(read).toMatchObject({
        kind: "problems",
        problems: [
          {
            name: `${setting}_FILE`,
            message: `${setting}_FILE has no meaning: only secrets are read from files. Set ${setting} itself.`,
          },
        ],
      });
      expect(read).toHaveProperty("problems.length", 1);
    },
  );

  it("of an endpoint whose name ends in file is still the secret of that endpoint", () => {
    const read = readSettings({
      ...given(),
      ALERT_ENDPOINTS: "grafana/prod=acme/ops, grafana/prod-file=acme/ops",
      ALERT_SECRET_PROD_FILE: "f".repeat(32),
    });
    expect(read).toMatchObject({
      kind: "ok",
      settings: { alertEndpoints: [{ name: "prod" }, { name: "prod-file", secrets: ["f".repeat(32)] }] },
    });
  });

  it("of no endpoint is reported as one that was mistyped", () => {
    const read = readSettings({ ...given(), ALERT_SECRET_PORD_FILE: "/a" }, filesWith({}));
    expect(read).toMatchObject({
      kind: "problems",
      problems: [{ name: "ALERT_SECRET_PORD_FILE", message: expect.stringMatching(/belongs to no endpoint/) }],
    });
  });

  it("serves the commands that need one secret alone", async () => {
    const key = (env: Environment) => accessBy({ ...env, GITHUB_API_URL: "https://api.github.com" });
    expect(key({ GITHUB_TOKEN_FILE: "/nowhere" })).toEqual({
      kind: "settings",
      message:
        "GITHUB_TOKEN_FILE names a file that cannot be read (ENOENT): /nowhere. Check the path and its permissions.",
    });
    let written = "";
    const code = await calendarUrls({
      repo: "70",
      role: "primary",
      json: false,
      env: { CALENDAR_SECRET_FILE: "/nowhere" },
      write: (text) => (written += text),
    } as Parameters<typeof calendarUrls>[0]);
    expect([code, written]).toEqual([
      1,
      "CALENDAR_SECRET_FILE names a file that cannot be read (ENOENT): /nowhere. Check the path and its permissions.\n",
    ]);
  });

  it("is documented: every setting that may be one is named in docs/operations.md", () => {
    const [paragraph = ""] = /^\*\*Secrets in files\.\*\*[\s\S]*?\n\n/m.exec(OPERATIONS) ?? [];
    const named = [...paragraph.matchAll(/`([A-Z_]+(?:<NAME>)?)`/g)].map(([, name]) => name);
    expect(named.filter((name) => !name!.endsWith("_FILE"))).toEqual(SECRET_SETTINGS);
  });
});
