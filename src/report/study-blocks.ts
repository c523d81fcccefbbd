/** The blocks of a study on a page: conclusions, then the numbers. */
import type { StudyReport } from "../ablation/study.js";
import type { Table } from "../views/format.js";
import { studyConclusions, studyDomainsChart } from "../views/studies/conclusions.js";
import { studyGatesChart, variantsWithGates } from "../views/studies/gates.js";
import { studyCurvesChart, studyResponsesChart } from "../views/studies/responses.js";
import { studyForestChart, studySheet } from "../views/studies/study.js";
import { studySurfacesChart } from "../views/studies/surfaces.js";
import { type Chart, sheetTable } from "../views/view.js";
import type { Suggestion } from "./evaluation-rules.js";
import type { Tile } from "./summary.js";

/** The blocks of a study, for a section of a run's report or a separate page. */
export function studyBlocks(study: StudyReport): Block[] {
  const text = (line: string): Block => ({ kind: "text", text: line });
  const charts = [
    studyForestChart(study),
    ...(study.domainNames.length === 0 ? [] : [studyDomainsChart(study)]),
    ...(study.responses.length === 0 ? [] : [studyResponsesChart(study)]),
    ...(study.surfaces.length === 0 ? [] : [studySurfacesChart(study)]),
    studyCurvesChart(study),
    ...(variantsWithGates(study).length === 0 ? [] : [studyGatesChart(study)]),
  ];
  return [
    ...studyConclusions(study).map(text),
    ...study.notes.map((note) => text(`Note: ${note}`)),
    { kind: "table", table: sheetTable(studySheet(study)) },
    ...charts.map((chart): Block => ({ kind: "chart", chart })),
  ];
}

/** One block of the page. */
export type Block =
  | { readonly kind: "chart"; readonly chart: Chart }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "table"; readonly table: Table; readonly sortable?: boolean }
  | { readonly kind: "text"; readonly text: string }
  /** The main sentence of the page. */
  | { readonly kind: "verdict"; readonly text: string }
  /** Collapsed under a summary until it is opened; on paper it is open. */
  | { readonly kind: "fold"; readonly summary: string; readonly blocks: readonly Block[] }
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "tiles"; readonly tiles: readonly Tile[] }
  | { readonly kind: "suggestions"; readonly suggestions: readonly Suggestion[] }
  | { readonly kind: "pairs"; readonly pairs: readonly (readonly [string, string])[] };
