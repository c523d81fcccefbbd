/** What a page shows of a study of variants: sentences that its numbers support, then the numbers. */
import type { StudyReport } from "../ablation/report.js";
import {
  studyConclusions,
  studyCurvesChart,
  studyDomainsChart,
  studyForestChart,
  studyGatesChart,
  studyTable,
} from "../charts/index.js";
import type { Block } from "./block.js";

/** The blocks of a study, for a section of a run's report or a page of its own. */
export function studyBlocks(study: StudyReport): Block[] {
  const text = (line: string): Block => ({ kind: "text", text: line });
  const gated = study.variants.some(({ runs }) => runs.some(({ gates }) => gates !== null));
  const charts = [
    studyForestChart(study),
    ...(study.domainNames.length === 0 ? [] : [studyDomainsChart(study)]),
    studyCurvesChart(study),
    ...(gated ? [studyGatesChart(study)] : []),
  ];
  return [
    ...studyConclusions(study).map(text),
    ...study.notes.map((note) => text(`Note: ${note}`)),
    { kind: "table", table: studyTable(study) },
    ...charts.map((chart): Block => ({ kind: "chart", chart })),
  ];
}
