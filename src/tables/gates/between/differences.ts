/** Differences between the domains' mean gates, with intervals. */
import type { GateDifference, GatesReport } from "../../../gates/index.js";
import { percent } from "../../../util/text/format.js";
import { groupNames, siteName } from "../../names/index.js";
import { makeSheet, type Sheet } from "../../sheet.js";

/** `price`, `PPNet ctr layer 1`: a field of EPNet, or a layer. */
export function placeName({ field, ...site }: Pick<GateDifference, "module" | "tower" | "layer" | "field">): string {
  return field ?? siteName(site);
}

/** One row per field or layer and domain. */
export function gateDifferencesSheet(report: GatesReport): Sheet {
  const names = groupNames(report);
  const { differences } = report;
  const caption =
    differences === null
      ? "Gates by domain: fewer than two domains to compare"
      : `Mean gate of a domain less the mean of the others (${percent(differences.level)} over ${differences.user === null ? "rows" : "users"})`;
  return makeSheet<GateDifference>(
    caption,
    [
      { key: "module", heading: "module", kind: "text", value: ({ module }) => module },
      { key: "task", kind: "text", value: ({ tower }) => tower },
      { key: "layer", kind: "count", value: ({ layer }) => layer },
      { key: "field", kind: "text", value: ({ field }) => field },
      { heading: "field or layer", kind: "text", value: placeName },
      { key: "domain", heading: "domain", kind: "text", value: ({ domain }) => names[domain] },
      { key: "rows", heading: "rows", kind: "count", value: ({ rows }) => rows },
      { key: "difference", heading: "difference", kind: "number", digits: 4, value: ({ value }) => value },
      { key: "low", heading: "low", kind: "number", digits: 4, value: ({ low }) => low },
      { key: "high", heading: "high", kind: "number", digits: 4, value: ({ high }) => high },
      { key: "beyond_noise", heading: "beyond noise", kind: "flag", value: ({ isBeyondNoise }) => isBeyondNoise },
      { key: "p_adjusted", heading: "p corrected", kind: "number", digits: 4, value: (cell) => cell.adjustedPValue },
      { key: "units", heading: "units", kind: "count", value: ({ units }) => units?.count },
      {
        key: "units_beyond_noise",
        heading: "units beyond noise",
        kind: "count",
        value: ({ units }) => units?.beyondNoise,
      },
      { key: "furthest_unit", heading: "furthest unit", kind: "count", value: ({ units }) => units?.furthest.unit },
      {
        key: "furthest_value",
        heading: "its difference",
        kind: "number",
        digits: 4,
        value: ({ units }) => units?.furthest.value,
      },
      { key: "furthest_low", kind: "number", digits: 4, value: ({ units }) => units?.furthest.low },
      { key: "furthest_high", kind: "number", digits: 4, value: ({ units }) => units?.furthest.high },
    ],
    differences?.cells ?? [],
  );
}
