/** Saved runs below each other: results, settings and data of each, or why it cannot be read. */
import type { Evaluation, TaskEvaluation } from "../../metrics/index.js";
import type { History } from "../../train/index.js";
import type { Column } from "../column.js";
import { taskName } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { lossEnds } from "./loss-ends.js";

/** A saved run in an index. */
export interface IndexedRun {
  /** The folder, relative to that of the index. */
  readonly name: string;
  /** When it was written, as ISO date and time in UTC; `null` if it cannot be read, as are the following but the problem. */
  readonly saved: string | null;
  /** Losses and evaluations of its training. */
  readonly history: History | null;
  /** The evaluation of its weights; `null` also if they were not evaluated. */
  readonly evaluation: Evaluation | null;
  /** Differences from the first run's config, such as `model_config.pepnet.epnet_gamma: 2 → 4`. */
  readonly differences: readonly string[] | null;
  /** The digest of the training rows, shortened; `null`: not recorded. */
  readonly data: string | null;
  /** Why it cannot be read; `null`: it can. */
  readonly problem: string | null;
}

/** One row per run. */
export function indexedRunsSheet(caption: string, runs: readonly IndexedRun[]): Sheet {
  const text = (key: string, heading: string, value: (run: IndexedRun) => string | null): Column<IndexedRun> => {
    return { key, heading, kind: "text", value };
  };
  const isDamaged = runs.some(({ problem }) => problem !== null);
  return makeSheet<IndexedRun>(
    caption,
    [
      text("run", "run", ({ name }) => name),
      text("saved", "saved (UTC)", ({ saved }) => saved),
      { key: "steps", heading: "steps", kind: "count", value: ({ history }) => history?.points.at(-1)?.step },
      ...indexedTasks(runs).flatMap((task) => taskColumns(task, runs)),
      { key: "loss", heading: "loss", kind: "number", digits: 4, value: ({ history }) => lastLoss(history) },
      text(
        "differences",
        "differs from the first in",
        ({ differences }) => differences && differencesText(differences),
      ),
      text("data", "data hash", ({ data }) => data),
      ...(isDamaged ? [text("problem", "cannot be read", ({ problem }) => problem)] : []),
    ],
    runs,
  );
}

/** The towers of all runs, each once. */
export function indexedTasks(runs: readonly IndexedRun[]): TaskEvaluation[] {
  const all = runs.flatMap(({ evaluation }) => evaluation?.tasks ?? []);
  return all.filter((task, at) => all.findIndex(({ tower }) => tower === task.tower) === at);
}

/** A task's AUC over all rows, and its interval if a run has one. */
function taskColumns(task: TaskEvaluation, runs: readonly IndexedRun[]): Column<IndexedRun>[] {
  const overall = ({ evaluation }: IndexedRun) =>
    evaluation?.tasks.find(({ tower }) => tower === task.tower)?.overall ?? null;
  const name = taskName(task);
  const interval = (run: IndexedRun) => overall(run)?.intervals?.auc ?? null;
  const ends: Column<IndexedRun>[] = [
    {
      key: `auc_${task.tower}_low`,
      heading: `${name} low`,
      kind: "number",
      digits: 4,
      value: (run) => interval(run)?.low,
    },
    {
      ...{ key: `auc_${task.tower}_high`, heading: `${name} high`, kind: "number", digits: 4 },
      value: (run) => interval(run)?.high,
    },
  ];
  return [
    { key: `auc_${task.tower}`, heading: `${name} AUC`, kind: "number", digits: 4, value: (run) => overall(run)?.auc },
    ...(runs.some((run) => interval(run) !== null) ? ends : []),
  ];
}

function lastLoss(history: History | null): number | null {
  return (history && lossEnds(history.points)?.last.loss) ?? null;
}

function differencesText(differences: readonly string[]): string {
  return differences.length === 0 ? "nothing" : differences.join("; ");
}
