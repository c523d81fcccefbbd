/** Weights of losses by their gradients (`use_pareto_loss_weight`): which gradients weigh, and what a step then does. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { paretoWeights } from "../../../src/core/engine/core/pareto.js";
import type { EngineName, Weights } from "../../../src/core/engine/engine.js";
import { random } from "../../../src/core/util/random.js";
import { loadRun, type Run } from "../../../src/index.js";

const folder = mkdtemp(path.join(os.tmpdir(), "pepnet-pareto-"));
afterAll(async () => rm(await folder, { recursive: true }));

/** Every point with weights in steps, of sum 1. */
function* simplex(size: number, total: number, parts: number): Generator<number[]> {
  if (size === 1) yield [total];
  else
    for (let k = 0; k <= parts; k++)
      for (const rest of simplex(size - 1, total - (k * total) / parts, parts)) yield [(k * total) / parts, ...rest];
}

const length = (gram: number[][], w: readonly number[]): number =>
  w.reduce((sum, a, k) => sum + w.reduce((part, b, l) => part + a * b * gram[k]![l]!, 0), 0);

describe("the weights", () => {
  const source = random(5);
  const gradients = (size: number) =>
    Array.from({ length: size }, (_, k) => Array.from({ length: 6 }, () => source.normal() * (k + 1)));
  const gramOf = (rows: number[][]) =>
    rows.map((a) => rows.map((b) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)));

  it("are the shortest gradient's where none is at its minimum, among all weights", () => {
    let inside = 0;
    for (let trial = 0; trial < 60; trial++) {
      const gram = gramOf(gradients(3));
      const found = paretoWeights(gram, [0.05, 0, 0.1]);
      expect(found.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      if (!found.every((w, k) => w > [0.05, 0, 0.1][k]! + 0.01)) continue;
      inside++;
      const best = Math.min(...[...simplex(3, 0.85, 60)].map((w) => length(gram, [w[0]! + 0.05, w[1]!, w[2]! + 0.1])));
      expect(length(gram, found)).toBeLessThanOrEqual(best + 1e-12);
    }
    expect(inside).toBeGreaterThan(10);
  });

  it("are else the nearest to the best ones of any sign", () => {
    let outside = 0;
    for (let trial = 0; trial < 60; trial++) {
      const gram = gramOf(gradients(3));
      const least = [0.2, 0.1, 0];
      // Gradient descent along the plane of sum 1, from the middle: the best weights of any sign.
      let best = [1 / 3, 1 / 3, 1 / 3];
      for (let round = 0; round < 40_000; round++) {
        const slope = best.map((_, k) => best.reduce((sum, w, l) => sum + w * gram[k]![l]!, 0));
        const mean = slope.reduce((a, b) => a + b) / 3;
        best = best.map((w, k) => w - 0.005 * (slope[k]! - mean));
      }
      const distance = (w: readonly number[]) => Math.hypot(...w.map((value, k) => value - best[k]!));
      const found = paretoWeights(gram, least);
      if (best.some((w, k) => w < least[k]!)) outside++;
      for (const [k, w] of found.entries()) expect(w).toBeGreaterThanOrEqual(least[k]! - 1e-12);
      const nearest = Math.min(
        ...[...simplex(3, 0.7, 70)].map((w) => distance(w.map((value, k) => value + least[k]!))),
      );
      expect(distance(found)).toBeLessThanOrEqual(nearest + 1e-6);
    }
    expect(outside).toBeGreaterThan(10);
  });

  it.each([1, 2, 5])("of %i equal or absent gradients are equal", (size) => {
    const even = new Array<number>(size).fill(1 / size);
    for (const value of [0, 1e-12, 1, 1e6]) {
      const found = paretoWeights(
        even.map(() => even.map(() => value)),
        even.map(() => 0),
      );
      for (const [k, w] of found.entries()) expect(w).toBeCloseTo(even[k]!, 5);
    }
  });
});

const rows = Array.from({ length: 192 }, (_, i) => ({
  uid: (i * 7) % 20,
  iid: i % 9,
  scene: i % 2,
  hist__iid: `${i % 9};${(i * 5 + 4) % 9}`,
  clk: (i >> 2) % 2,
  buy: i % 3 === 0 ? 1 : 0,
}));

const encoder = `sequence_groups { group_name: "clicks" feature_names: ["item", "hist__iid"] } sequence_encoders { din_encoder { input: "clicks" attn_mlp { hidden_units: 4 } } }`;
const config = (sequences: boolean, model: string, towers: readonly [string, string], mlp = "") => `
train_config { sparse_optimizer { sgd_optimizer { lr: 1 } constant_learning_rate {} } dense_optimizer { sgd_optimizer { lr: 1 } constant_learning_rate {} } num_epochs: 1 }
data_config { batch_size: 64 label_fields: ["clk", "buy", "scene"] shuffle: false fg_mode: FG_NORMAL }
feature_configs { id_feature { feature_name: "user" expression: "user:uid" num_buckets: 20 embedding_dim: 4 embedding_constraints { sharding_types: "data_parallel" } } }
feature_configs { id_feature { feature_name: "item" expression: "item:iid" num_buckets: 9 embedding_dim: 8 embedding_constraints { sharding_types: "table_wise" } } }
feature_configs { id_feature { feature_name: "scene" expression: "context:scene" num_buckets: 2 embedding_dim: 4 } }
feature_configs { sequence_feature { sequence_name: "hist" sequence_length: 3 sequence_delim: ";" features { id_feature { feature_name: "iid" expression: "item:iid" num_buckets: 9 embedding_dim: 8 } } } }
model_config {
  feature_groups { group_name: "all" feature_names: ["user", "item"] group_type: DEEP ${sequences ? encoder : ""} }
  feature_groups { group_name: "domain" feature_names: "scene" group_type: DEEP }
  feature_groups { group_name: "uia" feature_names: "user" group_type: DEEP }
  pepnet { ppnet_hidden_units: [6] ppnet_dropout_ratio: 0.3 domain_input_name: "scene" task_domain_num: 2
    task_towers { tower_name: "ctr" label_name: "clk" mlp { hidden_units: 4 ${mlp} } losses { binary_cross_entropy {} } ${towers[0]} }
    task_towers { tower_name: "cvr" label_name: "buy" mlp { hidden_units: 4 ${mlp} } losses { binary_cross_entropy {} } task_space_indicator_label: "clk" out_task_space_weight: 0 ${towers[1]} }
  } ${model} }`;
const pareto = "use_pareto_loss_weight: true";

const fitted = (text: string, engine: EngineName, more: object = {}): Promise<Run> =>
  pepnet.fromConfig(text).fit(rows, { engine, threads: 1, steps: 1, validation: null, quiet: true, ...more });

describe.each(["compiled", "wasm"] as const)("a step on %s", (engine) => {
  it.each([false, true])(
    "follows the shortest gradient outside of sharded tables (sequences: %s)",
    async (sequences) => {
      const text = config(sequences, pareto, ["pareto_min_loss_weight: 0.1", ""]);
      const random = await (await fitted(text.replaceAll("lr: 1 ", "lr: 0 "), engine)).weights();
      // Larger weights, so that tables have larger gradients.
      const start = new Map(
        [...random].map(([name, { shape, data }]) => [name, { shape, data: data.map((w) => 3 * w) }]),
      );
      const move = async (model: string, towers: readonly [string, string]) => {
        const run = await fitted(config(sequences, model, towers), engine, { weights: start });
        const point = run.history.points.at(-1)!;
        const weights: Weights = await run.weights();
        await run.dispose();
        const moves = [...start].map(
          ([name, { data }]) => [name, data.map((value, i) => value - weights.get(name)!.data[i]!)] as const,
        );
        return { point, moves: new Map(moves) };
      };
      const alone = [await move("", ["", "weight: 0"]), await move("", ["weight: 0", ""])];
      const isMeasured = (name: string) => !name.includes(".emb_impls.");
      const products = (test: (name: string) => boolean) =>
        alone.map((a) =>
          alone.map((b) =>
            [...a.moves].reduce(
              (sum, [name, values]) =>
                test(name) ? values.reduce((part, value, i) => part + value * b.moves.get(name)![i]!, sum) : sum,
              0,
            ),
          ),
        );
      const weights = paretoWeights(products(isMeasured), [0.1, 0]);
      const together = await move(pareto, ["pareto_min_loss_weight: 0.1", ""]);
      const found = Object.values(together.point.lossWeights!);
      for (const [k, weight] of found.entries()) expect(weight).toBeCloseTo(weights[k]!, 5);
      // The test would notice other gradients.
      const others = [
        paretoWeights(
          products(() => true),
          [0.1, 0],
        ),
        ...(sequences
          ? [
              paretoWeights(
                products((name) => isMeasured(name) && !name.includes("seq_emb_impls")),
                [0.1, 0],
              ),
            ]
          : []),
      ];
      for (const other of others) expect(Math.abs(other[0]! - weights[0]!)).toBeGreaterThan(1e-3);
      for (const [name, values] of together.moves) {
        const expected = values.map(
          (_, i) => weights[0]! * alone[0]!.moves.get(name)![i]! + weights[1]! * alone[1]!.moves.get(name)![i]!,
        );
        const worst = Math.max(...values.map((value, i) => Math.abs(value - expected[i]!)));
        expect(worst, name).toBeLessThan(2e-5);
      }
      expect(together.point.loss).toBeCloseTo(
        together.point.taskLosses["binary_cross_entropy_ctr"]! + together.point.taskLosses["binary_cross_entropy_cvr"]!,
        6,
      );
    },
  );

  it("is one step for batch norm", async () => {
    const run = await fitted(config(false, pareto, ["", ""], "use_bn: true"), engine, { steps: 3 });
    const counts = [...(await run.weights())].filter(([name]) => name.endsWith("num_batches_tracked"));
    expect(counts.length).toBeGreaterThan(0);
    for (const [, { data }] of counts) expect(data[0]).toBe(3);
    await run.dispose();
  });
});

describe("training with Pareto weights", () => {
  const text = config(true, pareto, ["", "pareto_min_loss_weight: 0.6"]).replaceAll("lr: 1 ", "lr: 0.05 ");

  it("resumes to the same bits, and keeps weights in its history", async () => {
    const whole = await fitted(text, "compiled", { steps: 9 });
    const target = path.join(await folder, "resumed");
    const stop = new AbortController();
    const checkpoints = { folder: target, everySteps: 2 };
    const onStep = ({ step }: { step: number }) => step === 4 && stop.abort();
    await fitted(text, "compiled", { steps: 9, checkpoints, signal: stop.signal, onStep });
    const resumed = await fitted(text, "compiled", { steps: 9, checkpoints: { ...checkpoints, existing: "resume" } });
    expect(await resumed.weights()).toEqual(await whole.weights());
    const weightsOf = (run: Run) => run.history.points.map(({ lossWeights }) => lossWeights);
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
    expect(weightsOf(whole).every((each) => each!["binary_cross_entropy_cvr"]! >= 0.6 - 1e-6)).toBe(true);
    expect(weightsOf(await loadRun(target))).toEqual(weightsOf(whole));
  });

  it("takes the same steps on several threads, but for rounding", async () => {
    const [one, two] = [await fitted(text, "compiled"), await fitted(text, "compiled", { threads: 2 })];
    const others = await two.weights();
    for (const [name, { data }] of await one.weights())
      for (const [i, value] of data.entries()) expect(others.get(name)!.data[i]).toBeCloseTo(value, 5);
  });
});
