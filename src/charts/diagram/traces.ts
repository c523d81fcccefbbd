/** A drawing as Plotly traces on one pair of hidden axes. */
import type { PlotlyTrace } from "../figure.js";
import { plotText, shorten } from "../text.js";
import { FONT_SIZE, faded, INK } from "../theme.js";
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
/** Letters of a line of what hovering shows. */
const HOVER_LETTERS = 100;

/** The drawing's traces, what lies behind first. */
export function tracesOf({ boxes, arrows, products, words }: Drawing): PlotlyTrace[] {
  return [
    ...shadows(boxes),
    ...lines(arrows),
    ...boxes.map(boxTrace),
    ...heads(arrows),
    ...productTraces(products),
    ...texts(boxes, words),
  ];
}

/** Outlines behind a stack's box, one or two. */
function shadows(boxes: readonly Box[]): PlotlyTrace[] {
  const stacked = boxes.filter(({ copies = 1 }) => copies > 1);
  return stacked.map(({ x, y, width, height, colour, copies = 1 }) => {
    const points = Array.from({ length: Math.min(2, copies - 1) }, (_, n) => (n + 1) * STEP).flatMap((shift) => [
      [x + shift, y + height],
      [x + shift, y + height + shift],
      [x + width + shift, y + height + shift],
      [x + width + shift, y + shift],
      [x + width, y + shift],
      null,
    ]);
    return line(points as Point[], { color: colour, width: 1 });
  });
}

type Point = readonly [number, number] | null;

function line(points: readonly Point[], style: { color: string; width: number; dash?: string }): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    x: points.map((point) => point?.[0] ?? null),
    y: points.map((point) => point?.[1] ?? null),
    line: style,
    hoverinfo: "skip",
  };
}

function boxTrace({ x, y, width, height, colour, hover, isHollow = false }: Box): PlotlyTrace {
  const corners = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
    [x, y],
  ] as const;
  return {
    ...line(corners, { color: colour, width: 1.2, ...(isHollow ? { dash: "dot" } : {}) }),
    fill: "toself",
    fillcolor: isHollow ? "rgba(0,0,0,0)" : faded(colour, 0.13),
    ...(hover.length === 0 ? {} : { hoveron: "fills", hoverinfo: "text", text: hoverText(hover) }),
  };
}

/** A trace for each colour and kind of line. */
function lines(arrows: readonly Arrow[]): PlotlyTrace[] {
  const kinds = new Map<string, Arrow[]>();
  for (const arrow of arrows) {
    const kind = `${arrow.colour} ${arrow.isStopped === true}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), arrow]);
  }
  return [...kinds.values()].map((alike) => {
    const [{ colour, isStopped = false }] = alike as [Arrow];
    const points = alike.flatMap((arrow): Point[] => [...arrow.points, null]);
    return line(points, { color: colour, width: 1.6, ...(isStopped ? { dash: "4px,3px" } : {}) });
  });
}

function heads(arrows: readonly Arrow[]): PlotlyTrace[] {
  const ends = arrows.filter(({ head }) => head !== null);
  if (ends.length === 0) return [];
  const tips = ends.map(({ points }) => points.at(-1) as readonly [number, number]);
  return [
    {
      type: "scatter",
      mode: "markers",
      x: tips.map(([x]) => x),
      y: tips.map(([, y]) => y),
      marker: {
        size: 12,
        symbol: "arrow",
        angle: ends.map(({ head }) => ANGLES[head as Head]),
        standoff: ends.map(({ isIntoProduct }) => (isIntoProduct === true ? PRODUCT / 2 : 0)),
        color: ends.map(({ colour }) => colour),
        opacity: 1,
      },
      hoverinfo: "skip",
    },
  ];
}

function productTraces(products: readonly Product[]): PlotlyTrace[] {
  if (products.length === 0) return [];
  return [
    {
      type: "scatter",
      mode: "markers+text",
      x: products.map(({ x }) => x),
      y: products.map(({ y }) => y),
      text: products.map(() => "×"),
      textfont: { size: FONT_SIZE + 3, weight: 600, color: INK },
      marker: { size: PRODUCT, color: "#ffffff", line: { color: INK, width: 1.4 } },
      customdata: products.map(({ hover }) => hoverText(hover)),
      hovertemplate: "%{customdata}<extra></extra>",
    },
  ];
}

/** First lines are bold; the font's own colour follows the page. */
function texts(boxes: readonly Box[], words: readonly Words[]): PlotlyTrace[] {
  const placed = boxes.flatMap(({ x, y, width, lines: own, isPlain = false }) =>
    own.map((text, index) => ({
      x: x + PADDING,
      y: y + 5 + LINE * (index + 0.5),
      text: shorten(text, lettersIn(width)),
      isBold: index === 0 && !isPlain,
    })),
  );
  const free = words.map((word) => ({ isBold: false, ...word }));
  return [true, false].flatMap((isBold) => {
    const alike = [...placed, ...free].filter((word) => word.isBold === isBold);
    if (alike.length === 0) return [];
    return [
      {
        type: "scatter",
        mode: "text",
        x: alike.map(({ x }) => x),
        y: alike.map(({ y }) => y),
        text: alike.map(({ text }) => plotText(text)),
        textposition: "middle right",
        textfont: { size: TEXT_SIZE, ...(isBold ? { weight: 600 } : {}) },
        cliponaxis: false,
        hoverinfo: "skip",
      },
    ];
  });
}

function hoverText(lines: readonly string[]): string {
  return lines.map((each) => plotText(shorten(each, HOVER_LETTERS))).join("<br>");
}
