/** A small model, and generated rows whose domains do, or do not, change what a click depends on. */

import { random } from "../../../src/core/util/random.js";
import {
  type AnyModel,
  adagrad,
  adam,
  type FitOptions,
  idFeature,
  pepnet,
  type Run,
  swapDomain,
} from "../../../src/index.js";

/** Two scenes, two fields of items and one of the scene. */
export const model = pepnet()
  .features(
    idFeature("item").buckets(20).embedding(4),
    idFeature("mood").buckets(20).embedding(4),
    idFeature("scene").buckets(2).embedding(4),
  )
  .labels("clk", "scene")
  .group("domain", ["scene"])
  .group("uia", ["item"])
  .epnet()
  .ppnet({ hidden: [16] })
  .domains("scene", ["feed", "<b>live</b>"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce());

/** Items and moods are liked or not; where `planted`, items the other way round in the second scene. */
export function rows(
  count: number,
  seed: number,
  planted: boolean,
): Record<"item" | "mood" | "scene" | "clk", number[]> {
  const source = random(seed);
  const draw = (below: number): number[] => Array.from({ length: count }, () => source.integer(below));
  const [item, mood, scene] = [draw(20), draw(20), draw(2)] as [number[], number[], number[]];
  const clk = item.map((id, row) => {
    const liked = (id % 2 === 0) !== (planted && scene[row] === 1);
    const chance = 0.5 + (liked ? 0.25 : -0.25) + (mood[row]! % 2 === 0 ? 0.15 : -0.15);
    return source.uniform() < chance ? 1 : 0;
  });
  return { item, mood, scene, clk };
}

/** Trained long enough to be near the best AUC, and not so long that its towers remember their own rows. */
export function train(seed: number, planted: boolean, options: FitOptions = {}, of: AnyModel = model): Promise<Run> {
  const trained = of.train({ batchSize: 256, seed, dense: adam(2e-3), sparse: adagrad(0.05) });
  const rest = { epochs: 2, validation: rows(1500, seed + 100, planted), quiet: true, ...options };
  return trained.fit(rows(16_000, seed, planted), rest);
}

/** What the swap of the domain says of AUC, and the fields that the ranking names, by seed. */
export async function truth(
  seeds: readonly number[],
  planted: boolean,
): Promise<{ low: number; high: number; named: readonly string[] }[]> {
  const found = [];
  for (const seed of seeds) {
    const run = await train(seed, planted);
    const swap = (await run.counterfactual(null, { changes: [swapDomain()] })).effect("another domain", "ctr");
    const ranking = await run.importance(null, { of: "domain" });
    found.push({ low: swap!.auc.low!, high: swap!.auc.high!, named: ranking.named("ctr") });
    await run.dispose();
  }
  return found;
}
