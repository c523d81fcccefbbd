/** A model with every sequence encoder and every kind of sequence feature, and rows for it, empty sequences included. */

import { random } from "../../../src/core/util/random.js";
import {
  type AnyModel,
  din,
  idFeature,
  multiWindowDin,
  pepnet,
  pooling,
  rawFeature,
  selfAttention,
  sequenceFeature,
  simpleAttention,
} from "../../../src/index.js";

const item = idFeature("item").buckets(30).embedding(4, { sharedAs: "item" });

/** Every encoder; clicks of all kinds of values, and purchases of another length. */
export const everySequence: AnyModel = pepnet()
  .features(
    item,
    idFeature("brand").hash(50).embedding(4),
    idFeature("tags").hash(32).multiValue("|").embedding(3, { pooling: "mean" }),
    rawFeature("price"),
    sequenceFeature("clicks", {
      of: [
        item,
        idFeature("brand").vocab(["ash", "Birke", "__proto__"]).default("ash").embedding(4),
        idFeature("tags").hash(16).multiValue("|").embedding(3, { pooling: "mean" }),
        rawFeature("price").normalize({ method: "minmax", min: 0, max: 4 }).default(0.5),
        rawFeature("place").dims(2),
        rawFeature("age").boundaries([1, 2.5, 7]).embedding(2),
      ],
      length: 6,
    }),
    idFeature("buys").hash(40).embedding(4).sequence({ length: 4, delimiter: "/" }),
  )
  .labels("clk")
  .group("all", ["item", "brand", "price", "buys"], {
    sequences: [
      din("clicks", { query: ["item", "tags"], hidden: [6, 4], activation: "Dice" }),
      pooling("clicks", { maxLength: 2 }),
      multiWindowDin("clicks", { query: ["item", "tags"], windows: [1, 2, 9], hidden: [5] }),
      simpleAttention("buys", { query: ["brand"], tables: "own" }),
      selfAttention("buys", { dim: 4, heads: 2, tables: "own" }),
    ],
  })
  .group("uia", ["brand"], { sequences: [pooling("buys", { pooling: "sum", name: "bought", tables: "uia" })] })
  .ppnet({ hidden: [6] })
  .tower("ctr", (t) => t.label("clk").mlp(4).bce())
  .train({ batchSize: 64, seed: 3, epochs: 1 });

/** Rows as objects, whose values JSON can hold. */
export function rowsWithSequences(count: number, seed: number): Record<string, unknown>[] {
  const source = random(seed);
  const oneOf = <T>(values: readonly T[]): T => values[source.integer(values.length)] as T;
  const list = <T>(length: number, make: () => T): T[] => Array.from({ length }, make);
  return list(count, () => {
    const length = source.integer(9);
    return {
      item: source.integer(30),
      brand: oneOf(["ash", "Birke", "oak"]),
      tags: list(source.integer(3), () => oneOf(["red", "blue", "grün"])).join("|"),
      price: source.normal(),
      clicks__item: list(length, () => source.integer(33)),
      clicks__brand: list(length, () => oneOf(["ash", "Birke", "oak", ""])).join(";"),
      clicks__tags: list(Math.max(0, length - 1), () => list(source.integer(3), () => oneOf(["red", "blue"]))),
      clicks__price: list(length, () => oneOf(["", "1.5", "2", "-1"])).join(";"),
      clicks__place: list(length, () => [source.normal(), source.normal()]),
      clicks__age: list(length, () => oneOf([0, 1, 2.5, 9])),
      buys: list(source.integer(6), () => `item ${source.integer(60)}`).join("/"),
      clk: source.integer(2),
    };
  });
}
