/** The first look: with two seeds, hardly anything can be settled. */
const firstLook = 3;
/** Each look has this many times the seeds of the look before it. */
const growth = 1.6;
/** A look is left out if the last one would follow too soon. */
const lastGap = 0.76;

/** Numbers of seeds at which a study of at most `atMost` seeds looks, such as 3, 5, 8, 13, 20; the last is `atMost`. */
export function lookCounts(atMost: number): number[] {
  const counts: number[] = [];
  for (let seeds = firstLook; seeds < lastGap * atMost; seeds = Math.ceil(seeds * growth)) counts.push(seeds);
  return [...counts, atMost];
}

/** Above 1, early looks spend less than their part: they rarely settle anything, and the last look needs it. */
const exponent = 1.5;

/** The share of the error that looks may have spent in total (Lan & DeMets, 1983) at a progress of 0 … 1. */
export function spentAfter(progress: number): number {
  return Math.min(1, Math.max(0, progress)) ** exponent;
}
