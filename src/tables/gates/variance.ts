/** The share of each gate's variance that the domain and other features explain. */
import type { ExplainedVariance, GateReport, GatesReport } from "../../gates/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { siteColumns } from "./statistics.js";

/** η² of the domain, one row per gate. */
export function domainVarianceSheet({ gates }: GatesReport): Sheet {
  return makeSheet<{ readonly gate: GateReport }>(
    "Share of each gate's variance that the domain explains (η², mean over units)",
    [
      ...siteColumns<{ readonly gate: GateReport }>(),
      { key: "units", heading: "units", kind: "count", value: ({ gate }) => gate.units },
      {
        key: "domain_variance",
        heading: "η² domain",
        kind: "number",
        digits: 4,
        value: ({ gate }) => gate.domainVariance,
      },
    ],
    gates.map((gate) => ({ gate })),
  );
}

interface Row extends ExplainedVariance {
  readonly gate: GateReport;
}

/** η² and ε² of each feature, one row per gate and feature. */
export function explainedVarianceSheet({ gates }: GatesReport): Sheet {
  return makeSheet<Row>(
    "Share of each gate's variance that a feature's values explain (mean over units)",
    [
      ...siteColumns<Row>(),
      { key: "feature", heading: "feature", kind: "text", value: ({ prior }) => prior },
      { key: "groups", heading: "groups", kind: "count", value: ({ groups }) => groups },
      { key: "eta_squared", heading: "η²", kind: "number", digits: 4, value: ({ etaSquared }) => etaSquared },
      { key: "adjusted", heading: "ε² (beyond chance)", kind: "number", digits: 4, value: ({ adjusted }) => adjusted },
    ],
    gates.flatMap((gate) => gate.explained.map((each) => ({ gate, ...each }))),
  );
}
