/** The beginning of the main path: groups of features, and custom layers. */

import type { FeatureBlock, GateBlock, GroupBlock, ModelStructure } from "../../spec/index.js";
import { count, grouped } from "../../util/text/format.js";
import { shorten } from "../theme.js";
import {
  type Arrow,
  across,
  type Box,
  boxHeight,
  COLOURS,
  type Columns,
  type Drawing,
  down,
  end,
  GATE_LINES,
  gateHover,
  gateLines,
  middle,
  parameters,
  type Section,
  type Span,
  shapeText,
} from "./drawing.js";

/** Names in a box, and in its hover text. */
const SHOWN = 4;
const HOVERED = 12;

/** One box per group, side by side. */
export function groupsSection({ groups }: ModelStructure, columns: Columns, y: number): Section {
  const height = boxHeight(2 + Math.max(1, ...groups.map(({ features }) => Math.min(SHOWN, features.length))));
  const spans = { domain: columns.left, all: columns.centre, uia: columns.right };
  const boxes = groups.flatMap((group) => {
    const span = spans[group.name];
    return span === null ? [] : [groupBox(group, span, y, height)];
  });
  return { drawing: { boxes }, y: y + height };
}

function groupBox(group: GroupBlock, { x, width }: Span, y: number, height: number): Box {
  const { name, features, isRead } = group;
  const colour = name === "all" ? COLOURS.main : COLOURS[name];
  const more = features.length - SHOWN;
  const names = features.slice(0, more > 0 ? SHOWN - 1 : SHOWN).map((feature) => feature.name);
  const lines = [
    `${name}: ${count(features.length, "feature")}`,
    isRead ? shapeText(group.width) : "not read: gates are off",
    ...names,
    ...(more > 0 ? [`… ${grouped(more + 1)} more`] : []),
  ];
  const unseen = features.length - HOVERED;
  const hover = [
    `group ${name} ${shapeText(group.width)}`,
    ...features.slice(0, HOVERED).map(featureLine),
    ...(unseen > 0 ? [`… ${grouped(unseen)} more`] : []),
  ];
  return { x, y, width, height, colour, lines, hover, isHollow: !isRead };
}

/** `user_id: table of 2,000 × 8`. */
export function featureLine({ name, width, tableRows, table }: FeatureBlock): string {
  const short = shorten(name, 40);
  if (width === 0) return `${short}: not computed here`;
  if (table === null) return `${short}: its value, ${count(width, "column")}`;
  return `${short}: table of ${tableRows === null ? "a file's rows" : grouped(tableRows)} × ${grouped(width)}`;
}

/** Custom layers from top to bottom; if there are many, only the first and the last. */
export function layersSection({ layers }: ModelStructure, columns: Columns, y: number): Section {
  const { centre } = columns;
  const visibleLayers = layers.length > 3 ? [layers[0], null, layers.at(-1)] : layers;
  const boxes: Box[] = [];
  const arrows: Arrow[] = [];
  let top = y;
  for (const layer of visibleLayers) {
    arrows.push(down(middle(centre), top, top + 20, COLOURS.main));
    top += 20;
    const lines =
      layer == null
        ? [`… ${grouped(layers.length - 2)} more layers`]
        : [layer.name, `custom layer ${shapeText(layer.width)}`];
    const hover =
      layer == null
        ? layers.slice(1, -1).map(({ name }) => name)
        : [
            layer.name,
            `a custom layer, ${shapeText(layer.width)} → ${shapeText(layer.width)}`,
            parameters(layer.parameters),
          ];
    const height = boxHeight(lines.length);
    boxes.push({ ...centre, y: top, height, colour: COLOURS.main, lines, hover });
    top += height;
  }
  return { drawing: { boxes, arrows }, y: top };
}

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
