/** Positive rates of labels by domain. */
import { ALL_ROWS, type LabelRate, labelRatesSheet, namesByDomain, shareOfRows } from "../../tables/index.js";
import { count, percent } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { bars, dashes, sideBySide } from "../marks/index.js";
import { columnNames, panelChart, yAxis } from "../panels/index.js";
import { colour, markup, shorten } from "../theme/index.js";

/** Pixels for the axes, after margins and a legend of short names. */
const AXES_WIDTH = 480;
/** With more bars, numbers do not fit. */
const NUMBERED_BARS = 14;

/** Share of positive rows by label and domain. A domain without rows is a gap. */
export function labelRatesChart(rates: readonly LabelRate[], domainNames: readonly string[] = []): Chart {
  const domains = namesByDomain(domainNames, rates);
  // A single domain has all rows.
  const names = [ALL_ROWS, ...(domains.length < 2 ? [] : domains)];
  const overall = rates.map((rate) => `${rate.label} ${percent(shareOfRows(rate.positives, rate.rows))}`);
  const panel = {
    marks: rates.flatMap((rate, l) => labelMarks(rate, l, rates.length, names)),
    ...columnNames(names, AXES_WIDTH),
    yaxis: yAxis("positive rows", { tickformat: ".3~p", rangemode: "tozero" }),
  };
  const title = `Positive rows by domain: ${overall.join(", ") || "no labels"}`;
  return panelChart(title, panel, 240, labelRatesSheet(rates, domains));
}

function labelMarks(rate: LabelRate, index: number, labels: number, names: readonly string[]): PlotlyTrace[] {
  const groups = [rate, ...rate.domains];
  const at = sideBySide(names.length, index, labels);
  const shares = names.map((_, n) => {
    const group = groups[n];
    return group === undefined ? null : shareOfRows(group.positives, group.rows);
  });
  const gaps = [...shares.keys()].filter((n) => shares[n] === null && n < groups.length);
  return [
    bars({
      at,
      values: shares,
      width: 0.76 / labels,
      color: colour(index, labels),
      words: {
        texts: shares.map((share) => percent(share)),
        place: names.length * labels <= NUMBERED_BARS ? "outside" : "none",
      },
      legend: { name: rate.label },
      hover: {
        template: markup`${shorten(rate.label, 60)}, %{customdata}<br>%{y:.2%} positive`,
        each: names.map((name, n) => markup`${name}: ${count(groups[n]?.rows ?? 0, "row")}`),
      },
    }),
    ...dashes(
      gaps.map((n) => at[n]!),
      gaps.map(() => 0),
      gaps.map((n) => markup`${names[n]!}: no rows`),
      "top center",
    ),
  ];
}
