/** The gates of a study's variants side by side: the mean of each, in units of its gamma, and how much of it saturates. */
import type { StudyReport, StudyVariant } from "../../ablation/index.js";
import type { GateReport } from "../../gates/index.js";
import {
  gateSites,
  planMark,
  seedsText,
  shortSiteName,
  siteName,
  studyGatesSheet,
  type VariantGate,
  variantGate,
  variantsWithGates,
} from "../../tables/index.js";
import { count, percent } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { bars, dots, sideBySide } from "../marks/index.js";
import { chart, columnNames, type Panel, yAxis } from "../panels/index.js";
import { type Markup, markup } from "../theme/index.js";
import { type VariantLook, variantLook } from "./look.js";

const AXES_WIDTH = 380;

/** A variant with its gates, one per site; `null`: it lacks the gate. */
interface Drawn {
  readonly variant: StudyVariant;
  readonly gates: readonly (VariantGate | null)[];
}

/** Means and spread by gate and variant. A variant without the gate has a gap there. */
export function studyGatesChart(report: StudyReport): Chart {
  const variants = variantsWithGates(report);
  const sites = gateSites(variants);
  const columns = variants.map((variant): Drawn => {
    return { variant, gates: sites.map((site) => variantGate(variant, siteName(site))) };
  });
  const look = variantLook(variants);
  const names = columnNames(sites.map(shortSiteName), AXES_WIDTH);
  const spread: Panel = {
    title: "g / γ: mean, 5% to 95% (0.5 leaves the value unchanged where γ = 2)",
    marks: columns.map((each, v) => spreadDots(each, v, columns.length, sites, look)),
    ...names,
    yaxis: yAxis("g / γ", { range: [0, 1], tickformat: ".1f" }),
  };
  const saturation: Panel = {
    title: "saturated: g < 0.05 γ or g > 0.95 γ",
    marks: columns.map((each, v) => saturationBars(each, v, columns.length, sites, look)),
    ...names,
    yaxis: yAxis("share", { tickformat: ".2~%", rangemode: "tozero" }),
  };
  return chart({
    title: planMark(report) + gatesTitle(report, columns, sites),
    rows: [spread, saturation].map((panel) => ({ height: 220, panels: [panel] })),
    sheet: studyGatesSheet(report),
  });
}

function spreadDots(
  { variant, gates }: Drawn,
  index: number,
  total: number,
  sites: readonly GateReport[],
  look: VariantLook,
): PlotlyTrace {
  const color = look.color(index);
  return dots({
    x: sideBySide(sites.length, index, total),
    y: gates.map((gate) => gate?.mean ?? null),
    color,
    size: 7,
    whiskersY: {
      low: gates.map((gate) => gate?.low ?? null),
      high: gates.map((gate) => gate?.high ?? null),
      color,
      thickness: 1.5,
      caps: 2,
    },
    legend: look.legend(index, true),
    hover: { template: markup`%{customdata}<br>mean g/γ %{y:.3f}`, each: siteTexts(variant, sites) },
  });
}

function saturationBars(
  { variant, gates }: Drawn,
  index: number,
  total: number,
  sites: readonly GateReport[],
  look: VariantLook,
): PlotlyTrace {
  return bars({
    at: sideBySide(sites.length, index, total),
    values: gates.map((gate) => gate?.saturated ?? null),
    width: 0.72 / total,
    color: look.color(index),
    legend: look.legend(index, false),
    hover: { template: markup`%{customdata}<br>saturated %{y:.1%}`, each: siteTexts(variant, sites) },
  });
}

function siteTexts({ name }: StudyVariant, sites: readonly GateReport[]): Markup[] {
  return sites.map((site) => markup`${name}, ${siteName(site)}`);
}

/** The gate that saturates most. */
function gatesTitle(report: StudyReport, columns: readonly Drawn[], sites: readonly GateReport[]): string {
  if (columns.length === 0) return "Gates by variant: not measured";
  if (sites.length === 0) return "Gates by variant: none of the models has gates";
  const all = columns.flatMap(({ variant, gates }) =>
    gates.flatMap((gate) => (gate === null ? [] : [{ name: variant.name, ...gate }])),
  );
  const most = all.reduce((best, each) => (each.saturated > best.saturated ? each : best));
  const where = `${siteName(most.site)} of ${most.name} (${percent(most.saturated)})`;
  return `Gates of ${count(columns.length, "model")} over ${seedsText(report)}: most saturated is ${where}`;
}
