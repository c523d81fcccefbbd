/** Judges of single features on some encoded rows: unscaled numbers, times as numbers, labels in disguise, ids of one row. */
import type { Observation } from "../../errors/finding.js";
import { exactAuc } from "../../metrics/auc.js";
import type { FeatureSpec } from "../../spec/feature/feature.js";
import { ignoredClass, ignoresRows, isBinary, usedFeatures } from "../../spec/model.js";
import { Numbering } from "../../util/growing.js";
import { mean } from "../../util/numbers.js";
import { grouped, percent } from "../../util/text.js";
import { inTurns, type Work } from "../../util/turns.js";
import { amountsText, leastShare } from "../dirty-cells.js";
import type { FeatureColumn, IdColumn } from "../encoded/encoded.js";
import type { DataFacts, DataJudge } from "./facts.js";

/** An AUC that no honest feature reaches by itself. */
export const disguisedAuc = 0.995;
const leastClassRows = 20;

/** The category of a row, as a number. */
type ValueAt = (row: number) => number;

/**
 * The AUC of categories: ranks every second row by its category's label rate in the others, so that no row sees its own
 * label.
 */
export function categoriesAuc(valueAt: ValueAt, labels: Float32Array, rows: Int32Array): number | null {
  const categories = new Numbering<number>();
  const codes = new Int32Array(labels.length);
  const counts: { rows: number; positives: number }[] = [];
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const code = categories.of(valueAt(row));
    codes[row] = code;
    if (code === counts.length) counts.push({ rows: 0, positives: 0 });
    if (at % 2 === 1) continue;
    counts[code]!.rows++;
    if (labels[row]! > 0) counts[code]!.positives++;
  }
  const rates = Float32Array.from(counts, (count) => (count.positives + 0.5) / (count.rows + 1));
  return numbersAuc(
    (row) => rates[codes[row]!]!,
    labels,
    rows.filter((_, at) => at % 2 === 1),
  );
}

/** The AUC of numbers, in the better direction; `null` with few rows of a class or a number that is not finite. */
export function numbersAuc(score: ValueAt, allLabels: Float32Array, rows: Int32Array): number | null {
  const [scores, labels] = [new Float32Array(rows.length), new Float32Array(rows.length)];
  let positives = 0;
  for (let at = 0; at < rows.length; at++) {
    const value = score(rows[at]!);
    if (!Number.isFinite(value)) return null;
    scores[at] = value;
    labels[at] = allLabels[rows[at]!]!;
    if (labels[at]! > 0) positives++;
  }
  if (positives < leastClassRows || labels.length - positives < leastClassRows) return null;
  const value = exactAuc(scores, labels);
  return value === null ? null : Math.max(value, 1 - value);
}

const JUDGED_ROWS = 50_000;

/** Numbers are not scaled if their root mean square is above this. */
const LARGE = 10;
/** A tail is long if it ends more than this number of standard deviations above the mean. */
const LONG_TAIL = 5;
/** With fewer rows, ids are not judged. */
const FEW_ROWS = 200;
/** Rows do not share ids if the share of distinct ids among them is larger. */
const OWN_IDS = 0.9;
/** Times between 2001 and 2100, in seconds and in milliseconds. */
const SECONDS = { from: 978_307_200, to: 4_102_444_800 };

/** The rows that are judged, out of this many. */
export function judgedRows(rows: number): Int32Array {
  const judged = Math.min(rows, JUDGED_ROWS);
  return Int32Array.from({ length: judged }, (_, at) => Math.floor((at * rows) / judged));
}

interface Look extends NonNullable<DataFacts["sample"]> {
  readonly feature: FeatureSpec;
  readonly column: FeatureColumn;
}

/** The features that the model uses, with their columns. */
function looks({ spec, sample }: DataFacts): Look[] {
  const used = usedFeatures(spec);
  return spec.features.flatMap((feature): Look[] => {
    const column = sample?.data.features.get(feature.name);
    return sample === undefined || column === undefined || !used.has(feature.name)
      ? []
      : [{ ...sample, feature, column }];
  });
}

function* observations(facts: DataFacts, find: (look: Look) => Observation | null): Work<Observation[]> {
  const results: Observation[] = [];
  for (const look of looks(facts)) {
    yield;
    results.push(...[find(look)].filter((one) => one !== null));
  }
  return results;
}

function unscaledNumber({ feature, column, rows }: Look): Observation | null {
  if (column.kind !== "dense") return null;
  const { dim, values } = column;
  if (feature.kind !== "raw" || feature.normalizer !== null || dim !== 1 || rows.length === 0) return null;
  const present = Float64Array.from(rows, (row) => values[row]!).filter((value) => Number.isFinite(value));
  const low = present.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = present.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const centre = mean(present);
  const deviation = Math.sqrt(mean(present.map((value) => (value - centre) ** 2)));
  if (!(Math.hypot(centre, deviation) > LARGE)) return null;
  const name = JSON.stringify(feature.name);
  const factor = [1, 1000].find((factor) => low >= SECONDS.from * factor && high <= SECONDS.to * factor);
  if (factor !== undefined && deviation > 0) {
    const [words, unit] = factor === 1 ? ["seconds", "s"] : ["milliseconds", "ms"];
    const day = (time: number) => new Date((time / factor) * 1000).toISOString().slice(0, 10);
    return {
      path: `features.${feature.name}`,
      message: `looks like times in ${words} since 1970 (${day(low)} to ${day(high)}), as numbers that the network cannot use`,
      fix: `use parts of the date instead: dateFeature(${name}, "hour", { unit: "${unit}" }).embedding(4)`,
    };
  }
  return {
    path: `features.${feature.name}`,
    message: `enters the network unscaled (${grouped(low)} to ${grouped(high)}), which drowns the other features`,
    fix: `rawFeature(${name})${low >= 0 && high > centre + LONG_TAIL * deviation ? ".log1p()" : ""}.zscore()`,
  };
}

function ownIds({ feature, column, rows }: Look): Observation | null {
  if (column.kind !== "ids" || rows.length < FEW_ROWS || feature.kind === "combo") return null;
  const ids = distinctIds(column, rows);
  if (ids.size < OWN_IDS * rows.length) return null;
  return {
    path: `features.${feature.name}`,
    message: `has ${grouped(ids.size)} ids in ${grouped(rows.length)} rows: an embedding that one row trains is noise for every other row`,
    fix: "remove the feature, or group its values (a vocabulary of the frequent ones, a category, a number)",
  };
}

/** Ids of texts that are amounts or times, whose order is lost. */
function writtenAmounts({ feature, column }: Look, sources: DataFacts["sources"]): Observation | null {
  if (feature.kind !== "id" || column.kind !== "ids" || feature.encoding.kind !== "vocabList") return null;
  const [source, other] = sources(feature);
  if (source === undefined || other !== undefined) return null;
  const amounts = amountsText(
    source,
    feature.encoding.values.filter((word) => word !== feature.defaultValue),
  );
  if (amounts === null) return null;
  return {
    path: `features.${feature.name}`,
    message: `reads texts as ids, which have no order: ${amounts.message}`,
    fix: `${amounts.fix}; then rawFeature(${JSON.stringify(source)}) or, for times, dateFeature(${JSON.stringify(source)}, "hour")`,
  };
}

function distinctIds({ ids }: IdColumn, rows: Int32Array): ReadonlySet<number> {
  const distinct = new Set<number>();
  for (const row of rows) if (ids[row]! >= 0) distinct.add(ids[row]!);
  return distinct;
}

/** By feature: the first label that it ranks well by itself. */
function* labelsInDisguise(facts: DataFacts): Work<Observation[]> {
  const results: Observation[] = [];
  for (const { feature, column, data, rows } of looks(facts)) {
    if (feature.name === facts.spec.domains?.column) continue;
    for (const tower of facts.spec.towers.filter(isBinary)) {
      const labels = data.labels.get(tower.label);
      if (labels === undefined || labels.length === 0) continue;
      const space = tower.taskSpace?.outWeight === 0 ? data.labels.get(tower.taskSpace.indicatorLabel) : undefined;
      const ignores = ignoresRows(tower);
      const inside = rows.filter((row) => !(space && space[row]! <= 0) && !(ignores && labels[row] === ignoredClass));
      yield;
      const value = aloneAuc(column, labels, inside);
      if (value === null || value < disguisedAuc) continue;
      results.push({
        path: `features.${feature.name}`,
        message: `alone ranks label "${tower.label}" with AUC ${value.toFixed(3)}: it is probably the label in another form, or known only after it`,
        fix: `remove feature "${feature.name}", unless it is known before the label`,
      });
      break;
    }
  }
  return results;
}

function aloneAuc(column: FeatureColumn, labels: Float32Array, rows: Int32Array): number | null {
  if (column.kind === "ids") return categoriesAuc((row) => column.ids[row]!, labels, rows);
  return column.kind === "dense" && column.dim === 1 ? numbersAuc((row) => column.values[row]!, labels, rows) : null;
}

export const featureJudges: readonly DataJudge[] = [
  {
    name: "amounts as ids",
    severity: "minor",
    when: `${percent(leastShare)} or more of the texts that an id feature reads are numbers with separators, currency or unit, or times of one kind`,
    heldBy: "test/core/data/dirty-columns.test.ts",
    find: (facts) => inTurns(observations(facts, (look) => writtenAmounts(look, facts.sources))),
  },
  {
    name: "unscaled number",
    severity: "moderate",
    when: `a number enters the network with a root mean square above ${LARGE}; for times, parts of the date are suggested`,
    heldBy: "test/core/data/suspicions.test.ts",
    find: (facts) => inTurns(observations(facts, unscaledNumber)),
  },
  {
    name: "id per row",
    severity: "moderate",
    when: `ids are distinct in ${percent(OWN_IDS)} of ${FEW_ROWS} rows or more`,
    heldBy: "test/core/data/suspicions.test.ts",
    find: (facts) => inTurns(observations(facts, ownIds)),
  },
  {
    name: "label in disguise",
    severity: "serious",
    when: `a feature alone ranks a label with an AUC of ${disguisedAuc} or more`,
    heldBy: "test/core/data/suspicions.test.ts",
    find: (facts) => inTurns(labelsInDisguise(facts)),
  },
];
