/** Counterfactuals: predicts a sample unchanged and under changes, such as each gate held at 1, and corrects the intervals of the effects. */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { GateOverride } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { criticalZ, differenceP, type Ends, holm, holmZ } from "../../core/metrics/intervals/normal.js";
import { listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import {
  type Change,
  type ChangeInterval,
  type CounterfactualEffect,
  changeEffects,
  type Effect,
  type TaskEffect,
} from "./effects.js";
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
import { type Sample, type SampleOptions, takeSample } from "./sample.js";
import type { GatesReport } from "./types.js";

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
  const isSwap = changes.map((change) => [change].flat().some(({ kind }) => kind === "domain"));
  const nested = isSwap.includes(true) ? nestedField(spec, data) : null;
  const tasks = await changeEffects(engine, data, changed, sample.numbers, options.users);
  const effects = changes.map((change, at) => {
    return { name: interventionName(change), nested: isSwap[at] ? nested : null, tasks: tasks[at]! };
  });
  const domainNames = listDomainNames(spec);
  return { rows: data.rows, domainNames, user: options.users?.name ?? null, effects: corrected(effects) };
}

/** What each gate is worth: it is held at 1, together with the others of its layer, since no task reads another's. */
export async function gateEffects(
  engine: ReadingEngine,
  allRows: EncodedRows,
  options: CounterfactualOptions = {},
): Promise<GatesReport["effects"]> {
  const { data, numbers } = await takeSample(engine, allRows, options, "gate effects");
  if (data.rows === 0) return null;
  const sites = await engine.gates({ data, rows: Int32Array.of(0) });
  const gates = sites.map(({ module, tower, layer }) => ({ module, tower, layer }));
  const stepOf = ({ module, layer }: (typeof gates)[number]): string => `${module} ${layer}`;
  const layers = [...new Set(gates.map(stepOf))].map((step) => gates.filter((gate) => stepOf(gate) === step));
  const changed = layers.map((together): Change => {
    return { data: [data], overrides: together.map((gate) => ({ ...gate, where: null, values: 1 })) };
  });
  const tasks = await changeEffects(engine, data, changed, numbers, options.users);
  const effects = layers.flatMap((together, at) =>
    together.flatMap((gate) =>
      tasks[at]!.flatMap((effect) => (gate.tower === null || gate.tower === effect.tower ? [{ gate, effect }] : [])),
    ),
  );
  const changes = correctedIntervals(effects.map(({ effect }) => effect.parts?.within ?? effect.overall.auc));
  return {
    user: options.users?.name ?? null,
    isWithinDomains: effects.some(({ effect }) => effect.parts !== null),
    cells: effects.map(({ gate, effect }, at) => ({ ...gate, task: effect.tower, auc: changes[at]! })),
  };
}

function applied(
  spec: ModelSpec,
  { data, seed }: Sample,
  means: readonly GateMean[],
  intervention: Intervention,
): Change {
  const changes: readonly (DomainSwap | GateFreeze)[] = "kind" in intervention ? [intervention] : intervention;
  let rows: readonly EncodedData[] = [data];
  const overrides: GateOverride[] = [];
  for (const change of changes) {
    if (change.kind === "domain") rows = swapped(spec, data, seed, change);
    else overrides.push(...frozen(spec, means, change));
  }
  return { data: rows, overrides: overrides.length === 0 ? undefined : overrides };
}
