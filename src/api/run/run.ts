/** A run: a trained model, and what it answers about rows. */
import { DataError } from "../../errors/index.js";
import type { CalibrationOptions } from "../../metrics/index.js";
import { type Dataset, type DatasetSource, dataset } from "../data/index.js";
import type { ReportOptions, ReportResult } from "../report/index.js";
import type {
  CalibrationResult,
  ComparisonResult,
  CounterfactualResult,
  EvaluationResult,
  ExplanationResult,
  FieldRankingResult,
  GatesResult,
} from "../results/index.js";
import {
  type CompareOptions,
  type EvaluationOptions,
  missingOption,
  type RunCounterfactualOptions,
  type RunExplainOptions,
  type RunFieldRankingOptions,
  type RunGatesOptions,
} from "./options.js";
import { RunRecord } from "./record.js";
import type { ReferenceColumns } from "./score-columns.js";

/** What a run is compared with, and how. */
export interface RunCompareOptions extends CompareOptions {
  /** Another run, or scores that the rows bring along: a column per task, such as `{ ctr: "p_production" }`. */
  readonly with: Run | ReferenceColumns;
}

/**
 * A run. Made by `model.fit(data)` or {@link loadRun}. Every method that reads rows takes them first: a data set, or
 * `null` (or nothing) for the validation rows.
 *
 * `M`: the type of its model.
 */
// biome-ignore lint/suspicious/noExplicitAny: a run whatever its model, as a function over runs takes it
export class Run<M = any> extends RunRecord<M> {
  /**
   * Metrics by task and domain, with bootstrap intervals up to 100,000 rows or when asked for; by the values of any
   * column instead of by domain; beside the AUCs of scores that the rows bring along.
   *
   * Throws a DataError for a column or tower that does not exist.
   *
   * @example
   * await run.evaluate(test, { user: "user_id" }); // AUC of users, and intervals that draw whole users
   * await run.evaluate(test, { by: "city" });
   * await run.evaluate(test, { by: { column: "price", as: "bins", most: 5 }, intervals: { draws: 1000 } });
   * await run.evaluate(test, { references: { ctr: "p_clk", cvr: "p_buy" } });
   */
  async evaluate(data?: DatasetSource | null, options: EvaluationOptions = {}): Promise<EvaluationResult> {
    const rows = await this.#rows(data, "evaluate");
    const { evaluateRows } = await import("./evaluate.js");
    return evaluateRows(this.subject(), rows, options);
  }

  /**
   * Predicted against observed rates of every binary task, in all and by domain, in bins of equally many rows with
   * Wilson's intervals.
   */
  async calibration(data?: DatasetSource | null, options: CalibrationOptions = {}): Promise<CalibrationResult> {
    const rows = await this.#rows(data, "calibration");
    const { calibrateRows } = await import("./evaluate.js");
    return calibrateRows(this.subject(), rows, options);
  }

  /**
   * This run and another on the same rows: differences by task, domain and metric, paired, with intervals and a verdict
   * that is corrected for the number of cells. Or this run and scores that the rows bring along, a column per task. Each
   * model reads the rows by its own features.
   *
   * Throws a SpecError that names the tasks, labels or domains that do not match, and a DataError if `data` is left out
   * and the runs held out different rows.
   *
   * @example
   * const found = await run.compare(test, { with: baseline, names: ["EPNet", "baseline"] });
   * await found.verdict();
   * await run.compare(test, { with: { ctr: "p_production" } });
   */
  async compare(data: DatasetSource | null | undefined, options: RunCompareOptions): Promise<ComparisonResult> {
    const { with: other, ...rest } = options ?? {};
    if (other === undefined) throw missingOption("compare", "with", "{ with: baseline }");
    const { compareModels, compareScores } = await import("./compare.js");
    if (!(other instanceof Run)) {
      return compareScores(this.subject(), other, await this.#rows(data, "compare"), rest);
    }
    const { comparableTowers, heldOutNotes } = await import("./comparable.js");
    comparableTowers(this.spec, other.spec, rest.tasks);
    const [first, second] = [this.validation?.table ?? null, other.validation?.table ?? null];
    const notes = data == null ? await heldOutNotes(first, second) : [];
    const rows = await this.#rows(data ?? this.validation ?? other.validation, "compare");
    return compareModels(this.subject(), other.subject(), rows, notes, rest);
  }

  /**
   * Statistics of every gate by domain, on a seeded sample of the rows.
   *
   * @example
   * await run.gates(test, { training: train });   // rarely seen users and items against the others, too
   */
  async gates(data?: DatasetSource | null, options: RunGatesOptions = {}): Promise<GatesResult> {
    const rows = await this.#rows(data, "gates");
    const { gateStatistics } = await import("./gates.js");
    return gateStatistics(this.subject(), rows, options);
  }

  /**
   * What predictions would be with other domains or gates: the change of AUC by task and domain with bootstrap
   * intervals, and the rows that change most. Without `changes`: another domain for every row, EPNet off, PPNet off.
   * On a seeded sample of the rows. Throws a DataError for a domain, gate or column that does not exist.
   *
   * @example
   * const changes = [swapDomain("live"), freezeGate("ppnet", { tower: "ctr", at: "mean" })];
   * const what = await run.counterfactual(test, { changes, user: "user_id" });
   * what.effect("domain live", "ctr")?.auc;   // { value, low, high }
   * what.changedRows("domain live", "ctr");   // the rows whose logit changes most, with their values
   */
  async counterfactual(
    data?: DatasetSource | null,
    options: RunCounterfactualOptions = {},
  ): Promise<CounterfactualResult> {
    const rows = await this.#rows(data, "counterfactual");
    const { counterfactuals } = await import("./gates.js");
    return counterfactuals(this.subject(), rows, options);
  }

  /**
   * Which feature fields matter: how much of the swap of the domain goes through each (`by: "domain"`, the default),
   * or what each field's EPNet gates do, held at 1 (`"gate off"`) or at their mean over the rows (`"gate mean"`). Ranked
   * by task, with intervals that hold together; on a seeded sample as {@link Run.counterfactual}. Throws a DataError
   * if the model lacks the domains or the EPNet that this is about.
   *
   * @example
   * const ranking = await run.rankFields(test);
   * ranking.named("ctr"); // fields through which the domain acts on clicks, beyond noise
   */
  async rankFields(data?: DatasetSource | null, options: RunFieldRankingOptions = {}): Promise<FieldRankingResult> {
    const rows = await this.#rows(data, "rankFields");
    const { rankedFields } = await import("./gates.js");
    return rankedFields(this.subject(), rows, options);
  }

  /**
   * One row through its gates: what is predicted of it; how open each field's and each layer's gate is, and how usual
   * that is in its domain; and what each gate alone does to the logits, held at its domain's mean or at 1. Compared with
   * a seeded sample of its domain. Throws a DataError if there is no such row.
   *
   * @example
   * const what = await run.counterfactual(test, { changes: [swapDomain("live")] });
   * await run.explain(test, { row: what.effects[0].tasks[0].mostChanged[0].row });
   */
  async explain(data: DatasetSource | null | undefined, options: RunExplainOptions): Promise<ExplanationResult> {
    if (options?.row === undefined) throw missingOption("explain", "row", "{ row: 0 }");
    const rows = await this.#rows(data, "explain");
    const { explainedRow } = await import("./gates.js");
    return explainedRow(this.subject(), rows, options);
  }

  /**
   * Writes one page that opens from disk, on a phone and on paper: summary, config, data, curves, evaluation, gates,
   * counterfactuals, what to try next (rules that name their numbers), and what made it. Replaces an earlier report at
   * the path. Throws a DataError if another file is there, or the page cannot be written.
   *
   * @param data rows to evaluate; `null`: the validation rows, if the run has them
   *
   * @example
   * await run.report(test, { path: "out/report.html", training: train }); // with training rows: overfitting, rare ids
   */
  async report(data: DatasetSource | null | undefined, options: ReportOptions): Promise<ReportResult> {
    if (options?.path === undefined) throw missingOption("report", "path", '{ path: "out/report.html" }');
    const { writeReport } = await import("../report/index.js");
    return writeReport(this, data ?? null, options);
  }

  async #rows(data: DatasetSource | null | undefined, method: string): Promise<Dataset> {
    if (data != null) return dataset(data);
    if (this.validation !== null) return this.validation;
    throw new DataError({
      path: `run.${method}`,
      message: "the run has no validation rows, and no data were given",
      expected: "a data set",
      fix: `name the rows first: run.${method}(await dataset("test.parquet"), …)`,
    });
  }
}
