/** A comparison of two models as a task × domain heat map of the gain, with the verdict in each cell. */
import type { Comparison, Difference, MetricName, Verdict } from "../../metrics/index.js";
import {
  ALL_ROWS,
  type ComparedPlace,
  capital,
  comparedPlaces,
  comparisonSheet,
  drawnDomains,
  metricText,
  taskName,
  VERDICTS,
} from "../../tables/index.js";
import { count, fixed, signed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { dots } from "../marks/index.js";
import { heatPanel, type Panel, panelChart } from "../panels/index.js";
import { BETTER, DIVERGING, finite, inTitle, type Markup, markup, rounded, sentence, WORSE } from "../theme/index.js";

/** Pixels for the axes, after the tasks' names and the colour bar. */
const AXES_WIDTH = 420;
/** Colours span at least this much, so that noise stays pale. */
const LEAST_SPAN = 0.002;
/** Largest number of domains with text in the cells; more have symbols. */
const WORDS = 6;

const MARKS: Readonly<Record<Verdict, string>> = { won: "▲", lost: "▼", noise: "", gap: "" };

/** Differences of a metric (default: the first compared) between two models, by task and domain. */
export function seesawChart(comparison: Comparison, metric?: MetricName): Chart {
  const metricName = metric ?? comparison.metrics[0] ?? "auc";
  const domains = [ALL_ROWS, ...drawnDomains(comparison.domainNames, comparison.tasks)];
  const places = comparison.tasks.map((task) => comparedPlaces(comparison, task, metricName).slice(0, domains.length));
  const height = Math.max(90, comparison.tasks.length * 44);
  const panel = seesawPanel(metricName, places, domains, height);
  return panelChart(
    seesawTitle(comparison, metricName, places.flat(), domains),
    panel,
    height,
    comparisonSheet(comparison),
  );
}

function seesawPanel(
  metric: MetricName,
  places: readonly (readonly ComparedPlace[])[],
  domains: readonly string[],
  height: number,
): Panel {
  const { name, more } = metricText(metric);
  const values = places.map((row) => row.map(({ difference }) => gain(metric, difference)));
  const span = Math.max(LEAST_SPAN, ...values.flat().map((value) => Math.abs(value ?? 0)));
  const words = domains.length <= WORDS;
  const notes = [
    ...(more === "better" ? [] : ["positive is better"]),
    `${MARKS.won} better, ${MARKS.lost} worse, beyond noise`,
  ];
  const panel = heatPanel(
    {
      title: `Gain in ${name} (${notes.join(", ")})`,
      rows: places.flatMap(([first]) => (first === undefined ? [] : [taskName(first.task)])),
      columns: places.length === 0 ? [] : domains,
      values,
      range: [-1.05 * span, 1.05 * span],
      scale: DIVERGING,
      bar: { title: { text: "better by", side: "top" }, tickformat: ".2~g", nticks: 5 },
      cell: (t, d) => (words ? cellText(metric, places[t]?.[d]?.difference) : ""),
      hover: (t, d) => hoverText(name, domains[d]!, places[t]?.[d]),
      gap: "no verdict",
    },
    { width: AXES_WIDTH, height },
  );
  return words ? panel : { ...panel, marks: [...panel.marks, ...verdictMarks(places)] };
}

function verdictMarks(places: readonly (readonly ComparedPlace[])[]): PlotlyTrace[] {
  return (["won", "lost"] as const).flatMap((verdict) => {
    const at = places.flatMap((row, t) =>
      row.flatMap(({ difference }, d) => (difference?.verdict === verdict ? [{ t, d }] : [])),
    );
    if (at.length === 0) return [];
    return [
      dots({
        x: at.map(({ d }) => d),
        y: at.map(({ t }) => t),
        symbol: verdict === "won" ? "triangle-up" : "triangle-down",
        color: verdict === "won" ? BETTER : WORSE,
        outline: { color: "#ffffff", width: 1.5 },
        size: 10,
        hover: "none",
      }),
    ];
  });
}

/** The gain of the first model; `null` if unknown. */
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
  { names, tasks }: Comparison,
  metric: MetricName,
  places: readonly ComparedPlace[],
  domains: readonly string[],
): string {
  const { name } = metricText(metric);
  const [first, second] = [inTitle(names[0]), inTitle(names[1])];
  if (tasks.length === 0) return `Comparison of ${first} and ${second}: no task in common`;
  const by = (verdict: Verdict): ComparedPlace[] => places.filter(({ difference }) => difference?.verdict === verdict);
  const [won, lost, noise] = [by("won"), by("lost"), by("noise")];
  const judged = won.length + lost.length + noise.length;
  if (judged === 0) return `${capital(name)} of ${first} and ${second} cannot be compared`;
  const size = ({ difference }: ComparedPlace): number => Math.abs(gain(metric, difference) ?? 0);
  const most = [...won, ...lost].reduce<ComparedPlace | null>(
    (a, b) => (a === null || size(b) > size(a) ? b : a),
    null,
  );
  return sentence([
    most === null
      ? `${capital(name)} of ${first} and ${second}: no difference beyond noise in ${count(judged, "cell")}`
      : `By ${name} ${first} wins ${won.length} and loses ${lost.length} of ${count(judged, "cell")} against ${second}`,
    most === null
      ? null
      : `largest: ${inTitle(taskName(most.task))} in ${inTitle(domains[most.domain + 1]!, domains)}, ${signed(most.difference?.value)}`,
  ]);
}
