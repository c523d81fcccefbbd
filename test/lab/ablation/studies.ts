/** Simulated studies: differences that seeds and evaluation rows make by chance, around true ones that are known. */
import { simulatedIntervals } from "../../../bench/studies/simulate.js";
import type { World as StudiedWorld } from "../../../bench/studies/worlds.js";
import type { Random } from "../../../src/core/util/random.js";
import type { PairedDifferences } from "../../../src/lab/ablation/statistics/verdict.js";
import { type Rate, triedRates } from "../../rates.js";

/** Standard deviations of what a run's metric is made of. */
export interface World {
  /** Of training, a run. */
  readonly seed: number;
  /** Of the evaluation rows, a variant: the same for each of its seeds. */
  readonly rows: number;
  /** Of the evaluation rows, a run. */
  readonly both: number;
}

const draws = 60;

/** One study: a model and variants whose true differences to it are `effects`, over seeds and one set of rows. */
export function simulated(
  world: World,
  effects: readonly number[],
  seeds: number,
  source: Random,
): PairedDifferences[] {
  const [model, ...variants] = [0, ...effects].map((effect) => {
    // A bootstrap draw strays from the rows at hand as these stray from all rows.
    const stray = () => source.normal() * world.rows;
    const [here, drawn] = [stray(), Array.from({ length: draws }, stray)];
    return Array.from({ length: seeds }, () => {
      const value = effect + world.seed * source.normal() + here + world.both * source.normal();
      return { value, draws: drawn.map((shift) => value + shift + world.both * source.normal()) };
    });
  });
  return variants.map((runs) => ({
    values: runs.map((run, seed) => run.value - model![seed]!.value),
    draws: runs.map((run, seed) => run.draws.map((draw, d) => draw - model![seed]!.draws[d]!)),
  }));
}

/** How many studies of a world report a difference, where there is none, and the share of all intervals that cover 0. */
export async function falseVerdicts(
  world: StudiedWorld,
  limits: Pick<Rate, "of" | "atMost">,
): Promise<{ readonly rate: Rate; readonly covered: number }> {
  let [all, missed] = [0, 0];
  const [rate] = await triedRates([{ name: "studies that report a difference", ...limits }], (study) => {
    const intervals = simulatedIntervals(world(study));
    const wrong = intervals.filter(({ low, high }) => low > 0 || high < 0).length;
    all += intervals.length;
    missed += wrong;
    return [wrong > 0];
  });
  return { rate: rate!, covered: 1 - missed / all };
}
