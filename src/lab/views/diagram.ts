/** The view of a model: its diagram and the table of its blocks. */
import type { GateBlock, ModelStructure } from "../../core/nn/plan/structure.js";
import { count, grouped, percent } from "../../core/util/text.js";
import { chart } from "./compose.js";
import { drawModel, WIDTH } from "./diagram-layout.js";
import { drawingMarks, shapeText } from "./drawing.js";
import { sentence } from "./theme.js";
import { type Chart, col, sheetFrom } from "./view.js";

interface Row {
  readonly block: string;
  readonly input?: string;
  readonly output?: string;
  readonly copies?: number;
  /** Parameters of all copies; missing if a file determines them. */
  readonly parameters?: number;
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
    ...towers.map(({ tower, inDim, parameters }): Row => {
      const [input, output] = [shapeText(inDim), shapeText(tower.numClass)];
      return { block: `tower ${tower.name}`, input, output, copies, parameters: copies * parameters };
    }),
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

export function modelDiagramChart(structure: ModelStructure): Chart {
  // `PEPNet: 3 domains × 2 tasks, 1.2 M parameters, 96% in tables`.
  const { domains, towers, tables, denseParameters, copies, ppnet } = structure;
  const gatesPpnet = ppnet.some(({ gate }) => gate !== null);
  const [both, one] = gatesPpnet ? ["PEPNet", "PPNet without EPNet"] : ["EPNet without PPNet's gates", "No gates"];
  const name = structure.epnet !== null ? both : one;
  const tasks = count(towers.length, "task");
  const size = domains === null ? tasks : `${count(domains.count, "domain")} × ${tasks}`;
  const shared = domains !== null && copies === 1 && domains.count > 1 ? ", towers shared" : "";
  const title = sentence([`${name}: ${size}${shared}`, sizeText(tables, denseParameters)]);
  const { drawing, height } = drawModel(structure);
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
    sheet: sheetFrom(title, blocks(structure), [
      col.text("block", ({ block }) => block),
      col.text("input", ({ input }) => input),
      col.text("output", ({ output }) => output),
      col.count("copies", ({ copies }) => copies),
      col.count("parameters", ({ parameters }) => parameters),
    ]),
  });
}

function sizeText({ parameters, unknown }: ModelStructure["tables"], dense: number): string {
  const total = parameters + dense;
  const word = total === 1 ? "parameter" : "parameters";
  if (unknown > 0) return `${rough(total)} ${word} and ${count(unknown, "table")} of a file's size`;
  if (total === 0 || parameters === 0) return `${rough(total)} ${word}`;
  return `${rough(total)} ${word}, ${percent(parameters / total)} in tables`;
}

/** `45.3 k`, `1.2 M`, `3.4 G`; below ten thousand unchanged. */
function rough(amount: number): string {
  if (amount < 1e4) return grouped(amount);
  const [unit, letter] = amount < 1e6 ? [1e3, "k"] : amount < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const value = amount / unit;
  return `${value < 100 ? value.toFixed(1) : grouped(Math.round(value))} ${letter}`;
}
