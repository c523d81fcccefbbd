/** The ranking of fields: the change of AUC through each, by task. */

import type { FieldEffect, FieldQuestion, FieldRanking, TaskFields } from "../../gates/index.js";
import type { Interval } from "../../metrics/index.js";
import { count, signed } from "../../util/text/format.js";
import { panelRows, xAxis } from "../panels/axes.js";
import { chart, type Panel } from "../panels/compose.js";
import { forestHeight, forestPanel } from "../panels/forest.js";
import { INK, inTitle, PLAIN, sentence } from "../theme.js";
import { type Chart, col, makeSheet, type Sheet } from "../view.js";
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
      col.text("task", ({ task }) => task.tower),
      col.text("field", ({ field }) => field?.field ?? WHOLE_CHANGE),
      col.number(["delta_auc", "ΔAUC"], ({ auc }) => auc.value, 4),
      col.number("low", ({ auc }) => auc.low, 4),
      col.number("high", ({ auc }) => auc.high, 4),
      col.text("says", ({ field, auc }) =>
        field?.nested ? "its values occur in one domain only" : changeVerdict(auc),
      ),
      col.number(["mean_abs_delta_logit", "mean |Δlogit|"], ({ field }) => field?.logitChange, 3),
      col.share(["one_domain", null], ({ field }) => field?.oneDomain),
    ],
    tasks.flatMap((task) => [
      { task, field: null, auc: task.whole },
      ...task.fields.map((field) => ({ task, field, auc: field.auc })),
    ]),
  );
}

/** Largest number of drawn fields; the table has all. */
const MAX_FIELDS = 15;

const TITLES: Readonly<Record<FieldQuestion, string>> = {
  domain: "The domain acts through",
  "gate off": "EPNet's gates matter for",
  "gate mean": "Differences of EPNet's gates matter for",
};

/** One panel per task, one line per field, after the total change. */
export function fieldRankingChart(ranking: FieldRanking): Chart {
  const panels = ranking.tasks.map(taskPanel);
  const most = Math.max(1, ...ranking.tasks.map(({ fields }) => Math.min(MAX_FIELDS, fields.length)));
  return chart({
    title: rankingTitle(ranking),
    rows: panelRows(panels, { across: 2, height: forestHeight(most + 1, 1), empty: "no tasks" }),
    sheet: fieldRankingSheet(ranking),
  });
}

function taskPanel({ tower, whole, fields }: TaskFields): Panel {
  const firstFields = fields.slice(0, MAX_FIELDS);
  const look = { legend: false, centred: true };
  return forestPanel({
    title: tower,
    rows: [WHOLE_CHANGE, ...firstFields.map(({ field, nested }) => (nested ? `${field} *` : field))],
    series: [
      { ...look, name: "all fields", color: INK, main: true, estimates: [whole, ...firstFields.map(() => null)] },
      { ...look, name: "one field", color: PLAIN, estimates: [null, ...firstFields.map(({ auc }) => auc)] },
    ],
    reference: 0,
    axis: xAxis("change of AUC", { tickformat: ".3~f", nticks: 4 }),
    format: (value) => signed(value, 4),
  });
}

function rankingTitle({ by, tasks }: FieldRanking): string {
  const parts = tasks.map(({ tower, named, fields }) => {
    const most = fields.find(({ field }) => field === named[0]);
    if (most === undefined) return `no field beyond noise in ${inTitle(tower)}`;
    const more = named.length > 1 ? ` and ${count(named.length - 1, "more field")}` : "";
    return `${inTitle(most.field)} in ${inTitle(tower)} (${signed(most.auc.value)})${more}`;
  });
  const nested = tasks.some(({ fields }) => fields.some((field) => field.nested));
  return sentence([
    `${TITLES[by]} ${parts.join(", ") || "nothing: no tasks"}`,
    nested ? "* its values occur in one domain only" : null,
  ]);
}
