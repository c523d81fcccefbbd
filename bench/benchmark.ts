/** `benchmark`: every baseline on MovieLens-100K by the protocol of Scenario-Wise-Rec, as docs/benchmark.md describes. */
import { existsSync } from "node:fs";
import path from "node:path";
import { copyRows } from "../src/core/data/encoded/copies.js";
import { aucFloors } from "../src/core/train/floor.js";
import { fitLogisticRegression } from "../src/core/train/logistic-regression.js";
import { mean } from "../src/core/util/numbers.js";
import {
  adam,
  baselines,
  type Dataset,
  dataset,
  idFeature,
  movielens100k,
  movielensDomains,
  pepnet,
  rawFeature,
  movielensSizes as sizes,
} from "../src/index.js";
import { halvesOf } from "../src/lab/ablation/own-length.js";
import type { Measurement } from "./figure.js";
import { sharedFolder } from "./models.js";

const data = path.join(sharedFolder, "data", "ml-100k");
const seeds = Number(process.env.PEPNET_BENCHMARK_SEEDS ?? 10);

const dim = 16;
/** Of everything, tables too, as PyTorch's `Adam(model.parameters(), lr, weight_decay)`. */
const optimiser = adam(1e-3, { weightDecay: 1e-5 });

/** The fields of Scenario-Wise-Rec; its layers of EPNet, PPNet and STAR are 128, 64 and 32. */
export const benchmarkModel = pepnet()
  .features(
    idFeature("user_id").buckets(sizes.user_id!).embedding(dim),
    idFeature("item_id").buckets(sizes.item_id!).embedding(dim),
    idFeature("gender").buckets(sizes.gender!).embedding(dim),
    idFeature("occupation").hash(100).embedding(dim),
    idFeature("zip").hash(5000).embedding(dim),
    idFeature("genre").hash(100).embedding(dim),
    idFeature("age_domain").buckets(sizes.age_domain!).embedding(dim),
    rawFeature("age").normalize({ method: "minmax", min: 7, max: 73 }),
  )
  .labels("click", "age_domain")
  .group("domain", ["age_domain"])
  .group("uia", ["user_id", "item_id"])
  .ppnet({ hidden: [128, 64] })
  .domains("age_domain", movielensDomains)
  .tower("click", (t) => t.label("click").mlp(32).bce().auc())
  .train({ epochs: 100, batchSize: 4096, dense: optimiser, sparse: optimiser, tablePlacement: "dense" });

/** With the first genre, as Scenario-Wise-Rec takes it. */
async function ratings(): Promise<Dataset> {
  const columns = await (await dataset(await movielens100k(data))).toColumns();
  const genre = Array.from(columns["genres"] as ArrayLike<string>, (genres) => genres.split("|")[0]!);
  return (await dataset({ ...columns, genre } as never)) as Dataset;
}

/** A training half of 8 parts; of the others, a study chooses epochs by one part and compares models on the other. */
async function parts(): Promise<{ readonly train: Dataset; readonly held: Dataset }> {
  return (await ratings()).split({ train: 8, held: 2 }, { seed: 1, leaks: null });
}

/** AUC over all rows and by domain, on the rows that the study compares models on. */
async function logisticAucs({ train, held }: Awaited<ReturnType<typeof parts>>): Promise<readonly (number | null)[]> {
  const { spec } = benchmarkModel;
  const rows = await held.encode(spec);
  const test = await copyRows(rows, halvesOf(rows.rows, null).comparing);
  const regression = await fitLogisticRegression(spec, await train.encode(spec));
  const floor = (await aucFloors(spec, regression!, test)).get("click")!;
  return [floor.overall, ...floor.domains];
}

const variants = [
  ...baselines(benchmarkModel),
  {
    name: "one network for all domains",
    "switches.epnet": false,
    "switches.ppnet": false,
    "switches.sharedTowers": true,
  },
  { name: "EPNet alone", "switches.ppnet": false },
  { name: "PPNet alone", "switches.epnet": false },
];

export const benchmarkMeasurement: Measurement = {
  name: "benchmark",
  onlyByName: true,
  async run(report) {
    if (!existsSync(data)) return console.error(`benchmark: skipped, there is no ${data}`);
    const rows = await parts();
    const lines: string[][] = [];
    const places = ["all", ...movielensDomains.map((name) => name.replaceAll(/[ –]/g, "-"))];
    const add = (name: string, cells: readonly (readonly number[])[], difference = "", epochs = ""): void => {
      lines.push([name, ...cells.map(meanAndDeviation), difference, epochs]);
      cells.forEach((values, at) => {
        report(`benchmark.${name.replaceAll(/[ ,+]+/g, "-")}.${places[at]}.auc`, mean(values), "ratio");
      });
    };
    add(
      "logistic regression",
      (await logisticAucs(rows)).map((auc) => [auc ?? Number.NaN]),
    );
    const study = await benchmarkModel.ablate(rows.train, {
      validation: rows.held,
      variants,
      seeds,
      draws: 1000,
      earlyStopping: { patience: 4 },
      evaluationsPerEpoch: 1,
      quiet: true,
      onRun: ({ variant, seed, done, planned }) => console.error(`${done} of ${planned}: ${variant}, seed ${seed}`),
    });
    for (const { name, tasks, runs } of study.variants) {
      const { overall, domains } = tasks[0]!;
      const difference = study.difference(name, "click");
      const bounds = [difference?.mean, difference?.low, difference?.high].map((value) => value?.toFixed(4));
      add(
        name === "the model" ? "PEPNet" : name,
        [overall, ...domains].map(({ bySeed }) => bySeed as number[]),
        difference === null ? "" : `${bounds[0]} (${bounds[1]} to ${bounds[2]})`,
        runs.map(({ evaluations, bestStep }) => evaluations.find(({ step }) => step === bestStep)?.epoch).join(" "),
      );
    }
    console.error(lines.map((line) => `| ${line.join(" | ")} |`).join("\n"));
    console.error([...study.notes, ...(await study.conclusions())].join("\n"));
  },
};

/** The sample standard deviation over seeds. */
function meanAndDeviation(values: readonly number[]): string {
  const middle = mean(values);
  if (values.length < 2) return middle.toFixed(4);
  const squares = values.map((value) => (value - middle) ** 2);
  return `${middle.toFixed(4)} ± ${Math.sqrt((mean(squares) * values.length) / (values.length - 1)).toFixed(4)}`;
}
