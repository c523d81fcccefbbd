/** A layer of PPNet with its gate. */

import type { GateBlock, ModelStructure, PpnetLayerBlock } from "../../../spec/index.js";
import { shapeText } from "../../../tables/index.js";
import { type Arrow, across, type Box, boxHeight, type Drawing, down } from "../drawing.js";
import { COLOURS, middle, type Span } from "../places.js";
import { activationName, chain, GATE_LINES, gateHover, gateLines, parameters } from "../wording.js";

/** Pixels of a layer with its gate. */
export const PITCH = 112;

/** The place of a layer: the columns of layers and gates, and its top. */
export interface RowPlace {
  readonly centre: Span;
  readonly gates: Span;
  readonly top: number;
}

/** A layer with its gate: after it, or before it in the paper's placement. */
export function layerRow(
  structure: ModelStructure,
  layer: PpnetLayerBlock,
  index: number,
  place: RowPlace,
): Partial<Drawing> {
  const { centre, gates, top } = place;
  const { switches } = structure;
  const cx = middle(centre);
  const isBefore = switches.gatePlacement === "input" && layer.gate !== null;
  const boxTop = isBefore ? top + 32 : top;
  const bottom = boxTop + boxHeight(3);
  const box = layerBox(structure, layer, index, centre, boxTop);
  const main = (from: number, to: number, head: "down" | null = "down"): Arrow =>
    down(cx, from, to, COLOURS.main, head);
  const into = (from: number, to: number): Arrow => ({ ...main(from, to), isIntoProduct: true });
  if (layer.gate === null)
    return { boxes: [box], arrows: [main(top - 14, boxTop), main(bottom, top + PITCH - 14, null)] };
  const py = isBefore ? top + 8 : bottom + 22;
  const gateTop = isBefore ? top - 8 : top + 4;
  const gate = gateBox(structure, layer.gate, index, gates, gateTop);
  const product = {
    x: cx,
    y: py,
    hover: [
      `gate × ${isBefore ? "input" : "output"} of layer ${index + 1}, element by element`,
      shapeText(layer.gate.units / layer.gate.parts),
    ],
  };
  const out: Arrow = { ...across(py, gates.x, cx, COLOURS.uia), isIntoProduct: true };
  const arrows = isBefore
    ? [into(top - 14, py), main(py, boxTop), main(bottom, top + PITCH - 14, null), out]
    : [main(top - 14, boxTop), into(bottom, py), main(py, top + PITCH - 14, null), out];
  return { boxes: [box, gate], arrows, products: [product] };
}

function layerBox(
  { ppnetActivation }: ModelStructure,
  layer: PpnetLayerBlock,
  index: number,
  centre: Span,
  y: number,
): Box {
  const dropout = layer.dropout > 0 ? `dropout ${layer.dropout}` : null;
  const kinds = [activationName(ppnetActivation), dropout].filter((kind) => kind !== null).join(", ");
  const shapes = `${shapeText(layer.inDim)} → ${shapeText(layer.outDim)}`;
  return {
    ...centre,
    y,
    height: boxHeight(3),
    colour: COLOURS.main,
    lines: [
      `layer ${index + 1}: ${chain([layer.inDim, layer.outDim])}`,
      kinds === "" ? "linear" : kinds,
      parameters(layer.parameters),
    ],
    hover: [
      `PPNet layer ${index + 1} of each task`,
      shapes,
      kinds === "" ? "linear" : kinds,
      `${parameters(layer.parameters)} a task`,
    ],
  };
}

function gateBox(structure: ModelStructure, gate: GateBlock, index: number, span: Span, y: number): Box {
  const isShared = structure.switches.gatePlacement === "input";
  return {
    ...span,
    y,
    height: boxHeight(GATE_LINES),
    colour: COLOURS.uia,
    lines: [`Gate NU ${index + 1}`, ...gateLines(gate, structure)],
    hover: [
      `PPNet's Gate NU of layer ${index + 1}${isShared ? ", one for all tasks" : ", one a task"}`,
      ...gateHover(gate, "uia", structure.epnet === null ? "all" : "gated embeddings", structure),
    ],
  };
}
