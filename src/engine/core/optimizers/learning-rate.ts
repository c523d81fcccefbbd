/** Learning-rate schedules (TorchEasyRec `optim/lr_scheduler`). */
import type { LearningRateSpec } from "../../../spec/index.js";

/** @param base 0 stays 0 under every schedule @param step steps before this one @param epoch epochs before this one */
export function learningRate(schedule: LearningRateSpec, base: number, step: number, epoch: number): number {
  if (schedule.kind === "constant" || base === 0) return base;
  const done = schedule.byEpoch ? Math.floor(epoch) : step;
  if (schedule.kind === "manual_step") return manualStep(schedule, base, done);
  const { warmupSize, warmupLearningRate, minLearningRate } = schedule;
  if (done < warmupSize) return warmupLearningRate + ((base - warmupLearningRate) * done) / warmupSize;
  const since = done - warmupSize;
  switch (schedule.kind) {
    case "exponential_decay": {
      const periods = since / schedule.decaySize;
      const decay = schedule.decayFactor ** (schedule.staircase ? Math.floor(periods) : periods);
      return Math.max(base * decay, minLearningRate);
    }
    case "cosine_annealing":
      return cosine(base, minLearningRate, Math.min(since, schedule.tMax), schedule.tMax);
    case "cosine_annealing_warm_restarts": {
      const { place, period } = restart(since, schedule.t0, schedule.tMult);
      return cosine(base, minLearningRate, place, period);
    }
  }
}

type ManualStep = Extract<LearningRateSpec, { kind: "manual_step" }>;

/** The rate of the last boundary before `done`; at a boundary the previous rate still applies. */
function manualStep(schedule: ManualStep, base: number, done: number): number {
  const passed = schedule.scheduleSizes.filter((size) => size < done).length;
  if (passed > 0) return schedule.learningRates[passed - 1] ?? base;
  const [firstSize] = schedule.scheduleSizes;
  const [firstRate] = schedule.learningRates;
  if (!schedule.warmup || firstSize === undefined || firstRate === undefined) return base;
  return base + ((firstRate - base) * done) / firstSize;
}

function cosine(base: number, min: number, place: number, period: number): number {
  return min + (base - min) * 0.5 * (1 + Math.cos((Math.PI * place) / period));
}

/** The position in the current period; each period is `factor` times as long as the previous one. */
function restart(since: number, firstPeriod: number, factor: number): { place: number; period: number } {
  if (factor === 1) return { place: since % firstPeriod, period: firstPeriod };
  let place = since;
  let period = firstPeriod;
  while (place >= period) {
    place -= period;
    period *= factor;
  }
  return { place, period };
}
