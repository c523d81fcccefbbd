/** Training while it runs, as one figure that updates in place. */

import type { History, Progress } from "../../train/index.js";
import type { JsonObject } from "../../util/json.js";
import { count, duration, grouped } from "../../util/text/format.js";
import { chart } from "../panels/compose.js";
import { FAILED, GRID, PLAIN, sentence, shorten } from "../theme.js";
import type { Chart } from "../view.js";
import { aucTitle, curvesRows, keptSheet, lossTitle } from "./history.js";

/**
 * Losses and AUC while `fit` runs, with a progress bar; shown again under the same display id at every update. The
 * reader's zoom and hidden traces are kept. `failure` is why training ended early.
 */
export function trainingChart(progress: Progress, failure?: string): Chart {
  const { history, done } = progress;
  const { text: now, times } = failure === undefined ? progressText(progress) : failureText(progress, failure);
  const title = sentence([now, lossTitle(history).replace(/^L/, "l"), lastAuc(history)]);
  const bar: JsonObject = done ? {} : { shapes: progressBar(progress, failure === undefined ? PLAIN : FAILED) };
  const untimed = chart({
    title,
    rows: curvesRows(history),
    sheet: keptSheet(history),
    layout: { uirevision: "training", ...bar },
  });
  return times.length === 0 ? untimed : { ...untimed, times: { title: times } };
}

/** The progress bar between title and panels, as wide as the panels: a track and its finished part. */
function progressBar({ step, totalSteps }: Progress, shade: string): JsonObject[] {
  const place = { type: "rect", xref: "paper", yref: "paper", ysizemode: "pixel", yanchor: 1, y0: -3, y1: 2 };
  const part = (share: number, fillcolor: string): JsonObject => {
    return { ...place, x0: 0, x1: share, fillcolor, line: { width: 0 } };
  };
  const done = Math.round((1000 * step) / Math.max(1, totalSteps)) / 1000;
  return [part(1, GRID), part(Math.min(1, done), shade)];
}

/** The start of a title, and where it holds times. */
interface TimedText {
  readonly text: string;
  readonly times: readonly (readonly [from: number, to: number])[];
}

function progressText({ step, totalSteps, rowsPerSecond, secondsLeft, history, done }: Progress): TimedText {
  const speed = `${grouped(Math.round(rowsPerSecond))} rows/s`;
  if (done) {
    const steps = step < totalSteps ? `${grouped(step)} of ${count(totalSteps, "step")}` : count(step, "step");
    const seconds = history.points.at(-1)?.seconds;
    if (seconds === undefined) return { text: `Trained ${steps}`, times: [] };
    return timedText(`Trained ${steps} in `, duration(seconds), ", ", speed, "");
  }
  return timedText(`Step ${grouped(step)} of ${grouped(totalSteps)}, `, speed, ", ", duration(secondsLeft), " left");
}

function timedText(before: string, first: string, between: string, second: string, after: string): TimedText {
  const start = before.length + first.length + between.length;
  const times = [[before.length, before.length + first.length] as const, [start, start + second.length] as const];
  return { text: `${before}${first}${between}${second}${after}`, times };
}

function failureText({ step, totalSteps }: Progress, failure: string): TimedText {
  const reason = shorten(failure.split("\n", 1)[0] ?? "", 160);
  return { text: `Failed after ${grouped(step)} of ${count(totalSteps, "step")}: ${reason}`, times: [] };
}

function lastAuc({ evaluations }: History): string | null {
  const last = evaluations.at(-1);
  return last === undefined ? null : aucTitle(last);
}
