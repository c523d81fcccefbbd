/** Sorts a batch's rows by domain, so that each tower computes only its rows. */
import type { Batch } from "../../data/encoded/encoded.js";
import { DataError } from "../../errors/index.js";
import type { Plan, TaskPlan } from "../../nn/plan/plan.js";
import { ignoredClass, ignoresRows, type TowerSpec } from "../../spec/model.js";
import { getOrMake } from "../../util/growing.js";

export interface Arrangement {
  readonly order: Int32Array;
  readonly rows: Int32Array;
  readonly sizes: readonly number[];
}

export interface TaskRows {
  /** Sorted rows in the task's space, ascending, at least one; `null`: all. */
  readonly picked: Int32Array | null;
  readonly sizes: readonly number[];
  /** [rows, numClass] */
  readonly target: Float32Array;
  /** `[rows]`: normalised weight · task weight / rows of the batch. */
  readonly coefficient: Float32Array;
}

const common = new WeakMap<Batch, Map<string, unknown>>();

/** Shares a value between models with the same settings. The first makes it for a batch, and none changes it. */
export function inCommon<T>(batch: Batch, settings: string, make: () => T): T {
  const made = getOrMake(common, batch, () => new Map<string, unknown>());
  return getOrMake(made, settings, make) as T;
}

/** Sorts a batch's rows by domain, stable within a domain. @throws DataError if a row's domain is out of range. */
export function arrangeRows(batch: Batch, plan: Plan): Arrangement {
  const { data, rows } = batch;
  if (plan.towers === 1) return { order: rows.map((_, i) => i), rows, sizes: [rows.length] };
  const domains = batchDomains(batch);
  const sizes = new Array<number>(plan.towers).fill(0);
  for (let i = 0; i < rows.length; i++) {
    const domain = domains[rows[i]!]!;
    if (!(domain >= 0 && domain < plan.towers)) {
      throw new DataError({
        path: `data: row ${rows[i]} of ${data.rows}, column "${plan.spec.domains?.column ?? ""}"`,
        message: "the domain is out of range",
        received: String(domain),
        expected: `0 ≤ domain < ${plan.towers}`,
        fix: "correct the count in `.domains(column, count)`, or remove these rows",
      });
    }
    sizes[domain] = sizes[domain]! + 1;
  }
  let end = 0;
  const next = sizes.map((size) => {
    end += size;
    return end - size;
  });
  const order = new Int32Array(rows.length);
  const sorted = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const domain = domains[row]!;
    const place = next[domain]!;
    next[domain] = place + 1;
    order[place] = i;
    sorted[place] = row;
  }
  return { order, rows: sorted, sizes };
}

/** @param whole the batch of the mean weight, if `batch` is a share @throws DataError for a missing column or class */
export function arrangeTask(batch: Batch, arrangement: Arrangement, task: TaskPlan, whole: Batch = batch): TaskRows {
  const { rows } = arrangement;
  const weights = normalizedWeights(batch, rows, task, whole.rows);
  const picked = task.restricted ? nonZero(weights) : null;
  const count = picked?.length ?? rows.length;
  const target = new Float32Array(count * task.tower.numClass);
  const coefficient = new Float32Array(count);
  const labels = batchLabels(batch, task.tower.label, `towers.${task.tower.name}.label`);
  const counted = countedRows(task.tower, labels, whole.rows);
  for (let i = 0; i < count; i++) {
    const sorted = picked === null ? i : picked[i]!;
    const row = rows[sorted]!;
    if (counted !== null && labels[row] === ignoredClass) continue;
    coefficient[i] = (weights[sorted]! * task.tower.weight) / (counted ?? whole.rows.length);
    writeTarget(target, i, labels[row]!, task, row);
  }
  return {
    picked,
    sizes: picked === null ? arrangement.sizes : countByDomain(picked, arrangement.sizes),
    target,
    coefficient,
  };
}

/**
 * The number of rows in a mean; `null`: all. As in PyTorch, a plain mean is over the remaining rows, a weighted one
 * over all.
 */
function countedRows(tower: TowerSpec, labels: Float32Array, rows: Int32Array): number | null {
  if (!ignoresRows(tower)) return null;
  const isWeighted = tower.weight !== 1 || tower.sampleWeight !== null || tower.taskSpace !== null;
  return isWeighted ? rows.length : rows.reduce((sum, row) => sum + (labels[row] === ignoredClass ? 0 : 1), 0);
}

function batchDomains(batch: Batch): Int32Array {
  if (batch.data.domains !== null) return batch.data.domains;
  throw new DataError({
    path: "data.domains",
    message: "the model has a tower per domain, but the data has no domains",
    fix: "encode the data with this model's spec",
  });
}

function batchLabels(batch: Batch, name: string, path: string): Float32Array {
  const labels = batch.data.labels.get(name);
  if (labels !== undefined) return labels;
  throw new DataError({
    path,
    message: `the data has no label "${name}"`,
    received: [...batch.data.labels.keys()].join(", ") || "no labels",
  });
}

function normalizedWeights(batch: Batch, rows: Int32Array, task: TaskPlan, whole: Int32Array): Float64Array {
  const weights = rowWeights(batch, rows, task);
  if (task.tower.sampleWeight === null && task.tower.taskSpace === null) return weights;
  const all = whole === rows ? weights : rowWeights(batch, whole, task);
  const mean = all.reduce((sum, weight) => sum + weight, 0) / whole.length;
  return weights.map((weight) => (mean === 0 ? 0 : weight / mean));
}

function rowWeights(batch: Batch, rows: Int32Array, task: TaskPlan): Float64Array {
  const { sampleWeight, taskSpace, name } = task.tower;
  const weights = new Float64Array(rows.length).fill(1);
  if (sampleWeight !== null) {
    const column = batch.data.sampleWeights.get(sampleWeight);
    if (column === undefined) {
      throw new DataError({
        path: `towers.${name}.sampleWeight`,
        message: `the data has no sample weight "${sampleWeight}"`,
      });
    }
    for (let i = 0; i < rows.length; i++) weights[i] = column[rows[i]!]!;
  }
  if (taskSpace !== null) {
    const indicator = batchLabels(batch, taskSpace.indicatorLabel, `towers.${name}.taskSpace`);
    for (let i = 0; i < rows.length; i++) {
      const inside = indicator[rows[i]!]! > 0;
      weights[i] = weights[i]! * (inside ? taskSpace.inWeight : taskSpace.outWeight);
    }
  }
  return weights;
}

/** Indices of nonzero weights; one row of weight 0 if there are none, since kernels need at least one row. */
function nonZero(weights: Float64Array): Int32Array {
  const places: number[] = [];
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) places.push(i);
  return Int32Array.from(places.length === 0 ? [0] : places);
}

function countByDomain(picked: Int32Array, sizes: readonly number[]): number[] {
  let end = 0;
  let place = 0;
  return sizes.map((size) => {
    end += size;
    const start = place;
    while (place < picked.length && picked[place]! < end) place++;
    return place - start;
  });
}

function writeTarget(target: Float32Array, place: number, label: number, task: TaskPlan, row: number): void {
  const { numClass, name } = task.tower;
  if (numClass === 1) {
    target[place] = label;
    return;
  }
  if (!Number.isInteger(label) || label < 0 || label >= numClass) {
    throw new DataError({
      path: `data: row ${row}, column "${task.tower.label}"`,
      message: `the label of tower "${name}" is not one of its classes`,
      received: String(label),
      expected: `an integer in 0 … ${numClass - 1}`,
    });
  }
  target[place * numClass + label] = 1;
}
