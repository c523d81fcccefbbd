/**
 * Compares two models' predictions for the same rows, in a separate thread if there are many.
 */
import type { EncodedData } from "../data/encoded/index.js";
import type { Comparison } from "../metrics/index.js";
import { type ModelSpec, mostBatchRows } from "../spec/index.js";
import type { CompareRequest } from "./compare.js";
import { chooseAucMethod, listDomainNames, type Predictions } from "./evaluate.js";
import { measureAside } from "./measure/measure-aside.js";
import type { IntervalOptions } from "./measure/measure-request.js";
import type { UserColumn } from "./measure/users.js";

/** Options of a comparison. */
export interface ComparePredictionsOptions extends IntervalOptions {
  /** Names of the models. Default: `first` and `second`. */
  readonly names?: readonly [string, string];
  /** The user of each row: then whole users are drawn, and AUCs of users are compared too. */
  readonly users?: UserColumn | null;
  /** Towers whose predictions only rank rows, because they are not probabilities in one of the models. */
  readonly ranksOnly?: readonly string[];
  /** Notes for the reader. */
  readonly notes?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Paired differences of every task, domain and metric (first minus second), with verdicts corrected for their
 * number.
 * @param spec the first model's; compares its towers that the first predictions contain
 * @param data labels and domains of the rows
 */
export function comparePredictions(
  spec: ModelSpec,
  data: EncodedData,
  first: readonly Predictions[],
  second: readonly Predictions[],
  options: ComparePredictionsOptions = {},
): Promise<Comparison> {
  const { names = ["first", "second"], users = null, ranksOnly = [], notes = [], signal, ...intervals } = options;
  const findProbabilities = (predictions: readonly Predictions[], tower: string): Float32Array =>
    predictions.find((prediction) => prediction.tower === tower)!.probabilities;
  const towers = spec.towers.filter(({ name }) => first.some(({ tower }) => tower === name));
  const request: CompareRequest = {
    names,
    // Only configured metrics, which belong to one model and not to a pair, read these.
    values: spec.towers.map(() => null),
    batchSize: mostBatchRows(spec.training),
    towers: towers.map((tower) => ({ ...tower, metrics: [] })),
    domainNames: listDomainNames(spec),
    columns: { rows: data.rows, features: new Map(), labels: data.labels, domains: data.domains },
    probabilities: towers.map(({ name }) => findProbabilities(first, name)),
    second: towers.map(({ name }) => findProbabilities(second, name)),
    ranksOnly: towers.map(({ name }) => ranksOnly.includes(name)),
    auc: chooseAucMethod(data.rows),
    users,
    intervals,
    notes,
  };
  return measureAside("comparison", request, signal === undefined ? {} : { signal });
}
