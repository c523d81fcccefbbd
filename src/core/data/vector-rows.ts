/** Reads vectors for an embedding table from a table with an id and a list of numbers per row. */
import { DataError } from "../errors/index.js";
import type { ComboFeatureSpec, IdFeatureSpec } from "../spec/feature/feature.js";
import { getOrMake } from "../util/growing.js";
import { asIds } from "./cells.js";
import { Report } from "./encode/report.js";
import { idRule, isOutside, notAnId } from "./encode/rows-of-ids.js";
import { Fault } from "./row-findings.js";
import { type RawColumn, readCells } from "./table/column.js";
import type { Table } from "./table/table.js";

const noList = "no list of finite numbers";

/**
 * The vector of each row of an embedding table; ids that share a row get the mean of theirs.
 * @throws DataError for columns that do not fit
 */
export async function vectorRows(
  feature: IdFeatureSpec | ComboFeatureSpec,
  table: Table,
  { id, vector }: { readonly id: string; readonly vector: string },
): Promise<{
  readonly vectors: ReadonlyMap<number, Float64Array>;
  /** Number of ids that the feature's vocabulary or range lacks. */
  readonly unknown: number;
}> {
  const report = new Report(table);
  const rule = idRule(feature, false);
  const sums = new Map<number, { readonly sum: Float64Array; count: number }>();
  let [start, used, unknown] = [0, 0, 0];
  for await (const { rows, columns } of table.parts([id, vector])) {
    report.startPart(start);
    const ids = asIds(columns.get(id)!);
    const lists = columns.get(vector)!;
    const wrong = new Fault();
    const answerFor =
      ids.kind === "list" ? () => null : readCells(ids, { text: rule.row, number: rule.rowOfNumber }).at;
    for (let row = 0; row < rows; row++) {
      const answer = answerFor(row);
      if (answer === null) continue;
      const numbers = numbersAt(lists, row);
      if (answer === notAnId || isOutside(answer)) unknown += 1;
      else if (numbers === null || numbers.length !== feature.embeddingDim) {
        wrong.note(row, numbers === null ? noList : `${numbers.length} numbers`);
      } else {
        const vectors = getOrMake(sums, answer, () => ({ sum: new Float64Array(numbers.length), count: 0 }));
        for (const [at, value] of numbers.entries()) vectors.sum[at]! += value;
        vectors.count += 1;
        used += 1;
      }
    }
    const fix = `.embedding(${Number.parseInt(wrong.received, 10)})`;
    report.fault(vector, wrong, {
      message: `not a vector for feature "${feature.name}"`,
      expected: `a list of ${feature.embeddingDim} numbers, as in .embedding(${feature.embeddingDim})`,
      fix: wrong.received === noList ? "store vectors as lists: a Parquet list column, or arrays" : fix,
    });
    start += rows;
  }
  await report.throwIfAny();
  if (used === 0) {
    throw new DataError({
      path: `${table.source}: column "${id}"`,
      message: `no id of feature "${feature.name}" has a vector`,
      expected: "ids written as in the training rows",
      fix: "compare both columns: await data.head(), and the vectors' rows",
    });
  }
  const vectors = new Map([...sums].map(([place, { sum, count }]) => [place, sum.map((value) => value / count)]));
  return { vectors, unknown };
}

/** The numbers of a list; `null`: not a list of finite numbers. */
function numbersAt(column: RawColumn, row: number): Float64Array | null {
  if (column.kind !== "list" || column.items.kind !== "number") return null;
  const { items, offsets } = column;
  const numbers = Float64Array.from(items.values.subarray(offsets[row]!, offsets[row + 1]!));
  return numbers.every(Number.isFinite) ? numbers : null;
}
