/** Simulated launches: whether the planted twin is named, and the rows from which its own tower pays. */

import { random } from "../../../src/core/util/random.js";
import { type DomainLaunch, dataset } from "../../../src/index.js";
import { rising } from "../../../src/lab/launch/pays.js";
import type { LaunchOptions } from "../../../src/types.js";
import { type LaunchWorld, launchModel, worldLog, worldRows } from "./worlds.js";

const model = launchModel.train({ epochs: 2 });

export async function launchOf(world: LaunchWorld, options: Partial<LaunchOptions> = {}): Promise<DomainLaunch> {
  return (await model.launch(await worldLog(world), { domain: "live", quiet: true, ...options } as never)) as never;
}

/** The start that a sentence calls best; `null`: none. */
export function claimedStart({ facts: { best } }: DomainLaunch): string | null {
  return best[0]!.start;
}

const fine = [100, 200, 350, 600, 1000, 1700, 3000];

/** The rows at which the mean gain of many logs of one world reaches `matters`. */
export async function trueCrossing(world: LaunchWorld, matters: number, logs: number): Promise<number> {
  const sums = fine.map(() => 0);
  for (let log = 1; log <= logs; log++) {
    const rows = worldRows(world, world.rows, random(1000 * world.seed + log).fork("truth"));
    const data = await dataset(rows, { user: "user_id", time: "ts" });
    const { facts } = await model.launch(data, { domain: "live", rows: fine, draws: 0, seed: log, quiet: true });
    const { gains } = facts.pays.find(({ start }) => start === "from feed")!;
    for (const [at, { gain }] of gains.entries()) sums[at]! += gain.value! / logs;
  }
  const curve = rising(
    sums,
    fine.map(() => 1),
  );
  const at = curve.findIndex((value) => value >= matters);
  if (at <= 0) return at === 0 ? fine[0]! : Number.POSITIVE_INFINITY;
  const [from, to] = [curve[at - 1]!, curve[at]!];
  return fine[at - 1]! * (fine[at]! / fine[at - 1]!) ** ((matters - from) / (to - from));
}
