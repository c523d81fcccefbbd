import type { GateDifference, GateDifferences, GatesReport } from "../../gates/types.js";
import { siteName } from "../../spec/model.js";
import { count, ends, percent, signed } from "../../util/text.js";
import { chart, type Panel, type PanelRow, panelRows, xAxis } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { colour, highest, INK, inTitle, type Markup, markup, sentence, shortenAll } from "../theme.js";
import { type Chart, col, groupNames, intervalUnit, type Sheet, sheetFrom } from "../view.js";
import { worthClause } from "./counterfactuals.js";

function placeName({ field, ...site }: Pick<GateDifference, "module" | "tower" | "layer" | "field">): string {
  return field ?? siteName(site);
}

export function gateDifferencesSheet(report: GatesReport): Sheet {
  const names = groupNames(report);
  const { differences } = report;
  const caption =
    differences === null
      ? "Gates by domain: fewer than two domains to compare"
      : `Mean gate of a domain less the mean of the others (${percent(differences.level)} over ${differences.user === null ? "rows" : "users"})`;
  return sheetFrom(caption, differences?.cells ?? [], [
    col.text("module", ({ module }) => module),
    col.text(["task", null], ({ tower }) => tower),
    col.count(["layer", null], ({ layer }) => layer),
    col.text(["field", null], ({ field }) => field),
    col.text([null, "field or layer"], placeName),
    col.text("domain", ({ domain }) => names[domain]),
    col.count("rows", ({ rows }) => rows),
    col.number("difference", ({ value }) => value, 4),
    col.ends((cell) => cell, 4),
    col.number(["untrained", "before training"], ({ untrained }) => untrained, 4),
    col.flag(["beyond_noise", "beyond noise"], ({ isBeyondNoise }) => isBeyondNoise),
    col.number(["p_adjusted", "p corrected"], (cell) => cell.adjustedPValue, 4),
    col.count("units", ({ units }) => units?.count),
    col.count(["units_beyond_noise", "units beyond noise"], ({ units }) => units?.beyondNoise),
    col.count(["furthest_unit", "furthest unit"], ({ units }) => units?.furthest.unit),
    col.number(["furthest_value", "its difference"], ({ units }) => units?.furthest.value, 4),
    col.ends(
      ({ units }) => units?.furthest,
      4,
      (end) => [`furthest_${end}`, null],
    ),
  ]);
}

const MAX_CELLS = 16;
const [PLACE_LETTERS, DOMAIN_LETTERS] = [20, 18];

/** Domains' mean gates less the others'. Filled: beyond noise, corrected, and beyond twice any before training. */
export function gateDifferencesChart(report: GatesReport): Chart {
  const names = groupNames(report);
  const { differences } = report;
  const cells = differences?.cells ?? [];
  const parts = (["epnet", "ppnet"] as const).map((module) => cells.filter((cell) => cell.module === module));
  const rows = parts.flatMap((part): PanelRow[] => {
    if (part.length === 0 || differences === null) return [];
    const height = dotRowsHeight(Math.min(MAX_CELLS, part.length));
    return [
      { height, panels: [cellsPanel(part, differences, names, part === parts.find(({ length }) => length > 0))] },
    ];
  });
  return chart({
    legendBelow: true,
    title: differencesTitle(report, parts, names),
    rows: rows.length > 0 ? rows : panelRows([], { across: 1, height: 0, empty: "fewer than two domains to compare" }),
    sheet: gateDifferencesSheet(report),
  });
}

function cellsPanel(
  cells: readonly GateDifference[],
  differences: GateDifferences,
  names: readonly string[],
  isFirst: boolean,
): Panel {
  const largest = [...cells].sort((a, b) => size(b) - size(a)).slice(0, MAX_CELLS);
  largest.sort((a, b) => b.value - a.value);
  const isEpnet = cells[0]?.module === "epnet";
  const [places, domains] = [shortenAll(largest.map(cellPlace), PLACE_LETTERS), shortenAll(names, DOMAIN_LETTERS)];
  const shortPlace = new Map(largest.map((cell, at) => [cell, places[at]!]));
  const cut =
    largest.length < cells.length ? `, the ${largest.length} largest of ${count(cells.length, "difference")}` : "";
  return dotRowsPanel({
    title: `${isEpnet ? "EPNet by field" : "PPNet by layer"}${cut}`,
    rows: largest.map((cell): DotRow => {
      const { value, low, high, domain } = cell;
      const place = shortPlace.get(cell)!;
      return {
        ...{ value, low, high, hollow: !cell.isBeyondNoise, printed: signed(value) },
        name: differences.isPair ? place : `${place}, ${domains[domain]!}`,
        color: colour(domain, names.length),
        hover: cellHover(cell, names[domain]!),
      };
    }),
    levels: largest.every(({ untrained }) => untrained === null)
      ? []
      : [
          {
            ...{ legend: { name: "before training", inLegend: isFirst }, symbol: "line-ns" as const, color: INK },
            values: largest.map(({ untrained }) => untrained),
            hover: largest.map(({ untrained }) => markup`before training ${signed(untrained, 4)}`),
          },
        ],
    reference: 0,
    axis: xAxis(intervalUnit("Δ gate", differences), { tickformat: ".3~f", nticks: 6 }),
    letters: PLACE_LETTERS + DOMAIN_LETTERS + 2,
  });
}

function cellPlace(cell: GateDifference): string {
  return cell.module === "epnet" ? placeName(cell) : `${cell.tower ?? ""} layer ${cell.layer + 1}`;
}

function size(cell: GateDifference): number {
  return Math.abs(cell.value);
}

function cellHover(cell: GateDifference, domain: string): Markup {
  const { value, rows, units } = cell;
  const change = `${signed(value, 4)}${ends(cell, (end) => signed(end, 4))}`;
  const verdict = cell.isBeyondNoise ? "beyond noise" : "within noise";
  const line = markup`${placeName(cell)}, ${domain}<br>${change}: ${verdict}<br>${count(rows, "row")}`;
  if (units === null) return line;
  const { furthest } = units;
  return markup`${line}<br>${units.beyondNoise} of ${count(units.count, "unit")} beyond noise, unit ${furthest.unit} furthest: ${signed(furthest.value, 4)}`;
}

function differencesTitle(
  report: GatesReport,
  parts: readonly (readonly GateDifference[])[],
  names: readonly string[],
): string {
  const { differences, gates } = report;
  if (gates.length === 0) return "Differences between domains' gates: this model has no gates";
  if (differences === null) return "Differences between domains' gates: fewer than two domains have enough rows";
  const findings = parts.flatMap((cells, p) => {
    if (cells.length === 0) return [];
    const beyond = cells.filter(({ isBeyondNoise }) => isBeyondNoise);
    const units = cells.reduce((sum, cell) => sum + (cell.units?.beyondNoise ?? 0), 0);
    const inUnits = units === 0 ? "" : `, and ${count(units, "difference")} of single units`;
    const module = ["EPNet", "PPNet"][p]!;
    const most = highest(beyond, size);
    const beyondText = cells[0]!.untrained === null ? "beyond noise" : "more than twice any before training";
    if (most === undefined) return [`${module}: no difference ${beyondText}${inUnits}`];
    const place = inTitle(cellPlace(most));
    const where = differences.isPair ? place : `${place} in ${inTitle(names[most.domain]!, names)}`;
    return [
      `${module}: ${beyond.length} of ${cells.length} ${beyondText}${inUnits}, most ${where} (${signed(most.value)})`,
    ];
  });
  const lead = differences.isPair
    ? `Gates of ${inTitle(names[0]!, names)} less ${inTitle(names[1]!, names)}`
    : "Gates of each domain less the others";
  return sentence([`${lead}: ${sentence(findings)}`, worthClause(report)]);
}
