/** Reports on models that are as good as the truth, with few rows and noise. */

import { measurePredictions } from "../../../src/core/train/evaluate.js";
import { random } from "../../../src/core/util/random.js";
import { judgedRun } from "../../../src/lab/report/judges/judges.js";
import type { ReportFacts } from "../../../src/lab/report/summary.js";
import { measuredRows, noisyPredictions, twoTasks } from "../../core/train/measured.js";
import type { Rate } from "../../rates.js";
import { factsOf } from "./facts.js";

const reports = 60;
const calm = factsOf();

/** About 60 rows a domain, a logistic regression that is as good, and a training whose evaluations only wander. */
async function nullReport(seed: number): Promise<ReportFacts> {
  const { data, logits, domains } = measuredRows(190, 900 + seed);
  const source = random(seed).fork("null report");
  const wandering = () => noisyPredictions(logits, domains, () => 0.5, source);
  const found = await measurePredictions(twoTasks, data, wandering(), { intervals: { draws: 60 } });
  const evaluation = {
    ...found,
    tasks: found.tasks.map((task) => ({
      ...task,
      floor: { overall: task.overall.auc! + 0.01 * source.normal(), domains: [] },
    })),
  };
  const evaluations = [];
  for (let e = 0; e < 8; e++) {
    evaluations.push({
      step: 10 * (e + 1),
      epoch: e,
      evaluation: await measurePredictions(twoTasks, data, wandering()),
    });
  }
  return { ...calm, evaluation, history: { ...calm.history, bestStep: null, evaluations } };
}

/** Reports with any serious finding, and with a best evaluation before the last. */
export async function nullReports(): Promise<Rate[]> {
  let [serious, earlier] = [0, 0];
  for (let seed = 0; seed < reports; seed++) {
    const found = judgedRun(await nullReport(seed));
    if (found.some(({ severity }) => severity === "serious")) serious++;
    if (found.some(({ judge }) => judge === "best was earlier")) earlier++;
  }
  return [
    { name: "reports with a serious finding", wrong: serious, of: reports, atMost: 5 },
    { name: "reports with a best evaluation before the last", wrong: earlier, of: reports, atMost: 5 },
  ];
}

/** Of 60 reports: 5%, and what the simulation's own error adds in 1% of runs. */
const atMost = Math.floor(60 * 0.05 + 2.33 * Math.sqrt(60 * 0.05 * 0.95));

/** Evaluations of a model without signal (noise 1000), or of one that is about as good as the truth (1). */
async function wanderingHistory(seed: number, length: number, noise: number): Promise<ReportFacts["history"]> {
  const { data, logits, domains } = measuredRows(400, 300 + seed);
  const source = random(seed).fork("history");
  const evaluations = [];
  for (let e = 0; e < length; e++) {
    const predictions = noisyPredictions(logits, domains, () => noise, source);
    evaluations.push({
      step: 10 * (e + 1),
      epoch: e,
      evaluation: await measurePredictions(twoTasks, data, predictions),
    });
  }
  return { ...calm.history, bestStep: null, evaluations };
}

/** Each rule on the length of training, in reports and then in the notes of `fit`. */
export async function wanderingTrainings(): Promise<Rate[]> {
  const rates: Rate[] = [];
  for (const [length, noise] of [
    [2, 1000],
    [3, 1000],
    [10, 1000],
    [30, 1000],
    [10, 1],
  ] as const) {
    const wrong = { "best was earlier": 0, "peaked, in notes": 0, "still rising": 0, "still rising, in notes": 0 };
    for (let seed = 0; seed < reports; seed++) {
      const history = await wanderingHistory(seed, length, noise);
      const found = judgedRun({ ...calm, history }).map(({ judge }) => judge);
      const facts = { ...calm, evaluation: null, history, isDryRun: false, totalSteps: 500, interrupted: false };
      const notes = judgedRun(facts).map(({ judge }) => judge);
      wrong["best was earlier"] += Number(found.includes("best was earlier"));
      wrong["peaked, in notes"] += Number(notes.includes("best was earlier"));
      wrong["still rising"] += Number(found.includes("still rising"));
      wrong["still rising, in notes"] += Number(notes.includes("still rising"));
    }
    for (const [name, count] of Object.entries(wrong)) {
      rates.push({ name: `${length} evaluations, noise ${noise}: ${name}`, wrong: count, of: reports, atMost });
    }
  }
  return rates;
}

const ruleNames = ["overfitting", "miscalibrated", "room for improvement", "weak domain", "no better than chance"];

/** Rules on rows, of models that predict the true probabilities. */
export async function rowRules(): Promise<Rate[]> {
  const alarms: Record<string, number> = {};
  for (let seed = 0; seed < reports; seed++) {
    const [here, training] = [measuredRows(300, 5000 + seed), measuredRows(300, 9000 + seed)].map(
      ({ data, logits }) => {
        const predictions = twoTasks.towers.map(({ name }, task) => {
          return {
            tower: name,
            logits: logits[task]!,
            probabilities: logits[task]!.map((x) => 1 / (1 + Math.exp(-x))),
          };
        });
        return { data, predictions };
      },
    );
    const evaluation = await measurePredictions(twoTasks, here!.data, here!.predictions, { intervals: { draws: 60 } });
    const seen = await measurePredictions(twoTasks, training!.data, training!.predictions);
    const references = evaluation.tasks.map(({ tower, overall, domains }) => {
      const source = random(seed).fork(tower);
      return { tower, overall: overall.auc! + 0.02 * source.normal(), domains: domains.map(({ auc }) => auc) };
    });
    const facts = { ...calm, evaluation, training: seen, references, calibration: null };
    for (const rule of new Set(judgedRun(facts).map(({ judge }) => judge ?? ""))) {
      if (ruleNames.includes(rule)) alarms[rule] = (alarms[rule] ?? 0) + 1;
    }
  }
  return ruleNames.map((name) => ({ name, wrong: alarms[name] ?? 0, of: reports, atMost }));
}
