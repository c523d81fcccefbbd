/** How often the screen names a column where there is no domain, and finds a planted one. */

import { atOnce } from "../../../src/core/util/turns.js";
import { screenDomains } from "../../../src/lab/domains/screen.js";
import { type VisitKind, visitKinds, visitWorld } from "./visit-worlds.js";
import { nullWorld, type PlantedKind, plantedWorld, screenColumns, type World } from "./worlds.js";

export const nullKinds: readonly string[] = [
  "plain",
  "rate",
  "skewed",
  "heavy",
  "few users",
  "few users heavy",
  "bots",
  "session",
  "trip",
  "trend",
  "bands",
  "new phone",
  "mood 1 .7",
  "mood 2 .7",
  "mood 3 .7",
  "mood 1 .7 heavy",
  "mood 3 .7 heavy",
  ...visitKinds,
];

function screened(world: World) {
  return atOnce(screenDomains(screenColumns(world), { label: "y", seed: 1 })).candidates;
}

/** Whether a column is beyond noise in a log without a domain, which is so before one is named. */
export function isFalselyClear(kind: string, seed: number): boolean {
  const isVisit = (visitKinds as readonly string[]).includes(kind);
  return screened(isVisit ? visitWorld(kind as VisitKind, seed) : nullWorld(kind, seed)).some(
    ({ pValue }) => pValue < 0.05,
  );
}

/** In how many logs the planted column is named, and another one that is not the other side of its pair. */
export function foundIn(kind: PlantedKind, strength: number, seeds: readonly number[], heavy = false) {
  let [named, wrong, gains] = [0, 0, 0];
  for (const seed of seeds) {
    const { world, gain, truth, partner } = plantedWorld(kind, strength, seed, heavy);
    const name = screened(world).find(({ says }) => says === "named")?.name ?? null;
    gains += gain / seeds.length;
    if (name === truth) named++;
    else if (name !== null && name !== partner) wrong++;
  }
  return { named, wrong, gain: gains };
}
