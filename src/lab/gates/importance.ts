/**
 * Importance of fields: the change of AUC and of log loss if the values of a group of fields are exchanged between
 * rows, so that they carry no information; or the part of a domain swap that goes through the group, which is the
 * swap's change minus that with exchanged values. AUC over all rows is the mean of the domains', weighted by rows,
 * since AUC across domains also changes if domains differ only in their rates.
 */

import { takeEncoded } from "../../core/data/encoded/copies.js";
import type { EncodedData, FeatureColumn } from "../../core/data/encoded/encoded.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { Engine, TowerOutput } from "../../core/engine/engine.js";
import { DataError } from "../../core/errors/index.js";
import type { TaskCells } from "../../core/metrics/curve-types.js";
import {
  aucInfluence,
  difference,
  type Influenced,
  influenceInterval,
  meanEstimate,
  meanInfluence,
  meanOverParts,
} from "../../core/metrics/influence.js";
import { excludesZero, type Interval } from "../../core/metrics/intervals/bootstrap.js";
import { isBinary, listDomainNames, type ModelSpec, usedFeatures } from "../../core/spec/model.js";
import { checkCount, checkKnown, checkNumber, unless } from "../../core/spec/validate/checks.js";
import { cellRows, drawnUsers, taskSpaceName } from "../../core/train/measure/task-rows.js";
import { listNames } from "../../core/util/names.js";
import { countPositives, logitLoss } from "../../core/util/numbers.js";
import { random } from "../../core/util/random.js";
import { count } from "../../core/util/text.js";
import { inTurns } from "../../core/util/turns.js";
import { type CounterfactualOptions, correctedIntervals } from "./counterfactual.js";
import { type ChangeInterval, isRanked } from "./effects.js";
import { exchangedRows, type FieldGroup, fieldGroups, type GroupRows } from "./field-groups.js";
import { domainFeatures, inOneDomain, mostNested, swapDomain, swapped } from "./interventions.js";
import { predictAll, takeSample } from "./sample.js";

/** Options of importances. `F`: the model's features. */
export interface ImportanceOptions<F extends string = string> extends CounterfactualOptions {
  /** What fields are measured for: carrying the predictions (the default), or the effect of another domain. */
  readonly of?: "predictions" | "domain";
  /** The groups of fields to measure. Default: all fields, in groups by association. */
  readonly groups?: readonly (readonly F[])[] | null;
  /** Number of sampled rows; all if there are fewer. Default: 100,000, or 10,000 for the domain. */
  readonly rows?: number;
  /** Exchanges per group, whose mean is taken. Default: 5 up to 20,000 rows, at 100,000 one; for the domain one. */
  readonly permutations?: number;
  /** The smallest change of AUC that matters to you, for effects of a group that remain undetected. Default: 0.002. */
  readonly matters?: number;
}

/** The contribution of a group of fields on some rows: the metric with exchanged values minus the metric. */
export interface ImportanceCell {
  readonly rows: number;
  /** The change of AUC. All intervals of a result hold at once; `null` if undefined. */
  readonly auc: ChangeInterval;
  readonly logLoss: ChangeInterval;
}

/** The contribution of a group of fields. `T`: towers; `F`: features. */
export interface GroupImportance<T extends string = string, F extends string = string> extends FieldGroup<F> {
  /** The tasks to which it contributes: their AUC over all rows falls beyond noise. */
  readonly carries: readonly T[];
  /** For the domain: a field of the group whose values mostly occur in one domain, so that there is no verdict. */
  readonly nested: F | null;
  readonly tasks: readonly TaskCells<ImportanceCell, T>[];
}

/** The result of `run.importance()`. */
export interface Importance {
  readonly of: "predictions" | "domain";
  readonly rows: number;
  /** The column whose users intervals are over; `null`: over rows. */
  readonly user: string | null;
  readonly permutations: number;
  readonly matters: number;
  readonly domainNames: readonly string[];
  /** The groups, sorted by their largest change of AUC in a task. */
  readonly groups: readonly GroupImportance[];
  /** For the domain: the whole swap, by task. */
  readonly whole: readonly TaskCells<ImportanceCell>[];
  /** Parts that were not measured, and why. */
  readonly gaps: readonly string[];
  /** Fields that the model reads, but no group contains. */
  readonly others: readonly string[];
}

/**
 * Measures importances.
 * @throws DataError for an unknown field or option, or for the domain's effect of a model without domains
 */
export async function importance(
  engine: Engine,
  allRows: EncodedRows,
  options: ImportanceOptions = {},
): Promise<Importance> {
  const { spec } = engine;
  const { of = "predictions", matters = 0.002 } = options;
  const isSwap = of === "domain";
  const used = [...usedFeatures(spec)];
  assertOptions(options, used);
  const { rows = isSwap ? 10_000 : 100_000 } = options;
  const { data, seed, numbers } = await takeSample(engine, allRows, { ...options, rows }, "importance");
  const { permutations = isSwap ? 1 : Math.max(1, Math.min(5, Math.floor(1e5 / data.rows))) } = options;
  const swaps = isSwap ? swapped(spec, data, seed, swapDomain()) : null;
  const moved = isSwap ? domainFeatures(spec) : new Set();
  const fields = used.filter((field) => data.features.has(field) && !moved.has(field));
  const { groups, constant } = await inTurns(fieldGroups(spec, data, fields, options.groups ?? null));
  const predict = (changed: EncodedData) => predictAll(engine, changed);
  const before = await predict(data);
  const { tasks, gaps } = measuredTasks(spec, data, before);
  const measure = async (features: Features): Promise<Estimates> => {
    const of = async (each: EncodedData): Promise<Estimates> =>
      estimates(data, tasks, await predict({ ...each, features: new Map([...each.features, ...features]) }));
    if (swaps === null) return of(data);
    const start = await of(data);
    const others: Estimates[] = [];
    for (const each of swaps) others.push(await of(each));
    return minus(meanOf(others), start);
  };
  const base = isSwap ? await measure(new Map()) : estimates(data, tasks, before);
  const users = options.users ? drawnUsers(options.users, numbers) : null;
  const interval = (change: Influenced | null): Interval => influenceInterval(change, users);
  const changes = isSwap ? [base.map(interval)] : [];
  for (const group of groups) {
    const turns: Estimates[] = [];
    for (let turn = 0; turn < permutations; turn++) turns.push(await measure(exchangedFields(data, group, seed, turn)));
    changes.push((isSwap ? minus(base, meanOf(turns)) : minus(meanOf(turns), base)).map(interval));
  }
  const nested = groups.map(({ fields: members }) => {
    return members.find((field) => isSwap && (inOneDomain(data, field) ?? 0) > mostNested) ?? null;
  });
  const cells = correctedTasks(tasks, changes, isSwap ? [null, ...nested] : nested);
  const whole = isSwap ? cells.shift()! : [];
  if (constant.length > 0) gaps.push(`${listNames(constant)}: one value in each domain, so nothing to exchange`);
  return {
    of,
    matters,
    permutations,
    gaps,
    whole,
    rows: data.rows,
    user: options.users?.name ?? null,
    domainNames: listDomainNames(spec),
    groups: groups
      .map(({ sets: _, ...group }, at) =>
        withVerdict({ ...group, nested: nested[at]!, tasks: cells[at]! }, whole, nested),
      )
      .sort((a, b) => size(b) - size(a)),
    others: used.filter((field) => !groups.some((group) => group.fields.includes(field))),
  };
}

/** Removes the verdicts on a swap's parts if the whole swap has none. */
function withVerdict(
  group: Omit<GroupImportance, "carries">,
  whole: Importance["whole"],
  nested: readonly (string | null)[],
): GroupImportance {
  const carrying = group.tasks.filter(({ overall: { auc } }, task) => {
    if (whole.length === 0) return auc.high !== null && auc.high < 0;
    return excludesZero(auc) && excludesZero(whole[task]!.overall.auc) && nested.every((field) => field === null);
  });
  return { ...group, carries: carrying.map(({ tower }) => tower) };
}

function size({ tasks }: GroupImportance): number {
  return Math.max(0, ...tasks.map(({ overall }) => Math.abs(overall.auc.value ?? 0)));
}

function assertOptions({ of, groups, permutations, matters }: ImportanceOptions, used: readonly string[]): void {
  const path = "run.importance";
  const expected = '"predictions" or "domain"';
  const problems = [
    ...(groups?.flat() ?? []).flatMap((name) =>
      checkKnown(`${path}: groups`, name, used, "feature", "name its fields"),
    ),
    ...(permutations === undefined ? [] : checkCount(`${path}: permutations`, permutations)),
    ...(matters === undefined ? [] : checkNumber(`${path}: matters`, matters, { above: 0 })),
    ...unless(of === undefined || of === "predictions" || of === "domain", {
      path: `${path}: of`,
      message: "not what fields carry",
      received: JSON.stringify(of),
      expected,
    }),
  ];
  if (problems.length > 0) throw new DataError(problems);
}

type MeasuredTask = ReturnType<typeof measuredTasks>["tasks"][number];

/** The tasks with the rows of each part: all rows, then each domain. */
function measuredTasks(spec: ModelSpec, data: EncodedData, outputs: readonly TowerOutput[]) {
  const names = listDomainNames(spec);
  const gaps: string[] = [];
  const tasks = spec.towers.flatMap((tower, index) => {
    const isMeasured = isBinary(tower) && tower.numClass === 1;
    const isDefined = outputs[index]!.logits.every(Number.isFinite);
    if (!isMeasured) gaps.push(`${tower.name}: not a task of one probability`);
    else if (!isDefined) gaps.push(`${tower.name}: a prediction is not finite`);
    if (!isMeasured || !isDefined) return [];
    const parts = cellRows(tower, data, names.length);
    for (const [at, rows] of parts.entries()) {
      const positives = countPositives(data.labels.get(tower.label)!, rows);
      const place = at === 0 ? tower.name : `${tower.name} in ${names[at - 1]!}`;
      if (positives === 0 || positives === rows.length)
        gaps.push(`${place}: no AUC, ${positives} of ${count(rows.length, "row")} are positive`);
    }
    return [{ index, tower, parts }];
  });
  return { tasks, gaps };
}

type Features = ReadonlyMap<string, FeatureColumn>;

/** The fields of a group with the values of other rows. */
function exchangedFields(data: EncodedData, { name, fields, sets }: GroupRows, seed: number, turn: number): Features {
  const features = new Map(fields.map((field) => [field, data.features.get(field)!]));
  const bare = { ...data, features, labels: new Map(), sampleWeights: new Map(), domains: null };
  return takeEncoded(bare, exchangedRows(sets, random(seed).fork(`exchange ${turn} of ${name}`))).features;
}

/** Estimates per task: AUC over all rows (the domains' mean) and by domain, then the same log losses. */
type Estimates = readonly (Influenced | null)[];

function estimates(data: EncodedData, tasks: readonly MeasuredTask[], outputs: readonly TowerOutput[]): Estimates {
  return tasks.flatMap(({ index, tower, parts }) => {
    const { logits } = outputs[index]!;
    const [all, ...domains] = parts as [Int32Array, ...Int32Array[]];
    const labels = data.labels.get(tower.label)!;
    const auc = (rows: Int32Array) => (isRanked(tower) ? aucInfluence(logits, labels, rows) : null);
    const aucs = domains.map(auc);
    const overall = domains.length === 0 ? auc(all) : meanOverParts(aucs, domains);
    const losses = Float64Array.from(labels, (label, row) => logitLoss(logits[row]!, label > 0));
    return [overall, ...aucs, ...parts.map((rows) => rowsLoss(losses, rows))];
  });
}

function rowsLoss(losses: Float64Array, rows: Int32Array): Influenced | null {
  const values = new Float64Array(rows.length).map((_, at) => losses[rows[at]!]!);
  return meanInfluence(values, rows);
}

function minus(a: Estimates, b: Estimates): Estimates {
  return a.map((each, at) => difference(each, b[at]!));
}

function meanOf(all: readonly Estimates[]): Estimates {
  return all[0]!.map((_, at) => meanEstimate(all.map((each) => each[at]!)));
}

/** The changes by task, with one correction over all changes of a metric. @param nested groups without a verdict */
function correctedTasks(
  tasks: readonly MeasuredTask[],
  changes: readonly (readonly Interval[])[],
  nested: readonly (string | null)[],
): TaskCells<ImportanceCell>[][] {
  const isAuc = tasks.flatMap(({ parts }) => [...parts.map(() => true), ...parts.map(() => false)]);
  const [aucs, losses] = [true, false].map((kind) => {
    const some = changes.map((each) => each.filter((_, at) => isAuc[at] === kind));
    const tested = some.flatMap((each, at) => each.map(() => nested[at] === null));
    return correctedIntervals(some.flat(), tested);
  });
  return changes.map(() =>
    tasks.map(({ tower, parts }) => {
      const cells = parts.map(({ length: rows }) => ({ rows, auc: aucs!.shift()!, logLoss: losses!.shift()! }));
      const [overall, ...domains] = cells as [ImportanceCell, ...ImportanceCell[]];
      return { tower: tower.name, label: tower.label, within: taskSpaceName(tower), overall, domains };
    }),
  );
}
