import { describe, expect, it } from "@jest/globals";
import { noticePermissions } from "../../src/run/notice-permissions.ts";
import { readNeeds } from "../../src/run/read-needs.ts";
import type { GitHubApp, Installation } from "../../src/systems/github/ports.ts";

const NEEDS = { issues: "write", statuses: "write" };

/** What is said while the installations are listed, once for each of `rounds`. */
async function said(...rounds: readonly (readonly Installation[])[]): Promise<readonly string[]> {
  const lines: string[] = [];
  let round = 0;
  const app = { installations: async () => rounds[round++] ?? [] } as unknown as GitHubApp;
  const log = {
    warn: (_fields: object, text: string) => lines.push(`warn ${text}`),
    info: (_fields: object, text: string) => lines.push(`info ${text}`),
  };
  const noticing = noticePermissions(app, NEEDS, log as never);
  for (const expected of rounds) expect(await noticing.installations()).toBe(expected);
  return lines;
}

const installation = (
  permissions?: Readonly<Record<string, string>>,
  more: Partial<Installation> = {},
): Installation => ({
  id: 7,
  account: "acme",
  suspended: false,
  ...(permissions === undefined ? {} : { permissions }),
  ...more,
});

describe("A permission that an update needs and nobody has accepted", () => {
  const old = installation(
    { issues: "write", statuses: "read" },
    { url: "https://github.com/organizations/acme/settings/installations/7" },
  );

  //
  it("is said in the log with the link, once, and when it is accepted", async () => {
    expect(await said([old], [old], [installation(NEEDS)], [installation(NEEDS)])).toEqual([
      "warn Not accepted yet by acme: statuses: write. An owner accepts it at " +
        "https://github.com/organizations/acme/settings/installations/7; what needs it waits, everything else goes on",
      "info All permissions are accepted",
    ]);
  });

  it("is said again when another one is missing too", async () => {
    const lines = await said([old], [installation({ statuses: "read" })]);
    expect(lines[1]).toContain("issues: write, statuses: write. An owner accepts it on the installation's page");
  });

  it.each([
    ["all are accepted", installation({ ...NEEDS, contents: "write" })],
    ["the server does not say", installation()],
    ["the installation is suspended", installation({}, { suspended: true })],
  ])("is not said when %s", async (_name, one) => {
    expect(await said([one])).toEqual([]);
  });

  it("is known from app.yml, as it comes with Sevgate", () => {
    expect(readNeeds().permissions).toMatchObject({ issues: "write", statuses: "write" });
  });
});
