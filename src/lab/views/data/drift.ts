/** The view of drift from the training rows. */
import type { ColumnDrift, DriftReport, LabelDrift } from "../../../core/data/summary/drift.js";
import type { RateDrift } from "../../../core/metrics/drift.js";
import { fewestForInterval } from "../../../core/metrics/intervals/normal.js";
import { sum } from "../../../core/util/numbers.js";
import { count, ends, fixed, grouped, percent, signed } from "../../../core/util/text.js";
import { chart, type Panel, panelRows, xAxis } from "../compose.js";
import { type DotRow, domainRowCount, domainRows, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { INK, inTitle, type Markup, markup, PLAIN, rounded, sentence } from "../theme.js";
import { ALL_ROWS, type Chart, col, independentUnits, nameDomains, type Sheet, sheetFrom } from "../view.js";
import { shareOfRows } from "./columns.js";

type Row =
  | { readonly column: ColumnDrift; readonly rate?: undefined; readonly label?: undefined }
  | { readonly label: string; readonly domain: number; readonly rate: RateDrift; readonly column?: undefined };

export function driftSheet(drift: DriftReport | null, domainNames: readonly string[] = []): Sheet {
  const rows: readonly Row[] = [
    ...sortedDrift(drift).map((column) => ({ column })),
    ...(drift?.labels ?? []).flatMap(({ label, overall, domains }) =>
      [overall, ...domains].map((rate, place) => ({ label, domain: place - 1, rate })),
    ),
  ];
  const names = nameDomains(domainNames, Math.max(0, ...(drift?.labels ?? []).map(({ domains }) => domains.length)));
  const caption =
    drift === null
      ? "Drift: no training rows to compare with"
      : `Drift from ${count(drift.trainingRows, "training row")} to ${count(drift.rows, "row")}, ${independentUnits(drift.user)}`;
  return sheetFrom(caption, rows, [
    col.text("column", (row) => row.column?.name ?? row.label),
    col.text(["compared", "compared by"], (row) => row.column?.by ?? "rate"),
    col.text("domain", (row) => (row.rate === undefined ? null : row.domain < 0 ? ALL_ROWS : names[row.domain])),
    col.share(["rate_training", "rate in training"], (row) => row.rate && rateShare(row.rate.training), 2),
    col.share(["rate", "rate here"], (row) => row.rate && rateShare(row.rate.here), 2),
    col.number("difference", (row) => row.rate?.value, 4),
    col.ends(({ rate }) => rate, 4),
    col.number(["psi", "PSI"], ({ column }) => column?.psi, 4),
    col.number(["psi_floor", "PSI floor"], ({ column }) => column?.psiFloor, 4),
    col.count("bins", ({ column }) => column?.bins.length),
    col.share(["not_in_training", "not in training"], ({ column }) => column?.unseen, 2),
    col.share(["not_in_training_by_chance", "by chance"], ({ column }) => column?.unseenByChance, 2),
    col.flag(["beyond_noise", "beyond noise"], (row) => (row.column ?? row.rate)?.isBeyondNoise),
    col.number(["p_adjusted", "p corrected"], (row) => (row.column ?? row.rate)?.adjustedPValue, 4),
  ]);
}

function sortedDrift(drift: DriftReport | null): ColumnDrift[] {
  return [...(drift?.columns ?? [])].sort((a, b) => (b.psi ?? -1) - (a.psi ?? -1));
}

function rateShare({ positives, rows }: RateDrift["here"]): number | null {
  return shareOfRows(positives, rows);
}

const MAX_COLUMNS = 30;
const BINS = 3;

/** Columns by drift, compared with chance, and label rates minus those of training. Filled: beyond noise, corrected. */
export function driftChart(drift: DriftReport | null, domainNames: readonly string[] = []): Chart {
  const columns = sortedDrift(drift);
  const visible = columns.slice(0, MAX_COLUMNS);
  const most = Math.max(0, ...(drift?.labels ?? []).map(({ domains }) => domains.length));
  const names = most < 2 ? [] : nameDomains(domainNames, most);
  const labels = labelPanels(drift?.labels ?? [], names);
  const rows = names.length === 0 ? (drift?.labels.length ?? 0) : domainRowCount(names.length) + 1;
  const empty = drift === null ? "no training rows: describe({ training: train })" : "no column to compare";
  return chart({
    title: driftTitle(drift, columns, names),
    rows: [
      ...panelRows(visible.length === 0 ? [] : [columnPanel(visible)], {
        across: 1,
        height: dotRowsHeight(visible.length),
        empty,
      }),
      ...(labels.length === 0 ? [] : panelRows(labels, { across: 2, height: dotRowsHeight(rows), empty: "" })),
    ],
    legendBelow: true,
    sheet: driftSheet(drift, domainNames),
  });
}

function columnPanel(columns: readonly ColumnDrift[]): Panel {
  // From a little below 0, so that dots at 0 are whole.
  const values = columns.flatMap(({ psi, psiFloor }) => [psi, psiFloor]);
  const most = Math.max(0.01, ...values.flatMap((value) => value ?? []));
  return dotRowsPanel({
    title: "Population stability index",
    rows: columns.map(
      (column): DotRow => ({
        name: column.name,
        value: column.psi,
        color: PLAIN,
        hollow: !column.isBeyondNoise,
        printed: fixed(column.psi),
        hover: columnHover(column),
      }),
    ),
    levels: [
      {
        values: columns.map(({ psiFloor }) => psiFloor),
        symbol: "line-ns",
        color: INK,
        legend: { name: "two random samples", group: "floor" },
        hover: columns.map(({ name, psiFloor }) => markup`${name}<br>two random samples: below ${fixed(psiFloor, 4)}`),
      },
    ],
    axis: xAxis("PSI", {
      range: [rounded(-0.04 * most), rounded(1.08 * most)],
      tickformat: ".3~f",
    }),
  });
}

function columnHover(column: ColumnDrift): Markup {
  const { name, psi, psiFloor, bins, unseen, unseenByChance } = column;
  if (psi === null) return markup`${name}: no rows to compare`;
  const [training, here] = [sum(bins.map((bin) => bin.training)), sum(bins.map((bin) => bin.here))];
  const moved = bins
    .map((bin) => ({ name: bin.name, from: bin.training / training, to: bin.here / here }))
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
    .slice(0, BINS)
    .map(({ name: bin, from, to }) => markup`<br>${bin}: ${percent(from)} in training, ${percent(to)} here`);
  const distance = `PSI ${fixed(psi, 4)} (noise below ${fixed(psiFloor, 4)})`;
  const [first = markup``, second = markup``, third = markup``] = moved;
  const chance =
    unseen === null
      ? ""
      : `${percent(unseen)} of the rows are not in training${unseenByChance === null ? "" : `, ${percent(unseenByChance)} by chance`}`;
  return markup`${name}, ${count(bins.length, "bin")}<br>${distance}${first}${second}${third}${chance === "" ? markup`` : markup`<br>${chance}`}`;
}

/** A panel per label, its domains by their change; without domains one panel of all labels. */
function labelPanels(labels: readonly LabelDrift[], names: readonly string[]): Panel[] {
  const axis = xAxis("Δ rate (95%)", { tickformat: ".2~%" });
  const look = { reference: 0, axis };
  if (labels.length > 0 && names.length === 0) {
    const rows = labels.map(({ label, overall }) => rateRow(label, label, overall, true));
    return [dotRowsPanel({ ...look, title: "Rates of labels, here less in training", rows })];
  }
  return labels.map(({ label, overall, domains }) => {
    const rows = names.map((name, d) => rateRow(label, name, domains[d], false));
    const sorted = [...rows].sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
    return dotRowsPanel({
      ...look,
      title: `Rate of ${label}`,
      rows: [rateRow(label, ALL_ROWS, overall, true), ...domainRows(sorted, ({ value }) => value)],
    });
  });
}

function rateRow(label: string, name: string, rate: RateDrift | undefined, main: boolean): DotRow {
  const { value = null, low = null, high = null, isBeyondNoise = false } = rate ?? {};
  const shares = [rate?.training, rate?.here].map((rows) => (rows === undefined ? null : rateShare(rows)));
  return {
    name,
    value,
    low,
    high,
    main,
    color: main ? INK : PLAIN,
    hollow: !isBeyondNoise,
    printed: `${percent(shares[0], 1)} → ${percent(shares[1], 1)}`,
    hover: rateHover(label, name, rate),
  };
}

function rateHover(label: string, name: string, rate: RateDrift | undefined): Markup {
  if (rate === undefined || rate.value === null) return markup`${label}, ${name}: no rows to compare`;
  const { training, here, value } = rate;
  const change = `${signed(value, 4)}${ends(rate, (end) => signed(end, 4))}`;
  const tested = rate.isBeyondNoise ? "beyond noise" : "within noise";
  const verdict = rate.adjustedPValue === null ? "too few users to tell" : tested;
  return markup`${label}, ${name}<br>${percent(rateShare(training), 2)} of ${count(training.rows, "training row")}, ${percent(rateShare(here), 2)} of ${count(here.rows, "row")}<br>${change}: ${verdict}`;
}

function driftTitle(drift: DriftReport | null, columns: readonly ColumnDrift[], names: readonly string[]): string {
  if (drift === null) return "Drift: no training rows to compare with";
  const moved = columns.filter(({ isBeyondNoise }) => isBeyondNoise);
  const [most] = moved;
  const sizes = `${count(drift.trainingRows, "training row")}, ${grouped(drift.rows)} here`;
  const all = count(columns.length, "column");
  if (drift.units < fewestForInterval) {
    const units = drift.user === null ? "rows" : `users by ${inTitle(drift.user)}`;
    return `Drift cannot be told with these rows (${sizes}): it needs ${fewestForInterval} ${units} or more in both samples`;
  }
  const finding =
    most === undefined
      ? `No drift beyond noise in ${all} (${sizes})`
      : `${moved.length} of ${all} drifted beyond noise, ${inTitle(most.name)} most (PSI ${fixed(most.psi)}); two random samples stay below ${fixed(most.psiFloor)}; ${sizes}`;
  return sentence([finding, labelsText(drift, names), independentUnits(drift.user)]);
}

function labelsText({ labels }: DriftReport, names: readonly string[]): string | null {
  if (labels.length === 0) return null;
  const rates = labels.flatMap(({ label, overall, domains }) => [
    { name: `rate of ${inTitle(label)}`, rate: overall, place: 0 },
    ...names.map((name, d) => ({
      name: `rate of ${inTitle(label)} in ${inTitle(name, names)}`,
      rate: domains[d]!,
      place: 1,
    })),
  ]);
  const moved = rates.filter(({ rate }) => rate.isBeyondNoise);
  const [most] = moved.sort((a, b) => a.place - b.place || Math.abs(b.rate.value!) - Math.abs(a.rate.value!));
  if (rates.every(({ rate }) => rate.adjustedPValue === null)) return "rates of labels cannot be told";
  if (most === undefined) return "no label's rate moved beyond noise";
  const { training, here } = most.rate;
  return `${most.name} ${percent(rateShare(training), 1)} in training, ${percent(rateShare(here), 1)} here`;
}
