/** Distances between the domains' gates, by three measures. */
import type { DomainDistances, GateReport, GatesReport } from "../../gates/types.js";
import { siteName } from "../../spec/site-name.js";
import { fixed, grouped, snakeCase } from "../../util/text.js";
import { heatPanel } from "../axes.js";
import { emptyPanel, panelChart } from "../compose.js";
import { groupNames, shortSiteName } from "../names.js";
import { finite, inTitle, markup, SEQUENTIAL, sentence, shortenAll, tidy } from "../theme.js";
import { type Chart, type Column, col, makeSheet, type Sheet } from "../view.js";
import { siteColumns } from "./statistics.js";

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
      col.text("domain", ({ one }) => names[one]),
      col.text(["other_domain", "other domain"], ({ other }) => names[other]),
      ...(Object.keys(DISTANCES) as DistanceName[]).map(
        (name): Column<Row> =>
          col.number(
            [snakeCase(name), DISTANCES[name]],
            ({ gate, one, other }) => gate.distances?.[name][one]?.[other],
            4,
          ),
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

/** Of more pairs, those that differ most and those that differ least are drawn. */
const FARTHEST = 20;
const NEAREST = 4;
/** Letters of a domain's name in a pair's. */
const LETTERS = 15;
/** Pixels for the axes. */
const AXES_WIDTH = 320;
const ROW_HEIGHT = 24;

/** Two domains, and their distance in each gate; `null`: one of them has no rows. */
interface DomainPair {
  readonly domains: readonly [number, number];
  readonly values: readonly (number | null)[];
  /** The largest difference; `null`: none is defined. */
  readonly most: number | null;
}

/** Distances by pair of domains and gate, those that differ most first. A domain without rows is a gap. */
export function domainDistancesChart(report: GatesReport, distance: DistanceName = "jensenShannon"): Chart {
  const names = groupNames(report);
  const gates = gatesWithDistances(report);
  const all = domainPairs(gates, names.length, distance);
  const pairs = all.length <= FARTHEST + NEAREST ? all : [...all.slice(0, FARTHEST), ...all.slice(-NEAREST)];
  const title = distancesTitle(report, gates, all, distance);
  const height = Math.max(1, pairs.length) * ROW_HEIGHT;
  const sheet = distancesSheet(report);
  if (pairs.length === 0) return panelChart(title, emptyPanel("nothing to compare"), 60, sheet);
  const short = shortenAll(names, LETTERS);
  const panel = heatPanel(
    {
      title: DISTANCES[distance],
      rows: pairs.map(({ domains: [one, other] }) => `${short[one]} ↔ ${short[other]}`),
      letters: 2 * LETTERS + 3,
      columns: gates.map(shortSiteName),
      values: pairs.map(({ values }) => values.map(tidy)),
      range: valueRange(pairs, distance),
      scale: SEQUENTIAL,
      bar: null,
      cell: (row, gate) => fixed(pairs[row]?.values[gate], 2),
      hover: (row, gate) => {
        const [one, other] = pairs[row]!.domains;
        const value = fixed(pairs[row]!.values[gate], 4);
        return markup`${siteName(gates[gate]!)}: ${names[one]!}, ${names[other]!}<br>${DISTANCES[distance]} ${value}`;
      },
      gap: "no rows",
    },
    { width: AXES_WIDTH, height },
  );
  return panelChart(title, panel, height, sheet);
}

/** All pairs, those that differ most in a gate first; pairs without values last. */
function domainPairs(gates: readonly GateReport[], domains: number, distance: DistanceName): DomainPair[] {
  const sign = distance === "cosine" ? -1 : 1;
  const pairs = Array.from({ length: domains }, (_, one) =>
    Array.from({ length: domains - one - 1 }, (__, later): DomainPair => {
      const other = one + 1 + later;
      const values = gates.map((gate) => finite(gate.distances?.[distance][one]?.[other]));
      const sorted = values.filter((value) => value !== null).sort((a, b) => sign * (b - a));
      return { domains: [one, other], values, most: sorted[0] ?? null };
    }),
  ).flat();
  const size = ({ most }: DomainPair): number => (most === null ? Number.NEGATIVE_INFINITY : sign * most);
  return pairs.sort((a, b) => size(b) - size(a));
}

/** From no difference; a cosine decreases as domains differ. */
function valueRange(pairs: readonly DomainPair[], distance: DistanceName): [number, number] {
  const values = pairs.flatMap((pair) => pair.values.flatMap((value) => value ?? []));
  if (distance === "cosine") return [Math.min(0.99, ...values), 1];
  return [0, Math.max(0.01, ...values)];
}

function distancesTitle(
  report: GatesReport,
  gates: readonly GateReport[],
  pairs: readonly DomainPair[],
  distance: DistanceName,
): string {
  if (report.gates.length === 0) return "Distances between domains: this model has no gates";
  const [far] = pairs;
  if (far === undefined || far.most === null) return "Distances between domains: fewer than two domains have rows";
  const names = groupNames(report);
  const [one, other] = far.domains.map((domain) => inTitle(names[domain]!, names));
  const gate = siteName(gates[far.values.indexOf(far.most)]!);
  const part = `drawn are the ${FARTHEST} farthest and the ${NEAREST} nearest of ${grouped(pairs.length)} pairs`;
  return sentence([
    `Gates differ most between ${one} and ${other} in ${gate} (${lower(DISTANCES[distance])} ${fixed(far.most)})`,
    pairs.length > FARTHEST + NEAREST ? part : null,
  ]);
}

/** `cosine …`, but `Jensen–Shannon …`. */
function lower(text: string): string {
  return text.startsWith("Jensen") ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
