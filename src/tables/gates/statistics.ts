/** Every statistic of every gate by domain: the data of all gate charts. */
import type { GateReport, GateStatistics, GatesReport } from "../../gates/index.js";
import { count } from "../../util/text/format.js";
import type { Column } from "../column.js";
import { domainColumns } from "../evaluation/index.js";
import { groupNames, siteName } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row {
  readonly gate: GateReport;
  readonly domain: number;
  /** `null`: no rows. */
  readonly at: GateStatistics | null;
}

/** One row per gate and domain. */
export function gateStatisticsSheet(report: GatesReport): Sheet {
  const rows = report.gates.flatMap((gate) =>
    [gate.overall, ...gate.domains].map((at): Row => {
      return { gate, domain: at.domain ?? -1, at: at.rows === 0 ? null : at };
    }),
  );
  return makeSheet(
    `Gates on ${count(report.rows, "row")} (γ is the largest value a gate can take)`,
    [
      ...siteColumns<Row>(),
      { key: "units", kind: "count", value: ({ gate }) => gate.units },
      { key: "gamma", kind: "number", value: ({ gate }) => gate.gamma },
      ...domainColumns<Row>(groupNames(report)),
      { key: "rows", heading: "rows", kind: "count", value: ({ at }) => at?.rows ?? 0 },
      { key: "mean", heading: "mean", kind: "number", digits: 3, value: ({ at }) => at?.mean },
      { key: "std", heading: "std", kind: "number", digits: 3, value: ({ at }) => at?.std },
      ...quantileColumns<Row>(({ at }) => at),
      { key: "closed", heading: "< 0.05 γ", kind: "share", value: ({ at }) => at?.closed },
      { key: "open", heading: "> 0.95 γ", kind: "share", value: ({ at }) => at?.open },
      { key: "identity", heading: "≈ γ/2", kind: "share", value: ({ at }) => at?.identity },
      { key: "dead_units", heading: "dead units", kind: "share", value: ({ at }) => at?.deadUnits },
      { key: "entropy", kind: "number", value: ({ at }) => at?.entropy },
      { key: "effective_width", kind: "number", value: ({ at }) => at?.effectiveWidth },
      { key: "not_finite", kind: "share", value: ({ at }) => at?.notFinite },
      ...varianceColumns(report),
    ],
    rows,
  );
}

/** In records module, task and layer; in tables `PPNet ctr, layer 1`. */
export function siteColumns<
  Row extends { readonly gate: Pick<GateReport, "module" | "tower" | "layer"> },
>(): Column<Row>[] {
  return [
    { key: "module", kind: "text", value: ({ gate }) => gate.module },
    { key: "task", kind: "text", value: ({ gate }) => gate.tower ?? "all" },
    { key: "layer", kind: "count", value: ({ gate }) => gate.layer },
    { heading: "gate", kind: "text", value: ({ gate }) => siteName(gate) },
  ];
}

/** The quantiles at 5, 25, 50, 75 and 95%. */
export function quantileColumns<Row>(statistics: (row: Row) => GateStatistics | null): Column<Row>[] {
  const names = ["5%", "25%", "median", "75%", "95%"];
  return ["q05", "q25", "q50", "q75", "q95"].map((key, q) => ({
    key,
    heading: names[q],
    kind: "number",
    digits: 3,
    value: (row) => statistics(row)?.quantiles[q],
  }));
}

/** For all rows: the share of a gate's variance that the domain and other ids explain. */
function varianceColumns({ gates }: GatesReport): Column<Row>[] {
  const priors = new Set(gates.flatMap(({ explained }) => explained.map(({ prior }) => prior)));
  const ofAllRows = (
    of: (gate: GateReport) => number | null | undefined,
  ): ((row: Row) => number | null | undefined) => {
    return ({ gate, domain }) => (domain < 0 ? of(gate) : null);
  };
  return [
    { key: "domain_variance", kind: "share", value: ofAllRows((gate) => gate.domainVariance) },
    ...[...priors].map((prior): Column<Row> => {
      const explained = (gate: GateReport) => gate.explained.find((each) => each.prior === prior)?.adjusted;
      return { key: `explained_${prior}`, kind: "share", value: ofAllRows(explained) };
    }),
  ];
}
