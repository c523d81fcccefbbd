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

/** Rows whose logit changes most when gates are scaled. */
export interface MovedRows {
  readonly tower: string;
  /** The domain to which they are limited; `null`: none. */
  readonly domain: string | null;
  readonly rows: readonly MovedRow[];
}

/** One of them. */
export interface MovedRow {
  /** Its number in the data. */
  readonly row: number;
  /** `null`: the model has no domains. */
  readonly domain: string | null;
  /** Its probabilities. */
  readonly trained: number;
  readonly scaled: number;
  /** Of the logit. */
  readonly change: number;
}

/** One row per row of the data. */
export function movedRowsSheet({ tower, domain, rows }: MovedRows): Sheet {
  const hasDomains = rows.some((row) => row.domain !== null);
  const name = { key: "domain", heading: "domain", kind: "text", value: (row: MovedRow) => row.domain } as const;
  return makeSheet<MovedRow>(
    `Rows whose ${tower} moves most${domain === null ? "" : ` in ${domain}`}`,
    [
      { key: "row", heading: "row", kind: "count", value: ({ row }) => row },
      ...(hasDomains ? [name] : []),
      { key: "trained", heading: "as trained", kind: "number", digits: 4, value: ({ trained }) => trained },
      { key: "scaled", heading: "scaled", kind: "number", digits: 4, value: ({ scaled }) => scaled },
      { key: "logit_change", heading: "logit change", kind: "number", digits: 4, value: ({ change }) => change },
    ],
    rows,
  );
}
