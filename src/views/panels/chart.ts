/** A chart of panels: its figure, and the table of every number in it. */

import { words } from "../marks/mark.js";
import { GRID, shorten } from "../theme.js";
import { type Chart, type Sheet, sheetTable } from "../view.js";
import { type Composition, compose, type Panel } from "./compose.js";

/** Composes the figure and the table of the sheet. */
export function chart({ sheet, ...composition }: Composition & { readonly sheet: Sheet }): Chart {
  return { title: composition.title, figure: compose(composition), table: sheetTable(sheet) };
}

/** A chart of one panel, whose axes are `height` pixels high. */
export function panelChart(title: string, panel: Panel, height: number, sheet: Sheet): Chart {
  return chart({ title, rows: [{ height, panels: [panel] }], sheet });
}

/** A panel of one line of text. */
export function emptyPanel(why: string, title?: string): Panel {
  const bare = { range: [0, 1], showticklabels: false, showgrid: false, ticks: "" };
  return {
    title,
    marks: [words({ x: [0.5], y: [0.5], texts: [why] })],
    xaxis: { ...bare, linecolor: GRID },
    yaxis: bare,
  };
}

/** Advance widths in em, rounded to 0.05. */
const LETTERS: readonly (readonly [number, string])[] = [
  [0.35, " /IJ\\ijl'|"],
  [0.4, "-,.:;"],
  [0.45, "!()[]f"],
  [0.5, '"*_`rt–'],
  [0.6, "?csz"],
  [0.65, "Lakvxy"],
  [0.7, "$0123456789EFSTYbdeghnopqu{}"],
  [0.75, "ABCKPRVXZ"],
  [0.85, "#&+<=>DGHNOQU^~×→"],
  [0.95, "w"],
  [1.05, "%@Mm…"],
  [1.1, "W"],
];
const LETTER_WIDTHS: ReadonlyMap<string, number> = new Map(
  LETTERS.flatMap(([em, letters]) => [...letters].map((letter) => [letter, em] as const)),
);
/** East Asian scripts and emoji are as wide as they are high. */
const FULL_WIDTH = /[\u1100-\u11ff\u2e80-\ua4ff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|[\u{1f000}-\u{3ffff}]/u;
/**
 * A space where a line may break: `layer 1`, `× 1.99`, `2 min 5 s`, `1.31 → 0.51`, `live (0.71)` and `−0.03 to −0.02`
 * stay whole.
 */
const BREAK = /(?<!×) (?!\(?[\d→−+<>]|to [\d−+]|(?:ms|s|min|h)\b)/;

/** Largest width of bold text of `size` pixels. */
export function boldWidth(text: string, size: number): number {
  return [...text].reduce((sum, letter) => sum + letterWidth(letter), 0) * size;
}

/**
 * Breaks a title into lines: after a semicolon if that avoids splitting a clause, else between words. A name wider than
 * a line is shortened. `room` returns the pixels of line 0, 1, ….
 */
export function titleLines(title: string, size: number, room: (line: number) => number): string[] {
  const lines: string[] = [];
  let line = "";
  const fits = (text: string): boolean => boldWidth(text, size) <= room(lines.length);
  const add = (piece: string): boolean => {
    const longer = line === "" ? piece : `${line} ${piece}`;
    if (!fits(longer)) return false;
    line = longer;
    return true;
  };
  const next = (): void => {
    if (line !== "") lines.push(line);
    line = "";
  };
  for (const clause of title.split(/(?<=;) /)) {
    if (add(clause)) continue;
    next();
    if (add(clause)) continue;
    for (const word of clause.split(BREAK)) {
      if (add(word)) continue;
      next();
      line = shortenedTo(word, fits);
    }
  }
  next();
  return lines;
}

function shortenedTo(word: string, fits: (text: string) => boolean): string {
  let limit = [...word].length;
  while (limit > 3 && !fits(shorten(word, limit))) limit--;
  return shorten(word, limit);
}

function letterWidth(letter: string): number {
  return LETTER_WIDTHS.get(letter) ?? (FULL_WIDTH.test(letter) ? 1.05 : 0.8);
}
