import { writeFileSync } from "node:fs";

/** A line for each engine or program, over the same `at`. */
export interface Panel {
  readonly title: string;
  /** What the numbers are, such as `ms`. */
  readonly unit: string;
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const [WIDTH, HEIGHT, GAP] = [300, 190, 56];
const MARGIN = { left: 52, top: 40, bottom: 40 };
const [TOP, RIGHT] = [34, 32];
/** Both are told apart without colour by their marks, and stand out on white as on black. */
const STYLES = [
  { colour: "#2f81f7", mark: (x: number, y: number) => `<circle cx="${x}" cy="${y}" r="3.5"/>` },
  { colour: "#db6d28", mark: (x: number, y: number) => `<rect x="${x - 3}" y="${y - 3}" width="6" height="6"/>` },
] as const;
const GREY = "#848d97";

/**
 * Writes panels side by side as an SVG with both axes by powers of ten, in which a flat line is a cost that does not grow.
 *
 * No library: those that draw such a plot without a browser bring one, and this is a page of code.
 *
 * @param at what the axis below shows, ascending, above zero
 */
export function writePlot(file: string, below: string, at: readonly number[], panels: readonly Panel[]): void {
  const width = MARGIN.left + panels.length * WIDTH + (panels.length - 1) * GAP + RIGHT;
  const height = TOP + MARGIN.top + HEIGHT + MARGIN.bottom;
  const names = panels[0]?.lines.map(({ name }) => name) ?? [];
  const legend = names.map((name, index) => {
    const { colour, mark } = STYLES[index % STYLES.length]!;
    const x = MARGIN.left + index * 180;
    return `<g fill="${colour}">${mark(x, 17)}</g><text x="${x + 12}" y="21">${name}</text>`;
  });
  const drawn = panels.map((panel, index) => {
    const left = MARGIN.left + index * (WIDTH + GAP);
    return `<g transform="translate(${left},${TOP + MARGIN.top})">${drawPanel(panel, below, at)}</g>`;
  });
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="${GREY}">`,
    `<title>${panels.map(({ title, unit }) => `${title}, ${unit}`).join("; ")}, by ${below}</title>`,
    ...legend,
    ...drawn,
    "</svg>",
  ];
  writeFileSync(file, `${svg.join("\n")}\n`);
}

function drawPanel({ title, unit, lines }: Panel, below: string, at: readonly number[]): string {
  const values = lines.flatMap((line) => line.values);
  const [least, most] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
  const [first, last] = [Math.log10(at[0]!), Math.log10(at.at(-1)!)];
  const x = (value: number) => round(((Math.log10(value) - first) / (last - first)) * WIDTH);
  const y = (value: number) => round(HEIGHT - ((Math.log10(value) - least) / Math.max(1, most - least)) * HEIGHT);
  const powers = Array.from({ length: Math.max(1, most - least) + 1 }, (_, index) => 10 ** (least + index));
  return [
    `<text x="0" y="-14" font-weight="bold">${title}, ${unit}</text>`,
    ...powers.map(
      (power) =>
        `<path d="M0 ${y(power)}H${WIDTH}" stroke="${GREY}" stroke-opacity="0.3"/>` +
        `<text x="-8" y="${y(power) + 4}" text-anchor="end">${shown(power)}</text>`,
    ),
    ...at.map((value) => `<text x="${x(value)}" y="${HEIGHT + 18}" text-anchor="middle">${shown(value)}</text>`),
    `<text x="${WIDTH / 2}" y="${HEIGHT + 35}" text-anchor="middle">${below}</text>`,
    ...lines.map((line, index) => {
      const { colour, mark } = STYLES[index % STYLES.length]!;
      const points = line.values.map((value, point) => [x(at[point]!), y(value)] as const);
      return (
        `<g fill="${colour}"><path d="M${points.map((point) => point.join(" ")).join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>` +
        `${points.map(([px, py]) => mark(px, py)).join("")}</g>`
      );
    }),
  ].join("\n");
}

function shown(value: number): string {
  return value >= 1 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(1)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
