/** The features that a column suggests, with the reason. */
import { grouped, percent } from "../../util/text.js";
import type { BuilderCall, ColumnProfile } from "./builder-calls.js";

/** The features of a column; none: it is left out. */
export interface FeatureChoice {
  readonly features: readonly BuilderCall[];
  readonly reason: string;
}

/** Vocabularies up to this length; longer columns are hashed. */
const mostWords = 100_000;
const mostCategories = 20;
const buckets = 20;

/** @param isKey whether the column identifies users or items, so that it may have a value per row */
export function suggestFeature(name: string, profile: ColumnProfile, isKey: boolean): FeatureChoice {
  const { summary, filled, quantiles } = profile;
  const { type, distinct } = summary;
  if (distinct === 0) return leftOut("no values");
  if (distinct === 1) return leftOut("constant");
  if (profile.isDate && !isKey) return dates(name, profile, null);
  const unit = quantiles === null || isKey ? null : epochUnit(quantiles);
  if (type === "integer" && unit !== null && distinct > 100) return dates(name, profile, unit);
  if (type === "list") return listOfValues(name, profile);
  const unique = distinct > 50 && distinct >= 0.9 * filled;
  if (isKey && (unique || distinct === filled)) {
    return leftOut(
      `${distinct === filled ? "a value" : "almost a value"} per row, so it cannot say anything of a new row`,
    );
  }
  if (isKey || type === "text" || type === "boolean") {
    if (!isKey && unique) return leftOut(`${distinct === filled ? "a value" : "almost a value"} per row`);
    if (!isKey && profile.words >= 4 && distinct > 0.2 * filled) return leftOut("free text");
    return categories(name, profile, isKey);
  }
  if (type === "integer" && unique) return leftOut("a number per row, such as a row number or an id");
  if (type === "integer" && distinct <= mostCategories) return categories(name, profile, false);
  if (type === "integer" && /(^|_)(id|code)$/i.test(name)) return categories(name, profile, false);
  return numbers(name, profile);
}

export function leftOut(reason: string): FeatureChoice {
  return { features: [], reason: `left out: ${reason}` };
}

/** Also for few values: with 4 or 8 columns, models of small tables ranked worse on validation rows. */
export const dim = 16;

function categories(name: string, profile: ColumnProfile, isKey: boolean): FeatureChoice {
  const { distinct, missing, type } = profile.summary;
  const default_: BuilderCall["methods"] = missing > 0 ? [["default", "missing"]] : [];
  const several: BuilderCall["methods"] = profile.several > 0.2 ? [["multiValue", "|"]] : [];
  if (distinct > mostWords) {
    const size = 2 ** Math.ceil(Math.log2(2 * distinct));
    const features = [call("idFeature", name, ["hash", size], ...several, ...default_, ["embedding", dim])];
    return { features, reason: `${grouped(distinct)} values: hashed, since a vocabulary would be long` };
  }
  const minCount = rareBelow(profile, isKey);
  const vocab: BuilderCall["methods"][number] = minCount > 1 ? ["vocab", { minCount }] : ["vocab"];
  const rare = minCount > 1 ? `; those in fewer than ${minCount} rows share a row` : "";
  const what = type === "integer" || type === "float" ? "whole numbers with few values" : "text with few values";
  const kind = isKey ? "an id" : type === "boolean" ? "yes or no" : what;
  const gaps = missing > 0 ? `; ${missingShare(profile)} missing, as a separate value` : "";
  const features = [call("idFeature", name, vocab, ...several, ...default_, ["embedding", dim])];
  return { features, reason: `${kind}: ${grouped(distinct)} values${rare}${gaps}` };
}

/** Values in fewer rows cannot be learned on their own. */
function rareBelow({ summary, rows }: ColumnProfile, isKey: boolean): number {
  if (isKey) return 2;
  return summary.distinct <= 10 ? 1 : Math.min(20, Math.max(2, Math.round(rows / 2000)));
}

function listOfValues(name: string, profile: ColumnProfile): FeatureChoice {
  const { sample, summary } = profile;
  if (sample.kind === "list" && sample.items.kind === "number" && sample.items.type === "float") {
    return leftOut("a list of numbers; rawFeature(…).dims(n) reads lists of one length");
  }
  const features = [call("idFeature", name, ["vocab", { minCount: 2 }], ["embedding", dim, { pooling: "mean" }])];
  return { features, reason: `a list of values, ${grouped(summary.distinct)} of them` };
}

/** Numbers get a scale, and buckets for what is not monotone. */
function numbers(name: string, profile: ColumnProfile): FeatureChoice {
  const { missing, min, distinct } = profile.summary;
  const [, middle, high] = profile.quantiles ?? [0, 0, 0];
  const tailed = min !== null && min >= 0 && high > 10 * Math.max(middle, 1);
  const scaled: BuilderCall["methods"] = tailed ? [["log1p"], ["zscore"]] : [["zscore"]];
  const features = [
    call("rawFeature", name, ...scaled),
    call(
      "rawFeature",
      `${name}_bucket`,
      ["expression", `context:${name}`],
      ["quantiles", Math.min(buckets, distinct)],
      ["embedding", dim],
    ),
    ...(missing > 0 ? [call("missingFeature", name)] : []),
  ];
  const shape = tailed ? "a number with a long tail, so its logarithm" : "a number";
  const gaps = missing > 0 ? `; ${missingShare(profile)} missing, so an indicator` : "";
  return { features, reason: `${shape}, scaled, and in buckets for effects that are not monotone${gaps}` };
}

function dates(name: string, { hasClock, quantiles }: ColumnProfile, unit: "s" | "ms" | null): FeatureChoice {
  const options = unit === null ? [] : [{ unit }];
  const part = (kind: string): BuilderCall => ({
    start: "dateFeature",
    values: [name, kind, ...options],
    methods: [["embedding", dim]],
  });
  const clock = unit === null ? hasClock : quantiles !== null;
  const features = clock ? [part("hour"), part("weekday")] : [part("weekday")];
  const what = unit === null ? "a date" : `${unit === "s" ? "seconds" : "milliseconds"} since 1970`;
  const parts = clock ? "its hour and weekday in UTC" : "its weekday";
  return { features, reason: `${what}: ${parts}; ageFeature(…) makes days since a date` };
}

/** Numbers from 2001 to 2065. */
function epochUnit([low, , high]: readonly [number, number, number]): "s" | "ms" | null {
  if (low > 1e9 && high < 3e9) return "s";
  return low > 1e12 && high < 3e12 ? "ms" : null;
}

function missingShare({ summary, rows }: ColumnProfile): string {
  return percent(summary.missing / rows);
}

export function call(start: BuilderCall["start"], name: string, ...methods: BuilderCall["methods"]): BuilderCall {
  return { start, values: [name], methods };
}
