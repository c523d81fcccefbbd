/**
 * The layout of a model's diagram: the main path in the middle, the input of EPNet's gate on its left, of PPNet's gates
 * on its right.
 */
import type { GateBlock, GroupBlock, ModelStructure } from "../spec/structure.js";
import { count, grouped } from "../util/text.js";
import { area, dots, line } from "./lines.js";
import { words } from "./mark.js";
import { FONT_SIZE, faded, GATES, INK, type Markup, markupLines, PLAIN, shorten } from "./theme.js";
import type { PlotlyTrace } from "./view.js";

/** Pixels of the axes on the narrowest page. */
export const WIDTH = 600;
/** Between columns: room for a line that runs down and for arrowheads. */
export const GAP = 28;
/** Room at the right of PPNet's gates for the line of their prior. */
export const RAIL = 22;

/** Colours by kind of block; what belongs to a domain has the domain's. */
export const COLOURS: Readonly<Record<"main" | "domain" | "uia" | "tower" | "loss", string>> = {
  main: PLAIN,
  domain: GATES,
  uia: GATES,
  tower: PLAIN,
  loss: INK,
};

/** A column. */
export interface Span {
  readonly x: number;
  readonly width: number;
}

/** The columns that a model needs. */
export interface Columns {
  readonly left: Span | null;
  readonly centre: Span;
  readonly right: Span | null;
}

/** A part of the diagram, and the top of the next part. */
export interface Section {
  readonly drawing: Partial<Drawing>;
  readonly y: number;
}

/** Columns for the groups that are declared. */
export function placeColumns({ groups }: ModelStructure): Columns {
  const has = (name: GroupBlock["name"]): boolean => groups.some((group) => group.name === name);
  const [hasLeft, hasRight] = [has("domain"), has("uia")];
  const spans = spread({ x: 0, width: WIDTH }, 1 + Number(hasLeft) + Number(hasRight), GAP);
  return { left: hasLeft ? spans[0]! : null, centre: spans[hasLeft ? 1 : 0]!, right: hasRight ? spans.at(-1)! : null };
}

/** Columns of equal width, side by side. */
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

/** `136 → 64 → 1`. */
export function chain(dims: readonly number[]): string {
  return dims.map(grouped).join(" → ");
}

/** `9,120 parameters`, `3 × 9,120 parameters`. */
export function parameters(amount: number, copies = 1): string {
  return `${copies === 1 ? "" : `${copies} × `}${count(amount, "parameter")}`;
}

/** `45.3 k`, `1.2 M`, `3.4 G`; below ten thousand unchanged. */
export function rough(amount: number): string {
  if (amount < 1e4) return grouped(amount);
  const [unit, letter] = amount < 1e6 ? [1e3, "k"] : amount < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const value = amount / unit;
  return `${value < 100 ? value.toFixed(1) : grouped(Math.round(value))} ${letter}`;
}

/** The lines of a gate's box below its name: input, two layers, range, parameters. */
export function gateLines(gate: GateBlock, { switches }: ModelStructure): string[] {
  const units = gate.parts === 1 ? grouped(gate.units) : `${gate.parts} × ${grouped(gate.units / gate.parts)}`;
  return [
    `input ${grouped(gate.prior)} + ${grouped(gate.main)}`,
    `→ ${grouped(gate.hidden)}, ReLU → ${units}`,
    switches.learnableGamma ? "γ · sigmoid, γ trained" : `${gate.gamma} · sigmoid`,
    parameters(gate.parameters),
  ];
}

/** Lines of a gate's box, its name included. */
export const GATE_LINES = 5;

/** The hover text of a gate. @param priorName the group of its prior */
export function gateHover(
  gate: GateBlock,
  priorName: string,
  mainName: string,
  { switches }: ModelStructure,
): string[] {
  const stopped = (isStopped: boolean): string => (isStopped ? " (gradient stopped)" : "");
  const each = gate.parts === 1 ? "" : `, ${grouped(gate.units / gate.parts)} for each of ${gate.parts} tasks`;
  const prior = `${priorName} ${grouped(gate.prior)}${stopped(switches.detachPriors)}`;
  const main = `${mainName} ${grouped(gate.main)}${stopped(switches.stopGradient)}`;
  const range = switches.learnableGamma ? `a trained gamma that starts at ${gate.gamma}` : gate.gamma;
  return [
    `input ${shapeText(gate.prior + gate.main)}: ${prior}, ${main}`,
    `first layer: ${chain([gate.prior + gate.main, gate.hidden])}, ReLU`,
    `second layer: ${chain([gate.hidden, gate.units])}`,
    `output ${shapeText(gate.units)}${each}, between 0 and ${range}`,
    parameters(gate.parameters),
  ];
}

/** `nn.ReLU` → `ReLU`; `null` for the identity. */
export function activationName(name: string): string | null {
  const short = name.replace(/^nn\./, "");
  return short === "" || short === "Identity" ? null : short;
}

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

/** `[rows, 136]`. */
export function shapeText(width: number): string {
  return `[rows, ${grouped(width)}]`;
}
