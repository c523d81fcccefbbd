/** Tasks whose metric peaks before the end of training in a study's models. */
import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/index.js";
import { mean, sampleVariance } from "../../util/sums.js";
import { count } from "../../util/text/format.js";
import { metricName } from "../names/index.js";
import { curvePoints } from "./curves.js";

/** A fall smaller than this is not worth a sentence. */
const leastFall = 0.002;
/** Standard errors over seeds. */
const clearly = 3;

interface Peak {
  readonly step: number;
  readonly last: number;
  /** From the peak to the end, as a positive number. */
  readonly fall: number;
}

/** One sentence per task whose metric falls after a peak in the model itself, beyond the noise of its seeds. */
export function peakConclusions({ tasks, variants }: StudyReport): string[] {
  const trained = variants.filter(({ runs }) => runs.length > 0 && runs.every(({ bestStep }) => bestStep === null));
  const [model] = variants;
  return tasks.flatMap((task, at) => {
    const peak = model === undefined || !trained.includes(model) ? null : peakOf(task, model);
    if (peak === null) return [];
    const falling = trained.filter((variant) => peakOf(task, variant) !== null).length;
    const largest = Math.max(...variants.map(({ tasks: of }) => Math.abs(of[at]?.overall.difference?.mean ?? 0)));
    const where = `${task.tower} ${metricName(task)}`;
    const more = peak.fall > largest ? `, which is more than any variant changes it (${largest.toFixed(4)})` : "";
    return [
      `In ${falling} of ${count(trained.length, "model")}, ${where} peaks before the end: in the model at step ${peak.step} of ${peak.last}, and it is worse by ${peak.fall.toFixed(4)} at the end${more}. All are compared at the end, after equal steps; to compare before the fall, use model.train({ steps: ${peak.step} }).`,
    ];
  });
}

function peakOf(task: StudyTask, variant: StudyVariant): Peak | null {
  const points = curvePoints(task, variant);
  const sign = task.higherIsBetter ? 1 : -1;
  const last = points.at(-1);
  if (last === undefined || variant.runs.length < 2) return null;
  const best = points.reduce((top, point) => (sign * point.mean > sign * top.mean ? point : top));
  const falls = best.bySeed.map((value, seed) => sign * (value - last.bySeed[seed]!));
  const fall = mean(falls);
  if (fall < leastFall || fall < clearly * Math.sqrt(sampleVariance(falls) / falls.length)) return null;
  return { step: best.step, last: last.step, fall };
}
