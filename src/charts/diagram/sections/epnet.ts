/** EPNet: the gate on the left, and its product with the embeddings. */

import type { GateBlock, ModelStructure } from "../../../spec/index.js";
import { shapeText } from "../../../tables/index.js";
import { across, boxHeight, type Drawing, down } from "../drawing.js";
import { COLOURS, type Columns, end, middle, type Section, type Span } from "../places.js";
import { GATE_LINES, gateHover, gateLines } from "../wording.js";

const HEIGHT = boxHeight(GATE_LINES);
const ABOVE = 26;

/**
 * The gate, or a box that shows that EPNet is off.
 * @param y bottom of the main path so far
 * @param priorFrom bottom of the domain group's box
 */
export function epnetSection(structure: ModelStructure, columns: Columns, y: number, priorFrom: number): Section {
  const { left, centre } = columns;
  if (left === null) return { drawing: {}, y };
  const top = y + ABOVE;
  if (structure.epnet === null) {
    const lines = ["EPNet: off", "by a switch"];
    const hover = ["switches.epnet is false"];
    const box = { ...left, y: top, height: boxHeight(2), colour: COLOURS.domain, lines, hover, isHollow: true };
    const cx = middle(centre);
    const through = down(cx, y, top + box.height, COLOURS.main, null);
    return { drawing: { boxes: [box], arrows: [through] }, y: top + box.height };
  }
  return { drawing: gate(structure, structure.epnet, { left, centre, y, top, priorFrom }), y: top + HEIGHT - 8 };
}

interface Place {
  readonly left: Span;
  readonly centre: Span;
  readonly y: number;
  readonly top: number;
  readonly priorFrom: number;
}

function gate(structure: ModelStructure, epnet: GateBlock, place: Place): Partial<Drawing> {
  const { left, centre, y, top, priorFrom } = place;
  const { switches } = structure;
  const [cx, by] = [middle(centre), top + HEIGHT - 18];
  const box = {
    ...left,
    y: top,
    height: HEIGHT,
    colour: COLOURS.domain,
    lines: ["EPNet: Gate NU", ...gateLines(epnet, structure)],
    hover: ["EPNet's Gate NU", ...gateHover(epnet, "domain", "all", structure)],
  };
  return {
    boxes: [box],
    arrows: [
      { ...down(cx, y, by, COLOURS.main), isIntoProduct: true },
      { ...down(middle(left), priorFrom, top, COLOURS.domain), isStopped: switches.detachPriors },
      { ...across(top + 16, cx, end(left), COLOURS.main), isStopped: switches.stopGradient },
      { ...across(by, end(left), cx, COLOURS.domain), isIntoProduct: true },
    ],
    products: [{ x: cx, y: by, hover: ["EPNet: gate × embeddings, element by element", `${shapeText(epnet.units)}`] }],
    words: [{ x: cx + 16, y: by, text: `gated embeddings ${shapeText(epnet.units)}` }],
  };
}
