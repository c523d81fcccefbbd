/** Sentences on the launch of a domain, each only where its interval holds. */

import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { count, ends, grouped, signed } from "../../core/util/text.js";
import type { DayTask } from "../days/facts.js";
import { fewestDraws } from "./estimates.js";
import type { LaunchComparison, LaunchGain, LaunchPays, LaunchReport } from "./facts.js";

/** @param interval of the best start minus this one */
export function startSays({ value, low }: Interval, name: string): Pick<LaunchComparison, "verdict" | "says"> {
  if (value === null) return { verdict: "undefined", says: "not defined: one class, or no batch of rows" };
  if (low === null) return { verdict: "undecided", says: "cannot be told: too few users or trainings" };
  if (low > 0) return { verdict: "worse", says: `${name} is worse` };
  return { verdict: "undecided", says: "cannot be told with these rows" };
}

/** @param gains by size, ascending */
export function paysSays(
  gains: readonly LaunchGain[],
  from: Interval,
  matters: number,
): Pick<LaunchPays, "verdict" | "says"> {
  const last = gains.at(-1);
  if (last === undefined || last.gain.value === null)
    return { verdict: "undefined", says: "not defined: one class, or no batch of rows" };
  const { low, high } = last.gain;
  if (low === null || high === null)
    return { verdict: "undecided", says: "cannot be told: too few users or trainings" };
  if (low > 0 && from.value !== null && from.high !== null)
    return { verdict: "pays", says: `its own tower pays from about ${rowsText(from)}` };
  if (high < matters)
    return {
      verdict: "does not pay",
      says: `its own tower does not gain ${matters} within ${count(last.trained, "row")}`,
    };
  return { verdict: "undecided", says: "cannot be told with these rows" };
}

/** `2,000 rows (800 to 5,000)` */
function rowsText({ value, low, high }: Interval): string {
  return `${grouped(rounded(value!))} rows${ends({ low, high }, (end) => grouped(rounded(end!)))}`;
}

/** To two digits: an interval of rows says no more. */
function rounded(rows: number): number {
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(rows)) - 1);
  return Math.round(rows / scale) * scale;
}

type Facts = Omit<LaunchReport, "sentences">;

export function launchSentences(report: Facts): string[] {
  return report.tasks.flatMap((task) => [bestSentence(report, task), ...paysSentence(report, task)]);
}

function taskText({ tower, within }: DayTask): string {
  return within === null ? tower : `${tower} (within ${within})`;
}

/** What the intervals generalise over. */
function over({ user }: Facts): string {
  return `over other ${user === null ? "rows" : "users"} and trainings`;
}

function numbers({ value, low, high }: Interval): string {
  return `${signed(value, 4)}${ends({ low, high }, (end) => signed(end, 4))}`;
}

function comparisonsOf({ comparisons }: Facts, task: DayTask): LaunchComparison[] {
  return comparisons.filter((each) => each.task.tower === task.tower);
}

/** `from feed`, `with a fresh tower`, `from nothing`. */
export function startText(name: string): string {
  if (name === "nothing") return "from nothing";
  return name === "fresh tower" ? "with a fresh tower" : name;
}

function bestSentence(report: Facts, task: DayTask): string {
  const of = comparisonsOf(report, task).filter(({ verdict }) => verdict !== "undefined");
  const { domain, draws } = report;
  const text = taskText(task);
  if (of.length === 0) return `${text}: which start is best for ${domain} cannot be told: no AUC of two starts`;
  const best = of[0]!.than;
  const unclear = of.filter(({ verdict }) => verdict !== "worse");
  if (unclear.length === 0) {
    const next = of.reduce((a, b) => (b.mean! > a.mean! ? b : a));
    const sizes = report.sizes.map(grouped).join(", ");
    return `${text}: start ${domain} ${startText(best)}: its mean AUC after ${sizes} rows is ${numbers(next)} above the next best, ${next.start} (${over(report)})`;
  }
  const names = [best, ...unclear.map(({ start }) => start)];
  const why = draws < fewestDraws ? "without draws of other users" : "with these rows";
  return `${text}: which start is best for ${domain} cannot be told ${why}: the difference between ${names.slice(0, -1).join(", ")} and ${names.at(-1)} may be noise`;
}

/** Of the best start among other domains. */
function paysSentence(report: Facts, task: DayTask): string[] {
  const best = bestDomain(report, task);
  if (best === null) return [];
  const { start, verdict, says, gains } = best;
  const other = start.replace(/^from /, "");
  const { domain, matters } = report;
  const text = taskText(task);
  const last = gains.at(-1);
  if (verdict === "pays") {
    const after = `AUC ${numbers(last!.gain)} after ${count(last!.trained, "row")}`;
    return [
      `${text}: starting from ${other}, ${domain}'s ${says}: there it gains ${matters} AUC over the tower of ${other} (${after}; ${over(report)})`.replace(
        "'s its own",
        "'s own",
      ),
    ];
  }
  if (verdict === "does not pay") {
    return [
      `${text}: starting from ${other}, ${domain}'s own tower does not gain ${matters} AUC over the tower of ${other} within ${count(last!.trained, "row")} (AUC ${numbers(last!.gain)}; ${over(report)})`,
    ];
  }
  return [`${text}: from how many rows ${domain}'s own tower pays, starting from ${other}, ${says.replace(/^not defined/, "is not defined")}`];
}

/** What pays, of the domain whose start has the highest mean AUC. */
export function bestDomain(report: Facts, task: DayTask): LaunchPays | null {
  const of = report.pays.filter((each) => each.task.tower === task.tower);
  const compared = comparisonsOf(report, task);
  const meanOf = ({ start }: LaunchPays): number => {
    const own = compared.find((each) => each.start === start);
    return own === undefined ? Number.POSITIVE_INFINITY : (own.mean ?? Number.NEGATIVE_INFINITY);
  };
  if (of.length === 0 || compared.length === 0) return null;
  return of.reduce((a, b) => (meanOf(b) > meanOf(a) ? b : a));
}
