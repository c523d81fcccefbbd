/** Domains in which a task ranks worse than in the others, beyond noise. */
import { criticalZ, type Interval, type TaskEvaluation, type TaskMetrics } from "../../metrics/index.js";
import { weightedMean } from "../../util/sums.js";
import { count, fixed } from "../../util/text/format.js";
import { type AucReference, domainNames, findReference } from "../../views/index.js";
import type { ReportFacts } from "../facts.js";
import type { Action } from "./rule.js";

/** A task's metrics in one domain. */
export interface DomainCell {
  readonly task: TaskEvaluation;
  /** Its number. */
  readonly index: number;
  /** Its name. */
  readonly domain: string;
  readonly metrics: TaskMetrics;
  readonly interval: (Interval & { readonly low: number; readonly high: number }) | null;
}

/** A domain that ranks worse, with the sentence on it. */
export interface WeakDomain {
  readonly cell: DomainCell;
  readonly seen: string;
  readonly actions: readonly Action[];
}

/** Of each task, each domain. */
export function domainCells({ evaluation }: ReportFacts): DomainCell[] {
  if (evaluation === null) return [];
  const names = domainNames(evaluation);
  return evaluation.tasks.flatMap((task) =>
    task.domains.map((metrics, d) => {
      const { value = null, low = null, high = null } = metrics.intervals?.auc ?? {};
      const interval = low === null || high === null ? null : { value, low, high };
      return { task, index: d, domain: names[d]!, metrics, interval };
    }),
  );
}

/**
 * The weak domains. AUC over all rows is no yardstick: it also counts pairs of rows of two domains, and exceeds the
 * AUC of every domain if the domains' rates differ. So a domain is compared with the mean over domains, weighted by
 * rows; where the best achievable AUC is known, its distance from that is compared with the domains' mean distance.
 */
export function weakDomains(facts: ReportFacts): WeakDomain[] {
  const cells = domainCells(facts);
  return (facts.evaluation?.tasks ?? []).flatMap((task) => {
    const measured = cells.filter((cell) => cell.task === task && cell.interval !== null && cell.metrics.auc !== null);
    if (measured.length < 2) return [];
    const best = findReference(facts.references, task.tower);
    const level = facts.evaluation?.intervalMethod?.level ?? 0.95;
    return measured.flatMap((cell) => weakDomain(cell, measured, best, level));
  });
}

function weakDomain(
  cell: DomainCell,
  measured: readonly DomainCell[],
  best: AucReference | undefined,
  level: number,
): WeakDomain[] {
  const { task, domain, index, metrics } = cell;
  const high = correctedHigh(cell, measured.length, level);
  if (high < 0.5) return [];
  const mean = weightedMean(measured, rowsOf, ({ metrics: { auc } }) => auc!);
  const achievable = best?.domains[index] ?? null;
  const missing = weightedMean(
    measured,
    rowsOf,
    ({ metrics: { auc }, index: d }) => (best?.domains[d] ?? Number.NaN) - auc!,
  );
  const expected = achievable !== null && !Number.isNaN(missing) ? achievable - missing : mean;
  if (high >= expected) return [];
  const floor = task.floor?.domains[index] ?? null;
  const { low } = cell.interval!;
  const facts = [
    `AUC ${fixed(metrics.auc)} (${fixed(low)} to ${fixed(cell.interval!.high)})`,
    `mean within ${count(measured.length, "domain")} ${fixed(mean)}`,
    ...(achievable === null ? [] : [`${fixed(achievable)} achievable there`]),
    ...(floor === null ? [] : [`logistic regression ${fixed(floor)} there`]),
  ];
  return [
    {
      cell,
      seen: `${task.tower} in ${domain}: ${facts.join(", ")}.`,
      actions: [
        { text: "inspect its rows, which may be harder to rank (data.describe, evaluate by a column)" },
        { text: "give the domain group a feature that distinguishes it", pulls: ["domains", 1] },
      ],
    },
  ];
}

const rowsOf = ({ metrics }: DomainCell): number => metrics.rows;

/** The upper end if all domains' intervals are to hold at once (Bonferroni). */
function correctedHigh({ interval, metrics }: DomainCell, domains: number, level: number): number {
  const factor = criticalZ(1 - (1 - level) / domains) / criticalZ(level);
  return metrics.auc! + (interval!.high - metrics.auc!) * factor;
}
