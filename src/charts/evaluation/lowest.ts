/** Which of several groups is lowest (or highest), as far as their intervals tell. */
import type { TaskEvaluation } from "../../metrics/index.js";
import { fixed } from "../../util/text/format.js";
import { finite, inTitle } from "../theme/index.js";

/** A group's value, with its interval if there is one. */
export interface RankedGroup {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The extreme group and those that it cannot be told from. */
export interface Extreme {
  /** `lowest in live (0.662)`, `lowest in live (0.662) or search (0.671)`; without intervals the range of values. */
  readonly text: string;
  /** The group, if its interval is apart from all others'. */
  readonly group: RankedGroup | null;
}

/**
 * The lowest group, and those whose intervals overlap with its interval: the lowest of noisy values is not known to be
 * the lowest. `null` with fewer than two groups.
 */
export function lowestGroup(groups: readonly RankedGroup[], names: readonly string[], word = "lowest"): Extreme | null {
  const [first, ...others] = [...groups].sort((a, b) => a.value - b.value);
  const last = others.at(-1);
  if (first === undefined || last === undefined) return null;
  const at = ({ name, value }: RankedGroup): string => `${inTitle(name, names)} (${fixed(value)})`;
  const end = first.high;
  if (end === null || others.some(({ low }) => low === null)) {
    return { text: `${fixed(first.value)} to ${fixed(last.value)} by domain`, group: null };
  }
  const close = others.filter(({ low }) => low! <= end);
  if (close.length === 0) return { text: `${word} in ${at(first)}`, group: first };
  if (close.length === others.length || close.length > 2)
    return { text: `no domain is ${word} beyond noise`, group: null };
  const more = close.map((group) => ` or ${at(group)}`).join("");
  return { text: `${word} in ${at(first)}${more}`, group: null };
}

/** `, lowest in live (0.662)`: the domain with the lowest AUC, for titles; empty with fewer than two. */
export function lowestAuc({ domains }: Pick<TaskEvaluation, "domains">, names: readonly string[]): string {
  const groups = names.flatMap((name, d) => {
    const value = finite(domains[d]?.auc);
    const { low = null, high = null } = domains[d]?.intervals?.auc ?? {};
    return value === null ? [] : [{ name, value, low, high }];
  });
  const lowest = lowestGroup(groups, names);
  return lowest === null ? "" : `, ${lowest.text}`;
}
