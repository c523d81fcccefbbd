/** Counterfactuals: predicts a sample unchanged and under changes, and corrects the intervals of the effects. */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { GateOverride, TowerOutput } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { criticalZ, differenceP, type Ends, holm, holmZ } from "../../core/metrics/intervals/normal.js";
import { listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import { drawnUsers, type UserColumn } from "../../core/train/measure/task-rows.js";
import { type ChangeInterval, type CounterfactualEffect, type Effect, type TaskEffect, taskEffect } from "./effects.js";
import {
  type DomainSwap,
  frozen,
  type GateFreeze,
  type GateMean,
  gateMeans,
  type Intervention,
  interventionName,
  moduleOff,
  nestedField,
  swapDomain,
  swapped,
} from "./interventions.js";
import { predictAll, type Sample, type SampleOptions, takeSample } from "./sample.js";

const level = 0.95;

/** Adds Holm-corrected p values and widens intervals to match. @param tested which intervals take part; default: all */
export function correctedIntervals(intervals: readonly Interval[], tested: readonly boolean[] = []): ChangeInterval[] {
  const adjusted = holm(intervals.map((interval, at) => (tested[at] === false ? null : pValue(interval))));
  const z = holmZ(adjusted, level);
  return intervals.map(({ value, low, high }, at) => {
    const reach = value === null || low === null || high === null ? null : z * standardError({ low, high });
    const ends = reach === null ? { low, high } : { low: value! - reach, high: value! + reach };
    return { value, ...ends, adjustedPValue: adjusted[at]! };
  });
}

/** Corrects all effects together, over changes, tasks, domains and both parts. */
export function corrected(effects: readonly CounterfactualEffect[]): CounterfactualEffect[] {
  const changes = effects.flatMap(({ nested, tasks }) =>
    tasks.flatMap(({ overall, domains, parts }) =>
      [...[overall, ...domains].map(({ auc }) => auc), ...(parts === null ? [] : [parts.within, parts.between])].map(
        (interval) => ({ interval, isTested: nested === null }),
      ),
    ),
  );
  const all = correctedIntervals(
    changes.map(({ interval }) => interval),
    changes.map(({ isTested }) => isTested),
  );
  let at = 0;
  const next = (): ChangeInterval => all[at++]!;
  const onRows = (effect: Effect): Effect => ({ ...effect, auc: next() });
  return effects.map((effect) => ({
    ...effect,
    tasks: effect.tasks.map(
      (task): TaskEffect => ({
        ...task,
        overall: onRows(task.overall),
        domains: task.domains.map(onRows),
        parts: task.parts && { within: next(), between: next() },
      }),
    ),
  }));
}

/** The p value of no change, from the interval's width; `null` without an interval, 1 if nothing can change. */
function pValue({ value, low, high }: Interval): number | null {
  if (value === null || low === null || high === null) return null;
  return differenceP(value, standardError({ low, high }));
}

function standardError({ low, high }: Ends): number {
  return (high - low) / (2 * criticalZ(level));
}

export interface CounterfactualOptions extends SampleOptions {
  /** The user of each row, whose rows count as one unit in intervals. Default: rows are independent. */
  readonly users?: UserColumn | null;
}

/** The result of `run.counterfactual()`. */
export interface CounterfactualReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  /** The column whose users intervals are over; `null`: over rows. */
  readonly user: string | null;
  readonly effects: readonly CounterfactualEffect[];
}

/** The default changes of a model: another domain with and without its towers, and each of its modules off. */
function usualInterventions(spec: ModelSpec, modules: ReadonlySet<string>): Intervention[] {
  const off = (["epnet", "ppnet"] as const).filter((module) => modules.has(module)).map(moduleOff);
  const swaps = [swapDomain(), ...(off.length === 0 ? [] : [swapDomain(null, { towers: false })])];
  return [...((spec.domains?.count ?? 0) > 1 ? swaps : []), ...off];
}

/** Predicts a seeded sample unchanged and under each change. @throws DataError for an unknown domain or gate */
export async function counterfactualReport(
  engine: ReadingEngine,
  allRows: EncodedRows,
  interventions: readonly Intervention[] | null = null,
  options: CounterfactualOptions = {},
): Promise<CounterfactualReport> {
  const { spec } = engine;
  const sample = await takeSample(engine, allRows, options, "counterfactual");
  const { data } = sample;
  const means = await gateMeans(engine, data);
  const changes = interventions ?? usualInterventions(spec, new Set(means.map(({ site }) => site.module)));
  // All changes are prepared first, so that an unknown name is reported before any prediction.
  const changed = changes.map((intervention) => applied(spec, sample, means, intervention));
  const before = await predictAll(engine, data);
  const users = options.users ? drawnUsers(options.users, sample.numbers) : null;
  const isSwap = changes.map((change) => [change].flat().some(({ kind }) => kind === "domain"));
  const nested = isSwap.includes(true) ? nestedField(spec, data) : null;
  const effects: CounterfactualEffect[] = [];
  for (const [at, { data: rows, overrides }] of changed.entries()) {
    const afters: (readonly TowerOutput[])[] = [];
    for (const each of rows) afters.push(await predictAll(engine, each, overrides));
    const tasks = spec.towers.map((tower, index) => {
      const change = { tower, before: before[index]!, afters: afters.map((after) => after[index]!) };
      return taskEffect(spec, data, change, sample.numbers, users);
    });
    effects.push({ name: interventionName(changes[at]!), nested: isSwap[at] ? nested : null, tasks });
  }
  const domainNames = listDomainNames(spec);
  return { rows: data.rows, domainNames, user: options.users?.name ?? null, effects: corrected(effects) };
}

function applied(spec: ModelSpec, { data, seed }: Sample, means: readonly GateMean[], intervention: Intervention) {
  const changes: readonly (DomainSwap | GateFreeze)[] = "kind" in intervention ? [intervention] : intervention;
  let rows: readonly EncodedData[] = [data];
  const overrides: GateOverride[] = [];
  for (const change of changes) {
    if (change.kind === "domain") rows = swapped(spec, data, seed, change);
    else overrides.push(...frozen(spec, means, change));
  }
  return { data: rows, overrides: overrides.length === 0 ? undefined : overrides };
}
