/** Converts a drawing to marks on one pair of hidden axes. */
import type { PlotlyTrace } from "../figure.js";
import { area, dots, line, words } from "../marks/index.js";
import { FONT_SIZE, faded, INK, type Markup, markupLines, shorten } from "../theme/index.js";
import {
  type Arrow,
  type Box,
  type Drawing,
  type Head,
  LINE,
  lettersIn,
  PADDING,
  type Product,
  type Words,
} from "./drawing.js";

const TEXT_SIZE = FONT_SIZE - 1;
/** Pixels from a stack's card to the next. */
const STEP = 4;
/** Pixels of a product's circle. */
const PRODUCT = 20;
/** Degrees from upwards, clockwise. */
const ANGLES: Readonly<Record<Head, number>> = { down: 180, left: -90, right: 90 };
/** Letters of a line of hover text. */
const HOVER_LETTERS = 100;

/** A corner of a line; `null` interrupts it. */
type Point = readonly [number, number] | null;

/** The drawing's marks, in drawing order. */
export function drawingMarks({ boxes, arrows, products, words: free }: Drawing): PlotlyTrace[] {
  return [
    ...boxes.filter(({ copies = 1 }) => copies > 1).map(stackMark),
    ...arrowLines(arrows),
    ...boxes.map(boxMark),
    ...arrowHeads(arrows),
    ...productMarks(products),
    ...textMarks(boxes, free),
  ];
}

/** One or two outlines below a stack's box. */
function stackMark({ x, y, width, height, colour, copies = 1 }: Box): PlotlyTrace {
  const shifts = Array.from({ length: Math.min(2, copies - 1) }, (_, n) => (n + 1) * STEP);
  const points = shifts.flatMap((shift): Point[] => [
    [x + shift, y + height],
    [x + shift, y + height + shift],
    [x + width + shift, y + height + shift],
    [x + width + shift, y + shift],
    [x + width, y + shift],
    null,
  ]);
  return through(points, { color: colour, width: 1 });
}

function boxMark({ x, y, width, height, colour, hover, isHollow = false }: Box): PlotlyTrace {
  return area({
    corners: [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
      [x, y],
    ],
    color: colour,
    width: 1.2,
    dash: isHollow ? "dot" : undefined,
    fill: isHollow ? undefined : faded(colour, 0.13),
    hover: hover.length === 0 ? null : hoverText(hover),
  });
}

/** A mark for each colour and kind of line. */
function arrowLines(arrows: readonly Arrow[]): PlotlyTrace[] {
  const kinds = new Map<string, Arrow[]>();
  for (const arrow of arrows) {
    const kind = `${arrow.colour} ${arrow.isStopped === true}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), arrow]);
  }
  return [...kinds.values()].map((alike) => {
    const { colour, isStopped } = alike[0]!;
    const points = alike.flatMap((arrow): Point[] => [...arrow.points, null]);
    return through(points, { color: colour, width: 1.6, dash: isStopped === true ? "4px,3px" : undefined });
  });
}

function through(points: readonly Point[], look: { color: string; width: number; dash?: string | undefined }) {
  const x = points.map((point) => point?.[0] ?? null);
  const y = points.map((point) => point?.[1] ?? null);
  return line({ x, y, ...look, hover: "none" });
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

function productMarks(products: readonly Product[]): PlotlyTrace[] {
  if (products.length === 0) return [];
  const place = { x: products.map(({ x }) => x), y: products.map(({ y }) => y) };
  const circles = dots({
    ...place,
    color: INK,
    size: PRODUCT,
    hover: products.map(({ hover }) => hoverText(hover)),
  });
  return [
    circles,
    words({ ...place, texts: products.map(() => "×"), color: "#ffffff", size: FONT_SIZE + 3, bold: true }),
  ];
}

/** First lines are bold; the colour is the page's. */
function textMarks(boxes: readonly Box[], free: readonly Words[]): PlotlyTrace[] {
  const inBoxes = boxes.flatMap(({ x, y, width, lines, isPlain = false }) =>
    lines.map((text, index) => ({
      x: x + PADDING,
      y: y + 5 + LINE * (index + 0.5),
      text: shorten(text, lettersIn(width)),
      isBold: index === 0 && !isPlain,
    })),
  );
  const all = [...inBoxes, ...free.map((word) => ({ isBold: false, ...word }))];
  return [true, false].flatMap((bold) => {
    const alike = all.filter(({ isBold }) => isBold === bold);
    if (alike.length === 0) return [];
    return [
      words({
        x: alike.map(({ x }) => x),
        y: alike.map(({ y }) => y),
        texts: alike.map(({ text }) => text),
        place: "middle right",
        size: TEXT_SIZE,
        bold,
        overflow: true,
      }),
    ];
  });
}

function hoverText(lines: readonly string[]): Markup {
  return markupLines(lines.map((each) => shorten(each, HOVER_LETTERS)));
}
