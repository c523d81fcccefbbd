/** The numeric axes of a study: settings of which the study has at least three values, everything else as in the model. */
import type { Variant } from "../design/design.js";
import { settingValue } from "./setting-value.js";

/** A model at a place of an axis. */
export interface AxisLevel {
  readonly value: number;
  readonly variant: Variant;
}

/** A setting with the models that differ in it alone, in ascending order. */
export interface Axis {
  readonly path: string;
  readonly levels: readonly AxisLevel[];
  /** The model's value. */
  readonly modelValue: number;
}

/** Fewer values are a comparison, not a curve. */
const fewestLevels = 3;

/** The axes of a study's models. A setting whose value in the model is not a number has no curve. */
export function axesOf(model: Variant, variants: readonly Variant[]): Axis[] {
  const paths = new Set(variants.flatMap(({ settings }) => Object.keys(settings)));
  return [...paths].flatMap((path): Axis[] => {
    const modelValue = settingValue(model.spec, path);
    if (modelValue === null) return [];
    const others = variants.flatMap((variant): AxisLevel[] => {
      const value = numberIn(variant.settings[path]);
      return value === null || !differsOnlyIn(path, variant, model) ? [] : [{ value, variant }];
    });
    const levels = [{ value: modelValue, variant: model }, ...others].sort((a, b) => a.value - b.value);
    return levels.length < fewestLevels ? [] : [{ path, levels, modelValue }];
  });
}

function differsOnlyIn(path: string, { name, settings }: Variant, model: Variant): boolean {
  const named = Object.entries(settings).map(([other, value]) => `${other} ${value}`);
  // A change under a name of its own may do more than its settings say.
  if (name !== named.join(", ")) return false;
  return Object.entries(settings).every(([other, text]) => {
    return other === path || (numberIn(text) !== null && numberIn(text) === settingValue(model.spec, other));
  });
}

function numberIn(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
