import { stripVTControlCharacters } from "node:util";
import { escapeHtml } from "./render-mrkdwn.ts";

/** How much of a terminal is shown. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** What is in it, for people who do not see it. */
  readonly title: string;
}

const CHAR_PX = 7.8;
const LINE_PX = 18;
const DESCENT_PX = 5;
const FONT_PX = 13;
const MARGIN_PX = 16;
/** How long the end stays. */
const HOLD_MS = 5_000;
/** The pause before a line, so that one can read along: the demo itself is quicker. */
const PAUSES: readonly (readonly [line: RegExp, ms: number])[] = [
  [/^\d+\. /, 1_200],
  [/^ {4}✓ /, 500],
  [/^ {8}│ /, 150],
  [/^\s*$/, 0],
];
const FIRST_STEP = /^1\. /;
const OTHER_PAUSE_MS = 200;
/** SGR parameters that the demo's terminal text uses (ECMA-48, 8.3.117). */
const STYLES: Readonly<Record<string, string>> = { 1: "b", 31: "r", 32: "g", 36: "c", 90: "q" };

/**
 * A terminal's text as an SVG that scrolls through it, line by line, and begins again. It stands still for people who
 * want less motion, on the first screen; its colors follow the reader's.
 *
 * @param text with the colors of a terminal
 */
export function renderRecording(text: string, { columns, rows, title }: Screen): string {
  const lines = text.trimEnd().split("\n");
  let atMs = 0;
  const times = lines.map((line) => {
    const plain = stripVTControlCharacters(line);
    atMs += PAUSES.find(([pattern]) => pattern.test(plain))?.[1] ?? OTHER_PAUSE_MS;
    return atMs;
  });
  const wholeMs = atMs + HOLD_MS;
  // It begins with what stands above the first step, and with its name: a preview shows the first moment.
  const opening = Math.min(rows, lines.findIndex((line) => FIRST_STEP.test(stripVTControlCharacters(line))) + 1);
  // Text that does not fill the screen yet stands at its top; what has not come yet is hidden by the shade below.
  const frames = times.flatMap((ms, index) => {
    const percent = ((ms / wholeMs) * 100).toFixed(2);
    const scrolled = Math.max(0, index + 1 - rows) * LINE_PX;
    const below = Math.min(Math.max(index + 1, opening), rows) * LINE_PX;
    return times[index + 1] === ms ? [] : [{ percent, scrolled, below }];
  });
  const keyframes = (name: string, value: (frame: (typeof frames)[number]) => number) => {
    const steps = frames.filter((frame, index) => index === 0 || value(frame) !== value(frames[index - 1]!));
    const rules = steps.map((frame) => `${frame.percent}%{transform:translateY(${value(frame)}px)}`);
    return `@keyframes ${name}{0%{transform:translateY(${value(frames[0]!)}px)}${rules.join("")}}`;
  };
  const width = Math.ceil(columns * CHAR_PX) + 2 * MARGIN_PX;
  const height = rows * LINE_PX + 2 * MARGIN_PX;
  const spans = lines
    .map((line, index) => styledSpans(line, (index + 1) * LINE_PX - DESCENT_PX))
    .filter((line) => line !== "");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escapeHtml(title)}</title>
<style>
:root{--page:#fff;--text:#1f2328;--g:#1a7f37;--c:#0550ae;--q:#59636e;--r:#d1242f}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#f0f6fc;--g:#3fb950;--c:#79c0ff;--q:#9198a1;--r:#f85149}}
text{font:${FONT_PX}px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;fill:var(--text);white-space:pre}
.b{font-weight:600}.g{fill:var(--g)}.c{fill:var(--c)}.q{fill:var(--q)}.r{fill:var(--r)}
rect{fill:var(--page)}
.frame{stroke:var(--q);stroke-opacity:.4}
.lines{animation:scroll ${wholeMs}ms step-end infinite}
.shade{transform:translateY(${height}px);animation:show ${wholeMs}ms step-end infinite}
${keyframes("scroll", ({ scrolled }) => -scrolled)}
${keyframes("show", ({ below }) => below)}
@media (prefers-reduced-motion:reduce){.lines,.shade{animation:none}}
</style>
<rect class="frame" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="6"/>
<clipPath id="screen"><rect width="${width - 2 * MARGIN_PX}" height="${rows * LINE_PX}"/></clipPath>
<g transform="translate(${MARGIN_PX} ${MARGIN_PX})" clip-path="url(#screen)">
<g class="lines" xml:space="preserve">
${spans.join("\n")}
</g>
<rect class="shade" width="${width - 2 * MARGIN_PX}" height="${rows * LINE_PX}"/>
</g>
</svg>
`;
}

/** A line of a terminal; empty lines need nothing. */
function styledSpans(line: string, y: number): string {
  const pieces: string[] = [];
  let style = new Set<string>();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's escape sequences begin with one.
  for (const piece of line.split(/(\u001b\[[\d;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
    const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1];
    if (codes === undefined) {
      if (piece === "") continue;
      const text = escapeHtml(piece);
      pieces.push(style.size === 0 ? text : `<tspan class="${[...style].join(" ")}">${text}</tspan>`);
      continue;
    }
    for (const code of codes.split(";")) {
      const name = STYLES[code];
      // 22 and 39 end what `styleText` begins.
      if (name !== undefined) style.add(name);
      else if (code === "22") style.delete("b");
      else style = new Set([...style].filter((one) => one === "b" && code === "39"));
    }
  }
  return stripVTControlCharacters(line).trim() === "" ? "" : `<text y="${y}">${pieces.join("")}</text>`;
}
