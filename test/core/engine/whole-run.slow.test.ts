/** A whole run of the real TorchEasyRec: from its weights and its batches, its losses and its evaluation. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine } from "../../../src/core/engine/engine.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { hasShared, sharedPath } from "../../shared.js";

const file = (name: string) => sharedPath("golden", "whole-run", name);
const batchSize = 2048;

/** AUC over linspace(0, 1, count) thresholds, positive where p ≥ t, by trapezoids. */
function thresholdAuc(probabilities: Float32Array, labels: Float32Array, count: number): number {
  const points = Array.from({ length: count }, (_, i) => {
    const threshold = Math.fround(i / (count - 1));
    let [hits, alarms] = [0, 0];
    probabilities.forEach((p, row) => {
      if (p < threshold) return;
      if (labels[row] === 1) hits++;
      else alarms++;
    });
    return [alarms, hits] as const;
  });
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const area = points.reduce((sum, [alarms, hits], i) => {
    const [nextAlarms, nextHits] = points[i + 1] ?? [alarms, hits];
    return sum + ((alarms - nextAlarms) * (hits + nextHits)) / 2;
  }, 0);
  return area / positives / (labels.length - positives);
}

describe.skipIf(!hasShared)("golden/whole-run on the compiled engine", () => {
  let spec: ModelSpec;
  let train: EncodedData;
  let evaluation: EncodedData;
  let engine: Engine;

  beforeAll(async () => {
    spec = specFromConfig(readFileSync(file("pipeline.config"), "utf8"));
    train = await encode(await openTable(file("train.parquet")), spec, { encoded: true });
    evaluation = await encode(await openTable(file("eval.parquet")), spec, { encoded: true });
    engine = await createEngine(spec, {
      engine: "compiled",
      threads: 1,
      weights: await readSafetensors(file("init.safetensors")),
    });
    return () => engine.dispose();
  });

  /*
   * Float32 decides how far the losses can agree: Adagrad's first step on a row is lr · g / |g|, so that an element whose
   * gradient all but cancels takes either sign. Sums and roundings therefore follow PyTorch's order.
   */
  test("the 98 losses agree to 1e-4, those of the first 60 steps to 1e-5, and the evaluation to 1e-4", async () => {
    const losses = JSON.parse(readFileSync(file("losses.json"), "utf8")) as Record<string, number>[];
    const differences: number[] = [];
    for (const [step, expected] of losses.entries()) {
      const from = step * batchSize;
      const rows = Int32Array.from({ length: Math.min(batchSize, train.rows - from) }, (_, i) => from + i);
      const { taskLosses } = await engine.step({ data: train, rows }, 0);
      const relative = Object.entries(expected).map(
        ([name, loss]) => Math.abs((taskLosses[name] as number) - loss) / loss,
      );
      differences.push(Math.max(...relative));
    }
    const largest = (from: number, to: number) => Math.max(...differences.slice(from, to));
    expect(differences.length).toBe(98);
    expect(largest(0, 60)).toBeLessThan(1e-5);
    expect(largest(60, 98)).toBeLessThan(1e-4);

    const expected = JSON.parse(readFileSync(file("eval.json"), "utf8")) as Record<string, number>;
    const outputs = await engine.predict({
      data: evaluation,
      rows: Int32Array.from({ length: evaluation.rows }, (_, i) => i),
    });
    const auc = (tower: number, label: string, thresholds: number) =>
      thresholdAuc(
        outputs[tower]?.probabilities as Float32Array,
        evaluation.labels.get(label) as Float32Array,
        thresholds,
      );
    expect(Math.abs(auc(0, "clk", 200) - (expected.auc_ctr as number))).toBeLessThan(1e-4);
    expect(Math.abs(auc(1, "buy", 1000) - (expected.auc_cvr as number))).toBeLessThan(1e-4);
  });
});
