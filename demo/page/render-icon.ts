/** Strokes on a field of 16 × 16, drawn for this page: a font may lack the characters that look like them. */
const STROKES = {
  open: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM8 7.5v1M7.5 8h1",
  closed: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM5.25 8.25l2 2L10.75 6",
  not_planned: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM3.75 12.25l8.5-8.5",
  merged:
    "M4.5 2a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2zM4.5 10.8a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2z" +
    "M11.7 8a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2zM4.5 5.2v5.6M4.5 5.5c0 2.6 2.4 4.1 5.6 4.1",
  draft: "M8 1.75A6.25 6.25 0 0 1 14.25 8M8 14.25A6.25 6.25 0 0 1 1.75 8",
  chat: "M1.75 3h12.5v8H7.5l-3.25 2.75V11h-2.5z",
  good: "M2.75 8.5l3.5 3.5l7-7.75",
  bad: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  running: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5zM8 4.5V8l2.5 1.75",
  neutral: "M3.5 3.5h9v9h-9z",
} as const;

export type IconName = keyof typeof STROKES;

/** A sign as SVG, in the color of the text around it. It says nothing by itself: words stand beside it. */
export function renderIcon(name: IconName): string {
  return `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="${STROKES[name]}"/></svg>`;
}
