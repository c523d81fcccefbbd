/** Counts the rows and positives of binary labels, by domain. */
import { ignoredClass, ignoresRows, isBinary, type ModelSpec, type TowerSpec } from "../../spec/model.js";
import { getOrMake } from "../../util/growing.js";
import type { EncodedData } from "../encoded/encoded.js";
import { Fault } from "../row-findings.js";

/** Rows and positives of one binary label: per domain, then in total. */
export interface ClassCounts {
  /** The first tower of the label. */
  readonly tower: TowerSpec;
  readonly rows: Float64Array;
  readonly positives: Float64Array;
}

/** Counts classes, and positives outside the space of their task, part by part. */
export class LabelClasses {
  readonly #classes: ReadonlyMap<string, ClassCounts>;
  readonly #outside = new Map<TowerSpec, Fault>();
  #rows = 0;

  constructor(private readonly spec: ModelSpec) {
    const { towers, domains } = spec;
    const size = (domains?.count ?? 0) + 1;
    const firsts = towers.filter(({ label }, at) => towers.findIndex((tower) => tower.label === label) === at);
    this.#classes = new Map(
      firsts.filter(isBinary).map((tower) => {
        return [tower.label, { tower, rows: new Float64Array(size), positives: new Float64Array(size) }];
      }),
    );
  }

  add(part: EncodedData): void {
    // A non-numeric column has no values here, since encoding has rejected it.
    const valuesOf = (label = ""): Float32Array | null => {
      const values = part.labels.get(label);
      return values?.length === part.rows ? values : null;
    };
    for (const [label, counts] of this.#classes) countClasses(counts, valuesOf(label) ?? [], part.domains);
    for (const tower of this.spec.towers) {
      const { label, taskSpace } = tower;
      const [values, indicator] = [valuesOf(label), valuesOf(taskSpace?.indicatorLabel)];
      if (taskSpace?.outWeight !== 0 || values === null || indicator === null) continue;
      for (const [row, value] of values.entries()) {
        if (!(value > 0) || indicator[row]! > 0) continue;
        getOrMake(this.#outside, tower, () => new Fault()).note(this.#rows + row, value);
      }
    }
    this.#rows += part.rows;
  }

  get classes(): readonly ClassCounts[] {
    return [...this.#classes.values()];
  }

  get outside(): ReadonlyMap<TowerSpec, Fault> {
    return this.#outside;
  }
}

/** The same without its domains. */
export function overallCounts({ tower, rows, positives }: ClassCounts): ClassCounts {
  return { tower, rows: rows.slice(-1), positives: positives.slice(-1) };
}

function countClasses(counts: ClassCounts, values: ArrayLike<number>, domains: Int32Array | null): void {
  const { tower, rows, positives } = counts;
  const ignores = ignoresRows(tower);
  const all = rows.length - 1;
  for (let row = 0; row < values.length; row++) {
    if (ignores && values[row] === ignoredClass) continue;
    const domain = domains?.length === values.length ? domains[row]! : -1;
    const positive = values[row]! > 0 ? 1 : 0;
    rows[all]! += 1;
    positives[all]! += positive;
    if (domain < 0 || domain >= all) continue;
    rows[domain]! += 1;
    positives[domain]! += positive;
  }
}
