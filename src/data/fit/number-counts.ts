/**
 * Mean, standard deviation and quantiles of a raw feature's numbers.
 */
import type { FeatureSpec, RawFeatureSpec } from "../../spec/index.js";
import { type Random, random } from "../../util/random.js";
import { parseNormalizer } from "../encode/numbers/normalizer.js";
import { readNumbers } from "../encode/numbers/numbers.js";
import type { Report } from "../encode/report.js";
import { identifier } from "../sources/duckdb/names.js";
import type { RawColumn } from "../table/column.js";
import type { Table } from "../table/table.js";
import { equalBuckets } from "./equal-buckets.js";

/** Numbers in memory for quantiles; of more, this many are drawn at random with a fixed seed. */
const mostKept = 1 << 22;

/** The numbers of one feature, after its normalizer. */
export class NumberCounts {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;
  #sample: Float64Array;
  readonly #draws: Random = random(1).fork("quantiles");
  readonly #apply: (value: number) => number;

  constructor(
    private readonly feature: RawFeatureSpec,
    readonly column: string,
    private readonly separator: string,
  ) {
    this.#sample = new Float64Array(feature.fit?.quantiles ? 1024 : 0);
    const normalizer = feature.normalizer === null ? null : parseNormalizer(feature.normalizer);
    this.#apply = normalizer !== null && "apply" in normalizer ? normalizer.apply : (value) => value;
  }

  /** Adds the numbers of some more rows; reports what is not a number. */
  add(column: RawColumn, report: Report): void {
    report.about(this.feature.name);
    const read = readNumbers(this.feature, this.column, column, this.separator, report);
    report.about("");
    if (read === null) return;
    const { valueDim } = this.feature;
    for (const [at, value] of read.values.entries()) {
      if (read.missing[Math.floor(at / valueDim)] === 0) this.#note(this.#apply(value));
    }
  }

  #note(value: number): void {
    if (!Number.isFinite(value)) return;
    const before = value - this.#mean;
    this.#mean += before / (this.#count + 1);
    this.#squares += before * (value - this.#mean);
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
    if (this.#sample.length > 0) this.#keep(value);
    this.#count += 1;
  }

  /** Keeps every number, or from the limit on each with the same probability. */
  #keep(value: number): void {
    if (this.#count === this.#sample.length && this.#count < mostKept) {
      const more = new Float64Array(this.#count * 2);
      more.set(this.#sample);
      this.#sample = more;
    }
    const place = this.#count < mostKept ? this.#count : Math.floor(this.#draws.uniform() * (this.#count + 1));
    if (place < mostKept) this.#sample[place] = value;
  }

  /** The feature with its numbers; reports a column without two different values. */
  fitted(table: Table, report: Report): FeatureSpec {
    const { fit, ...feature } = this.feature;
    if (fit === undefined) return this.feature;
    if (!(this.#least < this.#most)) {
      report.problem({
        path: `${table.source}: column "${this.column}"`,
        message: `feature "${feature.name}" cannot be ${fit.zscore ? "scaled" : "split into buckets"}: the column is constant`,
        received: this.#count === 0 ? "no values" : `${this.#least} in all rows with a value`,
        expected: "at least two different numbers",
        fix: `remove the feature "${feature.name}"`,
      });
      return this.feature;
    }
    if (fit.zscore && !Number.isFinite(this.#squares)) {
      report.problem({
        path: `${table.source}: column "${this.column}"`,
        message: `feature "${feature.name}" cannot be scaled: its numbers are too large for a variance`,
        received: `numbers from ${this.#least} to ${this.#most}`,
        expected: "numbers below 1e150 in size",
        fix: `leave these rows out, such as .where(${JSON.stringify(`abs(${identifier(this.column)}) < 1e150`)}), or use .quantiles(16) in place of .zscore()`,
      });
      return this.feature;
    }
    const scale = fit.zscore ? { mean: this.#mean, deviation: Math.sqrt(this.#squares / this.#count) } : null;
    const sample = this.#sample.subarray(0, Math.min(this.#count, mostKept));
    const scaled = (value: number): number => (scale === null ? value : (value - scale.mean) / scale.deviation);
    const boundaries = fit.quantiles === null ? feature.boundaries : equalBuckets(sample.map(scaled), fit.quantiles);
    return { ...feature, normalizer: scale === null ? feature.normalizer : zscoreText(feature, scale), boundaries };
  }
}

/** The normalizer text: z-score, or an expression that extends the feature's. */
function zscoreText({ normalizer }: Pick<RawFeatureSpec, "normalizer">, scale: { mean: number; deviation: number }) {
  const { mean, deviation } = scale;
  if (normalizer === null) return `method=zscore,mean=${mean},standard_deviation=${deviation}`;
  const inner = normalizer.replace(/^\s*method\s*=\s*expression\s*,\s*expr\s*=/, "");
  return `method=expression,expr=((${inner})-(${mean}))/${deviation}`;
}
