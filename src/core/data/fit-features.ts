/** Fits features on rows in one pass: vocabularies, normalizers and boundaries become values. */
import { DataError, type Problem } from "../errors/index.js";
import {
  type ComboFeatureSpec,
  type FeatureSpec,
  fittingRows,
  growingRows,
  type IdFeatureSpec,
  needsFit,
  type RawFeatureSpec,
  tableName,
} from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { getOrMake, grown } from "../util/growing.js";
import { SharedValue } from "../util/interrupt.js";
import { deepFreeze } from "../util/json.js";
import { type Random, random } from "../util/random.js";
import { grouped } from "../util/text.js";
import { encodeParts } from "./encode/encode.js";
import { usualSeparator } from "./encode/encode-part.js";
import { parseNormalizer } from "./encode/normalizer.js";
import { type ComputedFeature, type EncodingPlan, planEncoding, saysEncoded } from "./encode/plan.js";
import { readNumbers } from "./encode/raw.js";
import type { Report } from "./encode/report.js";
import { idRule } from "./encode/rows-of-ids.js";
import type { FeatureColumn } from "./encoded/encoded.js";
import { identifier } from "./sources/names.js";
import type { RawColumn } from "./table/column.js";
import { Table } from "./table/table.js";

/** The most numbers in memory for quantiles; of more, a random sample of this size is drawn with a fixed seed. */
const mostKept = 1 << 22;

class NumberCounts {
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

  add(column: RawColumn, report: Report): void {
    report.about(this.feature.name, this.column);
    const read = readNumbers(this.feature, column, this.separator, report);
    report.about("");
    const perRow = read.values.length / read.missing.length;
    for (const [at, value] of read.values.entries()) {
      if (read.missing[Math.floor(at / perRow)] === 0) this.#note(this.#apply(value));
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

  #keep(value: number): void {
    if (this.#count < mostKept) this.#sample = grown(this.#sample, this.#count + 1);
    const place = this.#count < mostKept ? this.#count : Math.floor(this.#draws.uniform() * (this.#count + 1));
    if (place < mostKept) this.#sample[place] = value;
  }

  fitted(report: Report): FeatureSpec {
    const { fit, ...feature } = this.feature;
    if (fit === undefined) return this.feature;
    const problem = (message: string, received: string, expected: string, fix: string): FeatureSpec => {
      const path = `${report.table.source}: column "${this.column}"`;
      report.problem({ path, message: `feature "${feature.name}" cannot be ${message}`, received, expected, fix });
      return this.feature;
    };
    const apart = (value: number): number => (feature.pieces !== undefined && !fit.zscore ? Math.fround(value) : value);
    if (!(apart(this.#least) < apart(this.#most))) {
      return problem(
        `${fit.zscore ? "scaled" : feature.pieces ? "split into pieces" : "split into buckets"}: the column is constant`,
        this.#count === 0 ? "no values" : `${this.#least} in all rows with a value`,
        "at least two different numbers",
        `remove the feature "${feature.name}"`,
      );
    }
    if (fit.zscore && !Number.isFinite(this.#squares)) {
      const condition = JSON.stringify(`abs(${identifier(this.column)}) < 1e150`);
      return problem(
        "scaled: its numbers are too large for a variance",
        `numbers from ${this.#least} to ${this.#most}`,
        "numbers below 1e150 in size",
        `leave these rows out, such as .where(${condition}), or use .quantiles(16) in place of .zscore()`,
      );
    }
    const scale = fit.zscore ? { mean: this.#mean, deviation: Math.sqrt(this.#squares / this.#count) } : null;
    const sample = this.#sample.subarray(0, Math.min(this.#count, mostKept));
    const scaled = (value: number): number => (scale === null ? value : (value - scale.mean) / scale.deviation);
    const normalizer = scale === null ? feature.normalizer : zscoreText(feature, scale);
    if (fit.quantiles === null) return { ...feature, normalizer };
    const boundaries = equalBuckets(sample.map(scaled), fit.quantiles);
    if (feature.pieces === undefined) return { ...feature, normalizer, boundaries };
    const pieces = ascending([scaled(this.#least), ...boundaries, scaled(this.#most)]);
    return { ...feature, normalizer, pieces, valueDim: pieces.length - 1 };
  }
}

/** The normalizer text: z-score, or an expression that extends the feature's. */
function zscoreText({ normalizer }: Pick<RawFeatureSpec, "normalizer">, scale: { mean: number; deviation: number }) {
  const { mean, deviation } = scale;
  if (normalizer === null) return `method=zscore,mean=${mean},standard_deviation=${deviation}`;
  const inner = normalizer.replace(/^\s*method\s*=\s*expression\s*,\s*expr\s*=/, "");
  return `method=expression,expr=((${inner})-(${mean}))/${deviation}`;
}

interface Vocabulary {
  readonly feature: IdFeatureSpec | ComboFeatureSpec;
  /** The feature as the model has it; the column may hold its computed values. */
  readonly described: IdFeatureSpec | ComboFeatureSpec;
  readonly column: string;
  /** The number of rows of each value, by its place in the growing vocabulary. */
  counts: Float64Array;
}

function countIds(vocabulary: Vocabulary, column: FeatureColumn | undefined): void {
  if (column === undefined || column.kind === "dense") return;
  for (const id of column.ids) {
    if (id < 0) continue;
    vocabulary.counts = grown(vocabulary.counts, id + 1);
    vocabulary.counts[id]! += 1;
  }
}

/** The number of rows of each value by embedding table, since features that share a table get one vocabulary. */
function valueTotals(vocabularies: readonly Vocabulary[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const totals = new Map<string, Map<string, number>>();
  for (const { feature, counts } of vocabularies) {
    const words = getOrMake(totals, tableName(feature)!, () => new Map<string, number>());
    for (const [place, word] of (idRule(feature, false).words ?? []).entries()) {
      if ((counts[place] ?? 0) > 0) words.set(word, (words.get(word) ?? 0) + counts[place]!);
    }
  }
  return totals;
}

function withValues(
  { feature, described, column }: Vocabulary,
  totals: ReadonlyMap<string, number>,
  report: Report,
): FeatureSpec[] {
  const { encoding, defaultBucket, defaultValue } = feature;
  if (encoding.kind !== "vocabFit") return [feature];
  const { minCount, most } = encoding;
  const frequent = [...totals]
    // Row 0 belongs to the default value, unless the feature names another row.
    .filter(([word, count]) => count >= minCount && !(defaultBucket === null && word === defaultValue))
    .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .slice(0, most ?? undefined);
  if (frequent.length > 0) {
    return [{ ...described, encoding: { kind: "vocabList", values: frequent.map(([word]) => word) } }];
  }
  const largest = [...totals.values()].reduce((most, count) => Math.max(most, count), 0);
  report.problem({
    path: `${report.table.source}: column "${column}"`,
    message: `no value for the vocabulary of feature "${feature.name}"`,
    received:
      totals.size === 0 ? "no values" : `${grouped(totals.size)} values, each in at most ${grouped(largest)} rows`,
    expected: `values in at least ${grouped(minCount)} row${minCount === 1 ? "" : "s"}`,
    fix: totals.size === 0 ? `remove the feature "${feature.name}"` : `.vocab({ minCount: ${largest} })`,
  });
  return [];
}

type Fitted = ReadonlyMap<string, FeatureSpec>;

const fits = new WeakMap<Table, Map<string, SharedValue<Fitted>>>();

/** The spec with fitted features. Throws a DataError with every column that is missing, constant or without values. */
export async function fitFeatures(spec: ModelSpec, training: Table): Promise<ModelSpec> {
  const waiting = spec.features.filter(needsFit) as ComputedFeature[];
  if (waiting.length === 0) return spec;
  const computed = waiting.filter((feature) => growingRows(feature) === null);
  if (computed.length > 0 && saysEncoded(spec)) {
    const message = "the columns of this model are encoded already (fg_mode: FG_NONE), so there is nothing to fit";
    const expected = ".buckets(count), or a raw feature without .zscore() and .quantiles(…)";
    const paths = computed.map(({ name }) => `features.${name}`);
    throw new DataError(paths.map((path) => ({ path, message, received: "a feature to fit", expected })));
  }
  const byRows = new Map<Table, ComputedFeature[]>();
  for (const feature of waiting) {
    getOrMake(byRows, tableFor(feature, training), () => [] as ComputedFeature[]).push(feature);
  }
  const fitted = new Map<string, FeatureSpec>();
  const problems: Problem[] = [];
  for (const [table, features] of byRows) {
    try {
      for (const [name, feature] of await fittedOnce(spec, features, table)) fitted.set(name, feature);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new DataError(problems);
  return deepFreeze({ ...spec, features: spec.features.map((feature) => fitted.get(feature.name) ?? feature) });
}

function fittedOnce(spec: ModelSpec, features: readonly ComputedFeature[], table: Table): Promise<Fitted> {
  const fitsByKey = getOrMake(fits, table, () => new Map<string, SharedValue<Fitted>>());
  const fitted = getOrMake(fitsByKey, JSON.stringify([features, spec.extra]), () => new SharedValue<Fitted>());
  return fitted.get(() => fitAll(spec, features, table));
}

async function fitAll(spec: ModelSpec, features: readonly ComputedFeature[], table: Table): Promise<Fitted> {
  // Copies, because the look-up of a vocabulary to fit grows with the rows and is cached by its feature.
  const copies = features.map((feature) => ({ ...feature }));
  const alone = { ...spec, features: copies, labels: [], sampleWeights: [], towers: [], domains: null };
  const plan = planEncoding(table, alone, { labels: false, unfitted: true });
  const { report } = plan;
  const numbers: NumberCounts[] = [];
  const vocabularies: Vocabulary[] = [];
  for (const { feature, columns } of plan.features) {
    if (feature.kind === "raw") {
      numbers.push(new NumberCounts(feature, columns[0]!, feature.separator ?? usualSeparator(false)));
    } else {
      const described = features.find(({ name }) => name === feature.name) as IdFeatureSpec;
      vocabularies.push({ feature, described, column: columns.join(" × "), counts: new Float64Array(1024) });
    }
  }
  const words: EncodingPlan = { ...plan, features: plan.features.filter(({ feature }) => feature.kind !== "raw") };
  for await (const { encoded, columns } of encodeParts(words)) {
    for (const counts of numbers) counts.add(columns.get(counts.column)!, report);
    for (const vocabulary of vocabularies) countIds(vocabulary, encoded.features.get(vocabulary.feature.name));
  }
  await report.throwIfAny();
  const totals = valueTotals(vocabularies);
  const fitted = [
    ...numbers.map((counts) => counts.fitted(report)),
    ...vocabularies.flatMap((each) => withValues(each, totals.get(tableName(each.feature)!)!, report)),
  ];
  await report.throwIfAny();
  return new Map(fitted.map((feature) => [feature.name, feature]));
}

function tableFor(feature: ComputedFeature, training: Table): Table {
  const fitted = feature.kind === "raw" ? feature.fit : feature.encoding.kind === "vocabFit" ? feature.encoding : null;
  const from = fitted?.from ?? null;
  if (from === null) return training;
  const table = fittingRows(from)?.table;
  if (table instanceof Table) return table;
  throw new DataError({
    path: `features.${feature.name}`,
    message: "the rows to fit on are not in this process",
    received: `${from.source}, ${from.rows} rows`,
    expected: "rows from dataset(…)",
    fix: "build the feature again with { from: await dataset(…) }",
  });
}

/** The edges of pieces as float32, without edges that are not above the previous one. */
function ascending(edges: readonly number[]): number[] {
  const rounded = edges.map(Math.fround);
  return rounded.filter((edge, at) => at === 0 || edge > rounded[at - 1]!);
}

/** Ascending boundaries, at most `count` − 1; equal values stay together, and the other buckets share the rest. */
export function equalBuckets(values: Float64Array, count: number): number[] {
  const sorted = values.slice().sort();
  const boundaries: number[] = [];
  let start = 0;
  for (let left = count; left > 1; left--) {
    const cut = start + (sorted.length - start) / left;
    const next = nextStart(sorted, start, Math.round(cut));
    if (next === null) break;
    boundaries.push(sorted[next]!);
    start = next;
  }
  return boundaries;
}

/** The first value of the next bucket, as float32 above the last one of this bucket; `null`: none. */
function nextStart(sorted: Float64Array, start: number, cut: number): number | null {
  if (cut >= sorted.length) return null;
  const value = Math.fround(sorted[cut]!);
  // Values equal to the one at the cut go to the nearer side, as long as no bucket is empty.
  let first = cut;
  while (first > start && Math.fround(sorted[first - 1]!) === value) first--;
  let after = cut;
  while (after < sorted.length && Math.fround(sorted[after]!) === value) after++;
  if (first > start && (after === sorted.length || cut - first <= after - cut)) return first;
  return after === sorted.length ? null : after;
}
