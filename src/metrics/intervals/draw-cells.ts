/**
 * Draws for many cells at once: each draw draws rows or users once and measures every cell on them.
 */
import { random } from "../../util/random.js";
import type { Work } from "../../util/turns.js";
import type { DrawnCell, DrawnName } from "./drawn-cell.js";

/** The metrics of a cell, [draws] each; NaN if a draw does not define one. */
export type CellDraws = ReadonlyMap<DrawnName, Float64Array>;

/** The units of the draws, and their number. */
export interface DrawOptions {
  /** Rows or users. */
  readonly units: number;
  readonly draws: number;
  readonly seed: number;
}

/** Computes the metrics of every cell on the same draws. Yields between them. */
export function* drawCells(cells: readonly DrawnCell[], { units, draws, seed }: DrawOptions): Work<CellDraws[]> {
  const cellDraws = cells.map(({ names }) => new Map(names.map((name) => [name, new Float64Array(draws)])));
  const values = new Float64Array(Math.max(0, ...cells.map(({ names }) => names.length)));
  const weights = new Uint8Array(units);
  const source = random(seed).fork("bootstrap");
  for (let draw = 0; draw < draws; draw++) {
    drawWeights(weights, source.uniform);
    for (const [at, cell] of cells.entries()) {
      cell.measure(weights, values);
      cell.names.forEach((name, place) => {
        (cellDraws[at]?.get(name) as Float64Array)[draw] = values[place]!;
      });
    }
    yield;
  }
  return cellDraws;
}

/**
 * Poisson bootstrap: each unit is drawn a Poisson(1) number of times, independently of the others. The number of
 * units in a draw varies, which does not affect a ratio (Chamandy et al. 2012, Estimating Uncertainty for Massive
 * Data Streams).
 */
function drawWeights(weights: Uint8Array, uniform: () => number): void {
  for (let unit = 0; unit < weights.length; unit += 2) {
    const bits = uniform() * 2 ** 32;
    weights[unit] = poisson[bits & 0xffff]!;
    weights[unit + 1] = poisson[bits >>> 16]!;
  }
}

/** Poisson quantiles of the middles of 65,536 equal parts of [0, 1]. */
const poisson = poissonQuantiles(1 << 16);

function poissonQuantiles(parts: number): Uint8Array {
  let count = 0;
  let chance = Math.exp(-1);
  let upTo = chance;
  return Uint8Array.from({ length: parts }, (_, part) => {
    while ((part + 0.5) / parts > upTo) {
      chance /= ++count;
      upTo += chance;
    }
    return count;
  });
}
