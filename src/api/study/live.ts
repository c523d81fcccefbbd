/** The table of a study while it runs. */

import { notebookDisplay } from "../../core/port/notebook.js";
import { duration, type MarkedText, marked } from "../../core/util/measured.js";
import { mean } from "../../core/util/numbers.js";
import { percent, visible } from "../../core/util/text.js";
import type { AblationWatcher } from "../../lab/ablation/ablate.js";
import type { FinishedRun, Pace, PlannedRun } from "../../lab/ablation/budget.js";
import type { Design, Variant } from "../../lab/ablation/design.js";
import type { Cell, Table } from "../../lab/views/format.js";
import { printNotes, tables } from "../result.js";
import type { Study } from "./study.js";

export interface LiveStudy {
  readonly watcher: AblationWatcher;
  finish(study: Study): Promise<void>;
  /** Shows the failure; the error is reported separately. */
  fail(error: unknown): void;
}

const updateMillis = 700;

/** The live table for the current environment; `null` without a notebook or terminal. Shows `notes` first. */
export async function liveStudy(
  design: Design,
  lanes: number,
  trainRows: number,
  notes: readonly string[],
): Promise<LiveStudy | null> {
  const notebook = notebookDisplay();
  if (notebook === null && !process.stderr.isTTY) return null;
  const { Pace } = await import("../../lab/ablation/budget.js");
  const state = new StudyState(design, lanes, new Pace(trainRows));
  if (notebook === null) return terminal(state, notes);
  printNotes(notes);
  const { tableBundle } = await import("../../lab/render/bundle.js");
  const handle = notebook.display({ "text/plain": "study started" });
  let shownAt = Number.NEGATIVE_INFINITY;
  let over = false;
  const show = (now: boolean): void => {
    if (over || (!now && performance.now() - shownAt < updateMillis)) return;
    shownAt = performance.now();
    handle.update(tableBundle(state.table(), { maxRows: 60 }));
  };
  return {
    watcher: watching(state, show, (text) => console.log(visible(text))),
    async finish(study) {
      over = true;
      const { sheetTable } = tables();
      handle.update(tableBundle(sheetTable(study.sheet()), { maxRows: 200 }));
    },
    fail(error) {
      over = true;
      const why = error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
      const { times: _, ...table } = state.table();
      handle.update(tableBundle({ ...table, caption: `the study failed: ${why}` }, { maxRows: 60 }));
    },
  };
}

function terminal(state: StudyState, notes: readonly string[]): LiveStudy {
  for (const note of notes) console.error(visible(note));
  const show = (_: boolean, run?: FinishedRun): void => {
    if (run === undefined) return;
    console.error(visible(`${run.variant.name}, seed ${run.seed}${run.kept ? " (kept)" : ""}: ${state.status().text}`));
  };
  return { watcher: watching(state, show, (text) => console.error(visible(text))), async finish() {}, fail() {} };
}

/** @param show shows the state: now, or soon; after a run, with that run */
function watching(
  state: StudyState,
  show: (now: boolean, run?: FinishedRun) => void,
  say: (text: string) => void,
): AblationWatcher {
  return {
    planned(runs) {
      state.planned(runs);
      show(true);
    },
    started(run) {
      state.running.set(run, 0);
      show(false);
    },
    progress(run, { step, totalSteps }) {
      state.running.set(run, step / totalSteps);
      show(false);
    },
    finished(run) {
      state.finished(run);
      show(false, run);
    },
    failed: (run) => void state.running.delete(run),
    note: say,
  };
}

class StudyState {
  readonly running = new Map<PlannedRun, number>();
  readonly #runs: FinishedRun[] = [];
  #planned = 0;
  #keptRuns = 0;

  constructor(
    private readonly design: Design,
    private readonly lanes: number,
    private readonly pace: Pace,
  ) {}

  planned(runs: number): void {
    this.#planned = runs;
  }

  finished(run: FinishedRun): void {
    for (const running of this.running.keys()) {
      if (running.variant === run.variant && running.seed === run.seed) this.running.delete(running);
    }
    this.#runs.push(run);
    if (run.kept) this.#keptRuns++;
    else this.pace.learn(run.variant, run.result.seconds);
  }

  /** `12 of 27 runs (4 kept), 1 min 20 s left`. */
  status(): MarkedText {
    const keptNote = this.#keptRuns === 0 ? "" : ` (${this.#keptRuns} kept)`;
    const left = this.#secondsLeft();
    const time = left === null ? "" : marked`, ${duration(left)} left`;
    return marked`${this.#runs.length} of ${this.#planned} runs${keptNote}${time}`;
  }

  /** Means so far and mean differences from the model over shared seeds; verdicts come only at the end. */
  table(): Table {
    const tasks = this.#runs[0]?.result.tasks.map(({ tower }) => tower) ?? [];
    const now = [...this.running].map(
      ([{ variant, seed }, share]) => ` · ${variant.name}, seed ${seed}: ${percent(share, 0)}`,
    );
    const { text: caption, measured: title } = marked`${this.status()}${now.join("")}`;
    return {
      caption,
      times: { title },
      columns: [
        { name: "variant" },
        { name: "runs", digits: 0 },
        ...tasks.flatMap((name) => [
          { name, digits: 4 },
          { name: `${name}: difference`, digits: 5 },
        ]),
      ],
      rows: [this.design.model, ...this.design.variants].map((variant) => this.#row(variant, tasks)),
    };
  }

  #row(variant: Variant, tasks: readonly string[]): Cell[] {
    const runs = this.#of(variant);
    return [variant.name, runs.length, ...tasks.flatMap((_, task) => this.#numbers(runs, variant, task))];
  }

  #numbers(runs: readonly FinishedRun[], variant: Variant, task: number): Cell[] {
    const value = (run: FinishedRun | undefined): number | null =>
      Object.values(run?.result.tasks[task]?.overall ?? {})[0]?.value ?? null;
    const differences = runs.map((run) => {
      const [mine, base] = [value(run), value(this.#of(this.design.model).find(({ seed }) => seed === run.seed))];
      return mine === null || base === null ? null : mine - base;
    });
    return [definedMean(runs.map(value)), variant === this.design.model ? null : definedMean(differences)];
  }

  #of(variant: Variant): FinishedRun[] {
    return this.#runs.filter((run) => run.variant === variant);
  }

  #secondsLeft(): number | null {
    const seconds = this.pace.secondsOf(this.design.model);
    if (seconds === null) return null;
    const started = [...this.running].reduce((sum, [, share]) => sum + share, 0);
    return Math.max(0, ((this.#planned - this.#runs.length - started) * seconds) / this.lanes);
  }
}

function definedMean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : mean(defined);
}
