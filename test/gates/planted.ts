/** A small model, and generated rows whose domains do, or do not, change what a click depends on. */
import { pepnet, type Run } from "../../src/api/index.js";
import { idFeature } from "../../src/index.js";
import { random } from "../../src/util/random.js";

const model = pepnet()
  .features(idFeature("item").buckets(20).embedding(4), idFeature("scene").buckets(2).embedding(4))
  .labels("clk", "scene")
  .group("domain", ["scene"])
  .group("uia", ["item"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", ["feed", "<b>live</b>"])
  .tower("ctr", (t) => t.label("clk").mlp(4).bce());

/** Items are liked or not; where `planted`, the other way round in the second scene. */
export function rows(count: number, seed: number, planted: boolean): Record<"item" | "scene" | "clk", number[]> {
  const source = random(seed);
  const item = Array.from({ length: count }, () => source.integer(20));
  const scene = Array.from({ length: count }, () => source.integer(2));
  const clk = item.map((id, row) => {
    const liked = (id % 2 === 0) !== (planted && scene[row] === 1);
    return source.uniform() < (liked ? 0.8 : 0.2) ? 1 : 0;
  });
  return { item, scene, clk };
}

export function train(seed: number, planted: boolean): Promise<Run> {
  const trained = model.train({ batchSize: 256, seed });
  return trained.fit(rows(8000, seed, planted), {
    epochs: 4,
    validation: rows(1500, seed + 100, planted),
    quiet: true,
  });
}
