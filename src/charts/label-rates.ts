/** How often each label is positive, by domain. */
import { compose } from "./compose.js";
import { dashes } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { nameDomains } from "./tasks.js";
import { count, label, percent, plotText } from "./text.js";
import { colour } from "./theme.js";
import { nameTicks } from "./ticks.js";

/** Pixels that margins and a legend of short names leave to the axes. */
const AXES_WIDTH = 480;

/** Rows and positive rows of one label. */
export interface LabelRate {
  readonly label: string;
  readonly rows: number;
  readonly positives: number;
  /** In domain order; empty where there are no domains. */
  readonly domains: readonly { readonly rows: number; readonly positives: number }[];
}

/** Share of positive rows by label and domain. A domain without rows is a gap. */
export function labelRatesChart(rates: readonly LabelRate[], domainNames: readonly string[] = []): Chart {
  const domains = Math.max(domainNames.length, ...rates.map((rate) => rate.domains.length));
  const names = ["all rows", ...nameDomains(domainNames, domains)];
  const title = `Positive rows by domain: ${rates.map((each) => `${each.label} ${rateText(each)}`).join(", ") || "no labels"}`;
  const ticks = nameTicks(names, AXES_WIDTH);
  const panel = {
    traces: rates.flatMap((each, l) => [rateBars(each, l, rates.length, names), ...gaps(each, l, rates.length, names)]),
    xaxis: ticks.axis,
    yaxis: { title: { text: "positive rows" }, tickformat: ".3~p", rangemode: "tozero" },
    below: ticks.below,
  };
  return {
    title,
    figure: compose({ title, rows: [{ height: 240, panels: [panel] }] }),
    table: {
      caption: "Positive rows by label and domain",
      columns: [
        { name: "label" },
        { name: "domain" },
        { name: "rows" },
        { name: "positive rows" },
        { name: "share", percent: true, digits: 2 },
      ],
      rows: rates.flatMap((each) =>
        [each, ...each.domains].map((group, n) => [
          each.label,
          names[n] as string,
          group.rows,
          group.positives,
          share(group),
        ]),
      ),
    },
  };
}

function rateBars(each: LabelRate, index: number, labels: number, names: readonly string[]): PlotlyTrace {
  const groups = [each, ...each.domains];
  return {
    type: "bar",
    name: label(each.label),
    showlegend: true,
    x: names.map((_, n) => n + ((index - (labels - 1) / 2) * 0.8) / labels),
    y: names.map((_, n) => share(groups[n])),
    width: 0.76 / labels,
    marker: { color: colour(index, labels) },
    text: names.map((_, n) => rateText(groups[n])),
    textposition: names.length * labels <= 14 ? "outside" : "none",
    cliponaxis: false,
    customdata: names.map((name, n) => `${plotText(name)}: ${count(groups[n]?.rows ?? 0, "row")}`),
    hovertemplate: `${label(each.label, 60)}, %{customdata}<br>%{y:.2%} positive<extra></extra>`,
  };
}

/** Domains without rows. */
function gaps(each: LabelRate, index: number, labels: number, names: readonly string[]): PlotlyTrace[] {
  const empty = [each, ...each.domains].flatMap((group, n) => (share(group) === null && n < names.length ? [n] : []));
  const place = empty.map((n) => n + ((index - (labels - 1) / 2) * 0.8) / labels);
  return dashes(
    place,
    0,
    empty.map((n) => `${plotText(names[n] as string)}: no rows`),
  );
}

function share(group: { readonly rows: number; readonly positives: number } | undefined): number | null {
  return group === undefined || group.rows === 0 ? null : group.positives / group.rows;
}

function rateText(group: { readonly rows: number; readonly positives: number } | undefined): string {
  const value = share(group);
  return value === null ? "–" : percent(value);
}
