/** Detects runs of a model that end in one of two states, instead of around one. */

import { mean, sum } from "../../../core/util/numbers.js";
import { fixed } from "../../../core/util/text.js";

/** Runs of the lower and of the upper state, as places. */
export interface TwoStates {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

const fewestInState = 2;
/**
 * By number of runs, from 7 on: the gap between two groups of normal runs, in deviations within them, that one in a
 * thousand models exceeds (200,000 draws each). With more runs it would be less, where noise to one side has such gaps.
 */
const gaps: readonly number[] = [10.5, 8.6, 7.2, 6.1, 5.4, 5];
const fewestRuns = 7;

/** Where two groups of at least two runs are further apart than runs around one state are; `null`: not told. */
export function twoStates(values: readonly number[]): TwoStates | null {
  if (values.length < fewestRuns) return null;
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const limit = gaps[Math.min(gaps.length - 1, values.length - fewestRuns)]!;
  let [most, states] = [limit, null as TwoStates | null];
  for (let at = fewestInState; at <= order.length - fewestInState; at++) {
    const [lower, upper] = [order.slice(0, at), order.slice(at)];
    const squares = sum([lower, upper].map((places) => squaresOf(places.map((place) => values[place]!))));
    const gap = values[upper[0]!]! - values[lower.at(-1)!]!;
    const ratio = gap / Math.sqrt(squares / (values.length - 2));
    if (ratio > most) [most, states] = [ratio, { lower, upper }];
  }
  return states;
}

function squaresOf(values: readonly number[]): number {
  const centre = mean(values);
  return sum(values.map((value) => (value - centre) ** 2));
}

export function statesNote(model: string, task: string, values: readonly number[]): string | null {
  const states = twoStates(values);
  if (states === null) return null;
  const [lower, upper] = [states.lower, states.upper].map((places) => {
    return `${places.length} near ${fixed(mean(places.map((place) => values[place]!)))}`;
  });
  return `${task}: the runs of ${model} end in two states, ${lower} and ${upper}: a verdict on its mean holds for neither, and few seeds may show one state only; look for what decides between them (learning rate, steps, start)`;
}
