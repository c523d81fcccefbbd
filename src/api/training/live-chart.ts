/** Training as it happens: one notebook output that updates, or a line now and then on a terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import { PepnetError } from "../../errors/index.js";
import { notebookDisplay } from "../../port/index.js";
import type { Progress } from "../../train/index.js";
import { grouped } from "../../util/text/format.js";
import { visible } from "../../util/text/visible.js";
import { nextTurn } from "../../util/turns.js";

/** Something that shows progress. */
export interface LiveChart {
  update(progress: Progress): void;
  /**
   * Draws the last state, with the picture that a saved notebook keeps. After an interrupt the picture may come when the
   * cell is done: whoever interrupts gets the run at once.
   */
  finish(interrupted: boolean): Promise<void>;
  /** Says that training failed, and why, beside what there was by then. */
  fail(error: unknown): Promise<void>;
}

const notebookMillis = 700;
const terminalMillis = 5000;
const interruptedMillis = 800;

/** The live chart of the place that this runs in; `null` where nobody watches. `notes` are said first. */
export async function liveChart(notes: readonly string[]): Promise<LiveChart | null> {
  const notebook = notebookDisplay();
  if (notebook === null) return process.stderr.isTTY ? terminalLines(notes) : null;
  for (const note of notes) console.log(visible(note));
  const { trainingChart } = await import("../../charts/index.js");
  await nextTurn();
  const { chartBundle, figurePng } = await import("../../render/index.js");
  await nextTurn();
  // Who draws pictures takes a second or two to load: meanwhile, so that the last picture need not wait for it.
  void figurePng({ data: [], layout: {}, config: {} });
  let last: Progress | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  const handle = notebook.display({ "text/plain": "training starts" });
  return {
    update(progress) {
      last = progress;
      if (performance.now() - shownAt < notebookMillis) return;
      shownAt = performance.now();
      void chartBundle(trainingChart(progress), { png: false }).then((bundle) => {
        if (last === progress && !progress.done) handle.update(bundle);
      });
    },
    async finish(interrupted) {
      if (last === null) return;
      const chart = trainingChart(last);
      handle.update(await chartBundle(chart, { png: false }));
      const pictured = chartBundle(chart).then((bundle) => handle.update(bundle));
      await (interrupted ? Promise.race([pictured, sleep(interruptedMillis)]) : pictured);
    },
    async fail(error) {
      const why = reason(error);
      const chart = last && trainingChart(last, why);
      last = null; // an update on its way comes too late
      if (chart === null) return handle.update({ "text/plain": `training failed before its first step: ${why}` });
      handle.update(await chartBundle(chart));
    },
  };
}

/** The fault in a sentence; the error itself, below the chart, says the rest. */
function reason(error: unknown): string {
  if (error instanceof PepnetError && error.problems[0]) return visible(`${error.path}: ${error.problems[0].message}`);
  return visible(error instanceof Error ? error.message || error.name : String(error));
}

function terminalLines(notes: readonly string[]): LiveChart {
  for (const note of notes) console.error(visible(note));
  let shownAt = performance.now();
  return {
    update({ step, totalSteps, rowsPerSecond, secondsLeft, history, done }) {
      if (!done && performance.now() - shownAt < terminalMillis) return;
      shownAt = performance.now();
      const loss = history.points.at(-1)?.loss.toFixed(4);
      const speed = grouped(Math.round(rowsPerSecond));
      console.error(`step ${step} of ${totalSteps}, loss ${loss}, ${speed} rows/s, ${Math.round(secondsLeft)} s left`);
    },
    async finish() {},
    async fail() {}, // the error says it
  };
}
