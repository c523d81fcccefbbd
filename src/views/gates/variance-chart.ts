/** The share of each gate's variance that the domain explains (η², mean over units). */

import type { GateReport, GatesReport } from "../../gates/index.js";
import { siteName } from "../../spec/index.js";
import { percent } from "../../util/text/format.js";
import { bars } from "../marks/bars.js";
import { shortSiteName } from "../names.js";
import { rowNames, xAxis } from "../panels/axes.js";
import { panelChart } from "../panels/chart.js";
import type { Panel } from "../panels/compose.js";
import { markup, PLAIN } from "../theme.js";
import type { Chart } from "../view.js";
import { domainVarianceSheet } from "./explained.js";

/** η² by gate. A gate that does not vary, or a model without domains, is a gap. */
export function domainVarianceChart(report: GatesReport): Chart {
  const height = Math.max(120, report.gates.length * 28);
  return panelChart(varianceTitle(report.gates), domainVariancePanel(report), height, domainVarianceSheet(report));
}

/** The axes of {@link domainVarianceChart}, for figures of several panels. */
export function domainVariancePanel({ gates }: GatesReport): Panel {
  const shares = gates.map((gate) => gate.domainVariance);
  return {
    title: "Variance explained by the domain",
    marks: [
      bars({
        at: [...gates.keys()],
        values: shares,
        lying: true,
        color: PLAIN,
        width: 0.7,
        words: {
          texts: shares.map((share) => percent(share)),
          place: "outside",
        },
        hover: {
          template: markup`%{customdata}<br>η² %{x:.4f}`,
          each: gates.map((gate) => markup`${siteName(gate)}`),
        },
      }),
    ],
    xaxis: xAxis("η²", { range: [0, 1.12], tickvals: [0, 0.25, 0.5, 0.75, 1], tickformat: ".0%" }),
    ...rowNames(gates.map(shortSiteName), { letters: 16 }),
    below: 44,
  };
}

/** The gates with the largest and the smallest share. */
export function varianceTitle(gates: readonly GateReport[]): string {
  const what = "Gate variance explained by the domain";
  const shares = gates.flatMap((gate) => {
    const share = gate.domainVariance;
    return share === null ? [] : [{ gate, share }];
  });
  const [first] = shares;
  if (first === undefined) return `${what}: none to explain`;
  const low = shares.reduce((a, b) => (b.share < a.share ? b : a), first);
  const high = shares.reduce((a, b) => (b.share > a.share ? b : a), first);
  if (low === high) return `${what}: ${percent(high.share)} in ${siteName(high.gate)}`;
  return `${what}: most in ${siteName(high.gate)} (${percent(high.share)}); least in ${siteName(low.gate)} (${percent(low.share)})`;
}
