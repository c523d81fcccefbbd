/** The gates of a study's variants side by side, as means over their seeds. */
import type { StudyReport, StudyVariant } from "../../ablation/study.js";
import type { GateReport } from "../../gates/types.js";
import { siteName } from "../../spec/site-name.js";
import { count, percent } from "../../util/text.js";
import { mean } from "../../util/turns.js";
import { columnNames, yAxis } from "../axes.js";
import { bars, sideBySide } from "../bars.js";
import { chart, type Panel } from "../compose.js";
import { dots } from "../lines.js";
import { planMark, seedsText, shortSiteName } from "../names.js";
import { type Markup, markup } from "../theme.js";
import { type Chart, col, makeSheet, type PlotlyTrace, type Sheet } from "../view.js";
import { type VariantLook, variantLook } from "./study.js";

/** A gate of a variant, mean over its seeds; `mean`, `low` (5%) and `high` (95%) in units of gamma. */
export interface VariantGate {
  readonly site: GateReport;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly saturated: number;
  readonly domainVariance: number | null;
}

interface Row {
  readonly variant: StudyVariant;
  readonly site: GateReport;
  /** `null`: the variant lacks the gate. */
  readonly gate: VariantGate | null;
}

/** One row per variant and gate. */
export function studyGatesSheet(report: StudyReport): Sheet {
  const variants = variantsWithGates(report);
  const sites = gateSites(variants);
  return makeSheet<Row>(
    "Gates by variant, means over the seeds",
    [
      col.text("variant", ({ variant }) => variant.name),
      col.text("gate", ({ site }) => siteName(site)),
      col.number(["gamma", "γ"], ({ gate }) => gate?.site.gamma),
      col.number(["mean", "mean g/γ"], ({ gate }) => gate?.mean, 3),
      col.number(["q05", "5%"], ({ gate }) => gate?.low, 3),
      col.number(["q95", "95%"], ({ gate }) => gate?.high, 3),
      col.share("saturated", ({ gate }) => gate?.saturated, 1),
      col.number(["domain_variance", "η² domain"], ({ gate }) => gate?.domainVariance, 3),
    ],
    variants.flatMap((variant) => sites.map((site) => ({ variant, site, gate: variantGate(variant, siteName(site)) }))),
  );
}

/** The variants whose gates were measured. */
export function variantsWithGates({ variants }: StudyReport): readonly StudyVariant[] {
  return variants.filter(({ runs }) => runs.some(({ gates }) => gates !== null));
}

/** Every gate that any variant has, in the model's order. */
export function gateSites(variants: readonly StudyVariant[]): readonly GateReport[] {
  const sites = new Map<string, GateReport>();
  for (const gate of variants.flatMap(({ runs }) => runs[0]?.gates?.gates ?? [])) {
    if (!sites.has(siteName(gate))) sites.set(siteName(gate), gate);
  }
  return [...sites.values()];
}

/** A variant's gate by its site's name; `null` if it lacks the gate. */
export function variantGate({ runs }: StudyVariant, name: string): VariantGate | null {
  const gates = runs.flatMap((run) => run.gates?.gates.filter((gate) => siteName(gate) === name) ?? []);
  const [site] = gates;
  if (site === undefined) return null;
  const explained = gates.map(({ domainVariance }) => domainVariance).filter((value) => value !== null);
  return {
    site,
    mean: mean(gates.map(({ overall, gamma }) => overall.mean / gamma)),
    low: mean(gates.map(({ overall, gamma }) => overall.quantiles[0] / gamma)),
    high: mean(gates.map(({ overall, gamma }) => overall.quantiles[4] / gamma)),
    saturated: mean(gates.map(({ overall }) => overall.closed + overall.open)),
    domainVariance: explained.length === 0 ? null : mean(explained),
  };
}

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
