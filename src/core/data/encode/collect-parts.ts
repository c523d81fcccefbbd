/** Concatenates encoded parts in shared memory. */
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { getOrMake, joinArrays } from "../../util/growing.js";
import type { BagColumn, DenseColumn, EncodedData, FeatureColumn, IdColumn } from "../encoded/encoded.js";

/** Columns of a single part are returned without a copy. */
export class PartCollector {
  #rows = 0;
  readonly #features = new Map<string, FeatureColumn[]>();
  readonly #labels = new Map<string, Float32Array[]>();
  readonly #sampleWeights = new Map<string, Float32Array[]>();
  readonly #domains: Int32Array[] = [];

  append(part: EncodedData): void {
    this.#rows += part.rows;
    collect(this.#features, part.features);
    collect(this.#labels, part.labels);
    collect(this.#sampleWeights, part.sampleWeights);
    if (part.domains !== null) this.#domains.push(part.domains);
  }

  finish(): EncodedData {
    return {
      rows: this.#rows,
      features: joined(this.#features, joinColumns),
      labels: joined(this.#labels, wholeFloats),
      sampleWeights: joined(this.#sampleWeights, wholeFloats),
      domains: this.#domains.length === 0 ? null : wholeInts(this.#domains),
      warnings: [],
    };
  }
}

function collect<Column>(columns: Map<string, Column[]>, part: ReadonlyMap<string, Column>): void {
  for (const [name, column] of part) getOrMake(columns, name, () => []).push(column);
}

/** Releases the parts of each column before it joins the next. */
function joined<Column>(columns: Map<string, Column[]>, join: (parts: readonly Column[]) => Column) {
  const whole = new Map<string, Column>();
  for (const [name, parts] of columns) {
    whole.set(name, parts.length === 1 ? parts[0]! : join(parts));
    columns.delete(name);
  }
  return whole;
}

/** One id per row becomes a bag if another part has several. */
function joinColumns(parts: readonly FeatureColumn[]): FeatureColumn {
  const { kind } = parts[0]!;
  if (kind === "dense") {
    const dense = parts as readonly DenseColumn[];
    return { kind, dim: dense[0]!.dim, values: wholeFloats(dense.map(({ values }) => values)) };
  }
  const ids = parts as readonly (IdColumn | BagColumn)[];
  if (ids.every((part) => part.kind === "ids")) return { kind: "ids", ids: wholeInts(ids.map((part) => part.ids)) };
  return joinBags(ids.map(asBag));
}

function joinBags(bags: readonly BagColumn[]): BagColumn {
  const offsets = sharedInts(bags.reduce((sum, bag) => sum + bag.offsets.length - 1, 1));
  let row = 0;
  for (const bag of bags) {
    const start = offsets[row]!;
    for (const end of bag.offsets.subarray(1)) offsets[++row] = start + end;
  }
  const ids = wholeInts(bags.map((bag) => bag.ids));
  const weights = bags.some((bag) => bag.weights !== null)
    ? wholeFloats(bags.map((bag) => bag.weights ?? new Float32Array(bag.ids.length)))
    : null;
  return { kind: "bag", offsets, ids, weights };
}

const wholeFloats = (parts: readonly Float32Array[]): Float32Array => joinArrays(parts, sharedFloats);
const wholeInts = (parts: readonly Int32Array[]): Int32Array => joinArrays(parts, sharedInts);

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
