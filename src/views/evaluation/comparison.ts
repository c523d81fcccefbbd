import {
  type ComparedCell,
  type Comparison,
  comparesModels,
  type Difference,
  type TaskComparison,
  type Verdict,
} from "../../metrics/comparison-verdict.js";
import type { MetricName } from "../../metrics/types.js";
import { count, fixed, percent, signed, snakeCase } from "../../util/text.js";
import { gainColours, heatPanel, panelRows, xAxis } from "../axes.js";
import { chart, type Panel, panelChart } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { dots } from "../lines.js";
import {
  ALL_ROWS,
  capital,
  drawnDomains,
  intervalUnit,
  metricText,
  namesByDomain,
  placeColumns,
  taskName,
} from "../names.js";
import type { Markup } from "../theme.js";
import { BETTER, finite, highest, INK, inTitle, largestOf, markup, rounded, sentence, WORSE } from "../theme.js";
import { type Chart, type Column, col, makeSheet, type PlotlyTrace, type Sheet } from "../view.js";

const VERDICTS: Readonly<Record<Verdict, string>> = {
  won: "won",
  lost: "lost",
  ahead: "better in these trainings",
  behind: "worse in these trainings",
  noise: "no difference beyond noise",
  gap: "no verdict",
};

/** One metric of two models on the rows of a task and a domain (−1: all rows). */
interface ComparedPlace {
  readonly metric: MetricName;
  readonly task: TaskComparison;
  readonly domain: number;
  readonly cell: ComparedCell | undefined;
  readonly difference: Difference | undefined;
}

/** The cells of one metric and task: all rows, then every domain of any task. */
function comparedPlaces(comparison: Comparison, task: TaskComparison, metric: MetricName): ComparedPlace[] {
  const domains = namesByDomain(comparison.domainNames, comparison.tasks);
  return [-1, ...domains.keys()].map((domain) => {
    const cell = domain < 0 ? task.overall : task.domains[domain];
    return { metric, task, domain, cell, difference: cell?.metrics[metric] };
  });
}

type DifferenceNumber = Exclude<keyof Difference, "verdict" | "gap">;

export function comparisonSheet(comparison: Comparison): Sheet {
  const [first, second] = comparison.names;
  const { level, auc, significance } = comparison.method;
  const number = (key: DifferenceNumber, heading?: string): Column<ComparedPlace> =>
    col.number([snakeCase(key), heading], ({ difference }) => difference?.[key], 4);
  return makeSheet<ComparedPlace>(
    `${first} less ${second}${comparesModels(comparison) ? "" : ", of these two trainings"}: ${percent(level)} intervals (AUC: ${auc}); a verdict below p = ${significance} after Holm's correction`,
    [
      col.text(["metric", null], ({ metric }) => snakeCase(metric)),
      col.text([null, "metric"], ({ metric }) => metricText(metric).name),
      ...placeColumns<ComparedPlace>(namesByDomain(comparison.domainNames, comparison.tasks)),
      col.count("rows", ({ cell }) => cell?.rows ?? 0),
      col.count(["positives", null], ({ cell }) => cell?.positives ?? 0),
      number("first", first),
      number("second", second),
      number("value", "difference"),
      number("low", "low"),
      number("high", "high"),
      number("pValue"),
      number("adjustedPValue", "adjusted p"),
      col.text(["verdict", null], ({ difference }) => difference?.verdict),
      col.text(["gap", null], ({ difference }) => difference?.gap),
      col.text([null, "verdict"], ({ difference }) => difference?.gap ?? VERDICTS[difference?.verdict ?? "gap"]),
    ],
    comparison.metrics.flatMap((metric) =>
      comparison.tasks.flatMap((task) => comparedPlaces(comparison, task, metric)),
    ),
  );
}

/** Pixels for the axes, after the tasks' names and the colour bar. */
const AXES_WIDTH = 420;
const LEAST_SPAN = 0.002;
const WORDS = 6;

const MARKS: Readonly<Record<Verdict, string>> = { won: "▲", lost: "▼", ahead: "△", behind: "▽", noise: "", gap: "" };

/** Differences of a metric (default: the first compared) between two models, by task and domain. */
export function seesawChart(comparison: Comparison, metric?: MetricName): Chart {
  const metricName = metric ?? comparison.metrics[0] ?? "auc";
  const domains = [ALL_ROWS, ...drawnDomains(comparison.domainNames, comparison.tasks)];
  const places = comparison.tasks.map((task) => comparedPlaces(comparison, task, metricName).slice(0, domains.length));
  const height = Math.max(90, comparison.tasks.length * 44);
  const title = seesawTitle(comparison, metricName, places.flat(), domains);
  return panelChart(
    title,
    seesawPanel(metricName, places, domains, { height, isOfModels: comparesModels(comparison) }),
    height,
    comparisonSheet(comparison),
  );
}

function seesawPanel(
  metric: MetricName,
  places: readonly (readonly ComparedPlace[])[],
  domains: readonly string[],
  { height, isOfModels }: { readonly height: number; readonly isOfModels: boolean },
): Panel {
  const { name, more } = metricText(metric);
  const values = places.map((row) => row.map(({ difference }) => gain(metric, difference)));
  const words = domains.length <= WORDS;
  const [better, worse] = isOfModels ? [MARKS.won, MARKS.lost] : [MARKS.ahead, MARKS.behind];
  const direction = more === "better" ? "" : "positive is better, ";
  const panel = heatPanel({
    title: `Gain in ${name} (${direction}${better} better, ${worse} worse, beyond noise)`,
    rows: places.flatMap(([first]) => (first === undefined ? [] : [taskName(first.task)])),
    columns: places.length === 0 ? [] : domains,
    values,
    ...gainColours(values.flat(), LEAST_SPAN),
    cell: (t, d) => (words ? cellText(metric, places[t]?.[d]?.difference) : ""),
    hover: (t, d) => hoverText(name, domains[d]!, places[t]?.[d]),
    gap: "no verdict",
    width: AXES_WIDTH,
    height,
  });
  return words ? panel : { ...panel, marks: [...panel.marks, ...verdictMarks(places)] };
}

const MARK_SYMBOLS = {
  won: "triangle-up",
  lost: "triangle-down",
  ahead: "triangle-up-open",
  behind: "triangle-down-open",
} as const;

function verdictMarks(places: readonly (readonly ComparedPlace[])[]): PlotlyTrace[] {
  return (["won", "lost", "ahead", "behind"] as const).flatMap((verdict) => {
    const at = places.flatMap((row, t) =>
      row.flatMap(({ difference }, d) => (difference?.verdict === verdict ? [{ t, d }] : [])),
    );
    if (at.length === 0) return [];
    return [
      dots({
        x: at.map(({ d }) => d),
        y: at.map(({ t }) => t),
        symbol: MARK_SYMBOLS[verdict],
        color: verdict === "won" || verdict === "ahead" ? BETTER : WORSE,
        outline: verdict === "won" || verdict === "lost" ? { color: "#ffffff", width: 1.5 } : { width: 1.5 },
        size: 10,
        hover: "none",
      }),
    ];
  });
}

function gain(metric: MetricName, difference: Difference | undefined): number | null {
  const value = finite(difference?.value);
  if (difference === undefined || value === null) return null;
  const { more } = metricText(metric);
  if (more !== "towards 1") return rounded(more === "better" ? value : -value);
  const [first, second] = [finite(difference.first), finite(difference.second)];
  return first === null || second === null ? null : rounded(Math.abs(second - 1) - Math.abs(first - 1));
}

function cellText(metric: MetricName, difference: Difference | undefined): string {
  const value = gain(metric, difference);
  return difference === undefined || value === null ? "–" : `${MARKS[difference.verdict]} ${signed(value)}`.trim();
}

function hoverText(metric: string, domain: string, place: ComparedPlace | undefined): Markup {
  if (place === undefined) return markup``;
  const { task, difference, cell } = place;
  const name = markup`${taskName(task)}, ${domain}`;
  if (difference === undefined) return name;
  const values = `${metric} ${fixed(difference.first, 4)} against ${fixed(difference.second, 4)}`;
  const ends = `${signed(difference.low, 4)} to ${signed(difference.high, 4)}`;
  const verdict = difference.gap ?? VERDICTS[difference.verdict];
  return markup`${name}<br>${values} (${count(cell?.rows ?? 0, "row")})<br>difference ${signed(difference.value, 4)} (${ends}): ${verdict}`;
}

function seesawTitle(
  comparison: Comparison,
  metric: MetricName,
  places: readonly ComparedPlace[],
  domains: readonly string[],
): string {
  const { names, tasks } = comparison;
  const { name } = metricText(metric);
  const [first, second] = [inTitle(names[0]), inTitle(names[1])];
  if (tasks.length === 0) return `Comparison of ${first} and ${second}: no task in common`;
  const by = (...verdicts: Verdict[]): ComparedPlace[] =>
    places.filter(({ difference }) => difference !== undefined && verdicts.includes(difference.verdict));
  const [won, lost, noise] = [by("won", "ahead"), by("lost", "behind"), by("noise")];
  const judged = won.length + lost.length + noise.length;
  if (judged === 0) return `${capital(name)} of ${first} and ${second} cannot be compared`;
  const size = ({ difference }: ComparedPlace): number => Math.abs(gain(metric, difference) ?? 0);
  const most = highest([...won, ...lost], size);
  const cells = count(judged, "cell");
  const whose = comparesModels(comparison) ? "" : ", in these two trainings";
  if (most === undefined)
    return `${capital(name)} of ${first} and ${second}: no difference beyond noise in ${cells}${whose}`;
  return sentence([
    `By ${name} ${first} wins ${won.length} and loses ${lost.length} of ${cells} against ${second}${whose}`,
    `largest: ${inTitle(taskName(most.task))} in ${inTitle(domains[most.domain + 1]!, domains)}, ${signed(most.difference?.value)}`,
  ]);
}

const MAX_DOMAINS = 20;

/** First model minus second, for one metric (default: the first compared). Filled: beyond noise, after correction. */
export function differencesChart(comparison: Comparison, metric?: MetricName): Chart {
  const metricName = metric ?? comparison.metrics[0] ?? "auc";
  const names = drawnDomains(comparison.domainNames, comparison.tasks);
  const size = (d: number): number =>
    Math.max(...comparison.tasks.map((task) => Math.abs(task.domains[d]?.metrics[metricName]?.value ?? 0)));
  const domains = largestOf([...names.keys()], size, MAX_DOMAINS);
  const panels = comparison.tasks.map((task) => taskPanel(comparison, task, metricName, names, domains));
  return chart({
    title: differencesTitle(comparison, metricName, domains.length < names.length ? names.length : null),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(domains.length + 1), empty: "no task in common" }),
    sheet: comparisonSheet(comparison),
  });
}

function taskPanel(
  comparison: Comparison,
  task: TaskComparison,
  metric: MetricName,
  names: readonly string[],
  domains: readonly number[],
): Panel {
  const places = comparedPlaces(comparison, task, metric).filter(
    ({ domain }) => domain < 0 || domains.includes(domain),
  );
  return dotRowsPanel({
    title: taskName(task),
    rows: places.map((place): DotRow => {
      const name = place.domain < 0 ? ALL_ROWS : names[place.domain]!;
      const { value = null, low, high, verdict = "gap" } = place.difference ?? {};
      const isBetter = verdict === "won" || verdict === "ahead";
      const color = isBetter ? BETTER : verdict === "lost" || verdict === "behind" ? WORSE : INK;
      return {
        ...{ name, value, low, high, color, main: place.domain < 0, hollow: color === INK },
        printed: signed(value),
        hover: hoverText(metricText(metric).name, name, place),
      };
    }),
    reference: 0,
    axis: xAxis(intervalUnit("Δ", comparison.method), { tickformat: ".3~f" }),
    letters: 16,
  });
}

function differencesTitle(comparison: Comparison, metric: MetricName, cut: number | null): string {
  const { names, tasks } = comparison;
  const parts = tasks.map((task) => {
    const { value, low, high } = task.overall.metrics[metric] ?? {};
    return `${inTitle(taskName(task))} ${signed(value)} (${signed(low)} to ${signed(high)})`;
  });
  const selection = cut === null ? null : `the ${MAX_DOMAINS} of ${count(cut, "domain")} that differ most`;
  const what = `${capital(metricText(metric).name)} of ${inTitle(names[0])} less ${inTitle(names[1])}`;
  const whose = comparesModels(comparison) ? null : "of these two trainings";
  return sentence([
    parts.length === 0 ? `${what}: no task in common` : `${what}: ${parts.join(", ")}`,
    whose,
    selection,
  ]);
}
