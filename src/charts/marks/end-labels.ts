/** Names at the ends of lines, in place of a legend. */
import type { PlotlyTrace } from "../figure.js";
import { rounded } from "../theme/index.js";
import { words } from "./words.js";

/** Pixels from one name to the next, and of a letter. */
const LINE = 14;
const LETTER = 7.2;

/** A line's last point and its name. */
export interface EndLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

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
  let least = Number.NEGATIVE_INFINITY;
  const heights = sorted.map(({ y }) => {
    least = Math.max(y, least + step);
    return least;
  });
  return [
    words({
      x: sorted.map(({ x }) => x),
      y: heights.map(rounded),
      texts: sorted.map(({ text }) => ` ${text}`),
      place: "middle right",
      size: 11,
      overflow: true,
    }),
  ];
}

/** The end of an x axis to `last` that leaves room for the names. */
export function labelledEnd(labels: readonly EndLabel[], last: number, { width }: LabelledAxes): number {
  const letters = Math.max(0, ...labels.map(({ text }) => [...text].length + 1));
  return rounded(last / Math.max(0.4, 1 - (letters * LETTER) / width));
}
