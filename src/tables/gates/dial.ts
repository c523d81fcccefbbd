/** A dial's numbers: AUC by task and domain, as trained and with the gates scaled. */
import type { Evaluation, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import { byTaskAndDomain, domainColumns, taskColumns } from "../evaluation/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row {
  readonly task: TaskEvaluation;
  readonly domain: number;
  readonly trained: number | null;
  readonly scaled: number | null;
}

/** One row per task and domain. */
export function dialSheet(caption: string, trained: Evaluation, scaled: Evaluation): Sheet {
  const before = byTaskAndDomain<TaskEvaluation, TaskMetrics>(trained.tasks);
  const rows = byTaskAndDomain<TaskEvaluation, TaskMetrics>(scaled.tasks).map(({ task, domain, value }, at): Row => {
    return { task, domain, trained: before[at]!.value.auc, scaled: value.auc };
  });
  return makeSheet<Row>(
    caption,
    [
      ...taskColumns<Row>(),
      ...domainColumns<Row>(scaled.domainNames),
      { key: "auc_trained", heading: "AUC as trained", kind: "number", digits: 4, value: (row) => row.trained },
      { key: "auc_scaled", heading: "AUC scaled", kind: "number", digits: 4, value: (row) => row.scaled },
      {
        key: "difference",
        heading: "difference",
        kind: "number",
        digits: 4,
        value: ({ trained: before, scaled: after }) => (before === null || after === null ? null : after - before),
      },
    ],
    rows,
  );
}
