/** What domains learn from each other: the metric of a domain with the rows of others, less that without them. */
import type { VariantDifference } from "../../ablation/statistics/verdict.js";
import type { StudyReport, StudyTask } from "../../ablation/study.js";
import type { Interval } from "../../metrics/intervals/bootstrap.js";
import { count, ends, signed } from "../../util/text.js";
import { chart, panelRows } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { changeAxis } from "../gates/counterfactuals.js";
import { BETTER, highest, inTitle, markup, ONE_OF_MANY, sentence, shortenAll, WORSE } from "../theme.js";
import { type Chart, col, independentUnits, metricName, type Sheet, seedsText, sheetFrom, taskName } from "../view.js";

/** Rows of domains that others may learn from. */
export interface TransferSource {
  /** A domain, `all others`, or `others than feed + live`; also the name of the study's variant. */
  readonly name: string;
  /** The domains of each separate model. */
  readonly parts: readonly (readonly number[])[];
  /** The domains that lack the source's rows in the variant. */
  readonly to: readonly number[];
}

/** A study of models that are trained with and without the rows of some domains. */
export interface Transfer extends StudyReport {
  readonly sources: readonly TransferSource[];
}

const MAX_PANELS = 12;

/** Positive: the source's rows help. */
interface Help extends Interval {
  readonly task: StudyTask;
  readonly source: string;
  readonly domain: string;
  readonly difference: VariantDifference | null;
}

function helps(transfer: Transfer): Help[] {
  return transfer.tasks.flatMap((task, t) =>
    transfer.domainNames.flatMap((domain, at) =>
      transfer.sources.flatMap(({ name, to }): Help[] => {
        if (!to.includes(at)) return [];
        const variant = transfer.variants.find((each) => each.name === name);
        const difference = variant?.tasks[t]?.domains[at]?.difference ?? null;
        const { mean: value = null, low = null, high = null } = difference ?? {};
        const sign = task.higherIsBetter ? -1 : 1;
        const times = (end: number | null): number | null => end && sign * end;
        const interval = { value: times(value), low: times(sign < 0 ? high : low), high: times(sign < 0 ? low : high) };
        return [{ task, source: name, domain, difference, ...interval }];
      }),
    ),
  );
}

function verdictText({ task: { matters }, value, low, high, difference }: Help): string {
  if (value === null) return "not defined: one class, or no rows";
  if (low === null || high === null) return "cannot be told from one seed";
  if (low > 0) return "helps";
  if (high < 0) return "harms";
  const least = matters ?? 0;
  if (low > -least && high < least) return `neither helps nor harms by more than ${least}`;
  if (low > -least) return `does not harm by more than ${least}`;
  if (high < least) return `does not help by more than ${least}`;
  return `cannot be told with these rows and seeds: ${difference?.verdict.remedy ?? "more are needed"}`;
}

export function transferSheet(transfer: Transfer): Sheet {
  const { user, evaluationRows } = transfer;
  const caption = `What domains learn from rows of others: the metric with them less that without them, ${seedsText(transfer)}, ${count(evaluationRows, "validation row")}; the intervals hold together over trainings (${independentUnits(user)})`;
  return sheetFrom(caption, helps(transfer), [
    col.text(["source", "rows of"], ({ source }) => source),
    col.text(["domain", "for"], ({ domain }) => domain),
    col.text("task", ({ task }) => task.tower),
    col.text("metric", ({ task }) => metricName(task)),
    col.number("change", ({ value }) => value, 4),
    col.ends((help) => help, 4),
    col.text("says", verdictText),
  ]);
}

/** A panel per task and domain that learns, with a row per source. Hollow and grey: within noise. */
export function transferChart(transfer: Transfer): Chart {
  const all = helps(transfer);
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
          ...{ name: source, value, low, high, color, hollow: color === ONE_OF_MANY, printed: signed(value) },
          hover: markup`rows of ${source}, for ${domain}<br>${signed(value, 4)}${ends(help, (end) => signed(end, 4))}<br>${verdictText(help)}`,
        };
      }),
      reference: 0,
      axis,
      letters: 14,
    });
  });
  const height = dotRowsHeight(transfer.sources.length);
  const cut = places.length > MAX_PANELS ? `the first ${MAX_PANELS} of ${count(places.length, "panel")}` : null;
  return chart({
    title: sentence([transferTitle(all, transfer.domainNames), cut]),
    rows: panelRows(panels, { across: 2, height, empty: "no task to compare" }),
    sheet: transferSheet(transfer),
  });
}

function transferTitle(all: readonly Help[], names: readonly string[]): string {
  const clear = (sign: 1 | -1) => all.filter(({ low, high }) => (sign > 0 ? (low ?? 0) > 0 : (high ?? 0) < 0));
  const part = (sign: 1 | -1, verb: string): string | null => {
    const most = highest(clear(sign), ({ value }) => sign * value!);
    if (most === undefined) return null;
    const { task, source, domain, value } = most;
    return `rows of ${inTitle(source, [...names, source])} ${verb} ${inTitle(domain, names)} most (${metricName(task)} ${signed(value)})`;
  };
  const parts = [part(1, "help"), part(-1, "harm")].filter((each) => each !== null);
  if (parts.length === 0)
    return `No domain's rows help or harm another beyond noise, in ${count(all.length, "comparison")}`;
  const [first, ...rest] = parts;
  return sentence([first!.charAt(0).toUpperCase() + first!.slice(1), ...rest]);
}
