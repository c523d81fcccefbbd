/** What a newcomer gets who sets nothing: settings by the rows, a floor beside AUC, and words where it went wrong. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { longTraining } from "../../src/api/training/advice.js";
import { findingText } from "../../src/core/errors/finding.js";
import { type Dataset, dataset, idFeature, loadRun, pepnet, rawFeature } from "../../src/index.js";
import { judgedRun } from "../../src/lab/report/judges/judges.js";

/** Rows whose label depends on an item and a number; `shift` changes the rate of the label. */
function rows(count: number, { start = 0, shift = 0 } = {}) {
  const random = (row: number, salt: number): number => {
    const x = Math.sin((row + start) * 12.9898 + salt * 78.233) * 43758.5453;
    return x - Math.floor(x);
  };
  const all = Array.from({ length: count }, (_, row) => row);
  const item = all.map((row) => Math.floor(random(row, 1) * 40));
  const scene = all.map((row) => Math.floor(random(row, 2) * 2));
  const age = all.map((row) => random(row, 3) - 0.5);
  const click = all.map((row) => {
    const logit = (item[row]! % 2 === 0 ? 1.5 : -1.5) + (scene[row] === 1 ? 2 : -2) * age[row]! + shift;
    return random(row, 4) < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  return { item, scene, age, click };
}

const ungrouped = () =>
  pepnet()
    .features(idFeature("item").buckets(40).embedding(8), idFeature("scene").buckets(2).embedding(4), rawFeature("age"))
    .labels("click", "scene")
    .group("domain", ["scene"])
    .group("uia", ["item"])
    .epnet()
    .ppnet({ hidden: [16] })
    .domains("scene", ["feed", "search"]);

const untasked = () => ungrouped().group("all", ["item", "age"]);

const described = () => untasked().tower("ctr", (t) => t.label("click").mlp(8).bce().auc());

const about = (notes: readonly string[], words: RegExp) => notes.filter((note) => words.test(note));

let place: string;
beforeAll(() => {
  place = mkdtempSync(path.join(tmpdir(), "pepnet-evening-"));
});
afterAll(() => rmSync(place, { recursive: true }));

describe("a model without training options", () => {
  it("gets them from the rows, says which, and writes what was used", async () => {
    const run = await described().fit(rows(4000), { quiet: true });
    expect(run.spec.training).toMatchObject({ batchSize: 64, epochs: 10, steps: null });
    expect(about(run.notes, /chosen/)).toEqual([
      "chosen for 3,600 rows: batch size 64, up to 10 epochs with early stopping; .train({ batchSize, epochs }) overrides",
    ]);
    expect(run.history.bestStep).not.toBeNull();
    const config = run.model.toConfig();
    expect(config).toMatch(/batch_size: 64/);
    expect(config).toMatch(/num_epochs: 10/);
    expect(config).not.toMatch(/automatic/);
    await run.dispose();
  });

  it("keeps its freedom through a config, until somebody edits the length there", () => {
    const text = described().toConfig();
    expect(text).toMatch(/# pepnet: \{.*"epochs":"automatic"/);
    expect(text).toMatch(/num_epochs: 10/); // TorchEasyRec needs a number
    expect(pepnet.fromConfig(text).spec.training).toMatchObject({ epochs: null, steps: null, batchSize: null });
    const edited = text.replace("num_epochs: 10", "num_epochs: 3");
    expect(pepnet.fromConfig(edited).spec.training).toMatchObject({ epochs: 3 });
  });

  it("does not stop early where a length was asked for, in the model or the call", async () => {
    for (const run of [
      await described().train({ epochs: 2 }).fit(rows(2000), { quiet: true }),
      await described().fit(rows(2000), { quiet: true, epochs: 2 }),
    ]) {
      expect(run.history.bestStep).toBeNull();
      expect(run.history.evaluations.at(-1)!.epoch).toBe(2);
      await run.dispose();
    }
  });

  it("resumes under the same settings, from its own checkpoint", async () => {
    const folder = path.join(place, "resumed");
    const first = await described().fit(rows(2000), { quiet: true, checkpoints: folder });
    const again = await described().fit(rows(2000), { quiet: true, checkpoints: { folder, existing: "resume" } });
    expect(await again.weights()).toEqual(await first.weights());
    await Promise.all([first.dispose(), again.dispose()]);
  });
});

describe("the floor of an evaluation", () => {
  it("is the AUC of a logistic regression on the same features and rows, by domain and by any column", async () => {
    const run = await described().fit(rows(6000), { quiet: true });
    const [task] = run.evaluation!.tasks;
    const { overall, domains } = task!.floor!;
    // Within a scene the number has one sign, which a regression without crosses cannot know.
    expect(overall).toBeGreaterThan(0.7);
    expect(overall).toBeLessThan(task!.overall.auc! + 0.02);
    expect(domains).toHaveLength(2);
    const test = await run.evaluate(rows(3000, { start: 10_000 }), { by: "item" });
    expect(test.tasks[0]!.floor!.domains).toHaveLength(test.tasks[0]!.domains.length);
    expect(run.evaluation!.toMarkdown()).toMatch(/logistic regression/);
    await run.dispose();
  });

  it("is left out on request, and of a training shorter than an epoch unless it is asked for", async () => {
    const floors: boolean[] = [];
    for (const options of [{ floor: false }, { steps: 2 }, { steps: 2, floor: true }]) {
      const run = await described().fit(rows(3000), { quiet: true, ...options });
      const { tasks } = await run.evaluate(rows(1000, { start: 10_000 }));
      floors.push(tasks[0]!.floor !== undefined);
      expect(run.evaluation!.tasks[0]!.floor !== undefined).toBe(floors.at(-1));
      await run.dispose();
    }
    expect(floors).toEqual([false, false, true]);
  });

  it("has fewer rows where it would cost more than a fifth of the training, and says what that changes", async () => {
    const names = Array.from({ length: 60 }, (_, at) => `f${at}`);
    const columns = (count: number, start: number) => ({
      ...Object.fromEntries(
        names.map((name, at) => [name, Array.from({ length: count }, (_, row) => ((row + start) * (7919 + at)) % 997)]),
      ),
      click: Array.from({ length: count }, (_, row) => Number(((row + start) * 7919) % 997 < 300)),
    });
    const wide = pepnet()
      .features(...names.map((name) => idFeature(name).buckets(997).embedding(2)))
      .labels("click")
      .tower("ctr", (t) => t.label("click").mlp(4).bce());
    const notes: string[][] = [];
    for (const floor of [undefined, true]) {
      const options = { quiet: true, epochs: 1, validation: columns(800, 50_000), floor };
      const run = await wide.fit(columns(16_000, 0), options);
      const { rows: used, of } = run.evaluation!.tasks[0]!.floor!;
      expect([used === 16_000, of]).toEqual([floor === true, 16_000]);
      notes.push(run.notes.filter((note) => note.includes("logistic regression beside")));
      await run.dispose();
    }
    expect(notes[1]).toEqual([]);
    expect(notes[0]!.join()).toMatch(
      /^the logistic regression beside AUC has [\d,]+ of 16,000 rows, so that .* a fifth of the training; half as many change its AUC by ctr [−+]0\.\d{3}: fit\(train, \{ floor: true \}\) has no such limit$/,
    );
  });

  it("comes back with a saved run, to the last digit, also from checkpoints", async () => {
    const [saved, checkpoints] = [path.join(place, "saved"), path.join(place, "checkpoints")];
    const run = await described().fit(rows(3000), { quiet: true, checkpoints });
    await run.save(saved);
    const test = rows(1000, { start: 9_000 });
    const floor = (await run.evaluate(test)).tasks[0]!.floor;
    expect(floor).toBeDefined();
    for (const folder of [saved, checkpoints]) {
      const loaded = await loadRun(folder);
      expect((await loaded.evaluate(test)).tasks[0]!.floor).toEqual(floor);
      expect(loaded.evaluation!.tasks[0]!.floor).toEqual(run.evaluation!.tasks[0]!.floor);
      await loaded.dispose();
    }
    await run.dispose();
  });

  it("is missing where a task has no classes", async () => {
    const { click: _, ...rest } = rows(1000);
    const regression = untasked().tower("value", (t) => t.label("click").mlp(8).l2());
    const run = await regression.fit({ ...rest, click: rest.age.map((age) => age * 2) }, { quiet: true, epochs: 1 });
    expect(run.evaluation!.tasks[0]!.floor).toBeUndefined();
    await run.dispose();
  });
});

describe("a training that went wrong says so, with what to change", () => {
  type Fit = (data: never, options: { quiet: true }) => Promise<{ notes: readonly string[]; dispose(): Promise<void> }>;
  const notesOf = async (model: { fit: Fit }, data: Dataset | object, options = {}) => {
    const run = await model.fit(data as never, { quiet: true, ...options });
    await run.dispose();
    return run.notes;
  };

  it("too few steps", async () => {
    const notes = await notesOf(described().train({ epochs: 1, batchSize: 1024 }), rows(4000));
    expect(about(notes, /steps/)).toEqual([
      "training: only 4 steps of 1,024 rows: fewer than 100 steps rarely train a model; .train({ batchSize: 32 }), or train for more epochs: .train({ epochs: 2 })",
    ]);
    expect(about(await notesOf(described().train({ epochs: 3, batchSize: 32 }), rows(4000)), /only/)).toEqual([]);
    expect(about(await notesOf(described(), rows(4000), { steps: 5 }), /only/), "a dry run").toEqual([]);
  });

  it("a first loss far above the label's entropy: a number that is not scaled", async () => {
    const large = rows(4000);
    const notes = await notesOf(described(), { ...large, age: large.age.map((age) => age * 1e6) });
    expect(about(notes, /the loss began at \d+.*\.zscore\(\)/)).toHaveLength(1);
    expect(
      about(notes, /features\.age: enters the network unscaled \(.*rawFeature\("age"\)\.zscore\(\)$/),
    ).toHaveLength(1);
    expect(about(await notesOf(described(), large), /the loss began|unscaled/)).toEqual([]);
  });

  it("an AUC that peaked early, and one that still rises", async () => {
    const over = (count: number, ...aucs: number[]) => {
      const measured = { rows: count, positives: count / 4, logLoss: null };
      const evaluations = aucs.map((auc, at) => {
        const tasks = [{ tower: "ctr", overall: { ...measured, auc }, allRows: measured, domains: [] }];
        return { step: 10 * (at + 1), epoch: at, evaluation: { rows: count, domainNames: [], tasks } };
      });
      const history = { points: [], evaluations, bestStep: null };
      const { spec } = described().train({ epochs: 3, batchSize: 16 });
      const facts = { spec, history, evaluation: null, interrupted: false, isDryRun: false, totalSteps: 500 };
      return judgedRun(facts as never).map(findingText);
    };
    expect(about(over(4000, 0.6, 0.8, 0.7), /AUC was best at step 20 .* earlyStopping: true/)).toHaveLength(1);
    // Of 40 rows, this much is noise.
    expect(over(40, 0.6, 0.8, 0.7)).toEqual([]);
    expect(over(4000, 0.6, 0.72, 0.71)).toEqual([]);
    const short = described().train({ epochs: 2, batchSize: 256 });
    expect(about(await notesOf(short, rows(6000)), /still rose .*epochs: 4/)).toHaveLength(1);
  });

  it("a training of more than a minute, once that is known", () => {
    const advice = (seconds: number, secondsLeft: number) => longTraining({ secondsLeft }, seconds);
    expect(advice(3, 750)).toContain("fit(data, { steps: 100 }) is a short look");
    expect(advice(3, 59)).toBeNull();
    expect(advice(2.9, 750)).toBeNull();
    expect(advice(Number.NEGATIVE_INFINITY, 750)).toBeNull();
  });

  it("a model that is no better than the label's rate by domain", async () => {
    const noise = rows(3000);
    const coin = noise.click.map((_, row) => ((Math.sin(row * 78.233) * 43758.5453) % 1 > 0 ? 1 : 0));
    const notes = await notesOf(described(), { ...noise, click: coin });
    expect(about(notes, /no better than each domain's label rate/)).toHaveLength(1);
  });

  it("labels of validation rows with another rate", async () => {
    const notes = await notesOf(described(), rows(4000), { validation: rows(2000, { start: 5000, shift: 3 }) });
    expect(
      about(
        notes,
        /validation data, column "click": label "click" is positive in [\d.]+% of the rows, and in [\d.]+% of the training/,
      ),
    ).toHaveLength(1);
  });

  it("ids that share rows of a small hash table", async () => {
    const grouped = (size: number) =>
      ungrouped()
        .features(idFeature("city").hash(size).embedding(4))
        .group("all", ["item", "city"])
        .tower("ctr", (t) => t.label("click").mlp(8).bce());
    const data = rows(3000);
    const city = data.item.map((item, row) => `city ${(item * 7 + row) % 50}`);
    const notes = await notesOf(grouped(60), { ...data, city }, { epochs: 1 });
    const crowded =
      /features\.city: about \d+ of about \d+ distinct values \([\d.]+%\) share a row with another value: .* rows of \.hash\(60\)/;
    expect(about(notes, crowded)).toHaveLength(1);
    expect(about(await notesOf(grouped(10_000), { ...data, city }, { epochs: 1 }), /features\.city/)).toEqual([]);
  });

  it("is said once for the same data", async () => {
    const large = rows(2000);
    const data = await dataset({ ...large, age: large.age.map((age) => age * 1e6) });
    expect(about(await notesOf(described(), data, { epochs: 1 }), /unscaled/)).toHaveLength(1);
    const again = await notesOf(described().epnet({ gamma: 1 }), data, { epochs: 1 });
    expect(about(again, /unscaled/)).toEqual([]);
    expect(about(again, /1 note on the data as before: data\.check\(model\)/)).toHaveLength(1);
  });
});
