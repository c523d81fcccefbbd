/** The conclusions of a study: sentences that a reader can act on, each with its numbers. */
import type { StudyReport, StudyTask, StudyVariant, VariantDifference, VerdictKind } from "../../ablation/index.js";
import { percent, signed } from "../../util/text/format.js";
import { comparedVariants, metricName, seedsText } from "../names/index.js";
import { peakConclusions } from "./peaks.js";
import { planConclusions } from "./plan-text.js";
import { responseConclusions } from "./response-text.js";

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
