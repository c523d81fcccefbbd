/** Concatenates encoded parts in memory, in arrays of the full length. */
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { getOrMake, grown } from "../../util/growing.js";
import type { BagColumn, DenseColumn, EncodedData, FeatureColumn, IdColumn } from "../encoded/encoded.js";

/** A single part is returned without a copy. */
export class PartCollector {
  #whole: EncodedData | null = null;
  #filled = 0;
  readonly #features = new Map<string, CollectedColumn>();
  readonly #labels = new Map<string, Float32Array>();
  readonly #sampleWeights = new Map<string, Float32Array>();
  #domains: Int32Array | null = null;

  constructor(private readonly rows: number) {}

  append(part: EncodedData): void {
    const { rows } = this;
    if (this.#filled === 0 && part.rows === rows) {
      this.#whole = part;
      return;
    }
    for (const [name, column] of part.features) {
      getOrMake(this.#features, name, () => new CollectedColumn(rows)).append(column, part.rows);
    }
    for (const [to, from] of [
      [this.#labels, part.labels],
      [this.#sampleWeights, part.sampleWeights],
    ] as const) {
      for (const [name, values] of from) getOrMake(to, name, () => sharedFloats(rows)).set(values, this.#filled);
    }
    if (part.domains !== null) {
      this.#domains ??= sharedInts(rows);
      this.#domains.set(part.domains, this.#filled);
    }
    this.#filled += part.rows;
  }

  finish(): EncodedData {
    if (this.#whole !== null) return this.#whole;
    const features = new Map([...this.#features].map(([name, column]) => [name, column.finish()]));
    const [labels, sampleWeights] = [this.#labels, this.#sampleWeights];
    return { rows: this.rows, features, labels, sampleWeights, domains: this.#domains, warnings: [] };
  }
}

/** A growing column: one id per row becomes a bag when a part has several. */
class CollectedColumn {
  #plain: Exclude<FeatureColumn, BagColumn> | null = null;
  /** Its `ids` and `weights` have room for more items. */
  #bag: BagColumn | null = null;
  #filled = 0;

  constructor(private readonly rows: number) {}

  append(column: FeatureColumn, count: number): void {
    if (column.kind === "dense") {
      this.#plain ??= { ...column, values: sharedFloats(this.rows * column.dim) };
      (this.#plain as DenseColumn).values.set(column.values, this.#filled * column.dim);
    } else if (column.kind === "ids" && this.#bag === null) {
      this.#plain ??= { kind: "ids", ids: sharedInts(this.rows) };
      (this.#plain as IdColumn).ids.set(column.ids, this.#filled);
    } else this.#appendBag(asBag(column), count);
    this.#filled += count;
  }

  #appendBag(bag: BagColumn, count: number): void {
    if (this.#bag === null) {
      const before =
        this.#plain === null
          ? null
          : asBag({ kind: "ids", ids: (this.#plain as IdColumn).ids.subarray(0, this.#filled) });
      const offsets = sharedInts(this.rows + 1);
      offsets.set(before?.offsets ?? []);
      this.#bag = { kind: "bag", offsets, ids: before?.ids ?? new Int32Array(this.rows), weights: null };
    }
    const { offsets } = this.#bag;
    const start = offsets[this.#filled]!;
    const total = bag.offsets[count]!;
    for (let row = 1; row <= count; row++) offsets[this.#filled + row] = start + bag.offsets[row]!;
    const ids = grown(this.#bag.ids, start + total);
    ids.set(bag.ids.subarray(0, total), start);
    let { weights } = this.#bag;
    if (bag.weights !== null) {
      weights = grown(weights ?? new Float32Array(ids.length), ids.length);
      weights.set(bag.weights.subarray(0, total), start);
    }
    this.#bag = { kind: "bag", offsets, ids, weights };
  }

  finish(): FeatureColumn {
    if (this.#bag === null) return this.#plain!;
    const { offsets, ids, weights } = this.#bag;
    const total = offsets[this.#filled]!;
    const all = weights === null ? null : sharedFloats(weights.subarray(0, total));
    return { kind: "bag", offsets, ids: sharedInts(ids.subarray(0, total)), weights: all };
  }
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
