/** Which rows a task is measured on: all, those inside its space, those of each domain; as typed arrays. */
import type { TowerSpec } from "../spec/index.js";
import type { MeasuredColumns } from "./measure.js";

/** Rows of a task with what metrics read of them. */
export interface TaskRows {
  /** [rows] */
  readonly labels: Float32Array;
  /** [rows, numClass] */
  readonly probabilities: Float32Array;
  /** [rows]: the values of an id feature or label, by which a `grouped_auc` groups; `null` where there is none. */
  group(name: string): ArrayLike<number> | null;
  /** Some of these rows, by their places among them. */
  pick(places: Int32Array): TaskRows;
}

/** All rows of a data set, without a copy. @param probabilities [rows, numClass] */
export function allRows(tower: TowerSpec, data: MeasuredColumns, probabilities: Float32Array): TaskRows {
  return taskRows(data.labels.get(tower.label) as Float32Array, probabilities, tower.numClass, (name) => {
    const column = data.features.get(name);
    return (column?.kind === "ids" ? column.ids : data.labels.get(name)) ?? null;
  });
}

function taskRows(
  labels: Float32Array,
  probabilities: Float32Array,
  classes: number,
  group: TaskRows["group"],
): TaskRows {
  return {
    labels,
    probabilities,
    group,
    pick: (places) =>
      taskRows(gather(labels, places, 1), gather(probabilities, places, classes), classes, (name) => {
        const values = group(name);
        if (values === null) return null;
        const picked = new Float64Array(places.length);
        for (let to = 0; to < picked.length; to++) picked[to] = values[places[to] as number] as number;
        return picked;
      }),
  };
}

/** The rows whose indicator label is positive, ascending. */
export function rowsInside(data: MeasuredColumns, indicatorLabel: string): Int32Array {
  const indicator = data.labels.get(indicatorLabel) as Float32Array;
  const rows = new Int32Array(indicator.length);
  let count = 0;
  for (let row = 0; row < indicator.length; row++) if ((indicator[row] as number) > 0) rows[count++] = row;
  return rows.subarray(0, count);
}

/** The rows of each domain, ascending, among `inside` (`null`: all): one pass that counts, one that places. */
export function rowsByDomain(data: MeasuredColumns, inside: Int32Array | null, domainCount: number): Int32Array[] {
  const { domains } = data;
  if (domains === null) return Array.from({ length: domainCount }, () => new Int32Array(0));
  const total = inside === null ? data.rows : inside.length;
  const rowAt = (place: number): number => (inside === null ? place : (inside[place] as number));
  const counts = new Int32Array(domainCount);
  for (let place = 0; place < total; place++) {
    const domain = domains[rowAt(place)] as number;
    if (domain >= 0 && domain < domainCount) counts[domain] = (counts[domain] as number) + 1;
  }
  const lists = Array.from(counts, (count) => new Int32Array(count));
  const next = new Int32Array(domainCount);
  for (let place = 0; place < total; place++) {
    const row = rowAt(place);
    const domain = domains[row] as number;
    const list = lists[domain];
    if (list === undefined) continue;
    list[next[domain] as number] = row;
    next[domain] = (next[domain] as number) + 1;
  }
  return lists;
}

function gather(values: Float32Array, places: Int32Array, width: number): Float32Array {
  const picked = new Float32Array(places.length * width);
  for (let to = 0; to < places.length; to++) {
    const from = (places[to] as number) * width;
    for (let k = 0; k < width; k++) picked[to * width + k] = values[from + k] as number;
  }
  return picked;
}
