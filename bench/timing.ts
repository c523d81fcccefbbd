/** Interleaved timing, so that other load on the machine affects all candidates equally. */

/** Something to time. */
export type Work = () => Promise<unknown>;

/** Number of rounds. */
export interface Rounds {
  /** Rounds that are not counted. Default: 1. */
  readonly warmUp?: number;
  readonly rounds: number;
}

/** Milliseconds of each candidate in each counted round; each candidate runs once per round. */
export async function interleaved<Name extends string>(
  candidates: Readonly<Record<Name, Work>>,
  { warmUp = 1, rounds }: Rounds,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(candidates) as Name[];
  const times = Object.fromEntries(names.map((name): [Name, number[]] => [name, []])) as Record<Name, number[]>;
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const took = await millis(candidates[name]);
      if (round >= 0) times[name].push(took);
    }
  }
  return times;
}

/** Milliseconds of one run: of this process's CPU, with its threads, and of the wall. */
export async function cost(work: Work): Promise<{ readonly cpu: number; readonly wall: number }> {
  const [before, start] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, wall: performance.now() - start };
}

/** Milliseconds of one run. */
export async function millis(work: Work): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Work that takes the next item at each call, and starts again after the last. */
export function inTurn<Item>(items: readonly Item[], work: (item: Item, index: number) => Promise<unknown>): Work {
  let round = 0;
  return () => {
    const index = round++ % items.length;
    return work(items[index] as Item, index);
  };
}

/** The median. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** The median, over rounds, of one candidate's time divided by another's in the same round. */
export function ratio(times: readonly number[], base: readonly number[]): number {
  return median(times.map((time, round) => time / (base[round] as number)));
}
