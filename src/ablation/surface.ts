import { type BandPoint, bestIn, type FittedShape, fitShape, type PlaceValues } from "./band.js";

/** Values of two settings. */
export type SettingPair = readonly [number, number];

export interface SurfacePoint extends BandPoint {
  readonly values: SettingPair;
  /** Whether these values may be the best: no other place's band is wholly better. */
  readonly mayBeBest: boolean;
}

/** The runs of one pair of values. */
export interface TrainedPair {
  readonly values: SettingPair;
  readonly mean: number;
}

/** The best pair of values within the trained range, and the box around all pairs that may be the best. */
export interface BestPair {
  readonly values: SettingPair;
  readonly low: SettingPair;
  readonly high: SettingPair;
}

/** A response surface with its band. */
export interface SurfaceFit extends FittedShape {
  /** The surface and its band: `[values of the first setting][values of the second]`. */
  readonly grid: readonly (readonly SurfacePoint[])[];
  readonly trained: readonly TrainedPair[];
  readonly log: readonly [boolean, boolean];
  /** Where the surface is best; `null` if it is flat: any pair may be the best. */
  readonly best: BestPair | null;
}

/** How a task's metric changes with two settings, as differences from the model. */
export interface StudySurface extends SurfaceFit {
  readonly paths: readonly [string, string];
  readonly modelValues: SettingPair;
  readonly tower: string;
  readonly domain: number | null;
}

const gridSize = 25;

/** A quadratic, or a cubic with five values or more of each setting; `null` if the pairs do not determine it. */
export function fitSurface(
  { pairs, modelValues, ...runs }: PlaceValues & { pairs: readonly SettingPair[]; modelValues: SettingPair },
  error: number,
  higherIsBetter: boolean,
): SurfaceFit | null {
  const shape = fitShape({ places: pairs, modelPlace: modelValues, ...runs }, gridSize, error);
  if (shape === null) return null;
  const { best, able } = bestIn(shape.points, higherIsBetter);
  const end = (of: (...values: number[]) => number): SettingPair => [
    of(...able.map(({ values }) => values[0]!)),
    of(...able.map(({ values }) => values[1]!)),
  ];
  const points = shape.points.map((point): SurfacePoint => {
    return { ...point, values: point.values as SettingPair, mayBeBest: able.includes(point) };
  });
  return {
    ...shape.fitted,
    grid: Array.from({ length: gridSize }, (_, column) => points.slice(column * gridSize, (column + 1) * gridSize)),
    trained: pairs.map((values, at) => ({ values, mean: shape.trained[at]! })),
    log: shape.log as readonly [boolean, boolean],
    best: shape.fitted.flat ? null : { values: best.values as SettingPair, low: end(Math.min), high: end(Math.max) },
  };
}
