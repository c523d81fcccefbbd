/** The cells of charts of scores: all rows of a task, then its domains, with their colours. */
import type { Evaluation, ScoreCurve, TaskCurves, TaskEvaluation, TaskMetrics } from "../../../metrics/index.js";
import { ALL_ROWS, drawnDomains } from "../../../tables/index.js";
import { BETTER, colour, INK, MAX_COLOURS, ONE_OF_MANY, WORSE } from "../../theme/index.js";

/** The curves of all rows of a task (`domain` −1), or of a domain. */
export interface CurveCell {
  readonly domain: number;
  readonly name: string;
  readonly curve: ScoreCurve;
  readonly metrics: TaskMetrics | undefined;
}

/** A task with its cells. */
export interface CurveTask {
  readonly curves: TaskCurves;
  readonly task: TaskEvaluation;
  readonly all: CurveCell;
  readonly domains: readonly CurveCell[];
}

/** The binary tasks of an evaluation; a single domain, which is all rows, is left out. */
export function curveTasks(evaluation: Evaluation): CurveTask[] {
  const names = drawnDomains(evaluation.domainNames, evaluation.tasks);
  return (evaluation.curves ?? []).flatMap((curves): CurveTask[] => {
    const task = evaluation.tasks.find(({ tower }) => tower === curves.tower);
    if (task === undefined) return [];
    const all = { domain: -1, name: ALL_ROWS, curve: curves.overall, metrics: task.overall };
    const domains = names.flatMap((name, domain): CurveCell[] => {
      const curve = curves.domains[domain];
      return curve === undefined ? [] : [{ domain, name, curve, metrics: task.domains[domain] }];
    });
    return [{ curves, task, all, domains }];
  });
}

/** How a cell's curve is drawn. */
export interface CellLook {
  readonly color: string;
  readonly width: number;
  readonly dash?: string;
}

/** The looks of a task's cells, and those that the key names. */
export interface CellLooks {
  readonly few: boolean;
  readonly all: CellLook;
  /** By place among the task's domains. */
  readonly domains: readonly CellLook[];
  /** The domains with a row in the key, from the highest value to the lowest, with their names. */
  readonly keyed: readonly { readonly cell: CurveCell; readonly look: CellLook; readonly name: string }[];
}

/** Each of few domains has its colour; of many, the highest and the lowest by `value` stand out from grey. */
export function cellLooks({ domains }: CurveTask, value: (cell: CurveCell) => number | null): CellLooks {
  const all = { color: INK, width: domains.length > MAX_COLOURS ? 4 : 3 };
  const sorted = [...domains].sort((a, b) => (value(b) ?? -1) - (value(a) ?? -1));
  if (domains.length <= MAX_COLOURS) {
    const looks = domains.map((_, place) => ({ color: colour(place, domains.length), width: 1.75 }));
    const keyed = sorted.map((cell) => ({ cell, look: looks[domains.indexOf(cell)]!, name: cell.name }));
    return { few: true, all, domains: looks, keyed };
  }
  const measured = sorted.filter((cell) => value(cell) !== null);
  const [highest, lowest] = [measured[0], measured.at(-1)];
  const best = { color: BETTER, width: 2.25, dash: "dash" };
  const worst = { color: WORSE, width: 2.25, dash: "dot" };
  const grey = { color: ONE_OF_MANY, width: 0.75 };
  return {
    few: false,
    all,
    domains: domains.map((cell) => (cell === highest ? best : cell === lowest ? worst : grey)),
    keyed: [
      ...(highest === undefined ? [] : [{ cell: highest, look: best, name: `highest: ${highest.name}` }]),
      ...(lowest === undefined ? [] : [{ cell: lowest, look: worst, name: `lowest: ${lowest.name}` }]),
    ],
  };
}
