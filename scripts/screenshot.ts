import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderThreadPage } from "../demo/page/render-thread-page.ts";
import { isPrepared, prepareRepository } from "../demo/prepare-repository.ts";
import { readThreads } from "../demo/read-threads.ts";
import { startSevgate } from "../demo/start-sevgate.ts";
import { until } from "../demo/until.ts";
import { createWorld, PLACE, type World } from "../demo/world.ts";
import { startEmulator } from "../testkit/emulator.ts";

/**
 * `node scripts/screenshot.ts`: makes docs/images/status-comment.png, the picture of the README.
 *
 * The real server plays the first minutes of an incident on an embedded GitHub; the demo's page shows the status comment
 * as GitHub would; an installed Chromium takes the picture. CHROMIUM names another browser of its family.
 */
const PICTURE = fileURLToPath(new URL("../docs/images/status-comment.png", import.meta.url));
const BROWSERS = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"];
const COMMENT = "#thread-1-comment-1";
const WIDTH_PX = 760;
const MAX_BYTES = 300_000;

const folder = mkdtempSync(join(tmpdir(), "sevgate-screenshot-"));
try {
  const page = join(folder, "page.html");
  writeFileSync(page, onlyTheComment(await playFirstMinutes()));
  const measured = browse(["--dump-dom", `--window-size=${WIDTH_PX},2000`, `file://${page}`]);
  const heightPx = Number(/data-height="(\d+)"/.exec(measured)?.[1]);
  if (!(heightPx > 100)) throw new Error("the page does not show the status comment");
  mkdirSync(dirname(PICTURE), { recursive: true });
  browse([`--screenshot=${PICTURE}`, `--window-size=${WIDTH_PX},${heightPx}`, `file://${page}`]);
  const { size } = statSync(PICTURE);
  if (size > MAX_BYTES) throw new Error(`the picture has ${size} bytes; at most ${MAX_BYTES} belong in the README`);
  console.log(`${PICTURE}: ${WIDTH_PX} × ${heightPx}, ${Math.round(size / 1_000)} kB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The page once somebody has acknowledged, said what is known, and closed the issue too early. */
async function playFirstMinutes(): Promise<string> {
  const github = await startEmulator();
  const sevgate = await startSevgate({
    githubUrl: github.url,
    appId: github.appId,
    privateKey: github.privateKey,
    webhookSecret: github.webhookSecret,
    dataDir: folder,
  });
  try {
    github.deliverTo(sevgate.webhookUrl);
    const world = createWorld(github);
    await prepareRepository(world);
    await until("Sevgate creates the labels it needs", () => isPrepared(world));
    const { data: issue } = await world.as("bob").issues.create({ ...PLACE, title: "Checkout is down", body: "" });
    const issue_number = issue.number;
    await world.as("bob").issues.addLabels({ ...PLACE, issue_number, labels: ["sev:P0"] });
    await shows(world, issue_number, "declared");
    await world.as("alice").issues.createComment({ ...PLACE, issue_number, body: "/ack" });
    await shows(world, issue_number, "acknowledged");
    const body = "/status the database refuses connections; restarting the invoice worker";
    await world.as("alice").issues.createComment({ ...PLACE, issue_number, body });
    await shows(world, issue_number, "Update by alice");
    await tick(world, issue_number, "item:thread");
    await world.as("bob").issues.update({ ...PLACE, issue_number, state: "closed" });
    await shows(world, issue_number, "reopened");
    return renderThreadPage(await readThreads(world));
  } finally {
    await sevgate.stop();
    await github.close();
  }
}

async function shows(world: World, issue: number, text: string): Promise<void> {
  await until(`the status comment says: ${text}`, async () => (await world.status(issue))?.includes(text));
}

/** Ticks an item of the checklist, as people do in the browser. */
async function tick(world: World, issue: number, item: string): Promise<void> {
  const comment = (await world.comments(issue)).find((one) => one.body?.includes("<!-- sevgate:status -->"));
  const body = (comment?.body ?? "")
    .split("\n")
    .map((line) => (line.includes(`<!-- ${item} -->`) ? line.replace("- [ ]", "- [x]") : line))
    .join("\n");
  await world.as("alice").issues.updateComment({ ...PLACE, comment_id: comment?.id ?? 0, body });
}

/** Only the comment, on white, and a script that reports its height. */
function onlyTheComment(page: string): string {
  const style = `<style>
    :root { color-scheme: light !important }
    body { margin: 0 !important; background: #fff !important }
    ${COMMENT} { position: absolute; inset: 0 auto auto 0; z-index: 9; width: ${WIDTH_PX - 32}px; margin: 15px !important;
      box-shadow: 0 0 0 4000px #fff }
  </style>`;
  const script = `<script>
    const box = document.querySelector("${COMMENT}");
    document.body.append(box);
    document.querySelectorAll("body > :not(${COMMENT})").forEach((other) => other.remove());
    for (const details of document.querySelectorAll("details")) details.open = true;
    document.documentElement.dataset.height = Math.ceil(box.getBoundingClientRect().height) + 30;
  </script>`;
  return drawEmoji(page)
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "")
    .replace("</head>", `${style}</head>`)
    .replace("</body>", `${script}</body>`);
}

/** Drawn here, so that the picture is the same on systems without coloured emoji. */
function drawEmoji(html: string): string {
  const circle = (color: string) => `<circle cx="8" cy="8" r="7" fill="${color}"/>`;
  const drawings: readonly (readonly [string, string])[] = [
    ["🔴", circle("#d1242f")],
    ["🟠", circle("#e16f24")],
    ["🟡", circle("#eac54f")],
    ["🟢", circle("#1a7f37")],
    ["⬜", '<rect x="2" y="2" width="12" height="12" rx="2" fill="#fff" stroke="#8c959f" stroke-width="1.5"/>'],
    ["❌", '<path d="M3 3 13 13 M13 3 3 13" stroke="#d1242f" stroke-width="3" stroke-linecap="round"/>'],
  ];
  return drawings.reduce(
    (text, [emoji, drawing]) =>
      text.replaceAll(emoji, `<svg viewBox="0 0 16 16" style="width:1em;vertical-align:-.1em">${drawing}</svg>`),
    html,
  );
}

function browse(args: readonly string[]): string {
  // Chromium's sandbox does not work for root, e.g. in a container; the page is our own.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const flags = ["--headless", "--disable-gpu", "--hide-scrollbars", `--user-data-dir=${folder}/profile`];
  for (const browser of BROWSERS.filter((name) => name !== undefined)) {
    const run = spawnSync(browser, [...flags, ...sandbox, ...args], { encoding: "utf8", timeout: 60_000 });
    if (run.error !== undefined && "code" in run.error && run.error.code === "ENOENT") continue;
    if (run.status === 0) return run.stdout;
    throw new Error(`${browser} failed: ${run.stderr}`);
  }
  throw new Error("Chromium is needed for the picture. Install it, or name it in CHROMIUM.");
}
