import type { StudyResponse } from "../../ablation/response.js";
import type { StudyReport } from "../../ablation/study.js";
import type { Interval } from "../../metrics/intervals/bootstrap.js";
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../../metrics/types.js";
import { ends, fixed, signed } from "../../util/text.js";
import { panelRows, xAxis } from "../axes.js";
import { chart } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { dots, rule } from "../lines.js";
import { ALL_ROWS, byTaskAndDomain, metricName, placeColumns, planMark, taskName } from "../names.js";
import { INK, inTitle, markup, PLAIN, rounded, sentence } from "../theme.js";
import { type Chart, col, type PlotlyTrace, type Sheet, sheetFrom } from "../view.js";
import { bestText, differencesRange, responsePanel, studyResponsePointsSheet } from "./responses.js";

type Ends = Pick<Interval, "low" | "high">;

/** @param intervals of differences, by task; over all rows, then by domain */
export function dialSheet(
  caption: string,
  trained: Evaluation,
  scaled: Evaluation,
  intervals: readonly (readonly (Ends | null)[])[],
): Sheet {
  const before = byTaskAndDomain<TaskEvaluation, TaskMetrics>(trained.tasks);
  const rows = byTaskAndDomain<TaskEvaluation, TaskMetrics>(scaled.tasks).map(({ task, domain, value }, at) => {
    const [trainedAuc, auc] = [before[at]!.value.auc, value.auc];
    const difference = trainedAuc === null || auc === null ? null : auc - trainedAuc;
    return { task, domain, trainedAuc, auc, difference, interval: intervals[scaled.tasks.indexOf(task)]?.[domain + 1] };
  });
  return sheetFrom(caption, rows, [
    placeColumns(scaled.domainNames),
    col.number(["auc_trained", "AUC as trained"], ({ trainedAuc }) => trainedAuc, 4),
    col.number(["auc_scaled", "AUC scaled"], ({ auc }) => auc, 4),
    col.number("difference", ({ difference }) => difference, 4),
    col.ends(({ interval }) => interval, 4),
  ]);
}

export interface MovedRows {
  readonly tower: string;
  /** The domain to which they are limited; `null`: none. */
  readonly domain: string | null;
  readonly rows: readonly MovedRow[];
}

export interface MovedRow {
  readonly row: number;
  /** `null`: the model has no domains. */
  readonly domain: string | null;
  readonly trained: number;
  readonly scaled: number;
  readonly change: number;
}

export function movedRowsSheet({ tower, domain, rows }: MovedRows): Sheet {
  return sheetFrom(`Rows whose ${tower} moves most${domain === null ? "" : ` in ${domain}`}`, rows, [
    col.count("row", ({ row }) => row),
    rows.some((row) => row.domain !== null) && col.text("domain", (row) => row.domain),
    col.number(["trained", "as trained"], ({ trained }) => trained, 4),
    col.number("scaled", ({ scaled }) => scaled, 4),
    col.number(["logit_change", "logit change"], ({ change }) => change, 4),
  ]);
}

export interface DialPosition {
  readonly tower: string;
  /** Index of the domain; `null`: all rows. */
  readonly domain: number | null;
  readonly gammas: { readonly epnet: number | null; readonly ppnet: number | null };
  /** The scaled model's metric minus the trained model's; `null`: the dial does not compute the study's metric. */
  readonly difference: number | null;
  /** Of the difference, for all gammas tried at once; `null`: unknown. */
  readonly interval: Ends | null;
}

export function dialResponsesChart(report: StudyReport, position: DialPosition): Chart {
  const { tower, domain, difference } = position;
  const curves = report.responses.filter((each) => {
    return gammaAt(each, position) !== null && each.tower === tower && each.domain === domain;
  });
  const task = report.tasks.find((each) => each.tower === tower)!;
  const [low, high] = differencesRange(curves);
  const range = [Math.min(low, difference ?? low), Math.max(high, difference ?? high)] as const;
  const panels = curves.map((response, at) => {
    const panel = responsePanel(report, response, range, at === 0);
    return { ...panel, marks: [...panel.marks, ...positionMarks(response, position, range, at === 0)] };
  });
  const part = `${taskName(task)}, ${domain === null ? ALL_ROWS : report.domainNames[domain]!}`;
  const change = difference === null ? null : `scaled gates change ${metricName(task)} by ${changeText(position)}`;
  return chart({
    title:
      planMark(report) +
      sentence([
        `${inTitle(part)}: ${change ?? "the dial has no value of the study's metric"}`,
        ...curves.map((response) => `trained over ${response.path}: ${bestText(response)}`),
      ]),
    rows: panelRows(panels, { across: 2, height: 190, empty: `the study has no curve over gamma for ${part}` }),
    sheet: studyResponsePointsSheet({ ...report, responses: curves }),
  });
}

function changeText({ difference, interval }: DialPosition): string {
  const range = interval === null ? ", without an interval" : ends(interval, (end) => signed(end, 4));
  return `${signed(difference, 4)}${range}`;
}

function gammaAt({ path }: StudyResponse, { gammas }: DialPosition): number | null {
  if (path === "epnet.gamma") return gammas.epnet;
  return path === "ppnet.gamma" ? gammas.ppnet : null;
}

function positionMarks(
  response: StudyResponse,
  position: DialPosition,
  range: readonly [number, number],
  inLegend: boolean,
): PlotlyTrace[] {
  const gamma = gammaAt(response, position)!;
  const { difference } = position;
  const legend = { name: "dial: gates scaled", group: "dial", inLegend };
  return [
    rule({ from: [gamma, range[0]], to: [gamma, range[1]] }),
    dots({
      x: [gamma],
      y: [difference === null ? null : rounded(difference)],
      color: INK,
      symbol: "x-thin-open",
      size: 12,
      outline: { color: INK, width: 3 },
      legend,
      hover: markup`the trained model with its gates scaled<br>${response.path} ${String(gamma)}: ${difference === null ? "no value" : changeText(position)}`,
    }),
  ];
}

export function movedRowsChart(moved: MovedRows, call?: (row: number) => string): Chart {
  const { rows, tower } = moved;
  const names = rows.map(({ row, domain }) => (domain === null ? `row ${row}` : `row ${row}, ${domain}`));
  const panel = dotRowsPanel({
    rows: rows.map(({ row, scaled, change }, at) => ({
      name: names[at]!,
      value: scaled,
      color: INK,
      printed: fixed(scaled),
      hover: markup`${names[at]!}<br>gates scaled: ${fixed(scaled, 4)}, logit ${signed(change, 3)}`,
      call: call?.(row) ?? null,
    })),
    levels: [
      {
        legend: { name: "as trained", group: "trained" },
        values: rows.map(({ trained }) => trained),
        symbol: "diamond-open",
        color: PLAIN,
        calls: call && rows.map(({ row }) => call(row)),
        hover: rows.map(({ trained }, at) => markup`${names[at]!}<br>as trained: ${fixed(trained, 4)}`),
      },
    ],
    axis: xAxis("predicted probability", { nticks: 6 }),
    letters: 30,
  });
  return chart({
    title: `Predictions of ${inTitle(tower)} ${finding(moved.rows[0])}`,
    rows: [{ height: dotRowsHeight(rows.length), panels: [panel] }],
    legendBelow: true,
    sheet: movedRowsSheet(moved),
  });
}

function finding(first: MovedRow | undefined): string {
  if (first === undefined) return "with scaled gates: no rows";
  if (first.change === 0) return "with the gates as trained";
  return `with scaled gates: row ${first.row} moves most, ${fixed(first.trained)} to ${fixed(first.scaled)}`;
}
