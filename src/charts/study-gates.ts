/** The gates of a study's variants side by side: the mean of each, in units of its gamma, and how much of it saturates. */
import type { StudyReport, StudyVariant } from "../ablation/report.js";
import type { GateReport } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { shortSiteName, siteName } from "./gate-sites.js";
import { seedsText } from "./study-text.js";
import { count, label, percent, plotText } from "./text.js";
import { colour, INK, MAX_COLOURS } from "./theme.js";
import { nameTicks } from "./ticks.js";

const AXES_WIDTH = 380;

/** A gate of a variant, mean over its seeds. */
interface VariantGate {
  readonly site: GateReport;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly saturated: number;
  readonly domainVariance: number | null;
}

/** Means and spread by gate and variant. A variant without the gate has a gap there. */
export function studyGatesChart(report: StudyReport): Chart {
  const variants = report.variants.filter(({ runs }) => runs.some(({ gates }) => gates !== null));
  const sites = sitesOf(variants);
  const title = gatesTitle(report, variants, sites);
  const panels = [spreadPanel(variants, sites), saturationPanel(variants, sites)];
  const rows = panels.map((panel) => ({ height: 220, panels: [panel] }));
  return { title, figure: compose({ title, rows }), table: gatesTable(variants, sites) };
}

/** Every gate that any variant has, in the model's order. */
function sitesOf(variants: readonly StudyVariant[]): readonly GateReport[] {
  const sites = new Map<string, GateReport>();
  for (const { runs } of variants)
    for (const gate of runs[0]?.gates?.gates ?? []) if (!sites.has(siteName(gate))) sites.set(siteName(gate), gate);
  return [...sites.values()];
}

function gateOf({ runs }: StudyVariant, name: string): VariantGate | null {
  const gates = runs.flatMap(({ gates }) => gates?.gates.filter((gate) => siteName(gate) === name) ?? []);
  const [site] = gates;
  if (site === undefined) return null;
  const mean = (of: (gate: GateReport) => number): number =>
    gates.reduce((sum, gate) => sum + of(gate), 0) / gates.length;
  const explained = gates.map(({ domainVariance }) => domainVariance).filter((value) => value !== null);
  return {
    site,
    mean: mean(({ overall, gamma }) => overall.mean / gamma),
    low: mean(({ overall, gamma }) => overall.quantiles[0] / gamma),
    high: mean(({ overall, gamma }) => overall.quantiles[4] / gamma),
    saturated: mean(({ overall }) => overall.closed + overall.open),
    domainVariance: explained.length === 0 ? null : explained.reduce((sum, value) => sum + value, 0) / explained.length,
  };
}

function spreadPanel(variants: readonly StudyVariant[], sites: readonly GateReport[]): Panel {
  const ticks = nameTicks(sites.map(shortSiteName), AXES_WIDTH);
  return {
    title: "g / γ: mean, 5 % to 95 % (.5 leaves the value as it is where γ = 2)",
    traces: variants.map((variant, at): PlotlyTrace => {
      const gates = sites.map((site) => gateOf(variant, siteName(site)));
      const shade = shadeOf(at, variants.length);
      return {
        type: "scatter",
        mode: "markers",
        ...look(variant, at, variants.length),
        x: sites.map((_, g) => g + offset(at, variants.length)),
        y: gates.map((gate) => gate?.mean ?? null),
        error_y: {
          symmetric: false,
          array: gates.map((gate) => (gate === null ? null : gate.high - gate.mean)),
          arrayminus: gates.map((gate) => (gate === null ? null : gate.mean - gate.low)),
          color: shade,
          thickness: 1.5,
          width: 2,
        },
        marker: { color: shade, size: 7 },
        customdata: sites.map((site) => plotText(`${variant.name}, ${siteName(site)}`)),
        hovertemplate: "%{customdata}<br>mean g/γ %{y:.3f}<extra></extra>",
      };
    }),
    xaxis: ticks.axis,
    yaxis: { title: { text: "g / γ" }, range: [0, 1], tickformat: ".1f" },
    below: ticks.below,
  };
}

function saturationPanel(variants: readonly StudyVariant[], sites: readonly GateReport[]): Panel {
  const ticks = nameTicks(sites.map(shortSiteName), AXES_WIDTH);
  return {
    title: "saturated: g < .05 γ or g > .95 γ",
    traces: variants.map(
      (variant, at): PlotlyTrace => ({
        type: "bar",
        ...look(variant, at, variants.length),
        showlegend: false,
        x: sites.map((_, g) => g + offset(at, variants.length)),
        y: sites.map((site) => gateOf(variant, siteName(site))?.saturated ?? null),
        width: 0.72 / variants.length,
        marker: { color: shadeOf(at, variants.length) },
        customdata: sites.map((site) => plotText(`${variant.name}, ${siteName(site)}`)),
        hovertemplate: "%{customdata}<br>saturated %{y:.1%}<extra></extra>",
      }),
    ),
    xaxis: ticks.axis,
    yaxis: { title: { text: "share" }, tickformat: ".2~%", rangemode: "tozero" },
    below: ticks.below,
  };
}

function look({ name }: StudyVariant, at: number, total: number) {
  const few = total <= MAX_COLOURS;
  const shown = few || at <= 1;
  return {
    name: label(few || at === 0 ? name : `each of ${total - 1} variants`),
    legendgroup: few ? `variant ${at}` : at === 0 ? "model" : "variants",
    showlegend: shown,
  };
}

function shadeOf(at: number, total: number): string {
  return at === 0 ? INK : colour(at - 1, Math.max(total - 1, total <= MAX_COLOURS ? 1 : MAX_COLOURS + 1));
}

function offset(at: number, total: number): number {
  return ((at - (total - 1) / 2) * 0.8) / Math.max(1, total);
}

function gatesTitle(report: StudyReport, variants: readonly StudyVariant[], sites: readonly GateReport[]): string {
  if (variants.length === 0) return "Gates by variant: they were not looked at";
  if (sites.length === 0) return "Gates by variant: none of the models has gates";
  const all = variants.flatMap((variant) =>
    sites.flatMap((site) => {
      const gate = gateOf(variant, siteName(site));
      return gate === null ? [] : [{ variant, gate }];
    }),
  );
  const most = all.reduce((best, each) => (each.gate.saturated > best.gate.saturated ? each : best));
  return `Gates of ${count(variants.length, "model")} over ${seedsText(report)}: most saturated is ${siteName(most.gate.site)} of ${most.variant.name} (${percent(most.gate.saturated)})`;
}

function gatesTable(variants: readonly StudyVariant[], sites: readonly GateReport[]): Table {
  return {
    caption: "Gates by variant, means over the seeds",
    columns: [
      { name: "variant" },
      { name: "gate" },
      { name: "γ" },
      { name: "mean g/γ", digits: 3 },
      { name: "5 %", digits: 3 },
      { name: "95 %", digits: 3 },
      { name: "saturated", percent: true, digits: 1 },
      { name: "η² domain", digits: 3 },
    ],
    rows: variants.flatMap((variant) =>
      sites.map((site): Cell[] => {
        const gate = gateOf(variant, siteName(site));
        const numbers = [gate?.site.gamma, gate?.mean, gate?.low, gate?.high, gate?.saturated, gate?.domainVariance];
        return [variant.name, siteName(site), ...numbers.map((value) => value ?? null)];
      }),
    ),
  };
}
