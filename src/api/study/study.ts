/** A study that shows itself: every variant against the model, with intervals, verdicts, curves, domains and gates. */
import type {
  Confidence,
  StudyCell,
  StudyReport,
  StudyTask,
  StudyVariant,
  VariantDifference,
} from "../../ablation/index.js";
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import { DataError } from "../../errors/index.js";
import { numbersMime } from "../../port/index.js";
import type { Table } from "../../tables/index.js";
import { didYouMean } from "../../util/near.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";
import type { StudyReportOptions } from "../report/report.js";
import type { ReportResult } from "../report/result.js";

/** A chart of a study by name. */
export type StudyChartName = "forest" | "curves" | "domains" | "gates";

/** The probability of a verdict, with its interval: the noise that it is computed from is itself an estimate. */
export interface StudyPower {
  /** The probability, 0 … 1, at the noise as estimated. */
  readonly value: number;
  /** Lower end of its 95% interval: the noise is an estimate. */
  readonly low: number;
  /** Upper end of its 95% interval. */
  readonly high: number;
}

/** Where a study is asked about power. */
export interface PowerQuestion {
  /** Seeds. Default: the variant's own. */
  readonly seeds?: number;
  /** Default: all rows. */
  readonly domain?: number;
}

/** The variants of a model against the model itself. Made by `model.ablate(data, options)`. */
export class Study extends Displayable implements StudyReport {
  readonly tasks: readonly StudyTask[];
  readonly domainNames: readonly string[];
  /** The model itself, then its variants. */
  readonly variants: readonly StudyVariant[];
  readonly seeds: readonly number[];
  readonly evaluationRows: number;
  /** What the bootstrap drew: an id feature, or `null` for rows. */
  readonly user: string | null;
  /** Probability that all intervals of the study cover together. */
  readonly level: number;
  readonly confidence: { readonly overall: Confidence; readonly domains: Confidence };
  /** What there was by then is here. */
  readonly interrupted: boolean;
  readonly notes: readonly string[];

  /** Use `model.ablate(data, options)`. @internal */
  constructor(report: StudyReport) {
    super();
    this.tasks = report.tasks;
    this.domainNames = report.domainNames;
    this.variants = report.variants;
    this.seeds = report.seeds;
    this.evaluationRows = report.evaluationRows;
    this.user = report.user;
    this.level = report.level;
    this.confidence = report.confidence;
    this.interrupted = report.interrupted;
    this.notes = report.notes;
  }

  /**
   * A variant's difference to the model in a task, over all rows or in one domain: mean, interval, verdict. `null` where
   * it is not defined. Throws a DataError for a name that is not there.
   *
   * @example
   * study.difference("epnet.gamma 4", "ctr")?.verdict.text;   // "no difference beyond noise; about 12 seeds would settle it"
   */
  difference(variant: string, tower: string, domain?: number): VariantDifference | null {
    return this.#cell(variant, tower, domain)?.difference ?? null;
  }

  /**
   * How probably a study like this one gives a verdict for `variant` where the true difference is `effect`, from the
   * noise that was seen. `null` where no noise was seen (one seed).
   *
   * @example
   * study.power("epnet.gamma 4", "ctr", 0.002, { seeds: 10 });   // { value: .83, low: .41, high: .99 }
   */
  async power(
    variant: string,
    tower: string,
    effect: number,
    question: PowerQuestion = {},
  ): Promise<StudyPower | null> {
    const { deviationInterval, noiseLevel, powerOf } = await import("../../ablation/index.js");
    const difference = this.difference(variant, tower, question.domain);
    const noise = difference && noiseLevel(difference.noise);
    if (difference === null || noise === null) return null;
    const confidence = this.#confidence(question);
    const seeds = question.seeds ?? difference.noise.seeds;
    const at = (seed: number): number => powerOf(effect, { ...noise, seed }, seeds, confidence);
    const [least, most] = deviationInterval(noise.seed, difference.noise.seeds);
    return { value: at(noise.seed), low: at(most), high: at(least) };
  }

  /**
   * The true difference that a study like this one would have seen four times in five, from the noise that was seen;
   * `null` where no noise was seen (one seed).
   */
  async detectable(variant: string, tower: string, question: PowerQuestion = {}): Promise<number | null> {
    const { detectable, noiseLevel } = await import("../../ablation/index.js");
    const difference = this.difference(variant, tower, question.domain);
    const noise = difference && noiseLevel(difference.noise);
    if (difference === null || noise === null) return null;
    return detectable(noise, question.seeds ?? difference.noise.seeds, this.#confidence(question));
  }

  /** What the numbers support, a sentence a variant and task. */
  async conclusions(): Promise<readonly string[]> {
    const { studyConclusions } = await import("../../tables/index.js");
    return studyConclusions(this);
  }

  /** Means, differences with their intervals, and verdicts: a row a variant and task. */
  async table(): Promise<Table> {
    const { sheetTable, studySheet } = await import("../../tables/index.js");
    return sheetTable(studySheet(this));
  }

  /**
   * `forest`: differences with intervals; `curves`: the metric while training; `domains`: differences by task and
   * domain; `gates`: the variants' gates side by side. Default: `forest`.
   */
  async chart(name: StudyChartName = "forest"): Promise<ChartOutput> {
    const charts = await import("../../charts/index.js");
    const make = {
      forest: charts.studyForestChart,
      curves: charts.studyCurvesChart,
      domains: charts.studyDomainsChart,
      gates: charts.studyGatesChart,
    }[name];
    return new ChartOutput(make(this));
  }

  /** One row a variant, task, domain and seed: the metric and its difference to the model's of that seed. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("../output/frames.js");
    const { studyRecords } = await import("../output/study-records.js");
    return recordsFrame(studyRecords(this), frameClass);
  }

  /** The table, the conclusions and the notes, for a report or a pull request. */
  async toMarkdown(): Promise<string> {
    const { bulletsMarkdown, tableMarkdown } = await import("../../tables/index.js");
    const lists = [await this.conclusions(), this.notes].map(bulletsMarkdown);
    const parts = [tableMarkdown(await this.table()), ...lists];
    return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
  }

  /**
   * Writes the study as one HTML page that opens from disk; an earlier report at that path is replaced. Throws a
   * DataError where another file is there, or it cannot be written. `run.report(data, { path, study })` has it as a section.
   *
   * @example
   * await study.report({ path: "out/gammas.html" });
   */
  async report(options: StudyReportOptions): Promise<ReportResult> {
    const { writeStudyReport } = await import("../report/report.js");
    return writeStudyReport(this, options);
  }

  /** The forest plot, with the table as text. */
  async bundle(): Promise<DisplayBundle> {
    const bundle = await (await this.chart()).bundle();
    const notes = this.notes.map((note) => `\nnote: ${note}`).join("");
    return { ...bundle, "text/plain": `${bundle["text/plain"]}${notes && `\n${notes}`}`, ...this.#numbers() };
  }

  #confidence({ domain }: PowerQuestion): Confidence {
    return domain === undefined ? this.confidence.overall : this.confidence.domains;
  }

  /** Differences by variant and task, as an output says them to programs. */
  #numbers(): DisplayBundle {
    const named = this.variants.slice(1).flatMap(({ name, tasks }) =>
      tasks.flatMap(({ tower, overall }) => {
        return overall.difference === null ? [] : [[`${name}, ${tower}`, overall.difference.mean] as const];
      }),
    );
    return { [numbersMime]: Object.fromEntries(named) };
  }

  #cell(name: string, tower: string, domain: number | undefined): StudyCell | null {
    const variant = this.variants.find((each) => each.name === name);
    const at = this.tasks.findIndex((task) => task.tower === tower);
    if (variant === undefined)
      throw unknown(
        "variant",
        name,
        this.variants.map((each) => each.name),
      );
    if (at < 0)
      throw unknown(
        "task",
        tower,
        this.tasks.map((task) => task.tower),
      );
    const task = variant.tasks[at];
    if (domain === undefined) return task?.overall ?? null;
    const cell = task?.domains[domain];
    if (cell !== undefined || variant.runs.length === 0) return cell ?? null;
    throw unknown(
      "domain",
      String(domain),
      this.domainNames.map((_, index) => String(index)),
    );
  }
}

function unknown(kind: string, received: string, known: readonly string[]): DataError {
  return new DataError({
    path: `study: ${kind}`,
    message: `the study has no such ${kind}`,
    received: JSON.stringify(received),
    expected: known.length === 0 ? "none is there" : `one of ${known.map((name) => JSON.stringify(name)).join(", ")}`,
    fix: didYouMean(received, known),
  });
}
