/** Converts encoded sequences to lists, as TorchEasyRec's Parquet reader takes them with `fg_mode: FG_NONE`. */
import { sequencePositions } from "../data/encoded/batches.js";
import type { BagColumn } from "../data/encoded/encoded.js";
import { type ColumnInfo, nestedSeparator, numberColumn, type RawColumn } from "../data/table/column.js";
import type { Problem } from "../errors/index.js";
import { type FeatureSpec, holdsSeveral, isSequence } from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { Numbering } from "../util/growing.js";

/** The type of a sequence's column: a list of values, or of lists if positions hold several. */
export function sequenceInfo(feature: FeatureSpec): ColumnInfo {
  const item = isNumbers(feature) ? "FLOAT" : "BIGINT";
  return { name: feature.name, type: "list", sourceType: `${item}${isNested(feature) ? "[][]" : "[]"}` };
}

export function sequenceColumn(feature: FeatureSpec, column: BagColumn): RawColumn {
  if (isNested(feature)) return nestedColumn(feature, column);
  const { offsets, ids, weights } = column;
  const items = isNumbers(feature) ? numberColumn("float", weights!) : numberColumn("integer", ids);
  return { kind: "list", offsets, items, valid: null };
}

/** Finds positions without an id, which TorchEasyRec's sequences of single ids cannot hold. */
export class MissingPositions {
  readonly #rows = new Map<string, number[]>();

  /** @param first number of the part's first row */
  note(feature: FeatureSpec, { offsets, ids }: BagColumn, first: number): void {
    if (isNested(feature) || isNumbers(feature)) return;
    for (let row = 0; row + 1 < offsets.length; row++) {
      if (!ids.subarray(offsets[row]!, offsets[row + 1]!).includes(-1)) continue;
      this.#rows.set(feature.name, [...(this.#rows.get(feature.name) ?? []).slice(0, 4), first + row]);
    }
  }

  /** A problem per feature with missing positions. @param source the name of the rows */
  problems(source: string): readonly Problem[] {
    return [...this.#rows].map(([name, rows]) => ({
      path: `${source}: row ${rows[0]} (from 0), column "${name}"`,
      message: `a position of sequence feature "${name}" has no id, which TorchEasyRec cannot read`,
      received: `a missing value, also in rows ${rows.join(", ")}`,
      expected: "an id at each position",
      fix: "fill it in the data, give the feature a default (.default(…)), or declare several ids per position (.multiValue(separator))",
    }));
  }
}

export function sequenceNotes({ groups }: ModelSpec): readonly string[] {
  const encoders = groups.flatMap((group) => group.sequences?.encoders ?? []);
  if (!encoders.some(({ kind }) => kind === "self_attention")) return [];
  return [
    "self-attention: TorchEasyRec's gradients become NaN in a batch whose sequences differ in length; it trains there on sequences of one length only",
  ];
}

function isNumbers(feature: FeatureSpec): boolean {
  return isSequence(feature) && feature.kind === "raw" && feature.boundaries.length === 0;
}

function isNested(feature: FeatureSpec): boolean {
  return isNumbers(feature) ? feature.kind === "raw" && feature.valueDim > 1 : holdsSeveral(feature);
}

function nestedColumn(feature: FeatureSpec, column: BagColumn): RawColumn {
  const words = new Numbering<string>();
  const codes: number[] = [];
  const offsets = new Int32Array(column.offsets.length);
  const width = feature.kind === "raw" && isNumbers(feature) ? feature.valueDim : null;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const positions = sequencePositions(column, row, width);
    for (const values of positions) codes.push(words.of(Array.from(values).join(nestedSeparator)));
    offsets[row + 1] = codes.length;
  }
  const items = { kind: "text", codes: Int32Array.from(codes), words: words.values } as const;
  return { kind: "list", offsets, items, valid: null, nested: true };
}
