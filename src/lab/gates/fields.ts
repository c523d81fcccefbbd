/** The columns of each feature field in the input of EPNet's gate, and the mean gate of a field. */
import type { ModelSpec } from "../../core/spec/model.js";
import { groupParts } from "../../core/spec/sizes.js";
import { mean } from "../../core/util/numbers.js";
import type { FieldGates } from "./types.js";

export interface FieldColumns {
  readonly field: string;
  readonly start: number;
  readonly end: number;
}

/** In the order of the `all` group: its features, then its sequence encoders, such as `clicks: din`. */
export function fieldColumns(spec: ModelSpec): readonly FieldColumns[] {
  return (groupParts(spec, "all") ?? []).map(({ name, start, width }) => ({ field: name, start, end: start + width }));
}

/** Mean over the field's columns, by domain, of means [units] by domain. */
export function fieldGates(spec: ModelSpec, means: readonly (Float64Array | null)[]): readonly FieldGates[] {
  return fieldColumns(spec).map(({ field, start, end }) => ({
    field,
    means: means.map((units) => {
      const value = units === null ? Number.NaN : mean(units.subarray(start, end));
      return Number.isNaN(value) ? null : value;
    }),
  }));
}
