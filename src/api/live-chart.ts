/** Training as it happens: one notebook output that updates, or a line now and then on a terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../train/history.js";
import { notebookDisplay } from "../util/notebook.js";

/** Something that shows progress. */
export interface LiveChart {
  update(progress: Progress): void;
  /**
   * Draws the last state, with the picture that a saved notebook keeps. After an interrupt the picture may come when the
   * cell is done: whoever interrupts gets the run at once.
   */
  finish(interrupted: boolean): Promise<void>;
}

const notebookMillis = 700;
const terminalMillis = 5000;
const interruptedMillis = 800;

/** The live chart of the place that this runs in; `null` where nobody watches. `notes` are said first. */
export async function liveChart(notes: readonly string[]): Promise<LiveChart | null> {
  const notebook = notebookDisplay();
  if (notebook === null) return process.stderr.isTTY ? terminalLines(notes) : null;
  for (const note of notes) console.log(note);
  const [{ trainingChart }, { chartBundle, figurePng }] = await Promise.all([
    import("../charts/index.js"),
    import("../render/index.js"),
  ]);
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
  };
}

function terminalLines(notes: readonly string[]): LiveChart {
  for (const note of notes) console.error(note);
  let shownAt = performance.now();
  return {
    update({ step, totalSteps, rowsPerSecond, secondsLeft, history, done }) {
      if (!done && performance.now() - shownAt < terminalMillis) return;
      shownAt = performance.now();
      const loss = history.points.at(-1)?.loss.toFixed(4);
      const speed = Math.round(rowsPerSecond).toLocaleString("en-US");
      console.error(`step ${step} of ${totalSteps}, loss ${loss}, ${speed} rows/s, ${Math.round(secondsLeft)} s left`);
    },
    async finish() {},
  };
}
