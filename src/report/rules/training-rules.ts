/** Rules on the course of training. */

import type { EvaluationPoint } from "../../train/index.js";
import { count, fixed, grouped } from "../../util/text/format.js";
import { lossEnds } from "../../views/index.js";
import {
  clipGradients,
  dropout,
  earlyStopping,
  higherRate,
  lowerRate,
  moreRows,
  smallerEmbeddings,
  trainLonger,
  trainShorter,
  weightDecay,
} from "./actions.js";
import type { Rule } from "./rule.js";

/** Largest accepted AUC difference between training and evaluation rows; more is overfitting. */
const OVERFIT = 0.03;
/** Smaller changes of AUC between evaluations are ignored. */
const MOVED = 0.002;

export const trainingRules: readonly Rule[] = [
  {
    name: "interrupted",
    severity: "serious",
    when: "training was interrupted",
    find: ({ interrupted, history }) =>
      interrupted
        ? [
            {
              seen: `Training was interrupted at step ${grouped(history.points.at(-1)?.step ?? 0)}.`,
              actions: [{ text: "train to the end before comparing this run with others" }],
            },
          ]
        : [],
  },
  {
    name: "loss grew",
    severity: "serious",
    when: "the mean loss of the last steps is above that of the first, or not finite",
    find: ({ history: { points } }) => {
      const ends = lossEnds(points);
      if (ends === null || points.length < 2) return [];
      const { first, last } = ends;
      if (Number.isFinite(last.loss) && last.loss <= first.loss) return [];
      return [
        {
          seen: `The loss went from ${fixed(first.loss)} (mean of the first ${count(first.steps, "step")}) to ${fixed(last.loss)} (mean of the last ${count(last.steps, "step")}).`,
          actions: [lowerRate, clipGradients],
        },
      ];
    },
  },
  {
    name: "overfitting",
    severity: "moderate",
    when: `AUC on training rows is more than ${OVERFIT} above that on evaluation rows`,
    find: ({ training, evaluation }) =>
      (training?.tasks ?? []).flatMap((task) => {
        const [trainingAuc, evaluationAuc] = [
          task.overall.auc,
          evaluation?.tasks.find(({ tower }) => tower === task.tower)?.overall.auc,
        ];
        if (
          trainingAuc === null ||
          evaluationAuc === null ||
          evaluationAuc === undefined ||
          trainingAuc - evaluationAuc <= OVERFIT
        )
          return [];
        return [
          {
            seen: `${task.tower}: AUC ${fixed(trainingAuc)} on training rows, ${fixed(evaluationAuc)} on evaluation rows (difference ${fixed(trainingAuc - evaluationAuc)}).`,
            actions: [dropout, weightDecay, smallerEmbeddings, moreRows, earlyStopping],
          },
        ];
      }),
  },
  {
    name: "best was earlier",
    severity: "moderate",
    when: `AUC fell by more than ${MOVED} after its best evaluation`,
    find: ({ history: { evaluations, bestStep } }) => {
      const last = evaluations.at(-1);
      if (last === undefined || evaluations.length < 3 || bestStep !== null) return []; // early stopping kept the best
      return last.evaluation.tasks.flatMap(({ tower }) => {
        const best = evaluations.reduce((a, b) => (aucAt(b, tower) > aucAt(a, tower) ? b : a));
        const lost = aucAt(best, tower) - aucAt(last, tower);
        if (!(lost > MOVED) || best === last) return [];
        return [
          {
            seen: `${tower}: AUC was best at step ${grouped(best.step)} (${fixed(aucAt(best, tower))}) and ${fixed(aucAt(last, tower))} at the last evaluation, step ${grouped(last.step)}.`,
            actions: [trainShorter, earlyStopping],
          },
        ];
      });
    },
  },
  {
    name: "still rising",
    severity: "minor",
    when: `the last evaluation gained more than ${MOVED} of AUC`,
    find: ({ history: { evaluations } }) => {
      const [before, last] = evaluations.slice(-2);
      if (before === undefined || last === undefined) return [];
      return last.evaluation.tasks.flatMap(({ tower }) => {
        const gained = aucAt(last, tower) - aucAt(before, tower);
        if (!(gained > MOVED)) return [];
        return [
          {
            seen: `${tower}: AUC still rose by ${fixed(gained)} from step ${grouped(before.step)} to the last evaluation, step ${grouped(last.step)}.`,
            actions: [trainLonger, higherRate],
          },
        ];
      });
    },
  },
];

function aucAt({ evaluation }: EvaluationPoint, tower: string): number {
  return evaluation.tasks.find((task) => task.tower === tower)?.overall.auc ?? Number.NaN;
}
