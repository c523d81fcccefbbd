/** How far apart the domains' gates stand: a domain × domain heat map for each gate, one colour scale for all. */
import type { DomainDistances, GateReport, GatesReport } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import type { Json } from "../util/json.js";
import { compose, type Panel } from "./compose.js";
import { nothingPanel } from "./empty.js";
import type { Chart } from "./figure.js";
import { groupNames, siteName } from "./gate-sites.js";
import { heatPanel } from "./heat.js";
import { finite, tidy } from "./numbers.js";
import { inRows } from "./panel-rows.js";
import { hoverName } from "./tasks.js";
import { fixed, inTitle } from "./text.js";
import { SEQUENTIAL } from "./theme.js";

/** Which distance is drawn; the table has all three. */
export type DistanceName = keyof DomainDistances;

const DISTANCES: Readonly<Record<DistanceName, { readonly text: string; readonly unit: string }>> = {
  jensenShannon: { text: "Jensen–Shannon distance", unit: "distance" },
  meanDistance: { text: "Difference of mean gates", unit: "rms" },
  cosine: { text: "Cosine of mean gates", unit: "cosine" },
};
const DISTANCE_NAMES = Object.keys(DISTANCES) as DistanceName[];
/** Of more domains the cells are too small for a number. */
const CELL_TEXT_DOMAINS = 6;
/** Pixels that one panel's axes have, two side by side. */
const AXES_WIDTH = 190;

/** Distances between the domains' gates. A domain without rows is a gap. */
export function domainDistancesChart(report: GatesReport, distance: DistanceName = "jensenShannon"): Chart {
  const names = groupNames(report);
  const drawn = names.length < 2 ? [] : report.gates.filter((gate) => gate.distances !== null);
  const title = distancesTitle(report, drawn, names, distance);
  const range = valueRange(drawn, distance);
  const height = Math.max(110, Math.min(220, names.length * 34));
  const panels = drawn.map((gate, g) =>
    distancePanel(gate, names, distance, { range, height, first: g === 0, named: g % 2 === 0 }),
  );
  const rows =
    panels.length === 0 ? [{ height: 60, panels: [nothingPanel("nothing to compare")] }] : inRows(panels, 2, height);
  return { title, figure: compose({ title, rows }), table: distancesTable(drawn, names) };
}

interface Look {
  readonly range: readonly [number, number];
  readonly height: number;
  readonly first: boolean;
  readonly named: boolean;
}

function distancePanel(
  gate: GateReport,
  names: readonly string[],
  distance: DistanceName,
  { range, height, first, named }: Look,
): Panel {
  const matrix = (gate.distances as DomainDistances)[distance];
  const { text, unit } = DISTANCES[distance];
  return heatPanel(
    {
      title: siteName(gate),
      rows: names,
      columns: names,
      values: names.map((_, a) => names.map((_, b) => tidy(matrix[a]?.[b]))),
      range,
      colorscale: SEQUENTIAL as Json,
      colorbar: first ? { title: { text: unit, side: "top" } } : null,
      cell: (a, b) => (names.length > CELL_TEXT_DOMAINS ? "" : fixed(matrix[a]?.[b], 2)),
      hover: (a, b) => `${hoverName(names[a] as string, names[b] as string)}<br>${text} ${fixed(matrix[a]?.[b], 4)}`,
      gap: "no rows",
      named,
    },
    { width: AXES_WIDTH, height },
  );
}

/** One range for all panels; a cosine falls as domains part. */
function valueRange(gates: readonly GateReport[], distance: DistanceName): [number, number] {
  const values = gates
    .flatMap((gate) => gate.distances?.[distance].flat() ?? [])
    .flatMap((value) => finite(value) ?? []);
  if (distance === "cosine") return [Math.min(0.99, ...values), 1];
  return [0, Math.max(0.01, ...values)];
}

function distancesTitle(
  report: GatesReport,
  drawn: readonly GateReport[],
  names: readonly string[],
  distance: DistanceName,
): string {
  if (report.gates.length === 0) return "Distances between domains: this model has no gates";
  const pairs = drawn.flatMap((gate) =>
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
  const far = pairs.reduce((a, b) => (farther(b.value, a.value) ? b : a));
  const where = `${inTitle(far.one)} and ${inTitle(far.other)} in ${siteName(far.gate)}`;
  return `Gates of two domains stand farthest apart for ${where} (${lower(DISTANCES[distance].text)} ${fixed(far.value)})`;
}

/** `cosine …`, but `Jensen–Shannon …`. */
function lower(text: string): string {
  return text.startsWith("Jensen") ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

function distancesTable(gates: readonly GateReport[], names: readonly string[]): Table {
  return {
    caption: "Distances between the domains' gates",
    columns: [
      { name: "gate" },
      { name: "domain" },
      { name: "other domain" },
      ...Object.values(DISTANCES).map(({ text }) => ({ name: text, digits: 4 })),
    ],
    rows: gates.flatMap((gate) =>
      names.flatMap((one, a) =>
        names
          .slice(a + 1)
          .map((other, b): Cell[] => [
            siteName(gate),
            one,
            other,
            ...DISTANCE_NAMES.map((name) => gate.distances?.[name][a]?.[a + 1 + b] ?? null),
          ]),
      ),
    ),
  };
}
