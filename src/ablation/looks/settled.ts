import { normalQuantile } from "../../metrics/distributions/index.js";
import type { Confidence } from "../statistics/interval.js";
import type { VariantDifference } from "../statistics/verdict.js";

export interface TaskDifference {
  readonly tower: string;
  readonly difference: VariantDifference | null;
}

/** The reason why a variant is settled in every task, such as `worse in ctr, equivalent in cvr`; `null`: it is not. */
export function whySettled(tasks: readonly TaskDifference[], confidence: Confidence): string | null {
  const towersByReason = new Map<string, string[]>();
  for (const { tower, difference } of tasks) {
    const reason = difference && reasonFor(difference, confidence);
    if (reason === null) return null;
    towersByReason.set(reason, [...(towersByReason.get(reason) ?? []), tower]);
  }
  return [...towersByReason].map(([reason, towers]) => `${reason} in ${towers.join(" and ")}`).join(", ");
}

function reasonFor(difference: VariantDifference, confidence: Confidence): string | null {
  const { kind } = difference.verdict;
  if (kind === "better" || kind === "worse" || kind === "equivalent") return kind;
  return isLimitedByRows(difference, confidence) ? "open, and only more evaluation rows can settle it," : null;
}

/** More seeds would leave at least this share of the interval's width. */
const widthLeft = 0.9;

function isLimitedByRows({ noise, low, high, verdict }: VariantDifference, confidence: Confidence): boolean {
  if (low === null || high === null || verdict.rowsFactor <= 1) return false;
  const byRows = normalQuantile((1 - confidence.level) / confidence.comparisons) * Math.sqrt(noise.rowsVariance);
  return byRows >= (widthLeft * (high - low)) / 2;
}
