import type { EncodedData } from "../data/encoded/encoded.js";
import type { TowerOutput } from "../engine/engine.js";
import type { Interval, WeightedMetric } from "../metrics/intervals/bootstrap.js";
import { bootstrap, difference, weightedAuc } from "../metrics/intervals/bootstrap.js";
import type { ModelSpec, TowerSpec } from "../spec/model.js";
import { rowsByDomain, spaceRows } from "../train/measure/task-rows.js";
import { mean } from "../util/turns.js";

export interface ChangeInterval extends Interval {
  /** p value, Holm-corrected over all changes of the report; `null` without an interval. */
  readonly adjustedPValue?: number | null;
}

/** The effect on some rows. */
export interface Effect {
  readonly rows: number;
  /**
   * AUC with the change minus AUC without it; `null` if a class is missing. The interval, over the same draws, excludes 0
   * where the corrected p value is below 5%.
   */
  readonly auc: ChangeInterval;
  /** Mean |change of the logit|; `null` without rows, or if a logit is not finite. */
  readonly logitChange: number | null;
}

/** A strongly affected row. */
export interface ChangedRow {
  readonly row: number;
  /** The row's domain; `null` if the model has none. */
  readonly domain: number | null;
  readonly before: number;
  readonly after: number;
  readonly logitChange: number;
}

/** The result of one counterfactual. */
export interface CounterfactualEffect {
  readonly name: string;
  /**
   * For another domain: a field most of whose values are of rows of one domain only, such as users where the domain is
   * a property of the user. The other domain's gates and towers never met these values, so the change says nothing
   * about domains, and has no verdict. `null`: there is none.
   */
  readonly nested: string | null;
  readonly tasks: readonly TaskEffect[];
}

/** The effect of a change on one task. */
export interface TaskEffect {
  readonly tower: string;
  readonly overall: Effect;
  readonly domains: readonly Effect[];
  /** The change within domains and between them; `null` unless AUC is defined in two domains or more. */
  readonly parts: EffectParts | null;
  readonly mostChanged: readonly ChangedRow[];
}

/**
 * The two parts of a change of AUC over all rows, which sum to it. AUC over all rows compares rows of one domain with
 * rows of another too, so it changes when whole domains move up or down though every domain ranks its rows as before.
 */
export interface EffectParts {
  /** Mean of the changes in the domains, weighted by their rows. */
  readonly within: ChangeInterval;
  readonly between: ChangeInterval;
}

export interface Drawing {
  readonly draws: number;
  readonly seed: number;
  /** [rows], the user of each row; `null`: rows are drawn. */
  readonly users: ArrayLike<number> | null;
}

const mostChangedRows = 10;

export interface TaskChange {
  readonly tower: TowerSpec;
  readonly before: TowerOutput;
  /** By target of the change; effects are means over them. */
  readonly afters: readonly TowerOutput[];
}

export function taskEffect(
  spec: ModelSpec,
  data: EncodedData,
  { tower, before, afters }: TaskChange,
  numbers: Int32Array,
  drawing: Drawing,
): TaskEffect {
  const all = spaceRows(tower, data);
  const parts = [all, ...rowsByDomain(data, all, spec.domains?.count ?? 0)];
  const aucChanges = parts.map((rows) => {
    const changed = meanMetric(afters.map(({ logits }) => rowsAuc(data, tower, logits, rows)));
    return difference(changed, rowsAuc(data, tower, before.logits, rows));
  });
  const sizes = parts.slice(1).map(({ length }) => length);
  const intervals = bootstrap(data.rows, aucChanges, drawing, (values) => [
    ...values,
    ...withinAndBetween(values, sizes),
  ]);
  const byTarget = afters.map(({ logits }) => logitChanges(before.logits, logits, tower.numClass));
  const largest = Int32Array.from({ length: data.rows }, (_, row) => largestAt(byTarget, row));
  const changes = Float32Array.from(largest, (target, row) => byTarget[target]![row]!);
  const sizesOf = Float32Array.from({ length: data.rows }, (_, row) =>
    mean(byTarget.map((each) => Math.abs(each[row]!))),
  );
  const [overall, ...domains] = parts.map((rows, part) => effectOn(rows, intervals[part]!, sizesOf));
  const [within, between] = intervals.slice(parts.length);
  const most = Array.from(all)
    .filter((row) => Number.isFinite(changes[row]))
    .sort((a, b) => Math.abs(changes[b]!) - Math.abs(changes[a]!) || a - b);
  const last = (output: TowerOutput, row: number): number => output.probabilities[(row + 1) * tower.numClass - 1]!;
  return {
    tower: tower.name,
    overall: overall!,
    domains,
    parts: within && between && within.value !== null ? { within, between } : null,
    mostChanged: most.slice(0, mostChangedRows).map((row) => ({
      row: numbers[row]!,
      domain: spec.domains === null ? null : (data.domains?.[row] ?? null),
      before: last(before, row),
      after: last(afters[largest[row]!]!, row),
      logitChange: changes[row]!,
    })),
  };
}

/** The mean of metrics; not defined if one is not. */
export function meanMetric(metrics: readonly WeightedMetric[]): WeightedMetric {
  return (weights) => {
    const values = metrics.map((metric) => metric(weights));
    return values.some((value) => value === null) ? null : mean(values as number[]);
  };
}

/** A task's AUC on some rows; `null` if it has none: values, several classes, non-finite scores. */
export function rowsAuc(data: EncodedData, tower: TowerSpec, logits: Float32Array, rows: Int32Array): WeightedMetric {
  const binary = tower.numClass === 1 && !tower.losses.some((loss) => loss.kind === "l2_loss");
  if (!binary || rows.some((row) => Number.isNaN(logits[row]!))) return () => null;
  return weightedAuc(logits, data.labels.get(tower.label)!, rows);
}

/** The change of each row's logit, [rows]; with several logits, the largest change. */
export function logitChanges(before: Float32Array, after: Float32Array, numClass: number): Float32Array {
  return Float32Array.from({ length: before.length / numClass }, (_, row) => {
    let largest = 0;
    for (let at = row * numClass; at < (row + 1) * numClass; at++) {
      const change = after[at]! - before[at]!;
      if (!(Math.abs(change) <= Math.abs(largest))) largest = change;
    }
    return largest;
  });
}

/** The change of each task's logit, from a single row to row `at`; `null`: not finite. */
export function taskChanges(
  { towers }: ModelSpec,
  before: readonly TowerOutput[],
  after: readonly TowerOutput[],
  at = 0,
): (number | null)[] {
  return towers.map(({ numClass }, task) => {
    const logits = after[task]!.logits.subarray(at * numClass, (at + 1) * numClass);
    const change = logitChanges(before[task]!.logits, logits, numClass)[0]!;
    return Number.isFinite(change) ? change : null;
  });
}

function withinAndBetween(
  [overall = null, ...domains]: readonly (number | null)[],
  sizes: readonly number[],
): [number | null, number | null] {
  const measured = domains.flatMap((change, d) => (change === null ? [] : [{ change, rows: sizes[d]! }]));
  if (overall === null || measured.length < 2) return [null, null];
  const rows = measured.reduce((sum, domain) => sum + domain.rows, 0);
  const within = measured.reduce((sum, domain) => sum + (domain.change * domain.rows) / rows, 0);
  return [within, overall - within];
}

/** The target with the largest change of a row; a change that is not finite is the largest. */
function largestAt(byTarget: readonly Float32Array[], row: number): number {
  let most = 0;
  for (const [target, changes] of byTarget.entries()) {
    if (!(Math.abs(changes[row]!) <= Math.abs(byTarget[most]![row]!))) most = target;
  }
  return most;
}

function effectOn(rows: Int32Array, auc: Interval, sizes: Float32Array): Effect {
  const size = rows.reduce((sum, row) => sum + sizes[row]!, 0) / rows.length;
  return { rows: rows.length, auc, logitChange: Number.isFinite(size) ? size : null };
}
