/** Training as it happens: one notebook output that updates, or a line now and then on a terminal. */
import type { Progress } from "../train/history.js";
import { notebookDisplay } from "../util/notebook.js";

/** Something that shows progress. */
export interface LiveChart {
  update(progress: Progress): void;
  /** Draws the last state, with the picture that a saved notebook keeps. */
  finish(): Promise<void>;
}

const notebookMillis = 700;
const terminalMillis = 5000;

/** The live chart of the place that this runs in; `null` where nobody watches. `notes` are said first. */
export async function liveChart(notes: readonly string[]): Promise<LiveChart | null> {
  const notebook = notebookDisplay();
  if (notebook === null) return process.stderr.isTTY ? terminalLines(notes) : null;
  for (const note of notes) console.log(note);
  const [{ trainingChart }, { chartBundle }] = await Promise.all([
    import("../charts/index.js"),
    import("../render/index.js"),
  ]);
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
    async finish() {
      if (last !== null) handle.update(await chartBundle(trainingChart(last)));
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
