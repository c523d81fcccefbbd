/** The lists of columns of results: what readers see and what records hold come from one list. */
import { describe, expect, test } from "vitest";
import {
  calibrationSheet,
  comparisonSheet,
  counterfactualsSheet,
  drillDownSheet,
  evaluationSheet,
  fieldGatesSheet,
  gateHistorySheet,
  gateStatisticsSheet,
  historySheet,
  importanceSheet,
  labelRatesSheet,
  recalibrationSheet,
  type Sheet,
  sheetRecords,
  sheetTable,
  studyCurvesSheet,
  studyDomainsSheet,
  studyRunsSheet,
  studySheet,
  summarySheet,
} from "../../../src/lab/views/index.js";
import {
  ageDomains,
  calibration,
  comparison,
  counterfactuals,
  evaluation,
  gatesHistory,
  gatesReport,
  history,
  importance,
  labelRates,
  recalibration,
  references,
  summary,
  withIntervals,
} from "../charts/results.js";
import { study } from "../charts/study-results.js";

const names = ageDomains;
const gates = gatesReport(names);
const sheets: Readonly<Record<string, Sheet>> = {
  evaluation: evaluationSheet(withIntervals(evaluation(names)), references(names)),
  comparison: comparisonSheet(comparison(names)),
  calibration: calibrationSheet(calibration(names)),
  recalibration: recalibrationSheet(recalibration(names)),
  "drill-down": drillDownSheet({ ...evaluation(names), by: "city_level" }),
  "gate statistics": gateStatisticsSheet(gates),
  "field gates": fieldGatesSheet(gates),
  "gate history": gateHistorySheet(gatesHistory(names)),
  counterfactuals: counterfactualsSheet(counterfactuals(names)),
  importance: importanceSheet(importance(names)),
  "label rates": labelRatesSheet(labelRates(names), names),
  columns: summarySheet(summary()),
  history: historySheet(history(names)),
  losses: historySheet(history(names), false),
  study: studySheet(study(names)),
  "study domains": studyDomainsSheet(study(names)),
  "study runs": studyRunsSheet(study(names)),
  "study curves": studyCurvesSheet(study(names)),
};

describe.each(Object.entries(sheets))("%s", (_, sheet) => {
  test("has a table and records with as many rows", () => {
    expect(sheet.rows.length).toBeGreaterThan(0);
    expect(sheetTable(sheet).rows).toHaveLength(sheet.rows.length);
    expect(sheetRecords(sheet)).toHaveLength(sheet.rows.length);
  });

  test("keeps to the kinds of its columns", () => {
    const types = { text: "string", count: "number", number: "number", share: "number", flag: "boolean", any: null };
    for (const [c, { kind }] of sheet.columns.entries()) {
      const found = new Set(sheet.rows.map((row) => row[c]).filter((cell) => cell !== null));
      if (types[kind] !== null) for (const cell of found) expect(typeof cell).toBe(types[kind]);
    }
  });

  test("has a key for each number that readers see", () => {
    const shown = sheet.columns.filter(({ heading, kind }) => heading !== null && kind !== "text");
    // The share of positives follows from two columns.
    expect(shown.filter(({ key, heading }) => key === null && heading !== "positive")).toEqual([]);
  });
});

test("records name a task by its tower and all rows by −1, and readers by what they call them", () => {
  const sheet = evaluationSheet(evaluation(names));
  const within = sheetRecords(sheet).filter(({ task }) => task === "cvr");
  expect(within.map(({ domain, domain_name }) => [domain, domain_name])).toEqual([
    [-1, "all"],
    ...names.map((name, domain) => [domain, name]),
  ]);
  expect(
    sheetTable(sheet)
      .rows.at(-names.length - 1)
      ?.slice(0, 2),
  ).toEqual(["cvr (within clk)", "all rows"]);
});

test("an evaluation's records hold every metric in full precision, and only those that it has", () => {
  const { tasks } = evaluation(names);
  const [record] = sheetRecords(evaluationSheet(evaluation(names)));
  expect(record).toMatchObject({ auc: tasks[0]?.overall.auc, log_loss: tasks[0]?.overall.logLoss });
  expect(Object.keys(record!)).not.toContain("auc_low");
  expect(Object.keys(record!)).not.toContain("best_auc");
  const [measured] = sheetRecords(sheets["evaluation"]!);
  expect(Object.keys(measured!)).toEqual(expect.arrayContaining(["auc_low", "auc_high", "best_auc", "left_to_best"]));
});
