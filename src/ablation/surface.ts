import { mean } from "../util/turns.js";
import {
  axisScale,
  type BandPoint,
  bandOver,
  bestIn,
  type FittedShape,
  fittedShape,
  type PlaceValues,
} from "./band.js";
import { degreeFor, fitSmooth } from "./smooth.js";

/** Values of two settings. */
export type SettingPair = readonly [number, number];

/** A place on a surface; differences are from the model's values of the settings. */
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

export interface SurfaceRuns extends PlaceValues {
  readonly pairs: readonly SettingPair[];
  readonly modelValues: SettingPair;
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
export function fitSurface(runs: SurfaceRuns, error: number, higherIsBetter: boolean): SurfaceFit | null {
  const { pairs, modelValues, values } = runs;
  const column = (axis: 0 | 1): number[] => pairs.map((pair) => pair[axis]);
  const [first, second] = [axisScale(column(0)), axisScale(column(1))];
  const place = ([x, y]: SettingPair): number[] => [first.scaled(x), second.scaled(y)];
  const fewest = Math.min(new Set(column(0)).size, new Set(column(1)).size);
  const fitted = (degree: number) => fitSmooth(pairs.map(place), values, place(modelValues), degree);
  const fit = fitted(degreeFor(fewest)) ?? fitted(2);
  if (fit === null) return null;
  const [xs, ys] = [first.grid(gridSize), second.grid(gridSize)];
  const band = bandOver(
    fit,
    xs.flatMap((x) => ys.map((y) => [x, y])),
    runs.draws,
    error,
  );
  const able = new Set(bestIn(band, higherIsBetter).able);
  const grid = xs.map((x, column) =>
    ys.map((y, row): SurfacePoint => {
      const point = band[column * gridSize + row]!;
      return { values: [first.unscaled(x), second.unscaled(y)], ...point, mayBeBest: able.has(point) };
    }),
  );
  const base = mean(values[pairs.findIndex((pair) => pair.every((value, axis) => value === modelValues[axis]))]!);
  const shape = fittedShape(fit, values, band);
  return {
    ...shape,
    grid,
    trained: pairs.map((pair, at) => ({ values: pair, mean: mean(values[at]!) - base })),
    log: [first.log, second.log],
    best: shape.flat ? null : bestPair(grid.flat(), higherIsBetter),
  };
}

function bestPair(points: readonly SurfacePoint[], higherIsBetter: boolean): BestPair {
  const { best, able } = bestIn(points, higherIsBetter);
  const ends = (end: (...values: number[]) => number): SettingPair => [
    end(...able.map(({ values }) => values[0])),
    end(...able.map(({ values }) => values[1])),
  ];
  return { values: best.values, low: ends(Math.min), high: ends(Math.max) };
}
