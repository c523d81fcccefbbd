/** Marks of a diagram: boxes, arrows and words at given places. */
import { grouped } from "../../core/util/text.js";
import { area, dots, line } from "./lines.js";
import { words } from "./mark.js";
import { FONT_SIZE, faded, INK, type Markup, markupLines, shorten } from "./theme.js";
import type { PlotlyTrace } from "./view.js";

export interface Span {
  readonly x: number;
  readonly width: number;
}

export interface Box extends Span {
  readonly y: number;
  readonly height?: number;
  readonly colour: string;
  readonly lines: readonly string[];
  readonly hover: readonly string[];
  /** Number of blocks in one box: more than one is drawn as a stack. Default: 1. */
  readonly copies?: number;
  /** Without a bold line: a small box. */
  readonly isPlain?: boolean;
  /** Dotted and not filled: a missing part, or a frame. */
  readonly isHollow?: boolean;
}

type Corner = readonly [x: number, y: number];

export interface Arrow {
  readonly points: readonly Corner[];
  readonly colour: string;
  readonly isStopped?: boolean;
  /** The direction of its head; `null`: no head. */
  readonly head: "down" | "left" | "right" | null;
  /** It ends at the circle of a product. */
  readonly isIntoProduct?: boolean;
}

export interface Drawing {
  readonly boxes: Box[];
  readonly arrows: Arrow[];
  readonly products: { readonly x: number; readonly y: number; readonly hover: readonly string[] }[];
  readonly words: { readonly x: number; readonly y: number; readonly text: string; readonly isBold?: boolean }[];
}

/** Line height of a box's text, and the space between its edge and its text. */
const LINE = 16;
const PADDING = 8;
/** Upper bound of the average width of a letter in a box. */
const LETTER = 6.7;

export function boxHeight(lines: number): number {
  return lines * LINE + 10;
}

export function lettersIn(width: number): number {
  return Math.max(3, Math.floor((width - 2 * PADDING) / LETTER));
}

export function spread({ x, width }: Span, parts: number, gap: number): Span[] {
  const each = (width - (parts - 1) * gap) / parts;
  return Array.from({ length: parts }, (_, part) => ({ x: x + part * (each + gap), width: each }));
}

export function middle({ x, width }: Span): number {
  return x + width / 2;
}

export function end({ x, width }: Span): number {
  return x + width;
}

export function down(x: number, from: number, to: number, colour: string, more: Partial<Arrow> = {}): Arrow {
  const points = [[x, from] as const, [x, to] as const];
  return { points, colour, head: "down", ...more };
}

export function across(y: number, from: number, to: number, colour: string, more: Partial<Arrow> = {}): Arrow {
  const points = [[from, y] as const, [to, y] as const];
  return { points, colour, head: to < from ? "left" : "right", ...more };
}

export function shapeText(width: number): string {
  return `[rows, ${grouped(width)}]`;
}

/** Pixels from a stack's card to the next, and of a product's circle. */
const STEP = 4;
const PRODUCT = 20;
/** Degrees from upwards, clockwise. */
const ANGLES = { down: 180, left: -90, right: 90 } as const;
const HOVER_LETTERS = 100;

export function drawingMarks({ boxes, arrows, products, words: free }: Drawing): PlotlyTrace[] {
  return [
    ...boxes.filter(({ copies = 1 }) => copies > 1).map(stackMark),
    ...arrows.map(arrowLine),
    ...boxes.map(boxMark),
    ...arrowHeads(arrows),
    ...productMarks(products),
    ...textMarks(boxes, free),
  ];
}

function stackMark({ x, y, width, lines, height = boxHeight(lines.length), colour, copies = 1 }: Box): PlotlyTrace {
  const shifts = Array.from({ length: Math.min(2, copies - 1) }, (_, n) => (n + 1) * STEP);
  const points = shifts.flatMap((shift): (Corner | null)[] => [
    [x + shift, y + height],
    [x + shift, y + height + shift],
    [x + width + shift, y + height + shift],
    [x + width + shift, y + shift],
    [x + width, y + shift],
    null,
  ]);
  return through(points, { color: colour, width: 1 });
}

function boxMark({ x, y, width, lines, height = boxHeight(lines.length), colour, hover, isHollow }: Box): PlotlyTrace {
  const look = isHollow ? { dash: "dot" } : { fill: faded(colour, 0.13) };
  const text = hover.length === 0 ? null : hoverText(hover);
  return area({ x: [x, x + width], y: [y, y + height], color: colour, width: 1.2, ...look, hover: text });
}

/** `null` interrupts the line. */
function through(
  points: readonly (Corner | null)[],
  look: { color: string; width: number; dash?: string | undefined },
) {
  const x = points.map((point) => point?.[0] ?? null);
  const y = points.map((point) => point?.[1] ?? null);
  return line({ x, y, ...look, hover: "none" });
}

function arrowLine({ points, colour, isStopped }: Arrow): PlotlyTrace {
  return through(points, { color: colour, width: 1.6, dash: isStopped === true ? "4px,3px" : undefined });
}

function arrowHeads(arrows: readonly Arrow[]): PlotlyTrace[] {
  const heads = arrows.flatMap(({ points, head, colour, isIntoProduct }) => {
    const [x, y] = points.at(-1)!;
    return head === null ? [] : [{ x, y, angle: ANGLES[head], colour, standoff: isIntoProduct ? PRODUCT / 2 : 0 }];
  });
  if (heads.length === 0) return [];
  return [
    dots({
      x: heads.map(({ x }) => x),
      y: heads.map(({ y }) => y),
      color: heads.map(({ colour }) => colour),
      size: 12,
      symbol: "arrow",
      angle: heads.map(({ angle }) => angle),
      standoff: heads.map(({ standoff }) => standoff),
      hover: "none",
    }),
  ];
}

function productMarks(products: Drawing["products"]): PlotlyTrace[] {
  if (products.length === 0) return [];
  const place = { x: products.map(({ x }) => x), y: products.map(({ y }) => y) };
  return [
    dots({ ...place, color: INK, size: PRODUCT, hover: products.map(({ hover }) => hoverText(hover)) }),
    words({ ...place, texts: products.map(() => "×"), color: "#ffffff", size: FONT_SIZE + 3, bold: true }),
  ];
}

/** First lines are bold, in the colour of the page's text. */
function textMarks(boxes: readonly Box[], free: Drawing["words"]): PlotlyTrace[] {
  const inBoxes = boxes.flatMap(({ x, y, width, lines, isPlain = false }) =>
    lines.map((text, index) => ({
      x: x + PADDING,
      y: y + 5 + LINE * (index + 0.5),
      text: shorten(text, lettersIn(width)),
      isBold: index === 0 && !isPlain,
    })),
  );
  return [true, false].flatMap((bold) => {
    const alike = [...inBoxes, ...free].filter(({ isBold = false }) => isBold === bold);
    if (alike.length === 0) return [];
    const place = { x: alike.map(({ x }) => x), y: alike.map(({ y }) => y), place: "middle right" } as const;
    return [words({ ...place, texts: alike.map(({ text }) => text), size: FONT_SIZE - 1, bold, overflow: true })];
  });
}

function hoverText(lines: readonly string[]): Markup {
  return markupLines(lines.map((each) => shorten(each, HOVER_LETTERS)));
}
