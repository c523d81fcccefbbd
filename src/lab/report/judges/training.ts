/** Judges of the course of a training: its length, its losses, and its evaluations. */
import { aucStandardError, criticalZ } from "../../../core/metrics/intervals/normal.js";
import { fallsFromBest, leastMove, risesAtEnd } from "../../../core/metrics/learning-curves.js";
import type { TaskEvaluation } from "../../../core/metrics/types.js";
import { count, fixed, grouped } from "../../../core/util/text.js";
import { LOSS_ERRORS, lossEnds } from "../../views/history.js";
import {
  clipGradients,
  dropout,
  earlyStopping,
  higherRate,
  lowerRate,
  moreRows,
  OVERFIT,
  smallerEmbeddings,
  trainLonger,
  trainShorter,
  weightDecay,
} from "./actions.js";
import { observation, observations, type RunFacts, type RunJudge } from "./facts.js";

const FEW_STEPS = 100;
/** A first loss above this multiple of ln 2 indicates inputs that are too large. */
const FAR_ABOVE = 5;

export const trainingJudges: readonly RunJudge[] = [
  {
    name: "interrupted",
    severity: "serious",
    when: "training was interrupted",
    heldBy: "test/lab/report/rules.test.ts",
    find: ({ interrupted, history }) => {
      const message = `interrupted at step ${grouped(history.points.at(-1)?.step ?? 0)}`;
      const next = "train to the end before comparing this run with others";
      return interrupted ? [{ ...observation("training", message, next), size: Number.MAX_VALUE }] : [];
    },
  },
  {
    name: "loss grew",
    severity: "serious",
    when: "the mean loss of the last steps is above that of the first by more than the noise of steps, or not finite",
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: ({ history: { points } }) => {
      const ends = lossEnds(points);
      if (ends === null || points.length < 2) return [];
      const { first, last, noise } = ends;
      // Two losses do not say by how much steps differ.
      if (Number.isFinite(last.loss) && points.length < 3) return [];
      if (Number.isFinite(last.loss) && last.loss <= first.loss + LOSS_ERRORS * noise) return [];
      const before = `${fixed(first.loss)} (mean of the first ${count(first.steps, "step")})`;
      const after = `${fixed(last.loss)} (mean of the last ${count(last.steps, "step")})`;
      const growth = observation("training", `the loss went from ${before} to ${after}`, lowerRate, clipGradients);
      return [{ ...growth, size: Number.MAX_VALUE }];
    },
  },
  {
    name: "overfitting",
    severity: "moderate",
    when: `AUC on training rows is above that on evaluation rows by more than ${OVERFIT}, and by more than noise, corrected for the number of tasks`,
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: ({ training, evaluation }) =>
      observations(training?.tasks, ({ tower, overall }) => {
        const held = evaluation?.tasks.find((task) => task.tower === tower)?.overall;
        const evaluated = held?.auc ?? null;
        if (overall.auc === null || held === undefined || evaluated === null) return null;
        const noise = Math.hypot(aucStandardError(overall), aucStandardError(held));
        const limit = Math.max(OVERFIT, criticalZ(1 - 0.1 / training!.tasks.length) * noise);
        if (!(overall.auc - evaluated > limit)) return null;
        const message = `AUC ${fixed(overall.auc)} on training rows, ${fixed(evaluated)} on evaluation rows (difference ${fixed(overall.auc - evaluated)})`;
        const actions = [dropout, weightDecay, smallerEmbeddings, moreRows, earlyStopping];
        return { ...observation(tower, message, ...actions), size: overall.auc - evaluated };
      }),
  },
  {
    name: "best was earlier",
    severity: "moderate",
    when: `AUC fell by more than ${leastMove}, and more than noise, after its best evaluation, of three or more`,
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: (facts) =>
      observations(isWhole(facts) ? fallsFromBest(facts.history) : [], ({ tower, from, to }) => {
        const message = `AUC was best at step ${grouped(from.step)} (${fixed(from.auc)}) and ${fixed(to.auc)} at the last evaluation, step ${grouped(to.step)}`;
        return { ...observation(tower, message, trainShorter, earlyStopping), size: from.auc - to.auc };
      }),
  },
  {
    name: "still rising",
    severity: "moderate",
    when: `the last evaluation gained more than ${leastMove} of AUC, and more than noise`,
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: (facts) =>
      observations(isWhole(facts) ? risesAtEnd(facts.history) : [], ({ tower, from, to }) => {
        const message = `AUC still rose by ${fixed(to.auc - from.auc)} from step ${grouped(from.step)} to the last evaluation, step ${grouped(to.step)}`;
        return { ...observation(tower, message, trainLonger, higherRate), size: to.auc - from.auc };
      }),
  },
  {
    name: "few steps",
    severity: "moderate",
    when: `a whole training took fewer than ${FEW_STEPS} steps`,
    heldBy: "test/api/first-evening.test.ts",
    find: (facts) => {
      const { spec, history, totalSteps = history.points.at(-1)?.step ?? FEW_STEPS } = facts;
      const { batchSize } = spec.training;
      if (!isWhole(facts) || totalSteps >= FEW_STEPS || batchSize === null) return [];
      const smaller = 2 ** Math.floor(Math.log2(Math.max(1, (batchSize * totalSteps) / FEW_STEPS)));
      const message = `only ${count(totalSteps, "step")} of ${count(batchSize, "row")}: fewer than ${FEW_STEPS} steps rarely train a model`;
      const actions = smaller >= 16 ? [`.train({ batchSize: ${smaller} })`, trainLonger] : [trainLonger];
      return [observation("training", message, ...actions)];
    },
  },
  {
    name: "high first loss",
    severity: "moderate",
    when: `the first loss of a binary task is above ${FAR_ABOVE} times ln 2: a random start predicts about 1/2`,
    heldBy: "test/api/first-evening.test.ts",
    find: ({ spec, history: { points }, evaluation }) =>
      observations(spec.towers, ({ name, losses: [loss] }) => {
        const task = evaluation?.tasks.find(({ tower }) => tower === name);
        const value = loss && points[0]?.taskLosses[`${loss.kind}_${name}`];
        const entropy = task === undefined ? null : labelEntropy(task);
        if (entropy === null || loss?.kind !== "binary_cross_entropy" || !(value! > FAR_ABOVE * Math.LN2)) return null;
        const message = `the loss began at ${Number(value!.toPrecision(3))}, and always predicting the label's rate has ${fixed(entropy)}: a number among the features is probably too large`;
        return observation(name, message, "scale it: rawFeature(…).zscore()");
      }),
  },
];

/** Whether the length of the training was the model's. */
function isWhole({ interrupted, isDryRun = false }: RunFacts): boolean {
  return !interrupted && !isDryRun;
}

/** The entropy of a binary label in nats; `null` for one class or other tasks. */
function labelEntropy({ allRows: { rows, positives, logLoss } }: TaskEvaluation): number | null {
  const rate = positives / rows;
  if (logLoss === null || !(rate > 0 && rate < 1)) return null;
  return -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate);
}
