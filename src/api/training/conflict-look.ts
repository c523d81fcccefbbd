/** Where tasks and domains conflict early in a training. */
import { batches } from "../../core/data/encoded/batches.js";
import { type EncodedRows, isStreamed } from "../../core/data/encoded/streamed.js";
import type { Engine } from "../../core/engine/engine.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { resolveTraining } from "../../core/spec/training.js";
import { batchOptions, planSteps } from "../../core/train/loop/steps.js";
import { conflictsOn, lookPlan } from "../../lab/gates/conflicts.js";
import { sampleRows } from "../../lab/gates/sample.js";
import type { Conflicts } from "../../lab/gates/types.js";
import { type Dataset, resolveUsers } from "../data/dataset.js";
import type { FitOptions } from "./engines.js";

/** A pause of a training that measures them, on rows that come later in the first epoch; `null`: it would cost too much. */
export async function conflictLook(
  { gates, steps: dryRun }: FitOptions,
  spec: ModelSpec,
  train: EncodedRows,
  { table }: Dataset,
): Promise<ConflictLook | null> {
  const isOff = gates === false || (typeof gates === "object" && gates.conflicts === false);
  if (isOff || dryRun !== undefined) return null;
  const plan = lookPlan(spec, planSteps(spec.training, train.rows), train.rows);
  if (plan === null) return null;
  const { step, rows, ...how } = plan;
  const numbers = laterRows(spec, train, step, rows);
  const { column: users } = await resolveUsers(spec, table, undefined);
  return {
    step,
    at: async (engine) => {
      const conflicts = await conflictsOn(engine, train, { ...how, numbers, users, seed: spec.training.seed });
      return { ...conflicts, step };
    },
  };
}

interface ConflictLook {
  readonly step: number;
  at(engine: Engine): Promise<Conflicts>;
}

/** Rows of the first epoch that no step has seen yet, ascending; for files that are read in parts, any rows. */
export function laterRows({ training }: ModelSpec, train: EncodedRows, step: number, most: number): Int32Array {
  if (isStreamed(train)) return sampleRows(train.rows, most, training.seed, "conflicts");
  const rows: number[] = [];
  for (const batch of batches(train, { ...batchOptions(resolveTraining(training, train.rows), 0), start: step })) {
    if (rows.length >= most) break;
    rows.push(...batch.rows);
  }
  return Int32Array.from(rows.slice(0, most)).sort();
}
