/** Training that survives, from a notebook: resumed to the same bytes, early stopping included; weights by a map. */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadRun } from "../../src/api/model/load-run.js";
import type { Run } from "../../src/api/run/run.js";
import type { FitOptions } from "../../src/api/training/engines.js";
import { checkpointPlaces } from "../../src/core/train/saved/run.js";
import { replaceListed } from "../core/train/saved/encoded.js";
import { columns, model } from "../kernel/cli/command.js";
import { fit, interrupted, validation, weights } from "./checkpointed-fits.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-checkpoints-"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string): string => path.join(folder, name);

describe("fit with checkpoints", () => {
  it("refuses to resume what a version with another order of sums began", async () => {
    const checkpoints = { folder: at("order"), everySteps: 7, existing: "resume" } as const;
    await interrupted(9, { threads: 1, checkpoints });
    for (const { place } of await checkpointPlaces(at("order"))) {
      const { sums, ...older } = JSON.parse(await readFile(path.join(place, "training.json"), "utf8"));
      expect(sums).toBe(2);
      await replaceListed(place, "training.json", JSON.stringify(older));
    }
    const [newest] = await checkpointPlaces(at("order"));
    await expect(fit({ threads: 1, checkpoints })).rejects.toThrow("adds up small steps in another order");
    // Its weights start another training, as the error says.
    expect((await fit({ threads: 1, weights: newest!.place })).evaluation).not.toBeNull();
    await rm(at("order"), { recursive: true });
  });

  it("that has ended is handed back as it is, and goes on where more epochs are asked for", async () => {
    const checkpoints = { folder: at("b"), existing: "resume" } as const;
    const first = await fit({ checkpoints, epochs: 1 });
    const again = await fit({ checkpoints, epochs: 1 });
    expect(again.history.points).toEqual(first.history.points); // times included: no step was taken
    expect(await weights(again)).toEqual(await weights(first));
    expect(await weights(await fit({ checkpoints }))).toEqual(await weights(await fit({})));
  });

  it("keeps the best, to be loaded by that name", async () => {
    const run = await fit({ checkpoints: { folder: at("c"), everySteps: 10, keep: 1 }, evaluationsPerEpoch: 4 });
    const auc = (each: Run): number => {
      const values = each.evaluation?.tasks.map(({ overall }) => overall.auc as number) as number[];
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const best = await loadRun(at("c"), { which: "best" });
    const all = run.history.evaluations.map(({ evaluation }) =>
      evaluation.tasks.reduce((sum, { overall }) => sum + (overall.auc as number) / evaluation.tasks.length, 0),
    );
    expect(auc(best)).toBeCloseTo(Math.max(...all), 12);
    expect((await checkpointPlaces(at("c"))).length).toBeLessThanOrEqual(2);
    const measured = await best.evaluate(validation);
    expect(measured.tasks[0]?.overall.auc).toBeCloseTo(best.evaluation?.tasks[0]?.overall.auc as number, 12);
  });

  it("keeps the best by the monitor of early stopping, also while it trains", async () => {
    let calls = 0;
    const options = {
      checkpoints: { folder: at("monitored"), everySteps: 10, keep: 1, existing: "resume" },
      evaluationsPerEpoch: 4,
      metrics: { order: () => ++calls },
      earlyStopping: { patience: 100, monitor: { tower: "click", metric: "order", better: "lower" } },
    } as const;
    const stopped = await interrupted(30, options);
    const [first, ...others] = stopped.history.evaluations;
    const auc = ({ evaluation }: typeof first & object): number => evaluation.tasks[0]!.overall.auc!;
    expect(others.some((each) => auc(each) > auc(first!))).toBe(true);
    const step = async () => {
      const { evaluation } = await loadRun(at("monitored"), { which: "best" });
      const order = (tasks: NonNullable<typeof evaluation>["tasks"]) => tasks[0]!.overall.configured["order"];
      return stopped.history.evaluations.find((each) => order(each.evaluation.tasks) === order(evaluation!.tasks))
        ?.step;
    };
    expect(await step()).toBe(first!.step);
    const run = await fit(options);
    expect(run.history.bestStep).toBe(first!.step);
    expect(await step()).toBe(first!.step);
    expect(await weights(await loadRun(at("monitored"), { which: "best" }))).toEqual(await weights(run));
    await rm(at("monitored"), { recursive: true });
  });

  it("refuses a folder with a run, with another model or with something else, and leaves no trace", async () => {
    await expect(fit({ checkpoints: at("c") })).rejects.toThrow(/already contains a run[\s\S]*use resume to continue/);
    const other = model.epnet({ gamma: 1 });
    const resume = { checkpoints: { folder: at("c"), existing: "resume" as const }, quiet: true };
    await expect(other.fit(columns(1280, 1), resume)).rejects.toThrow(
      /c: epnet\.gamma: the model differs from the one/,
    );
    await expect(fit({ checkpoints: folder })).rejects.toThrow(/something that is not a saved run/);
    await expect(fit({ checkpoints: at("d"), validation: { user: [1] } })).rejects.toThrow();
    expect((await readdir(folder)).sort()).toEqual(["b", "c"]);
    expect((await readdir(at("c"))).filter((name) => name.includes("lock"))).toEqual([]);
  });

  it("refuses to go on with other rows, however many there are", async () => {
    const checkpoints = { folder: at("c"), existing: "resume" } as const;
    const rows = columns(1280, 1);
    const other = { ...rows, clk: rows.clk.map((click, row) => (row === 1279 ? 1 - click : click)) };
    const resume = { validation, quiet: true, checkpoints, epochs: 4 };
    const trained = model.train({ epochs: 3, batchSize: 64 });
    await expect(trained.fit(other, resume)).rejects.toThrow(/1280 rows with different values/);
    await expect(trained.fit(columns(1279, 1), resume)).rejects.toThrow(/received: 1279 rows/i);
  });

  it("refuses to go on with other validation rows or labels, or without them, and names what to do", async () => {
    const resume = (options: FitOptions): Promise<Run> =>
      fit({ checkpoints: { folder: at("c"), existing: "resume" }, epochs: 4, ...options });
    const flipped = { ...validation, clk: validation.clk.map((click, row) => (row === 150 ? 1 - click : click)) };
    const moved = { ...validation, price: validation.price.map((price, row) => (row === 299 ? price + 1 : price)) };
    for (const other of [flipped, moved]) {
      await expect(resume({ validation: other })).rejects.toThrow(
        /the validation data differ from the data that this run started with\n.*300 rows with different values[\s\S]*fix: pass the/,
      );
    }
    await expect(resume({ validation: columns(299, 2) })).rejects.toThrow(/received: 299 rows\n\s+expected: 300 rows/);
    await expect(resume({ validation: null })).rejects.toThrow(/received: no validation rows\n\s+expected: 300 rows/);
  });

  it("resumes on the number of threads that it began with, and refuses another", async () => {
    const began = await fit({ checkpoints: at("threads"), threads: 1, epochs: 1 });
    expect(began.notes.join("\n")).not.toMatch(/thread/);
    const checkpoints = { folder: at("threads"), existing: "resume" } as const;
    await expect(fit({ checkpoints, threads: 2 })).rejects.toThrow(
      /another number of threads[\s\S]*received: 2 threads\n\s+expected: 1 threads[\s\S]*fix: threads: 1 \(--threads 1\)/,
    );
    expect(await weights(await fit({ checkpoints }))).toEqual(await weights(await fit({ threads: 1 })));
  });

  it("writes over a run where it is told to, from the first step", async () => {
    await fit({ checkpoints: { folder: at("c"), existing: "overwrite" }, steps: 5 });
    expect((await checkpointPlaces(at("c"))).map(({ step }) => step)).toEqual([5, 4]); // the evaluation at step 4 was better
  });
});

describe("weights from another run", () => {
  it("go where a map says, and what it leaves out starts anew", async () => {
    const run = await fit({ steps: 10, checkpoints: at("source") });
    const source = await run.weights();
    const [click, like] = ["model._task_tower.0.", "model._task_tower.2."];
    const weightMap = { [`${like}*`]: `${click}*`, "model.epnet.*": null };
    const mapped = await fit({ steps: 1, seed: 9, weights: at("source"), weightMap, checkpoints: at("mapped") });
    expect(mapped.spec).toEqual({ ...run.spec, training: { ...run.spec.training, steps: 1, seed: 9 } });
    const moved = async (name: string, from: string): Promise<number> => {
      const [to, was] = [(await mapped.weights()).get(name)!.data, source.get(from)!.data];
      return Math.max(...to.map((value, index) => Math.abs(value - was[index]!)));
    };
    const bias = "linear.bias";
    expect(await moved(`${like}${bias}`, `${click}${bias}`)).toBeLessThan(0.01);
    expect(
      await moved("model.epnet.gate_nu.dense_layers.0.weight", "model.epnet.gate_nu.dense_layers.0.weight"),
    ).toBeGreaterThan(0.01);
  });

  it("are refused by name where the map fits nothing", async () => {
    const weights = at("source");
    await expect(fit({ weights, weightMap: { "model.epnett.*": null } })).rejects.toThrow(
      /map: model\.epnett\.\*: the model has no such parameter/,
    );
    const wrong = { "model._task_tower.0.linear.bias": "model._task_tower.0.linear.bia" };
    await expect(fit({ weights, weightMap: wrong })).rejects.toThrow(
      /did you mean "model\._task_tower\.0\.linear\.bias"/,
    );
    await expect(fit({ weightMap: {} })).rejects.toThrow(/weightMap: there are no weights to start from/);
  });
});
