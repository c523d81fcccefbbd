/** Distances between the domains' gates: one domain × domain heat map per gate, with a shared colour scale. */
import type { GateReport, GatesReport } from "../../gates/index.js";
import {
  DISTANCES,
  type DistanceName,
  distancesSheet,
  gatesWithDistances,
  groupNames,
  siteName,
} from "../../tables/index.js";
import { fixed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { chart, heatPanel, type Panel, panelRows } from "../panels/index.js";
import { finite, inTitle, markup, SEQUENTIAL, tidy } from "../theme/index.js";

/** Names of the distances on the colour bar. */
const UNITS: Readonly<Record<DistanceName, string>> = {
  jensenShannon: "distance",
  meanDistance: "rms",
  cosine: "cosine",
};
/** With more domains the cells are too small for a number. */
const CELL_TEXT_DOMAINS = 6;
/** Pixels for one panel's axes, with two side by side. */
const AXES_WIDTH = 190;

/** Distances between the domains' gates. A domain without rows is a gap. */
export function domainDistancesChart(report: GatesReport, distance: DistanceName = "jensenShannon"): Chart {
  const names = groupNames(report);
  const gates = gatesWithDistances(report);
  const range = valueRange(gates, distance);
  const height = Math.max(110, Math.min(220, names.length * 34));
  const panels = gates.map((gate, g) => distancePanel(gate, names, distance, range, height, g));
  return chart({
    title: distancesTitle(report, gates, names, distance),
    rows: panelRows(panels, { across: 2, height, empty: "nothing to compare" }),
    sheet: distancesSheet(report),
  });
}

function distancePanel(
  gate: GateReport,
  names: readonly string[],
  distance: DistanceName,
  range: readonly [number, number],
  height: number,
  index: number,
): Panel {
  const value = (a: number, b: number): number | null => finite(gate.distances?.[distance][a]?.[b]);
  return heatPanel(
    {
      title: siteName(gate),
      rows: names,
      columns: names,
      values: names.map((_, a) => names.map((__, b) => tidy(value(a, b)))),
      range,
      scale: SEQUENTIAL,
      bar: index === 0 ? { title: { text: UNITS[distance], side: "top" } } : null,
      cell: (a, b) => (names.length > CELL_TEXT_DOMAINS ? "" : fixed(value(a, b), 2)),
      hover: (a, b) => markup`${names[a]!}, ${names[b]!}<br>${DISTANCES[distance]} ${fixed(value(a, b), 4)}`,
      gap: "no rows",
      named: index % 2 === 0,
    },
    { width: AXES_WIDTH, height },
  );
}

/** One range for all panels; a cosine decreases as domains differ. */
function valueRange(gates: readonly GateReport[], distance: DistanceName): [number, number] {
  const all = gates.flatMap((gate) => gate.distances?.[distance].flat() ?? []);
  const values = all.flatMap((value) => finite(value) ?? []);
  if (distance === "cosine") return [Math.min(0.99, ...values), 1];
  return [0, Math.max(0.01, ...values)];
}

function distancesTitle(
  report: GatesReport,
  gates: readonly GateReport[],
  names: readonly string[],
  distance: DistanceName,
): string {
  if (report.gates.length === 0) return "Distances between domains: this model has no gates";
  const pairs = gates.flatMap((gate) =>
    names.flatMap((one, a) =>
      names.slice(a + 1).flatMap((other, b) => {
        const value = finite(gate.distances?.[distance][a]?.[a + 1 + b]);
        return value === null ? [] : [{ gate, one, other, value }];
      }),
    ),
  );
  const [first] = pairs;
  if (first === undefined) return "Distances between domains: fewer than two domains have rows";
  const farther = (a: number, b: number): boolean => (distance === "cosine" ? a < b : a > b);
  const far = pairs.reduce((a, b) => (farther(b.value, a.value) ? b : a), first);
  const where = `${inTitle(far.one)} and ${inTitle(far.other)} in ${siteName(far.gate)}`;
  return `Gates differ most between ${where} (${lower(DISTANCES[distance])} ${fixed(far.value)})`;
}

/** `cosine …`, but `Jensen–Shannon …`. */
function lower(text: string): string {
  return text.startsWith("Jensen") ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
