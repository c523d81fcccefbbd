/** Display names of gates and of their groups of rows. */
import type { GateReport, GateStatistics, GatesReport } from "../../gates/index.js";
import { ALL_ROWS, namesByDomain } from "./tasks.js";


/** A short name for axes: `EPNet`, `ctr 1`. */
export function shortSiteName(gate: GateReport): string {
  return gate.module === "epnet" ? "EPNet" : `${gate.tower ?? "PPNet"} ${gate.layer + 1}`;
}

/** The domains of a report; `["all rows"]` if the model has no domains. */
export function groupNames(report: GatesReport): string[] {
  const names = namesByDomain(report.domainNames, report.gates);
  return names.length === 0 ? [ALL_ROWS] : names;
}

/** Statistics of a gate by the groups of {@link groupNames}; `null` if a domain has no rows or no values. */
export function groupStatistics(gate: GateReport, groups: number): (GateStatistics | null)[] {
  const all = gate.domains.length === 0 && groups === 1 ? [gate.overall] : gate.domains;
  return Array.from({ length: groups }, (_, group) => {
    const statistics = all[group];
    return statistics === undefined || statistics.rows === 0 || Number.isNaN(statistics.mean) ? null : statistics;
  });
}
