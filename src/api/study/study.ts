import type { StudyResponse } from "../../ablation/response.js";
import type { VariantDifference } from "../../ablation/statistics/verdict.js";
import type { StudyCell, StudyReport } from "../../ablation/study.js";
import { DataError } from "../../errors/index.js";
import { unknownName } from "../../spec/validate/checks.js";
import type { StudyChartName, StudyTableName } from "../../views/results.js";
import type { Sheet } from "../../views/view.js";
import type { ReportResult } from "../report.js";
import type { StudyReportOptions } from "../report-options.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, TableOutput, tables } from "../result.js";

/** The probability of a verdict, with an interval because the noise is estimated. */
export interface StudyPower {
  readonly value: number;
  /** Lower end of its 95% interval: the noise is an estimate. */
  readonly low: number;
  readonly high: number;
}

/** Options of a power calculation. */
export interface PowerQuestion {
  readonly seeds?: number;
  readonly domain?: number;
}

const StudyFacts: ChartedFactsBase<StudyReport> = chartedFactsBase();

/** The variants of a model, compared with the model itself. Made by `model.ablate(data, options)`. */
export class Study extends StudyFacts {
  /** @internal */
  sheet(name: StudyTableName = "variants"): Sheet {
    const { namedView, studyViews } = tables();
    return namedView(studyViews, "sheet", name, "study")(this.facts);
  }

  /**
   * `variants` (the default, and what `rows()` has): means, differences with their intervals, and verdicts, one row per
   * variant and task; `domains`: the same by domain; `runs`: one row per variant, task, domain and seed;
   * `responses`: one row per numeric setting with three values or more, task and domain.
   */
  override table(name: StudyTableName = "variants"): TableOutput {
    return new TableOutput(this.sheet(name));
  }

  /**
   * A variant's difference from the model in a task, over all rows or in one domain: mean, interval, verdict. `null` if
   * undefined. Throws a DataError for an unknown name.
   */
  difference(variant: string, tower: string, domain?: number): VariantDifference | null {
    return this.#cell(variant, tower, domain)?.difference ?? null;
  }

  /**
   * A task's metric at the trained values of a numeric setting, as differences from the model's value, with the trend,
   * over all rows or in one domain; in a grid, means over the other settings. `null` if the study has fewer than three
   * values of it, or fewer than two seeds.
   * @example study.response("epnet.gamma", "ctr")?.best;   // { value: 4, low: 2, high: 4, atEdge: true }
   */
  response(path: string, tower: string, domain?: number): StudyResponse | null {
    const at = domain ?? null;
    const match = this.facts.responses.find((each) => {
      return each.path === path && each.tower === tower && each.domain === at;
    });
    return match ?? null;
  }

  /**
   * The probability that a study like this one reaches a verdict for `variant` if the true difference is `effect`, from
   * the observed noise. `null` without observed noise (one seed).
   * @example study.power("epnet.gamma 4", "ctr", 0.002, { seeds: 10 });   // { value: 0.83, low: 0.41, high: 0.99 }
   */
  async power(
    variant: string,
    tower: string,
    effect: number,
    question: PowerQuestion = {},
  ): Promise<StudyPower | null> {
    const { deviationInterval, powerOf } = await import("../../ablation/statistics/power.js");
    const observed = await this.#observed(variant, tower, question);
    if (observed === null) return null;
    const { noise, df, seeds, confidence } = observed;
    const at = (seed: number): number => powerOf(effect, { ...noise, seed }, seeds, confidence);
    const [least, most] = deviationInterval(noise.seed, df);
    return { value: at(noise.seed), low: at(most), high: at(least) };
  }

  /** The true difference that such a study detects with 80% probability; `null` without observed noise (one seed). */
  async detectable(variant: string, tower: string, question: PowerQuestion = {}): Promise<number | null> {
    const { detectable } = await import("../../ablation/statistics/power.js");
    const observed = await this.#observed(variant, tower, question);
    return observed && detectable(observed.noise, observed.seeds, observed.confidence);
  }

  async #observed(variant: string, tower: string, { seeds, domain }: PowerQuestion) {
    const { confidenceAt, lookFor } = await import("../../ablation/study-look.js");
    const { noiseLevel } = await import("../../ablation/statistics/verdict.js");
    const difference = this.difference(variant, tower, domain);
    const noise = difference && noiseLevel(difference.noise);
    if (difference === null || noise === null) return null;
    const { overall, domains } = this.confidence;
    const confidence = confidenceAt(domain === undefined ? overall : domains, lookFor(this.looks, variant));
    return { noise, df: difference.noise.df ?? 1, seeds: seeds ?? difference.noise.seeds, confidence };
  }

  /** The conclusions: by task what is better, worse, equivalent and open, in sentences with their numbers. */
  async conclusions(): Promise<readonly string[]> {
    return tables().studyConclusions(this.facts);
  }

  /** The conclusions, the table of variants and the notes. */
  override toMarkdown(): string {
    return `${tables().bulletsMarkdown(tables().studyConclusions(this.facts))}\n\n${super.toMarkdown()}`;
  }

  /**
   * `forest`: differences with intervals; `curves`: the metric during training; `domains`: differences by task and
   * domain; `responses`: the trained values of numeric settings with their intervals, by task and domain; `grid`: pairs of two settings that were varied together. Default:
   * `forest`. Throws a DataError for an unknown name, as `table` does.
   */
  async chart(name: StudyChartName = "forest"): Promise<ChartOutput> {
    const { namedView, studyViews } = tables();
    return new ChartOutput(namedView(studyViews, "chart", name, "study")(this.facts));
  }

  /**
   * Writes the study as one HTML page that opens from disk; replaces an existing report at that path. Throws a
   * DataError if the path is another file, or it cannot be written. `run.report(data, { path, study })` includes it as
   * a section.
   */
  async report(options: StudyReportOptions): Promise<ReportResult> {
    const { writeStudyReport } = await import("../report.js");
    return writeStudyReport(this, options);
  }

  #cell(name: string, tower: string, domain: number | undefined): StudyCell | null {
    const names = this.variants.map((each) => each.name);
    const towers = this.tasks.map((task) => task.tower);
    const variant = this.variants[names.indexOf(name)];
    if (variant === undefined) throw unknown("variant", name, names);
    if (!towers.includes(tower)) throw unknown("task", tower, towers);
    const task = variant.tasks[towers.indexOf(tower)];
    if (domain === undefined) return task?.overall ?? null;
    const cell = task?.domains[domain];
    if (cell !== undefined || variant.runs.length === 0) return cell ?? null;
    throw unknown("domain", String(domain), Object.keys(this.domainNames));
  }
}

function unknown(kind: string, name: string, names: readonly string[]): DataError {
  return new DataError(unknownName(`study: ${kind}`, kind, name, names));
}
