/** What features learn from rows before encoding: vocabularies, normalizers, boundaries. Trained models have none. */
import type { Problem } from "../../errors/index.js";
import { listNames } from "../../util/near.js";
import type { ModelSpec } from "../model.js";
import { unless } from "../validate/checks.js";
import type { FeatureSpec, FitRows } from "./feature.js";

/** A data set to fit on, recognised by its shape. */
export interface FitSource {
  readonly rows: number;
  readonly table: { readonly source: string };
}

const sources = new WeakMap<FitRows, FitSource>();

/** Describes rows to fit on, since a spec holds plain data only. */
export function fitRows(source: FitSource): FitRows {
  const described = Object.freeze({ source: source.table.source, rows: source.rows });
  sources.set(described, source);
  return described;
}

/** The rows that {@link fitRows} described; `undefined` if the description is from another process. */
export function fittingRows(described: FitRows): FitSource | undefined {
  return sources.get(described);
}

/** Whether a feature has to be fitted before it can be encoded. */
export function needsFit(feature: FeatureSpec): boolean {
  if (feature.kind === "other") return false;
  return feature.kind === "raw" ? feature.fit !== undefined : feature.encoding.kind === "vocabFit";
}

/** One problem if features of a model have to be fitted first. */
export function unfittedProblems({ features }: Pick<ModelSpec, "features">): Problem[] {
  const names = features.filter(needsFit).map(({ name }) => name);
  return unless(names.length === 0, {
    path: `features.${names[0]}`,
    message: names.length === 1 ? "not fitted yet" : `not fitted yet, like ${names.length - 1} others`,
    received: `${listNames(names)} without values from data`,
    expected: "features with a vocabulary, normalizer and boundaries",
    fix: "use the model of a run (run.model), or fit the features first: await model.fitFeatures(train)",
  });
}
