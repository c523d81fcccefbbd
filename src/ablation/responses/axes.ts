import type { Variant } from "../design/design.js";
import { settingValue } from "./setting-value.js";
import type { SettingPair } from "./surface.js";

export interface AxisLevel {
  readonly value: number;
  readonly variant: Variant;
}

/** A setting with the models that differ in it alone, in ascending order. */
export interface Axis {
  readonly path: string;
  readonly levels: readonly AxisLevel[];
  readonly modelValue: number;
}

const fewestLevels = 3;

/** The axes of a study's models. A setting whose value in the model is not a number has no curve. */
export function axesOf(model: Variant, variants: readonly Variant[]): Axis[] {
  const paths = new Set(variants.flatMap(({ settings }) => Object.keys(settings)));
  return [...paths].flatMap((path): Axis[] => {
    const modelValue = settingValue(model.spec, path);
    if (modelValue === null) return [];
    const others = variants.flatMap((variant): AxisLevel[] => {
      const value = numberIn(variant.settings[path]);
      return value === null || !differsOnlyIn([path], variant, model) ? [] : [{ value, variant }];
    });
    const levels = [{ value: modelValue, variant: model }, ...others].sort((a, b) => a.value - b.value);
    return levels.length < fewestLevels ? [] : [{ path, levels, modelValue }];
  });
}

export interface PlanePlace {
  readonly pair: SettingPair;
  readonly variant: Variant;
}

export interface Plane {
  readonly paths: readonly [string, string];
  readonly places: readonly PlanePlace[];
  readonly modelValues: SettingPair;
}

export function planesOf(model: Variant, variants: readonly Variant[]): Plane[] {
  const paths = [...new Set(variants.flatMap(({ settings }) => Object.keys(settings)))];
  const pairs = paths.flatMap((first, at) => paths.slice(at + 1).map((second) => [first, second] as const));
  return pairs.flatMap((pair): Plane[] => {
    const [x, y] = pair.map((path) => settingValue(model.spec, path));
    if (x == null || y == null) return [];
    const others = variants.flatMap((variant): PlanePlace[] => {
      const value = (path: string, inModel: number) =>
        Object.hasOwn(variant.settings, path) ? numberIn(variant.settings[path]) : inModel;
      const [first, second] = [value(pair[0], x), value(pair[1], y)];
      if (first === null || second === null || !differsOnlyIn(pair, variant, model)) return [];
      return [{ pair: [first, second], variant }];
    });
    const places = [{ pair: [x, y] as const, variant: model }, ...others];
    const together = others.some(({ pair: [first, second] }) => first !== x && second !== y);
    const levels = ([0, 1] as const).map((axis) => new Set(places.map((place) => place.pair[axis])).size);
    return together && Math.min(...levels) >= fewestLevels ? [{ paths: pair, places, modelValues: [x, y] }] : [];
  });
}

function differsOnlyIn(paths: readonly string[], { name, settings }: Variant, model: Variant): boolean {
  const named = Object.entries(settings).map(([other, value]) => `${other} ${value}`);
  // A change under a name of its own may do more than its settings say.
  if (name !== named.join(", ")) return false;
  return Object.entries(settings).every(([other, text]) => {
    return paths.includes(other) || (numberIn(text) !== null && numberIn(text) === settingValue(model.spec, other));
  });
}

function numberIn(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
