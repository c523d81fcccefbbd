/** The parts of a model: groups, EPNet's gate on the embeddings, PPNet's gates on each layer, towers by task and domain. */
import type { ModelStructure } from "../../spec/index.js";
import { blocksSheet } from "../../tables/index.js";
import { count, percent } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { chart } from "../panels/index.js";
import { sentence } from "../theme/index.js";
import { type Arrow, type Drawing, joined } from "./drawing.js";
import { drawingMarks } from "./drawing-marks.js";
import { COLOURS, placeColumns, WIDTH } from "./places.js";
import { epnetSection, groupsSection, layersSection, ppnetSection, towersSection } from "./sections/index.js";
import { rough } from "./wording.js";

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
