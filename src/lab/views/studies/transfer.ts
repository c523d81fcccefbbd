/** The view of transfer between domains: the metric of a domain with the rows of others, minus that without them. */

import { count, ends, signed } from "../../../core/util/text.js";
import type { Transfer } from "../../ablation/transfer.js";
import { chart, panelRows } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { changeAxis } from "../gates/counterfactuals.js";
import { BETTER, highest, inTitle, markup, ONE_OF_MANY, sentence, shortenAll, WORSE } from "../theme.js";
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

const MAX_PANELS = 12;

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

/** A panel per task and domain that learns, with a row per source. Hollow and grey: within noise. */
export function transferChart(transfer: Transfer): Chart {
  const { helps: all } = transfer;
  const places = transfer.tasks.flatMap((task) => transfer.domainNames.map((domain) => ({ task, domain })));
  const [axis, short] = [changeAxis(transfer, all, "Δ"), shortenAll(transfer.domainNames, 24)];
  const panels = places.slice(0, MAX_PANELS).map(({ task, domain }) => {
    const rows = all.filter((help) => help.task === task && help.domain === domain);
    return dotRowsPanel({
      title: `${transfer.tasks.length === 1 ? "" : `${taskName(task)}, `}for ${short[transfer.domainNames.indexOf(domain)]!}`,
      rows: rows.map((help) => {
        const { source, value, low, high } = help;
        const color = (low ?? 0) > 0 ? BETTER : (high ?? 0) < 0 ? WORSE : ONE_OF_MANY;
        return {
          name: source,
          value,
          low,
          high,
          color,
          hollow: color === ONE_OF_MANY,
          printed: signed(value),
          hover: markup`rows of ${source}, for ${domain}<br>${signed(value, 4)}${ends(help, (end) => signed(end, 4))}<br>${help.says}`,
        };
      }),
      reference: 0,
      axis,
    });
  });
  const height = dotRowsHeight(transfer.sources.length);
  const cut = places.length > MAX_PANELS ? `the first ${MAX_PANELS} of ${count(places.length, "panel")}` : null;
  return chart({
    title: sentence([transferTitle(transfer), cut]),
    rows: panelRows(panels, { across: 2, height, empty: "no task to compare" }),
    sheet: transferSheet(transfer),
  });
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
