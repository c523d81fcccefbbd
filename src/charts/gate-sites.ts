/** What gates are called on charts. */
import type { GateReport, GateStatistics, GatesReport } from "../gates/types.js";
import { nameDomains } from "./tasks.js";

export { siteName } from "../util/site-name.js";

/** A short name for axes: `EPNet`, `ctr 1`. */
export function shortSiteName(gate: GateReport): string {
  return gate.module === "epnet" ? "EPNet" : `${gate.tower ?? "PPNet"} ${gate.layer + 1}`;
}

/** Domain names of a report; `["all rows"]` where the model has no domains. */
export function groupNames(report: GatesReport): string[] {
  const domains = Math.max(report.domainNames.length, ...report.gates.map((gate) => gate.domains.length));
  return domains === 0 ? ["all rows"] : nameDomains(report.domainNames, domains);
}

/** Statistics of a gate by the groups of {@link groupNames}; `null` where a domain has no rows or no values. */
export function groupStatistics(gate: GateReport, groups: number): (GateStatistics | null)[] {
  const all = gate.domains.length === 0 && groups === 1 ? [gate.overall] : gate.domains;
  return Array.from({ length: groups }, (_, group) => {
    const statistics = all[group];
    // Without rows, or where no value is a number, there is nothing to show.
    return statistics === undefined || statistics.rows === 0 || Number.isNaN(statistics.mean) ? null : statistics;
  });
}

/** The largest gamma, for axes that gates share. */
export function largestGamma(report: GatesReport): number {
  return Math.max(1, ...report.gates.map((gate) => gate.gamma));
}
