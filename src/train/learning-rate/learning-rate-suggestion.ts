/** Which learning rate the losses of a sweep speak for. */

/** Share of the average that a step keeps: it looks back about five steps. */
const memory = 0.8;

/** A moving average that is not drawn towards 0 at its beginning. */
export function smoothing(): (value: number) => number {
  let sum = 0;
  let weight = 0;
  return (value) => {
    sum = memory * sum + (1 - memory) * value;
    weight = memory * weight + (1 - memory);
    return sum / weight;
  };
}

/** A fall by less than this share of the first loss is none: float32 losses have seven digits. */
const leastFall = 1e-5;

const rule = "a tenth of the rate at which the smoothed loss is lowest";

/** A suggestion, the rule behind it, and what to know about it. */
export interface LearningRateSuggestion {
  readonly suggestion: number | null;
  readonly rule: string;
  readonly note: string | null;
}

/** Applies the rule; none where the loss does not fall by more than its noise. `turned`: the loss went up in the end. */
export function suggestLearningRate(points: readonly LearningRatePoint[], turned: boolean): LearningRateSuggestion {
  const [first] = points;
  if (first === undefined) return { suggestion: null, rule, note: "no steps were run" };
  const place = points.reduce(
    (best, point, index) => (point.smoothedLoss < points[best]!.smoothedLoss ? index : best),
    0,
  );
  const lowest = points[place]!;
  const fall = first.smoothedLoss - lowest.smoothedLoss;
  const least = Math.max(2 * noise(points.slice(0, place + 1)), leastFall * Math.abs(first.smoothedLoss));
  if (fall <= least) {
    return {
      suggestion: null,
      rule,
      note: "the loss falls by no more than its noise: use more steps or larger batches",
    };
  }
  const open = place === points.length - 1 && !turned;
  return {
    suggestion: lowest.learningRate / 10,
    rule,
    note: open ? "the loss was still falling at the last rate: sweep further" : null,
  };
}

/** Standard deviation of the smoothed loss about its course, from how losses scatter about it. */
function noise(points: readonly LearningRatePoint[]): number {
  const squares = points.reduce((sum, { loss, smoothedLoss }) => sum + (loss - smoothedLoss) ** 2, 0);
  return Math.sqrt((squares / points.length) * ((1 - memory) / (1 + memory)));
}

/** One step of a sweep. */
export interface LearningRatePoint {
  /** The rate of the step. */
  readonly learningRate: number;
  /** Of the step's batch, before its update. */
  readonly loss: number;
  /** Exponential moving average of the losses so far, without its bias towards 0. */
  readonly smoothedLoss: number;
}
