/** A run's export trains as long as the weights that the run kept; TorchEasyRec does not stop early. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPlace } from "../../../src/core/train/saved/run.js";
import { random } from "../../../src/core/util/random.js";
import {
  type AnyModel,
  adagrad,
  adam,
  dataset,
  exponentialDecay,
  idFeature,
  loadRun,
  pepnet,
  type Run,
} from "../../../src/index.js";
import { pepnetIn } from "../../kernel/cli/command.js";
import { replaceListed } from "../train/saved/encoded.js";

let folder: string;
const runs: Run[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-kept-"));
});
afterAll(async () => {
  for (const run of runs) await run.dispose();
  await rm(folder, { recursive: true });
});

function rows(count: number, seed: number) {
  const source = random(seed);
  return Array.from({ length: count }, () => ({ item: source.integer(20), clk: source.integer(2) }));
}
const [train, validation] = [rows(1000, 1), rows(200, 2)];
const model = pepnet()
  .features(idFeature("item").buckets(20).embedding(4))
  .labels("clk")
  .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc())
  .train({ dense: adam(0.01), sparse: adagrad(0.1) }) as unknown as AnyModel;

const monitor = { metric: "planted", better: "higher" } as const;
/** Fits with a metric that has these values at the evaluations, which early stopping follows. */
async function fitted(values: readonly number[], options: object = {}, of: AnyModel = model): Promise<Run> {
  let at = 0;
  const planted = (): number => values[Math.min(at++, values.length - 1)]!;
  const fit = { validation, metrics: { planted }, earlyStopping: { monitor }, quiet: true, engine: "cpu" as const };
  const run = await of.fit(train, { ...fit, ...options });
  runs.push(run);
  return run;
}

let exports = 0;
async function exported(of: AnyModel, data = train, more: object = {}) {
  const out = path.join(folder, `out-${exports++}`);
  const { notes } = await of.exportTorchEasyRec(data, { folder: out, validation, ...more });
  const read = (name: string): Promise<string> => readFile(path.join(out, name), "utf8");
  const config = await read("pipeline.config");
  const fields = [...config.matchAll(/^ {2}((?:num_steps|num_epochs|save_checkpoints_\w+): \d+)$/gm)];
  const length = fields.map(([, field]) => field!);
  return { out, notes, config, length, spec: pepnet.fromConfig(config).spec, readme: await read("README.md") };
}

/** 16 steps an epoch, of which early stopping keeps one of the quarters of the first epoch, or the end of an epoch. */
interface Case {
  readonly values: readonly number[];
  readonly options?: object;
  readonly settings?: object;
  readonly steps: number;
  readonly length: readonly string[];
}
const cases: Readonly<Record<string, Case>> = {
  "in the middle of the first epoch": {
    values: [1, 2, 3, 2, 1],
    steps: 12,
    length: ["num_steps: 12", "save_checkpoints_epochs: 1"],
  },
  "after three epochs": {
    values: [1, 1, 1, 2, 3, 4, 3, 2],
    steps: 48,
    length: ["num_epochs: 3", "save_checkpoints_epochs: 1"],
  },
  "in the middle of the second epoch": {
    values: [1, 2, 3, 4, 5, 6, 1, 1],
    options: { evaluationsPerEpoch: 4 },
    steps: 24,
    length: ["num_steps: 24", "save_checkpoints_steps: 4"],
  },
  "with 15 whole batches an epoch": {
    values: [1, 2, 3, 4, 3, 2],
    options: { evaluationsPerEpoch: 3 },
    settings: { dropRemainder: true },
    steps: 20,
    length: ["num_steps: 20", "save_checkpoints_steps: 5"],
  },
};

describe("a run that stopped early", () => {
  it.each(Object.entries(cases))("%s", async (_, { values, options, settings = {}, steps, length }) => {
    const of = model.train(settings) as AnyModel;
    const run = await fitted(values, options, of);
    expect(run.history.bestStep).toBe(steps);
    expect(run.spec.training.epochs).toBe(10);
    const { notes, spec, readme, ...there } = await exported(run.model);
    expect(there.length).toEqual(length);
    const perEpoch = run.spec.training.dropRemainder ? 15 : 16;
    const isWhole = steps % perEpoch === 0;
    const kept = isWhole ? { epochs: steps / perEpoch, steps: null } : { epochs: null, steps };
    expect(spec.training).toEqual({ ...run.spec.training, ...kept });
    const trained = run.history.points.at(-1)!.step;
    const reason = `The run stopped early: it kept the weights of step ${steps} of ${trained}`;
    expect(notes.filter((note) => note.includes(reason))).toHaveLength(1);
    expect(notes.join("\n")).not.toMatch(/guess|no validation rows|automatic/);
    const field = isWhole ? "num_epochs" : "num_steps";
    expect(readme).toContain(`(${length[0]}). ${reason}`);
    expect(readme).toContain(`edit \`${field}\` in \`train_config\``);
    // What it kept is in the model's own config too, and both are what a training of the folder does.
    const { steps: again } = await pepnetSteps(there.out);
    expect(again).toBe(steps);
  });

  it("passes other rows as often as its own", async () => {
    const run = await fitted([1, 2, 3, 2, 1]);
    const { length, notes } = await exported(run.model, rows(64 * 40 - 1, 3));
    expect(length).toEqual(["num_steps: 30", "save_checkpoints_epochs: 1"]);
    expect(notes.join("\n")).toContain("That was 0.75 epochs of its rows, which for these rows is 30 steps.");
    expect(notes.join("\n")).not.toContain("schedules");
    const inSteps = exponentialDecay({ every: 5, factor: 0.9 });
    const inEpochs = exponentialDecay({ every: 5, factor: 0.9, byEpoch: true });
    for (const [denseLearningRate, expected] of [
      [inSteps, 1],
      [inEpochs, 0],
    ] as const) {
      const scheduled = await fitted([1, 2, 3, 2, 1], {}, model.train({ denseLearningRate }) as AnyModel);
      const { notes: told } = await exported(scheduled.model, rows(64 * 40 - 1, 3));
      const text = "an epoch of these rows has 40 steps, one of the run's had 16";
      expect(told.filter((note) => note.includes(text))).toHaveLength(expected);
    }
  });
});

describe("a run that was not stopped", () => {
  it.each([
    ["epochs", { epochs: 2 }, {}, ["num_epochs: 2", "save_checkpoints_steps: 8"]],
    ["steps", { steps: 20 }, {}, ["num_steps: 20", "save_checkpoints_steps: 5"]],
    ["a dry run", {}, { steps: 3 }, ["num_steps: 3", "save_checkpoints_steps: 1"]],
    ["no evaluations", { epochs: 2 }, { validation: null }, ["num_epochs: 2"]],
  ])("trains as long as its settings say, also on other rows: %s", async (_, settings, options, length) => {
    const run = await fitted([1], { earlyStopping: false, ...options }, model.train(settings) as AnyModel);
    for (const [data, more] of [
      [train, {}],
      [rows(640, 3), { validation: null }],
    ] as const) {
      const { spec, notes, readme, ...there } = await exported(run.model, data, more);
      expect(there.length).toEqual(data === train ? length : length.slice(0, 1));
      expect(spec.training).toEqual(run.spec.training);
      expect(notes).toEqual([]);
      expect(readme).toContain("The run trained as long");
    }
  });

  it("but whose best weights are older trains up to these", async () => {
    const run = await fitted([1, 2, 3, 2], {
      epochs: 4,
      evaluationsPerEpoch: 1,
      earlyStopping: { patience: 9, monitor },
    });
    expect(run.history.bestStep).toBe(48);
    const { length, notes } = await exported(run.model);
    expect(length).toEqual(["num_epochs: 3", "save_checkpoints_epochs: 1"]);
    expect(notes.join("\n")).toContain(
      "The run kept the weights of step 48, the best of 64. TorchEasyRec does not stop",
    );
  });

  it("but interrupted trains up to there, with the weights of the last step or the best before", async () => {
    const interrupted = async (values: readonly number[], at: number) => {
      const aborts = new AbortController();
      const onStep = ({ step }: { readonly step: number }): void => void (step === at && aborts.abort());
      // An evaluation after every step, so that no more steps are on their way.
      const often = { evaluationsPerEpoch: 16, earlyStopping: { patience: 99, monitor } };
      const run = await fitted(values, { signal: aborts.signal, onStep, ...often });
      expect(run.interrupted).toBe(true);
      return run;
    };
    const rising = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
    const last = await interrupted(rising(30), 21);
    const { length, notes } = await exported(last.model);
    expect(length).toEqual(["num_steps: 21", "save_checkpoints_steps: 1"]);
    expect(notes[0]).toContain("The run was interrupted after 21 of 160 steps, and has the weights of step 21");
    const best = await interrupted([...rising(12), 0], 21);
    expect((await exported(best.model)).length[0]).toBe("num_steps: 12");
  });
});

describe("a run on disk", () => {
  const exportedBy = async (place: string, name: string) => {
    const options = ["--run", place, "--data", "train.parquet", "--eval", "eval.parquet", "--out", name];
    const { code, err } = await pepnetIn(folder, "export", "torcheasyrec", ...options);
    expect(code, err).toBe(0);
    return { err, config: await readFile(path.join(folder, name, "pipeline.config"), "utf8") };
  };
  let run: Run;
  let config: string;
  beforeAll(async () => {
    await (await dataset(train)).toParquet(path.join(folder, "train.parquet"));
    await (await dataset(validation)).toParquet(path.join(folder, "eval.parquet"));
    const at = path.join(folder, "training");
    run = await fitted([1, 2, 3, 2, 1], { checkpoints: { folder: at, everySteps: 4, keep: 20 } });
    await run.save(path.join(folder, "saved"));
    ({ config } = await exported(run.model));
    expect(config).toContain("num_steps: 12");
  });

  it.each(["saved", "training"])("is exported as in memory, by the library and the command: %s", async (place) => {
    const loaded = await loadRun(path.join(folder, place));
    runs.push(loaded);
    expect(loaded.record).toEqual(run.record);
    expect((await exported(loaded.model)).config).toBe(config);
    const written = await exportedBy(place, `by-command-${place}`);
    expect(written.config).toBe(config);
    expect(written.err).toContain("note: trains 12 steps, or 0.75 epochs (num_steps: 12). The run stopped early");
  });

  it("has the steps of the checkpoint that is loaded", async () => {
    const at = path.join(folder, "checkpoints");
    const aborts = new AbortController();
    const checkpoints = { folder: at, everySteps: 10, keep: 20 };
    const onStep = ({ step }: { readonly step: number }): void => void (step === 19 && aborts.abort());
    const stopped = await fitted([1, 2, 3, 1], { checkpoints, onStep, signal: aborts.signal });
    const steps = stopped.record!.trainedSteps;
    // Predictions of an interrupted training are those of its last step, also where an earlier one was better.
    expect(stopped.record).toMatchObject({ steps, end: "interrupted" });
    const readBy = async (place: string, options: object = {}) => {
      const loaded = await loadRun(place, options);
      runs.push(loaded);
      return loaded.record!.steps;
    };
    expect(await readBy(at)).toBe(steps);
    expect(await readBy(path.join(at, "checkpoint-10"))).toBe(10);
    const which = { which: "best" as const };
    expect(await readBy(at, which)).toBe(Number(/checkpoint-(\d+)$/.exec(await runPlace(at, "best"))![1]));
    // Resumed, it ends as if it had never stopped.
    const resumed = await fitted([1, 2, 3, 1, 1].slice(stopped.history.evaluations.length), {
      checkpoints: { ...checkpoints, existing: "resume" },
    });
    expect({ ...resumed.record, start: undefined }).toEqual({ ...run.record, start: undefined });
  });

  it("that an older version saved has the steps of its history", async () => {
    const old = path.join(folder, "old");
    await cp(path.join(folder, "saved"), old, { recursive: true });
    const { record, ...rest } = JSON.parse(await readFile(path.join(old, "run.json"), "utf8"));
    expect(record).toEqual(run.record);
    await replaceListed(old, "run.json", JSON.stringify(rest));
    const loaded = await loadRun(old);
    runs.push(loaded);
    expect(loaded.record).toEqual(run.record);
    expect((await exportedBy("old", "by-old")).config).toBe(config);
  });
});

describe("what else of a run TorchEasyRec does not do is noted", () => {
  const noted = async (run: Run): Promise<string> => {
    const { notes, readme } = await exported(run.model);
    for (const note of notes.slice(1)) expect(readme).toContain(note);
    return notes.join("\n");
  };

  it("weights, optimizers and vectors that it started from, also after a restart", async () => {
    const first = await fitted([1, 2, 3, 2, 1]);
    const place = path.join(folder, "first");
    await first.save(place);
    expect(await noted(first)).not.toContain("started from");
    const at = path.join(folder, "warm");
    const tuned = await fitted([1, 2, 3, 2, 1], { weights: place, checkpoints: at });
    expect(await noted(tuned)).toContain(`the run started from weights (${place}); TorchEasyRec starts at random`);
    const loaded = await loadRun(at);
    runs.push(loaded);
    expect(await noted(loaded)).toContain(`the run started from weights (${place})`);
    const resumed = await fitted([1], { checkpoints: { folder: at, existing: "resume" } });
    expect(await noted(resumed)).toContain(`the run started from weights (${place})`);
    const weightMap = { "model._task_tower.*": null };
    const mapped = await fitted([1, 2, 3, 2, 1], { weights: await first.weights(), weightMap });
    expect(await noted(mapped)).toContain("started from weights (weights in memory, by a weightMap)");
    const from = Array.from({ length: 20 }, (_, item) => ({ item, vector: [item, 0, 0, 1] }));
    const vectors = { item: { from, id: "item", vector: "vector" } };
    const embedded = await fitted([1, 2, 3, 2, 1], { vectors });
    expect(await noted(embedded)).toContain('the tables of "item" started from vectors');
  });

  it("the mean of several seeds", async () => {
    const run = await fitted([1, 2, 3, 2, 1], { seeds: 2 });
    const { length } = await exported(run.model);
    expect(run.record).toMatchObject({ seeds: 2 });
    expect(length[0]).toBe(`num_steps: ${run.record!.steps}`);
    expect(await noted(run)).toMatch(/The mean of 2 runs stopped early[\s\S]*a model 2 times as wide/);
  });

  it("a recalibration, and gates that were scaled after training", async () => {
    const gated = pepnet()
      .features(idFeature("item").buckets(20).embedding(4), idFeature("scene").buckets(2).embedding(4))
      .labels("clk")
      .group("domain", ["scene"])
      .epnet()
      .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc()) as unknown as AnyModel;
    const withScenes = (data: readonly object[]) => data.map((row, at) => ({ ...row, scene: at % 2 }));
    const [known, held] = [withScenes(train), withScenes(validation)];
    const run = await gated.fit(known, { validation: held, steps: 12, quiet: true, engine: "cpu" });
    const { run: recalibrated } = await run.recalibrate(held);
    const dial = await (await run.dial(held)).set({ epnet: 1.5 });
    const scaled = await dial.model();
    runs.push(run, recalibrated, scaled);
    const notes = async (each: Run) => {
      const out = path.join(folder, `gated-${exports++}`);
      return (await each.model.exportTorchEasyRec(known, { folder: out, validation: held })).notes.join("\n");
    };
    expect(await notes(run)).toBe("");
    expect(await notes(recalibrated)).toContain("the recalibration is not part of training");
    expect(recalibrated.model.spec).toEqual(run.model.spec);
    expect(scaled.model.spec).toEqual({ ...run.spec, epnet: { ...run.spec.epnet, gamma: 1.5 } });
    const scaledNotes = await notes(scaled);
    expect(scaledNotes).toContain("gamma was changed after the run's training");
  });

  it("outputs that start at the labels' rates, with and without a run", async () => {
    const biased = model.train({ outputBias: "rate" }) as AnyModel;
    const text = "outputs start at random there: TorchEasyRec has no setting";
    expect(await noted(await fitted([1, 2, 3, 2, 1], {}, biased))).toContain(text);
    expect((await exported(biased)).notes.join("\n")).toContain(text);
  });
});

describe("without a run", () => {
  it("the number of epochs is a guess, which note and README say, with validation rows and without", async () => {
    for (const rowsToEvaluate of [validation, null, undefined]) {
      const { length, notes, readme } = await exported(model, train, { validation: rowsToEvaluate });
      const isEvaluated = rowsToEvaluate !== null;
      expect(length).toEqual(["num_epochs: 10", ...(isEvaluated ? ["save_checkpoints_epochs: 1"] : [])]);
      expect(notes.join("\n")).toMatch(/trains 10 epochs, or \d+ steps \(num_epochs: 10\), which is a guess: fit\(\)/);
      expect(notes.join("\n")).not.toContain("no validation rows");
      expect(readme).toMatch(/## How long it trains\n\nIt trains 10 epochs[^\n]*\*\*This number is a guess\*\*/);
      expect(readme).toContain("await run.model.exportTorchEasyRec(train");
    }
  });

  it("a number that the model sets stays, and nobody knows whether it is right", async () => {
    const { length, notes, readme } = await exported(model.train({ epochs: 3 }) as AnyModel);
    expect(length).toEqual(["num_epochs: 3"]);
    expect(notes.join("\n")).toContain("trains 3 epochs, or 48 steps (num_epochs: 3), as the model says; no run shows");
    expect(notes.join("\n")).not.toContain("guess");
    expect(readme).toContain("every 1,000 steps (`save_checkpoints_steps`)");
  });

  it("as for the model of a run that was changed", async () => {
    const run = await fitted([1, 2, 3, 2, 1]);
    const { length, notes } = await exported(run.model.train({ dense: adam(0.002) }) as AnyModel);
    expect(length).toEqual(["num_epochs: 10"]);
    expect(notes.join("\n")).toContain("no run shows whether that is too short or too long");
  });

  it("rows without a batch are refused, as TorchEasyRec would end without a model", async () => {
    const dropping = model.train({ dropRemainder: true, batchSize: 64 }) as AnyModel;
    await expect(exported(dropping, rows(60, 1))).rejects.toThrow(/no full batch to train on[\s\S]*lower batchSize/);
  });
});

async function pepnetSteps(out: string) {
  const { code, err, out: text } = await pepnetIn(out, "train", "--config", "pipeline.config", "--engine", "cpu");
  expect(code, err).toBe(0);
  return { steps: Number(/step=(\d+)/.exec(text.split("saved").at(-1)!)?.[1]) };
}
