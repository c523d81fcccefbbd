/** The view of the importance of fields. */

import { excludesZero } from "../../../core/metrics/intervals/bootstrap.js";
import type { JsonObject } from "../../../core/util/json.js";
import { count, ends, grouped, signed } from "../../../core/util/text.js";
import type { GroupImportance, Importance, ImportanceCell } from "../../gates/importance.js";
import { chart, type Panel, panelRows } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import {
  colour,
  firstTasks,
  inTitle,
  MAX_COLOURS,
  markup,
  ONE_OF_MANY,
  PLAIN,
  sentence,
  shortenAll,
} from "../theme.js";
import {
  byTaskAndDomain,
  type Chart,
  col,
  independentUnits,
  placeColumns,
  type Sheet,
  sheetFrom,
  taskName,
} from "../view.js";
import { changeAxis } from "./counterfactuals.js";

/** The whole swap of domains, among the groups. */
const WHOLE = "the whole change";

export function importanceSheet(report: Importance): Sheet {
  const { of, rows, permutations, groups, whole } = report;
  const what =
    of === "domain"
      ? "Change of AUC and log loss in another domain that goes through each group of fields"
      : "Change of AUC and log loss with a group's values of other rows";
  const times = permutations === 1 ? "" : `, mean of ${permutations} exchanges`;
  const caption = `${what}, on ${count(rows, "row")}${times}; the intervals hold together in 95% of cases (${independentUnits(report.user)})`;
  const all =
    whole.length === 0 ? [] : [{ name: WHOLE, fields: [], held: [], carries: [], nested: null, tasks: whole }];
  const cells = [...all, ...groups].flatMap((group) =>
    byTaskAndDomain<GroupImportance["tasks"][number], ImportanceCell>(group.tasks).map((cell) => ({ group, ...cell })),
  );
  return sheetFrom(caption, cells, [
    col.text("group", ({ group }) => group.name),
    col.text("fields", ({ group }) => group.fields.join(", ")),
    col.text("held", ({ group }) => group.held.join(", ")),
    ...placeColumns(report.domainNames),
    col.count("rows", ({ value }) => value.rows),
    col.number(["delta_auc", "ΔAUC"], ({ value }) => value.auc.value, 4),
    col.ends(({ value }) => value.auc, 4),
    col.number(["adjusted_p_value", "adjusted p"], ({ value }) => value.auc.adjustedPValue, 4),
    col.number(["delta_log_loss", "Δ log loss"], ({ value }) => value.logLoss.value, 5),
    col.ends(
      ({ value }) => value.logLoss,
      5,
      "log_loss",
      (end) => `log loss ${end}`,
    ),
    col.text("says", ({ group, value }) => cellVerdict(report, group.nested, value)),
  ]);
}

/** What the change of AUC shows, or what remains open and how many rows would settle it. */
function cellVerdict({ of, user, matters }: Importance, nested: string | null, { rows, auc }: ImportanceCell): string {
  const { value, low, high } = auc;
  if (nested !== null) return `cannot be told: most values of ${nested} are in one domain only`;
  if (value === null) return "not defined: one class, or a prediction that is not finite";
  if (low === null || high === null) return `cannot be told: fewer than ten ${user === null ? "rows" : "users"}`;
  if (low === 0 && high === 0) return "the predictions do not change";
  if (excludesZero(auc))
    return of === "domain" ? (value < 0 ? "worse" : "better") : value < 0 ? "carries" : "better without it";
  if (low > -matters) return `carries at most ${Math.abs(Math.min(0, low)).toPrecision(2)}`;
  // Half-widths fall as 1 / √rows: until the interval leaves 0 out, or ends above the loss that matters.
  const needed = rows * ((high - low) / 2 / Math.max(Math.abs(value), value + matters)) ** 2;
  return `cannot be told with these rows: about ${grouped(Number(needed.toPrecision(2)))} would be needed to tell ${matters}`;
}

const MAX_GROUPS = 20;

/** A panel per task: groups by their change of AUC. Hollow and grey: within noise; the others with their domains. */
export function importanceChart(report: Importance): Chart {
  const { groups, whole } = report;
  const all =
    whole.length === 0 ? [] : [{ name: WHOLE, carries: whole.map(({ tower }) => tower), nested: null, tasks: whole }];
  const panels = [...(groups[0]?.tasks ?? []).keys()].map((task) => {
    const size = (group: GroupImportance): number => group.tasks[task]!.overall.auc.value ?? 1;
    const sorted = [...groups].sort((a, b) => size(a) - size(b)).slice(0, MAX_GROUPS);
    return [...all, ...sorted].map(({ tasks, ...group }) => ({ ...group, ...tasks[task]! }));
  });
  const changes = panels
    .flat()
    .flatMap((line) => [line.overall.auc, ...shownDomains(line).map((value) => ({ value, low: null, high: null }))]);
  const axis = changeAxis(report, changes, report.of === "domain" ? "ΔAUC in another domain" : "ΔAUC");
  const rows = panelRows(
    panels.map((lines, task) => linesPanel(report, lines, { axis, inLegend: task === 0 })),
    { across: 2, height: dotRowsHeight(panels[0]?.length ?? 0), empty: "nothing to measure" },
  );
  return chart({ title: importanceTitle(report), rows, legendBelow: true, sheet: importanceSheet(report) });
}

type Line = Pick<GroupImportance, "name" | "carries" | "nested"> & GroupImportance["tasks"][number];

function shownDomains({ carries, tower, domains }: Line): (number | null)[] {
  const isShown = carries.includes(tower) && domains.length > 1 && domains.length <= MAX_COLOURS;
  return isShown ? domains.map(({ auc }) => auc.value) : [];
}

function linesPanel(
  report: Importance,
  lines: readonly Line[],
  { axis, inLegend }: { readonly axis: JsonObject; readonly inLegend: boolean },
): Panel {
  const names = report.domainNames.length > 1 && report.domainNames.length <= MAX_COLOURS ? report.domainNames : [];
  return dotRowsPanel({
    title: taskName(lines[0]!),
    rows: lines.map(({ name, nested, overall }) => {
      const { auc, logLoss } = overall;
      const isClear = excludesZero(auc) && nested === null;
      const change = `AUC ${signed(auc.value, 4)}${ends(auc, (end) => signed(end, 4))}`;
      return {
        name: nested === null ? name : `${name} *`,
        main: name === WHOLE,
        printed: signed(auc.value),
        value: auc.value,
        low: auc.low,
        high: auc.high,
        color: isClear ? PLAIN : ONE_OF_MANY,
        hollow: !isClear,
        hover: markup`${name}<br>${change}<br>log loss ${signed(logLoss.value, 5)}<br>${cellVerdict(report, nested, overall)}`,
      };
    }),
    levels: shortenAll(names).map((name, d) => ({
      legend: { name, group: `domain ${d}`, inLegend },
      symbol: "diamond-open",
      color: colour(d, names.length),
      values: lines.map((each) => shownDomains(each)[d] ?? null),
      hover: lines.map((each) => markup`${each.name}, ${names[d]!}<br>AUC ${signed(each.domains[d]?.auc.value, 4)}`),
    })),
    reference: 0,
    axis,
  });
}

function importanceTitle({ of, groups }: Importance): string {
  const parts = (groups[0]?.tasks ?? []).map(({ tower }, task) => {
    const change = ({ tasks }: GroupImportance): number => Math.abs(tasks[task]!.overall.auc.value!);
    const carrying = groups.filter(({ carries }) => carries.includes(tower)).sort((a, b) => change(b) - change(a));
    const lead = of === "domain" ? `${task === 0 ? "The" : "the"} domain acts on ${inTitle(tower)}` : inTitle(tower);
    const [first, ...more] = carrying;
    const verb = of === "domain" ? "through" : "is carried by";
    if (first === undefined) return `${lead} ${verb} no group of fields beyond noise`;
    const rest = more.length === 0 ? "" : `; with ${more.length} more of ${groups.length} groups`;
    return `${lead} ${verb} ${inTitle(first.name)} most (AUC ${signed(first.tasks[task]!.overall.auc.value)})${rest}`;
  });
  const isNested = groups.some(({ nested }) => nested !== null);
  return sentence([
    ...(parts.length === 0 ? ["No group of fields to measure"] : firstTasks(parts)),
    isNested ? "* its values occur in one domain only, so what another domain does cannot be told" : null,
  ]);
}
