import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Archive } from "../../../src/core/archive/past-incident.ts";
import type { Instant } from "../../../src/core/model.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { makeReport } from "../../../src/core/report/make-report.ts";
import { reportHtml } from "../../../src/core/report/report-html.ts";
import { DAY_MS } from "../../../src/core/time-units.ts";
import { type Chromium, type ChromiumPage, findChromium, type Look, startChromium } from "../../../testkit/chromium.ts";
import { buildArchive, buildPast, past, yearOfIncidents } from "../../support/build-archive.ts";
import { NINE } from "../../support/build-observation.ts";

const LOOKS = [390, 1280].flatMap((width) =>
  (["light", "dark"] as const).map((colors): Look => ({ width, height: 900, colors })),
);
const PROGRAM = findChromium();
const AXE = process.env["AXE_CORE"] ?? "";
/** Where pictures of the page are kept, to be looked at; empty: nowhere. */
const PICTURES = process.env["PICTURES"] ?? "";

/** How many days a report is about, and the days of its incidents. */
const SMALL = {
  "one incident of today, in 90 days": { days: 90, at: [89.9] },
  "one incident of a day": { days: 1, at: [0.5] },
  "one incident of a week": { days: 7, at: [3] },
  "two incidents of a fortnight": { days: 14, at: [1, 13] },
  "four incidents of a month": { days: 28, at: [1, 8, 15, 22] },
  "no incident": { days: 30, at: [] },
} as const;
const SMALL_NAMES = Object.keys(SMALL) as (keyof typeof SMALL)[];

function smallPage(name: keyof typeof SMALL): string {
  const { days, at } = SMALL[name];
  const incidents = at.map((day, index) =>
    buildPast(index + 1, { at: (NINE + day * DAY_MS) as Instant }, past.paged(day * DAY_MS, "alice")),
  );
  return pageOf(buildArchive(...incidents), days);
}

function yearPage(): string {
  return pageOf(yearOfIncidents(300, 11, ["Checkout is down", "Mails are late", "A long title, ".repeat(12)]), 365);
}

function pageOf(archive: Archive, days: number): string {
  const report = makeReport(
    [
      {
        repository: "acme/ops",
        policy: defaultPolicy(),
        policySource: null,
        archive,
        sealsChecked: true,
        older: [],
        factors: {
          names: ["configuration", "missing alert"],
          ticked: new Map([[1, ["configuration"]]]),
          unread: new Set(),
        },
        items: [],
      },
    ],
    { since: NINE, until: (NINE + days * DAY_MS) as Instant },
    { open: false, notKnown: ["something"] },
  );
  return reportHtml(report);
}

describe("The page of a report", () => {
  if (PROGRAM === undefined) {
    process.stdout.write("There is no Chromium: the page of a report was not looked at.\n");
    it.skip("was not looked at: there is no Chromium", () => {});
    return;
  }
  const program = PROGRAM;
  const folder = mkdtempSync(join(tmpdir(), "sevgate-report-"));
  const file = join(folder, "report.html");
  const fileOf = (name: string) => join(folder, `${name}.html`);
  let chromium: Chromium;

  beforeAll(async () => {
    writeFileSync(file, yearPage());
    for (const name of SMALL_NAMES) writeFileSync(fileOf(name), smallPage(name));
    chromium = await startChromium(program);
  });
  afterAll(async () => {
    await chromium?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function looking<T>(look: Look, work: (page: ChromiumPage) => Promise<T>, at = file): Promise<T> {
    const page = await chromium.open(pathToFileURL(at).href, look);
    try {
      return await work(page);
    } finally {
      await page.close();
    }
  }

  it.each(LOOKS)("is no wider than a screen of $width px, $colors, and its words can be read", async (look) => {
    await looking(look, async (page) => {
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(look.width!);
      const smallest = await page.evaluate<number>(
        "Math.min(...[...document.querySelectorAll('svg text')].map((one) => one.getBoundingClientRect().height))",
      );
      expect(smallest).toBeGreaterThanOrEqual(11);
      const cut = await page.evaluate<number>(
        `[...document.querySelectorAll("svg[role=img]")].flatMap((svg) => { const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].filter((one) => { const own = one.getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1; }); }).length`,
      );
      expect(cut).toBe(0);
      if (PICTURES === "") return;
      const height = await page.evaluate<number>("Math.min(2600, document.documentElement.scrollHeight)");
      const picture = await page.picture({ x: 0, y: 0, width: look.width!, height });
      writeFileSync(join(PICTURES, `report-${look.width}-${look.colors}.png`), picture);
    });
  });

  it.each(SMALL_NAMES)(
    "with %s has no names on top of each other, none twice, and no bar that fills its plot",
    async (name) => {
      for (const look of LOOKS) {
        await looking(
          look,
          async (page) => {
            const faults = await page.evaluate<string[]>(
              `[...document.querySelectorAll("svg[role=img]")].flatMap((svg) => {
              const own = svg.getBoundingClientRect();
              const names = [...svg.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()]);
              const twice = names.flatMap(([words, a], at) => names.slice(at + 1).filter(([other, b]) => words === other ||
                (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).map(([other]) => words + " and " + other));
              const wide = [...svg.querySelectorAll(".bar")].filter((one) => one.getBoundingClientRect().width > own.width / 8);
              const cut = names.filter(([, a]) => a.left < own.left - 1 || a.right > own.right + 1).map(([words]) => words + " is cut");
              return [...twice, ...cut, ...wide.map(() => "a bar is wide")];
            })`,
            );
            expect(faults).toEqual([]);
            if (PICTURES === "") return;
            const height = await page.evaluate<number>("Math.min(2600, document.documentElement.scrollHeight)");
            const picture = await page.picture({ x: 0, y: 0, width: look.width!, height });
            writeFileSync(join(PICTURES, `${name} ${look.width} ${look.colors}.png`), picture);
          },
          fileOf(name),
        );
      }
    },
  );

  if (AXE === "") {
    process.stdout.write(
      "AXE_CORE does not name an axe.min.js: the page of a report was not checked for accessibility.\n",
    );
    it.skip("is not checked for accessibility: AXE_CORE names no axe.min.js", () => {});
    return;
  }
  it.each(LOOKS)("has no fault of accessibility: $width px, $colors", async (look) => {
    const faults = await looking(look, async (page) => {
      await page.evaluate(readFileSync(AXE, "utf8"));
      return await page.evaluate<string>(`axe.run({ rules: { "target-size": { enabled: true } } })
        .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => id + " " + target.join(" ") + ": " + failureSummary)).join("\\n"))`);
    });
    expect(faults).toBe("");
  });
});
