/** What a model is worth: its metric by task and domain compared with those of simpler models, and a verdict for each. */

import { type Interval, negated } from "../../core/metrics/intervals/bootstrap.js";
import { count, signed } from "../../core/util/text.js";
import type { VariantDifference, VerdictKind } from "./statistics/verdict.js";
import type { StudyCell, StudyReport, StudyTask } from "./study.js";

/** A simpler model on the rows of a task and a domain. */
export interface SimplerModel {
  readonly name: string;
  /** Mean of its metric over the seeds; `null`: not defined. */
  readonly mean: number | null;
  /** The model's metric minus this one's, positive if the model is better; all intervals hold together. */
  readonly gain: Interval;
  /** Whether the gain is beyond noise, and its direction; with `matters`, also `equivalent`. */
  readonly verdict: "model is better" | "is better" | "equivalent" | "within noise" | null;
}

/**
 * `gains`: better than all simpler models beyond noise. `loses`: worse than one beyond noise. `no difference`: neither was
 * shown. `null`: a metric is not defined, or there is one seed.
 */
export type WorthVerdict = "gains" | "loses" | "no difference" | null;

/** The verdict on a task and a domain. */
export interface WorthCell {
  readonly task: StudyTask;
  /** `null`: all rows. */
  readonly domain: string | null;
  /** Mean of the model's metric over the seeds; `null`: not defined. */
  readonly mean: number | null;
  readonly simpler: readonly SimplerModel[];
  /** The simpler model with the best mean; `null`: none is defined. */
  readonly best: SimplerModel | null;
  readonly verdict: WorthVerdict;
  /** The verdict in words, with its numbers. */
  readonly says: string;
}

/** What a model is worth on some rows. */
export interface WorthFacts {
  /** `PEPNet`, or `the model` if it has neither gates nor towers of domains. */
  readonly name: string;
  /** One finding, in at most twelve words. */
  readonly headline: string;
  readonly tasks: readonly StudyTask[];
  readonly domainNames: readonly string[];
  /** By task: all rows, then each domain. */
  readonly cells: readonly WorthCell[];
  /** The column whose users intervals are over; `null`: rows. */
  readonly user: string | null;
  readonly evaluationRows: number;
  /** The study that trained the models. */
  readonly report: StudyReport;
}

/** @param apart the name of the separate models by domain */
export function studyWorth(report: StudyReport, name: string, apart: string): WorthFacts {
  const { tasks, user, evaluationRows } = report;
  // A single domain is all rows.
  const domainNames = report.domainNames.length < 2 ? [] : report.domainNames;
  const cells = tasks.flatMap((task, t) =>
    [null, ...domainNames].map((domain, at) => {
      const cellOf = (variant: number): StudyCell | undefined => {
        const parts = report.variants[variant]?.tasks[t];
        return at === 0 ? parts?.overall : parts?.domains[at - 1];
      };
      return worthCell({ report, task, domain, name, cellOf });
    }),
  );
  const headline = headlineOf({ name, apart, cells, tasks, domainNames });
  return { name, headline, tasks, domainNames, cells, user, evaluationRows, report };
}

interface CellParts {
  readonly report: StudyReport;
  readonly task: StudyTask;
  readonly domain: string | null;
  readonly name: string;
  readonly cellOf: (variant: number) => StudyCell | undefined;
}

function worthCell({ report, task, domain, name, cellOf }: CellParts): WorthCell {
  const simpler = report.variants.flatMap((variant, at): SimplerModel[] => {
    if (at === 0 || variant.runs.length === 0) return [];
    const { mean = null, difference = null } = cellOf(at) ?? {};
    return [{ name: variant.name, mean, ...gainOf(difference, task.higherIsBetter) }];
  });
  const sign = task.higherIsBetter ? 1 : -1;
  const defined = simpler.filter(({ mean }) => mean !== null);
  const best = defined.reduce<SimplerModel | null>(
    (a, b) => (a === null || sign * b.mean! > sign * a.mean! ? b : a),
    null,
  );
  const verdict = verdictOf(simpler);
  const mean = cellOf(0)?.mean ?? null;
  return { task, domain, mean, simpler, best, verdict, says: saysOf({ name, verdict, simpler, best }) };
}

function gainOf(difference: VariantDifference | null, higherIsBetter: boolean): Pick<SimplerModel, "gain" | "verdict"> {
  if (difference === null) return { gain: { value: null, low: null, high: null }, verdict: null };
  const { mean: value, low, high } = difference;
  const gain = higherIsBetter ? negated({ value, low, high }) : { value, low, high };
  return { gain, verdict: kinds[difference.verdict.kind](low) };
}

/** Keyed by the verdict on a simpler model minus the model. */
const kinds: Readonly<Record<VerdictKind, (low: number | null) => SimplerModel["verdict"]>> = {
  better: () => "is better",
  worse: () => "model is better",
  equivalent: () => "equivalent",
  "no difference beyond noise": () => "within noise",
  undecided: (low) => (low === null ? null : "within noise"),
};

/**
 * The model gains if it is better than every simpler model: then it is better than the best of them, whichever that is,
 * and a false claim needs an error in the comparison with a model that is as good. So choosing the best costs nothing.
 */
function verdictOf(simpler: readonly SimplerModel[]): WorthVerdict {
  if (simpler.length === 0 || simpler.some(({ verdict }) => verdict === null)) return null;
  if (simpler.some(({ verdict }) => verdict === "is better")) return "loses";
  return simpler.every(({ verdict }) => verdict === "model is better") ? "gains" : "no difference";
}

/** The simpler model that is better beyond noise by most. */
export function betterModel({ simpler }: Pick<WorthCell, "simpler">): SimplerModel | undefined {
  const better = simpler.filter(({ verdict }) => verdict === "is better");
  return better.sort((a, b) => a.gain.value! - b.gain.value!)[0];
}

function saysOf({ name, verdict, simpler, best }: Pick<WorthCell, "verdict" | "simpler" | "best"> & { name: string }) {
  if (best === null) return "not defined: one class, or no rows";
  const range = ({ value, low, high }: Interval): string => {
    return `${signed(value, 4)} (${signed(low, 4)} to ${signed(high, 4)})`;
  };
  if (verdict === "gains") return `${name} is better than all others: ${range(best.gain)} over ${best.name}, the best`;
  const better = betterModel({ simpler });
  if (verdict === "loses") return `${better!.name} is better: ${range(negated(better!.gain))}`;
  if (verdict === null) {
    const undefinedMetric = simpler.some(({ gain }) => gain.value === null);
    return undefinedMetric ? "not defined: one class, or no rows" : "cannot be told from one seed";
  }
  const open = simpler.filter((each) => each.verdict !== "model is better");
  const closest = open.includes(best) ? best : open[0]!;
  const what = closest.verdict === "equivalent" ? "equivalent to" : "no difference beyond noise from";
  return `${what} ${closest.name}: ${range(closest.gain)}`;
}

interface HeadlineParts extends Pick<WorthFacts, "name" | "cells" | "tasks" | "domainNames"> {
  readonly apart: string;
}

/** If there are more words, a headline counts domains instead of naming them. */
const mostWords = 12;

function headlineOf({ name, apart, cells, tasks, domainNames }: HeadlineParts): string {
  const judged = cells.filter(({ domain }) => (domain === null) === (domainNames.length === 0));
  if (judged.every(({ verdict }) => verdict === null)) return `No verdict on ${name}: too few seeds or rows`;
  const losses = judged.filter(({ verdict }) => verdict === "loses");
  const winners = new Set(losses.map((cell) => betterModel(cell)!.name));
  const [winner] = winners;
  if (judged.length === 1 && winner !== undefined) return `${name} shows no gain: ${winner} is better`;
  const gains = judged.filter(({ verdict }) => verdict === "gains").length;
  const noun = domainNames.length === 0 ? "task" : tasks.length === 1 ? "domain" : "task and domain pair";
  const won = wonText(name, gains, judged.length, noun);
  if (losses.length === 0) return won;
  const places = losses.map(({ domain, task }) => domain ?? task.tower).join(" and ");
  const alone = `${places} ${losses.length === 1 ? "does" : "do"} better alone`;
  const named = `${won}; ${winner === apart ? alone : `${winner} wins in ${places}`}`;
  const isShort = winners.size === 1 && named.split(/\s+/).length <= mostWords;
  const isClear = tasks.length === 1 || domainNames.length === 0;
  return isShort && isClear ? named : `${won}; ${losses.length} ${losses.length === 1 ? "loses" : "lose"}`;
}

function wonText(name: string, gains: number, of: number, noun: string): string {
  if (of === 1)
    return gains === 1 ? `${name} gains over all simpler models` : `${name} shows no gain over simpler models`;
  if (gains === of) return `${name} gains in all ${count(of, noun)}`;
  return gains === 0
    ? `${name} shows no gain in ${count(of, noun)}`
    : `${name} gains in ${gains} of ${count(of, noun)}`;
}
