/** The conclusions of a study: sentences that a reader can act on, each with its numbers. */

import type {
  PlanReport,
  StudyReport,
  StudyTask,
  StudyVariant,
  VariantDifference,
  VerdictKind,
} from "../../ablation/index.js";
import { mean, sampleVariance } from "../../util/sums.js";
import { count, percent, signed } from "../../util/text/format.js";
import { comparedVariants, metricName, seedsText } from "../names.js";
import { curvePoints } from "./curves.js";
import { responseConclusions } from "./responses.js";

/** A variant with its difference in one task. */
interface Compared {
  readonly name: string;
  readonly difference: VariantDifference;
}

/** By task: what is better, worse, equivalent and open. Then smaller models that cost nothing. */
export function studyConclusions(report: StudyReport): readonly string[] {
  const variants = comparedVariants(report);
  const tasks = report.tasks.flatMap((task, at) => {
    const all = variants.flatMap(({ name, tasks }): Compared[] => {
      const difference = tasks[at]?.overall.difference ?? null;
      return difference === null ? [] : [{ name, difference }];
    });
    return taskConclusions(task, all, seedsText(report));
  });
  return [
    ...planConclusions(report),
    ...tasks,
    ...responseConclusions(report),
    ...savings(report, variants),
    ...peakConclusions(report),
  ];
}

function taskConclusions(task: StudyTask, all: readonly Compared[], seeds: string): string[] {
  const where = `${task.tower} ${metricName(task)}`;
  const of = (kind: VerdictKind): Compared[] => all.filter(({ difference }) => difference.verdict.kind === kind);
  const [same, noise, open] = [of("equivalent"), of("no difference beyond noise"), of("undecided")];
  const changes = [...of("better"), ...of("worse")].map(
    ({ name, difference }) => `${name} is ${difference.verdict.kind} in ${where} by ${rangeText(difference)}.`,
  );
  return [
    ...changes,
    ...(same.length === 0
      ? []
      : [`${names(same)} ${same.length === 1 ? "is" : "are"} equivalent to the model in ${where}: ${limit(task)}.`]),
    ...(noise.length === 0 ? [] : [noiseText(noise, all.length, where, seeds)]),
    ...open.map(({ name, difference }) => `${name} is open in ${where}: ${openText(difference)}.`),
  ];
}

function limit({ matters }: StudyTask): string {
  return `they differ by less than ${matters}, the difference that matters`;
}

/** The largest difference that the joint intervals leave open. */
function noiseText(noise: readonly Compared[], all: number, where: string, seeds: string): string {
  const bound = Math.max(...noise.map(({ difference }) => difference.verdict.bound ?? 0));
  const who =
    noise.length === all && all > 1 ? `None of the ${all} variants changes` : `${names(noise)} did not change`;
  return `${who} ${where} beyond noise: over ${seeds}, by at most ±${Number(bound.toPrecision(2))}.`;
}

function openText(difference: VariantDifference): string {
  const { low, verdict } = difference;
  const range = low === null ? "" : `${rangeText(difference)}; `;
  return `${range}${verdict.remedy ?? ""}`;
}

function rangeText({ mean, low, high }: VariantDifference): string {
  return `${signed(mean, 4)} (${signed(low, 4)} to ${signed(high, 4)})`;
}

const mostNames = 4;

function names(all: readonly Compared[]): string {
  const [first, rest] = [all.slice(0, mostNames).map(({ name }) => name), all.length - mostNames];
  if (rest > 0) return `${first.join("; ")} and ${rest} more`;
  return first.length < 2 ? first.join() : `${first.slice(0, -1).join("; ")} and ${first.at(-1)}`;
}

/** A variant is worth a sentence from this share of the model's parameters on. */
const leastSaving = 0.05;

/** Variants with fewer parameters that are equivalent to the model, or better, in every task. */
function savings({ variants: [model] }: StudyReport, variants: readonly StudyVariant[]): string[] {
  return variants.flatMap(({ name, tasks, denseParameters }) => {
    const saved = model === undefined ? 0 : 1 - denseParameters / model.denseParameters;
    const fine = tasks.every(({ overall }) =>
      ["equivalent", "better"].includes(overall.difference?.verdict.kind ?? "undecided"),
    );
    if (!fine || !(saved >= leastSaving)) return [];
    return [`${name} has ${percent(saved, 0)} fewer parameters (without embeddings) and loses nothing that matters.`];
  });
}

/** The sentences that a registered study's conclusions begin with; none for other studies. */
export function planConclusions({ plan }: StudyReport): string[] {
  if (plan === null) return [];
  const when = `${plan.registered.slice(0, 16).replace("T", " ")} UTC`;
  const plain = plan.question.trim().replace(/\s+/g, " ");
  const before =
    plan.runsBefore === 0
      ? "before its first run"
      : `when ${count(plan.runsBefore, "of its runs was", "of its runs were")} already cached, so their results may have been seen`;
  const question = `Planned on ${when}, ${before}: “${plain}”`;
  if (plan.exploratory) return [`Exploratory: these variants were not in the plan. ${question}`];
  return [
    question,
    plan.domains
      ? "Comparisons by domain are part of the plan."
      : "Comparisons by domain were not planned: they are exploratory.",
    ...explorationsText(plan),
  ];
}

function explorationsText({ explorations }: PlanReport): string[] {
  if (explorations.length === 0) return ["Nothing else was looked at through the plan."];
  const names = [...new Set(explorations.flatMap(({ variants }) => variants))];
  return [`Looked at afterwards, exploratory and not in this report: ${names.join("; ")}.`];
}

/** A fall smaller than this is not worth a sentence. */
const leastFall = 0.002;
/** Standard errors over seeds. */
const clearly = 3;

interface Peak {
  readonly step: number;
  readonly last: number;
  /** From the peak to the end, as a positive number. */
  readonly fall: number;
}

/** One sentence per task whose metric falls after a peak in the model itself, beyond the noise of its seeds. */
export function peakConclusions({ tasks, variants }: StudyReport): string[] {
  const trained = variants.filter(({ runs }) => runs.length > 0 && runs.every(({ bestStep }) => bestStep === null));
  const [model] = variants;
  return tasks.flatMap((task, at) => {
    const peak = model === undefined || !trained.includes(model) ? null : peakOf(task, model);
    if (peak === null) return [];
    const falling = trained.filter((variant) => peakOf(task, variant) !== null).length;
    const largest = Math.max(...variants.map(({ tasks: of }) => Math.abs(of[at]?.overall.difference?.mean ?? 0)));
    const where = `${task.tower} ${metricName(task)}`;
    const more = peak.fall > largest ? `, which is more than any variant changes it (${largest.toFixed(4)})` : "";
    return [
      `In ${falling} of ${count(trained.length, "model")}, ${where} peaks before the end: in the model at step ${peak.step} of ${peak.last}, and it is worse by ${peak.fall.toFixed(4)} at the end${more}. All are compared at the end, after equal steps; to compare before the fall, use model.train({ steps: ${peak.step} }).`,
    ];
  });
}

function peakOf(task: StudyTask, variant: StudyVariant): Peak | null {
  const points = curvePoints(task, variant);
  const sign = task.higherIsBetter ? 1 : -1;
  const last = points.at(-1);
  if (last === undefined || variant.runs.length < 2) return null;
  const best = points.reduce((top, point) => (sign * point.mean > sign * top.mean ? point : top));
  const falls = best.bySeed.map((value, seed) => sign * (value - last.bySeed[seed]!));
  const fall = mean(falls);
  if (fall < leastFall || fall < clearly * Math.sqrt(sampleVariance(falls) / falls.length)) return null;
  return { step: best.step, last: last.step, fall };
}
