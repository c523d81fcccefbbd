/**
 * Summarises a comparison in plain words.
 */
import { count } from "../../util/text/format.js";
import type { MetricName } from "../types.js";
import type { ComparedCell, Comparison, Difference, Verdict } from "./comparison-types.js";

/** A cell with its name. */
interface Judged {
  readonly name: string;
  readonly difference: Difference;
}

/** The cells that one metric won and lost, and their total; cells without a verdict are counted. */
export function comparisonVerdict(comparison: Comparison, metric: MetricName = "auc"): string {
  const [first, second] = comparison.names;
  const cells = comparison.tasks.flatMap(({ tower, overall, domains }) => {
    const judged = (cell: ComparedCell, name: string): Judged[] => {
      const difference = cell.metrics[metric];
      return difference === undefined ? [] : [{ name: `${tower} ${name}`, difference }];
    };
    return [
      ...judged(overall, "all rows"),
      ...domains.flatMap((cell, domain) => judged(cell, comparison.domainNames[domain] ?? `domain ${domain}`)),
    ];
  });
  const by = (verdict: Verdict): Judged[] => cells.filter(({ difference }) => difference.verdict === verdict);
  const [won, lost, noise, gaps] = [by("won"), by("lost"), by("noise"), by("gap")];
  const total = cells.length - gaps.length;
  const unknown =
    gaps.length === 0 ? "" : ` ${count(gaps.length, "cell")} cannot be judged (${gaps[0]?.difference.gap}).`;
  if (total === 0) return `${first} and ${second} cannot be compared by ${metric}.${unknown}`;
  if (noise.length === total) return `No difference beyond noise in ${count(total, "cell")}.${unknown}`;
  const seesaw = won.length > 0 && lost.length > 0 ? "A seesaw: " : "";
  const parts = [
    ...(won.length > 0 ? [`better in ${count(won.length, "cell")} (${named(won)})`] : []),
    ...(lost.length > 0 ? [`worse in ${count(lost.length, "cell")} (${named(lost)})`] : []),
    ...(noise.length > 0 ? [`no difference beyond noise in ${count(noise.length, "cell")}`] : []),
  ];
  return `${seesaw}${first} is ${parts.join(", ")} of ${total}.${unknown}`;
}

/** The cells of the largest differences. */
function named(cells: readonly Judged[]): string {
  const size = ({ difference }: Judged): number => Math.abs(difference.value ?? 0);
  const most = [...cells].sort((a, b) => size(b) - size(a)).slice(0, 3);
  return [...most.map(({ name }) => name), ...(cells.length > most.length ? ["…"] : [])].join(", ");
}
