/** A model with every kind of feature, and rows for it: with gaps, empty lists, ids and values that nobody knows. */

import { random } from "../../../src/core/util/random.js";
import { type AnyModel, comboFeature, idFeature, pepnet, rawFeature } from "../../../src/index.js";

/** Every kind of feature, three domains, every kind of output; features that have names of the program's own inputs. */
export const everyFeature: AnyModel = pepnet()
  .features(
    idFeature("user").buckets(40).embedding(4),
    idFeature("scene").buckets(3).embedding(3),
    idFeature("domain").hash(64).embedding(4),
    idFeature("uia").hash(5000).default("nobody").embedding(4).expression("user:nick"),
    idFeature("city").vocab(["Århus", "Bonn", "__proto__"]).embedding(4),
    idFeature("shelf").vocabDict({ top: 2, low: 3 }).defaultBucket(1).embedding(2),
    idFeature("tags").hash(32).multiValue("|").embedding(4, { pooling: "mean" }),
    idFeature("likes").buckets(20).multiValue("|").weighted().embedding(4),
    idFeature("history").buckets(20).weighted().embedding(4, { pooling: "mean" }),
    idFeature("left").buckets(12).default(3).embedding(4, { sharedAs: "sides" }),
    idFeature("right").buckets(12).embedding(4, { sharedAs: "sides" }),
    rawFeature("price"),
    rawFeature("age").boundaries([18, 30, 60.1]).normalize("method=minmax,min=-1,max=0").embedding(3),
    rawFeature("clicks").normalize({ method: "log10", threshold: 0.05, default: -5 }),
    rawFeature("clicks_log").expression("item:clicks").log1p(),
    rawFeature("clicks_mix").expression("item:clicks").log1p().autodis(3, { channels: 4, temperature: 0.5 }),
    rawFeature("price_line").expression("item:price").mlp(2),
    rawFeature("price_pieces").expression("item:price").piecewise(6, 2),
    rawFeature("clicks_pieces").expression("item:clicks").log1p().piecewise(4, 3).default(2),
    rawFeature("place")
      .dims(3)
      .multiValue(";")
      .default(0.5)
      .normalize({ method: "zscore", mean: 1, standardDeviation: 2 }),
    comboFeature("cross", ["context:scene", "item:city", "item:tags"]).hash(100).multiValue("|").embedding(4),
  )
  .labels("clk", "kind", "stars", "watch")
  .group("domain", ["scene", "domain"])
  .group("uia", ["user", "price_line", "tags", "price"])
  .epnet()
  .ppnet({ hidden: [8, 6] })
  .domains("scene", ["feed", "search", "live"])
  .tower("ctr", (t) => t.label("clk").mlp(6).bce())
  .tower("kind", (t) => t.label("kind").mlp(6, { layerNorm: true }).softmax(2))
  .tower("stars", (t) => t.label("stars").softmax(3))
  .tower("watch", (t) => t.label("watch").mlp(6, { batchNorm: true }).l2())
  .train({ batchSize: 64, seed: 3, emaDecay: 0.5, epochs: 2 });

/** Rows as objects, whose values JSON can hold. */
export function rowsOfEveryKind(count: number, seed: number): Record<string, unknown>[] {
  const source = random(seed);
  const maybe = <T>(value: T): T | null => (source.uniform() < 0.1 ? null : value);
  const several = (make: () => string): string => Array.from({ length: source.integer(4) }, make).join("|");
  const oneOf = <T>(values: readonly T[]): T => values[source.integer(values.length)] as T;
  return Array.from({ length: count }, () => ({
    user: maybe(source.integer(44)),
    scene: source.integer(3),
    domain: maybe(oneOf(["α", "", "a longer text than eight bytes", "x7"])),
    nick: maybe(`nick ${source.integer(300)}`),
    city: maybe(oneOf(["Århus", "Bonn", "__proto__", "constructor", "Celle"])),
    shelf: maybe(oneOf(["top", "low", "none"])),
    tags: several(() => oneOf(["red", "green", "blue", "grün"])),
    likes: several(() => `${source.integer(22)}:${oneOf(["0.5", "2", "-1.25"])}`),
    history: Array.from({ length: source.integer(5) }, () => `${source.integer(20)}:${source.integer(4)}`),
    left: maybe(source.integer(12)),
    right: maybe(source.integer(12)),
    price: maybe(source.normal()),
    age: maybe(oneOf([17, 18, 29.5, 30, 60.1, 60.2, 90, -3])),
    clicks: maybe(oneOf([0, 0.05, 0.06, 10, 1234.5])),
    place: maybe(`${source.normal()};2;${source.integer(9)}`),
    clk: source.integer(2),
    kind: source.integer(2),
    stars: source.integer(3),
    watch: source.normal(),
  }));
}
