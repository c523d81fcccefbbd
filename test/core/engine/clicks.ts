/** A small model with behaviour sequences, and rows for it: empty rows, rows that are cut, fields of unequal lengths. */

import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { sequenceFeature } from "../../../src/core/builder/sequence-feature.js";
import type { SequenceEncoder } from "../../../src/core/builder/sequences.js";
import type { BagColumn, EncodedData } from "../../../src/core/data/encoded/encoded.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { sharedInts } from "../../../src/core/util/called-thread.js";
import { random } from "../../../src/core/util/random.js";

const item = idFeature("item").buckets(20).embedding(4, { sharedAs: "item" });
const tag = idFeature("tag").buckets(9).multiValue("|").embedding(4);

const base = pepnet()
  .features(
    idFeature("user").buckets(30).embedding(4),
    item,
    idFeature("scene").buckets(2).embedding(2),
    sequenceFeature("click", { of: [item, rawFeature("price").dims(2)], length: 6 }),
    sequenceFeature("cart", { of: [tag], length: 6 }),
  )
  .labels("clk", "buy", "scene");

/** Encoders over clicks (item, two prices: 6 columns) and carts (tags: 4 columns); the query is an item of 4 columns. */
export type ClickEncoders = readonly SequenceEncoder<"click[]" | "cart[]", "item">[];

/** Two tasks and two domains, with these encoders in the group `all`. */
export function clicksSpec(all: ClickEncoders, uia: ClickEncoders = []): ModelSpec {
  return base
    .group("all", ["user", "item"], { sequences: all })
    .group("domain", ["scene"])
    .group("uia", ["user"], { sequences: uia })
    .ppnet({ hidden: [6] })
    .domains("scene", 2)
    .tower("ctr", (t) => t.label("clk").mlp(5).bce())
    .tower("cvr", (t) => t.label("buy").mlp(5).bce().taskSpace("clk", { in: 1, out: 0 })).spec;
}

/** Rows of up to eight positions; a fifth of them is empty. Prices are longer or shorter than the items of their row. */
export function clicksData(rows: number, { seed = 3, least = 0, most = 8 } = {}): EncodedData {
  const source = random(seed);
  const lengths = Array.from({ length: rows }, () =>
    least === 0 && source.uniform() < 0.2 ? 0 : least + source.integer(most - least + 1),
  );
  const ids = (count: number) => Int32Array.from({ length: rows }, () => source.integer(count));
  const scene = ids(2);
  const click = Float32Array.from(scene, () => (source.uniform() < 0.4 ? 1 : 0));
  return {
    rows,
    features: new Map<string, { kind: "ids"; ids: Int32Array } | BagColumn>([
      ["user", { kind: "ids", ids: ids(30) }],
      ["item", { kind: "ids", ids: ids(20) }],
      ["scene", { kind: "ids", ids: scene }],
      ["click__item", bag(lengths.map((length) => Array.from({ length }, () => source.integer(20))))],
      [
        "click__price",
        numbers(
          lengths.map((length) => Math.max(0, length - 1 + source.integer(3))),
          source.normal,
        ),
      ],
      ["cart__tag", bag(lengths.map((length) => Array.from({ length }, () => tags(source)).flat()))],
    ]),
    labels: new Map([
      ["clk", click],
      ["buy", click.map((clicked) => (clicked === 1 && source.uniform() < 0.5 ? 1 : 0))],
      ["scene", Float32Array.from(scene)],
    ]),
    sampleWeights: new Map(),
    domains: scene,
    warnings: [],
  };
}

/** No tag to three tags of a position, and the −1 that ends it. */
function tags(source: ReturnType<typeof random>): number[] {
  return [...Array.from({ length: source.integer(4) }, () => source.integer(9)), -1];
}

function bag(rows: readonly (readonly number[])[]): BagColumn {
  const offsets = sharedInts(rows.length + 1);
  for (const [row, values] of rows.entries()) offsets[row + 1] = offsets[row]! + values.length;
  return { kind: "bag", offsets, ids: Int32Array.from(rows.flat()), weights: null };
}

/** Two numbers a position. */
function numbers(lengths: readonly number[], draw: () => number): BagColumn {
  const column = bag(lengths.map((length) => new Array(2 * length).fill(0)));
  return { ...column, weights: Float32Array.from(column.ids, () => draw()) };
}
