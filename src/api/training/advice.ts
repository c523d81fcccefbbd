/** What a training's curves and duration suggest to change. */

import type { StudyRun } from "../../ablation/study.js";
import { aucStandardError } from "../../metrics/intervals/normal.js";
import { fallsFromBest, ratesLogLoss, risesAtEnd } from "../../metrics/learning-curves.js";
import type { TaskEvaluation } from "../../metrics/types.js";
import type { ModelSpec } from "../../spec/model.js";
import { isAutomaticLength, resolveTraining } from "../../spec/training.js";
import type { TrainLoopResult } from "../../train/loop/early-stopping.js";
import type { Progress } from "../../train/loop/recorder.js";
import { count, fixed, grouped } from "../../util/text.js";

export interface TrainedFacts extends Pick<TrainLoopResult, "history" | "evaluation" | "interrupted"> {
  readonly spec: ModelSpec;
  /** Whether `fit(data, { steps })` limited it: a dry run needs no advice on its length. */
  readonly isDryRun: boolean;
  readonly totalSteps: number;
}

const FEW_STEPS = 100;
/** A random start predicts about 1/2, a loss of ln 2. Above this multiple of it, inputs are too large. */
const FAR_ABOVE = 5;
const NO_GAIN = 0.001;

export function trainingAdvice(facts: TrainedFacts): string[] {
  if (facts.isDryRun) return highFirstLoss(facts);
  const length = facts.interrupted ? [] : lengthAdvice.flatMap((advise) => advise(facts));
  return [...length, ...resultAdvice.flatMap((advise) => advise(facts))];
}

/**
 * The advice that a training of the model itself would give, for a study: what at least half of the model's runs have,
 * in the words of the first of them.
 */
export function modelAdvice(spec: ModelSpec, runs: readonly StudyRun[]): string[] {
  const facts = runs.flatMap(({ evaluations, bestStep }): TrainedFacts[] => {
    const last = evaluations.at(-1);
    const best = evaluations.find(({ step }) => step === bestStep) ?? last;
    if (last === undefined || best === undefined) return [];
    const history = { points: [], evaluations, bestStep };
    const { evaluation } = best;
    return [{ spec, history, evaluation, interrupted: false, isDryRun: false, totalSteps: last.step }];
  });
  return [...lengthAdvice, ...resultAdvice].flatMap((advise) => {
    const advised = facts.map(advise).filter((texts) => texts.length > 0);
    if (advised.length === 0 || 2 * advised.length < facts.length) return [];
    return advised[0]!.map((text) => `the model, in ${advised.length} of ${count(facts.length, "run")}: ${text}`);
  });
}

const MEASURED_SECONDS = 3;
const LONG_SECONDS = 60;

/** How to shorten a training; `null`: it is not long, or that is not known yet. @param measuredSeconds after warm-up */
export function longTraining({ secondsLeft }: Pick<Progress, "secondsLeft">, measuredSeconds: number): string | null {
  if (measuredSeconds < MEASURED_SECONDS || secondsLeft < LONG_SECONDS) return null;
  return "fit(data, { steps: 100 }) is a short look, and model.estimate(data) says what takes the time";
}

/** Rows of the rarer class below which an AUC says little. */
const FEW_POSITIVES = 30;

function fewPositives({ evaluation }: TrainedFacts): string[] {
  return (evaluation?.tasks ?? []).flatMap(({ tower, overall: { auc, rows, positives } }) => {
    const rarer = Math.min(positives, rows - positives);
    if (auc === null || rarer >= FEW_POSITIVES) return [];
    // Shrunk a little: the error of an AUC of 1 would be 0.
    const shrunk = (auc * rarer + 0.5) / (rarer + 1);
    const reach = 1.96 * aucStandardError({ auc: shrunk, rows, positives });
    const [low, high] = [Math.max(0, auc - reach), Math.min(1, auc + reach)].map((value) => fixed(value));
    const kind = rarer === positives ? "positive" : "negative";
    return [
      `${tower}: only ${count(rarer, kind)} in ${count(rows, "validation row")}: the AUC is between ${low} and ${high} (95%); use more rows, or a label that is less rare`,
    ];
  });
}

function fewSteps({ spec: { training }, totalSteps }: TrainedFacts): string[] {
  if (totalSteps >= FEW_STEPS || training.batchSize === null) return [];
  const batchSize = 2 ** Math.floor(Math.log2(Math.max(1, (training.batchSize * totalSteps) / FEW_STEPS)));
  const smaller = batchSize >= 16 ? `.train({ batchSize: ${batchSize} }) or more epochs` : "train for more epochs";
  return [
    `only ${count(totalSteps, "step")} of ${count(training.batchSize, "row")}: fewer than ${FEW_STEPS} steps rarely train a model; ${smaller}`,
  ];
}

function peakedEarly({ history }: TrainedFacts): string[] {
  return fallsFromBest(history).map(
    ({ tower, from, to }) =>
      `${tower}: validation AUC peaked at step ${grouped(from.step)} (${fixed(from.auc)}) and ended at ${fixed(to.auc)}; fit(data, { earlyStopping: true }) keeps the best weights`,
  );
}

function stillRising({ history, spec: { training } }: TrainedFacts): string[] {
  const risen = risesAtEnd(history).map(({ tower, from, to }) => `${tower} by ${fixed(to.auc - from.auc)}`);
  if (risen.length === 0) return [];
  const longer = training.epochs === null ? `steps: ${2 * (training.steps ?? 0)}` : `epochs: ${2 * training.epochs}`;
  return [`validation AUC was still rising at the last evaluation (${risen.join(", ")}); .train({ ${longer} })`];
}

function highFirstLoss({ spec, history: { points }, evaluation }: TrainedFacts): string[] {
  const first = points[0];
  if (first === undefined || evaluation === null) return [];
  return spec.towers.flatMap(({ name, losses }) => {
    const task = evaluation.tasks.find(({ tower }) => tower === name);
    const entropy = task === undefined ? null : labelEntropy(task);
    const [loss] = losses;
    const value = loss && first.taskLosses[`${loss.kind}_${name}`];
    if (entropy === null || loss?.kind !== "binary_cross_entropy" || !(value! > FAR_ABOVE * Math.LN2)) return [];
    return [
      `${name}: the loss began at ${Number(value!.toPrecision(3))}, and always predicting the label's rate has ${fixed(entropy)}; a number among the features is probably too large: rawFeature(…).zscore()`,
    ];
  });
}

/** The entropy of a binary label in nats; `null` for one class or other tasks. */
function labelEntropy({ allRows: { rows, positives, logLoss } }: TaskEvaluation): number | null {
  const rate = positives / rows;
  if (logLoss === null || !(rate > 0 && rate < 1)) return null;
  return -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate);
}

function noBetterThanRates({ evaluation, history }: TrainedFacts): string[] {
  // Training longer does not help where AUC already fell from its best.
  const longer = fallsFromBest(history).length > 0 ? "stop earlier or" : "train longer or";
  return (evaluation?.tasks ?? []).flatMap((task) => {
    const { logLoss } = task.overall;
    const floor = ratesLogLoss(task);
    if (logLoss === null || floor === null || logLoss < floor * (1 - NO_GAIN)) return [];
    const rates = task.domains.length === 0 ? "the label's rate" : "each domain's label rate";
    return [
      `${task.tower}: the model is no better than ${rates} (log loss ${fixed(logLoss)}, the rates have ${fixed(floor)}); check that the features are informative, and ${longer} with another learning rate`,
    ];
  });
}

const lengthAdvice = [fewSteps, peakedEarly, stillRising];
const resultAdvice = [highFirstLoss, fewPositives, noBetterThanRates];

/** @param validated whether there are rows to stop early by; `null`: TorchEasyRec trains, and the export says how long */
export function resolveSettings(
  spec: ModelSpec,
  rows: number,
  validated: boolean | null,
): { readonly spec: ModelSpec; readonly stopsEarly: boolean; readonly notes: readonly string[] } {
  const training = resolveTraining(spec.training, rows);
  const isAutomatic = isAutomaticLength(spec.training);
  const stopsEarly = isAutomatic && validated === true;
  const chosen: string[] = [];
  if (spec.training.batchSize === null) chosen.push(`batch size ${grouped(training.batchSize)}`);
  if (isAutomatic && validated !== null) {
    const length = count(training.epochs!, "epoch");
    chosen.push(stopsEarly ? `up to ${length} with early stopping` : `${length} (no validation rows to stop early by)`);
  }
  const settings = validated === null ? "batchSize" : "batchSize, epochs";
  const note = `chosen for ${count(rows, "row")}: ${chosen.join(", ")}; .train({ ${settings} }) overrides`;
  return { spec: { ...spec, training }, stopsEarly, notes: chosen.length === 0 ? [] : [note] };
}
