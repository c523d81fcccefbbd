/** The values at the positions of a row's sequences. */
import type { Row } from "../../data/index.js";
import type { ExplainedPosition } from "../../gates/index.js";
import { expressionColumn, findFeature, type ModelSpec } from "../../spec/index.js";
import type { PositionValues } from "../../views/index.js";
import { rowCells } from "./raw-rows.js";

/** Adds the row's values to its positions: items of a list, or parts of a text between delimiters. */
export function positionValues(
  spec: ModelSpec,
  row: Row,
  positions: readonly ExplainedPosition[],
): readonly PositionValues[] {
  return positions.map((each) => {
    const values = each.features.flatMap((name): [string, unknown][] => {
      const value = items(spec, row, name)[each.position];
      return value === undefined ? [] : [[name, value]];
    });
    return { ...each, values: rowCells(Object.fromEntries(values) as Row) };
  });
}

function items(spec: ModelSpec, row: Row, name: string): readonly unknown[] {
  const feature = findFeature(spec, name);
  if (feature === undefined || feature.kind === "other" || feature.kind === "combo") return [];
  const { sequence } = feature;
  const source = expressionColumn(feature.expression);
  const column = sequence === undefined || sequence.of === null ? source : `${sequence.of}__${source}`;
  const cell = name in row ? row[name] : row[column];
  if (Array.isArray(cell)) return cell;
  if (cell === null || cell === undefined || cell === "") return [];
  return typeof cell === "string" ? cell.split(sequence?.delimiter ?? ";") : [cell];
}
