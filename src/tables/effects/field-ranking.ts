/** The ranking of fields: the change of AUC through each, by task. */
import type { FieldEffect, FieldQuestion, FieldRanking, TaskFields } from "../../gates/index.js";
import type { Interval } from "../../metrics/index.js";
import { count } from "../../util/text/format.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { changeVerdict } from "./counterfactuals.js";

const QUESTIONS: Readonly<Record<FieldQuestion, string>> = {
  domain: "Change of AUC in another domain that goes through each field",
  "gate off": "Change of AUC with a field's EPNet gates at 1",
  "gate mean": "Change of AUC with a field's EPNet gates at their mean",
};

/** The name of all fields together. */
export const WHOLE_CHANGE = "the whole change";

interface Row {
  readonly task: TaskFields;
  /** `null`: the total change. */
  readonly field: FieldEffect | null;
  readonly auc: Interval;
}

/** One row per task and field, after the total change. */
export function fieldRankingSheet({ by, rows, user, tasks }: FieldRanking): Sheet {
  const draws = user === null ? "rows" : `whole users by ${user}`;
  return makeSheet<Row>(
    `${QUESTIONS[by]}, on ${count(rows, "row")}; the fields' intervals hold together in 95% of cases (bootstrap over ${draws})`,
    [
      { key: "task", heading: "task", kind: "text", value: ({ task }) => task.tower },
      { key: "field", heading: "field", kind: "text", value: ({ field }) => field?.field ?? WHOLE_CHANGE },
      { key: "delta_auc", heading: "ΔAUC", kind: "number", digits: 4, value: ({ auc }) => auc.value },
      { key: "low", heading: "low", kind: "number", digits: 4, value: ({ auc }) => auc.low },
      { key: "high", heading: "high", kind: "number", digits: 4, value: ({ auc }) => auc.high },
      {
        key: "says",
        heading: "says",
        kind: "text",
        value: ({ field, auc }) => (field?.nested ? "its values occur in one domain only" : changeVerdict(auc)),
      },
      {
        key: "mean_abs_delta_logit",
        heading: "mean |Δlogit|",
        kind: "number",
        digits: 3,
        value: ({ field }) => field?.logitChange,
      },
      { key: "one_domain", kind: "share", value: ({ field }) => field?.oneDomain },
    ],
    tasks.flatMap((task) => [
      { task, field: null, auc: task.whole },
      ...task.fields.map((field) => ({ task, field, auc: field.auc })),
    ]),
  );
}
