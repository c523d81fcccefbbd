/**
 * Measures the effect of float32 rounding on a run. Training is chaotic: a pre-activation within an ulp of a ReLU's
 * kink, or an element of a gradient that all but cancels under Adagrad's or Adam's division, sends two runs of the same
 * mathematics apart. PyTorch itself, with one thread instead of two, leaves golden/whole-run by 5e-4 in the end, and a
 * run with batch norm by 5e-4 within ten steps. So where an engine leaves a recorded run by more than the tolerance,
 * the question is whether rounding explains it: the run is repeated from weights whose last bit is changed, and how far
 * these twins part is measured, not assumed.
 */
import type { Weights } from "../src/core/engine/engine.js";
import { random } from "../src/core/util/random.js";
import { type Followed, followRun, type WholeRun } from "./follow.js";

/** How far rounding moves each number of a run. */
export interface RoundingSpread {
  /**
   * So many steps from the start rounding explains nothing: half of those before twins part, one at least. A wrong
   * number in the model shows there, and would hide behind what training makes of rounding later.
   */
  readonly quiet: number;
  loss(step: number, name: string): number;
  evaluation(name: string): number;
}

const twins = 5;

/** Relative: losses of twins that are this far apart have parted; the last bits of a sum do not reach it. */
const parted = 1e-6;

/** Events come at other steps in other twins: a loss may spread as far as losses of up to so many steps later do. */
const window = 10;

/**
 * Follows the run on the compiled engine from the given weights, and from copies whose values are each moved by
 * their last bit, up or down.
 */
export async function roundingSpread(run: WholeRun, weights: Weights): Promise<RoundingSpread> {
  const base = await followRun(run, "compiled", weights);
  const others: Followed[] = [];
  for (let seed = 1; seed <= twins; seed++) others.push(await followRun(run, "compiled", lastBitsMoved(weights, seed)));
  return {
    quiet: quietSteps(
      base.losses,
      others.map(({ losses }) => losses),
    ),
    loss(step, name) {
      let spread = 0;
      for (let at = 0; at <= Math.min(step + window, base.losses.length - 1); at++) {
        for (const { losses } of others) {
          const off = Math.abs((losses[at]?.[name] as number) - (base.losses[at]?.[name] as number));
          if (off > spread) spread = off;
        }
      }
      return spread;
    },
    evaluation(name) {
      const own = base.evaluation.get(name) ?? 0;
      return others.reduce(
        (spread, { evaluation }) => Math.max(spread, Math.abs((evaluation.get(name) ?? 0) - own)),
        0,
      );
    },
  };
}

type Losses = Followed["losses"];

/** See {@link RoundingSpread.quiet}. */
export function quietSteps(base: Losses, twinLosses: readonly Losses[]): number {
  const at = base.findIndex((losses, step) =>
    Object.entries(losses).some(([name, loss]) =>
      twinLosses.some((twin) => !(Math.abs((twin[step]?.[name] as number) - loss) <= parted * Math.abs(loss))),
    ),
  );
  return Math.max(1, Math.floor((at === -1 ? base.length : at) / 2));
}

/** The weights with each value's last bit moved at random; zeros, and counters of batch norms, stay. */
export function lastBitsMoved(weights: Weights, seed: number): Weights {
  const source = random(seed);
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      const moved = data.slice();
      const bits = new Uint32Array(moved.buffer);
      for (let i = 0; i < bits.length; i++) {
        if (!name.endsWith("num_batches_tracked") && moved[i] !== 0)
          bits[i] = (bits[i] as number) + (source.uniform() < 0.5 ? 1 : -1);
      }
      return [name, { shape, data: moved }];
    }),
  );
}
