/** Every block of a model with its shapes and parameters, including those that a diagram omits. */
import type { GateBlock, ModelStructure } from "../../spec/index.js";
import { count, grouped } from "../../util/text/format.js";
import { makeSheet, type Sheet } from "../sheet.js";

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
      { key: "block", heading: "block", kind: "text", value: ({ block }) => block },
      { key: "input", heading: "input", kind: "text", value: ({ input }) => input },
      { key: "output", heading: "output", kind: "text", value: ({ output }) => output },
      { key: "copies", heading: "copies", kind: "count", value: ({ copies }) => copies },
      { key: "parameters", heading: "parameters", kind: "count", value: ({ parameters }) => parameters },
    ],
    blocks(structure),
  );
}

/** `[rows, 136]`. */
export function shapeText(width: number): string {
  return `[rows, ${grouped(width)}]`;
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
