/**
 * The feature fields of EPNet's gate and their units.
 */

import { featureWidth, findFeature, groupFeatures, type ModelSpec } from "../../spec/index.js";
import { mean } from "../../util/sums.js";
import type { FieldGates } from "../types.js";

/** A field and its units (columns of the `all` group's matrix). */
export interface FieldColumns {
  readonly field: string;
  readonly start: number;
  readonly end: number;
}

/** In the order of the `all` group. */
export function fieldColumns(spec: ModelSpec): readonly FieldColumns[] {
  let column = 0;
  return (groupFeatures(spec, "all") ?? []).map((field) => {
    const feature = findFeature(spec, field);
    const start = column;
    column += feature === undefined ? 0 : featureWidth(feature);
    return { field, start, end: column };
  });
}

/**
 * Mean EPNet gate of each field by domain: a field's gate is the mean over its columns. @param means [units] by
 * domain
 */
export function fieldGates(spec: ModelSpec, means: readonly (Float64Array | null)[]): readonly FieldGates[] {
  return fieldColumns(spec).map(({ field, start, end }) => ({
    field,
    means: means.map((units) => {
      const value = units === null ? Number.NaN : mean(units.subarray(start, end));
      return Number.isNaN(value) ? null : value;
    }),
  }));
}
