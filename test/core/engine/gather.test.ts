/** Groups' matrices: a feature is gathered once and copied to wherever else it stands; the numbers are each group's own. */
import { expect, test } from "vitest";
import type { EncodedData, FeatureColumn } from "../../../src/core/data/encoded/encoded.js";
import {
  type BagRule,
  type GroupLayout,
  type GroupSlot,
  gatherGroups,
  gatherPlans,
} from "../../../src/core/engine/core/groups.js";
import { EmbeddingTable } from "../../../src/core/engine/core/weight-store.js";
import type { GroupName } from "../../../src/core/spec/model.js";
import { random } from "../../../src/core/util/random.js";

const names: readonly GroupName[] = ["all", "domain", "uia"];
const rowsOfData = 300;

/** A feature in any group: its numbers by row of the data. */
interface Feature {
  readonly name: string;
  readonly table: EmbeddingTable | null;
  readonly width: number;
  readonly column: FeatureColumn;
  readonly rule: BagRule;
  numbers(row: number): number[];
}

test.each(Array.from({ length: 24 }, (_, seed) => seed + 1))("random groups, case %i", (seed) => {
  const source = random(seed);
  const features = Array.from({ length: 7 }, (_, index) => drawFeature(`f${index}`, source));
  const groups = names.map(() => features.filter(() => source.integer(3) > 0));
  if (seed % 2 === 0) groups[2]?.reverse();
  const layouts = groups.map((members, index) => layoutOf(names[index] as GroupName, members));
  const rows = Int32Array.from({ length: 150 }, () => source.integer(rowsOfData));
  const matrices = layouts.map(({ dim }) => new Float32Array(rows.length * dim).fill(9));
  const data: Pick<EncodedData, "features"> = { features: new Map(features.map(({ name, column }) => [name, column])) };

  gatherGroups(gatherPlans(layouts), data as EncodedData, rows, matrices);

  groups.forEach((members, group) => {
    const expected = [...rows].flatMap((row) => members.flatMap((feature) => feature.numbers(row)));
    expect(matrices[group]).toEqual(Float32Array.from(expected));
  });
});

test("columns that stand side by side in both are copied together", () => {
  const slot = (feature: string, offset: number): GroupSlot => ({
    feature,
    offset,
    width: 4,
    table: null,
    pooling: "sum",
    firstOnly: false,
    weighted: true,
  });
  const plans = gatherPlans([
    { name: "all", dim: 16, slots: [slot("a", 0), slot("b", 4), slot("c", 8), slot("d", 12)] },
    { name: "uia", dim: 16, slots: [slot("b", 0), slot("c", 4), slot("x", 8), slot("a", 12)] },
  ]);
  expect(plans[1]?.shared).toEqual([
    { from: 4, offset: 0, width: 8 },
    { from: 0, offset: 12, width: 4 },
  ]);
  expect(plans[1]?.ownSlots.map(({ feature }) => feature)).toEqual(["x"]);
});

function drawFeature(name: string, source: ReturnType<typeof random>): Feature {
  const width = 1 + source.integer(60);
  if (source.integer(3) === 0) {
    const values = Float32Array.from({ length: rowsOfData * width }, () => source.integer(100));
    const numbers = (row: number) => [...values.subarray(row * width, (row + 1) * width)];
    return { name, table: null, width, column: { kind: "dense", dim: width, values }, rule: sums, numbers };
  }
  const values = Float32Array.from({ length: 20 * width }, () => source.integer(100));
  const table = new EmbeddingTable(name, 20, width, values);
  if (source.integer(2) === 0) return { name, table, width, ...drawBag(table, source) };
  const ids = Int32Array.from({ length: rowsOfData }, () => source.integer(21) - 1);
  const numbers = (row: number) => {
    const id = ids[row] as number;
    return id < 0 ? new Array<number>(width).fill(0) : [...values.subarray(id * width, (id + 1) * width)];
  };
  return { name, table, width, column: { kind: "ids", ids }, rule: sums, numbers };
}

/** Up to 40 ids a row, so that a block of rows has more than fit at first; quarters, so that sums are exact. */
function drawBag(
  table: EmbeddingTable,
  source: ReturnType<typeof random>,
): Pick<Feature, "column" | "rule" | "numbers"> {
  const rule: BagRule = {
    pooling: source.integer(2) === 0 ? "sum" : "mean",
    firstOnly: source.integer(3) === 0,
    weighted: source.integer(2) === 0,
  };
  const bags = Array.from({ length: rowsOfData }, () =>
    Array.from({ length: source.integer(41) }, () => ({ id: source.integer(21) - 1, weight: source.integer(8) / 4 })),
  );
  let end = 0;
  const offsets = Int32Array.of(0, ...bags.map((bag) => (end += bag.length)));
  const ids = Int32Array.from(bags.flat(), ({ id }) => id);
  const weights = source.integer(2) === 0 ? null : Float32Array.from(bags.flat(), ({ weight }) => weight);
  const numbers = (row: number) => {
    const valid = bags[row]!.filter(({ id }) => id >= 0);
    const counted = rule.firstOnly ? valid.slice(0, 1) : valid;
    const scale = rule.pooling === "mean" && counted.length > 0 ? 1 / counted.length : 1;
    const sum = new Float32Array(table.dim);
    for (const { id, weight } of counted) {
      const factor = scale * (weights === null || !rule.weighted ? 1 : weight);
      for (let j = 0; j < table.dim; j++) sum[j] = sum[j]! + factor * table.values[id * table.dim + j]!;
    }
    return [...sum];
  };
  return { column: { kind: "bag", offsets, ids, weights }, rule, numbers };
}

const sums: BagRule = { pooling: "sum", firstOnly: false, weighted: true };

function layoutOf(name: GroupName, members: readonly Feature[]): GroupLayout {
  let dim = 0;
  const slots = members.map(({ name: feature, table, width, rule }): GroupSlot => {
    const offset = dim;
    dim += width;
    return { feature, offset, width, table, ...rule };
  });
  return { name, dim, slots };
}
