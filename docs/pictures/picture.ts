/** What a picture is: a chart, and what the text says of it. */

import { percent as inWords } from "../../src/core/util/text.js";
import type { Chart } from "../../src/lab/views/view.js";
import type { Trained } from "./trained.js";

/** A picture of docs/concepts.md. */
export interface Picture {
  readonly chart: Pick<Chart, "title" | "figure">;
  /** Phrases with numbers, word by word as the text has them, by a name that does not change. */
  readonly says: Readonly<Record<string, string>>;
}

/** Draws a picture of what is trained; those that need nothing trained ask for nothing. */
export type Draw = (trained: Trained) => Promise<Picture> | Picture;

/** A sentence that the numbers must bear out; where they no longer do, the picture is not drawn. */
export function claim(holds: boolean, sentence: string): string {
  if (!holds) throw new Error(`the numbers no longer say: ${sentence}`);
  return sentence;
}

/** `0.712`. */
export function auc(value: number | null | undefined): string {
  return value === null || value === undefined ? "not defined" : value.toFixed(3);
}

/** `0.004 (0.001 to 0.007)`, with minus signs. */
export function withInterval(estimate: { value: number | null; low: number | null; high: number | null }): string {
  const text = (value: number | null): string => auc(value).replace("-", "−");
  return `${text(estimate.value)} (${text(estimate.low)} to ${text(estimate.high)})`;
}

/** `41%`. */
export function percent(share: number | null | undefined, digits = 0): string {
  return share === null || share === undefined ? "none" : inWords(share, digits);
}
