/** Reports of runs and studies as HTML pages that open from disk. */

export type {
  BaselineRun,
  ReportedRun,
  ReportedStudy,
  ReportOptions,
  SampledRows,
  StudyReportOptions,
} from "./options.js";
export { assertPlace } from "./place.js";
export { writeFrames, writeReport, writeStudyReport } from "./report.js";
export { ReportResult } from "./result.js";
export { RunIndex, runs } from "./runs/index.js";
