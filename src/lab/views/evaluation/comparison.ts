/** The view of a comparison of two models. */
import {
  type ComparedCell,
  type Comparison,
  type TaskComparison,
  trainingsAtHand,
  type Verdict,
} from "../../../core/metrics/comparison-verdict.js";
import type { MetricName } from "../../../core/metrics/types.js";
import { count, fixed, percent, signed, snakeCase } from "../../../core/util/text.js";
import { chart, type Panel, panelRows, xAxis } from "../compose.js";
import { type DotRow, domainRowCount, domainRows, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { BETTER, firstTasks, INK, inTitle, markup, sentence, WORSE } from "../theme.js";
import {
  ALL_ROWS,
  type Chart,
  capital,
  col,
  drawnDomains,
  intervalUnit,
  metricText,
  namesByDomain,
  placeColumns,
  type Sheet,
  sheetFrom,
  taskName,
  valueIn,
} from "../view.js";

const VERDICTS: Readonly<Record<Verdict, string>> = {
  won: "won",
  lost: "lost",
  ahead: "better in these trainings",
  behind: "worse in these trainings",
  noise: "no difference beyond noise",
  gap: "no verdict",
};

/** The cells of one metric and task: all rows (domain −1), then every domain of any task. */
function comparedPlaces(comparison: Comparison, task: TaskComparison, metric: MetricName) {
  return [-1, ...namesByDomain(comparison.domainNames, comparison.tasks).keys()].map((domain) => {
    const cell = valueIn<ComparedCell>(task, domain);
    return { metric, task, domain, cell, difference: cell?.metrics[metric] };
  });
}

export function comparisonSheet(comparison: Comparison): Sheet {
  const [first, second] = comparison.names;
  const { level, auc, significance } = comparison.method;
  const alone = trainingsAtHand(comparison.method);
  const caption = `${first} less ${second}${alone === null ? "" : `, of ${alone}`}: ${percent(level)} intervals (AUC: ${auc}); a verdict below p = ${significance} after Holm's correction`;
  const rows = comparison.metrics.flatMap((metric) =>
    comparison.tasks.flatMap((task) => comparedPlaces(comparison, task, metric)),
  );
  return sheetFrom(caption, rows, [
    col.text(["metric", null], ({ metric }) => snakeCase(metric)),
    col.text([null, "metric"], ({ metric }) => metricText[metric]),
    placeColumns(namesByDomain(comparison.domainNames, comparison.tasks)),
    col.count("rows", ({ cell }) => cell?.rows ?? 0),
    col.count(["positives", null], ({ cell }) => cell?.positives ?? 0),
    col.number(["first", first], ({ difference }) => difference?.first, 4),
    col.number(["second", second], ({ difference }) => difference?.second, 4),
    col.number(["value", "difference"], ({ difference }) => difference?.value, 4),
    col.ends(({ difference }) => difference, 4),
    col.number(["p_value", null], ({ difference }) => difference?.pValue, 4),
    col.number(["adjusted_p_value", "adjusted p"], ({ difference }) => difference?.adjustedPValue, 4),
    col.text(["verdict", null], ({ difference }) => difference?.verdict),
    col.text(["gap", null], ({ difference }) => difference?.gap),
    col.text([null, "verdict"], ({ difference }) => difference?.gap ?? VERDICTS[difference?.verdict ?? "gap"]),
  ]);
}

function hoverText(domain: string, { metric, task, difference, cell }: ReturnType<typeof comparedPlaces>[number]) {
  const name = markup`${taskName(task)}, ${domain}`;
  if (difference === undefined) return name;
  const values = `${metricText[metric]} ${fixed(difference.first, 4)} against ${fixed(difference.second, 4)}`;
  const ends = `${signed(difference.low, 4)} to ${signed(difference.high, 4)}`;
  const verdict = difference.gap ?? VERDICTS[difference.verdict];
  return markup`${name}<br>${values} (${count(cell?.rows ?? 0, "row")})<br>difference ${signed(difference.value, 4)} (${ends}): ${verdict}`;
}

/** First model minus second, for one metric (default: the first compared). Filled: beyond noise, after correction. */
export function differencesChart(comparison: Comparison, metric?: MetricName): Chart {
  const metricName = metric ?? comparison.metrics[0] ?? "auc";
  const names = drawnDomains(comparison.domainNames, comparison.tasks);
  const panels = comparison.tasks.map((task) => taskPanel(comparison, task, metricName, names));
  const rows = domainRowCount(names.length) + 1;
  return chart({
    title: differencesTitle(comparison, metricName),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(rows), empty: "no task in common" }),
    sheet: comparisonSheet(comparison),
  });
}

function taskPanel(comparison: Comparison, task: TaskComparison, metric: MetricName, names: readonly string[]): Panel {
  const [all, ...domains] = comparedPlaces(comparison, task, metric).map((place): DotRow => {
    const name = place.domain < 0 ? ALL_ROWS : (names[place.domain] ?? "");
    const { value = null, low, high, verdict = "gap" } = place.difference ?? {};
    const isBetter = verdict === "won" || verdict === "ahead";
    const color = isBetter ? BETTER : verdict === "lost" || verdict === "behind" ? WORSE : INK;
    return {
      name,
      value,
      low,
      high,
      color,
      main: place.domain < 0,
      hollow: color === INK,
      printed: signed(value),
      hover: hoverText(name, place),
    };
  });
  return dotRowsPanel({
    title: taskName(task),
    rows: [all!, ...domainRows(domains.slice(0, names.length), ({ value }) => value)],
    reference: 0,
    axis: xAxis(intervalUnit(`Δ ${metricText[metric]}`, comparison.method), { tickformat: ".3~f" }),
  });
}

function differencesTitle(comparison: Comparison, metric: MetricName): string {
  const { names, tasks } = comparison;
  const parts = tasks.map((task) => {
    const { value, low, high } = task.overall.metrics[metric] ?? {};
    return `${inTitle(taskName(task))} ${signed(value)} (${signed(low)} to ${signed(high)})`;
  });
  const [first, ...others] = firstTasks(parts);
  const what = `${capital(metricText[metric])} of ${inTitle(names[0])} less ${inTitle(names[1])}`;
  const alone = trainingsAtHand(comparison.method);
  return sentence([
    first === undefined ? `${what}: no task in common` : `Δ ${metricText[metric]} of ${first}`,
    ...others,
    first === undefined ? null : `${inTitle(names[0])} less ${inTitle(names[1])}`,
    alone && `of ${alone}`,
  ]);
}
