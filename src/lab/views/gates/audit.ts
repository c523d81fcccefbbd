/** The view of an audit. */

import { count, fixed } from "../../../core/util/text.js";
import type { Audit } from "../../gates/audit-checks.js";
import { chart, panelRows, xAxis } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { inTitle, markup, ONE_OF_MANY, sentence, WORSE } from "../theme.js";
import { type Chart, col, type Sheet, sheetFrom } from "../view.js";

export function auditChecksSheet(audit: Audit): Sheet {
  return sheetFrom(`The checks on ${count(audit.rows, "row")}`, audit.checks, [
    col.text("check", ({ name }) => name),
    col.text("severity", ({ severity }) => severity),
    col.text(["when", "a fault is"], ({ when }) => when),
    col.count("places", ({ places }) => places),
    col.count("findings", ({ findings }) => findings),
    col.text(["nearest", "nearest to the limit"], ({ nearest }) => nearest.path),
    col.number(["size", "times the limit"], ({ nearest }) => nearest.size, 2),
    col.text("message", ({ nearest }) => nearest.message),
  ]);
}

/** The ends of the axis: points further away are drawn there. */
const ENDS = [0.001, 1000] as const;

/** Each check's place that is furthest beyond its limit, or nearest to it, as a multiple of the limit. */
export function auditChart(audit: Audit): Chart {
  const rows = audit.checks.map(({ name, findings, places, nearest }) => ({
    name,
    value: Math.min(ENDS[1], Math.max(ENDS[0], nearest.size)),
    hollow: findings === 0,
    color: findings > 0 ? WORSE : ONE_OF_MANY,
    printed: `${findings} of ${places}`,
    hover: markup`${name}: ${nearest.path}<br>${nearest.message}<br>${fixed(nearest.size)} times the limit`,
  }));
  const ticks = [-3, -2, -1, 0, 1, 2, 3].map((power) => 10 ** power);
  const text = ticks.map((tick) => (tick === ENDS[0] ? "≤0.001" : tick === ENDS[1] ? "≥1000" : String(tick)));
  const range = [-3.15, 3.15];
  const axis = xAxis("evidence as a multiple of the limit (1 or more: a fault)", {
    type: "log",
    range,
    tickvals: ticks,
    ticktext: text,
  });
  const panel = dotRowsPanel({ rows, reference: 1, axis, letters: 24 });
  const height = dotRowsHeight(rows.length);
  return chart({
    title: auditTitle(audit),
    rows: panelRows([panel], { across: 1, height, empty: "nothing was checked" }),
    sheet: auditChecksSheet(audit),
  });
}

const NAMED = 2;

export function auditTitle({ rows, checks, findings, gaps }: Audit): string {
  const places = findings.map(({ judge, path }) => `${judge}: ${inTitle(path)}`);
  const faults = `${count(findings.length, "fault")} on ${count(rows, "row")}; ${listed(places)}`;
  const sound = `No fault among ${count(checks.length, "check")} on ${count(rows, "row")}`;
  const open = gaps.length === 0 ? null : `not checked: ${listed(gaps.map(({ what }) => inTitle(what)))}`;
  return sentence([findings.length === 0 ? sound : faults, open]);
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join("; ")}${more > 0 ? ` and ${more} more` : ""}`;
}
