export type {
  BaselineRun,
  ReportedRun,
  ReportedStudy,
  ReportOptions,
  SampledRows,
  StudyReportOptions,
} from "./options.js";
export { assertPlace, ReportResult, writeFrames, writeReport, writeStudyReport } from "./report.js";
export { RunIndex, runs } from "./runs.js";
