/** Every block of a model with its shapes and parameters, also those that a diagram has no room for. */
import type { GateBlock, ModelStructure } from "../../spec/size/blocks.js";
import type { Cell, Table, TableColumn } from "../../tables/index.js";
import { count } from "../text.js";
import { shape } from "./say.js";

/** `block`, `input`, `output`, `copies` and `parameters` (of all copies); `null` parameters where a file decides. */
export function blockTable(structure: ModelStructure, caption: string): Table {
  const { tables, groups, layers, denseParameters } = structure;
  const all = groups.find(({ name }) => name === "all")?.width ?? 0;
  const known = tables.unknown === 0;
  const rows: Cell[][] = [
    ["embedding tables", "ids", shape(all), tables.count, known ? tables.parameters : null],
    ...groups.map(({ name, features, width }): Cell[] => [
      `group ${name}`,
      count(features.length, "feature"),
      shape(width),
      1,
      0,
    ]),
    ...layers.map(({ name, width, parameters }): Cell[] => [
      `layer ${name}`,
      shape(width),
      shape(width),
      1,
      parameters,
    ]),
    ...(structure.epnet === null ? [] : [gateRow("epnet gate", structure.epnet, 1)]),
    ...ppnetRows(structure),
    ...structure.towers.map(({ tower, inDim, parameters }): Cell[] => [
      `tower ${tower.name}`,
      shape(inDim),
      shape(tower.numClass),
      structure.copies,
      structure.copies * parameters,
    ]),
    ["total", null, null, null, known ? tables.parameters + denseParameters : null],
  ];
  const [copies, amount] = ["copies", "parameters"].map((name) => ({ name, digits: 0 })) as [TableColumn, TableColumn];
  return { caption, columns: [{ name: "block" }, { name: "input" }, { name: "output" }, copies, amount], rows };
}

/** One task's layers and gates stand for all tasks'. */
function ppnetRows({ ppnet, towers }: ModelStructure): Cell[][] {
  const tasks = towers.length;
  return ppnet.flatMap(({ inDim, outDim, parameters, gate }, index) => {
    const name = `ppnet layer ${index + 1}`;
    const layer: Cell[] = [name, shape(inDim), shape(outDim), tasks, tasks * parameters];
    return gate === null ? [layer] : [layer, gateRow(`${name} gate`, gate, gate.parts > 1 ? 1 : tasks)];
  });
}

function gateRow(name: string, gate: GateBlock, copies: number): Cell[] {
  return [name, shape(gate.prior + gate.main), shape(gate.units), copies, copies * gate.parameters];
}
