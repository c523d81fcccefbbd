/**
 * Suggests a learning rate from the losses of a sweep.
 */

/** The weight of the previous average at each step: the average covers about five steps. */
const memory = 0.8;

/** A moving average without bias towards 0 at its start. */
export function smoothing(): (value: number) => number {
  let sum = 0;
  let weight = 0;
  return (value) => {
    sum = memory * sum + (1 - memory) * value;
    weight = memory * weight + (1 - memory);
    return sum / weight;
  };
}

/** A relative decrease below this does not count: float32 losses have seven digits. */
const leastFall = 1e-5;

const rule = "a tenth of the rate at which the smoothed loss is lowest";

/** A suggestion, its rule, and a note. */
export interface LearningRateSuggestion {
  readonly suggestion: number | null;
  readonly rule: string;
  readonly note: string | null;
}

/**
 * Applies the rule; no suggestion if the loss falls by no more than its noise. `turned`: the loss rose at the end.
 */
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

/** Standard deviation of the smoothed loss around its course, estimated from the scatter of the losses. */
function noise(points: readonly LearningRatePoint[]): number {
  const squares = points.reduce((sum, { loss, smoothedLoss }) => sum + (loss - smoothedLoss) ** 2, 0);
  return Math.sqrt((squares / points.length) * ((1 - memory) / (1 + memory)));
}

/** One step of a sweep. */
export interface LearningRatePoint {
  /** The rate of the step. */
  readonly learningRate: number;
  /** The loss of the step's batch before its update. */
  readonly loss: number;
  /** Exponential moving average of the losses so far, without bias towards 0. */
  readonly smoothedLoss: number;
}
