/** Studies that stop settled variants, in simulated worlds. */

import { lookShares } from "../../src/lab/ablation/looks.js";
import type { Confidence } from "../../src/lab/ablation/statistics/power.js";
import { shownKind } from "../../src/lab/ablation/statistics/verdict.js";
import { confidenceAt, lookCounts, spentAfter } from "../../src/lab/ablation/study-look.js";
import { intervalsAt, quantileOf } from "./simulate.js";
import type { SimulatedStudy, World } from "./worlds.js";

/** What is true in a study, and what it is asked. */
export interface StoppingQuestion {
  /** True differences of the first variants from the model, in every task; 0 for the others. */
  readonly effects?: readonly number[];
  /** The smallest difference that matters; `null`: not given. */
  readonly matters?: number | null;
  /** Default: 0.95. */
  readonly level?: number;
}

/** A variant's comparison at the look that ended it. */
export interface EndedComparison {
  readonly effect: number;
  readonly seeds: number;
  readonly low: number;
  readonly high: number;
  readonly kind: "better" | "worse" | "equivalent" | null;
}

/** Runs one study with looks. @returns one comparison per variant and task, and the number of runs */
export function stoppedStudy(
  study: SimulatedStudy,
  { effects = [], matters = null, level = 0.95 }: StoppingQuestion,
): { comparisons: EndedComparison[]; runs: number } {
  const variants = study[0]!.length - 1;
  const atMost = study[0]![0]!.length;
  const planted = withEffects(study, effects);
  const joint: Confidence = { level, comparisons: study.length * variants, groups: study.length };
  const ends: number[] = Array.from({ length: variants }, () => 0);
  const comparisons: EndedComparison[] = [];
  const looks = lookCounts(atMost);
  const shares = sharesOf(looks, (1 - level) / joint.comparisons);
  for (const [look, seeds] of looks.entries()) {
    const confidence = confidenceAt(joint, { share: shares[look]! });
    const seen = planted.map((models) => models.map((runs, at) => runs.slice(0, (at > 0 && ends[at - 1]) || seeds)));
    const byTask = intervalsAt(seen, confidence);
    for (let variant = 0; variant < variants; variant++) {
      if (ends[variant]! > 0) continue;
      const here = byTask.map((task): EndedComparison => {
        const interval = task[variant]!;
        const kind = shownKind(interval, { higherIsBetter: true, matters });
        return { effect: effects[variant] ?? 0, seeds, ...interval, kind };
      });
      if (seeds < atMost && here.some(({ kind }) => kind === null)) continue;
      ends[variant] = seeds;
      comparisons.push(...here);
    }
    if (ends.every((end) => end > 0)) break;
  }
  return { comparisons, runs: Math.max(...ends) + ends.reduce((sum, end) => sum + end, 0) };
}

const shareLists = new Map<string, readonly number[]>();

function sharesOf(looks: readonly number[], error: number): readonly number[] {
  const key = `${looks} ${error}`;
  const atMost = looks.at(-1)!;
  const shares =
    shareLists.get(key) ??
    lookShares(
      looks.map((seeds) => ({ seeds, spent: spentAfter(seeds / atMost) })),
      error,
    );
  shareLists.set(key, shares);
  return shares;
}

function withEffects(study: SimulatedStudy, effects: readonly number[]): SimulatedStudy {
  return study.map((models) =>
    models.map((runs, at) => {
      const effect = effects[at - 1] ?? 0;
      return runs.map(({ value, draws }) => ({ value: value + effect, draws: draws?.map((draw) => draw + effect) }));
    }),
  );
}

/** What many studies with looks say. */
export interface StoppingVerdicts {
  /** Number of studies with any false verdict: a difference that is not there, or equivalence of one that matters. */
  readonly wrong: number;
  /** Number of studies in which any interval misses the true difference. */
  readonly missed: number;
  /** Mean number of runs of a study. */
  readonly runs: number;
  /** Median half-width of variants without a difference. */
  readonly halfWidth: number;
}

/** Repeats a world's study with looks. */
export function repeatedWithLooks(world: World, question: StoppingQuestion, studies: number): StoppingVerdicts {
  let [wrong, missed, total] = [0, 0, 0];
  const halves: number[] = [];
  for (let study = 0; study < studies; study++) {
    const { comparisons, runs } = stoppedStudy(world(study + 1), question);
    total += runs;
    if (comparisons.some((each) => isWrong(each, question.matters ?? null))) wrong++;
    if (comparisons.some(({ low, high, effect }) => effect < low || effect > high)) missed++;
    halves.push(...comparisons.flatMap(({ effect, low, high }) => (effect === 0 ? [(high - low) / 2] : [])));
  }
  return { wrong, missed, runs: total / studies, halfWidth: quantileOf(halves, 0.5) };
}

function isWrong({ kind, effect }: EndedComparison, matters: number | null): boolean {
  if (kind === null) return false;
  if (kind === "equivalent") return matters !== null && Math.abs(effect) >= matters;
  return kind === "better" ? effect <= 0 : effect >= 0;
}
