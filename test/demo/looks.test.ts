import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { renderThreadPage, type ThreadPage, versionOf } from "../../demo/page/render-thread-page.ts";
import { type Moment, playIncident } from "../../demo/play-incident.ts";
import { servePage } from "../../demo/serve-page.ts";
import { readPage, Stage } from "../../demo/stage.ts";
import { Teller } from "../../demo/teller.ts";
import { until } from "../../demo/until.ts";
import { type Chromium, type ChromiumPage, findChromium, type Look, startChromium } from "../../testkit/chromium.ts";

// The whole demo, and a browser.
jest.setTimeout(180_000);

const PHONE: Look = { width: 390, height: 844 };
const DESK: Look = { width: 1300, height: 900 };
/** CSS pixels on a phone, from the top of the status comment: what somebody sees who has just been woken. */
const FIRST_RUNBOOK_STEP_WITHIN_PX = 600;
const STATUS_COMMENT_WITHIN_PX = 1_100;
const FIRST_RUNBOOK_STEP = "See which calls fail";
/** CSS pixels. */
interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

const GENEROUS = { limitMs: 60_000 };

describe("the demo in a browser", () => {
  const program = findChromium();
  if (program === undefined) {
    process.stdout.write("Chromium is not installed (apt-get install chromium): nothing was looked at.\n");
    it.skip("is not installed here: nothing was looked at", () => {});
    return;
  }

  let chromium: Chromium;
  /** Where the page is, as it was at that moment, and the id of the status comment on it. */
  const moments = new Map<Moment, { readonly page: ThreadPage; readonly url: string; readonly comment: string }>();
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    chromium = await startChromium(program);
    closing.push(() => chromium.close());
    const stage = new Stage();
    closing.push(() => stage.takeDown());
    const teller = new Teller({ write: () => {}, isColored: false, width: 100 });
    const raised = await stage.raise(teller);
    const onMoment = async (moment: Moment, incident: number) => {
      const page = await readPage(raised);
      const comments = await raised.world.comments(incident);
      const status = await raised.world.statusComment(incident);
      const at = comments.findIndex(({ id }) => id === status?.id) + 1;
      const html = renderThreadPage(page);
      const { url, close } = await servePage(async () => ({ html, version: "" }));
      closing.push(close);
      moments.set(moment, { page, url, comment: `thread-${incident}-comment-${at}` });
    };
    await playIncident({ ...raised, teller, onMoment });
  });

  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  function shown(moment: Moment) {
    const found = moments.get(moment);
    if (found === undefined) throw new Error(`the story has no moment “${moment}”`);
    return found;
  }

  /** Looks at a page, and closes it. */
  async function looking<T>(url: string, look: Look, at: (page: ChromiumPage) => Promise<T>): Promise<T> {
    const page = await chromium.open(url, look);
    try {
      return await at(page);
    } finally {
      await page.close();
    }
  }

  it.each(["declared", "acknowledged"] as const)(
    "has the first step of the runbook on the first screen of a phone: %s",
    async (moment) => {
      const { url, comment } = shown(moment);
      const below = await looking(url, PHONE, (page) =>
        page.evaluate<number | null>(`(() => {
          const comment = document.getElementById(${JSON.stringify(comment)});
          const steps = [...comment.querySelectorAll("li")].filter((one) => !one.querySelector("li"));
          const step = steps.find((one) => one.textContent.includes(${JSON.stringify(FIRST_RUNBOOK_STEP)}));
          if (step === undefined || step.getClientRects().length === 0) return null;
          return step.getBoundingClientRect().top - comment.getBoundingClientRect().top;
        })()`),
      );
      expect(below).not.toBeNull();
      expect(below).toBeLessThanOrEqual(FIRST_RUNBOOK_STEP_WITHIN_PX);
    },
  );

  it.each(["declared", "acknowledged", "reopened", "closed"] as const)(
    "has a status comment that a phone shows in little more than a screen: %s",
    async (moment) => {
      const { url, comment } = shown(moment);
      const height = await looking(url, PHONE, (page) =>
        page.evaluate<number>(`document.getElementById(${JSON.stringify(comment)}).offsetHeight`),
      );
      expect(height).toBeGreaterThan(100);
      expect(height).toBeLessThanOrEqual(STATUS_COMMENT_WITHIN_PX);
    },
  );

  it("begins with the incident, on a phone too, and nothing is wider than the screen", async () => {
    const { url } = shown("closed");
    const seen = await looking(url, PHONE, (page) =>
      page.evaluate<{ first: string; top: number; widest: number }>(`(() => {
        const first = document.querySelector("main h2");
        const { top } = first.getBoundingClientRect();
        return { first: first.textContent, top, widest: document.documentElement.scrollWidth };
      })()`),
    );
    expect(seen.first).toMatch(/^Checkout is down #\d+$/);
    expect(seen.top).toBeLessThan(200);
    expect(seen.widest).toBe(PHONE.width);
  });

  it("shows Slack beside the incident where there is room, and right after it where there is not", async () => {
    const { url } = shown("closed");
    const boxes = (look: Look) =>
      looking(url, look, (page) =>
        page.evaluate<Record<"incident" | "slack" | "next", Box>>(`(() => {
          const [incident, next] = document.querySelectorAll(".thread");
          const slack = document.querySelector(".slack");
          const box = (one) => one.getBoundingClientRect().toJSON();
          return { incident: box(incident), slack: box(slack), next: box(next) };
        })()`),
      );
    const desk = await boxes(DESK);
    expect(desk.slack.left).toBeGreaterThanOrEqual(desk.incident.right);
    expect(desk.slack.top).toBe(desk.incident.top);
    const phone = await boxes(PHONE);
    expect(phone.slack.top).toBeGreaterThanOrEqual(phone.incident.bottom);
    expect(phone.slack.bottom).toBeLessThanOrEqual(phone.next.top);
  });

  it("says that there is news while somebody is at something, and shows it when they are not", async () => {
    let page: ThreadPage = { ...shown("declared").page, live: true };
    const served = await servePage(async () => ({ html: renderThreadPage(page), version: versionOf(page) }));
    closing.push(served.close);
    await looking(served.url, PHONE, async (tab) => {
      const isLoaded = () => tab.evaluate<boolean>("document.readyState === 'complete'").catch(() => false);
      const isFirst = () => tab.evaluate<boolean>("globalThis.isFirst === true").catch(() => false);
      const uses: readonly (readonly [begin: string, end: string])[] = [
        ["document.querySelector('details').open = true", "document.querySelector('details').open = false"],
        ["getSelection().selectAllChildren(document.querySelector('h1'))", "getSelection().removeAllRanges()"],
        ["document.querySelector('nav a').focus()", "document.activeElement.blur()"],
      ];
      for (const [at, [begin, end]] of uses.entries()) {
        await tab.evaluate(`globalThis.isFirst = true; ${begin}`);
        page = { ...page, title: `News ${at}` };
        await until("it says so", () => tab.evaluate<boolean>("!document.getElementById('news').hidden"), GENEROUS);
        expect([begin, await isFirst()]).toEqual([begin, true]);
        await tab.evaluate(end);
        await until("it is loaded again", async () => (await isLoaded()) && !(await isFirst()), GENEROUS);
        const heading = () => tab.evaluate<string>("document.querySelector('h1')?.textContent").catch(() => "");
        await until("it shows it", async () => (await heading()) === `News ${at}`, GENEROUS);
      }
    });
  });

  describe("checked by axe", () => {
    const axeFile = process.env["AXE_CORE"];
    if (axeFile === undefined || axeFile === "") {
      process.stdout.write("AXE_CORE does not name an axe.min.js: the page was not checked for accessibility.\n");
      it.skip("is not named in AXE_CORE: accessibility was not checked", () => {});
      return;
    }

    const looks = [PHONE, DESK].flatMap((look) => (["light", "dark"] as const).map((colors) => ({ ...look, colors })));
    const faultsOf = (url: string, look: Look) =>
      looking(url, look, async (page) => {
        await page.evaluate(
          `${readFileSync(axeFile, "utf8")}; document.getElementById("news")?.removeAttribute("hidden")`,
        );
        return await page.evaluate<string>(`axe.run({ rules: { "target-size": { enabled: true } } })
          .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
            nodes.map(({ target, failureSummary }) => id + " " + target.join(" ") + ": " + failureSummary)).join("\\n"))`);
      });

    it.each((["declared", "closed"] as const).flatMap((moment) => looks.map((look) => ({ moment, ...look }))))(
      "has no fault: $moment, $colors, $width px",
      async ({ moment, ...look }) => {
        expect(await faultsOf(shown(moment).url, look)).toBe("");
      },
    );

    it("has no fault when it follows what changes, and says that there is news", async () => {
      const page: ThreadPage = { ...shown("declared").page, live: true };
      const served = await servePage(async () => ({ html: renderThreadPage(page), version: versionOf(page) }));
      closing.push(served.close);
      for (const look of looks) expect([look, await faultsOf(served.url, look)]).toEqual([look, ""]);
    });
  });
});
