/**
 * Simulated studies in which no variant differs from the model. A world is a function from a seed to the runs of one
 * study; {@link nullWorlds} are those that the floor λ is chosen by and that the tests judge.
 */
import { type Random, random } from "../../src/core/util/random.js";

/** A run's metric, and the same on bootstrap draws of the rows; without draws, rows add no noise. */
export interface SimulatedRun {
  readonly value: number;
  readonly draws?: readonly number[];
}

/** [tasks][models][seeds]; the first model is the one that the others are compared with. */
export type SimulatedStudy = readonly (readonly (readonly SimulatedRun[])[])[];

/** A world. */
export type World = (seed: number) => SimulatedStudy;

/** The size of a study. */
export interface StudySize {
  readonly variants: number;
  readonly seeds: number;
  readonly tasks?: number;
  /** Seeds of the model, if it has more than the variants. */
  readonly modelSeeds?: number;
}

/** The noise of one kind of study. */
export interface NoiseOptions {
  /** Standard deviation of a model's runs; 0 is the model itself. */
  readonly deviation?: (model: number, source: Random) => number;
  /** The part that each seed has in common: correlation of two models' runs with the same seed. */
  readonly shared?: number;
  /** A run's noise, with variance 1. */
  readonly shape?: (source: Random, model: number) => number;
  /** Standard deviations that the evaluation rows add: by model, and by run. */
  readonly rows?: number;
  readonly both?: number;
}

const draws = 60;

/** A world of noise. */
export function noiseWorld(size: StudySize, options: NoiseOptions = {}): World {
  const { variants, seeds, tasks = 1, modelSeeds = seeds } = size;
  const { deviation = () => 1, shared = 0, shape = (source) => source.normal(), rows = 0, both = 0 } = options;
  return (seed) => {
    const source = random(seed).fork(`${variants} ${seeds} ${tasks}`);
    const deviations = Array.from({ length: variants + 1 }, (_, model) => deviation(model, source));
    return Array.from({ length: tasks }, () => {
      const common = Array.from({ length: modelSeeds }, () => Math.sqrt(shared) * source.normal());
      return deviations.map((scale, model) => {
        const parts = model === 0 ? common : common.slice(0, seeds);
        const values = parts.map((part) => scale * (part + Math.sqrt(1 - shared) * shape(source, model)));
        return rows === 0 && both === 0 ? values.map((value) => ({ value })) : withRows(values, rows, both, source);
      });
    });
  };
}

/** A bootstrap draw strays from the rows at hand as these stray from all rows. */
function withRows(values: readonly number[], rows: number, both: number, source: Random): SimulatedRun[] {
  const stray = () => source.normal() * rows;
  const [here, drawn] = [stray(), Array.from({ length: draws }, stray)];
  return values.map((plain) => {
    const value = plain + here + both * source.normal();
    return { value, draws: drawn.map((shift) => value + shift + both * source.normal()) };
  });
}

/** Worlds of runs whose noise differs by model, for any size. */
export function nullWorlds(size: StudySize): Record<string, World> {
  const world = (deviation: NoiseOptions["deviation"], options: NoiseOptions = {}) =>
    noiseWorld(size, { ...options, deviation });
  return {
    "equal variances": world(() => 1),
    "log-normal spread of .5": world((_, source) => Math.exp(0.5 * source.normal())),
    "one variant 4 x as noisy": world((model) => (model === 1 ? 4 : 1)),
    "one variant 2 x as noisy": world((model) => (model === 1 ? 2 : 1)),
    "two variants 3 x as noisy": world((model) => (model === 1 || model === 2 ? 3 : 1)),
    "half of the variants 2 x as noisy": world((model) => (model > size.variants / 2 ? 2 : 1)),
    "the model itself 2 x as noisy": world((model) => (model === 0 ? 2 : 1)),
    "a steady model, one wild variant": world((model) => (model === 0 ? 0.3 : model === 1 ? 2 : 0.5)),
    "paired runs, one variant 3 x as noisy": world((model) => (model === 1 ? 3 : 1), { shared: 0.9 }),
  };
}

/** Worlds that the floor was not chosen by: other shapes of noise, and runs that are alike in families. */
export function otherWorlds(size: StudySize): Record<string, World> {
  return {
    "heavy tails": noiseWorld(size, { shape: heavy }),
    "skewed noise": noiseWorld(size, { shape: (source) => -Math.log(source.uniform() + 1e-12) - 1 }),
    "closely paired runs": noiseWorld(size, { shared: 0.8 }),
    "one variant 10 x as noisy": noiseWorld(size, { deviation: (model) => (model === 1 ? 10 : 1) }),
    "rows matter a little": noiseWorld(size, { rows: 0.2, both: 0.3 }),
    "rows matter as much": noiseWorld(size, { rows: 0.6, both: 1 }),
    "rows matter more": noiseWorld(size, { deviation: () => 0.3, rows: 1, both: 0.3 }),
    "rows alone": noiseWorld(size, { deviation: () => 0, rows: 1 }),
  };
}

/** Worlds of noise to one side, where the model is steadier than its variants or less steady. */
export function skewedWorlds(size: StudySize): Record<string, World> {
  const unlike = (model: NoiseOptions["shape"], variants: NoiseOptions["shape"]): World =>
    noiseWorld(size, { shape: (source, at) => (at === 0 ? model : variants)!(source, at) });
  const steady = (source: Random): number => 0.3 * source.normal();
  return {
    "variants skewed, a steady model": unlike(steady, falling),
    "the model skewed, steady variants": unlike(falling, steady),
    "a tenth of the variants' runs fall, a steady model": unlike(steady, collapsing),
    "a tenth of the model's runs fall, steady variants": unlike(collapsing, steady),
    "log-normal variants, a steady model": unlike(steady, logNormal),
    "half of the variants skewed, all else steady": noiseWorld(size, {
      shape: (source, at) => (at > size.variants / 2 ? falling : steady)(source),
    }),
    "one variant skewed, all else steady": noiseWorld(size, {
      shape: (source, at) => (at === 1 ? falling : steady)(source),
    }),
    "all skewed alike": noiseWorld(size, { shape: falling }),
  };
}

/** Skewed by -2. */
function falling(source: Random): number {
  return 1 + Math.log(source.uniform() + 1e-12);
}

/** Skewed by -3.7. */
function logNormal(source: Random): number {
  return (Math.exp(0.32) - Math.exp(0.8 * source.normal())) / 1.5;
}

/** One run in ten falls by six standard deviations of the others. */
function collapsing(source: Random): number {
  return 0.6 + (source.uniform() < 0.1 ? -6 * (0.5 + source.uniform()) : source.normal());
}

/** Student's t with 5 degrees of freedom. */
function heavy(source: Random): number {
  let squares = 0;
  for (let at = 0; at < 5; at++) squares += source.normal() ** 2;
  return (source.normal() / Math.sqrt(squares / 5)) * Math.sqrt(3 / 5);
}
