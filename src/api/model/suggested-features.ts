/** The features that `suggestModel` gives a column, by what its values look like. */
import { codesGain, orderAuc, priorRows } from "../../core/data/check/column-signs.js";
import { columnFix } from "../../core/data/column-fixes.js";
import { dirtyText } from "../../core/data/dirty-cells.js";
import type { ColumnProfile } from "../../core/data/summary/column-profiles.js";
import { epochUnit, type TimeUnit } from "../../core/util/epoch.js";
import { fixed, grouped, percent } from "../../core/util/text.js";
import type { BuilderCall } from "./builder-calls.js";

/** The features of a column; none: it is left out. */
export interface FeatureChoice {
  readonly features: readonly BuilderCall[];
  readonly reason: string;
}

/** Vocabularies up to this length; longer columns are hashed. */
const mostWords = 100_000;
const mostPieces = 20;
/** A value in as many rows has its own vector also in a large table. */
const mostRareRows = 20;
/** Columns that embed the pieces of a number. */
export const pieceWidth = 8;

/** By label: the values in the sample. */
export type Labels = ReadonlyMap<string, Float32Array>;

/** @param isKey whether the column identifies users or items, so that it may have a value per row */
export function suggestFeature(
  name: string,
  profile: ColumnProfile,
  isKey: boolean,
  labels: Labels = new Map(),
): FeatureChoice {
  const choice = warned(name, profile, labels, featureOf(name, profile, isKey, labels));
  if (profile.grouped !== null && !isKey) {
    const other = `if ${profile.grouped} is ${profile.grouped.replace(".", "")}, open the file with { decimal: ",", thousands: "." }`;
    return { ...choice, reason: `${choice.reason}; ${other}` };
  }
  if (profile.dirty === null || isKey) return choice;
  const reason = `${dirtyText(profile.dirty)}; then suggestModel(…) once more. As it is: ${choice.reason}`;
  return { ...choice, reason };
}

/** Says of ids, or of a number per row, that their order tells a label. */
function warned(
  name: string,
  { sample, summary }: ColumnProfile,
  labels: Labels,
  choice: FeatureChoice,
): FeatureChoice {
  const isNumber = choice.features.some(({ start }) => start !== "idFeature");
  if (isNumber || sample.kind !== "number" || summary.type !== "integer" || summary.distinct <= 100) return choice;
  for (const [label, values] of labels) {
    const auc = orderAuc(sample, values);
    if (auc === null) continue;
    const evidence = `rows of the nearest other numbers tell "${label}" (AUC ${fixed(auc)})`;
    const reason = `${choice.reason}. Beware: ${evidence}, so ${name} was given in the order of time or of the outcome, or the rows are in runs: split by time, or by ${name} in blocks, since a random split looks better than new rows will`;
    return { ...choice, reason };
  }
  return choice;
}

function featureOf(name: string, profile: ColumnProfile, isKey: boolean, labels: Labels): FeatureChoice {
  const { summary, filled, quantiles, sample, readings } = profile;
  const { type, distinct } = summary;
  if (distinct === 0) return leftOut("no values");
  if (distinct === 1) return leftOut("constant");
  if (profile.isDate && !isKey) return dates(name, profile, null);
  const unit = quantiles === null || isKey ? null : likelyUnit(quantiles);
  if (type === "integer" && unit !== null && distinct > 100) return dates(name, profile, unit);
  if (type === "list") return listOfValues(name, profile);
  const unique = distinct > 50 && distinct >= 0.9 * filled;
  if (isKey && (unique || distinct === filled)) {
    return leftOut(
      `${distinct === filled ? "a value" : "almost a value"} per row, so it cannot say anything of a new row`,
    );
  }
  const fix = isKey ? null : columnFix(name, sample, readings);
  if (fix !== null) return leftOut(`${fix.what}: ${fix.fix}; then suggestModel(…) once more`);
  if (isKey || type === "text" || type === "boolean") {
    const isFree = profile.words >= 4 && distinct > 0.2 * filled;
    const why = unique ? `${distinct === filled ? "a value" : "almost a value"} per row` : isFree ? "free text" : null;
    if (!isKey && why !== null) return repeatedTexts(name, profile, why) ?? leftOut(why);
    return categories(name, profile, isKey);
  }
  if (type === "integer" && unique) return leftOut("a number per row, such as a row number or an id");
  if (type === "integer" && distinct === 2) return categories(name, profile, false);
  if (type === "integer" && /(^|_)(id|code)$/i.test(name)) return categories(name, profile, false);
  return (type === "integer" ? codes(name, profile, labels) : null) ?? numbers(name, profile);
}

/**
 * Whole numbers of which held-out rows say that each names a thing; `null`: they are only numbers. Of few values, each
 * is an edge of the number's pieces, so that ids would tell nothing more.
 */
function codes(name: string, profile: ColumnProfile, labels: Labels): FeatureChoice | null {
  const { sample, summary, filled } = profile;
  if (sample.kind !== "number" || summary.distinct <= mostPieces || summary.distinct > filled / 2) return null;
  const gains = [...labels].map(([label, values]) => ({ label, ...codesGain(sample, values) }));
  const gain = gains.find(({ areNames }) => areNames);
  if (gain === undefined) return null;
  const isOrdered = gains.some(({ areOrdered }) => areOrdered);
  const isUnordered = !isOrdered && gains.some(({ areOrdered }) => areOrdered === false);
  const hasRareIds = isUnordered || gains.some(({ rareAreNames, rarePay }) => (isOrdered ? rarePay : rareAreNames));
  const ids = categories(name, profile, true, hasRareIds ? undefined : priorRows);
  const [before, after] = gain.losses.map((loss) => loss.toFixed(4));
  const better = `on held-out rows, a rate for each value predicts "${gain.label}" better than those of its neighbours (log loss ${before} → ${after})`;
  const values = `${grouped(summary.distinct)} values${hasRareIds ? "" : rareShare(priorRows)}`;
  if (isUnordered) {
    return { features: ids.features, reason: `whole numbers that name things, so ids, ${values}: ${better}` };
  }
  const { values: _, methods, ...feature } = ids.features[0]!;
  const named = {
    ...feature,
    values: [`${name}_id`],
    methods: [["expression", `context:${name}`] as const, ...methods],
  };
  const number = numbers(name, profile);
  return { features: [...number.features, named], reason: `${number.reason}; and as ids, ${values}: ${better}` };
}

export function leftOut(reason: string): FeatureChoice {
  return { features: [], reason: `left out: ${reason}` };
}

/** Tables of fewer rows get settings that were measured on such tables: docs/first-evening.md. */
const smallRows = 100_000;

export function isSmall(rows: number): boolean {
  return rows < smallRows;
}

/** Of a feature's vectors. */
export function vectorWidth(rows: number): number {
  return isSmall(rows) ? 8 : 16;
}

/** @param minCount rows of a value that gets its own vector */
function categories(
  name: string,
  profile: ColumnProfile,
  isKey: boolean,
  minCount = rareBelow(profile, isKey),
): FeatureChoice {
  const { distinct, missing, type } = profile.summary;
  const width = ["embedding", vectorWidth(profile.rows)] as const;
  const default_: BuilderCall["methods"] = missing > 0 ? [["default", "missing"]] : [];
  const several: BuilderCall["methods"] = profile.several > 0.2 ? [["multiValue", "|"]] : [];
  if (distinct > mostWords) {
    const size = 2 ** Math.ceil(Math.log2(2 * distinct));
    const features = [call("idFeature", name, ["hash", size], ...several, ...default_, width)];
    return { features, reason: `${grouped(distinct)} values: hashed, since a vocabulary would be long` };
  }
  const vocab: BuilderCall["methods"][number] = minCount > 1 ? ["vocab", { minCount }] : ["vocab"];
  const rare = minCount > 1 ? rareShare(minCount) : "";
  const few = distinct <= 100 ? " with few values" : "";
  const what = type === "integer" || type === "float" ? "whole numbers" : "text";
  const kind = isKey ? "an id" : type === "boolean" ? "yes or no" : `${what}${few}`;
  const gaps = missing > 0 ? `; ${missingShare(profile)} missing, as a separate value` : "";
  const features = [call("idFeature", name, vocab, ...several, ...default_, width)];
  return { features, reason: `${kind}: ${grouped(distinct)} values${rare}${gaps}` };
}

function rareShare(minCount: number): string {
  return `; those in fewer than ${minCount} rows share a row`;
}

/** Of rows with a text, the most frequent five have at least this share where texts of a column say something again. */
const repeatedShare = 0.02;

/** The texts that many rows share, of a column whose others say nothing of a new row; `null`: hardly any are. */
function repeatedTexts(name: string, profile: ColumnProfile, why: string): FeatureChoice | null {
  const { summary, filled } = profile;
  const minCount = freeTextBelow(profile);
  const frequent = summary.top.filter(({ rows }) => rows >= minCount);
  const share = frequent.reduce((sum, { rows }) => sum + rows, 0) / filled;
  if (summary.type !== "text" || share < repeatedShare) return null;
  const { features, reason } = categories(name, profile, false, minCount);
  const example = JSON.stringify(frequent[0]!.value);
  return { features, reason: `${why}, of which some repeats, such as ${example}: ${reason}` };
}

/** Values in fewer rows share a vector, unless every value is in so few. */
function rareBelow({ summary, rows }: ColumnProfile, isKey: boolean): number {
  if (isKey) return 2;
  if (summary.distinct <= 10) return 1;
  return isSmall(rows) || summary.top[0]!.rows < mostRareRows ? 2 : mostRareRows;
}

/** Texts in fewer rows of a column of free text cannot be learned. */
function freeTextBelow({ rows }: ColumnProfile): number {
  return Math.min(mostRareRows, Math.max(2, Math.round(rows / 2000)));
}

function listOfValues(name: string, profile: ColumnProfile): FeatureChoice {
  const { sample, summary } = profile;
  if (sample.kind === "list" && sample.items.kind === "number" && sample.items.type === "float") {
    return leftOut("a list of numbers; rawFeature(…).dims(n) reads lists of one length");
  }
  const features = [
    call("idFeature", name, ["vocab", { minCount: 2 }], ["embedding", vectorWidth(profile.rows), { pooling: "mean" }]),
  ];
  return { features, reason: `a list of values, ${grouped(summary.distinct)} of them` };
}

/** Numbers get a scale, and pieces for what is not monotone. */
function numbers(name: string, profile: ColumnProfile): FeatureChoice {
  const { missing, min } = profile.summary;
  const [, middle, high] = profile.quantiles ?? [0, 0, 0];
  const tailed = min !== null && min >= 0 && high > 10 * Math.max(middle, 1);
  const scaled: BuilderCall["methods"] = tailed ? [["log1p"], ["zscore"]] : [["zscore"]];
  const features = [
    call("rawFeature", name, ...scaled),
    call("rawFeature", `${name}_pieces`, ["expression", `context:${name}`], ["piecewise", mostPieces, pieceWidth]),
    ...(missing > 0 ? [call("missingFeature", name)] : []),
  ];
  const shape = tailed ? "a number with a long tail, so its logarithm" : "a number";
  const gaps = missing > 0 ? `; ${missingShare(profile)} missing, so an indicator` : "";
  return { features, reason: `${shape}, scaled, and in pieces for effects that are not monotone${gaps}` };
}

function dates(name: string, { hasClock, quantiles, rows }: ColumnProfile, unit: TimeUnit | null): FeatureChoice {
  const options = unit === null ? [] : [{ unit }];
  const part = (kind: string): BuilderCall => ({
    start: "dateFeature",
    values: [name, kind, ...options],
    methods: [["embedding", vectorWidth(rows)]],
  });
  const clock = unit === null ? hasClock : quantiles !== null;
  const features = clock ? [part("hour"), part("weekday")] : [part("weekday")];
  const what = unit === null ? "a date" : `${unit === "s" ? "seconds" : "milliseconds"} since 1970`;
  const parts = clock ? "its hour and weekday in UTC" : "its weekday";
  return { features, reason: `${what}: ${parts}; ageFeature(…) makes days since a date` };
}

/** Of a column without the role of time: numbers of 2001 to 2065. */
function likelyUnit([low, , high]: readonly [number, number, number]): TimeUnit | null {
  const unit = epochUnit(low, high);
  const second = unit === "ms" ? 1000 : 1;
  return low > 1e9 * second && high < 3e9 * second ? unit : null;
}

function missingShare({ summary, rows }: ColumnProfile): string {
  return percent(summary.missing / rows);
}

export function call(start: BuilderCall["start"], name: string, ...methods: BuilderCall["methods"]): BuilderCall {
  return { start, values: [name], methods };
}
