/** The view of transfer between domains: the metric of a domain with the rows of others, minus that without them. */

import { count, ends, signed } from "../../../core/util/text.js";
import type { Transfer, TransferHelp, TransferTask } from "../../ablation/transfer.js";
import { chart, type PanelRow, panelRows } from "../compose.js";
import { highest, inTitle, largestOf, sentence } from "../theme.js";
import {
  type Chart,
  capital,
  col,
  independentUnits,
  metricName,
  type Sheet,
  seedsText,
  sheetFrom,
  taskName,
} from "../view.js";
import {
  CELL_TEXT_COLUMNS,
  type DifferenceMap,
  differencesPanel,
  type MapDifference,
  mapHeight,
} from "./conclusions.js";

const MAX_DOMAINS = 20;

export function transferSheet(transfer: Transfer): Sheet {
  const { report, user, evaluationRows } = transfer;
  const caption = `What domains learn from rows of others: the metric with them less that without them, ${seedsText(report)}, ${count(evaluationRows, "validation row")}; the intervals hold together over trainings (${independentUnits(user)})`;
  return sheetFrom(caption, transfer.helps, [
    col.text(["source", "rows of"], ({ source }) => source),
    col.text(["domain", "for"], ({ domain }) => domain),
    col.text("task", ({ task }) => task.tower),
    col.text("metric", ({ task }) => metricName(task)),
    col.number("change", ({ value }) => value, 4),
    col.ends((help) => help, 4),
    col.text("says", ({ says }) => says),
  ]);
}

/** The change of each domain with each source's rows, a map per task; those beyond noise in colours, with ▲ or ▼. */
export function transferChart(transfer: Transfer): Chart {
  const { helps, tasks } = transfer;
  const sources = transfer.sources.map(({ name }) => name);
  const size = (domain: string): number => {
    const all = helps.filter((help) => help.domain === domain);
    return Math.max(0, ...all.map((help) => Math.abs(help.value ?? 0) + (kindOf(help) === "none" ? 0 : 1)));
  };
  const domains = largestOf(transfer.domainNames, size, MAX_DOMAINS);
  const maps = tasks.map((task) => taskMap(helps, task, sources, domains));
  const all = helps.map(({ value }) => value);
  const rows = maps.map((map, t): PanelRow => {
    return {
      height: mapHeight(map.rows.length),
      panels: [differencesPanel(map, { higherIsBetter: true }, all, t === 0)],
    };
  });
  const { domainNames: names } = transfer;
  const cut =
    domains.length < names.length ? `the ${MAX_DOMAINS} of ${count(names.length, "domain")} that change most` : null;
  return chart({
    title: sentence([transferTitle(transfer), "▲ helps, ▼ harms, others within noise", cut]),
    rows: rows.length === 0 ? panelRows([], { across: 1, height: mapHeight(0), empty: "no task to compare" }) : rows,
    sheet: transferSheet(transfer),
  });
}

/** Sources × domains; many domains are listed below each other, where their names have room. */
function taskMap(
  helps: readonly TransferHelp[],
  task: TransferTask,
  sources: readonly string[],
  domains: readonly string[],
): DifferenceMap {
  const cell = (source: string, domain: string): MapDifference | null => {
    const help = helps.find((each) => each.task === task && each.source === source && each.domain === domain);
    if (help === undefined || help.value === null) return null;
    const text = `${ends(help, (end) => signed(end, 4)).trim()}: ${help.says}`;
    return { mean: help.value, verdict: { kind: kindOf(help), text } };
  };
  const isTall = domains.length > CELL_TEXT_COLUMNS && sources.length <= CELL_TEXT_COLUMNS;
  const [rows, columns] = isTall ? [domains, sources] : [sources, domains];
  const places = isTall ? "for ↓ with rows of\u00a0→" : "for → with rows of\u00a0↓";
  const at = (r: number, c: number) => (isTall ? [columns[c]!, rows[r]!] : [rows[r]!, columns[c]!]) as [string, string];
  return {
    title: `${metricName(task)} of ${taskName(task)}: ${places}`,
    rows,
    columns,
    differences: rows.map((_, r) => columns.map((__, c) => cell(...at(r, c)))),
    name: (r, c) => `rows of ${at(r, c)[0]}, for ${at(r, c)[1]}`,
    gap: "not compared",
  };
}

function kindOf({ low, high }: TransferHelp): "better" | "worse" | "none" {
  return (low ?? 0) > 0 ? "better" : (high ?? 0) < 0 ? "worse" : "none";
}

function transferTitle({ helps, sources, domainNames: names }: Transfer): string {
  const halves = new Set(sources.filter(({ halved }) => halved !== undefined).map(({ name }) => name));
  const others = helps.filter(({ source }) => !halves.has(source));
  const part = (sign: 1 | -1, verb: string): string | null => {
    const clear = others.filter(({ low, high }) => (sign > 0 ? (low ?? 0) > 0 : (high ?? 0) < 0));
    const most = highest(clear, ({ value }) => sign * value!);
    if (most === undefined) return null;
    const { task, source, domain, value } = most;
    return `rows of ${inTitle(source, [...names, source])} ${verb} ${inTitle(domain, names)} most (${metricName(task)} ${signed(value)})`;
  };
  const lacking = new Set(helps.filter(({ says }) => says.startsWith("lacks rows")).map(({ domain }) => domain));
  const [first] = lacking;
  const lack = lacking.size > 1 ? `${lacking.size} domains lack rows` : first && `${inTitle(first, names)} lacks rows`;
  const parts = [part(1, "help"), part(-1, "harm")].filter((each) => each !== null);
  if (parts.length === 0)
    parts.push(`no domain's rows help or harm another beyond noise, in ${count(others.length, "comparison")}`);
  return capital(sentence([...parts, lack ?? null]));
}
