/**
 * The parts of a diagram: boxes, arrows and text. x is in pixels of the narrowest notebook (wider pages stretch it), y
 * in pixels downwards. Text keeps its size, so text that fits there fits everywhere.
 */

/** A rectangle with lines of text, the first one bold, and a hover text. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly colour: string;
  /** Lines wider than the box are shortened. */
  readonly lines: readonly string[];
  /** Hover text, not escaped. */
  readonly hover: readonly string[];
  /** Number of blocks in one box: more than one is drawn as a stack. Default: 1. */
  readonly copies?: number;
  /** Without a bold line: a small box. */
  readonly isPlain?: boolean;
  /** Dotted and not filled: a missing part, or a frame. */
  readonly isHollow?: boolean;
}

/** Direction of an arrow. */
export type Head = "down" | "left" | "right";

/** A line through points that ends in an arrowhead. */
export interface Arrow {
  readonly points: readonly (readonly [number, number])[];
  readonly colour: string;
  /** Dashed: no gradient flows back along it. */
  readonly isStopped?: boolean;
  readonly head: Head | null;
  /** It ends at the circle of a product. */
  readonly isIntoProduct?: boolean;
}

/** An element-wise product. */
export interface Product {
  readonly x: number;
  readonly y: number;
  readonly hover: readonly string[];
}

/** A line of text outside of boxes. */
export interface Words {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly isBold?: boolean;
}

/** A drawing. */
export interface Drawing {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly products: readonly Product[];
  readonly words: readonly Words[];
}

/** Line height of a box's text, in pixels. */
export const LINE = 16;
/** Upper bound of the average letter width in a box, in pixels. */
export const LETTER = 6.7;
/** Pixels between a box's edge and its text. */
export const PADDING = 8;

/** Height of a box with this many lines of text. */
export function boxHeight(lines: number): number {
  return lines * LINE + 10;
}

/** Letters that fit into a box. */
export function lettersIn(width: number): number {
  return Math.max(3, Math.floor((width - 2 * PADDING) / LETTER));
}

/** Merges drawings. */
export function joined(...drawings: readonly Partial<Drawing>[]): Drawing {
  return {
    boxes: drawings.flatMap(({ boxes }) => boxes ?? []),
    arrows: drawings.flatMap(({ arrows }) => arrows ?? []),
    products: drawings.flatMap(({ products }) => products ?? []),
    words: drawings.flatMap(({ words }) => words ?? []),
  };
}

/** An arrow straight down, or a line without a head. */
export function down(x: number, from: number, to: number, colour: string, head: "down" | null = "down"): Arrow {
  const points = [
    [x, from],
    [x, to],
  ] as const;
  return { points, colour, head };
}

/** An arrow to the left or right. */
export function across(y: number, from: number, to: number, colour: string): Arrow {
  const points = [
    [from, y],
    [to, y],
  ] as const;
  return { points, colour, head: to < from ? "left" : "right" };
}
