import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { LONGEST_APP_NAME } from "../../src/cli/app-name.ts";
import { WEBHOOK_PATH } from "../../src/ingress/http/server.ts";
import { type Environment, readSettings } from "../../src/run/settings.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/install/by-hand.md");
const manifest = load(read("app.yml")) as {
  readonly public: boolean;
  readonly default_permissions: Readonly<Record<string, string>>;
  readonly default_events: readonly string[];
};

/** The rows of the table whose first column is called `first`. */
function table(first: string): readonly (readonly string[])[] {
  const lines = page.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  const rows = lines.slice(at + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("The page for setting the app up by hand", () => {
  it("names every permission of app.yml with its access, and no other", () => {
    const access: Readonly<Record<string, string>> = { "Read-only": "read", "Read & write": "write" };
    const named = table("Permission").map(([, level = "", key = ""]) => [key.replaceAll("`", ""), access[level]]);
    expect(Object.fromEntries(named)).toEqual(manifest.default_permissions);
  });

  it("names every event of app.yml, and no other", () => {
    const named = table("Event").map(([, key = ""]) => key.replaceAll("`", ""));
    expect(named.toSorted()).toEqual(manifest.default_events.toSorted());
  });

  it("calls permissions and events as GitHub's form does: in words, with a capital", () => {
    for (const [name = "", , key = name] of table("Permission")) {
      const words = key.replaceAll("`", "").replaceAll("_", " ");
      expect([words, "statuses"]).toContain(name === "Commit statuses" ? "statuses" : name.toLowerCase());
    }
    for (const [name = "", key = ""] of table("Event")) {
      expect(name.toLowerCase()).toBe(key.replaceAll("`", "").replaceAll("_", " "));
    }
  });

  it("gives the fields the values that `sevgate setup` gives them", () => {
    const fields = new Map(table("Field").map(([name = "", value = ""]) => [name, value]));
    expect(fields.get("Webhook URL")).toBe(`\`https://YOUR-SERVER${WEBHOOK_PATH}\``);
    expect(fields.get("GitHub App name")).toContain(`at most ${LONGEST_APP_NAME} characters`);
    expect(fields.get("Where can this GitHub App be installed?")).toBe(
      manifest.public ? "Any account" : "Only on this account",
    );
    expect(fields.get("Webhook: Active")).toBe("on");
  });

  it("writes settings that the server takes, pasted as the page's source has it, and none that work with the gaps left open", () => {
    const folder = mkdtempSync(join(tmpdir(), "sevgate-by-hand-"));
    const [lines = ""] = /^ +umask 077\n[\s\S]+?(?=^ +```)/m.exec(page) ?? [];
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
    });
    writeFileSync(join(folder, "sevgate-OWNER.private-key.pem"), privateKey);
    const written = (pasted: string) => {
      writeFileSync(join(folder, ".env"), "PORT=4000\n");
      execFileSync("bash", { cwd: folder, input: pasted });
      expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
      return readSettings(parseEnv(readFileSync(join(folder, ".env"), "utf8")) as Environment);
    };
    const open = written(lines);
    expect(open.kind === "problems" && open.problems.map(({ name }) => name)).toEqual(["APP_ID", "WEBHOOK_SECRET"]);
    const filled = lines
      .replace("APP_ID=", "APP_ID=42")
      .replace("WEBHOOK_SECRET=", `WEBHOOK_SECRET=${"5f".repeat(32)}`);
    expect(written(filled)).toMatchObject({ kind: "ok", settings: { appId: 42, port: 4000 } });
    rmSync(folder, { recursive: true });
  });

  //
  it("has a link that fills in the same", () => {
    const [address = ""] = /^https:\/\/github\.com\/settings\/apps\/new\?\S+$/m.exec(page) ?? [];
    const given = new URL(address).searchParams;
    const permissions = Object.keys(manifest.default_permissions).map((name) => [name, given.get(name)]);
    expect(Object.fromEntries(permissions)).toEqual(manifest.default_permissions);
    expect(given.getAll("events[]").toSorted()).toEqual(manifest.default_events.toSorted());
    expect(given.get("webhook_url")).toBe(`https://YOUR-SERVER${WEBHOOK_PATH}`);
    expect(given.get("public")).toBe(String(manifest.public));
    const known = ["name", "url", "public", "webhook_active", "webhook_url", "events[]"];
    expect([...given.keys()].filter((key) => !known.includes(key) && !(key in manifest.default_permissions))).toEqual(
      [],
    );
  });
});
