/** When a study looks at its runs, how much of the error each look may spend, and what looks record. */
import type { Confidence } from "./statistics/power.js";

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

/**
 * Above 1, early looks spend less than a proportional part: they rarely settle anything, and the last look needs it.
 */
const exponent = 1.5;

/** The share of the error that looks may have spent in total (Lan & DeMets, 1983) at a progress of 0 … 1. */
export function spentAfter(progress: number): number {
  return Math.min(1, Math.max(0, progress)) ** exponent;
}

/** A variant that a look stopped: more seeds would not change its verdict. */
export interface StoppedVariant {
  readonly variant: string;
  readonly why: string;
}

/** A look at the runs of a study. A variant's intervals and verdicts are those of the look at which it stopped. */
export interface StudyLook {
  readonly seeds: readonly number[];
  /**
   * Share of the study's error probability that its intervals use; looks at the same runs err together, so their shares
   * add up to more than 1.
   */
  readonly share: number;
  readonly stopped: readonly StoppedVariant[];
}

export interface RecordedLook extends Omit<StudyLook, "stopped"> {
  readonly stopped: readonly { readonly variant: number; readonly why: string }[];
}

export function confidenceAt(confidence: Confidence, { share }: Pick<StudyLook, "share">): Confidence {
  return share === 1 ? confidence : { ...confidence, level: 1 - (1 - confidence.level) * share };
}

/** The look whose intervals a variant has: the one that stopped it, or the last. */
export function lookFor(looks: readonly StudyLook[], variant: string): StudyLook {
  return looks.find(({ stopped }) => stopped.some((each) => each.variant === variant)) ?? looks.at(-1)!;
}

export function lookNotes(looks: readonly StudyLook[]): string[] {
  const [only, ...others] = looks.map(({ seeds }) => seeds.length);
  const stops = looks.flatMap(({ seeds, stopped }) => (stopped.length === 0 ? [] : [stopNote(seeds.length, stopped)]));
  if (only === undefined || (others.length === 0 && stops.length === 0)) return [];
  const last = others.at(-1);
  const when = last === undefined ? `${only}` : `${[only, ...others.slice(0, -1)].join(", ")} and ${last}`;
  return [`looked after ${when} seeds; the intervals hold for all looks together`, ...stops];
}

export function stopNote(seeds: number, stopped: readonly StoppedVariant[]): string {
  return `stopped after ${seeds} seeds: ${stopped.map(({ variant, why }) => `${variant} (${why})`).join("; ")}`;
}
