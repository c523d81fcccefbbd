/** The views of each result by name: its tables and charts. */

import type { TableSummary } from "../../core/data/summary/describe.js";
import { DataError } from "../../core/errors/index.js";
import type { Evaluation } from "../../core/metrics/types.js";
import { unknownName } from "../../core/spec/validate/checks.js";
import type { History } from "../../core/train/loop/recorder.js";
import type { StudyReport } from "../ablation/study.js";
import type { DayReport } from "../days/facts.js";
import type { Audit } from "../gates/audit-checks.js";
import type { GatesPoint, GatesReport } from "../gates/types.js";
import type { LaunchReport } from "../launch/facts.js";
import { columnCardsChart, summarySheet } from "./data/columns.js";
import { driftChart, driftSheet } from "./data/drift.js";
import { type LabelRate, labelRatesChart } from "./data/label-rates.js";
import { findingsSheet, hashedFeaturesSheet, positiveRatesSheet } from "./data/summary.js";
import { precisionChart, rocChart } from "./evaluation/curves.js";
import { aucByDomainChart, evaluationSheet } from "./evaluation/evaluation.js";
import { drillDownChart, groupsChart } from "./evaluation/groups.js";
import { scoresChart } from "./evaluation/scores.js";
import { auditChart, auditChecksSheet, auditTitle } from "./gates/audit.js";
import { conflictsHistoryChart } from "./gates/conflicts.js";
import { gateWorthChart, gateWorthSheet } from "./gates/counterfactuals.js";
import { fieldGatesChart, fieldGatesSheet, gateHistoryChart } from "./gates/fields.js";
import { gapsSheet, gatesChart } from "./gates/gates.js";
import { gateQuantilesChart, gateStatisticsSheet } from "./gates/statistics.js";
import { historySheet, runChart } from "./history.js";
import { studyDomainsChart, studyGridChart } from "./studies/conclusions.js";
import {
  ageingChart,
  ageingSheet,
  daysChart,
  daysSheet,
  dayTrainingsSheet,
  dayVariantsSheet,
  logDaysSheet,
} from "./studies/days.js";
import {
  launchChart,
  launchPaysChart,
  launchPaysSheet,
  launchSheet,
  launchStartsSheet,
  launchTrainingsSheet,
} from "./studies/launch.js";
import { studyCurvesChart, studyResponsesChart, studyResponsesSheet } from "./studies/responses.js";
import { studyDomainsSheet, studyForestChart, studyRunsSheet, studySheet } from "./studies/study.js";
import type { AucReference, Chart, Sheet } from "./view.js";

/**
 * Names of views. In an interface, because compiler errors would show the name of a type alias instead of the views.
 */
export interface ViewNames {
  readonly dataTable: "columns" | "rates" | "hashed" | "drift";
  readonly dataChart: "columns" | "labels" | "drift";
  readonly runChart: "curves" | "gates" | "conflicts";
  readonly evaluationChart: "auc" | "roc" | "precision" | "scores";
  readonly gateTable: "statistics" | "worth" | "fields" | "gaps";
  readonly gateChart: "all" | "worth" | "fields" | "quantiles";
  readonly auditTable: "findings" | "checks" | "gaps";
  readonly studyTable: "variants" | "runs" | "domains" | "responses";
  readonly studyChart: "forest" | "curves" | "domains" | "responses" | "grid";
  readonly daysTable: "days" | "variants" | "ageing" | "log" | "trainings";
  readonly daysChart: "days" | "ageing";
  readonly launchTable: "curve" | "starts" | "pays" | "trainings";
  readonly launchChart: "curve" | "pays";
}

interface View<Facts extends readonly unknown[]> {
  readonly sheet?: (...facts: Facts) => Sheet;
  readonly chart?: (...facts: Facts) => Chart;
}

/** The views of a result: those in `TableName` have columns, those in `ChartName` a figure. */
type Views<Facts extends readonly unknown[], TableName extends string, ChartName extends string> = {
  readonly [Name in TableName]: Required<Pick<View<Facts>, "sheet">>;
} & { readonly [Name in ChartName]: Required<Pick<View<Facts>, "chart">> };

/** The columns or figure of a view. Throws a DataError for an unknown one. @param result such as `gates`, for it */
export function namedView<Facts extends readonly unknown[], Part extends keyof View<Facts>>(
  views: Readonly<Record<string, View<Facts>>>,
  part: Part,
  name: string,
  result: string,
): NonNullable<View<Facts>[Part]> {
  const names = Object.keys(views).filter((each) => views[each]![part] !== undefined);
  const make = names.includes(name) ? views[name]![part] : undefined;
  if (make !== undefined) return make;
  const what = part === "chart" ? "chart" : "table";
  throw new DataError(unknownName(`${result}.${what}`, what, name, names));
}

/** A table of a data set by name. */
export type DataTableName = ViewNames["dataTable"];
/** A chart of a data set by name. */
export type DataChartName = ViewNames["dataChart"];

type DataFacts = readonly [summary: TableSummary, domainNames: readonly string[], rates: readonly LabelRate[]];

export const dataViews: Views<DataFacts, DataTableName, DataChartName> = {
  columns: {
    sheet: (summary) => summarySheet(summary),
    chart: (summary) => columnCardsChart(summary),
  },
  rates: { sheet: positiveRatesSheet },
  labels: { chart: (_, domainNames, rates) => labelRatesChart(rates, domainNames) },
  hashed: { sheet: ({ hashed }) => hashedFeaturesSheet(hashed) },
  drift: {
    sheet: ({ drift }, domainNames) => driftSheet(drift, domainNames),
    chart: ({ drift }, domainNames) => driftChart(drift, domainNames),
  },
};

/** A chart of a run by name. */
export type RunChartName = ViewNames["runChart"];

type RunFacts = readonly [history: History, gates: readonly GatesPoint[], references?: readonly AucReference[]];

export const runViews: Views<RunFacts, "curves", RunChartName> = {
  curves: {
    sheet: (history) => historySheet(history),
    chart: (history, _, references) => runChart(history, references),
  },
  gates: { chart: (_, gates) => gateHistoryChart(gates) },
  conflicts: { chart: (_, gates) => conflictsHistoryChart(gates) },
};

/** A chart of an evaluation by name. */
export type EvaluationChartName = ViewNames["evaluationChart"];

type EvaluationFacts = readonly [evaluation: Evaluation, references?: readonly AucReference[]];

export const evaluationViews: Views<EvaluationFacts, "auc", EvaluationChartName> = {
  auc: { sheet: evaluationSheet, chart: aucChart },
  roc: { chart: rocChart },
  precision: { chart: precisionChart },
  scores: { chart: scoresChart },
};

/** By domain, or by the groups of `run.evaluate(data, { by })`. */
function aucChart(evaluation: Evaluation, references?: readonly AucReference[]): Chart {
  if (evaluation.by == null) return aucByDomainChart(evaluation, references);
  const kind = evaluation.groups?.kind;
  return kind === "times" || kind === "trainingRows" ? groupsChart(evaluation) : drillDownChart(evaluation);
}

/** A table of gates by name. */
export type GateTableName = ViewNames["gateTable"];
/** A chart of gates by name. */
export type GateChartName = ViewNames["gateChart"];

export const gateViews: Views<readonly [GatesReport], GateTableName, GateChartName> = {
  all: { chart: gatesChart },
  worth: { sheet: gateWorthSheet, chart: gateWorthChart },
  statistics: { sheet: gateStatisticsSheet },
  fields: { sheet: fieldGatesSheet, chart: fieldGatesChart },
  quantiles: { chart: gateQuantilesChart },
  gaps: { sheet: gapsSheet },
};

/** A table of an audit by name. */
export type AuditTableName = ViewNames["auditTable"];

export const auditViews: Views<readonly [Audit], AuditTableName, "checks"> = {
  findings: { sheet: (audit) => findingsSheet(auditTitle(audit), audit.findings) },
  checks: { sheet: auditChecksSheet, chart: auditChart },
  gaps: { sheet: gapsSheet },
};

/** A table of a study by name. */
export type StudyTableName = ViewNames["studyTable"];
/** A chart of a study by name. */
export type StudyChartName = ViewNames["studyChart"];

export const studyViews: Views<readonly [StudyReport], StudyTableName, StudyChartName> = {
  variants: { sheet: studySheet },
  forest: { chart: studyForestChart },
  runs: { sheet: studyRunsSheet },
  curves: { chart: studyCurvesChart },
  domains: { sheet: studyDomainsSheet, chart: studyDomainsChart },
  responses: { sheet: studyResponsesSheet, chart: studyResponsesChart },
  grid: { chart: studyGridChart },
};

/** A table of a day-by-day training by name. */
export type DaysTableName = ViewNames["daysTable"];
/** A chart of a day-by-day training by name. */
export type DaysChartName = ViewNames["daysChart"];

export const daysViews: Views<readonly [DayReport], DaysTableName, DaysChartName> = {
  days: { sheet: daysSheet, chart: daysChart },
  variants: { sheet: dayVariantsSheet },
  ageing: { sheet: ageingSheet, chart: ageingChart },
  log: { sheet: logDaysSheet },
  trainings: { sheet: dayTrainingsSheet },
};

/** A table of a launch by name. */
export type LaunchTableName = ViewNames["launchTable"];
/** A chart of a launch by name. */
export type LaunchChartName = ViewNames["launchChart"];

export const launchViews: Views<readonly [LaunchReport], LaunchTableName, LaunchChartName> = {
  curve: { sheet: launchSheet, chart: launchChart },
  starts: { sheet: launchStartsSheet },
  pays: { sheet: launchPaysSheet, chart: launchPaysChart },
  trainings: { sheet: launchTrainingsSheet },
};
