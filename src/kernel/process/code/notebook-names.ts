/**
 * The names of `pepnet` that every notebook has without an import: what a cell about models, data and runs begins with.
 * Other values are imported: `import { exactAuc } from "pepnet"`. So short names such as `quantile` or `difference` stay
 * free for a notebook's own variables. Every exported type is declared.
 */

/** Functions and constants. */
export const notebookValues: readonly string[] = [
  // Begin with one of these.
  "pepnet",
  "dataset",
  "loadRun",
  "loadModel",
  // Features and optimisers.
  "idFeature",
  "rawFeature",
  "comboFeature",
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
  // Data to begin with, and tables to end with.
  "taobaoLike",
  "prepareTaobao",
  "prepareMovielens",
  "movielens100k",
  "movielensDomains",
  "movielensSizes",
  "table",
];

/** Classes that are values as well, and types that notebooks annotate most. */
export const notebookTypes: readonly string[] = [
  "AnyModel",
  "ChartOutput",
  "ComparisonResult",
  "CounterfactualResult",
  "Dataset",
  "EvaluationResult",
  "GatesResult",
  "Model",
  "Run",
  "Study",
  "TableOutput",
];
