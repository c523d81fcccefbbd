/** A small model and data for engine tests: every kind of column, two tasks, three domains, seeded. */
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { addScaled } from "../../../src/core/engine/core/groups.js";
import type { EmbeddingTable } from "../../../src/core/engine/core/weight-store.js";
import type { FeatureSpec } from "../../../src/core/spec/feature/feature.js";
import { defaultMlp, emptySpec, type ModelSpec, type TowerSpec } from "../../../src/core/spec/model.js";
import { sharedFloats, sharedInts } from "../../../src/core/util/called-thread.js";
import { random } from "../../../src/core/util/random.js";

const common = { embeddingName: null, pooling: "sum", separator: null, defaultValue: "", extra: {} } as const;

function id(
  name: string,
  count: number,
  options: Partial<{ pooling: "sum" | "mean"; embeddingName: string; dim: number }> = {},
): FeatureSpec {
  return {
    ...common,
    ...options,
    kind: "id",
    name,
    expression: `user:${name}`,
    encoding: { kind: "buckets", count },
    defaultBucket: null,
    weighted: false,
    embeddingDim: options.dim ?? 4,
  };
}

function tower(name: string, label: string, rest: Partial<TowerSpec> = {}): TowerSpec {
  return {
    name,
    label,
    numClass: 1,
    mlp: { ...defaultMlp, hidden: [6, 5] },
    losses: [{ kind: "binary_cross_entropy", labelSmoothing: 0 }],
    metrics: [],
    weight: 1,
    sampleWeight: null,
    taskSpace: null,
    extra: {},
    ...rest,
  };
}

/** users, a bag of tags (mean), a scene with three domains, and a price as it is; click, and purchase within clicks. */
export const toySpec: ModelSpec = {
  ...emptySpec,
  features: [
    id("user", 50),
    id("tags", 12, { pooling: "mean", dim: 3 }),
    id("scene", 3),
    {
      ...common,
      kind: "raw",
      name: "price",
      expression: "item:price",
      valueDim: 2,
      normalizer: null,
      boundaries: [],
      embeddingDim: null,
    },
  ],
  labels: ["clk", "buy", "scene"],
  groups: [
    { name: "domain", features: ["scene"], extra: {} },
    { name: "uia", features: ["user", "price"], extra: {} },
  ],
  ppnet: { ...emptySpec.ppnet, hidden: [8, 6], dropout: [0.2] },
  domains: { column: "scene", count: 3, names: null },
  towers: [
    tower("ctr", "clk"),
    tower("cvr", "buy", { taskSpace: { indicatorLabel: "clk", inWeight: 1, outWeight: 0 } }),
  ],
  training: { ...emptySpec.training, seed: 11 },
};

/** The toy spec with other parts. */
export function toyWith(rest: Partial<ModelSpec>): ModelSpec {
  return { ...toySpec, ...rest };
}

/** Data that fits the toy spec; some users are missing, some bags are empty. */
export function toyData(rows: number, seed = 3): EncodedData {
  const source = random(seed);
  const user = sharedInts(rows);
  const scene = sharedInts(rows);
  const price = sharedFloats(rows * 2);
  const clk = sharedFloats(rows);
  const buy = sharedFloats(rows);
  const weight = sharedFloats(rows);
  const offsets = sharedInts(rows + 1);
  const ids: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < rows; row++) {
    user[row] = source.uniform() < 0.1 ? -1 : source.integer(50);
    scene[row] = source.integer(3);
    price[2 * row] = source.normal();
    price[2 * row + 1] = source.normal();
    clk[row] = source.uniform() < 0.4 ? 1 : 0;
    buy[row] = clk[row] === 1 && source.uniform() < 0.5 ? 1 : 0;
    weight[row] = 0.5 + source.uniform();
    for (let k = source.integer(4); k > 0; k--) {
      ids.push(source.integer(12));
      weights.push(source.uniform());
    }
    offsets[row + 1] = ids.length;
  }
  return {
    rows,
    features: new Map([
      ["user", { kind: "ids", ids: user } as const],
      ["tags", { kind: "bag", offsets, ids: Int32Array.from(ids), weights: Float32Array.from(weights) } as const],
      ["scene", { kind: "ids", ids: scene } as const],
      ["price", { kind: "dense", dim: 2, values: price } as const],
    ]),
    labels: new Map([
      ["clk", clk],
      ["buy", buy],
      ["scene", Float32Array.from(scene)],
    ]),
    sampleWeights: new Map([["w", weight]]),
    domains: scene,
    warnings: [],
  };
}

/** Rows `from` … `to − 1` in an order that mixes domains. */
export function rowsBetween(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => to - 1 - i);
}

/** Adds to the gradient of a table's row. */
export function addGradient(table: EmbeddingTable, row: number, gradient: Float32Array): void {
  const places = Int32Array.of(row);
  table.gradientPlaces(places, 1);
  addScaled(table.gradient, places[0]! * table.dim, gradient, 0, table.dim, 1);
}
