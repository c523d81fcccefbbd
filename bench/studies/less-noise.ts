/**
 * `less-noise`: whether other rows for each seed, or weights averaged over a run's last evaluations, make a study need
 * fewer seeds. Trains a model and two variants with twelve seeds, on the same fifth of the rows held out and on a fifth by
 * seed; MovieLens-100K only if it lies in `../shared/data/ml-100k` (`PEPNET_SHARED`: the folder `shared`).
 */
import { existsSync } from "node:fs";
import { type Dataset, dataset } from "../../src/api/data/dataset.js";
import { pepnet } from "../../src/api/model/model.js";
import { openEngine } from "../../src/api/training/engines.js";
import type { Feature } from "../../src/core/builder/feature.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { adam, rowwiseAdagrad } from "../../src/core/builder/optimizers.js";
import { type EncodedRows, measuredColumns } from "../../src/core/data/encoded/streamed.js";
import type { Weights } from "../../src/core/engine/engine.js";
import { exactAuc } from "../../src/core/metrics/auc.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";
import { movielens100k, movielensDomains, movielensSizes } from "../../src/core/samples/movielens.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { predict } from "../../src/core/train/evaluate.js";
import { fit } from "../../src/core/train/loop/fit.js";
import { mean, sampleVariance } from "../../src/core/util/numbers.js";
import { random } from "../../src/core/util/random.js";
import { sharedPath } from "../../test/shared.js";
import type { Measurement, Report } from "../figure.js";

const [seeds, parts, study] = [12, 5, 5];
const variants = ["gamma-1", "ppnet-off"] as const;
const averaged = [4, 8] as const;
const draws = 100;

interface Log {
  readonly name: string;
  readonly data: Dataset;
  readonly label: string;
  spec(variant: string, seed: number): ModelSpec;
}

/** A trained run on its held-out rows: AUC of the last weights and of averages, and the last weights' scores. */
interface Trained {
  readonly auc: Readonly<Record<"last" | `average-${(typeof averaged)[number]}`, number>>;
  readonly scores: Float32Array;
  readonly labels: ArrayLike<number>;
}

export const lessNoiseMeasurement: Measurement = {
  name: "less-noise",
  onlyByName: true,
  async run(report) {
    const folder = sharedPath("data", "ml-100k");
    for (const log of [await generated(), ...(existsSync(folder) ? [await movielens(folder)] : [])])
      await measure(log, report);
  },
};

async function measure(log: Log, report: Report): Promise<void> {
  const halves = await encodedParts(log);
  const runs = new Map<string, Trained[]>();
  for (const variant of ["model", ...variants]) {
    for (const where of ["same", "by-seed"] as const) {
      const trained: Trained[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const part = where === "same" ? 0 : seed % parts;
        const known = where === "by-seed" && part === 0 ? runs.get(`${variant} same`)![seed - 1]! : null;
        trained.push(known ?? (await train(log.spec(variant, seed), log.label, halves[part]!)));
      }
      runs.set(`${variant} ${where}`, trained);
    }
  }
  for (const variant of variants) {
    const differences = (where: string, weights: keyof Trained["auc"]) =>
      runs
        .get(`${variant} ${where}`)!
        .map(({ auc }, at) => auc[weights] - runs.get(`model ${where}`)![at]!.auc[weights]);
    const rows = rowsVariance(runs.get(`model same`)!, runs.get(`${variant} same`)!);
    const same = differences("same", "last");
    const error = Math.sqrt(sampleVariance(same) / study + rows);
    const place = `less-noise.${log.name}.${variant}`;
    report(`${place}.error-of-five-seeds`, error, "ratio");
    const bySeed = Math.sqrt(sampleVariance(differences("by-seed", "last")) / study);
    report(`${place}.other-rows-by-seed.error-over`, bySeed / error, "ratio");
    const signal = (values: readonly number[]): number => mean(values) ** 2 / sampleVariance(values);
    for (const last of averaged) {
      const gain = signal(differences("same", `average-${last}`)) / signal(same);
      report(`${place}.average-of-${last}.seeds-over`, 1 / gain, "ratio");
    }
  }
  for (const last of averaged) {
    const change = runs.get("model same")!.map(({ auc }) => auc[`average-${last}`] - auc.last);
    report(`less-noise.${log.name}.model.average-of-${last}.auc-change`, mean(change), "ratio");
  }
}

/** [parts]: rows of the other parts to train on, and of this one, held out. */
async function encodedParts({ data, spec }: Log): Promise<(readonly [EncodedRows, EncodedRows])[]> {
  const source = random(7).fork("parts");
  const part = Array.from({ length: data.rows }, () => source.integer(parts));
  const rowsWhere = async (is: (of: number) => boolean): Promise<EncodedRows> => {
    const rows = Int32Array.from(part.flatMap((of, row) => (is(of) ? [row] : [])));
    return (await dataset(data.table.take(rows))).encode(spec("model", 1));
  };
  const all: (readonly [EncodedRows, EncodedRows])[] = [];
  for (let at = 0; at < parts; at++) all.push([await rowsWhere((of) => of !== at), await rowsWhere((of) => of === at)]);
  return all;
}

async function train(
  spec: ModelSpec,
  label: string,
  [rows, heldOut]: readonly [EncodedRows, EncodedRows],
): Promise<Trained> {
  const engine = await openEngine(spec, { threads: 1, prepare: true });
  const kept: Weights[] = [];
  await fit(engine, rows, heldOut, {
    evaluationsPerEpoch: 5,
    atEvaluation: async () => void kept.push(await engine.weights()),
  });
  const labels = (await measuredColumns(heldOut, new Set())).labels.get(label)!;
  const scores = async (of: typeof engine): Promise<Float32Array> => (await predict(of, heldOut))[0]!.probabilities;
  const last = await scores(engine);
  const auc: Record<string, number> = { last: exactAuc(last, labels)! };
  for (const count of averaged) {
    const other = await openEngine(spec, { threads: 1, weights: average(kept.slice(-count)) });
    auc[`average-${count}`] = exactAuc(await scores(other), labels)!;
    await other.dispose();
  }
  await engine.dispose();
  return { auc: auc as Trained["auc"], scores: last, labels };
}

function average(all: readonly Weights[]): Weights {
  const means = [...all[0]!].map(([name, weight]) => {
    const sums = weight.data.map((_, at) => mean(all.map((each) => each.get(name)!.data[at]!)));
    return [name, { ...weight, data: sums }] as const;
  });
  return new Map(means);
}

/** What the choice of rows adds to the mean difference over many seeds: the mean covariance of two seeds over draws. */
function rowsVariance(models: readonly Trained[], others: readonly Trained[]): number {
  const source = random(9).fork("draws");
  const labels = Float32Array.from(models[0]!.labels);
  const differences = models.map((): number[] => []);
  for (let draw = 0; draw < draws; draw++) {
    const rows = Int32Array.from(labels, () => source.integer(labels.length));
    const drawnLabels = Float32Array.from(rows, (row) => labels[row]!);
    const auc = ({ scores }: Trained): number =>
      exactAuc(
        Float32Array.from(rows, (row) => scores[row]!),
        drawnLabels,
      )!;
    for (const [at, model] of models.entries()) differences[at]!.push(auc(others[at]!) - auc(model));
  }
  const sums = differences[0]!.map((_, draw) => differences.reduce((sum, each) => sum + each[draw]!, 0));
  const alone = differences.reduce((sum, each) => sum + sampleVariance(each), 0);
  return Math.max(0, (sampleVariance(sums) - alone) / (seeds * (seeds - 1)));
}

interface LogModel {
  readonly features: readonly Feature<string>[];
  readonly label: string;
  readonly domain: string;
  readonly names: readonly string[];
  readonly keys: readonly string[];
  readonly epochs: number;
}

function modelOf({ features, label, domain, names, keys, epochs }: LogModel): Log["spec"] {
  return (variant, seed) => {
    const plain = pepnet()
      .features(...features)
      .labels(label, domain)
      .group("domain", [domain]);
    const gated = variant === "ppnet-off" ? plain : plain.group("uia", keys).ppnet({ hidden: [32, 16] });
    return gated
      .epnet({ gamma: variant === "gamma-1" ? 1 : 2 })
      .domains(domain, names)
      .tower("ctr", (t) => t.label(label).mlp(16).bce())
      .train({ epochs, batchSize: 512, dense: adam(1e-3), sparse: rowwiseAdagrad(0.02), seed }).spec;
  };
}

async function generated(): Promise<Log> {
  const ids = ["user_id", "adgroup_id", "cate_id", "brand"].map((name) => idFeature(name).hash(4_000).embedding(8));
  const levels = ["age_level", "shopping_level"].map((name) => idFeature(name).hash(16).embedding(8));
  const features = [...ids, ...levels, idFeature("occupation").buckets(3).embedding(8)];
  const names = ["student", "worker", "retired"];
  const keys = ["user_id", "adgroup_id"];
  return {
    name: "generated",
    data: await dataset(taobaoLike({ rows: 60_000, seed: 11, users: 3_000, ads: 1_500 }).table),
    label: "clk",
    spec: modelOf({ features, label: "clk", domain: "occupation", names, keys, epochs: 2 }),
  };
}

async function movielens(folder: string): Promise<Log> {
  const ids = ["user_id", "item_id", "age_domain", "age", "gender"].map((name) =>
    idFeature(name).buckets(movielensSizes[name]!).embedding(8),
  );
  const features = [...ids, idFeature("occupation").hash(100).embedding(8)];
  const keys = ["user_id", "item_id"];
  return {
    name: "movielens",
    data: await dataset(await movielens100k(folder)),
    label: "click",
    spec: modelOf({ features, label: "click", domain: "age_domain", names: movielensDomains, keys, epochs: 3 }),
  };
}
