/** The result of `model.ablate()`. */
import type { Estimate } from "../../core/metrics/intervals/normal.js";
import type { StudyResponse } from "../../lab/ablation/response.js";
import type { VariantDifference } from "../../lab/ablation/statistics/verdict.js";
import type { StudyCell, StudyReport, StudyTask, StudyVariant } from "../../lab/ablation/study.js";
import type { StudyChartName, StudyTableName } from "../../lab/views/results.js";
import type { Sheet } from "../../lab/views/view.js";
import { domainPlace, placeOf, type StudyNames } from "../names.js";
import type { ReportResult } from "../report.js";
import type { StudyReportOptions } from "../report-options.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, TableOutput, tables } from "../result.js";

/** Options of a power calculation. `D`: domains. */
export interface PowerQuestion<D extends string = string> {
  readonly seeds?: number;
  readonly domain?: D | number;
}

const StudyFacts: ChartedFactsBase<StudyReport> = chartedFactsBase();

/**
 * The variants of a model, compared with the model itself. Made by `model.ablate(data, options)`. `N`: the names that its
 * calls accept; names that types do not know are checked when a call runs.
 */
export class Study<out N extends StudyNames = StudyNames> extends StudyFacts {
  declare readonly variants: readonly StudyVariant<N["variant"], N["tower"]>[];
  declare readonly tasks: readonly StudyTask<N["tower"]>[];
  declare readonly domainNames: readonly N["domain"][];

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
   * A variant's difference from the model in a task, over all rows or in one domain, by its name or number: mean, interval,
   * verdict. `null` if undefined. Throws a DataError for an unknown name.
   */
  difference(variant: N["variant"], tower: N["tower"], domain?: N["domain"] | number): VariantDifference | null {
    return this.#cell("difference", variant, { tower, domain })?.difference ?? null;
  }

  /**
   * A task's metric at the trained values of a numeric setting, as differences from the model's value, with the trend,
   * over all rows or in one domain; in a grid, means over the other settings. `null` if the study has fewer than three
   * values of the setting, or fewer than two seeds. Throws a DataError for a setting that the study did not vary, or an
   * unknown tower or domain.
   * @example study.response("epnet.gamma", "ctr")?.best;   // { value: 4, low: 2, high: 4, atEdge: true }
   */
  response(path: N["setting"], tower: N["tower"], domain?: N["domain"] | number): StudyResponse | null {
    const paths = new Set(this.facts.variants.flatMap(({ settings }) => Object.keys(settings)));
    placeOf("study.response", "setting", path, [...paths]);
    const at = this.#place("response", { tower, domain }).domain;
    const match = this.facts.responses.find((each) => {
      return each.path === path && each.tower === tower && each.domain === at;
    });
    return match ?? null;
  }

  /**
   * The probability that a study like this one reaches a verdict for `variant` if the true difference is `effect`, from
   * the observed noise, with a 95% interval because the noise is an estimate. `null` without observed noise (one seed).
   * @example study.power("epnet.gamma 4", "ctr", 0.002, { seeds: 10 });   // { value: 0.83, low: 0.41, high: 0.99 }
   */
  async power(
    variant: N["variant"],
    tower: N["tower"],
    effect: number,
    question: PowerQuestion<N["domain"]> = {},
  ): Promise<Estimate | null> {
    const { deviationInterval, powerOf } = await import("../../lab/ablation/statistics/power.js");
    const observed = await this.#observed("power", variant, tower, question);
    if (observed === null) return null;
    const { noise, df, seeds, confidence } = observed;
    const at = (seed: number): number => powerOf(effect, { ...noise, seed }, seeds, confidence);
    const [least, most] = deviationInterval(noise.seed, df);
    return { value: at(noise.seed), low: at(most), high: at(least) };
  }

  /** The true difference that such a study detects with 80% probability; `null` without observed noise (one seed). */
  async detectable(
    variant: N["variant"],
    tower: N["tower"],
    question: PowerQuestion<N["domain"]> = {},
  ): Promise<number | null> {
    const { detectable } = await import("../../lab/ablation/statistics/power.js");
    const observed = await this.#observed("detectable", variant, tower, question);
    return observed && detectable(observed.noise, observed.seeds, observed.confidence);
  }

  async #observed(method: string, variant: string, tower: string, { seeds, domain }: PowerQuestion) {
    const { confidenceAt, lookFor } = await import("../../lab/ablation/study-look.js");
    const { noiseLevel } = await import("../../lab/ablation/statistics/verdict.js");
    const difference = this.#cell(method, variant, { tower, domain })?.difference ?? null;
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

  /** `null`: the variant has no finished run. */
  #cell(method: string, name: string, at: StudyPlace): StudyCell | null {
    const names = this.variants.map((each) => each.name);
    const variant = this.variants[placeOf(`study.${method}`, "variant", name, names)]!;
    const { task, domain } = this.#place(method, at);
    const cells = variant.tasks[task];
    return (domain === null ? cells?.overall : cells?.domains[domain]) ?? null;
  }

  /** @throws DataError for an unknown tower or domain */
  #place(method: string, { tower, domain }: StudyPlace): { task: number; domain: number | null } {
    const towers = this.tasks.map((task) => task.tower);
    const task = placeOf(`study.${method}`, "task", tower, towers);
    return { task, domain: domain === undefined ? null : domainPlace(`study.${method}`, domain, this.domainNames) };
  }
}

interface StudyPlace {
  readonly tower: string;
  readonly domain: string | number | undefined;
}
