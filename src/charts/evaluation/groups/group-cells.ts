/** The cells of an evaluation by time or by training rows: one group of one task, over all rows or in one domain. */
import type { ApartGroups, Evaluation, MetricName, TaskMetrics } from "../../../metrics/index.js";
import { domainNames, groupRates, metricText, taskName } from "../../../tables/index.js";
import { weightedMean } from "../../../util/sums.js";
import { count, ends, fixed, percent } from "../../../util/text/format.js";
import { finite, inTitle, type Markup, markup } from "../../theme/index.js";

/** One cell of one metric. */
export interface GroupCell {
  readonly metrics: TaskMetrics;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Beyond noise from the groups' median (or from 1), after correction. */
  readonly isApart: boolean;
  readonly hover: Markup;
}

/** The cells of one metric. */
export interface GroupCells {
  /** The groups' names, in order. */
  readonly names: readonly string[];
  /** The domains' names; empty: over all domains. */
  readonly domains: readonly string[];
  /** By task, domain (one without domains) and group. */
  readonly cells: readonly (readonly (readonly GroupCell[])[])[];
  /** By task and domain: what the groups are compared with. */
  readonly levels: readonly (readonly (number | null)[])[];
}

const NOTHING_APART: ApartGroups = { levels: [], isApart: [] };

/** A metric by task, domain and group. */
export function groupCells(evaluation: Evaluation, metric: MetricName): GroupCells {
  const names = evaluation.groups?.names ?? domainNames(evaluation);
  const domains = evaluation.groups?.domains ?? [];
  const apart = evaluation.tasks.map((_, t) => evaluation.apart?.[metric]?.[t] ?? NOTHING_APART);
  const series = Math.max(1, domains.length);
  return {
    names,
    domains,
    levels: apart.map(({ levels }) => levels),
    cells: evaluation.tasks.map((task, t) =>
      Array.from({ length: series }, (_, d) =>
        names.map((name, g): GroupCell => {
          const at = d * names.length + g;
          const metrics = task.domains[at]!;
          const interval = metrics.intervals?.[metric];
          const where = [taskName(task), ...(domains.length === 0 ? [] : [domains[d]!]), name].join(", ");
          return {
            metrics,
            value: finite(metrics[metric]),
            low: interval?.low ?? null,
            high: interval?.high ?? null,
            isApart: apart[t]!.isApart[at] ?? false,
            hover: cellHover(where, metrics, metric),
          };
        }),
      ),
    ),
  };
}

function cellHover(where: string, metrics: TaskMetrics, metric: MetricName): Markup {
  if (metrics.rows === 0) return markup`${where}: no rows`;
  const value = `${metricText(metric).name} ${fixed(metrics[metric], 4)}${ends(metrics.intervals?.[metric], (end) => fixed(end, 4))}`;
  const { predicted, observed } = groupRates(metrics);
  const rates = `predicted ${percent(predicted, 2)}, observed ${percent(observed, 2)}`;
  return markup`${where}<br>${value}<br>${rates}<br>${count(metrics.rows, "row")}, ${count(metrics.positives, "positive")}`;
}

/** How a title names groups. */
export interface GroupWords {
  /** `day`, `group`. */
  readonly noun: string;
  /** `on 2024-05-06`, `at 0 training rows`. */
  place(name: string): string;
}

/** Each task's AUC furthest from its median, and the label furthest from its rate, of those beyond noise. */
export function groupsFindings(
  { tasks, intervalMethod }: Evaluation,
  auc: GroupCells,
  calibration: GroupCells,
  words: GroupWords,
): readonly [auc: string, calibration: string | null] {
  const parts = tasks.map((task, t) => {
    const name = inTitle(taskName(task));
    const levels = auc.levels[t]!.flatMap((level) => level ?? []);
    if (levels.length === 0) return `${name} is not defined`;
    const middle = fixed(
      weightedMean(
        levels,
        () => 1,
        (level) => level,
      ),
    );
    if (intervalMethod == null) return `${name} ${middle}, no intervals`;
    const furthest = furthestCell(auc, t, words);
    return furthest === null
      ? `${name} ${middle}, no ${words.noun} beyond noise`
      : `${name} ${fixed(furthest.value)} ${furthest.place} (median ${middle})`;
  });
  const off = tasks.flatMap((task, t) => {
    const furthest = furthestCell(calibration, t, words);
    if (furthest === null) return [];
    return [{ ...furthest, text: `${inTitle(task.label)} predicted × ${fixed(furthest.value, 2)} ${furthest.place}` }];
  });
  const most = off.reduce<(typeof off)[number] | null>(
    (a, b) => (a !== null && a.distance >= b.distance ? a : b),
    null,
  );
  return [parts.join(", "), most?.text ?? null];
}

/** A task's cell that is furthest from its level, of those beyond noise; `null`: none. */
function furthestCell({ cells, names, domains, levels }: GroupCells, task: number, words: GroupWords) {
  const all = cells[task]!.flatMap((series, d) =>
    series.flatMap((cell, g) => {
      const level = levels[task]![d] ?? null;
      if (!cell.isApart || cell.value === null || level === null) return [];
      const domain = domains.length === 0 ? "" : ` in ${inTitle(domains[d]!, domains)}`;
      return [
        { distance: Math.abs(cell.value - level), value: cell.value, place: `${words.place(names[g]!)}${domain}` },
      ];
    }),
  );
  return all.reduce<(typeof all)[number] | null>((a, b) => (a !== null && a.distance >= b.distance ? a : b), null);
}
