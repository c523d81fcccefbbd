/**
 * `fg_mode`: whether columns contain raw values or table rows. A spec reads raw columns unless its config sets
 * another mode (`extra.data_config.fg_mode`). On export, models whose features read their columns unencoded use
 * `FG_NONE`, which TorchEasyRec trains without its feature generator; others (hashes, vocabularies, boundaries …)
 * need the generator, `FG_NORMAL`.
 */
import { expressionColumn, type FeatureSpec } from "../../spec/index.js";
import type { JsonObject } from "../../util/json.js";
import type { Fields } from "./fields.js";

/** How the columns of a config are read. */
export interface Generation {
  readonly mode: string;
  /** The separator of several values in one row if `mode` is `FG_NONE`. */
  readonly separator: string;
  /** The meaning of a spec's `separator: null` if `mode` is `FG_NONE`. */
  readonly impliedSeparator: string;
}

/** TorchEasyRec's separator of several values in encoded columns. */
const encodedSeparator = "\x03";
/** The separator in raw columns. */
const rawSeparator = "\x1d";

/** Consumes the mode of a `DataConfig`; if present, the older `fg_encoded` takes precedence, as in TorchEasyRec. */
export function readGeneration(data: Fields): Generation {
  const mode = data.has("fg_encoded") ? olderMode(data) : data.text("fg_mode");
  const separator = (data.rest()["fg_encoded_multival_sep"] ?? encodedSeparator) as string;
  return { mode, separator, impliedSeparator: encodedSeparator };
}

/** The mode of `fg_encoded`. If it is false, the number of threads determines how the feature generator runs. */
function olderMode(data: Fields): string {
  const threads = data.rest()["fg_threads"] ?? 1;
  if (data.flag("fg_encoded")) return "FG_NONE";
  return threads === 0 ? "FG_NORMAL" : "FG_DAG";
}

/** The same, but keeps values that an export might generate itself ({@link isOwnGeneration}). */
export function asOwnGeneration(generation: Generation): Generation {
  return { ...generation, impliedSeparator: rawSeparator };
}

/** Whether an export of these features would choose the same mode. */
export function isOwnGeneration(generation: Generation, features: readonly FeatureSpec[]): boolean {
  if (generation.mode !== ownMode(features)) return false;
  return generation.mode !== "FG_NONE" || generation.separator === rawSeparator;
}

/** How a spec's columns are read: by the mode of its opened config, else by the needs of its features. */
export function chooseGeneration(extra: JsonObject, features: readonly FeatureSpec[]): Generation {
  const data = (extra["data_config"] ?? {}) as JsonObject;
  const mode = data["fg_mode"] as string | undefined;
  if (mode === undefined) return { mode: ownMode(features), separator: rawSeparator, impliedSeparator: rawSeparator };
  const separator = (data["fg_encoded_multival_sep"] ?? encodedSeparator) as string;
  return { mode, separator, impliedSeparator: encodedSeparator };
}

function ownMode(features: readonly FeatureSpec[]): "FG_NONE" | "FG_NORMAL" {
  return features.every(takesColumnAsItIs) ? "FG_NONE" : "FG_NORMAL";
}

function takesColumnAsItIs(feature: FeatureSpec): boolean {
  if (feature.kind === "other" || feature.kind === "combo") return false;
  if (feature.separator !== null || expressionColumn(feature.expression) !== feature.name) return false;
  if (feature.kind === "raw") return feature.boundaries.length === 0 && feature.normalizer === null;
  return feature.encoding.kind === "buckets" && !feature.weighted;
}
