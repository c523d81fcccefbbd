/** Every block of a model with its shapes and parameters, including those that a diagram omits. */
import type { FeatureBlock, GateBlock, GroupBlock, ModelStructure } from "../spec/structure.js";
import { count, grouped, percent } from "../util/text.js";
import { chart } from "./compose.js";
import {
  type Arrow,
  across,
  type Box,
  boxHeight,
  COLOURS,
  type Columns,
  type Drawing,
  down,
  drawingMarks,
  end,
  GATE_LINES,
  gateHover,
  gateLines,
  joined,
  middle,
  parameters,
  placeColumns,
  rough,
  type Section,
  type Span,
  shapeText,
  WIDTH,
} from "./drawing.js";
import { ppnetSection } from "./ppnet.js";
import { sentence, shorten } from "./theme.js";
import { towersSection } from "./towers.js";
import { type Chart, col, makeSheet, type Sheet } from "./view.js";

/** The beginning of the main path: groups of features, and custom layers. */

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

interface Row {
  readonly block: string;
  readonly input?: string;
  readonly output?: string;
  /** Number of copies in the model. */
  readonly copies?: number;
  /** Parameters of all copies; missing if a file determines them. */
  readonly parameters?: number;
}

/** One row per block, then the total. */
export function blocksSheet(structure: ModelStructure, caption: string): Sheet {
  return makeSheet<Row>(
    caption,
    [
      col.text("block", ({ block }) => block),
      col.text("input", ({ input }) => input),
      col.text("output", ({ output }) => output),
      col.count("copies", ({ copies }) => copies),
      col.count("parameters", ({ parameters }) => parameters),
    ],
    blocks(structure),
  );
}

function blocks(structure: ModelStructure): Row[] {
  const { tables, groups, layers, towers, copies, epnet, denseParameters } = structure;
  const all = groups.find(({ name }) => name === "all")?.width ?? 0;
  const hasAllSizes = tables.unknown === 0;
  return [
    {
      block: "embedding tables",
      input: "ids",
      output: shapeText(all),
      copies: tables.count,
      parameters: hasAllSizes ? tables.parameters : undefined,
    },
    ...groups.map(({ name, features, width }): Row => {
      const input = count(features.length, "feature");
      return { block: `group ${name}`, input, output: shapeText(width), copies: 1, parameters: 0 };
    }),
    ...layers.map(({ name, width, parameters }): Row => {
      return { block: `layer ${name}`, input: shapeText(width), output: shapeText(width), copies: 1, parameters };
    }),
    ...(epnet === null ? [] : [gateRow("epnet gate", epnet, 1)]),
    ...ppnetRows(structure),
    ...towers.map(
      ({ tower, inDim, parameters }): Row => ({
        block: `tower ${tower.name}`,
        input: shapeText(inDim),
        output: shapeText(tower.numClass),
        copies,
        parameters: copies * parameters,
      }),
    ),
    { block: "total", parameters: hasAllSizes ? tables.parameters + denseParameters : undefined },
  ];
}

/** One task's layers and gates represent those of all tasks. */
function ppnetRows({ ppnet, towers }: ModelStructure): Row[] {
  const tasks = towers.length;
  return ppnet.flatMap(({ inDim, outDim, parameters, gate }, index) => {
    const block = `ppnet layer ${index + 1}`;
    const [input, output] = [shapeText(inDim), shapeText(outDim)];
    const layer: Row = { block, input, output, copies: tasks, parameters: tasks * parameters };
    return gate === null ? [layer] : [layer, gateRow(`${block} gate`, gate, gate.parts > 1 ? 1 : tasks)];
  });
}

function gateRow(block: string, gate: GateBlock, copies: number): Row {
  const [input, output] = [shapeText(gate.prior + gate.main), shapeText(gate.units)];
  return { block, input, output, copies, parameters: copies * gate.parameters };
}

/** Builds the diagram; the table lists every block, even if many features, layers or tasks are drawn as a count. */
export function modelDiagramChart(structure: ModelStructure): Chart {
  const title = diagramTitle(structure);
  const { drawing, height } = drawSections(structure);
  const hidden = { visible: false, fixedrange: true, showgrid: false };
  const panel = {
    marks: drawingMarks(drawing),
    xaxis: { ...hidden, range: [-2, WIDTH + 14] },
    yaxis: { ...hidden, range: [height, 0] },
    left: 26,
    below: 8,
  };
  return chart({
    title,
    rows: [{ height, panels: [panel] }],
    layout: { hovermode: "closest", dragmode: false },
    sheet: blocksSheet(structure, title),
  });
}

function drawSections(structure: ModelStructure): { drawing: Drawing; height: number } {
  const columns = placeColumns(structure);
  const groups = groupsSection(structure, columns, 2);
  const layers = layersSection(structure, columns, groups.y);
  const epnet = epnetSection(structure, columns, layers.y, groups.y);
  const ppnet = ppnetSection(structure, columns, epnet.y, groups.y);
  const towers = towersSection(structure, columns, ppnet.y);
  const key = keyDrawing(structure, towers.y + 26);
  const parts = [groups, layers, epnet, ppnet, towers].map(({ drawing }) => drawing);
  return { drawing: joined(...parts, key), height: towers.y + 40 };
}

/** The legend of line styles, at the bottom. */
function keyDrawing({ switches, epnet, ppnet }: ModelStructure, y: number): Partial<Drawing> {
  const stops = switches.stopGradient && (epnet !== null || ppnet.some(({ gate }) => gate !== null));
  const sample = (x: number, isStopped: boolean): Arrow => ({
    points: [
      [x, y],
      [x + 34, y],
    ],
    colour: COLOURS.main,
    head: null,
    isStopped,
  });
  return {
    arrows: [sample(0, false), ...(stops ? [sample(250, true)] : [])],
    words: [
      { x: 40, y, text: "values, and gradients back" },
      ...(stops ? [{ x: 290, y, text: "values only: the gradient is stopped" }] : []),
    ],
  };
}

/** `PEPNet: 3 domains × 2 tasks, 1.2 M parameters, 96% in tables`. */
function diagramTitle(structure: ModelStructure): string {
  const { domains, towers, tables, denseParameters, copies, ppnet } = structure;
  const gatesPpnet = ppnet.some(({ gate }) => gate !== null);
  const name =
    structure.epnet !== null
      ? gatesPpnet
        ? "PEPNet"
        : "EPNet without PPNet's gates"
      : gatesPpnet
        ? "PPNet without EPNet"
        : "No gates";
  const tasks = count(towers.length, "task");
  const size = domains === null ? tasks : `${count(domains.count, "domain")} × ${tasks}`;
  const shared = domains !== null && copies === 1 && domains.count > 1 ? ", towers shared" : "";
  return sentence([`${name}: ${size}${shared}, ${sizeText(tables, denseParameters)}`]);
}

function sizeText({ parameters, unknown }: ModelStructure["tables"], dense: number): string {
  const total = parameters + dense;
  const word = total === 1 ? "parameter" : "parameters";
  if (unknown > 0) return `${rough(total)} ${word} and ${count(unknown, "table")} of a file's size`;
  if (total === 0 || parameters === 0) return `${rough(total)} ${word}`;
  return `${rough(total)} ${word}, ${percent(parameters / total)} in tables`;
}
