/**
 * The parts of a diagram: boxes, arrows, words. x is in pixels of the narrowest notebook (wider pages stretch it), y in
 * pixels downwards. Words keep their size, so what fits there fits everywhere.
 */

/** A rectangle with lines of text, the first one bold, and a hover text. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly colour: string;
  /** Shortened where they are wider than the box. */
  readonly lines: readonly string[];
  /** Not escaped. */
  readonly hover: readonly string[];
  /** How many it stands for: more than one is drawn as a stack. Default: 1. */
  readonly copies?: number;
  /** Without a bold line: a small box. */
  readonly isPlain?: boolean;
  /** Dotted and without a filling: something that is missing, or only a frame. */
  readonly isHollow?: boolean;
}

/** Where an arrow points. */
export type Head = "down" | "left" | "right";

/** A line through points that ends in an arrowhead. */
export interface Arrow {
  readonly points: readonly (readonly [number, number])[];
  readonly colour: string;
  /** No gradient flows back along it: dashed. */
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

/** What is drawn. */
export interface Drawing {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly products: readonly Product[];
  readonly words: readonly Words[];
}

/** Pixels from one line of a box's text to the next. */
export const LINE = 16;
/** Pixels of a letter of a box's text, at most on average. */
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

/** Several drawings as one. */
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
