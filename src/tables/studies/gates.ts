/** The gates of a study's variants side by side, as means over their seeds. */

import type { StudyReport, StudyVariant } from "../../ablation/index.js";
import type { GateReport } from "../../gates/index.js";
import { mean } from "../../util/sums.js";
import { siteName } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

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
      { key: "variant", heading: "variant", kind: "text", value: ({ variant }) => variant.name },
      { key: "gate", heading: "gate", kind: "text", value: ({ site }) => siteName(site) },
      { key: "gamma", heading: "γ", kind: "number", value: ({ gate }) => gate?.site.gamma },
      { key: "mean", heading: "mean g/γ", kind: "number", digits: 3, value: ({ gate }) => gate?.mean },
      { key: "q05", heading: "5%", kind: "number", digits: 3, value: ({ gate }) => gate?.low },
      { key: "q95", heading: "95%", kind: "number", digits: 3, value: ({ gate }) => gate?.high },
      { key: "saturated", heading: "saturated", kind: "share", digits: 1, value: ({ gate }) => gate?.saturated },
      {
        key: "domain_variance",
        heading: "η² domain",
        kind: "number",
        digits: 3,
        value: ({ gate }) => gate?.domainVariance,
      },
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
