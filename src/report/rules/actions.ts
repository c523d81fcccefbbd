/** Actions that several rules recommend, with what they pull and whether the run has done them. */
import type { ReportFacts } from "../facts.js";
import type { Action } from "./rule.js";

export const trainLonger: Action = { text: "train for more epochs", pulls: ["length", 1] };
export const trainShorter: Action = { text: "train for fewer epochs", pulls: ["length", -1] };
export const higherRate: Action = { text: "try a higher learning rate", pulls: ["learning rate", 1] };
export const lowerRate: Action = {
  text: "lower the learning rate (model.findLearningRate(data) suggests one)",
  pulls: ["learning rate", -1],
};
export const moreRows: Action = { text: "train on more rows" };
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

/** Training a variant without a module. @param setting the path of its switch in a study's variants */
export function trainWithout(code: string, ...settings: readonly string[]): Action {
  return {
    text: `train ${code} with several seeds and compare: the smaller model may perform as well`,
    isDone: ({ study }: ReportFacts) =>
      (study?.variants ?? []).some((variant) => settings.some((setting) => setting in variant.settings)),
  };
}

function decayIn(optimizer: object): number {
  const decay = "weightDecay" in optimizer ? optimizer.weightDecay : 0;
  return typeof decay === "number" ? decay : 0;
}
