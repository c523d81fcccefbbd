/** Which fields matter: the change of AUC that goes through each, largest first, with intervals that hold together. */
import type { FieldQuestion, FieldRanking, TaskFields } from "../gates/fields/field-ranking.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import { said } from "./counterfactuals-table.js";
import { nothingPanel } from "./empty.js";
import type { Chart } from "./figure.js";
import { forestHeight, forestPanel } from "./forest.js";
import { inRows } from "./panel-rows.js";
import { count, inTitle, sentence, signed } from "./text.js";
import { colour, INK } from "./theme.js";

/** More fields than this are not read; the table has all. */
const MAX_FIELDS = 15;

const QUESTIONS: Readonly<Record<FieldQuestion, { readonly what: string; readonly title: string }>> = {
  domain: { what: "Change of AUC in another domain that goes through each field", title: "The domain acts through" },
  "gate off": { what: "Change of AUC with a field's EPNet gates at 1", title: "EPNet's gates matter for" },
  "gate mean": {
    what: "Change of AUC with a field's EPNet gates at their mean",
    title: "That EPNet's gates differ matters for",
  },
};

/** A panel a task, a line a field, behind the change as a whole. */
export function fieldRankingChart(ranking: FieldRanking): Chart {
  const title = rankingTitle(ranking);
  const panels = ranking.tasks.map(taskPanel);
  const most = Math.max(1, ...ranking.tasks.map(({ fields }) => Math.min(MAX_FIELDS, fields.length)));
  const height = forestHeight(most + 1, 1);
  const rows = panels.length === 0 ? [{ height: 60, panels: [nothingPanel("no tasks")] }] : inRows(panels, 2, height);
  return { title, figure: compose({ title, rows }), table: fieldRankingTable(ranking) };
}

function taskPanel({ tower, whole, fields }: TaskFields): Panel {
  const drawn = fields.slice(0, MAX_FIELDS);
  const look = { legend: false, centred: true };
  return forestPanel({
    title: tower,
    rows: ["the whole change", ...drawn.map(({ field, nested }) => (nested ? `${field} *` : field))],
    series: [
      { ...look, name: "all fields", color: INK, main: true, estimates: [whole, ...drawn.map(() => null)] },
      { ...look, name: "one field", color: colour(0, 1), estimates: [null, ...drawn.map(({ auc }) => auc)] },
    ],
    reference: 0,
    axis: { title: { text: "change of AUC", standoff: 6 }, tickformat: ".3~f", nticks: 4 },
    format: (value) => signed(value, 4),
  });
}

function rankingTitle({ by, tasks }: FieldRanking): string {
  const { title } = QUESTIONS[by];
  const parts = tasks.map(({ tower, named, fields }) => {
    const most = fields.find(({ field }) => field === named[0]);
    if (most === undefined) return `no field beyond noise in ${inTitle(tower)}`;
    const more = named.length > 1 ? ` and ${count(named.length - 1, "more field")}` : "";
    return `${inTitle(most.field)} in ${inTitle(tower)} (${signed(most.auc.value)})${more}`;
  });
  const nested = tasks.some(({ fields }) => fields.some((field) => field.nested));
  return sentence([
    `${title} ${parts.join(", ") || "nothing: no tasks"}`,
    nested ? "* its values occur in one domain only" : null,
  ]);
}

/** One row a task and field, behind the change as a whole. */
export function fieldRankingTable({ by, rows, user, tasks }: FieldRanking): Table {
  const draws = user === null ? "rows" : `whole users by ${user}`;
  return {
    caption: `${QUESTIONS[by].what}, on ${count(rows, "row")}; the fields' intervals hold together in 95 % of cases (bootstrap over ${draws})`,
    columns: [
      { name: "task" },
      { name: "field" },
      { name: "ΔAUC", digits: 4 },
      { name: "low", digits: 4 },
      { name: "high", digits: 4 },
      { name: "says" },
      { name: "mean |Δlogit|", digits: 3 },
    ],
    rows: tasks.flatMap(({ tower, whole, fields }): Cell[][] => [
      [tower, "the whole change", whole.value, whole.low, whole.high, said(whole), null],
      ...fields.map(({ field, auc, logitChange, nested }): Cell[] => {
        const says = nested ? "its values occur in one domain only" : said(auc);
        return [tower, field, auc.value, auc.low, auc.high, says, logitChange];
      }),
    ]),
  };
}
