/** What may help: actions that several judges suggest, chosen so that they do not contradict each other. */
import { fallsFromBest } from "../../../core/metrics/learning-curves.js";
import type { Action } from "./facts.js";

/** A larger gap of AUC between training and evaluation rows is overfitting. */
export const OVERFIT = 0.03;

export const trainLonger: Action = {
  text: "train for more epochs",
  code: ({ spec: { training } }) =>
    training.epochs === null
      ? `.train({ steps: ${2 * (training.steps ?? 0)} })`
      : `.train({ epochs: ${2 * training.epochs} })`,
  pulls: ["length", 1],
  // More epochs do not help where AUC already fell, or where training rows are ranked far better.
  isDone: ({ history, training, evaluation }) =>
    fallsFromBest(history).length > 0 ||
    (training?.tasks ?? []).some(({ overall }, task) => {
      const held = evaluation?.tasks[task]?.overall.auc ?? null;
      return overall.auc !== null && held !== null && overall.auc - held > OVERFIT;
    }),
};
export const trainShorter: Action = { text: "train for fewer epochs", pulls: ["length", -1] };
export const higherRate: Action = { text: "try a higher learning rate", pulls: ["learning rate", 1] };
export const lowerRate: Action = {
  text: "lower the learning rate",
  pulls: ["learning rate", -1],
};
export const moreRows = "train on more rows";
export const largerEmbeddings: Action = { text: "enlarge embeddings", pulls: ["size", 1] };
export const smallerEmbeddings: Action = { text: "use smaller embeddings", pulls: ["size", -1] };

export const earlyStopping: Action = {
  text: "fit(data, { earlyStopping: true }), which keeps the best weights",
  isDone: ({ history }) => history.bestStep !== null,
};

export const dropout: Action = {
  text: "add dropout",
  isDone: ({ spec }) =>
    [...(spec.ppnet?.dropout ?? []), ...spec.towers.flatMap(({ mlp }) => mlp?.dropout ?? [])].some((rate) => rate > 0),
};

export const weightDecay: Action = {
  text: "add weight decay",
  isDone: ({ spec: { training } }) => [training.dense, training.sparse].some((optimizer) => decayIn(optimizer) > 0),
};

export const clipGradients: Action = {
  text: "clip gradients",
  isDone: ({ spec }) => spec.training.gradClipping !== null,
};

/** Suggests to train without a module. @param settings the paths of its switches in a study's variants */
export function trainWithout(code: string, ...settings: readonly string[]): Action {
  return {
    text: `train ${code} with several seeds and compare: the smaller model may perform as well`,
    isDone: ({ study }) =>
      (study?.variants ?? []).some((variant) => settings.some((setting) => setting in variant.settings)),
  };
}

function decayIn(optimizer: object): number {
  const decay = "weightDecay" in optimizer ? optimizer.weightDecay : 0;
  return typeof decay === "number" ? decay : 0;
}
