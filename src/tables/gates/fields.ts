/** EPNet's mean gate of every feature field, one column per domain. */
import type { FieldGates, GatesReport } from "../../gates/index.js";
import type { Column } from "../column.js";
import { ALL_ROWS, nameDomains } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One row per field. */
export function fieldGatesSheet(report: GatesReport): Sheet {
  const domains = fieldDomains(report);
  return makeSheet(
    "EPNet: mean gate by field and domain (1 leaves the field unchanged)",
    [
      { key: "field", heading: "field", kind: "text", value: ({ field }) => field },
      ...domains.map(
        (name, domain): Column<FieldGates> => ({
          key: name,
          heading: name,
          kind: "number",
          digits: 4,
          value: ({ means }) => means[domain],
        }),
      ),
    ],
    report.fields,
  );
}

/** The domains of the fields' means; `["all rows"]` if the model has none. */
export function fieldDomains(report: GatesReport): string[] {
  const total = Math.max(report.domainNames.length, ...report.fields.map((field) => field.means.length));
  return report.domainNames.length === 0 && total <= 1 ? [ALL_ROWS] : nameDomains(report.domainNames, total);
}
