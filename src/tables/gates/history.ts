/** Quantiles of gates at every evaluation during training. */
import type { GateReport, GateStatistics, GatesPoint } from "../../gates/index.js";
import { count } from "../../util/text/format.js";
import { domainColumns } from "../evaluation/index.js";
import { groupNames } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { quantileColumns, siteColumns } from "./statistics.js";

interface Row {
  readonly step: number;
  readonly gate: GateReport;
  readonly domain: number;
  readonly at: GateStatistics;
}

/** One row per evaluation, gate and domain. */
export function gateHistorySheet(history: readonly GatesPoint[]): Sheet {
  const last = history.at(-1)?.gates;
  return makeSheet<Row>(
    `Quantiles of gates at ${count(history.length, "evaluation")}`,
    [
      { key: "step", heading: "step", kind: "count", value: ({ step }) => step },
      ...siteColumns<Row>(),
      ...domainColumns<Row>(last === undefined ? [] : groupNames(last)),
      { key: "rows", heading: "rows", kind: "count", value: ({ at }) => at.rows },
      ...quantileColumns<Row>(({ at }) => (at.rows === 0 ? null : at)),
    ],
    history.flatMap(({ step, gates }) =>
      gates.gates.flatMap((gate) =>
        [gate.overall, ...gate.domains].map((at) => ({ step, gate, domain: at.domain ?? -1, at })),
      ),
    ),
  );
}
