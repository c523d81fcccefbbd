/** Training is open: callbacks, what early stopping monitors, and the user's own metrics. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadRun } from "../../src/api/model/load-run.js";
import { pepnet } from "../../src/api/model/model.js";
import type { FitOptions } from "../../src/api/training/engines.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { exponentialDecay } from "../../src/core/builder/learning-rates.js";
import { adam } from "../../src/core/builder/optimizers.js";
import { exactAuc } from "../../src/core/metrics/auc.js";
import type { EvaluationPoint } from "../../src/core/metrics/learning-curves.js";
import type { Evaluation } from "../../src/core/metrics/types.js";
import { monitored, type StepReport } from "../../src/core/train/loop/early-stopping.js";
import { columns, model } from "../kernel/cli/command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-open-"));
});
afterAll(() => rm(folder, { recursive: true }));

const rows = columns(1280, 1);
const validation = columns(300, 2);
const short = model.train({ epochs: 3, batchSize: 64 });
const fit = (options: FitOptions = {}) => short.fit(rows, { validation, quiet: true, ...options });

async function bytes(run: Awaited<ReturnType<typeof fit>>): Promise<string[]> {
  return [...(await run.weights())].map(([name, { data }]) => `${name} ${Buffer.from(data.buffer).toString("hex")}`);
}

describe("callbacks", () => {
  it("get every step and evaluation in order, awaited, with losses, rates, rows/s and measured norms", async () => {
    const calls: (StepReport | EvaluationPoint)[] = [];
    let running = 0;
    const slow = async (report: StepReport | EvaluationPoint): Promise<void> => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      calls.push(report);
      running--;
    };
    const run = await fit({ onStep: slow, onEvaluation: slow, evaluationsPerEpoch: 2 });
    const steps = calls.filter((call) => "loss" in call);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(steps.map(({ loss }) => loss)).toEqual(run.history.points.map(({ loss }) => loss));
    expect(steps[19]).toMatchObject({ epoch: 1, totalSteps: 60, learningRates: { sparse: 0.05, dense: 0.001 } });
    expect(Object.keys(steps[0]!.taskLosses)).toEqual(["binary_cross_entropy_click", "binary_cross_entropy_like"]);
    expect(steps.every(({ rowsPerSecond }) => rowsPerSecond > 0)).toBe(true);
    const isMeasured = steps.map(({ gradientNorm }) => gradientNorm !== null);
    expect(isMeasured).toEqual(steps.map((_, index) => index % 10 === 0));
    expect(calls.filter((call) => "evaluation" in call)).toEqual(run.history.evaluations);
    const at = calls.findIndex((call) => "evaluation" in call);
    expect(calls[at - 1]!.step).toBe(calls[at]!.step);
  });

  it("change no byte of the weights", async () => {
    const plain = await bytes(await fit());
    expect(await bytes(await fit({ onStep: () => undefined, onEvaluation: () => undefined }))).toEqual(plain);
  });

  it.each(["onStep", "onEvaluation"] as const)(
    "an error in %s is thrown as it is, and training resumes",
    async (name) => {
      const checkpoints = { folder: path.join(folder, name), existing: "resume" } as const;
      const mine = new RangeError("mine");
      let calls = 0;
      const failing = async ({ step }: { step: number }): Promise<void> => {
        if (step < 20) return;
        calls++;
        throw mine;
      };
      const error = await fit({ [name]: failing, checkpoints }).catch((reason: unknown) => reason);
      expect(error).toBe(mine);
      expect(calls).toBe(1);
      const saved = await loadRun(checkpoints.folder);
      const { step } = saved.history.points.at(-1)!;
      expect(step).toBeGreaterThanOrEqual(20);
      expect(step).toBeLessThan(60);
      const seen: number[] = [];
      const resumed = await fit({ onStep: (report) => seen.push(report.step), checkpoints });
      expect(seen).toEqual(Array.from({ length: 60 - step }, (_, index) => step + index + 1));
      expect(await bytes(resumed)).toEqual(await bytes(await fit()));
      expect(resumed.history.evaluations.map((each) => each.step)).toEqual(
        (await fit()).history.evaluations.map((each) => each.step),
      );
    },
  );

  it("of another realm, as in a notebook, are awaited too", async () => {
    let [running, most] = [0, 0];
    const begin = () => (most = Math.max(most, ++running));
    const later = runInNewContext("async (wait, begin, end) => { begin(); await wait(); end(); }");
    const wait = () => new Promise((resolve) => setTimeout(resolve, 1));
    await fit({ steps: 10, onStep: () => later(wait, begin, () => running--) });
    expect([running, most]).toEqual([0, 1]);
  });

  it("that never answer do not hold up an interrupt, and what was trained is saved", async () => {
    const checkpoints = { folder: path.join(folder, "silent"), existing: "resume" } as const;
    const stop = new AbortController();
    let calls = 0;
    const onStep = ({ step }: StepReport) => {
      calls++;
      if (step !== 20) return Promise.resolve();
      setTimeout(() => stop.abort(), 50);
      return new Promise<void>(() => {});
    };
    const run = await fit({ onStep, checkpoints, signal: stop.signal });
    expect(run.interrupted).toBe(true);
    expect(calls).toBe(20);
    expect(await bytes(await fit({ checkpoints }))).toEqual(await bytes(await fit()));
  });

  it("an error in a callback without checkpoints ends the training with that error", async () => {
    const mine = "a text, thrown";
    const onStep = (): never => {
      throw mine;
    };
    await expect(fit({ onStep })).rejects.toBe(mine);
  });
});

describe("learning rates", () => {
  it("are in the history by optimiser, follow the schedule, and show in the table only where they change", async () => {
    const schedule = exponentialDecay({ every: 10, factor: 0.5 });
    const run = await short.train({ dense: adam(0.01), denseLearningRate: schedule }).fit(rows, {
      validation,
      quiet: true,
    });
    const rates = run.history.points.map(({ learningRates }) => learningRates!["dense"]!);
    expect(rates[0]).toBe(0.01);
    expect(rates[20]).toBeCloseTo(0.0025, 12);
    expect(run.table().toMarkdown()).toContain("lr dense");
    expect(run.table().toMarkdown()).not.toContain("lr sparse");
    expect(run.rows()[0]).toMatchObject({ lr_sparse: 0.05, lr_dense: 0.01 });
  });
});

describe("a monitor", () => {
  const metricsOf = (auc: number, logLoss: number, lift: number | null) =>
    ({ auc, logLoss, calibration: 2 * auc, configured: { lift, grouped_auc: auc / 2 } }) as never;
  const evaluation = {
    domainNames: ["feed", "search"],
    tasks: [
      { tower: "click", overall: metricsOf(0.8, 0.5, 3), domains: [metricsOf(0.7, 0.4, 2), metricsOf(0.6, 0.6, null)] },
      { tower: "like", overall: metricsOf(0.6, 0.3, 1), domains: [metricsOf(0.5, 0.2, 4), metricsOf(0.4, 0.1, 5)] },
    ],
  } as unknown as Evaluation;

  it.each([
    [{}, 0.7],
    [{ tower: "click" }, 0.8],
    [{ domain: "search" }, 0.5],
    [{ tower: "like", domain: "feed", metric: "logLoss" }, -0.2],
    [{ tower: "click", metric: "calibration" }, -0.6],
    [{ metric: "grouped_auc" }, 0.35],
    [{ metric: "lift" }, 2],
    [{ metric: "lift", better: "lower" }, -2],
    [{ metric: "lift", domain: "search" }, 5],
    [{ metric: "lift", domain: "search", tower: "click" }, Number.NaN],
  ] as const)("%j follows %d", (monitor, expected) => {
    const value = monitored(evaluation, monitor);
    if (Number.isNaN(expected)) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(expected, 12);
  });

  it.each([
    [{ tower: "clik" }, /earlyStopping\.monitor\.tower: unknown tower[\s\S]*did you mean "click"/],
    [{ domain: "serch page" }, /earlyStopping\.monitor\.domain: unknown domain[\s\S]*did you mean "search page"/],
    [{ metric: "logloss" }, /earlyStopping\.monitor\.metric: unknown metric[\s\S]*did you mean "logLoss"/],
    [{ metric: "constructor" }, /unknown metric/],
  ])("%j is refused before any row is read", async (monitor, message) => {
    const onNote = (): never => expect.fail("a note");
    await expect(fit({ earlyStopping: { monitor } as never, onProgress: onNote })).rejects.toThrow(message);
  });

  it("decides which weights are kept", async () => {
    const monitor = { tower: "like", metric: "logLoss", domain: "search page" } as const;
    const run = await short.fit(rows, {
      validation,
      quiet: true,
      epochs: 6,
      evaluationsPerEpoch: 4,
      earlyStopping: { patience: 3, monitor },
    });
    const losses = run.history.evaluations.map((each) => each.evaluation.tasks[1]!.domains[1]!.logLoss!);
    const best = run.history.evaluations[losses.indexOf(Math.min(...losses))]!;
    expect(run.history.bestStep).toBe(best.step);
    expect(run.evaluation!.tasks).toEqual(best.evaluation.tasks);
  });

  it("is typed by the model's towers", () => {
    const typed = (options: Parameters<typeof short.fit>[1]) => options;
    typed({ earlyStopping: { monitor: { tower: "click" } } });
    // @ts-expect-error: no tower of the model
    typed({ earlyStopping: { monitor: { tower: "clik" } } });
  });
});

describe("a metric of the user's", () => {
  const metrics = {
    mine: exactAuc as never,
    weighted: (_: unknown, labels: Float32Array, weights: Float32Array | null) =>
      weights === null ? labels.length : -1,
    destroys: (scores: Float32Array, labels: Float32Array) => {
      scores.fill(0);
      labels.sort();
      return 1;
    },
  };

  it("is measured by task and domain, in fit, in evaluate and in tables, and changes nothing else", async () => {
    const [plain, run] = [await fit(), await fit({ metrics })];
    for (const [index, task] of run.evaluation!.tasks.entries()) {
      const before = plain.evaluation!.tasks[index]!;
      for (const [part, cell] of [task.overall, ...task.domains, task.allRows].entries()) {
        const { mine, weighted, destroys, ...configured } = cell.configured;
        expect(mine).toBe(cell.auc);
        expect(weighted).toBe(cell.rows);
        expect(destroys).toBe(1);
        expect({ ...cell, configured }).toEqual([before.overall, ...before.domains, before.allRows][part]);
      }
    }
    const evaluation = await run.evaluate(validation, { metrics });
    expect(evaluation.tasks.map((task) => task.domains.map(({ configured }) => configured["mine"]))).toEqual(
      evaluation.tasks.map((task) => task.domains.map(({ auc }) => auc)),
    );
    expect(evaluation.table().toMarkdown()).toMatch(/mine .*weighted/);
    expect(run.rows().at(-1)).toMatchObject({ mine_click: run.evaluation!.auc("click") });
  });

  it("survives a save, of which the function is no part", async () => {
    const run = await fit({ metrics });
    await run.save(path.join(folder, "saved"));
    const loaded = await loadRun(path.join(folder, "saved"));
    expect(loaded.evaluation!.tasks).toEqual(run.evaluation!.tasks);
    expect(loaded.history.evaluations).toEqual(run.history.evaluations);
    expect(loaded.evaluation!.table().toMarkdown()).toContain("mine");
    expect((await loaded.evaluate(validation)).table().toMarkdown()).not.toContain("mine");
  });

  it("that fails or is NaN is a gap with its place, and training goes on", async () => {
    const failing = {
      nan: () => Number.NaN,
      throws: (scores: Float32Array) => {
        if (scores.length < 300) throw new TypeError("too few");
        return 1;
      },
      later: (async () => 1) as never,
    };
    const run = await fit({ metrics: failing, earlyStopping: { monitor: { metric: "nan" } } });
    expect(run.history.points.at(-1)!.step).toBe(60);
    expect(run.history.bestStep).toBeNull();
    const notes = run.notes.join("\n");
    expect(notes).toContain('metric "nan" of click: NaN is not a finite number');
    expect(notes).toContain('metric "throws" of click in feed: it threw TypeError: too few');
    expect(notes).toContain('metric "later" of like');
    expect(notes).toMatch(/what early stopping monitors was not defined at \d+ evaluations/);
    expect(notes.split('"nan" of click in feed')).toHaveLength(2); // once, not at each evaluation
    expect(run.evaluation!.tasks[0]!.overall.configured).toMatchObject({ nan: null, throws: 1, later: null });
  });

  it("can be monitored, in either direction", async () => {
    const value = ({ evaluation }: EvaluationPoint) => evaluation.tasks[0]!.overall.configured["loss"]!;
    const loss = (scores: Float32Array, labels: Float32Array) =>
      scores.reduce((sum, score, row) => sum + (score - labels[row]!) ** 2, 0) / scores.length;
    const run = await fit({
      metrics: { loss },
      evaluationsPerEpoch: 4,
      earlyStopping: { patience: 20, monitor: { metric: "loss", better: "lower", tower: "click" } },
    });
    const values = run.history.evaluations.map(value);
    expect(run.history.bestStep).toBe(run.history.evaluations[values.indexOf(Math.min(...values))]!.step);
  });

  it.each([
    [{ auc: () => 1 }, /metrics\.auc: a metric with this name exists/],
    [{ logLoss: () => 1 }, /metrics\.logLoss: a metric with this name exists/],
    [{ mine: 3 }, /metrics\.mine: not a function/],
  ])("%j is refused", async (wrong, message) => {
    await expect(fit({ metrics: wrong as never })).rejects.toThrow(message);
  });

  it("of more than two classes gets all probabilities", async () => {
    const classes = {
      a: Int32Array.from({ length: 300 }, (_, row) => row % 10),
      y: Int32Array.from({ length: 300 }, (_, row) => row % 3),
    };
    const three = pepnet()
      .features(idFeature("a").buckets(10).embedding(4))
      .labels("y")
      .group("uia", ["a"])
      .ppnet({ hidden: [8] })
      .tower("kind", (t) => t.label("y").mlp(8).softmax(3));
    const shape = (scores: Float32Array, labels: Float32Array) => scores.length / labels.length;
    const run = await three.fit(classes, { validation: classes, quiet: true, steps: 2, metrics: { shape } });
    expect(run.evaluation!.tasks[0]!.overall.configured["shape"]).toBe(3);
  });
});
