/** The effect of a change on a task: the change of AUC over all rows and by domain, and of single rows. */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { GateOverride, TowerOutput } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import {
  aucChange,
  difference,
  type Influenced,
  influenceInterval,
  meanOverParts,
} from "../../core/metrics/influence.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import type { ModelSpec, TowerSpec } from "../../core/spec/model.js";
import { cellRows, drawnUsers, spaceRows, type UserColumn } from "../../core/train/measure/task-rows.js";
import { mean } from "../../core/util/numbers.js";
import { predictAll } from "./sample.js";

export interface ChangeInterval extends Interval {
  /** p value, Holm-corrected over all changes of the report; `null` without an interval. */
  readonly adjustedPValue?: number | null;
}

/** The effect on some rows. */
export interface Effect {
  readonly rows: number;
  /**
   * AUC with the change minus AUC without it; `null` if a class is missing. The interval excludes 0
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

/** The result of one counterfactual. `T`: towers; `N`: names of changes. */
export interface CounterfactualEffect<T extends string = string, N extends string = string> {
  readonly name: N;
  /**
   * For another domain: a field whose values mostly occur in one domain only, such as users if the domain is a property
   * of the user. The other domain's gates and towers have never seen these values, so the change shows nothing about
   * domains and has no verdict. `null` if there is no such field.
   */
  readonly nested: string | null;
  readonly tasks: readonly TaskEffect<T>[];
}

/** The effect of a change on one task. `T`: towers. */
export interface TaskEffect<T extends string = string> {
  readonly tower: T;
  readonly overall: Effect;
  readonly domains: readonly Effect[];
  /** The change within domains and between them; `null` unless AUC is defined in two domains or more. */
  readonly parts: EffectParts | null;
  readonly mostChanged: readonly ChangedRow[];
}

/**
 * The two parts of a change of AUC over all rows, which add up to it. AUC over all rows also compares rows of different
 * domains, so it changes if whole domains move up or down, even if every domain ranks its rows as before.
 */
export interface EffectParts {
  /** Mean of the changes in the domains, weighted by their rows. */
  readonly within: ChangeInterval;
  readonly between: ChangeInterval;
}

const mostChangedRows = 10;

/** The rows under a change, once per target, and the gates that it holds. */
export interface Change {
  readonly data: readonly EncodedData[];
  readonly overrides: readonly GateOverride[] | undefined;
}

/** Predicts rows unchanged and under each change. @param numbers of the rows in all data @returns by change, by task */
export async function changeEffects(
  engine: ReadingEngine,
  data: EncodedData,
  changes: readonly Change[],
  numbers: Int32Array,
  userColumn: UserColumn | null = null,
): Promise<TaskEffect[][]> {
  const { spec } = engine;
  const users = userColumn && drawnUsers(userColumn, numbers);
  const parts = spec.towers.map((tower) => cellRows(tower, data, spec.domains?.count ?? 0, spaceRows(tower, data)));
  const before = await predictAll(engine, data);
  const effects: TaskEffect[][] = [];
  for (const { data: targets, overrides } of changes) {
    const afters: (readonly TowerOutput[])[] = [];
    for (const each of targets) afters.push(await predictAll(engine, each, overrides));
    const tasks = spec.towers.map((tower, index) => {
      const outputs = afters.map((after) => after[index]!);
      const change = { tower, parts: parts[index]!, before: before[index]!, afters: outputs };
      return taskEffect(spec, data, change, numbers, users);
    });
    effects.push(tasks);
  }
  return effects;
}

export interface TaskChange {
  readonly tower: TowerSpec;
  /** All rows of the task's space, then those of each domain. */
  readonly parts: readonly Int32Array[];
  readonly before: TowerOutput;
  /** The outputs by target of the change; effects are means over the targets. */
  readonly afters: readonly TowerOutput[];
}

/**
 * The effect on a task.
 * @param users [rows], the user of each row, whose rows are one unit; `null`: rows are independent
 */
export function taskEffect(
  spec: ModelSpec,
  data: EncodedData,
  { tower, parts, before, afters }: TaskChange,
  numbers: Int32Array,
  users: ArrayLike<number> | null,
): TaskEffect {
  const scores = afters.map((after) => after.logits);
  const byTarget = scores.map((after) => logitChanges(before.logits, after, tower.numClass));
  const largest = new Int32Array(data.rows).map((_, row) => largestAt(byTarget, row));
  const logits = new Float32Array(data.rows).map((_, row) => byTarget[largest[row]!]![row]!);
  const sizesOf = new Float32Array(data.rows).map((_, row) => mean(byTarget.map((each) => Math.abs(each[row]!))));
  const most = Array.from(parts[0]!)
    .filter((row) => Number.isFinite(logits[row]))
    .sort((a, b) => Math.abs(logits[b]!) - Math.abs(logits[a]!) || a - b);
  const labels = isRanked(tower) ? data.labels.get(tower.label)! : null;
  const aucChanges = parts.map((rows) => labels && aucChange(labels, before.logits, scores, rows));
  const interval = (change: Influenced | null): Interval => influenceInterval(change, users);
  const [change, ...changes] = aucChanges as [Influenced | null, ...(Influenced | null)[]];
  const within = meanOverParts(changes, parts.slice(1), 2);
  const [overall, ...domains] = parts.map((rows, part) => effectOn(rows, interval(aucChanges[part]!), sizesOf));
  const last = (output: TowerOutput, row: number): number => output.probabilities[(row + 1) * tower.numClass - 1]!;
  return {
    tower: tower.name,
    overall: overall!,
    domains,
    parts: within && change && { within: interval(within), between: interval(difference(change, within)) },
    mostChanged: most.slice(0, mostChangedRows).map((row) => ({
      row: numbers[row]!,
      domain: spec.domains === null ? null : (data.domains?.[row] ?? null),
      before: last(before, row),
      after: last(afters[largest[row]!]!, row),
      logitChange: logits[row]!,
    })),
  };
}

/** Whether a tower's logits are those of one class, which have an AUC. */
export function isRanked({ numClass, losses }: TowerSpec): boolean {
  return numClass === 1 && !losses.some(({ kind }) => kind === "l2_loss");
}

/** The change of each row's logit, [rows]; with several logits, the largest change. */
function logitChanges(before: Float32Array, after: Float32Array, numClass: number): Float32Array {
  return new Float32Array(before.length / numClass).map((_, row) => {
    let largest = 0;
    for (let at = row * numClass; at < (row + 1) * numClass; at++) {
      const change = after[at]! - before[at]!;
      if (!(Math.abs(change) <= Math.abs(largest))) largest = change;
    }
    return largest;
  });
}

/** The change of each task's logit, from a single row to row `at`; `null` if not finite. */
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
