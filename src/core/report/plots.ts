import { pageText } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import { DAY_MS } from "../time-units.ts";
import type { CurveStep } from "./kaplan-meier.ts";
import { dayOf } from "./period.ts";
import { shortDuration, TICKS } from "./report-words.ts";

/*
 * Plots as SVG, drawn for the width of a phone: what is written in them stays readable there. Nothing is told by colour alone, and
 * a table beside each has the same numbers.
 */

const WIDTH = 380;
const HEIGHT = 250;
const LEFT = 52;
const RIGHT = 12;
const TOP = 20;
const BOTTOM = 34;
const [INNER_WIDTH, INNER_HEIGHT] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM];

/** Seconds that a log axis has a line at. */
const LOG_TICKS = [60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000, 15_552_000, 63_072_000] as const;
/** What took less is drawn as if it had taken this long, s: a log axis has no beginning. */
const LEAST = 30;
/** As many marks are drawn at most, the newest. */
export const MOST_DOTS = 2_000;

/** One incident in a plot of dots. */
export interface Dot {
  /** When it was declared, ms. */
  readonly at: number;
  /** How long it took, or has not happened, s. */
  readonly after: number;
  readonly happened: boolean;
  /** It cannot happen any more. */
  readonly ended: boolean;
  /** Which mark it gets: the place of its severity, from 0. */
  readonly rank: number;
  /** What is said of it, for whoever points at it. */
  readonly words: string;
}

/** Incidents over calendar time, with how long something took on a log axis. Hollow: it has not happened; with an arrow upwards, it still may. */
export function dotPlot(label: string, dots: readonly Dot[], since: number, until: number): string {
  const drawn = dots.slice(-MOST_DOTS);
  const [low, high] = logRange(drawn.map(({ after }) => after));
  const x = (at: number) => LEFT + (INNER_WIDTH * (at - since)) / Math.max(1, until - since);
  const y = (after: number) => TOP + INNER_HEIGHT * (1 - place(after, low, high));
  const middle = since + Math.round((until - since) / DAY_MS / 2) * DAY_MS;
  return figure(label, [
    ...logTicks(low, high).map((tick) => horizontal(y(tick), shortDuration(tick))),
    ...spaced([
      { x: x(since), name: dayOf(since as Instant), anchor: "start" },
      { x: x(until), name: dayOf(until as Instant), anchor: "end" },
      { x: x(middle), name: dayOf(middle as Instant), anchor: "middle" },
    ]),
    ...drawn.map(({ at, after, rank, words, ...how }) => mark(x(at), y(after), rank, how, words)),
  ]);
}

/** One curve of a plot of curves. */
export interface NamedCurve {
  readonly name: string;
  readonly steps: readonly CurveStep[];
  /** Where it ends, s. */
  readonly lookedFor: number;
}

/** Step curves: the share to which something has happened, by how long after the beginning, on a log axis. */
export function curvePlot(label: string, curves: readonly NamedCurve[]): string {
  const [low, high] = logRange(
    curves.flatMap(({ steps, lookedFor }) => [...steps.map(({ after }) => after), lookedFor]),
  );
  const x = (after: number) => LEFT + INNER_WIDTH * place(after, low, high);
  const y = (share: number) => TOP + INNER_HEIGHT * (1 - share);
  const lines = curves.flatMap(({ name, steps, lookedFor }, index) => {
    const points = steps.map(({ after, share }) => `H${digits(x(after))}V${digits(y(share))}`).join("");
    const end = Math.max(lookedFor, steps.at(-1)?.after ?? 0);
    return [
      `<path class="curve c${index % 4}" d="M${LEFT} ${digits(y(0))}${points}H${digits(x(end))}"><title>${pageText(name)}</title></path>`,
    ];
  });
  return figure(label, [
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => horizontal(y(share), `${share * 100} %`)),
    ...thinned(logTicks(low, high), x).map((tick) => vertical(x(tick), shortDuration(tick))),
    ...lines,
  ]);
}

/** A few bars do not fill the plot: the area of one would say more than its number. */
const WIDEST_BAR = 40;

/** Bars for counts, all of one colour: no count is good or bad. */
export function barPlot(label: string, bars: readonly { readonly name: string; readonly value: number }[]): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const step = Math.max(1, Math.ceil(most / 4));
  const top = step * Math.ceil(most / step);
  const width = Math.min(WIDEST_BAR, INNER_WIDTH / Math.max(1, bars.length));
  const y = (value: number) => TOP + INNER_HEIGHT * (1 - value / top);
  const shown = bars.flatMap(({ name, value }, index) =>
    value === 0
      ? []
      : [
          `<rect class="bar" x="${digits(LEFT + width * index + width * 0.1)}" y="${digits(y(value))}" width="${digits(Math.max(0.5, width * 0.8))}" height="${digits(TOP + INNER_HEIGHT - y(value))}"><title>${pageText(`${name}: ${value}`)}</title></rect>`,
        ],
  );
  const middle = (at: number) => LEFT + width * (at + 0.5);
  const last = bars.length - 1;
  // Under its bar; at the ends of a plot that is full, from there on inwards.
  const isFull = width < WIDEST_BAR;
  const named = ([0, last, Math.floor(last / 2)] as const).flatMap((at, index): readonly Label[] => {
    const name = bars[at]?.name;
    if (name === undefined) return [];
    if (index === 0) return [{ x: LEFT + (isFull ? width * 0.1 : 0), name, anchor: "start" }];
    const isEnd = index === 1 && isFull;
    return [{ x: isEnd ? middle(at) + width * 0.4 : middle(at), name, anchor: isEnd ? "end" : "middle" }];
  });
  return figure(label, [
    // No further than the bars: beside them there is no week without incidents, but nothing.
    ...Array.from({ length: top / step + 1 }, (_, at) =>
      horizontal(y(at * step), String(at * step), LEFT + width * bars.length),
    ),
    ...shown,
    ...spaced(named),
  ]);
}

/** The mark of a severity, for a legend. */
export function legendMark(rank: number): string {
  return `<svg class="mark" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">${mark(7, 7, rank, { happened: true, ended: false }, null)}</svg>`;
}

/** The line of a curve, for a legend. */
export function legendLine(index: number): string {
  return `<svg class="mark" width="28" height="10" viewBox="0 0 28 10" aria-hidden="true"><path class="curve c${index % 4}" d="M0 5H28"/></svg>`;
}

function figure(label: string, parts: readonly string[]): string {
  return `<svg role="img" aria-label="${pageText(label)}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${parts.join("")}</svg>`;
}

function logRange(values: readonly number[]): readonly [low: number, high: number] {
  const known = values.map((value) => Math.max(LEAST, value));
  const [least, most] = [Math.min(...known, 3_600), Math.max(...known, 60)];
  return [least * 0.8, Math.max(most * 1.25, least * 2)];
}

/** From 0 to 1. */
function place(value: number, low: number, high: number): number {
  return Math.log(Math.max(LEAST, value) / low) / Math.log(high / low);
}

function logTicks(low: number, high: number): readonly number[] {
  const within = (ticks: readonly number[]) => ticks.filter((tick) => tick >= low && tick <= high);
  const few = within(LOG_TICKS);
  return few.length < 2 ? within(TICKS) : few;
}

/** Those whose names have room beside each other. */
function thinned(ticks: readonly number[], x: (tick: number) => number): readonly number[] {
  let last = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    if (x(tick) - last < 40) return false;
    last = x(tick);
    return true;
  });
}

/** A name below the axis. */
interface Label {
  readonly x: number;
  readonly name: string;
  readonly anchor: "start" | "middle" | "end";
}

/** How wide a letter is at most, on average, and what is left free beside a name. */
const LETTER = 7;
const GAP = 8;

/** Of names below the axis, those that have room beside the ones before them; none twice. */
function spaced(labels: readonly Label[]): readonly string[] {
  const kept: { readonly from: number; readonly to: number; readonly name: string }[] = [];
  return labels.flatMap(({ x, name, anchor }) => {
    const width = name.length * LETTER;
    const from = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
    const to = from + width;
    if (kept.some((one) => one.name === name || (from < one.to + GAP && to > one.from - GAP))) return [];
    kept.push({ from, to, name });
    return [below(x, name, anchor)];
  });
}

function horizontal(y: number, name: string, to = WIDTH - RIGHT): string {
  return `<path class="grid" d="M${LEFT} ${digits(y)}H${digits(to)}"/><text x="${LEFT - 6}" y="${digits(y + 4)}" text-anchor="end">${pageText(name)}</text>`;
}

function vertical(x: number, name: string): string {
  return `<path class="grid" d="M${digits(x)} ${TOP}V${TOP + INNER_HEIGHT}"/>${below(x, name, "middle")}`;
}

function below(x: number, name: string, anchor: Label["anchor"]): string {
  return `<text x="${digits(x)}" y="${HEIGHT - 12}" text-anchor="${anchor}">${pageText(name)}</text>`;
}

const SIZE = 4;

/** A circle, a square, a diamond, a triangle, one upside down, a cross for all others; hollow what has not happened, with an arrow upwards if it still may. */
function mark(
  x: number,
  y: number,
  rank: number,
  { happened, ended }: Pick<Dot, "happened" | "ended">,
  words: string | null,
): string {
  const [cx, cy] = [digits(x), digits(y)];
  const shapes = [
    `M${digits(x - SIZE)} ${cy}a${SIZE} ${SIZE} 0 1 0 ${SIZE * 2} 0a${SIZE} ${SIZE} 0 1 0 ${-SIZE * 2} 0z`,
    `M${digits(x - SIZE)} ${digits(y - SIZE)}h${SIZE * 2}v${SIZE * 2}h${-SIZE * 2}z`,
    `M${cx} ${digits(y - SIZE - 1)}L${digits(x + SIZE + 1)} ${cy}L${cx} ${digits(y + SIZE + 1)}L${digits(x - SIZE - 1)} ${cy}z`,
    `M${cx} ${digits(y - SIZE)}L${digits(x + SIZE)} ${digits(y + SIZE)}H${digits(x - SIZE)}z`,
    `M${cx} ${digits(y + SIZE)}L${digits(x + SIZE)} ${digits(y - SIZE)}H${digits(x - SIZE)}z`,
    `M${digits(x - 1.5)} ${digits(y - SIZE)}h3v2.5h2.5v3h-2.5v2.5h-3v-2.5h-2.5v-3h2.5z`,
  ];
  const arrow = happened || ended ? "" : `M${cx} ${digits(y - SIZE)}v-9m-3 3l3 -3l3 3`;
  const title = words === null ? "" : `<title>${pageText(words)}</title>`;
  const shape = Math.min(rank, shapes.length - 1);
  return `<path class="dot s${shape}${happened ? "" : " open"}" d="${shapes[shape]}${arrow}">${title}</path>`;
}

function digits(value: number): number {
  return Math.round(value * 10) / 10;
}
