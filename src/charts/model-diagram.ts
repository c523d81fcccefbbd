/** What a model is made of: groups, EPNet's gate on the embeddings, PPNet's gates on each layer, towers by task and domain. */
import type { ModelStructure } from "../spec/size/blocks.js";
import { compose } from "./compose.js";
import { blockTable } from "./diagram/block-table.js";
import { type Drawing, joined } from "./diagram/drawing.js";
import { epnetSection } from "./diagram/epnet.js";
import { groupsSection, layersSection } from "./diagram/inputs.js";
import { COLOURS, columnsOf, WIDTH } from "./diagram/places.js";
import { ppnetSection } from "./diagram/ppnet.js";
import { rough } from "./diagram/say.js";
import { towersSection } from "./diagram/towers.js";
import { tracesOf } from "./diagram/traces.js";
import type { Chart } from "./figure.js";
import { count, percent, sentence } from "./text.js";

/** The diagram; the table has every block, also where many features, layers or tasks are drawn as a count. */
export function modelDiagramChart(structure: ModelStructure): Chart {
  const title = diagramTitle(structure);
  const { drawing, height } = drawn(structure);
  const hidden = { visible: false, fixedrange: true, showgrid: false };
  const figure = compose({
    title,
    rows: [
      {
        height,
        panels: [
          {
            traces: tracesOf(drawing),
            xaxis: { ...hidden, range: [-2, WIDTH + 14] },
            yaxis: { ...hidden, range: [height, 0] },
            left: 26,
            below: 8,
          },
        ],
      },
    ],
    layout: { hovermode: "closest", dragmode: false },
  });
  return { title, figure, table: blockTable(structure, title) };
}

function drawn(structure: ModelStructure): { drawing: Drawing; height: number } {
  const columns = columnsOf(structure);
  const groups = groupsSection(structure, columns, 2);
  const layers = layersSection(structure, columns, groups.y);
  const epnet = epnetSection(structure, columns, layers.y, groups.y);
  const ppnet = ppnetSection(structure, columns, epnet.y, groups.y);
  const towers = towersSection(structure, columns, ppnet.y);
  const key = keyDrawing(structure, towers.y + 26);
  const parts = [groups, layers, epnet, ppnet, towers].map(({ drawing }) => drawing);
  return { drawing: joined(...parts, key), height: towers.y + 40 };
}

/** What the lines mean, below everything. */
function keyDrawing({ switches, epnet, ppnet }: ModelStructure, y: number): Partial<Drawing> {
  const stops = switches.stopGradient && (epnet !== null || ppnet.some(({ gate }) => gate !== null));
  const sample = (x: number, isStopped: boolean) => ({
    points: [
      [x, y],
      [x + 34, y],
    ] as const,
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

/** `PEPNet: 3 domains × 2 tasks, 1.2 M parameters, 96 % in tables`. */
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
  const share = parameters / total;
  const most = dense > 0 && share >= 0.995 ? "more than 99 %" : percent(share);
  return `${rough(total)} ${word}, ${most} in tables`;
}
