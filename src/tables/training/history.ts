/** The course of a training: losses and speed by logged step, and each task's AUC by evaluation. */
import type { EvaluationPoint, History, HistoryPoint } from "../../train/index.js";
import type { Column } from "../column.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** The record of a step: logged, evaluated, or both. */
interface Row {
  readonly step: number;
  readonly epoch: number;
  readonly point: HistoryPoint | undefined;
  readonly evaluated: EvaluationPoint | undefined;
}

/** One row per logged or evaluated step. */
export function historySheet(history: History): Sheet {
  const points = new Map(history.points.map((point) => [point.step, point]));
  const evaluations = new Map(history.evaluations.map((point) => [point.step, point]));
  const steps = [...new Set([...points.keys(), ...evaluations.keys()])].sort((a, b) => a - b);
  const rows = steps.map((step): Row => {
    const [point, evaluated] = [points.get(step), evaluations.get(step)];
    return { step, epoch: point?.epoch ?? evaluated?.epoch ?? 0, point, evaluated };
  });
  return makeSheet("Training by step", columns(history), rows);
}

/** One row per logged step. */
export function lossSheet(history: History): Sheet {
  const rows = history.points.map((point): Row => {
    return { step: point.step, epoch: point.epoch, point, evaluated: undefined };
  });
  return makeSheet("Losses by step (means over the steps since the row before)", columns(history), rows);
}

/** Names of task losses in order of appearance (`binary_cross_entropy_ctr`). */
export function taskLossNames(points: readonly HistoryPoint[]): string[] {
  return [...new Set(points.flatMap((point) => Object.keys(point.taskLosses)))];
}

function columns({ points, evaluations }: History): readonly Column<Row>[] {
  const towers = new Set(evaluations.flatMap(({ evaluation }) => evaluation.tasks.map(({ tower }) => tower)));
  const hasNorms = points.some(({ gradientNorm }) => gradientNorm !== undefined);
  return [
    { key: "step", heading: "step", kind: "count", value: ({ step }) => step },
    { key: "epoch", heading: "epoch", kind: "number", digits: 3, value: ({ epoch }) => epoch },
    { key: "rows", kind: "count", value: ({ point }) => point?.rows },
    { key: "seconds", kind: "number", value: ({ point }) => point?.seconds },
    {
      key: "rows_per_second",
      heading: "rows/s",
      kind: "number",
      digits: 0,
      value: ({ point }) => point?.rowsPerSecond,
    },
    { key: "loss", heading: "loss", kind: "number", digits: 5, value: ({ point }) => point?.loss },
    ...(hasNorms ? [gradientNormColumn] : []),
    ...taskLossNames(points).map(
      (name): Column<Row> => ({
        key: name,
        heading: name,
        kind: "number",
        digits: 5,
        value: ({ point }) => point?.taskLosses[name],
      }),
    ),
    ...[...towers].map((tower): Column<Row> => ({ key: `auc_${tower}`, kind: "number", value: taskAuc(tower) })),
  ];
}

const gradientNormColumn: Column<Row> = {
  key: "gradient_norm",
  kind: "number",
  value: ({ point }) => point?.gradientNorm,
};

function taskAuc(tower: string): (row: Row) => number | null | undefined {
  return ({ evaluated }) => evaluated?.evaluation.tasks.find((task) => task.tower === tower)?.overall.auc;
}
