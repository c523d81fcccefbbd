/** Every block of a model with its shapes and parameters, including those that a diagram omits. */

import type { GateBlock, ModelStructure } from "../../spec/index.js";
import { count, percent } from "../../util/text/format.js";
import { chart } from "../panels/compose.js";
import { sentence } from "../theme.js";
import { type Chart, col, makeSheet, type Sheet } from "../view.js";
import {
  type Arrow,
  COLOURS,
  type Drawing,
  drawingMarks,
  joined,
  placeColumns,
  rough,
  shapeText,
  WIDTH,
} from "./drawing.js";
import { epnetSection, groupsSection, layersSection } from "./inputs.js";
import { ppnetSection } from "./ppnet.js";
import { towersSection } from "./towers.js";

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
