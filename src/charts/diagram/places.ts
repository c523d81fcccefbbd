/**
 * The layout of a model's diagram: the main path in the middle, the input of EPNet's gate on its left, of PPNet's gates
 * on its right.
 */
import type { GroupBlock, ModelStructure } from "../../spec/index.js";
import { GATES, INK, PLAIN } from "../theme/index.js";
import type { Drawing } from "./drawing.js";

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
