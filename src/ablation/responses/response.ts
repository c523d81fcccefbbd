import { mean } from "../../util/sums.js";
import { type BandPoint, bandOver, bestIn, type FittedShape, fittedShape, type PlaceValues } from "./band.js";
import { axisScale } from "./scale.js";
import { degreeFor, fitSmooth } from "./smooth.js";

export interface ResponsePoint extends BandPoint {
  readonly value: number;
}

export interface TrainedLevel {
  readonly value: number;
  readonly mean: number;
}

/** The best value of a setting within the trained range. */
export interface BestLevel {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface ResponseRuns extends PlaceValues {
  readonly levels: readonly number[];
  readonly modelValue: number;
}

export interface ResponseFit extends FittedShape {
  readonly points: readonly ResponsePoint[];
  readonly trained: readonly TrainedLevel[];
  readonly log: boolean;
  /** Where the curve is best; `null` if it is flat: any value may be the best. */
  readonly best: BestLevel | null;
}

/** How a task's metric changes with one setting, as differences from the model. */
export interface StudyResponse extends ResponseFit {
  readonly path: string;
  readonly modelValue: number;
  readonly tower: string;
  readonly domain: number | null;
}

const gridSize = 41;

/** Fits the curve; `null` if its values do not determine it. @param error probability that the band misses it anywhere */
export function fitResponse(runs: ResponseRuns, error: number, higherIsBetter: boolean): ResponseFit | null {
  const { levels, modelValue, values } = runs;
  const axis = axisScale(levels);
  const places = levels.map((level) => [axis.scaled(level)]);
  const fit = fitSmooth(places, values, [axis.scaled(modelValue)], degreeFor(levels.length));
  if (fit === null) return null;
  const grid = axis.grid(gridSize);
  const band = bandOver(
    fit,
    grid.map((x) => [x]),
    runs.draws,
    error,
  );
  const points = band.map((point, at): ResponsePoint => ({ value: axis.unscaled(grid[at]!), ...point }));
  const base = mean(values[levels.indexOf(modelValue)]!);
  const shape = fittedShape(fit, values, band);
  return {
    ...shape,
    points,
    trained: levels.map((value, at) => ({ value, mean: mean(values[at]!) - base })),
    log: axis.log,
    best: shape.flat ? null : bestLevel(points, higherIsBetter),
  };
}

function bestLevel(points: readonly ResponsePoint[], higherIsBetter: boolean): BestLevel {
  const { best, able } = bestIn(points, higherIsBetter);
  return { value: best.value, low: able[0]!.value, high: able.at(-1)!.value };
}
