/**
 * Counts the values of features to make their vocabulary.
 */
import type { ComboFeatureSpec, FeatureSpec, IdFeatureSpec } from "../../spec/index.js";
import { grouped } from "../../util/text/format.js";
import { grownWords, idRule } from "../encode/ids/rows-of-ids.js";
import type { Report } from "../encode/report.js";
import type { FeatureColumn } from "../encoded/encoded.js";
import type { Table } from "../table/table.js";

type Encoded = IdFeatureSpec | ComboFeatureSpec;

interface Watched {
  readonly feature: Encoded;
  readonly column: string;
  /** Numbers of values, by their place in the growing vocabulary. */
  counts: Float64Array;
}

/** The values of one feature, or of several that share a table. */
export class ValueCounts {
  readonly #watched: Watched[] = [];

  /** Adds a feature. */
  watch(feature: Encoded, column: string): void {
    this.#watched.push({ feature, column, counts: new Float64Array(1024) });
  }

  /** Counts the values of some more rows. */
  add(columns: ReadonlyMap<string, FeatureColumn>): void {
    for (const watched of this.#watched) {
      const column = columns.get(watched.feature.name);
      if (column === undefined || column.kind === "dense") continue;
      for (const id of column.ids) {
        if (id < 0) continue;
        if (id >= watched.counts.length) watched.counts = longer(watched.counts, id);
        watched.counts[id]! += 1;
      }
    }
  }

  /** The features with their vocabulary; reports one without values. */
  fitted(table: Table, report: Report): FeatureSpec[] {
    const totals = new Map<string, number>();
    for (const { feature, counts } of this.#watched) {
      for (const [place, word] of grownWords(idRule(feature, false)).entries()) {
        const count = counts[place] ?? 0;
        if (count > 0) totals.set(word, (totals.get(word) ?? 0) + count);
      }
    }
    return this.#watched.flatMap(({ feature, column }) => withValues(feature, column, totals, table, report));
  }
}

function withValues(
  feature: Encoded,
  column: string,
  totals: ReadonlyMap<string, number>,
  table: Table,
  report: Report,
): FeatureSpec[] {
  const { encoding, defaultBucket, defaultValue } = feature;
  if (encoding.kind !== "vocabFit") return [feature];
  const { minCount, most } = encoding;
  const frequent = [...totals]
    // Row 0 is the row of the default value, unless the feature names another.
    .filter(([word, count]) => count >= minCount && !(defaultBucket === null && word === defaultValue))
    .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .slice(0, most ?? undefined);
  if (frequent.length > 0) {
    return [{ ...feature, encoding: { kind: "vocabList", values: frequent.map(([word]) => word) } }];
  }
  const largest = [...totals.values()].reduce((most, count) => Math.max(most, count), 0);
  report.problem({
    path: `${table.source}: column "${column}"`,
    message: `no value for the vocabulary of feature "${feature.name}"`,
    received:
      totals.size === 0 ? "no values" : `${grouped(totals.size)} values, each in at most ${grouped(largest)} rows`,
    expected: `values in at least ${grouped(minCount)} row${minCount === 1 ? "" : "s"}`,
    fix: totals.size === 0 ? `remove the feature "${feature.name}"` : `.vocab({ minCount: ${largest} })`,
  });
  return [];
}

function longer(counts: Float64Array, place: number): Float64Array {
  const more = new Float64Array(Math.max(counts.length * 2, place + 1));
  more.set(counts);
  return more;
}
