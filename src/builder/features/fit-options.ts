/** Options of what a feature learns from rows, and their checks. */
import { SpecError } from "../../errors/index.js";
import { type FitRows, type FitSource, fitRows, type IdEncoding } from "../../spec/index.js";
import { show } from "../../spec/validate/index.js";
import { checkOptions } from "../options.js";

/** Which rows a feature is fitted on. */
export interface FitOnOptions {
  /** The rows, from `dataset(…)`. Default: the training rows of `fit`, which are the safe choice. */
  readonly from?: FitSource;
}

/** Which values of the rows make a vocabulary. */
export interface VocabOptions extends FitOnOptions {
  /** Values in fewer rows share the row of unknown values. Default: 1. */
  readonly minCount?: number;
  /** Keeps only this number of values, the most frequent ones. Default: no limit. */
  readonly most?: number;
}

/** The encoding of a list of values, or of the values of rows. */
export function vocabulary(
  feature: string,
  values: readonly (string | number)[] | VocabOptions | undefined,
): IdEncoding {
  if (Array.isArray(values)) return { kind: "vocabList", values: values.map(String) };
  const options = (values ?? {}) as VocabOptions;
  if (typeof options !== "object") throw notOptions(`features.${feature}.vocab`, options);
  checkOptions(`features.${feature}.vocab`, options, ["from", "minCount", "most"]);
  const { minCount = 1, most = null } = options;
  return { kind: "vocabFit", minCount, most, from: rowsIn(`features.${feature}.vocab`, options) };
}

/** The rows of a call such as `.zscore({ from })`; `null`: the training rows. */
export function fittedOn(path: string, options: FitOnOptions): FitRows | null {
  checkOptions(path, options, ["from"]);
  return rowsIn(path, options);
}

function rowsIn(path: string, { from }: FitOnOptions): FitRows | null {
  if (from === undefined) return null;
  if (typeof from?.rows === "number" && typeof from.table === "object") return fitRows(from);
  throw new SpecError({
    path: `${path}.from`,
    message: "not a data set",
    received: show(from),
    expected: "the result of await dataset(…), or no `from` for the training rows",
    fix: typeof from === "string" ? `from: await dataset(${show(from)})` : undefined,
  });
}

function notOptions(path: string, received: unknown): SpecError {
  const expected = "a list of values, or options such as { minCount: 5 }";
  return new SpecError({ path, message: "not a vocabulary", received: show(received), expected });
}
