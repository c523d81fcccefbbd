/** The results of `evaluate`, `calibration`, `recalibrate` and learning curves. */
import { DataError } from "../core/errors/index.js";
import type { CalibrationReport } from "../core/metrics/calibration-curve.js";
import type { LearningCurves } from "../core/metrics/learning-curves.js";
import type { Evaluation, IntervalMethod, TaskEvaluation } from "../core/metrics/types.js";
import type { Recalibration } from "../core/train/recalibrate.js";
import type { EvaluationChartName } from "../lab/views/results.js";
import type { AucReference, Sheet } from "../lab/views/view.js";
import { taskCell } from "./names.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, tables } from "./result.js";

const CalibrationFacts: ChartedFactsBase<CalibrationReport> = chartedFactsBase("calibrationSheet");

/** Predicted and observed rates per bin, by task and domain. Made by `run.calibration()`. */
export class CalibrationResult extends CalibrationFacts {
  /** The curves, one panel per task, with the diagonal on which prediction and observation agree. */
  async chart(): Promise<ChartOutput> {
    return new ChartOutput(tables().reliabilityChart(this.facts));
  }
}

const RecalibrationFacts: ChartedFactsBase<Recalibration> = chartedFactsBase("recalibrationSheet");

/** A recalibration, and its effect on rows that it was not fitted to. Made by `run.recalibrate()`. */
export class RecalibrationResult<out R = unknown> extends RecalibrationFacts {
  /** The same model with the lines in the weights of its towers' last layers: saved, exported and served like any run. */
  readonly run: R;

  /** @internal */
  constructor(facts: Recalibration, run: R, notes: readonly string[]) {
    super(facts, [...notes, ...facts.gaps]);
    this.run = run;
  }

  /** Predicted and observed rates before or after it, on rows that a line was not fitted to. */
  chart(name: "before" | "after" = "after"): Promise<ChartOutput> {
    return new CalibrationResult(this.facts[name]).chart();
  }
}

const EvaluationFacts: ChartedFactsBase<Evaluation> = chartedFactsBase();

/** Metrics by task and domain. Made by `run.evaluate()`. `T`: towers; `D`: domains, or groups of rows. */
export class EvaluationResult<out T extends string = string, out D extends string = string> extends EvaluationFacts {
  declare readonly tasks: readonly TaskEvaluation<T>[];
  declare readonly domainNames: readonly D[];
  /** AUCs to compare with, such as the best achievable on generated data. */
  readonly references: readonly AucReference[];
  override readonly by: string | null = this.facts.by ?? null;
  override readonly user: string | null = this.facts.user ?? null;
  override readonly intervalMethod: IntervalMethod | null = this.facts.intervalMethod ?? null;

  /** @internal */
  constructor(facts: Evaluation, references: readonly AucReference[] = []) {
    super(facts);
    this.references = references;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().evaluationViews.auc.sheet(this.facts, this.references);
  }

  /**
   * A task's AUC, over all rows (of its space) or in one domain, by its name or number; `null` if it is not defined.
   * Throws a DataError for an unknown tower or domain.
   */
  auc(tower: T, domain?: D | number): number | null {
    const kind = this.by === null ? "domain" : "group";
    return taskCell("evaluation.auc", this.tasks, this.domainNames, { tower, domain, kind }).auc;
  }

  /**
   * `auc` (the default): AUC by domain, or by the values of a column, as sorted dots with their intervals; by time with
   * log loss, predicted and observed rate; by training rows with the calibration of new and known values. `roc`: ROC
   * curves. `precision`: precision by recall, with the base rate. `scores`: distributions of the predictions of
   * positive and negative rows, on a log-odds scale.
   *
   * All but `auc` need an evaluation of `run.evaluate()`: evaluations from training or from a saved run have no curves,
   * and throw a DataError, as for an unknown name.
   * @example
   * const evaluation = await run.evaluate(test);
   * await evaluation.chart("roc");
   * await (await run.evaluate(test, { by: { column: "time", as: "times" } })).chart();
   * await (await run.evaluate(test, { by: { column: "user_id", training: train } })).chart();
   */
  async chart(name: EvaluationChartName = "auc"): Promise<ChartOutput> {
    const { evaluationViews, namedView } = tables();
    const make = namedView(evaluationViews, "chart", name, "evaluation");
    if (name !== "auc" && this.facts.curves === undefined) throw this.#withoutCurves(name);
    return new ChartOutput(make(this.facts, this.references));
  }

  #withoutCurves(name: EvaluationChartName): DataError {
    return new DataError({
      path: `evaluation.chart("${name}")`,
      message: "this evaluation has no curves of its scores, which run.evaluate() computes",
      expected: "an evaluation of run.evaluate()",
      fix: `evaluate the rows again: (await run.evaluate(data)).chart("${name}")`,
    });
  }
}

const LearningCurvesFacts: ChartedFactsBase<LearningCurves> = chartedFactsBase("learningCurvesSheet");

/** A metric on the validation rows at every evaluation during training. Made by `run.learningCurves()`. */
export class LearningCurvesResult extends LearningCurvesFacts {
  readonly references: readonly AucReference[];

  /** @internal */
  constructor(facts: LearningCurves, references: readonly AucReference[] = []) {
    super(facts);
    this.references = references;
  }

  async chart(): Promise<ChartOutput> {
    return new ChartOutput(tables().learningCurvesChart(this.facts, this.references));
  }
}
