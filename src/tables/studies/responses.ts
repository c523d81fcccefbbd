/** The response curves of a study: how a metric changes over a numeric setting, by task and domain. */
import type { StudyReport, StudyResponse } from "../../ablation/index.js";
import { domainColumns } from "../evaluation/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One row per setting, task and part of the rows: the best value, and how far the curve strays from the model. */
export function studyResponsesSheet(report: StudyReport): Sheet {
  type Row = Omit<StudyResponse, "domain"> & { readonly domain: number };
  return makeSheet<Row>(
    "Response to numeric settings: the best value within the trained range, with the values that may be the best",
    [
      { key: "setting", heading: "setting", kind: "text", value: ({ path }) => path },
      { key: "task", heading: "task", kind: "text", value: ({ tower }) => tower },
      ...domainColumns<Row>(report.domainNames),
      { key: "seeds", heading: "seeds", kind: "count", value: ({ seeds }) => seeds },
      { key: "model_value", heading: "model", kind: "number", value: ({ modelValue }) => modelValue },
      { key: "best", heading: "best", kind: "number", digits: 2, value: ({ best }) => best.value },
      { key: "best_low", heading: "best from", kind: "number", digits: 2, value: ({ best }) => best.low },
      { key: "best_high", heading: "best to", kind: "number", digits: 2, value: ({ best }) => best.high },
      { key: "flat", heading: "flat", kind: "flag", value: ({ flat }) => flat },
      { key: "bound", heading: "within ±", kind: "number", digits: 4, value: ({ bound }) => bound },
    ],
    report.responses.map((response) => ({ ...response, domain: response.domain ?? -1 })),
  );
}
