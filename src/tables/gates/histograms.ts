/** Counts of gate values by bin. */
import type { GateReport, GatesReport } from "../../gates/index.js";
import { groupNames, groupStatistics } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { siteColumns } from "./statistics.js";

interface Row {
  readonly gate: GateReport;
  readonly domain: string;
  readonly from: number;
  readonly to: number;
  readonly values: number;
}

/** One row per gate, domain and bin. */
export function histogramsSheet(report: GatesReport): Sheet {
  const names = groupNames(report);
  return makeSheet<Row>(
    "Counts of gate values by bin (γ is the largest value a gate can take)",
    [
      ...siteColumns<Row>(),
      { key: "domain", heading: "domain", kind: "text", value: ({ domain }) => domain },
      { key: "from", heading: "from", kind: "number", digits: 3, value: ({ from }) => from },
      { key: "to", heading: "to", kind: "number", digits: 3, value: ({ to }) => to },
      { key: "values", heading: "values", kind: "count", value: ({ values }) => values },
    ],
    report.gates.flatMap((gate) =>
      groupStatistics(gate, names.length).flatMap((at, d) => {
        const bins = at?.histogram ?? [];
        const width = gate.gamma / bins.length;
        return bins.map((values, bin): Row => {
          return { gate, domain: names[d]!, from: bin * width, to: (bin + 1) * width, values };
        });
      }),
    ),
  );
}
