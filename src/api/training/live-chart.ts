import { setTimeout as sleep } from "node:timers/promises";
import { PepnetError } from "../../errors/index.js";
import { notebookDisplay } from "../../port/index.js";
import type { Progress } from "../../train/index.js";
import { grouped } from "../../util/text/format.js";
import { visible } from "../../util/text/visible.js";
import { nextTurn } from "../../util/turns.js";
import { printNotes } from "../output/index.js";

export interface LiveChart {
  update(progress: Progress): void;
  /** Draws the last state, with a static picture, which takes a second or two; clients need not wait for it. */
  finish(interrupted: boolean): Promise<void>;
  fail(error: unknown): Promise<void>;
}

const notebookMillis = 700;
const terminalMillis = 5000;
const interruptedMillis = 800;

/** The live chart for the current environment; `null` without a notebook or terminal. Shows `notes` first. */
export async function liveChart(notes: readonly string[]): Promise<LiveChart | null> {
  const notebook = notebookDisplay();
  if (notebook === null) return process.stderr.isTTY ? terminalLines(notes) : null;
  printNotes(notes);
  const { trainingChart } = await import("../../views/index.js");
  await nextTurn();
  const { chartBundle, figurePng } = await import("../../render/index.js");
  await nextTurn();
  // The picture renderer takes a second or two to load: load it now, so that the last picture need not wait.
  void figurePng({ data: [], layout: {}, config: {} });
  let last: Progress | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  const handle = notebook.display({ "text/plain": "training started" });
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
      if (notebook.acceptsLateUpdates?.()) return;
      await (interrupted ? Promise.race([pictured, sleep(interruptedMillis)]) : pictured);
    },
    async fail(error) {
      const why = reason(error);
      const chart = last && trainingChart(last, why);
      last = null; // ignore an update that arrives late
      if (chart === null) return handle.update({ "text/plain": `training failed before its first step: ${why}` });
      handle.update(await chartBundle(chart));
    },
  };
}

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
    async fail() {}, // the error explains it
  };
}
