/**
 * How much of the error each of several looks at one growing sample may use, so that all of them together err no more
 * often than one look would (Lan & DeMets, 1983). Later looks see the runs of earlier ones, so they err together, and
 * their shares add up to more than 1. By numeric integration (Armitage, McPherson & Rowe, 1969).
 */
import { normalCdf, normalQuantile, normalTails } from "../../metrics/distributions/index.js";

export interface SpentLook {
  readonly seeds: number;
  /** Share of the error that it and all earlier looks may use together, 0 … 1; it never falls. */
  readonly spent: number;
}

const points = 401;
const halvings = 50;

/** The share of the error probability of one comparison that each look's intervals may use. */
export function lookShares(looks: readonly SpentLook[], error: number): number[] {
  let inside: Inside = { seeds: 0, limit: 0, density: null };
  let before = 0;
  return looks.map(({ seeds, spent }) => {
    const crossing = error * (spent - before);
    before = spent;
    if (crossing <= 0) return 0;
    if (seeds <= inside.seeds) {
      // The same runs again: the earlier look's interval, made wider by nothing, gets the rest.
      return normalTails(inside.limit / Math.sqrt(inside.seeds)) / error + crossing / error;
    }
    const z = boundary(inside, seeds, crossing);
    inside = nextInside(inside, seeds, z * Math.sqrt(seeds));
    return Math.min(1, normalTails(z) / error);
  });
}

/** Where the sum of the differences, in standard deviations of one, is while no look has found anything. */
interface Inside {
  readonly seeds: number;
  readonly limit: number;
  /** At {@link points} places from −limit to limit; `null`: the sum is 0. */
  readonly density: Float64Array | null;
}

/** The critical |z| with this probability of a sum that crosses it now and has not before. */
function boundary(inside: Inside, seeds: number, crossing: number): number {
  let [low, high] = [0, normalQuantile(crossing / 2) + 1];
  for (let step = 0; step < halvings; step++) {
    const z = (low + high) / 2;
    if (crossesAt(inside, seeds, z * Math.sqrt(seeds)) > crossing) low = z;
    else high = z;
  }
  return high;
}

function crossesAt(inside: Inside, seeds: number, limit: number): number {
  const deviation = Math.sqrt(seeds - inside.seeds);
  return integral(inside, (sum) => normalCdf((sum - limit) / deviation) + normalCdf((-limit - sum) / deviation));
}

function nextInside(inside: Inside, seeds: number, limit: number): Inside {
  const deviation = Math.sqrt(seeds - inside.seeds);
  const density = Float64Array.from({ length: points }, (_, at) => {
    const place = placeOf(at, limit);
    return integral(inside, (sum) => normalDensity((place - sum) / deviation) / deviation);
  });
  return { seeds, limit, density };
}

function integral({ limit, density }: Inside, value: (sum: number) => number): number {
  if (density === null) return value(0);
  let total = 0;
  for (let at = 0; at < points; at++) {
    const weight = at === 0 || at === points - 1 ? 1 : at % 2 === 1 ? 4 : 2;
    total += weight * density[at]! * value(placeOf(at, limit));
  }
  return (total * 2 * limit) / (points - 1) / 3;
}

function placeOf(at: number, limit: number): number {
  return limit * ((2 * at) / (points - 1) - 1);
}

function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}
