/** The explanation of one row: the effect of each gate on the logits of its tasks. */
import type { ExplainedGate, RowExplanation } from "../../gates/index.js";
import { count } from "../../util/text/format.js";
import type { Column } from "../column.js";
import { siteName } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One row per gate, sorted by the largest change of a logit. */
export function explanationSheet({ row, domain, rows, tasks, gates }: RowExplanation): Sheet {
  const usual = domain === null ? "mean" : "domain's mean";
  const compared = domain === null ? count(rows, "row") : `${count(rows, "row")} of ${domain}`;
  const changes = (key: string, heading: string, values: (gate: ExplainedGate) => readonly (number | null)[]) =>
    tasks.map(
      ({ tower }, at): Column<ExplainedGate> => ({
        key: `delta_logit_${tower}_${key}`,
        heading: `Δ${tower} logit, ${heading}`,
        kind: "number",
        digits: 3,
        value: (gate) => values(gate)[at],
      }),
    );
  return makeSheet<ExplainedGate>(
    `Gates of row ${row}, compared with ${compared}; the change of a logit with one gate alone held at its ${usual}, or at 1`,
    [
      { key: "module", kind: "text", value: ({ module }) => module },
      { key: "task", kind: "text", value: ({ tower }) => tower ?? "all" },
      { key: "layer", kind: "count", value: ({ layer }) => layer },
      { key: "field", kind: "text", value: ({ field }) => field },
      {
        heading: "gate",
        kind: "text",
        value: (gate) => (gate.field === null ? siteName(gate) : `${siteName(gate)} ${gate.field}`),
      },
      { key: "value", heading: "value", kind: "number", digits: 3, value: ({ value }) => value },
      { key: "quantile", heading: "quantile", kind: "share", digits: 0, value: ({ quantile }) => quantile },
      { key: "domain_mean", heading: usual, kind: "number", digits: 3, value: ({ domainMean }) => domainMean },
      ...changes("at_domain_mean", `at its ${usual}`, ({ atDomainMean }) => atDomainMean),
      ...changes("at_one", "at 1", ({ atOne }) => atOne),
    ],
    gates,
  );
}

/** One row per task: the predictions of the row. */
export function explainedTasksSheet({ tasks }: RowExplanation): Sheet {
  return makeSheet(
    "Predictions of this row",
    [
      { key: "task", heading: "task", kind: "text", value: ({ tower }) => tower },
      { key: "logit", heading: "logit", kind: "number", digits: 3, value: ({ logit }) => logit },
      {
        key: "probability",
        heading: "probability",
        kind: "number",
        digits: 3,
        value: ({ probability }) => probability,
      },
      { key: "label", heading: "label", kind: "number", value: ({ label }) => label },
    ],
    tasks,
  );
}
