/** The sections of a report: a pure function of its facts. An empty section is left out. */
import {
  aucBarsChart,
  aucCurvesChart,
  type Chart,
  counterfactualsChart,
  domainDistancesChart,
  embeddingMapChart,
  explainedVarianceChart,
  fieldGatesChart,
  gateHistogramsChart,
  gateHistoryChart,
  gateQuantilesChart,
  gateSaturationChart,
  lossChart,
  reliabilityChart,
} from "../charts/index.js";
import { count } from "../util/text/format.js";
import type { Block } from "./block.js";
import type { ReportFacts } from "./facts.js";
import type { Suggestion } from "./rules/index.js";
import { studyBlocks } from "./study-blocks.js";
import { originRows, summaryTiles } from "./summary.js";

/** The sections, in order. */
export const sectionNames = [
  "summary",
  "model",
  "data",
  "training",
  "evaluation",
  "gates",
  "counterfactuals",
  "ablation",
  "next",
  "origin",
] as const;

/** The name of a section. */
export type SectionName = (typeof sectionNames)[number];

/** A section; its name is the anchor in the page's address. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The sections of a report. */
export function reportSections(facts: ReportFacts, suggestions: readonly Suggestion[]): Section[] {
  const { study } = facts;
  const titles: Readonly<Record<SectionName, readonly [string, readonly Block[]]>> = {
    summary: ["Summary", [{ kind: "tiles", tiles: summaryTiles(facts) }, ...facts.notes.map(note)]],
    model: ["Model", modelBlocks(facts)],
    data: ["Data", dataBlocks(facts)],
    training: ["Training", trainingBlocks(facts)],
    evaluation: ["Evaluation", evaluationBlocks(facts)],
    gates: ["Gates", gateBlocks(facts)],
    counterfactuals: ["Counterfactuals", counterfactualBlocks(facts)],
    ablation: ["Variants compared with the model", study === null ? [] : studyBlocks(study)],
    next: ["Suggestions", [{ kind: "suggestions", suggestions: suggestions }]],
    origin: ["Provenance", [{ kind: "pairs", pairs: originRows(facts) }]],
  };
  return sectionNames
    .map((name): Section => ({ name, title: titles[name][0], blocks: titles[name][1] }))
    .filter(({ blocks }) => blocks.length > 0);
}

function modelBlocks({ model, config }: ReportFacts): Block[] {
  return [
    { kind: "table", table: model.table },
    ...model.notes.map((text): Block => ({ kind: "text", text })),
    ...(config === null
      ? []
      : "text" in config
        ? [{ kind: "code", summary: "TorchEasyRec config", code: config.text } as const]
        : [{ kind: "text", text: `No TorchEasyRec config: ${config.refused}` } as const]),
  ];
}

function dataBlocks({ data }: ReportFacts): Block[] {
  return data.flatMap(({ use, source, rows, notes, tables, charts }): Block[] => [
    { kind: "heading", text: `${use}: ${count(rows, "row")}, ${source}` },
    ...notes.map(note),
    ...charts.map(chartBlock),
    ...tables.map((table): Block => ({ kind: "table", table, folded: "Columns" })),
  ]);
}

function trainingBlocks({ history, gatesHistory, references }: ReportFacts): Block[] {
  return [
    ...(history.points.length === 0 ? [] : [lossChart(history)]),
    ...(history.evaluations.length < 2 ? [] : [aucCurvesChart(history, references)]),
    ...(gatesHistory.length < 2 ? [] : [gateHistoryChart(gatesHistory)]),
  ].map(chartBlock);
}

function evaluationBlocks({ evaluation, references, calibration }: ReportFacts): Block[] {
  if (evaluation === null) return [];
  return [
    chartBlock(aucBarsChart(evaluation, references)),
    ...(evaluation.notes ?? []).map(note),
    ...(calibration === null || calibration.tasks.length === 0 ? [] : [chartBlock(reliabilityChart(calibration))]),
  ];
}

function gateBlocks({ gates }: ReportFacts): Block[] {
  if (gates === null) return [];
  if (gates.gates.length === 0) return [{ kind: "text", text: "This model has no gates." }];
  const charts = [
    ...(gates.fields.length === 0 ? [] : [fieldGatesChart(gates)]),
    gateQuantilesChart(gates),
    gateHistogramsChart(gates),
    gateSaturationChart(gates),
    ...(gates.gates.some(({ explained }) => explained.length > 0) ? [explainedVarianceChart(gates)] : []),
    ...(gates.domainNames.length < 2 ? [] : [domainDistancesChart(gates)]),
    ...(gates.embeddings === null ? [] : [embeddingMapChart(gates)]),
  ];
  const caution =
    "Gates that differ between domains describe the model. Only a counterfactual shows whether the difference matters.";
  const missing = gates.gaps.map(({ what, reason }) => note(`${what}: ${reason}`));
  return [{ kind: "text", text: caution }, ...missing, ...charts.map(chartBlock)];
}

function counterfactualBlocks({ counterfactuals }: ReportFacts): Block[] {
  if (counterfactuals === null || counterfactuals.effects.length === 0) return [];
  return [chartBlock(counterfactualsChart(counterfactuals))];
}

function chartBlock(chart: Chart): Block {
  return { kind: "chart", chart };
}

function note(text: string): Block {
  return { kind: "text", text: `Note: ${text}` };
}
