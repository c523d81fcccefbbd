/** Metrics of training batches: against the losses and probabilities of models that do not learn, and across restarts. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import type { EngineName } from "../../../src/core/engine/engine.js";
import { thresholdAuc } from "../../../src/core/metrics/auc.js";
import { random } from "../../../src/core/util/random.js";
import { loadRun, type Run } from "../../../src/index.js";
import { historySheet, aucPanels as trainingCurves } from "../../../src/lab/views/history.js";

const folder = mkdtemp(path.join(os.tmpdir(), "pepnet-train-metrics-"));
afterAll(async () => rm(await folder, { recursive: true }));

const source = random(3);
const rows = Array.from({ length: 640 }, (_, i) => ({
  uid: source.integer(30),
  scene: i % 3 === 0 ? 0 : 1,
  clk: source.uniform() < 0.4 ? 1 : 0,
  buy: source.uniform() < 0.3 ? 1 : 0,
  amt: source.normal(),
}));

const config = (lr: number, more = "", train = "") => `
train_config { sparse_optimizer { sgd_optimizer { lr: ${lr} } constant_learning_rate {} } dense_optimizer { sgd_optimizer { lr: ${lr} } constant_learning_rate {} } num_epochs: 2 ${train} }
data_config { batch_size: 64 label_fields: ["clk", "buy", "amt", "scene"] shuffle: false fg_mode: FG_NORMAL }
feature_configs { id_feature { feature_name: "user" expression: "user:uid" num_buckets: 30 embedding_dim: 4 init_fn: "nn.init.normal_,std=2" } }
feature_configs { id_feature { feature_name: "scene" expression: "context:scene" num_buckets: 2 embedding_dim: 4 } }
model_config {
  feature_groups { group_name: "all" feature_names: ["user", "scene"] group_type: DEEP }
  pepnet { domain_input_name: "scene" task_domain_num: 2
    task_towers { tower_name: "ctr" label_name: "clk" mlp { hidden_units: 6 } losses { binary_cross_entropy {} }
      train_metrics { auc { thresholds: 50 } decay_rate: 0.8 decay_step: 2 } train_metrics { accuracy {} decay_step: 5 } metrics { auc {} } }
    task_towers { tower_name: "cvr" label_name: "buy" losses { binary_cross_entropy {} } task_space_indicator_label: "clk" out_task_space_weight: 0
      train_metrics { auc {} decay_step: 1 decay_rate: 0 } ${more} }
    task_towers { tower_name: "gmv" label_name: "amt" losses { l2_loss {} } train_metrics { mean_squared_error {} decay_step: 1 decay_rate: 0 } }
  } }`;

const fitted = (text: string, engine: EngineName, more: object = {}): Promise<Run> =>
  pepnet.fromConfig(text).fit(rows, { engine, threads: 1, validation: null, quiet: true, ...more });

const metricsOf = (run: Run) => run.history.points.map(({ trainMetrics }) => trainMetrics!);

describe.each([
  ["compiled", 1],
  ["compiled", 2],
  ["wasm", 1],
] as const)("metrics of training batches on %s with %i threads", (engine, threads) => {
  it("are those of the batch's predictions before its step, over all rows, by the row's domain", async () => {
    const run = await fitted(config(0), engine, { threads });
    const found = metricsOf(run);
    expect(found).toHaveLength(20);
    const columns = await (await run.predict(rows)).toColumns();
    const [ctr, cvr, gmv] = ["probs_ctr", "probs_cvr", "y_gmv"].map((name) => columns[name] as number[]);
    const counts: { scores: Float32Array; labels: Float32Array }[] = [];
    for (const [step, point] of found.entries()) {
      const from = (step % 10) * 64;
      const part = (values: readonly number[]) => Float32Array.from(values.slice(from, from + 64));
      const labels = (name: "clk" | "buy" | "amt") => part(rows.map((row) => row[name]));
      // All rows count, also those outside of the task's space.
      expect(point["auc_cvr"]).toBeCloseTo(thresholdAuc(part(cvr!), labels("buy"))!, 5);
      const errors = part(gmv!).map((value, i) => (value - labels("amt")[i]!) ** 2);
      expect(point["mean_squared_error_gmv"]).toBeCloseTo(errors.reduce((a, b) => a + b) / 64, 5);
      counts.push({ scores: part(ctr!), labels: labels("clk") });
      if (step === 0) expect(point["auc_ctr"]).toBe(0);
      const [first, second] = counts as [(typeof counts)[0], (typeof counts)[0]];
      const both = (key: "scores" | "labels") => Float32Array.from([...first[key], ...second[key]]);
      if (step === 1) expect(point["auc_ctr"]).toBeCloseTo(thresholdAuc(both("scores"), both("labels"), 50)!, 6);
      if (step < 4) expect(point["accuracy_ctr"]).toBe(0);
    }
    const right = counts
      .slice(0, 5)
      .flatMap(({ scores, labels }) => [...scores].map((p, i) => (p > 0.5 ? 1 : 0) === labels[i]));
    expect(found[4]!["accuracy_ctr"]).toBeCloseTo(right.filter(Boolean).length / 320, 6);
    await run.dispose();
  });
});

describe("train metrics", () => {
  it("change nothing in training", async () => {
    const text = config(0.1);
    const [one, other] = [
      await fitted(text, "compiled"),
      await fitted(text.replaceAll(/train_metrics \{[^}]*\}[^}]*\}/g, ""), "compiled"),
    ];
    expect(metricsOf(other).every((each) => each === undefined)).toBe(true);
    const weights = await other.weights();
    for (const [name, { data }] of await one.weights())
      for (const [i, value] of data.entries()) expect(weights.get(name)!.data[i]).toBeCloseTo(value, 5);
  });

  it("go on where they were after a restart, to the same bits", async () => {
    const text = config(0.1);
    const whole = await fitted(text, "compiled");
    const target = path.join(await folder, "resumed");
    const stop = new AbortController();
    const checkpoints = { folder: target, everySteps: 5 };
    const onStep = ({ step }: { step: number }) => step === 7 && stop.abort();
    await fitted(text, "compiled", { checkpoints, signal: stop.signal, onStep });
    const resumed = await fitted(text, "compiled", { checkpoints: { ...checkpoints, existing: "resume" } });
    expect(metricsOf(resumed)).toEqual(metricsOf(whole));
    expect(metricsOf(await loadRun(target))).toEqual(metricsOf(whole));
    // Predictions of batches are not kept.
    expect(await readFile(path.join(target, "history.json"), "utf8")).not.toContain("predictions");
    const names = historySheet(whole.history).columns.flatMap(({ key }) => key ?? []);
    expect(names.filter((name) => name.startsWith("train_"))).toEqual(
      Object.keys(metricsOf(whole)[0]!).map((name) => `train_${name}`),
    );
    const evaluated = await fitted(text, "compiled", { validation: rows.slice(0, 200), quiet: true });
    const curves = JSON.stringify(trainingCurves(evaluated.history));
    expect(curves).toContain("training batches");
    expect(JSON.stringify(trainingCurves({ ...evaluated.history, points: [] }))).not.toContain("training batches");
  });

  it("of the builder are the tower's, as far as TorchEasyRec has them", () => {
    const { towers } = pepnet
      .fromConfig(config(0))
      .tower("more", (t) =>
        t.label("clk").bce().auc({ thresholds: 20 }).accuracy().normalizedEntropy().whileTraining({ decayStep: 9 }),
      ).spec;
    expect(towers.at(-1)!.trainMetrics).toEqual([
      { kind: "auc", thresholds: 20, decayRate: 0.9, decayStep: 9 },
      { kind: "accuracy", threshold: 0.5, topK: 1, decayRate: 0.9, decayStep: 9 },
    ]);
  });

  it.each([
    ["recall_at_k {}", /train_metrics\[1\]|trainMetrics\[1\][\s\S]*PEPNet does not compute recall_at_k/],
    ["mean_absolute_error {}", /task_towers\[1\]\.train_metrics\[1\][\s\S]*needs a tower with l2_loss/],
    ["auc {} decay_step: 0", /train_metrics\[1\]\.decay_step[\s\S]*received: 0/],
    ["auc {} decay_rate: 1.5", /train_metrics\[1\]\.decay_rate[\s\S]*received: 1.5/],
  ])("%s is refused by its place", async (metric, message) => {
    const open = async () => fitted(config(0, `train_metrics { ${metric} }`), "compiled");
    await expect(open()).rejects.toThrow(message);
  });
});
