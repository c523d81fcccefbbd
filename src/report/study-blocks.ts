/** The blocks of a study on a page: conclusions, then the numbers. */
import type { StudyReport } from "../ablation/index.js";
import {
  sheetTable,
  studyConclusions,
  studyCurvesChart,
  studyDomainsChart,
  studyForestChart,
  studyGatesChart,
  studyResponsesChart,
  studySheet,
  studySurfacesChart,
  variantsWithGates,
} from "../views/index.js";
import type { Block } from "./block.js";

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
