/** Corrects the p values of all changes of AUC that one report shows: of twenty without an effect, one would stand out. */
import { criticalZ, differenceP, holm } from "../../metrics/index.js";
import type { ChangeInterval, CounterfactualEffect, Effect, TaskEffect } from "./effects.js";

/** Half of a 95% interval, in standard errors. */
const REACH = criticalZ(0.95);

/** The effects with Holm-corrected p values, over changes, tasks, domains and both parts. */
export function corrected(effects: readonly CounterfactualEffect[]): CounterfactualEffect[] {
  const changes = effects.flatMap(({ tasks }) => tasks.flatMap(aucChanges));
  const adjusted = holm(changes.map(pValue));
  let at = 0;
  const next = (interval: ChangeInterval): ChangeInterval => ({ ...interval, adjustedPValue: adjusted[at++]! });
  const onRows = (effect: Effect): Effect => ({ ...effect, auc: next(effect.auc) });
  return effects.map((effect) => ({
    ...effect,
    tasks: effect.tasks.map(
      (task): TaskEffect => ({
        ...task,
        overall: onRows(task.overall),
        domains: task.domains.map(onRows),
        parts: task.parts && { within: next(task.parts.within), between: next(task.parts.between) },
      }),
    ),
  }));
}

function aucChanges({ overall, domains, parts }: TaskEffect): ChangeInterval[] {
  return [overall.auc, ...domains.map(({ auc }) => auc), ...(parts === null ? [] : [parts.within, parts.between])];
}

/** Of no change, from the interval's width; `null` without an interval, 1 where nothing can change. */
function pValue({ value, low, high }: ChangeInterval): number | null {
  if (value === null || low === null || high === null) return null;
  return differenceP(value, (high - low) / (2 * REACH));
}
