import type { CounterfactualReport } from "../../gates/counterfactual.js";
import type { ChangeInterval, CounterfactualEffect, Effect, TaskEffect } from "../../gates/effects.js";
import { excludesZero, type Interval } from "../../metrics/intervals/bootstrap.js";
import type { JsonObject } from "../../util/random.js";
import { count, ends, signed } from "../../util/text.js";
import { panelRows, xAxis } from "../axes.js";
import { chart, type Panel } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { ALL_ROWS, byTaskAndDomain, capital, intervalUnit, namesByDomain } from "../names.js";
import {
  colour,
  finite,
  highest,
  INK,
  inTitle,
  largestOf,
  type Markup,
  markup,
  PLAIN,
  rounded,
  sentence,
} from "../theme.js";
import { type Chart, col, type Sheet, sheetFrom } from "../view.js";

/** The mean change within domains, weighted by rows. */
const WITHIN = "within domains";
/** The rest of the change over all rows. */
const BETWEEN = "between domains";

export function counterfactualsSheet(report: CounterfactualReport): Sheet {
  const draws = report.user === null ? "rows" : `whole users by ${report.user}`;
  const caption = `Change of AUC on ${count(report.rows, "row")}, with 95% intervals over ${draws}, corrected for all changes (Holm)`;
  const rows = report.effects.flatMap((effect) => effectRows(effect, effectDomains(report)));
  return sheetFrom(caption, rows, [
    col.text("change", ({ change }) => change),
    col.text("task", ({ task }) => task.tower),
    // In records the domain's number and name (−1: not one domain); in tables its name.
    col.count(["domain", null], ({ domain }) => domain),
    col.text(["domain_name", null], ({ place }) => (place === ALL_ROWS ? "all" : place)),
    col.text([null, "domain"], ({ place }) => place),
    col.count("rows", ({ rows }) => rows),
    col.number(["delta_auc", "ΔAUC"], ({ auc }) => auc.value, 4),
    col.ends(({ auc }) => auc, 4),
    col.number(["adjusted_p_value", "adjusted p"], ({ auc }) => auc.adjustedPValue, 4),
    col.text("says", ({ auc, nested }) => changeVerdict(auc, nested)),
    col.number(["mean_abs_delta_logit", "mean |Δlogit|"], ({ logitChange }) => logitChange, 3),
  ]);
}

/** `place`: what the change is over: a domain's name, `all rows`, {@link WITHIN} or {@link BETWEEN}. */
function effectRows({ name: change, nested, tasks }: CounterfactualEffect, names: readonly string[]) {
  return byTaskAndDomain<TaskEffect, Effect>(tasks).flatMap(({ task, domain, value }) => {
    const all = { change, nested, task, domain, place: names[domain] ?? ALL_ROWS, ...value };
    const { parts } = task;
    if (domain >= 0 || parts === null) return [all];
    const part = (place: string, auc: ChangeInterval) => ({ ...all, place, auc, logitChange: null });
    return [part(WITHIN, parts.within), part(BETWEEN, parts.between), all];
  });
}

/** The change of a task in titles: the mean within domains, as a ranking in each gains it, else over all rows. */
export function mainChange({ parts, overall }: TaskEffect): ChangeInterval {
  return parts?.within ?? overall.auc;
}

/** The verdict on a change of AUC by its interval. @param nested the field that leaves it open */
export function changeVerdict(change: Interval, nested: string | null = null): string {
  const { value, low, high } = change;
  if (nested !== null) return `cannot be told: most values of ${nested} are in one domain only`;
  if (value === null || low === null || high === null) return "not defined";
  if (low === 0 && high === 0) return "unchanged";
  if (!excludesZero(change)) return "no difference beyond noise";
  return value < 0 ? "worse" : "better";
}

/** `−0.003 (−0.006 to −0.001)`; with a fourth digit where three would print an end as 0. */
export function changeText({ value, low, high }: Interval): string {
  const digits = [low, high].some((end) => end !== null && end !== 0 && Math.abs(end) < 0.0005) ? 4 : 3;
  return `${signed(value, digits)}${ends({ low, high }, (end) => signed(end, digits))}`;
}

function effectDomains({ domainNames, effects }: CounterfactualReport): string[] {
  return namesByDomain(
    domainNames,
    effects.flatMap(({ tasks }) => tasks),
  );
}

const MOST_DOMAINS = 6;

/** Changes without a verdict are in the title and the table: their size means nothing, and would set the axis. */
export function counterfactualsChart(report: CounterfactualReport): Chart {
  const names = effectDomains(report);
  const clear = report.effects.filter(({ nested }) => nested === null);
  const changes = clear.flatMap(({ name, tasks }) =>
    tasks.map((task) => ({ name: `${capital(name)}: ${task.tower}`, rows: changeRows(task, names) })),
  );
  const axis = changeAxis(
    report,
    changes.flatMap(({ rows }) => rows.map(({ auc }) => auc)),
  );
  const panels = changes.map((change) => changePanel(change, axis));
  const split = report.effects.some(({ tasks }) => tasks.some(({ parts }) => parts !== null));
  const lines = (split ? 2 : 1) + (names.length < 2 ? 0 : Math.min(MOST_DOMAINS, names.length));
  return chart({
    title: counterfactualsTitle(report),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(lines), empty: "no changes with a verdict" }),
    sheet: counterfactualsSheet(report),
  });
}

function changeRows(task: TaskEffect, names: readonly string[]) {
  const size = (d: number): number => Math.abs(task.domains[d]?.auc.value ?? 0);
  const domains = names.length < 2 ? [] : largestOf([...names.keys()], size, MOST_DOMAINS);
  return [
    { name: task.parts === null ? ALL_ROWS : WITHIN, auc: mainChange(task), color: INK, main: true },
    ...(task.parts === null ? [] : [{ name: BETWEEN, auc: task.parts.between, color: PLAIN, main: false }]),
    ...domains.map((d) => {
      const auc = task.domains[d]?.auc ?? { value: null, low: null, high: null };
      return { name: names[d]!, auc, color: colour(d, names.length), main: false };
    }),
  ];
}

/** One axis for all changes, so that sizes compare. */
export function changeAxis({ user }: { readonly user: string | null }, changes: readonly Interval[]): JsonObject {
  const all = [0, ...changes.flatMap(({ value, low, high }) => [value, low, high].flatMap((at) => finite(at) ?? []))];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.05 * (high - low || 0.02);
  const range = [rounded(low - room), rounded(high + room)];
  return xAxis(intervalUnit("ΔAUC", { level: 0.95, user }), { tickformat: ".2~g", range });
}

function changePanel(
  { name, rows }: { readonly name: string; readonly rows: ReturnType<typeof changeRows> },
  axis: JsonObject,
): Panel {
  const dots = rows.map(({ name: place, auc, ...look }) => changeDot(place, auc, look, markup`${name}, ${place}`));
  return dotRowsPanel({ title: name, rows: dots, reference: 0, axis, letters: 16 });
}

export function changeDot(name: string, auc: Interval, look: Pick<DotRow, "color" | "main">, place: Markup): DotRow {
  const change = `${signed(auc.value, 4)}${ends(auc, (end) => signed(end, 4))}`;
  return {
    ...{ ...look, name, value: auc.value, low: auc.low, high: auc.high, printed: signed(auc.value) },
    hollow: !excludesZero(auc),
    hover: markup`${place}<br>${change}<br>${changeVerdict(auc)}`,
  };
}

function counterfactualsTitle({ effects }: CounterfactualReport): string {
  const open = effects.find(({ nested }) => nested !== null);
  const aucChanges = effects.flatMap(({ name, nested, tasks }) =>
    tasks.flatMap((task) => {
      const { tower } = task;
      const change = mainChange(task);
      const { value, low, high } = change;
      if (nested !== null || value === null || low === null || high === null) return [];
      return [{ name, tower, value, low, high, isBeyond: excludesZero(change) }];
    }),
  );
  const split = effects.some(({ tasks }) => tasks.some(({ parts }) => parts !== null));
  const openText =
    open === undefined
      ? null
      : `what another domain does cannot be told: most values of ${inTitle(open.nested!)} are in one domain only`;
  if (aucChanges.length === 0) return capital(openText ?? "counterfactuals: no change of AUC is defined");
  const [first, ...others] = aucChanges.filter(({ isBeyond }) => isBeyond);
  if (first === undefined) {
    const changes = [...new Set(aucChanges.map(({ name }) => inTitle(name)))].join(", ");
    return sentence([`No change of AUC${split ? " within domains" : ""} beyond noise: ${changes}`, openText]);
  }
  const most = highest([first, ...others], ({ value }) => Math.abs(value))!;
  const within = aucChanges.length - 1 - others.length;
  return sentence([
    capital(
      `${inTitle(most.name)} changes the AUC of ${inTitle(most.tower)}${split ? " within domains" : ""} most, by ${changeText(most)}`,
    ),
    within === 0 ? "no change is within noise" : `${within} of ${count(aucChanges.length, "change")} are within noise`,
    openText,
  ]);
}
