/** The sections of a report, as a pure function of its facts. Empty sections are left out. */

import type { Finding } from "../../core/errors/finding.js";
import { comparisonVerdict } from "../../core/metrics/comparison-verdict.js";
import type { Evaluation, TaskEvaluation } from "../../core/metrics/types.js";
import { count, ends, fixed, grouped } from "../../core/util/text.js";
import type { StudyReport } from "../ablation/study.js";
import type { WorthFacts } from "../ablation/worth.js";
import { reliabilityChart } from "../views/evaluation/calibration.js";
import { comparisonSheet, differencesChart } from "../views/evaluation/comparison.js";
import { groupsChart } from "../views/evaluation/groups.js";
import type { Table } from "../views/format.js";
import { counterfactualsChart } from "../views/gates/counterfactuals.js";
import { gateHistoryChart } from "../views/gates/fields.js";
import { aucCurvesChart, lossChart } from "../views/history.js";
import { evaluationViews, type GateChartName, gateViews, studyViews } from "../views/results.js";
import { planesOf, studyConclusions } from "../views/studies/conclusions.js";
import { worthChart, worthConclusions, worthSheet } from "../views/studies/worth.js";
import { type Chart, sheetTable, taskName } from "../views/view.js";
import { originRows, type ReportFacts, summaryTiles, type Tile } from "./summary.js";

export type Block =
  | { readonly kind: "chart"; readonly chart: Chart }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "table"; readonly table: Table; readonly sortable?: boolean }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "verdict"; readonly text: string }
  /** Collapsed under a summary until it is opened; on paper it is open. */
  | { readonly kind: "fold"; readonly summary: string; readonly blocks: readonly Block[] }
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "tiles"; readonly tiles: readonly Tile[] }
  | { readonly kind: "findings"; readonly findings: readonly Finding[] }
  | { readonly kind: "pairs"; readonly pairs: readonly (readonly [string, string])[] };

export const sectionNames = [
  "summary",
  "baseline",
  "evaluation",
  "next",
  "training",
  "gates",
  "counterfactuals",
  "ablation",
  "data",
  "model",
  "origin",
] as const;

/** The name of a section. */
export type SectionName = (typeof sectionNames)[number];

/** A section; its name is the anchor in the page's address. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly isFolded?: boolean;
}

const WORST = 3;
/** Numbers of the first screen; the others are with the model. */
const FIRST_TILES = 3;
const FOLDED: ReadonlySet<SectionName> = new Set<SectionName>(["data", "model", "origin"]);

/** The sections of a report. @param names the names of the sections to show */
export function reportSections(
  facts: ReportFacts,
  findings: readonly Finding[],
  names: ReadonlySet<string> = new Set(sectionNames),
): Section[] {
  const { study } = facts;
  const tiles = summaryTiles(facts);
  const worst = names.has("summary") ? worstFindings(findings) : [];
  const others = findings.filter((each) => !worst.includes(each));
  const titles: Readonly<Record<SectionName, readonly [string, readonly Block[]]>> = {
    summary: [
      "Summary",
      [
        { kind: "verdict", text: verdict(facts, findings) },
        ...worthBlocks(facts.worth),
        { kind: "tiles", tiles: tiles.slice(0, FIRST_TILES) },
        ...(worst.length === 0 ? [] : [{ kind: "findings", findings: worst } as const]),
        ...facts.notes.map(note),
      ],
    ],
    baseline: [`Compared with ${facts.comparison?.names[1] ?? "a baseline"}`, baselineBlocks(facts)],
    model: ["Model", [{ kind: "tiles", tiles: tiles.slice(FIRST_TILES) }, ...modelBlocks(facts)]],
    data: ["Data", dataBlocks(facts)],
    training: ["Training", trainingBlocks(facts)],
    evaluation: ["Evaluation", evaluationBlocks(facts)],
    gates: ["Gates", gateBlocks(facts)],
    counterfactuals: ["Counterfactuals", counterfactualBlocks(facts)],
    ablation: ["Variants compared with the model", study === null ? [] : studyBlocks(study)],
    next: [
      worst.length === 0 ? "Suggestions" : "More suggestions",
      others.length === 0 && names.has("summary") ? [] : [{ kind: "findings", findings: others }],
    ],
    origin: ["Provenance", [{ kind: "pairs", pairs: originRows(facts) }]],
  };
  return sectionNames
    .map((name): Section => ({ name, title: titles[name][0], blocks: titles[name][1], isFolded: FOLDED.has(name) }))
    .filter(({ name, blocks }) => blocks.length > 0 && names.has(name));
}

/** The picture of what the model is worth, and all its verdicts. */
function worthBlocks(worth: WorthFacts | null): Block[] {
  if (worth === null) return [];
  const sentences = worthConclusions(worth).map((text): Block => ({ kind: "text", text }));
  const table: Block = { kind: "table", table: sheetTable(worthSheet(worth)) };
  const notes = worth.report.notes.map(note);
  return [chartBlock(worthChart(worth)), fold("Every task and domain", ...sentences, table, ...notes)];
}

/** The first finding of each judge, then further ones, so that one judge does not hide the others. */
function worstFindings(findings: readonly Finding[]): readonly Finding[] {
  const isFirst = (each: Finding): boolean => findings.find(({ judge }) => judge === each.judge) === each;
  return [...findings.filter(isFirst), ...findings.filter((each) => !isFirst(each))].slice(0, WORST);
}

function baselineBlocks({ comparison }: ReportFacts): Block[] {
  if (comparison === null) return [];
  return [
    { kind: "text", text: comparisonVerdict(comparison) },
    chartBlock(differencesChart(comparison, comparison.metrics[0])),
    ...comparison.notes.map(note),
    fold("All metrics", { kind: "table", table: sheetTable(comparisonSheet(comparison)) }),
  ];
}

function modelBlocks({ model, config }: ReportFacts): Block[] {
  return [
    { kind: "table", table: model.table },
    ...model.notes.map((text): Block => ({ kind: "text", text })),
    ...(config === null
      ? []
      : "text" in config
        ? [fold("TorchEasyRec config", { kind: "code", code: config.text })]
        : [{ kind: "text", text: `No TorchEasyRec config: ${config.refused}` } as const]),
  ];
}

function dataBlocks({ data }: ReportFacts): Block[] {
  return data.flatMap(({ use, source, rows, notes, tables, charts }): Block[] => [
    { kind: "heading", text: `${use}: ${count(rows, "row")}, ${source}` },
    ...notes.map(note),
    ...charts.map(chartBlock),
    ...tables.map((table) => fold(table.caption ?? "Columns", { kind: "table", table })),
  ]);
}

function trainingBlocks({ history, gatesHistory, references }: ReportFacts): Block[] {
  return [
    ...(history.points.length === 0 ? [] : [lossChart(history)]),
    ...(history.evaluations.length < 2 ? [] : [aucCurvesChart(history, references)]),
    ...(gatesHistory.length < 2 ? [] : [gateHistoryChart(gatesHistory)]),
  ].map(chartBlock);
}

function evaluationBlocks({ evaluation, references, calibration, coldUsers }: ReportFacts): Block[] {
  if (evaluation === null) return [];
  return [
    chartBlock(evaluationViews.auc.chart(evaluation, references)),
    ...(evaluation.notes ?? []).map(note),
    { kind: "table", table: sheetTable(evaluationViews.auc.sheet(evaluation, references)) },
    ...(calibration === null || calibration.tasks.length === 0 ? [] : [chartBlock(reliabilityChart(calibration))]),
    ...scoreBlocks(evaluation),
    ...(coldUsers === null ? [] : [fold("New and known users", chartBlock(groupsChart(coldUsers)))]),
  ];
}

function scoreBlocks(evaluation: Evaluation): Block[] {
  if (evaluation.curves === undefined || evaluation.curves.length === 0) return [];
  const names = ["roc", "precision", "scores"] as const;
  return [
    fold("ROC, precision and scores", ...names.map((name) => chartBlock(evaluationViews[name].chart(evaluation)))),
  ];
}

function gateBlocks({ gates }: ReportFacts): Block[] {
  if (gates === null) return [];
  if (gates.gates.length === 0) return [{ kind: "text", text: "This model has no gates." }];
  const isEmpty: Partial<Record<GateChartName, boolean>> = {
    worth: gates.effects === null,
    fields: gates.fields.length === 0,
    quantiles: false,
  };
  const names = (Object.keys(isEmpty) as GateChartName[]).filter((name) => !isEmpty[name]);
  const caution =
    "Gates that differ between domains only describe the model: they already differ before training. Their worth is the change of AUC without them.";
  const missing = gates.gaps.map(({ what, reason }) => note(`${what}: ${reason}`));
  const [first, ...rest] = names.map((name) => chartBlock(gateViews[name].chart(gates)));
  const more = rest.length === 0 ? [] : [fold(`${count(rest.length, "more chart")} of the gates`, ...rest)];
  return [{ kind: "text", text: caution }, ...missing, first!, ...more];
}

function counterfactualBlocks({ counterfactuals }: ReportFacts): Block[] {
  if (counterfactuals === null || counterfactuals.effects.length === 0) return [];
  return [chartBlock(counterfactualsChart(counterfactuals))];
}

/** The blocks of a study, for a section of a run's report or a separate page: conclusions, then the numbers. */
export function studyBlocks(study: StudyReport): Block[] {
  const names = [
    "forest",
    ...(study.domainNames.length === 0 ? [] : (["domains"] as const)),
    ...(study.responses.length === 0 ? [] : (["responses"] as const)),
    ...(planesOf(study).length === 0 ? [] : (["grid"] as const)),
    "curves",
  ] as const;
  return [
    ...studyConclusions(study).map((text): Block => ({ kind: "text", text })),
    ...study.notes.map(note),
    { kind: "table", table: sheetTable(studyViews.variants.sheet(study)) },
    ...names.map((name) => chartBlock(studyViews[name].chart(study))),
  ];
}

function chartBlock(chart: Chart): Block {
  return { kind: "chart", chart };
}

function fold(summary: string, ...blocks: readonly Block[]): Block {
  return { kind: "fold", summary, blocks };
}

function note(text: string): Block {
  return { kind: "text", text: `Note: ${text}` };
}

export function verdict(facts: ReportFacts, findings: readonly Finding[]): string {
  const { evaluation, comparison, interrupted, history } = facts;
  const serious = findings.filter(({ severity }) => severity === "serious");
  if (interrupted) return `Not ready: training was interrupted at step ${grouped(history.points.at(-1)?.step ?? 0)}.`;
  if (evaluation === null) return "Not evaluated: without evaluation rows, nothing can be said about the model.";
  const tasks = evaluation.tasks.map(taskText).join("; ");
  const compared = comparison === null ? "" : `${withoutGaps(comparisonVerdict(comparison))} (AUC)`;
  if (serious.length > 0) {
    const parts = [count(serious.length, "serious finding"), ...(compared === "" ? [] : [compared]), tasks];
    return `Not ready: ${parts.join("; ")}.`;
  }
  if (comparison !== null) return `${compared}: ${tasks}.`;
  const moderate = findings.filter(({ severity }) => severity === "moderate").length;
  return moderate === 0
    ? `No rule objects to this run: ${tasks}.`
    : `Usable, with ${count(moderate, "finding that costs", "findings that cost")} quality: ${tasks}.`;
}

/** Cells without a verdict are listed in the section of the comparison. */
function withoutGaps(text: string): string {
  return text.replace(/ [\d,]+ cells? cannot be judged .*$/, "").replace(/\.$/, "");
}

/** `ctr AUC 0.712 (0.701 to 0.723), logistic regression 0.690`. */
function taskText(task: TaskEvaluation): string {
  const { auc, intervals } = task.overall;
  if (auc === null) return `${taskName(task)} has no AUC`;
  const floor = task.floor?.overall ?? null;
  return `${taskName(task)} AUC ${fixed(auc)}${ends(intervals?.auc)}${floor === null ? "" : `, logistic regression ${fixed(floor)}`}`;
}
