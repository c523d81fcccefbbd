/** The rows for the trainings of a launch and for measurement. */
import { getOrMake } from "../../core/util/growing.js";
import { type Random, random } from "../../core/util/random.js";
import type { LaunchStart } from "./facts.js";

/** The plan of trainings and measurements. */
export interface LaunchPlan {
  readonly domain: number;
  readonly starts: readonly LaunchStart[];
  /** Numbers of the domain's first rows, from 0. */
  readonly sizes: readonly number[];
  /** Row numbers of the other domains, ascending. */
  readonly base: Int32Array;
  /** Row numbers of the domain, the first first. */
  readonly first: Int32Array;
  /** Row numbers among those that are measured, ascending. */
  readonly measured: Int32Array;
  /** [rows]: the user of each training row; `null`: rows are drawn. */
  readonly users: Int32Array | null;
  /** Draws of users. */
  readonly draws: number;
  readonly seed: number;
}

/** Rows that trainings see: all once, or a draw of users. */
export interface LaunchRows {
  /** Ascending; a row of a user who was drawn twice appears twice. */
  readonly base: Int32Array;
  /** The first rows of the domain, in their order. */
  readonly first: Int32Array;
}

const firstSize = 300;
/** A last size this close to the one before adds no information. */
const leastStep = 1.5;

/** 0, 300, 1,000, 3,000, 10,000 … and all rows. */
export function launchSizes(rows: number): number[] {
  const sizes = [0];
  for (let power = 0; ; power++) {
    const size = firstSize * 10 ** Math.floor(power / 2) * (power % 2 === 0 ? 1 : 10 / 3);
    if (size > rows) break;
    sizes.push(Math.round(size));
  }
  if (rows > 0 && rows >= leastStep * sizes.at(-1)!) sizes.push(rows);
  return sizes;
}

/** @param draw 0: all rows; else each user's rows as often as a Poisson draw says (the bootstrap) */
export function drawnRows({ base, first, users, seed }: LaunchPlan, draw: number): LaunchRows {
  if (draw === 0) return { base, first };
  const source = random(seed).fork(`launch ${draw}`);
  const times = new Map<number, number>();
  const timesOf = (row: number): number => {
    const unit = users === null || users[row]! < 0 ? -1 - row : users[row]!;
    return getOrMake(times, unit, () => poisson(source));
  };
  const repeated = (rows: Int32Array): Int32Array => {
    const all = new Int32Array(rows.reduce((sum, row) => sum + timesOf(row), 0));
    let filled = 0;
    for (const row of rows) {
      const end = filled + timesOf(row);
      all.fill(row, filled, end);
      filled = end;
    }
    return all;
  };
  return { base: repeated(base), first: repeated(first) };
}

/** With mean 1. */
function poisson(source: Random): number {
  const limit = Math.exp(-1);
  let [product, count] = [source.uniform(), 0];
  while (product > limit) {
    product *= source.uniform();
    count += 1;
  }
  return count;
}
