/** PPNet: layers in the middle, each with its gate on the right; drawn once, since all tasks have the same layers. */
import type { GateBlock, ModelStructure, PpnetLayerBlock } from "../spec/structure.js";
import { count } from "../util/text.js";
import {
  type Arrow,
  across,
  activationName,
  type Box,
  boxHeight,
  COLOURS,
  type Columns,
  chain,
  type Drawing,
  down,
  end,
  GAP,
  GATE_LINES,
  gateHover,
  gateLines,
  joined,
  lettersIn,
  middle,
  parameters,
  RAIL,
  type Section,
  type Span,
  shapeText,
  WIDTH,
} from "./drawing.js";
import { shorten } from "./theme.js";

/** Pixels of the frame's heading. */
const HEADING = 56;
/** More layers than this are counted, not drawn. */
const SHOWN = 5;

/**
 * The layers, in a frame that represents every task.
 * @param y bottom of the main path so far
 * @param priorFrom bottom of the uia group's box
 */
export function ppnetSection(structure: ModelStructure, columns: Columns, y: number, priorFrom: number): Section {
  const { centre, right } = columns;
  const { ppnet } = structure;
  if (right === null || ppnet.length === 0) return { drawing: {}, y };
  const top = y + 22;
  const visibleLayers = ppnet.slice(0, SHOWN);
  const more = ppnet.length - visibleLayers.length;
  const height = HEADING + visibleLayers.length * PITCH - 14 + (more > 0 ? 28 : 0);
  const gates = { x: right.x, width: right.width - RAIL };
  const first = top + HEADING;
  const rows = visibleLayers.map((layer, index) =>
    layerRow(structure, layer, index, { centre, gates, top: first + index * PITCH }),
  );
  const frame = frameBox(structure, { x: centre.x - 10, width: end(right) + 2 - centre.x + 10 }, top, height);
  const cx = middle(centre);
  const below = first + visibleLayers.length * PITCH - 14;
  const rails =
    ppnet[0]?.gate == null
      ? []
      : railArrows(structure, { centre, right, gates, first, priorFrom, rows: visibleLayers.length });
  const main = (from: number, to: number): Arrow => down(cx, from, to, COLOURS.main, null);
  const off: Box[] = ppnet[0]?.gate === null ? [offBox(gates, first)] : [];
  const hidden = { x: cx + 14, y: below + 8, text: `… ${count(more, "more layer")}, in the table` };
  const drawing = joined(
    { boxes: [frame, ...off], words: heading(structure, cx + 14, top), arrows: [main(y, first - 14), ...rails] },
    ...rows,
    more > 0 ? { words: [hidden], arrows: [main(below, top + height)] } : {},
  );
  return { drawing, y: top + height };
}

function frameBox({ towers }: ModelStructure, span: Span, y: number, height: number): Box {
  return { ...span, y, height, colour: COLOURS.uia, lines: [], hover: [], copies: towers.length, isHollow: true };
}

function offBox(span: Span, y: number): Box {
  const hover = ["switches.ppnet is false"];
  const lines = ["gates: off", "by a switch"];
  return { ...span, y, height: boxHeight(2), colour: COLOURS.uia, lines, hover, isHollow: true };
}

/** Next to the main path, which crosses the frame's top. */
function heading({ towers, switches }: ModelStructure, x: number, top: number): Drawing["words"] {
  const names = towers.map(({ tower }) => tower.name);
  const isShared = switches.gatePlacement === "input" && switches.ppnet && names.length > 1;
  const room = lettersIn(WIDTH - x);
  const each = shorten(names.join(", "), room - (isShared ? 26 : 0));
  const first = names.length < 2 ? "PPNet" : `PPNet, for each of ${count(names.length, "task")}`;
  return [
    { x, y: top + 13, text: first, isBold: true },
    { x, y: top + 29, text: isShared ? `${each}, which share the gates` : each },
  ];
}

interface Rails {
  readonly centre: Span;
  readonly right: Span;
  readonly gates: Span;
  readonly first: number;
  readonly priorFrom: number;
  readonly rows: number;
}

/** The two inputs of every gate: gated embeddings between the columns, uia at the far right. */
function railArrows({ switches }: ModelStructure, { centre, right, gates, first, priorFrom, rows }: Rails): Arrow[] {
  const isBefore = switches.gatePlacement === "input";
  const main = end(centre) + GAP / 2;
  const prior = end(right) - RAIL / 2 + 2;
  const from = first - 14;
  return Array.from({ length: rows }, (_, row) => first + row * PITCH).flatMap((top): Arrow[] => [
    {
      points: [
        [middle(centre), from],
        [main, from],
        [main, top + (isBefore ? 46 : 32)],
        [gates.x, top + (isBefore ? 46 : 32)],
      ],
      colour: COLOURS.main,
      head: "right",
      isStopped: switches.stopGradient,
    },
    {
      points: [
        [prior, priorFrom],
        [prior, top + 46],
        [end(gates), top + 46],
      ],
      colour: COLOURS.uia,
      head: "left",
      isStopped: switches.detachPriors,
    },
  ]);
}

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
