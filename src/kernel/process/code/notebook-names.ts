/**
 * The names of `pepnet` that notebooks can use without an import: the starting points for models, data and runs. Other
 * values must be imported (`import { exactAuc } from "pepnet"`), so that short names such as `quantile` or `difference`
 * stay free for variables. Every exported type is declared.
 */

/** Functions and constants. */
export const notebookValues: readonly string[] = [
  // Starting points.
  "pepnet",
  "dataset",
  "suggestModel",
  "loadRun",
  "loadModel",
  // Features.
  "idFeature",
  "rawFeature",
  "comboFeature",
  "missingFeature",
  "dateFeature",
  "ageFeature",
  "label",
  "sequenceFeature",
  // Sequence encoders.
  "din",
  "simpleAttention",
  "multiWindowDin",
  "selfAttention",
  // Optimisers.
  "adam",
  "adamw",
  "partialRowwiseAdam",
  "adagrad",
  "rowwiseAdagrad",
  "sgd",
  "adadelta",
  "rmsprop",
  // Changes for run.counterfactual().
  "swapDomain",
  "everyDomain",
  "freezeGate",
  "moduleOff",
  // Data sources and tables.
  "taobaoLike",
  "prepareTaobao",
  "prepareMovielens",
  "movielens100k",
  "movielensDomains",
  "movielensSizes",
  "table",
  "plot",
  // Controls, and outputs that follow them.
  "slider",
  "select",
  "toggle",
  "text",
  "button",
  "row",
  "column",
  "live",
];

/** Classes that notebooks use as values (`instanceof`), and the types that they use most in annotations. */
export const notebookTypes: readonly string[] = ["Dataset", "Model", "Run", "Study"];
