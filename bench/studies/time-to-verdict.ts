/**
 * `time-to-verdict`: runs and seconds until three questions about a generated log are settled, with looks and against
 * the fixed design that studies had before: the same seeds for all, each comparison with its own variance, Bonferroni.
 * Its number of seeds is chosen before the first run, so it must be enough in most cases: the seeds' random orders.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dataset } from "../../src/api/data/dataset.js";
import { pepnet } from "../../src/api/model/model.js";
import type { AnyModel } from "../../src/api/model/types.js";
import type { Study } from "../../src/api/study/study.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { adagrad, adam } from "../../src/core/builder/optimizers.js";
import { studentQuantile } from "../../src/core/metrics/distributions.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";
import { mean, sampleVariance } from "../../src/core/util/numbers.js";
import { random } from "../../src/core/util/random.js";
import type { Measurement } from "../figure.js";
import { millis } from "../timing.js";
import { quantileOf } from "./simulate.js";
import { stoppedStudy } from "./stopping.js";

const questions = { "switches.epnet": [false], "ppnet.gamma": [4], "epnet.gamma": [1] };
const matters = 0.004;
/** Of comparisons over all rows: those by domain have the rest of the 5%. */
const level = 1 - 0.8 * 0.05;
const [atMost, pool] = [20, 30];
/** Random orders of the seeds: each is one case. */
const orders = 200;
/** Share of cases that a fixed design must settle. */
const power = 0.8;

export const timeToVerdictMeasurement: Measurement = {
  name: "time-to-verdict",
  onlyByName: true,
  async run(report) {
    const before = process.env["PEPNET_CACHE"];
    const cache = mkdtempSync(path.join(tmpdir(), "pepnet-bench-verdict-"));
    process.env["PEPNET_CACHE"] = cache;
    try {
      const log = taobaoLike({ rows: 120_000, seed: 11, users: 3_000, ads: 1_500 });
      const { train, validation } = await (await dataset(log.table)).split({ train: 1, validation: 1 }, { seed: 1 });
      const study = (seeds: number | { readonly atMost: number }): Promise<Study> =>
        logModel().ablate(train, {
          variants: questions,
          design: "one-at-a-time",
          validation,
          seeds,
          matters,
          quiet: true,
        });
      let looks: Study | null = null;
      const took = await millis(async () => {
        looks = await study({ atMost });
      });
      const [stopped, fixed] = [looks as unknown as Study, await study(pool)];
      for (const { name, runs } of stopped.variants.slice(1)) {
        const { verdict } = stopped.difference(name, "ctr")!;
        report(`time-to-verdict.seeds.${name.replaceAll(" ", "-")}`, runs.length, "count", { verdict: verdict.text });
      }
      const runs = stopped.variants.reduce((sum, variant) => sum + variant.runs.length, 0);
      report("time-to-verdict.runs", runs, "count");
      report("time-to-verdict.took", took, "ms");
      const values = fixed.variants.map(({ tasks }) => tasks[0]!.overall.bySeed as readonly number[]);
      const cases = Array.from({ length: orders }, (_, at) => shuffled(values, at + 1));
      const looked = cases.map(withLooks);
      const old = fixedSeeds(cases) * values.length;
      const median = quantileOf(
        looked.map((each) => each.runs),
        0.5,
      );
      report("time-to-verdict.median-runs", median, "count");
      report("time-to-verdict.settled", looked.filter(({ settled }) => settled).length / orders, "ratio");
      report("time-to-verdict.fixed-design-runs", old, "count");
      report("time-to-verdict.runs-over-fixed-design", median / old, "ratio");
    } finally {
      process.env["PEPNET_CACHE"] = before;
      rmSync(cache, { recursive: true, force: true });
    }
  },
};

function logModel(): AnyModel {
  const ids = ["user_id", "adgroup_id", "cate_id", "brand"].map((name) => idFeature(name).hash(4_000).embedding(8));
  const levels = ["age_level", "shopping_level"].map((name) => idFeature(name).hash(16).embedding(8));
  return pepnet()
    .features(...ids, ...levels, idFeature("occupation").buckets(3).embedding(8))
    .labels("clk", "occupation")
    .group("domain", ["occupation"])
    .group("uia", ["user_id", "adgroup_id"])
    .epnet({ gamma: 2 })
    .ppnet({ hidden: [32, 16], gamma: 2 })
    .domains("occupation", ["student", "worker", "retired"])
    .tower("ctr", (t) => t.label("clk").mlp(16).bce().auc())
    .train({ epochs: 2, batchSize: 512, dense: adam(2e-3), sparse: adagrad(0.1) }) as AnyModel;
}

/** Seeds of the smallest fixed design that settles everything in most cases; `pool` if none does. */
function fixedSeeds(cases: readonly (readonly (readonly number[])[])[]): number {
  let seeds = 2;
  while (seeds < pool && cases.filter((values) => settles(values, seeds)).length < power * cases.length) seeds++;
  return seeds;
}

function settles([model, ...variants]: readonly (readonly number[])[], seeds: number): boolean {
  return variants.every((variant) => {
    const differences = variant.slice(0, seeds).map((value, seed) => value - model![seed]!);
    const error = Math.sqrt(sampleVariance(differences) / seeds);
    const [distance, tails] = [Math.abs(mean(differences)), (1 - level) / variants.length];
    const [both, one] = [studentQuantile(tails, seeds - 1), studentQuantile(2 * tails, seeds - 1)];
    return distance > both * error || distance + one * error < matters;
  });
}

/** A study with looks, if the seeds came in this order. */
function withLooks(values: readonly (readonly number[])[]): { runs: number; settled: boolean } {
  const study = [values.map((runs) => runs.slice(0, atMost).map((value) => ({ value })))];
  const { runs, comparisons } = stoppedStudy(study, { matters, level });
  return { runs, settled: comparisons.every(({ kind }) => kind !== null) };
}

function shuffled(values: readonly (readonly number[])[], seed: number): number[][] {
  const source = random(seed).fork("order of seeds");
  const keys = values[0]!.map(() => source.uniform());
  const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
  return values.map((runs) => order.map((at) => runs[at]!));
}
