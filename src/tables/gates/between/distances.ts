/** Distances between the domains' gates, by three measures. */

import type { DomainDistances, GateReport, GatesReport } from "../../../gates/index.js";
import { snakeCase } from "../../../util/text/snake-case.js";
import type { Column } from "../../column.js";
import { groupNames } from "../../names/index.js";
import { makeSheet, type Sheet } from "../../sheet.js";
import { siteColumns } from "../statistics.js";

/** The measures between two domains. */
export type DistanceName = keyof DomainDistances;

/** Display names of the measures, in the order of the table. */
export const DISTANCES: Readonly<Record<DistanceName, string>> = {
  jensenShannon: "Jensen–Shannon distance",
  meanDistance: "Difference of mean gates",
  cosine: "Cosine of mean gates",
};

interface Row {
  readonly gate: GateReport;
  readonly one: number;
  readonly other: number;
}

/** One row per gate and pair of domains. */
export function distancesSheet(report: GatesReport): Sheet {
  const names = groupNames(report);
  return makeSheet<Row>(
    "Distances between the domains' gates",
    [
      ...siteColumns<Row>(),
      { key: "domain", heading: "domain", kind: "text", value: ({ one }) => names[one] },
      { key: "other_domain", heading: "other domain", kind: "text", value: ({ other }) => names[other] },
      ...(Object.keys(DISTANCES) as DistanceName[]).map(
        (name): Column<Row> => ({
          key: snakeCase(name),
          heading: DISTANCES[name],
          kind: "number",
          digits: 4,
          value: ({ gate, one, other }) => gate.distances?.[name][one]?.[other],
        }),
      ),
    ],
    gatesWithDistances(report).flatMap((gate) =>
      names.flatMap((_, one) => names.slice(one + 1).map((__, later) => ({ gate, one, other: one + 1 + later }))),
    ),
  );
}

/** The gates with distances: none if the model has fewer than two domains. */
export function gatesWithDistances(report: GatesReport): readonly GateReport[] {
  return groupNames(report).length < 2 ? [] : report.gates.filter((gate) => gate.distances !== null);
}
