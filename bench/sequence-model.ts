/** *sequence*: *tasks* with the user's last 50 clicks, read by DIN; and rows for it. */

import type { BagColumn, EncodedData } from "../src/core/data/encoded/encoded.js";
import type { FeatureSpec, IdFeatureSpec } from "../src/core/spec/feature/feature.js";
import { defaultFeatures, type ModelSpec } from "../src/core/spec/model.js";
import { sharedInts } from "../src/core/util/called-thread.js";
import { random } from "../src/core/util/random.js";
import { rowsFor, tasksSpec } from "./models.js";

/** Positions of every row: the most that DIN reads, so that skipping padding would save nothing. */
const length = 50;
/** What a click consists of; the same fields of the shown ad are the query. */
const fields = ["adgroup_id", "cate_id", "brand"];

/** *tasks* with DIN [64, 16] over 50 clicks of 3 × 16 columns; the output is part of the group `all`. */
export function sequenceSpec(): ModelSpec {
  const tasks = tasksSpec();
  const clicks = fields.map((name) => clicked(tasks.features.find((feature) => feature.name === name)!));
  const mlp = { hidden: [64, 16], activation: "nn.ReLU", batchNorm: false, layerNorm: false, dropout: [], bias: true };
  const group = { name: "clicks", features: [...fields, ...clicks.map(({ name }) => name)], suffix: null };
  const encoder = { kind: "din", input: "clicks", maxLength: length, mlp: { ...mlp, extra: {} }, extra: {} } as const;
  return {
    ...tasks,
    features: [...tasks.features, ...clicks],
    groups: [
      { name: "all", features: defaultFeatures(tasks), sequences: { groups: [group], encoders: [encoder] }, extra: {} },
      ...tasks.groups,
    ],
  };
}

function clicked(feature: FeatureSpec): IdFeatureSpec {
  if (feature.kind !== "id") throw new Error(`${feature.name} is not an id feature`);
  return {
    ...feature,
    name: `click__${feature.name}`,
    embeddingName: feature.embeddingName ?? `${feature.name}_emb`,
    sequence: { of: "click", length, delimiter: ";", extra: {} },
  };
}

/** Encoded rows; every click is an ad of another row, so that popular ads are clicked more. */
export async function sequenceRows(rows: number): Promise<EncodedData> {
  const data = await rowsFor(tasksSpec(), rows);
  const source = random(11);
  const shown = Int32Array.from({ length: rows * length }, () => source.integer(rows));
  const offsets = sharedInts(rows + 1);
  for (let row = 0; row <= rows; row++) offsets[row] = row * length;
  const clicks = fields.map((name): [string, BagColumn] => {
    const column = data.features.get(name);
    if (column?.kind !== "ids") throw new Error(`${name} has several ids per row`);
    const ids = sharedInts(shown.length);
    for (const [at, row] of shown.entries()) ids[at] = column.ids[row]!;
    return [`click__${name}`, { kind: "bag", offsets, ids, weights: null }];
  });
  return { ...data, features: new Map([...data.features, ...clicks]) };
}
