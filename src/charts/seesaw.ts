/** Which of two models wins where: a task × domain heat map of the gain, with the verdict in each cell. */
import type { ComparedCell, Comparison, Difference, Verdict } from "../metrics/comparison/comparison-types.js";
import type { MetricName } from "../metrics/types.js";
import type { Cell, Table } from "../tables/index.js";
import type { Json } from "../util/json.js";
import { compose, type Panel } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { heatPanel } from "./heat.js";
import { capital, metricText } from "./metric-names.js";
import { finite, rounded } from "./numbers.js";
import { hoverName, nameDomains, taskName } from "./tasks.js";
import { count, fixed, inTitle, plotText, sentence, signed } from "./text.js";
import { DIVERGING, INK } from "./theme.js";

/** Pixels that the tasks' names and the colour bar leave to the axes. */
const AXES_WIDTH = 420;
/** Colours span at least this much, so that noise stays pale. */
const LEAST_SPAN = 0.002;
/** More domains than this have marks in place of words. */
const WORDS = 6;

const MARKS: Readonly<Record<Verdict, string>> = { won: "▲", lost: "▼", noise: "≈", gap: "" };
const VERDICTS: Readonly<Record<Verdict, string>> = {
  won: "won",
  lost: "lost",
  noise: "no difference beyond noise",
  gap: "no verdict",
};

/** One cell, where it stands. */
interface Place {
  readonly task: string;
  readonly domain: string;
  readonly cell: ComparedCell | undefined;
  readonly difference: Difference | undefined;
}

/** Differences of a metric (default: the first compared) between two models, by task and domain. */
export function seesawChart(comparison: Comparison, metric?: MetricName): Chart {
  const shown = metric ?? comparison.metrics[0] ?? "auc";
  const places = comparison.tasks.map((_, t) => taskPlaces(comparison, t, shown));
  const title = seesawTitle(comparison, shown, places.flat());
  const height = Math.max(90, comparison.tasks.length * 44);
  const panels = [seesawPanel(shown, places, height)];
  return { title, figure: compose({ title, rows: [{ height, panels }] }), table: comparisonTable(comparison) };
}

function taskPlaces({ tasks, domainNames }: Comparison, index: number, metric: MetricName): Place[] {
  const task = tasks[index];
  if (task === undefined) return [];
  const domains = Math.max(domainNames.length, ...tasks.map((each) => each.domains.length));
  const names = ["all rows", ...nameDomains(domainNames, domains)];
  return names.map((domain, d) => {
    const cell = d === 0 ? task.overall : task.domains[d - 1];
    return { task: taskName(task), domain, cell, difference: cell?.metrics[metric] };
  });
}

function seesawPanel(metric: MetricName, places: readonly (readonly Place[])[], height: number): Panel {
  const { name, more } = metricText(metric);
  const columns = places[0]?.map(({ domain }) => domain) ?? [];
  const values = places.map((row) => row.map(({ difference }) => gain(metric, difference)));
  const span = Math.max(LEAST_SPAN, ...values.flat().map((value) => Math.abs(value ?? 0)));
  const words = columns.length <= WORDS;
  const notes = [...(more === "better" ? [] : ["positive is better"]), `${MARKS.won} won, ${MARKS.lost} lost`];
  const panel = heatPanel(
    {
      title: `Gain in ${name} (${notes.join(", ")})`,
      rows: places.map((row) => row[0]?.task ?? ""),
      columns,
      values,
      range: [-span, span],
      colorscale: BETTER as Json,
      colorbar: { title: { text: "gain", side: "top" }, nticks: 5 },
      cell: (t, d) => (words ? cellText(metric, places[t]?.[d]?.difference) : ""),
      hover: (t, d) => hover(name, places[t]?.[d]),
      gap: "no verdict",
    },
    { width: AXES_WIDTH, height },
  );
  return words ? panel : { ...panel, traces: [...panel.traces, ...verdictMarks(places)] };
}

/** Blue for the better: red against blue survives colour blindness, and red alarms. */
const BETTER = (DIVERGING as readonly (readonly [number, string])[])
  .map(([at, shade]): [number, string] => [1 - at, shade])
  .reverse();

function verdictMarks(places: readonly (readonly Place[])[]): PlotlyTrace[] {
  return (["won", "lost"] as const).flatMap((verdict) => {
    const at = places.flatMap((row, t) =>
      row.flatMap(({ difference }, d) => (difference?.verdict === verdict ? [{ t, d }] : [])),
    );
    if (at.length === 0) return [];
    return [
      {
        type: "scatter",
        mode: "markers",
        showlegend: false,
        x: at.map(({ d }) => d),
        y: at.map(({ t }) => t),
        marker: {
          symbol: verdict === "won" ? "triangle-up" : "triangle-down",
          color: "#1a1a1a",
          line: { color: INK, width: 1 },
          size: 8,
        },
        hoverinfo: "skip",
      },
    ];
  });
}

/** By how much the first model is better; `null` where that is not known. */
function gain(metric: MetricName, difference: Difference | undefined): number | null {
  if (difference === undefined) return null;
  const value = finite(difference.value);
  if (value === null) return null;
  const { more } = metricText(metric);
  if (more !== "towards 1") return rounded(more === "better" ? value : -value);
  const [first, second] = [finite(difference.first), finite(difference.second)];
  return first === null || second === null ? null : rounded(Math.abs(second - 1) - Math.abs(first - 1));
}

function cellText(metric: MetricName, difference: Difference | undefined): string {
  const value = gain(metric, difference);
  return difference === undefined || value === null ? "–" : `${MARKS[difference.verdict]} ${signed(value)}`;
}

function hover(metric: string, place: Place | undefined): string {
  if (place === undefined) return "";
  const { task, domain, difference, cell } = place;
  const name = hoverName(task, domain);
  if (difference === undefined) return name;
  const rows = count(cell?.rows ?? 0, "row");
  const ends = `${signed(difference.low, 4)} to ${signed(difference.high, 4)}`;
  const why = difference.gap === null ? VERDICTS[difference.verdict] : plotText(difference.gap);
  return [
    name,
    `${metric} ${fixed(difference.first, 4)} against ${fixed(difference.second, 4)} (${rows})`,
    `difference ${signed(difference.value, 4)} (${ends}): ${why}`,
  ].join("<br>");
}

function seesawTitle({ names, tasks }: Comparison, metric: MetricName, places: readonly Place[]): string {
  const { name } = metricText(metric);
  const [first, second] = names.map(inTitle) as [string, string];
  if (tasks.length === 0) return `Comparison of ${first} and ${second}: no task in common`;
  const by = (verdict: Verdict): Place[] => places.filter(({ difference }) => difference?.verdict === verdict);
  const [won, lost, noise] = [by("won"), by("lost"), by("noise")];
  const judged = won.length + lost.length + noise.length;
  const size = ({ difference }: Place): number => Math.abs(gain(metric, difference) ?? 0);
  const most = [...won, ...lost].reduce<Place | null>((a, b) => (a === null || size(b) > size(a) ? b : a), null);
  const largest =
    most === null
      ? null
      : `largest: ${inTitle(most.task)} in ${inTitle(most.domain)}, ${signed(most.difference?.value)}`;
  if (judged === 0) return `${capital(name)} of ${first} and ${second} cannot be compared`;
  return sentence([
    won.length + lost.length === 0
      ? `${capital(name)} of ${first} and ${second}: no difference beyond noise in ${count(judged, "cell")}`
      : `By ${name} ${first} wins ${won.length} and loses ${lost.length} of ${count(judged, "cell")} against ${second}`,
    largest,
  ]);
}

/** Every metric compared, by task and domain. */
export function comparisonTable(comparison: Comparison): Table {
  const [first, second] = comparison.names;
  const { level, auc, significance } = comparison.method;
  return {
    caption: `${first} less ${second}: ${Math.round(level * 100)} % intervals (AUC: ${auc}); a verdict below p = ${significance} after Holm's correction`,
    columns: [
      { name: "metric" },
      { name: "task" },
      { name: "domain" },
      { name: "rows" },
      { name: first, digits: 4 },
      { name: second, digits: 4 },
      { name: "difference", digits: 4 },
      { name: "low", digits: 4 },
      { name: "high", digits: 4 },
      { name: "adjusted p", digits: 4 },
      { name: "verdict" },
    ],
    rows: comparison.metrics.flatMap((metric) =>
      comparison.tasks.flatMap((_, t) =>
        taskPlaces(comparison, t, metric).map(({ task, domain, cell, difference: of }): Cell[] => [
          metricText(metric).name,
          task,
          domain,
          cell?.rows ?? 0,
          ...[of?.first, of?.second, of?.value, of?.low, of?.high, of?.adjustedPValue].map((value) => value ?? null),
          of?.gap ?? VERDICTS[of?.verdict ?? "gap"],
        ]),
      ),
    ),
  };
}
