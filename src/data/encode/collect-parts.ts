/** Concatenates encoded parts in memory, in arrays of the full length. */
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { grown } from "../../util/growing.js";
import type { BagColumn, EncodedData, FeatureColumn } from "../encoded/encoded.js";

/** A growing column. */
interface Collected {
  append(column: FeatureColumn, rows: number): void;
  finish(): FeatureColumn;
}

/** Returns all `rows` rows; a single part is returned without a copy. */
export async function collectParts(rows: number, parts: AsyncIterable<EncodedData>): Promise<EncodedData> {
  const collector = partCollector(rows);
  for await (const part of parts) collector.append(part);
  return collector.finish();
}

/** Collects parts one by one. */
export interface PartCollector {
  append(part: EncodedData): void;
  finish(): EncodedData;
}

/** Creates a collector for `rows` rows. */
export function partCollector(rows: number): PartCollector {
  let whole: EncodedData | null = null;
  let filled = 0;
  const features = new Map<string, Collected>();
  const labels = new Map<string, Float32Array>();
  const sampleWeights = new Map<string, Float32Array>();
  let domains: Int32Array | null = null;
  const copy = (from: ReadonlyMap<string, Float32Array>, to: Map<string, Float32Array>): void => {
    for (const [name, values] of from) {
      const all = to.get(name) ?? sharedFloats(rows);
      to.set(name, all);
      all.set(values, filled);
    }
  };
  return {
    append(part) {
      if (filled === 0 && part.rows === rows) {
        whole = part;
        return;
      }
      for (const [name, column] of part.features) {
        const collected = features.get(name) ?? makeCollector(column, rows);
        features.set(name, collected);
        collected.append(column, part.rows);
      }
      copy(part.labels, labels);
      copy(part.sampleWeights, sampleWeights);
      if (part.domains !== null) {
        domains ??= sharedInts(rows);
        domains.set(part.domains, filled);
      }
      filled += part.rows;
    },
    finish() {
      if (whole !== null) return whole;
      const columns = new Map([...features].map(([name, collected]) => [name, collected.finish()]));
      return { rows, features: columns, labels, sampleWeights, domains, warnings: [] };
    },
  };
}

function makeCollector(first: FeatureColumn, rows: number): Collected {
  if (first.kind === "dense") {
    const values = sharedFloats(rows * first.dim);
    let filled = 0;
    return {
      append(column) {
        const more = (column as typeof first).values;
        values.set(more, filled);
        filled += more.length;
      },
      finish: () => ({ ...first, values }),
    };
  }
  return first.kind === "bag" ? bagCollector(rows) : idCollector(rows);
}

/** A column of one id per row, until a part has several. */
function idCollector(rows: number): Collected {
  const ids = sharedInts(rows);
  let filled = 0;
  let bag: Collected | null = null;
  return {
    append(column, count) {
      if (bag === null && column.kind === "bag") {
        bag = bagCollector(rows);
        bag.append({ kind: "ids", ids: ids.subarray(0, filled) }, filled);
      }
      if (bag !== null) bag.append(column, count);
      else ids.set((column as { ids: Int32Array }).ids, filled);
      filled += count;
    },
    finish: () => bag?.finish() ?? { kind: "ids", ids },
  };
}

function bagCollector(rows: number): Collected {
  const offsets = sharedInts(rows + 1);
  let ids: Int32Array = new Int32Array(rows);
  let weights: Float32Array | null = null;
  let filled = 0;
  return {
    append(column, count) {
      const bag = asBag(column as Exclude<FeatureColumn, { kind: "dense" }>);
      const start = offsets[filled]!;
      const total = bag.offsets[count]!;
      for (let row = 1; row <= count; row++) offsets[filled + row] = start + bag.offsets[row]!;
      ids = grown(ids, start + total);
      ids.set(bag.ids.subarray(0, total), start);
      if (bag.weights !== null) {
        weights = grown(weights ?? new Float32Array(ids.length), ids.length);
        weights.set(bag.weights.subarray(0, total), start);
      }
      filled += count;
    },
    finish() {
      const total = offsets[filled]!;
      const all = weights === null ? null : sharedFloats(weights.subarray(0, total));
      return { kind: "bag", offsets, ids: sharedInts(ids.subarray(0, total)), weights: all };
    },
  };
}

/** Converts a column of one id per row to bags: an id of −1 becomes an empty bag. */
export function asBag(column: Exclude<FeatureColumn, { kind: "dense" }>): BagColumn {
  if (column.kind === "bag") return column;
  const { ids } = column;
  const offsets = new Int32Array(ids.length + 1);
  const values = ids.filter((id) => id >= 0);
  for (let row = 0; row < ids.length; row++) {
    offsets[row + 1] = offsets[row]! + (ids[row]! >= 0 ? 1 : 0);
  }
  return { kind: "bag", offsets, ids: values, weights: null };
}
