/** Sentences on a day-by-day run, each only if its interval supports it. */

import { type Interval, negated } from "../../core/metrics/intervals/bootstrap.js";
import { count, ends, fixed, signed } from "../../core/util/text.js";
import type { DayAgeing, DayComparison, DayComparisonSays, DayMetric, DayReport, DayTask } from "./facts.js";
import { fewestDays } from "./over-days.js";
import { longestWindow } from "./plan.js";

/** @param interval of the first variant minus the second, `than` */
export function comparisonSays(
  { value, low, high }: Interval,
  metric: DayMetric,
  matters: number,
  than: string,
): DayComparisonSays {
  if (value === null) return { verdict: "undefined", says: "not defined: one class, or no rows" };
  if (low === null || high === null)
    return { verdict: "undecided", says: `cannot be told: fewer than ${fewestDays} days` };
  const [worst, best] = metric === "auc" ? [low, high] : [-high, -low];
  const limit = String(matters);
  if (worst > -matters && best < matters) return { verdict: "as good", says: `as good as ${than} within ${limit}` };
  if (worst > 0) return { verdict: "better", says: `better than ${than}` };
  if (best < 0) return { verdict: "worse", says: `worse than ${than}` };
  if (worst > -matters) return { verdict: "not worse", says: `not worse than ${than} by more than ${limit}` };
  if (best < matters) return { verdict: "not better", says: `not better than ${than} by more than ${limit}` };
  return { verdict: "undecided", says: "cannot be told with these days" };
}

type Facts = Omit<DayReport, "sentences">;

export function daySentences(report: Facts): string[] {
  return report.tasks.flatMap((task) => [
    ...goingOn(report, task),
    ...windowSentence(report, task),
    ...ageingSentences(report, task),
  ]);
}

export function taskText({ tower, within }: DayTask): string {
  return within === null ? tower : `${tower} (within ${within})`;
}

export function intervalText({ value, low, high }: Interval): string {
  return `${signed(value, 4)}${ends({ low, high }, (end) => signed(end, 4))}`;
}

/** The units that an interval generalises over. */
function over({ user, item, unit }: Facts): string {
  const others = [user === null ? "rows" : "users", ...(item === null ? [] : ["items"])];
  return `over other ${others.join(", ")} and ${unit}s, for one seed`;
}

function comparisonsOf({ comparisons }: Facts, task: DayTask): DayComparison[] {
  return comparisons.filter(({ task: { tower }, domain, metric }) => {
    return tower === task.tower && domain === -1 && metric === "auc";
  });
}

/** Continuing compared with training afresh on the most days, and with the first model. */
function goingOn(report: Facts, task: DayTask): string[] {
  const longest = longestWindow(report.variants);
  const afresh = longest === null ? null : report.variants[longest]!.name;
  const of = comparisonsOf(report, task).filter(({ variant }) => variant === "warm");
  return [afresh, "frozen"].flatMap((name) => {
    const comparison = of.find(({ than }) => than === name);
    if (comparison === undefined) return [];
    const { verdict, says, days } = comparison;
    const other = name === "frozen" ? "the first model, never trained again" : `training ${name}`;
    const what: Readonly<Record<string, string>> = {
      "as good": `going on is as good as ${other} within ${report.matters}`,
      better: `going on is better than ${other}`,
      worse: `going on is worse than ${other}`,
      "not better": `going on is not better than ${other} by more than ${report.matters}`,
      "not worse": `going on is not worse than ${other} by more than ${report.matters}`,
    };
    const text = what[verdict];
    if (text === undefined) return [`${taskText(task)}: whether going on is as good as ${other}: ${says}`];
    return [
      `${taskText(task)}: ${text} (AUC ${intervalText(comparison)} in ${count(days, report.unit)}, ${over(report)})`,
    ];
  });
}

/** From the longest window down, each step only if the one before held, so that the error is that of one test. */
function windowSentence(report: Facts, task: DayTask): string[] {
  const afresh = report.variants.filter(({ kind }) => kind === "afresh").sort((a, b) => b.window! - a.window!);
  if (afresh.length < 2) return [];
  const [longest, ...shorter] = afresh;
  const of = comparisonsOf(report, task).filter(({ than }) => than === longest!.name);
  const verdicts = shorter.map(({ name }) => of.find(({ variant }) => variant === name)!);
  const enough = verdicts.findIndex(({ verdict }) => !["as good", "better", "not worse"].includes(verdict));
  const held = enough === -1 ? shorter.length : enough;
  if (held > 0) {
    const { name } = shorter[held - 1]!;
    const comparison = verdicts[held - 1]!;
    return [
      `${taskText(task)}: more than ${spanOf(name)} do not help by more than ${report.matters} (AUC of ${name} minus ${longest!.name} ${intervalText(comparison)}, ${over(report)})`,
    ];
  }
  const first = verdicts[0]!;
  if (first.verdict === "worse") {
    return [
      `${taskText(task)}: ${spanOf(longest!.name)} are better than ${spanOf(shorter[0]!.name)} (AUC ${intervalText(negated(first))}, ${over(report)})`,
    ];
  }
  return [`${taskText(task)}: how many ${report.unit}s are worth keeping cannot be told with these ${report.unit}s`];
}

/** `5d` → `5 days`. */
function spanOf(name: string): string {
  const [, amount, unit] = /(\d+(?:\.\d+)?)\s?([smhdw])$/.exec(name) ?? [];
  const units: Readonly<Record<string, string>> = { s: "second", m: "minute", h: "hour", d: "day", w: "week" };
  return unit === undefined ? name : count(Number(amount), units[unit]!);
}

/** All rows and three domains. */
const mostPlaces = 4;
/** A half-life with a wider interval is too uncertain for a sentence. */
const widestHalfLife = 10;

function ageingSentences(report: Facts, task: DayTask): string[] {
  if (report.aged === null) return [];
  const of = report.ageing.filter(({ task: { tower }, metric }) => tower === task.tower && metric === "auc");
  const oldest = Math.max(0, ...of.map(({ age }) => age));
  const cells = of.filter(({ age }) => age === oldest);
  const losing = cells.filter(({ loss }) => (loss.low ?? 0) > 0);
  if (losing.length > 0) {
    const sorted = [...losing].sort((a, b) => Number(b.domain < 0) - Number(a.domain < 0) || b.loss.low! - a.loss.low!);
    const texts = sorted.slice(0, mostPlaces).flatMap((cell) => losingSentences(report, task, cell));
    const more = losing.length - mostPlaces;
    if (more > 0)
      texts.push(
        `${taskText(task)}: models also age in ${count(more, "more domain", "more domains")}: table("ageing")`,
      );
    return texts;
  }
  const all = cells.find(({ domain }) => domain === -1);
  if (all === undefined || all.loss.high === null)
    return [`${taskText(task)}: how fast a model ages cannot be told with these ${report.unit}s`];
  return [
    `${taskText(task)}: no ageing beyond noise; a model that is ${count(oldest, `${report.unit}`)} old loses at most ${fixed(all.loss.high, 4)} AUC (${over(report)})`,
  ];
}

function losingSentences(report: Facts, task: DayTask, { domain, age, loss }: DayAgeing): string[] {
  const place = domain < 0 ? "" : ` in ${report.domainNames[domain]!}`;
  const half = report.halfLives.find((each) => each.task.tower === task.tower && each.domain === domain);
  const text = `${taskText(task)}: a model that is ${count(age, report.unit)} old loses ${fixed(loss.value, 4)}${ends(loss, (end) => fixed(end, 4))} AUC${place} (${over(report)})`;
  if (half?.value == null || half.high! > widestHalfLife * half.low!) return [text];
  const units = report.unit === "day" ? "days" : `${report.unit}s`;
  return [
    text,
    `${taskText(task)}: half of what ageing costs${place} is lost after ${fixed(half.value, 1)} ${units}${ends(half, (end) => fixed(end, 1))}`,
  ];
}
