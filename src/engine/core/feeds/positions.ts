/**
 * The positions of encoded sequences. A row of a sequence is a bag: one id per position; or, if positions hold several
 * ids, each position's ids followed by −1; or, for numbers, the numbers of all positions as weights of id 0.
 */
import type { BagColumn, Batch, EncodedData } from "../../../data/encoded/index.js";
import { type Plan, readViews } from "../../../nn/plan/index.js";
import { findFeature, holdsSeveral, type ModelSpec } from "../../../spec/index.js";
import { misfit } from "./groups.js";

export interface PositionRule {
  readonly feature: string;
  readonly kind: "single" | "several" | "numbers";
  readonly numbers: number;
}

export function positionRule(spec: ModelSpec, name: string): PositionRule {
  const feature = findFeature(spec, name);
  if (feature?.kind === "raw" && feature.boundaries.length === 0) {
    return { feature: name, kind: "numbers", numbers: feature.valueDim };
  }
  const several = feature !== undefined && holdsSeveral(feature);
  return { feature: name, kind: several ? "several" : "single", numbers: 1 };
}

/** The column of a sequence feature. @throws DataError if the data has another one */
export function sequenceColumn(data: EncodedData, feature: string): BagColumn {
  const column = data.features.get(feature);
  if (column?.kind === "bag") return column;
  throw misfit(feature, "the model reads this feature as a sequence, but the data has one value per row");
}

export function positionsIn(column: BagColumn, row: number, { kind, numbers }: PositionRule): number {
  const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!];
  if (kind !== "several") return (end - start) / numbers;
  let count = 0;
  for (let item = start; item < end; item++) if (column.ids[item]! < 0) count++;
  return count;
}

/** Of its longest row after the cut; at least 1, since ONNX has no empty dimension to reshape to. */
export function longestPositions(plan: Plan, { data, rows }: Batch): ReadonlyMap<string, number> {
  return new Map(
    readViews(plan).map(({ name, sequence, maxLength }) => {
      const rule = positionRule(plan.spec, sequence[0]!);
      const column = sequenceColumn(data, sequence[0]!);
      let longest = 1;
      for (const row of rows) longest = Math.max(longest, positionsIn(column, row, rule));
      return [name, maxLength > 0 ? Math.min(longest, maxLength) : longest];
    }),
  );
}
