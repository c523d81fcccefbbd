/** Ranks fields by the change of AUC through each, with simultaneous intervals. */
import type { FieldQuestion, FieldRanking, TaskFields } from "../../gates/index.js";
import { fieldRankingSheet, WHOLE_CHANGE } from "../../tables/index.js";
import { count, signed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { chart, forestHeight, forestPanel, type Panel, panelRows, xAxis } from "../panels/index.js";
import { INK, inTitle, PLAIN, sentence } from "../theme/index.js";

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
