import type { StudyReport, StudyVariant } from "../../ablation/study.js";
import type { GateReport } from "../../gates/types.js";
import { siteName } from "../../spec/model.js";
import { count, percent } from "../../util/text.js";
import { mean } from "../../util/turns.js";
import { sideBySide } from "../bars.js";
import { columnNames, type Panel, panelChart, yAxis } from "../compose.js";
import { dots } from "../lines.js";
import { colour, highest, INK, type LegendEntry, largestOf, MAX_COLOURS, markup } from "../theme.js";
import type { Chart, PlotlyTrace, Sheet } from "../view.js";
import { col, planMark, seedsText, sheetFrom, shortSiteName } from "../view.js";

export function studyGatesSheet(report: StudyReport): Sheet {
  const variants = variantsWithGates(report);
  const sites = gateSites(variants);
  const rows = variants.flatMap((variant) =>
    sites.map((site) => ({ variant, site, gate: variantGate(variant, siteName(site)) })),
  );
  return sheetFrom("Gates by variant, means over the seeds", rows, [
    col.text("variant", ({ variant }) => variant.name),
    col.text("gate", ({ site }) => siteName(site)),
    col.number(["gamma", "γ"], ({ gate }) => gate?.site.gamma),
    col.number(["mean", "mean g/γ"], ({ gate }) => gate?.mean, 3),
    col.number(["q05", "5%"], ({ gate }) => gate?.low, 3),
    col.number(["q95", "95%"], ({ gate }) => gate?.high, 3),
    col.share("saturated", ({ gate }) => gate?.saturated, 1),
    col.number(["domain_variance", "η² domain"], ({ gate }) => gate?.domainVariance, 3),
  ]);
}

export function variantsWithGates({ variants }: StudyReport): readonly StudyVariant[] {
  return variants.filter(({ runs }) => runs.some(({ gates }) => gates !== null));
}

function gateSites(variants: readonly StudyVariant[]): readonly GateReport[] {
  const sites = new Map<string, GateReport>();
  for (const gate of variants.flatMap(({ runs }) => runs[0]?.gates?.gates ?? [])) {
    if (!sites.has(siteName(gate))) sites.set(siteName(gate), gate);
  }
  return [...sites.values()];
}

/** A gate of a variant, mean over its seeds; `mean`, `low` (5%) and `high` (95%) in units of gamma. */
function variantGate({ runs }: StudyVariant, name: string) {
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
const HEIGHT = 220;

/** A variant with its gates, one per site; `null`: it lacks the gate. */
interface Column {
  readonly variant: StudyVariant;
  readonly gates: readonly ReturnType<typeof variantGate>[];
  readonly color: string;
  readonly legend: LegendEntry;
}

/** Means and spread by gate and variant, with gaps for missing gates; of too many variants the most saturated. */
export function studyGatesChart(report: StudyReport): Chart {
  const variants = variantsWithGates(report);
  const sites = gateSites(variants);
  const gatesOf = new Map(
    variants.map((variant) => [variant, sites.map((site) => variantGate(variant, siteName(site)))]),
  );
  const saturation = (variant: StudyVariant) => Math.max(...gatesOf.get(variant)!.map((gate) => gate?.saturated ?? 0));
  const others = largestOf(variants.slice(1), saturation, MAX_COLOURS - 1);
  const columns = [...variants.slice(0, 1), ...others].map((variant, v): Column => {
    const legend = { name: variant.name, group: v === 0 ? "model" : `variant ${v}` };
    return { variant, gates: gatesOf.get(variant)!, color: v === 0 ? INK : colour(v - 1, others.length), legend };
  });
  const names = columnNames(sites.map(shortSiteName), AXES_WIDTH);
  const panel: Panel = {
    title: "g / γ: mean, 5% to 95% (0.5 leaves the value unchanged where γ = 2)",
    marks: columns.map((column, v) => spreadDots(column, sideBySide(sites.length, v, columns.length), sites)),
    ...names,
    yaxis: yAxis("g / γ", { range: [0, 1], tickformat: ".1f" }),
  };
  const title = planMark(report) + gatesTitle(report, variants.length, columns);
  return panelChart(title, panel, HEIGHT, studyGatesSheet(report));
}

function spreadDots(column: Column, x: readonly number[], sites: readonly GateReport[]): PlotlyTrace {
  const { variant, gates, color, legend } = column;
  const each = sites.map((site) => markup`${variant.name}, ${siteName(site)}`);
  const [low, high] = [gates.map((gate) => gate?.low ?? null), gates.map((gate) => gate?.high ?? null)];
  return dots({
    x,
    y: gates.map((gate) => gate?.mean ?? null),
    color,
    size: 7,
    whiskersY: { low, high, color, thickness: 1.5, caps: 2 },
    legend: { ...legend, inLegend: true },
    hover: { template: markup`%{customdata}<br>mean g/γ %{y:.3f}`, each },
  });
}

function gatesTitle(report: StudyReport, variants: number, columns: readonly Column[]): string {
  if (columns.length === 0) return "Gates by variant: not measured";
  const all = columns.flatMap(({ variant, gates }) => gates.flatMap((gate) => (gate ? [{ variant, gate }] : [])));
  const most = highest(all, ({ gate }) => gate.saturated);
  if (most === undefined) return "Gates by variant: none of the models has gates";
  const cut = columns.length < variants ? `${columns.length} of ` : "";
  const where = `${siteName(most.gate.site)} of ${most.variant.name} (${percent(most.gate.saturated)})`;
  return `Gates of ${cut}${count(variants, "model")} over ${seedsText(report)}: most saturated is ${where}`;
}
