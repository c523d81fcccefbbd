import { afterEach, describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine } from "../../../src/core/engine/engine.js";
import { evaluate } from "../../../src/core/train/evaluate.js";
import type { TrainLoopOptions } from "../../../src/core/train/loop/early-stopping.js";
import { fit } from "../../../src/core/train/loop/fit.js";
import { earlyEvaluations } from "../../../src/core/train/loop/steps.js";
import { sharedFloats } from "../../../src/core/util/called-thread.js";
import { random } from "../../../src/core/util/random.js";

/** Clicks depend on user and scene; likes happen in clicks only. */
function columns(rows: number, seed = 1) {
  const source = random(seed);
  const user_id = Int32Array.from({ length: rows }, () => source.integer(40));
  const scene = Int32Array.from({ length: rows }, () => source.integer(2));
  const clk = user_id.map((user, row) => ((user + (scene[row] as number)) % 4 < 2 === source.uniform() < 0.85 ? 1 : 0));
  const like = clk.map((click) => (click === 1 && source.uniform() < 0.5 ? 1 : 0));
  return { user_id, scene, clk, like };
}

const model = pepnet()
  .features(idFeature("user_id").buckets(40).embedding(4), idFeature("scene").buckets(2).embedding(4))
  .labels("clk", "like")
  .group("domain", ["scene"])
  .group("uia", ["user_id"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", 2)
  .tower("click", (t) => t.label("clk").mlp(8).bce().auc())
  .tower("like", (t) => t.label("like").mlp(8).bce().auc().taskSpace("clk", { in: 1, out: 0 }))
  .train({ epochs: 3, batchSize: 64, seed: 5 });

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
});

async function trained(options: TrainLoopOptions = {}, seed = 5) {
  const spec = model.train({ seed }).spec;
  const [train, held] = await Promise.all([
    (await dataset(columns(1000, 1))).encode(spec),
    (await dataset(columns(400, 2))).encode(spec),
  ]);
  const engine = await createEngine(spec);
  engines.push(engine);
  return { engine, train, held, result: await fit(engine, train, held, options) };
}

describe("fit", () => {
  it("records every step of a short run, its evaluations by task and domain, and learns", async () => {
    const { result } = await trained();
    expect(result.history.points.map((point) => point.step)).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
    expect(result.history.points.at(-1)).toMatchObject({ rows: 3000, epoch: 3 });
    expect(Object.keys(result.history.points[0]!.taskLosses)).toEqual([
      "binary_cross_entropy_click",
      "binary_cross_entropy_like",
    ]);
    expect(result.history.evaluations.length).toBeGreaterThanOrEqual(3);
    const [click, like] = result.evaluation!.tasks;
    expect(click!.overall.auc).toBeGreaterThan(0.7);
    expect(click!.domains.map((domain) => domain.rows).reduce((a, b) => a + b)).toBe(400);
    expect(like!.within).toBe("clk");
    expect(like!.overall.rows).toBe(click!.overall.positives);
    expect(like!.allRows.rows).toBe(400);
  });

  it("gives the same bytes twice for one seed, and others for another", async () => {
    const weights = async (seed: number) =>
      [...(await (await trained({}, seed)).engine.weights())].map(([name, w]) => [
        name,
        Buffer.from(w.data.buffer).toString("base64"),
      ]);
    const first = await weights(5);
    expect(await weights(5)).toEqual(first);
    expect(await weights(6)).not.toEqual(first);
  });

  it("returns what there is when it is interrupted, evaluated with the weights of that step", async () => {
    const controller = new AbortController();
    const { engine, held, result } = await trained({
      signal: controller.signal,
      evaluationsPerEpoch: 4,
      onProgress: ({ step }) => step >= 8 && controller.abort(),
    });
    const steps = result.history.points.at(-1)!.step;
    expect(result.interrupted).toBe(true);
    expect(steps).toBeGreaterThanOrEqual(8);
    expect(steps).toBeLessThan(48);
    expect(engine.steps).toBe(steps);
    expect(result.evaluation).toEqual(await evaluate(engine, held));
  });

  it("stops early and puts the best weights back", async () => {
    const { engine, held, result } = await trained({
      earlyStopping: { patience: 1, minDelta: 1 },
      evaluationsPerEpoch: 2,
    });
    expect(result.stoppedEarly).toBe(true);
    expect(result.history.bestStep).toBe(8);
    expect(result.history.points.at(-1)!.step).toBe(16);
    expect(await evaluate(engine, held)).toEqual(result.evaluation);
    expect(result.evaluation).toEqual(result.history.evaluations[0]!.evaluation);
  });

  it("evaluates within a short first epoch, whose evaluations may be the best but do not end training", async () => {
    const { result } = await trained({ earlyStopping: { minDelta: 1 } });
    expect(result.history.evaluations.map(({ step }) => step)).toEqual([4, 8, 12, 16, 32]);
    expect(result).toMatchObject({ stoppedEarly: true, history: { bestStep: 4 } });
    const steps = async (options: TrainLoopOptions) =>
      (await trained(options)).result.history.evaluations.map(({ step }) => step);
    expect(await steps({})).toEqual([16, 32, 48]);
    expect(await steps({ earlyStopping: { minDelta: 1 }, evaluationsPerEpoch: 1 })).toEqual([16, 32, 48]);
  });

  it.each([
    [7, 70, []],
    [8, 80, [2, 4, 6]],
    [99, 990, [25, 50, 74]],
    [100, 1000, []],
    [40, 80, []], // evaluated twice an epoch anyway
  ])("epochs of %i of %i steps have early evaluations at %j", (stepsPerEpoch, totalSteps, expected) => {
    expect([...earlyEvaluations({ stepsPerEpoch, totalSteps })]).toEqual(expected);
  });

  it("interrupted after its best step, still puts the best weights back", async () => {
    const controller = new AbortController();
    const { engine, held, result } = await trained({
      signal: controller.signal,
      earlyStopping: { minDelta: 1 },
      evaluationsPerEpoch: 4,
      onStep: ({ step }) => step === 6 && controller.abort(),
    });
    expect(result).toMatchObject({ interrupted: true, history: { bestStep: 4 } });
    expect(engine.steps).toBe(4);
    expect(await evaluate(engine, held)).toEqual(result.evaluation);
  });

  it("refuses an early-stopping tower that is not there", async () => {
    await expect(trained({ earlyStopping: { monitor: { tower: "clicks" } } })).rejects.toThrow(
      /earlyStopping\.monitor\.tower: unknown tower[\s\S]*"click", "like"/,
    );
  });

  it("stops where the loss is no number, naming the step and the task", async () => {
    const spec = model.spec;
    const data = await encode((await dataset(columns(128))).table, spec);
    const broken = { ...data, labels: new Map([...data.labels, ["clk", sharedFloats(128).fill(Number.NaN)]]) };
    const engine = await createEngine(spec);
    engines.push(engine);
    await expect(fit(engine, broken, null)).rejects.toThrow(
      /^step 1, row 0 of its 64: the loss is not a finite number[\s\S]*binary_cross_entropy_click = NaN\n\s+row 0: clk = NaN/,
    );
  });
});
