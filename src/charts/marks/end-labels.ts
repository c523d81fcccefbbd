/** Names at the ends of lines, in place of a legend. */
import type { PlotlyTrace } from "../figure.js";
import { rounded } from "../theme/index.js";
import { line } from "./line.js";
import { words } from "./words.js";

/** Pixels from one name to the next, and of a letter. */
const LINE = 14;
const LETTER = 7.2;

/** A line's last point and its name. */
export interface EndLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** The line's colour, for a line that leads to the name. Default: none, the name is at the end. */
  readonly color?: string | undefined;
}

/** The part of the axes' width that lines to names have. */
const LEADER = 0.03;

/** The size of the axes in pixels, and the range of y. */
export interface LabelledAxes {
  readonly width: number;
  readonly height: number;
  readonly low: number;
  readonly high: number;
}

/** Names at the right of their lines, moved apart, in the order of the lines; as text of the page's colour. */
export function endLabels(labels: readonly EndLabel[], { height, low, high }: LabelledAxes): PlotlyTrace[] {
  if (labels.length === 0) return [];
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  const step = ((high - low || 1) * LINE) / height;
  const heights = apart(
    sorted.map(({ y }) => y),
    step,
    high,
  );
  const isLed = labels.some(({ color }) => color !== undefined);
  const reach = isLed ? Math.max(...labels.map(({ x }) => x)) * LEADER : 0;
  const leaders = sorted.flatMap(({ x, y, color }, at) =>
    color === undefined ? [] : [line({ x: [x, x + reach], y: [y, heights[at]!], color, width: 1, hover: "none" })],
  );
  return [
    ...leaders,
    words({
      x: sorted.map(({ x }) => x + reach),
      y: heights.map(rounded),
      texts: sorted.map(({ text }) => ` ${text}`),
      place: "middle right",
      size: 11,
      overflow: true,
    }),
  ];
}

/** Heights in their order, at least `step` apart; moved down together if they would end above the axes. */
function apart(sorted: readonly number[], step: number, high: number): number[] {
  let least = Number.NEGATIVE_INFINITY;
  const up = sorted.map((y) => {
    least = Math.max(y, least + step);
    return least;
  });
  let most = Math.max(high, sorted.at(-1)!);
  return [...up]
    .reverse()
    .map((y) => {
      const height = Math.min(y, most);
      most = height - step;
      return height;
    })
    .reverse();
}

/** The end of an x axis to `last` that leaves room for the names. */
export function labelledEnd(labels: readonly EndLabel[], last: number, { width }: LabelledAxes): number {
  const letters = Math.max(0, ...labels.map(({ text }) => [...text].length + 1));
  const leader = labels.some(({ color }) => color !== undefined) ? LEADER : 0;
  return rounded((last * (1 + leader)) / Math.max(0.4, 1 - (letters * LETTER) / width));
}
