import { existsSync } from "node:fs";
import { mkdtemp, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import type { Run } from "../../../src/api/run/run.js";
import { loadModel } from "../../../src/api/served-model.js";
import { enginePredictor, predictionColumns } from "../../../src/api/stream.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import { layer } from "../../../src/core/nn/custom-layer.js";
import { tf } from "../../../src/core/nn/public.js";
import { hasShared } from "../../shared.js";
import { Exported } from "./exported.js";
import { everyFeature, rowsOfEveryKind } from "./models.js";
import { expectSame, type Named, servingPython } from "./same.js";

const exported = new Exported("pepnet-serve-", () =>
  everyFeature.fit(rowsOfEveryKind(600, 1), { validation: null, quiet: true }),
);
const served = (name?: string) => exported.served(name);
const rows = rowsOfEveryKind(300, 2);

/** What the run's engine says, of every domain. */
async function expectedOf(trained: Run, data: Record<string, unknown>[]): Promise<Named> {
  const engine = await createEngine(trained.spec, { weights: await trained.weights() });
  try {
    const encoded = await encode(await openTable(data as never), trained.spec, { labels: false });
    return await enginePredictor(engine, true)(encoded);
  } finally {
    await engine.dispose();
  }
}

async function columnsOf(predicted: { head(rows: number): Promise<Record<string, unknown>[]>; rows: number }) {
  const all = await predicted.head(predicted.rows);
  const names = Object.keys(all[0] as object);
  return Object.fromEntries(names.map((name) => [name, all.map((row) => row[name])]));
}

describe("an exported model", () => {
  it("predicts in Node as the run does, for each row's own domain", async () => {
    const model = await loadModel(served());
    expectSame(await columnsOf(await model.predict(rows)), await columnsOf(await exported.run.predict(rows)));
    await model.dispose();
  });

  it("predicts every domain for rows that name none", async () => {
    const model = await loadModel(served());
    const predicted = await columnsOf(await model.predict(rows, { everyDomain: true }));
    expectSame(predicted, await expectedOf(exported.run, rows));
    expect(Object.keys(predicted)).toContain("probs1_kind_2");
    await model.dispose();
  });

  it.skipIf(servingPython === null)("predicts in Python, encoded by encoders.json alone", async () => {
    expectSame(await exported.inPython(rows), await expectedOf(exported.run, rows));
  });

  it.skipIf(servingPython === null)("comes with calls that run as they are", async () => {
    await exported.expectCalls();
  });

  it("names its outputs as predictions are named", async () => {
    const { outputs } = JSON.parse(await readFile(path.join(served(), "encoders.json"), "utf8")) as {
      outputs: { name: string; domain: number }[];
    };
    const one = (classes: number) => new Float32Array(classes);
    const predictions = exported.run.spec.towers.map(({ name, numClass }) => ({
      tower: name,
      logits: one(numClass),
      probabilities: one(numClass),
    }));
    for (const domain of [0, 1, 2]) {
      const names = outputs.filter((output) => output.domain === domain).map(({ name }) => name);
      expect(names).toEqual(Object.keys(predictionColumns(exported.run.spec, predictions, domain)));
    }
  });

  it("is replaced as a whole by the next export, and never written over something else", async () => {
    await exported.run.export(served());
    const other = await mkdtemp(path.join(exported.folder, "other-"));
    await writeFile(path.join(other, "notes.txt"), "mine");
    await expect(exported.run.export(other)).rejects.toThrow(
      /notes\.txt: pepnet did not write this file; nothing was overwritten/,
    );
    expect(await readFile(path.join(other, "notes.txt"), "utf8")).toBe("mine");
  });

  it("is refused where it is damaged, or a run", async () => {
    await exported.run.export(served("damaged"));
    await truncate(path.join(served("damaged"), "model.onnx"), 1000);
    await expect(loadModel(served("damaged"))).rejects.toThrow(/damaged/);
    await exported.run.save(served("run"));
    await expect(loadModel(served("run"))).rejects.toThrow(/no exported model[\s\S]*export it first/);
  });
});

describe("a model without domains", () => {
  it("with a layer of the user's own and shared switches, predicts as the run does", async () => {
    const cross = layer("cross", {
      parameters: ({ width }) => ({ weight: { shape: [width, 1] }, bias: { shape: [width] } }),
      apply: (x, { weight, bias }) => tf.add(tf.add(tf.mul(x, tf.matMul(x, weight as tf.Tensor2D)), bias), x),
    });
    const model = pepnet()
      .features(idFeature("user").buckets(44).embedding(4), rawFeature("price"))
      .labels("clk")
      .group("uia", ["user"])
      .layer(cross)
      .ppnet({ hidden: [6] })
      .preset("paper")
      .switches({ learnableGamma: true })
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const trained = await model.fit(rows, { steps: 5, validation: null, quiet: true });
    await trained.export(served("own-layer"));
    const served1 = await loadModel(served("own-layer"));
    expectSame(await columnsOf(await served1.predict(rows)), await columnsOf(await trained.predict(rows)));
    await Promise.all([served1.dispose(), trained.dispose()]);
  });

  it("refuses a feature that is called as an output", async () => {
    const model = pepnet()
      .features(rawFeature("price"), rawFeature("probs_ctr").expression("item:watch"))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const trained = await model.fit(rows, { steps: 1, validation: null, quiet: true });
    await expect(trained.export(served("twin"))).rejects.toThrow(/features\.probs_ctr[\s\S]*rename the feature/);
    expect(existsSync(served("twin"))).toBe(false);
    await trained.dispose();
  });
});

describe.skipIf(!hasShared)("golden/whole-run", () => {
  it("exported, predicts its evaluation rows (ids of FG_NONE) as the engine does", async () => {
    await exported.expectWholeRun("whole-run");
  });
});
