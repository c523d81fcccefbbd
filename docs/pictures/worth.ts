/** What PEPNet is worth on a small made-up log: the chart as `run.worth()` draws it. */
import { random } from "../../src/core/util/random.js";
import { type AnyModel, adagrad, adam, type Dataset, dataset, idFeature, pepnet } from "../../src/index.js";
import { claim, type Picture } from "./picture.js";

const scenes = ["feed", "search", "live"] as const;
const shares = [0.5, 0.3, 0.2];
const items = 60;

/** By scene the weights of two tastes: live, of few rows, shares what it likes with search. */
const weights = [
  [1.4, 0],
  [0.5, 1.3],
  [0.2, 1.2],
] as const;

function rows(seed: number, count: number): Promise<Dataset> {
  const [first, second] = [1, 2].map((taste) =>
    Array.from({ length: items }, (_, item) =>
      random(item + 1)
        .fork(`taste ${taste}`)
        .normal(),
    ),
  ) as [number[], number[]];
  const source = random(seed).fork("worth");
  return dataset(
    Array.from({ length: count }, (_, row) => {
      const at = source.uniform();
      const scene = at < shares[0]! ? 0 : at < shares[0]! + shares[1]! ? 1 : 2;
      const item = source.integer(items);
      const [a, b] = weights[scene]!;
      const chance = 1 / (1 + Math.exp(0.5 - a * first[item]! - b * second[item]!));
      return { user: Math.floor(row / 8), item, scene, click: source.uniform() < chance ? 1 : 0 };
    }),
  );
}

function model(): AnyModel {
  return pepnet()
    .features(idFeature("item").buckets(items).embedding(8), idFeature("scene").buckets(3).embedding(4))
    .labels("click")
    .group("all", ["item"])
    .group("domain", ["scene"])
    .group("uia", ["item"])
    .epnet()
    .ppnet({ hidden: [16] })
    .domains("scene", [...scenes])
    .tower("ctr", (t) => t.label("click").mlp(8).bce().auc())
    .train({ batchSize: 256, epochs: 4, dense: adam(4e-3), sparse: adagrad(0.08) }) as unknown as AnyModel;
}

export async function worth(): Promise<Picture> {
  const [train, test] = [await rows(1, 4_000), await rows(2, 20_000)];
  const run = await model().fit(train, { validation: test, quiet: true, threads: 2 });
  const result = await run.worth(test, { user: "user", seeds: 8, quiet: true, cache: false });
  console.log(String(result));
  claim(
    result.cells.some(({ domain, verdict }) => domain !== null && verdict === "gains"),
    "PEPNet gains in a domain",
  );
  return { chart: await result.chart(), says: {} };
}
