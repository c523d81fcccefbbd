/** The loss at both ends of a training: means over enough steps that one batch does not decide them. */
import type { HistoryPoint } from "../../train/index.js";
import { weightedMean } from "../../util/sums.js";

/** An end covers at least this share of the steps … */
const share = 0.05;
/** … and this number of steps … */
const fewestSteps = 10;
/** … but no more than this share of them. */
const largestShare = 0.25;

/** The mean loss over some steps, weighted by their rows. */
export interface MeanLoss {
  readonly loss: number;
  readonly steps: number;
}

/** The mean loss over the first and the last steps; `null` without points. */
export function lossEnds(
  points: readonly HistoryPoint[],
): { readonly first: MeanLoss; readonly last: MeanLoss } | null {
  const last = points.at(-1);
  if (last === undefined) return null;
  const steps = Math.max(last.step * share, Math.min(fewestSteps, last.step * largestShare));
  const parts = points.map((point, at): Part => {
    const { step, rows } = points[at - 1] ?? { step: 0, rows: 0 };
    return { loss: point.loss, steps: point.step - step, rows: point.rows - rows };
  });
  return { first: meanLoss(parts, steps), last: meanLoss([...parts].reverse(), steps) };
}

/** The steps of one point. */
interface Part extends MeanLoss {
  readonly rows: number;
}

/** Over the first parts that have `fewest` steps together. */
function meanLoss(parts: readonly Part[], fewest: number): MeanLoss {
  let steps = 0;
  const chosen = parts.filter((part) => {
    const isShort = steps < fewest;
    if (isShort) steps += part.steps;
    return isShort;
  });
  const loss = weightedMean(
    chosen,
    ({ rows }) => rows,
    (part) => part.loss,
  );
  return { loss, steps };
}
