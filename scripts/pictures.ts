import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { say } from "../demo/deeds.ts";
import { makeReport } from "../demo/make-report.ts";
import { renderRecording } from "../demo/page/render-recording.ts";
import { renderThreadPage } from "../demo/page/render-thread-page.ts";
import { keepThePromises, type Moment, playIncident } from "../demo/play-incident.ts";
import { servePage } from "../demo/serve-page.ts";
import { type RaisedStage, readPage, Stage } from "../demo/stage.ts";
import { Teller } from "../demo/teller.ts";
import { until } from "../demo/until.ts";
import { PLACE } from "../demo/world.ts";
import { type Chromium, type ChromiumPage, findChromium, startChromium } from "../testkit/chromium.ts";

/**
 * `npm run pictures`: plays the demo, and makes the pictures of the README anew, in docs/images/. They are taken with an
 * installed Chromium, and made small by pngquant (`apt-get install chromium fonts-liberation fonts-noto-color-emoji
 * pngquant`).
 *
 * `--moments <folder>` also writes there what the status comment looks like on a phone at each moment of an incident, and
 * says how high it is.
 */
const { values: options } = parseArgs({ options: { moments: { type: "string" } } });

const IMAGES = fileURLToPath(new URL("../docs/images/", import.meta.url));
const MAX_PICTURE_BYTES = 150_000;
const MAX_RECORDING_BYTES = 100_000;
const PHONE_PX = 390;
const TERMINAL = {
  columns: 80,
  rows: 24,
  title: "sevgate demo, in a terminal: an incident from its alert to what became of its action items",
};
const COLORS = ["light", "dark"] as const;

/** Where the status comment is on a page. */
interface Shot {
  readonly url: string;
  readonly comment: string;
}

const program = findChromium();
if (program === undefined) throw new Error("Chromium is needed. Install it, or name it in CHROMIUM.");
const closing: (() => Promise<void>)[] = [];
try {
  const chromium = await startChromium(program);
  closing.push(() => chromium.close());
  const stage = new Stage();
  closing.push(() => stage.takeDown());
  await takeAll(chromium, stage);
} finally {
  for (const close of closing.reverse()) await close();
}

async function takeAll(chromium: Chromium, stage: Stage): Promise<void> {
  let told = "";
  const teller = new Teller({
    write: (text) => {
      told += text;
    },
    isColored: true,
    // The teller leaves the last column free.
    width: TERMINAL.columns + 1,
  });
  teller.verbatim("$ npx sevgate demo");
  const raised = await stage.raise(teller);
  const shots = new Map<string, Shot>();
  const onMoment = async (moment: Moment | "resolved" | "cancelled", incident: number) => {
    shots.set(moment, await shotOf(raised, incident));
  };
  const played = await playIncident({ ...raised, teller, onMoment });
  await keepThePromises({ ...raised, teller }, played, () => makeReport(raised, "md"));
  const recording = renderRecording(told, TERMINAL);
  write("demo.svg", Buffer.from(recording), MAX_RECORDING_BYTES);

  const declared = shots.get("declared");
  if (declared === undefined) throw new Error("the story has no declared incident");
  for (const colors of COLORS) {
    const page = await chromium.open(declared.url, { width: 860, height: 1_000, scale: 2, colors });
    write(`first-screen-${colors}.png`, shrink(await firstScreen(page, declared.comment)), MAX_PICTURE_BYTES);
    await page.close();
  }

  if (options.moments === undefined) return;
  await playOtherEnds(raised, onMoment);
  const folder = resolve(options.moments);
  mkdirSync(folder, { recursive: true });
  for (const [moment, { url, comment }] of shots) {
    for (const colors of COLORS) {
      const page = await chromium.open(url, { width: PHONE_PX, height: 844, scale: 2, colors });
      const area = await page.evaluate<Parameters<ChromiumPage["picture"]>[0]>(
        `document.getElementById(${JSON.stringify(comment)}).getBoundingClientRect().toJSON()`,
      );
      writeFileSync(join(folder, `${moment}-${colors}.png`), shrink(await page.picture(area)));
      if (colors === "light") console.log(`${moment}: ${Math.round(area.height)} px high on a phone`);
      await page.close();
    }
  }
  console.log(folder);
}

/** Serves the page as it is now. */
async function shotOf(raised: RaisedStage, incident: number): Promise<Shot> {
  const html = renderThreadPage(await readPage(raised));
  const comments = await raised.world.comments(incident);
  const status = await raised.world.statusComment(incident);
  const { url, close } = await servePage(async () => ({ html, version: "" }));
  closing.push(close);
  return { url, comment: `thread-${incident}-comment-${comments.findIndex(({ id }) => id === status?.id) + 1}` };
}

/** What the demo's story does not come to: resolved with nothing learned yet, and a false alarm. */
async function playOtherEnds(
  raised: RaisedStage,
  onMoment: (moment: "resolved" | "cancelled", incident: number) => Promise<void>,
): Promise<void> {
  const { world } = raised;
  for (const [moment, command] of [
    ["resolved", "/resolve the index is rebuilt"],
    ["cancelled", "/cancel the monitor looked at the wrong host"],
  ] as const) {
    const { data: issue } = await world
      .as("bob")
      .issues.create({ ...PLACE, title: "Search is slow", labels: ["sev:P0"], body: "" });
    let before: string | null = null;
    const becomes = async (state: string) => {
      await until(`the status comment says that it is ${state}`, async () => {
        const [{ labels }, status] = await Promise.all([world.issue(issue.number), world.status(issue.number)]);
        if (status === before || !JSON.stringify(labels).includes(`"incident:${state}"`)) return false;
        before = status;
        return true;
      });
    };
    await becomes("declared");
    await say(world, "alice", issue.number, "/ack");
    await becomes("acknowledged");
    await say(world, "alice", issue.number, command);
    await becomes(moment);
    await onMoment(moment, issue.number);
  }
}

/** The status comment on a phone, and the thread in Slack beside it. */
async function firstScreen(page: ChromiumPage, comment: string): Promise<Buffer> {
  const area = await page.evaluate<Parameters<ChromiumPage["picture"]>[0]>(`(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(\`
      body { padding: 8px; width: 860px }
      body > :not(#picture) { display: none }
      #picture { display: flex; gap: 24px; align-items: flex-start }
      .phone { flex: none; width: ${PHONE_PX}px; height: 720px; overflow: hidden; padding: 20px 8px; border: 2px solid var(--muted); border-radius: 32px }
      .phone h2 { font-size: 1.25rem }
      .phone .box { margin: 0 }
      .slack { flex: 1; margin: 0 }
    \`);
    document.adoptedStyleSheets = [sheet];
    const picture = Object.assign(document.createElement("div"), { id: "picture" });
    const phone = Object.assign(document.createElement("div"), { className: "phone" });
    const box = document.getElementById(${JSON.stringify(comment)});
    phone.append(box.closest(".thread").querySelector("header"), box);
    picture.append(phone, document.querySelector(".slack"));
    document.body.append(picture);
    const { width, height } = document.body.getBoundingClientRect();
    return { x: 0, y: 0, width, height };
  })()`);
  return await page.picture(area);
}

/** With fewer colors, where pngquant is installed. */
function shrink(png: Buffer): Buffer {
  const { status, stdout } = spawnSync("pngquant", ["--speed", "1", "--strip", "64", "-"], {
    input: png,
    maxBuffer: 50_000_000,
  });
  return status === 0 ? stdout : png;
}

function write(name: string, content: Buffer, maxBytes: number): void {
  if (content.length > maxBytes) {
    throw new Error(
      `${name} has ${content.length} bytes, and at most ${maxBytes} belong in the README. Is pngquant here?`,
    );
  }
  writeFileSync(join(IMAGES, name), content);
  console.log(`docs/images/${name}: ${Math.round(content.length / 1_000)} kB`);
}
