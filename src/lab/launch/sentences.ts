/** Sentences on the launch of a domain, each only if its interval supports it. */

import { type Interval, negated } from "../../core/metrics/intervals/bootstrap.js";
import { count, ends, grouped } from "../../core/util/text.js";
import type { DayTask } from "../days/facts.js";
import { intervalText, taskText } from "../days/sentences.js";
import { fewestDraws } from "./estimates.js";
import type { LaunchComparison, LaunchGain, LaunchPays, LaunchReport } from "./facts.js";

/** @param interval of the best of other domains, `than`, minus this one */
export function startSays({ value, low, high }: Interval, than: string): Pick<LaunchComparison, "verdict" | "says"> {
  if (value === null) return { verdict: "undefined", says: "not defined: one class, or no batch of rows" };
  if (low === null || high === null)
    return { verdict: "undecided", says: "cannot be told: too few users or trainings" };
  if (low > 0) return { verdict: "worse", says: `worse than ${than}` };
  if (high < 0) return { verdict: "better", says: `better than ${than}` };
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
    return { verdict: "pays", says: `its own tower pays from ${rowsText(from, gains[0]!.trained)}` };
  if (high < matters)
    return {
      verdict: "does not pay",
      says: `its own tower does not gain ${matters} within ${count(last.trained, "row")}`,
    };
  return { verdict: "undecided", says: "cannot be told with these rows" };
}

/** `about 2,000 rows (800 to 5,000)`. @param first the first size, below which nothing was trained */
function rowsText({ value, low, high }: Interval, first: number): string {
  const text = (rows: number | null): string =>
    rows! < first ? `fewer than ${grouped(first)}` : grouped(rounded(rows!));
  if (high! < first) return `${text(high)} rows on`;
  return `${value! < first ? "" : "about "}${text(value)} rows${ends({ low, high }, text)}`;
}

/** To two digits: an interval of rows is no more precise. */
function rounded(rows: number): number {
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(rows)) - 1);
  return Math.round(rows / scale) * scale;
}

type Facts = Omit<LaunchReport, "sentences">;

export function launchSentences(report: Facts): string[] {
  return report.tasks.flatMap((task) => [bestSentence(report, task), ...paysSentence(report, task)]);
}

/** What the intervals generalise over. */
function over({ user }: Facts): string {
  return `over other ${user === null ? "rows" : "users"} and trainings`;
}

function comparisonsOf({ comparisons }: Facts, task: DayTask): LaunchComparison[] {
  return comparisons.filter((each) => each.task.tower === task.tower);
}

/** `from feed`, `from the mean of others`, `from nothing`. */
function startText(name: string): string {
  if (name === "nothing") return "from nothing";
  return name === "mean of others" ? "from the mean of others" : name;
}

function bestSentence(report: Facts, task: DayTask): string {
  const of = comparisonsOf(report, task).filter(({ verdict }) => verdict !== "undefined");
  const { domain, draws, best } = report;
  const text = taskText(task);
  if (of.length === 0) return `${text}: which start is best for ${domain} cannot be told: no AUC of two starts`;
  const chosen = best.find((each) => each.task.tower === task.tower)?.start ?? null;
  const other = of[0]!.than;
  const domains = of.filter(({ start }) => start.startsWith("from "));
  if (chosen !== null) {
    const isDomain = chosen === other;
    const beside = isDomain ? (domains.length > 0 ? domains : of) : of.filter(({ start }) => start === chosen);
    const next = beside.reduce((a, b) => (b.mean! > a.mean! ? b : a));
    const sizes = report.sizes.map(grouped).join(", ");
    const gap = isDomain ? next : negated(next);
    const open = isDomain ? of.filter(({ verdict }) => verdict === "undecided").map(({ start }) => start) : [];
    const rest = open.length === 0 ? "" : `; starting ${open.map(startText).join(" or ")} may be as good`;
    return `${text}: start ${domain} ${startText(chosen)}: its mean AUC after ${sizes} rows is ${intervalText(gap)} above that ${startText(isDomain ? next.start : other)} (${over(report)})${rest}`;
  }
  const near = domains.filter(({ verdict }) => verdict !== "worse").map(({ start }) => start);
  const names = [other, ...(near.length > 0 ? near : of.map(({ start }) => start))];
  const why = draws < fewestDraws ? "without draws of other users" : "with these rows";
  return `${text}: which start is best for ${domain} cannot be told ${why}: ${names.slice(0, -1).map(startText).join(", ")} and ${startText(names.at(-1)!)} may differ by noise only`;
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
    const after = `AUC ${intervalText(last!.gain)} after ${count(last!.trained, "row")}`;
    return [
      `${text}: starting from ${other}, ${domain}'s ${says}, where it gains ${matters} AUC over the tower of ${other} (${after}; ${over(report)})`.replace(
        "'s its own",
        "'s own",
      ),
    ];
  }
  if (verdict === "does not pay") {
    return [
      `${text}: starting from ${other}, ${domain}'s own tower does not gain ${matters} AUC over the tower of ${other} within ${count(last!.trained, "row")} (AUC ${intervalText(last!.gain)}; ${over(report)})`,
    ];
  }
  return [
    `${text}: from how many rows ${domain}'s own tower pays, starting from ${other}, ${says.replace(/^not defined/, "is not defined")}`,
  ];
}

/** Whether its own tower pays, for the domain with the highest mean AUC. */
export function bestDomain(report: Facts, task: DayTask): LaunchPays | null {
  const than = comparisonsOf(report, task)[0]?.than;
  return report.pays.find(({ task: { tower }, start }) => tower === task.tower && start === than) ?? null;
}
