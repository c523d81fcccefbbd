import type { EngineName, Weights } from "../../engine/engine.js";
import { DataError } from "../../errors/index.js";
import type { CalibrationOptions } from "../../metrics/calibration-curve.js";
import type { ModelSpec } from "../../spec/model.js";
import { assertComputable } from "../../spec/validate/model.js";
import type { ComparisonResult, CounterfactualResult, FieldRankingResult } from "../counterfactual.js";
import type { Dataset, DatasetSource } from "../data/dataset.js";
import { dataset } from "../data/open.js";
import type { CalibrationResult, EvaluationResult } from "../evaluation.js";
import type { ExplanationResult, GatesResult } from "../gates.js";
import type { ReportOptions } from "../report/options.js";
import type { ReportResult } from "../report/report.js";
import { openEngine, runEngine } from "../training/engines.js";
import type { Dial } from "./dial.js";
import {
  type CompareOptions,
  type DialOptions,
  type EvaluationOptions,
  missingOption,
  type ReferenceColumns,
  type RunCounterfactualOptions,
  type RunExplainOptions,
  type RunFieldRankingOptions,
  type RunGatesOptions,
} from "./options.js";
import { RunRecord } from "./record.js";
import type { DialGammas } from "./widget.js";

/** Options of `run.compare`. */
export interface RunCompareOptions extends CompareOptions {
  /** Another run, or score columns by task, such as `{ ctr: "p_production" }`. */
  readonly with: Run | ReferenceColumns;
}

/**
 * A run. Made by `model.fit(data)` or {@link loadRun}. The first argument of methods that read rows is a data set, or
 * `null` (or nothing) for the validation rows.
 *
 * `M`: the type of its model.
 */
// biome-ignore lint/suspicious/noExplicitAny: a run of any model, for functions over runs
export class Run<M = any> extends RunRecord<M> {
  /**
   * Metrics by task and domain, with bootstrap intervals up to 100,000 rows or when asked for; by domain or by the
   * values of any column; with AUCs of score columns for reference.
   *
   * Throws a DataError for an unknown column or tower.
   */
  async evaluate(data?: DatasetSource | null, options: EvaluationOptions = {}): Promise<EvaluationResult> {
    const rows = await this.#rows(data, "evaluate");
    const { evaluateRows } = await import("./evaluate.js");
    return evaluateRows(this.subject(), rows, options);
  }

  /**
   * Predicted and observed rates of every binary task, overall and by domain, in bins with equal numbers of rows and
   * Wilson intervals.
   */
  async calibration(data?: DatasetSource | null, options: CalibrationOptions = {}): Promise<CalibrationResult> {
    const rows = await this.#rows(data, "calibration");
    const { calibrateRows } = await import("./evaluate.js");
    return calibrateRows(this.subject(), rows, options);
  }

  /**
   * Compares this run with another, or with score columns by task, on the same rows: paired differences by task, domain
   * and metric, with intervals and a verdict corrected for the number of cells. Each model encodes the rows with its
   * features.
   *
   * Throws a SpecError that names the tasks, labels or domains that do not match, and a DataError if `data` is left out
   * and the runs held out different rows.
   */
  async compare(data: DatasetSource | null | undefined, options: RunCompareOptions): Promise<ComparisonResult> {
    const { with: other, ...rest } = options ?? {};
    if (other === undefined) throw missingOption("compare", "with", "{ with: baseline }");
    const { compareModels, compareScores } = await import("./compare.js");
    if (!(other instanceof Run)) {
      return compareScores(this.subject(), other, await this.#rows(data, "compare"), rest);
    }
    const { comparableTowers, heldOutNotes } = await import("./compare.js");
    comparableTowers(this.spec, other.spec, rest.tasks);
    const [first, second] = [this.validation?.table ?? null, other.validation?.table ?? null];
    const notes = data == null ? await heldOutNotes(first, second) : [];
    const rows = await this.#rows(data ?? this.validation ?? other.validation, "compare");
    return compareModels(this.subject(), other.subject(), rows, notes, rest);
  }

  /** Statistics of every gate by domain, on a seeded sample of the rows. */
  async gates(data?: DatasetSource | null, options: RunGatesOptions = {}): Promise<GatesResult> {
    const rows = await this.#rows(data, "gates");
    const { gateStatistics } = await import("./gates.js");
    return gateStatistics(this.subject(), rows, options);
  }

  /**
   * How predictions change with other domains or gates: the change of AUC by task and domain with bootstrap
   * intervals, and the rows that change most. Without `changes`: another domain for every row (with and without its
   * towers), EPNet off, PPNet off.
   * On a seeded sample of the rows. Throws a DataError for an unknown domain, gate or column.
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
   * Ranks feature fields by importance: how much of a domain swap acts through each field (`by: "domain"`, the
   * default), or the effect of each field's EPNet gates, frozen at 1 (`"gate off"`) or at their mean over the rows
   * (`"gate mean"`). Ranked by task, with simultaneous intervals; on a seeded sample like {@link Run.counterfactual}.
   * Throws a DataError if the model lacks the domains or the EPNet that this needs.
   */
  async rankFields(data?: DatasetSource | null, options: RunFieldRankingOptions = {}): Promise<FieldRankingResult> {
    const rows = await this.#rows(data, "rankFields");
    const { rankedFields } = await import("./gates.js");
    return rankedFields(this.subject(), rows, options);
  }

  /**
   * Explains one row: its predictions; how open each field's and each layer's gate is, and how usual that is in its
   * domain; and the effect of each single gate on the logits, frozen at its domain's mean or at 1. Compares with a
   * seeded sample of the row's domain. With behaviour sequences, also the attention weight of each position, and the
   * logits without it. Throws a DataError if the row does not exist.
   */
  async explain(data: DatasetSource | null | undefined, options: RunExplainOptions): Promise<ExplanationResult> {
    if (options?.row === undefined) throw missingOption("explain", "row", "{ row: 0 }");
    const rows = await this.#rows(data, "explain");
    const { explainedRow } = await import("./gates.js");
    return explainedRow(this.subject(), rows, options);
  }

  /**
   * Gamma under the hand: `dial.set({ epnet: 1.5 })` scales the gates of this trained model and evaluates it again, on a
   * seeded sample of the rows; a notebook shows sliders. It is not a model that was trained at that gamma: `ablate` trains
   * those, and `{ study }` draws their curves beside it. Throws a SpecError if the model has no gates, or trains its
   * gammas, or the study is of another model.
   */
  async dial(data?: DatasetSource | null, options: DialOptions = {}): Promise<Dial<Run<M>>> {
    const rows = await this.#rows(data, "dial");
    const { openDial } = await import("./dial.js");
    const { scaledModel, withGammas } = await import("./scaled-model.js");
    const keep = async (gammas: DialGammas): Promise<Run<M>> => {
      const { spec, engine, notes } = await scaledModel(this.subject(), gammas);
      const parts = { spec, engine, notes, validation: this.validation, gatesHistory: [] };
      const history = { points: [], evaluations: [], bestStep: null };
      const model = withGammas(this.model, spec, gammas);
      return new Run({ ...parts, model, history, evaluation: null, interrupted: false });
    };
    return openDial(this.subject(), rows, options, keep);
  }

  /**
   * Writes one page that opens from disk, on a phone and on paper: summary, config, data, curves, evaluation, gates,
   * counterfactuals, suggestions (with their numbers) and provenance. Replaces an existing report at the path. Throws a
   * DataError if the path is another file, or the page cannot be written.
   *
   * @param data rows to evaluate; `null`: the validation rows, if the run has them
   */
  async report(data: DatasetSource | null | undefined, options: ReportOptions): Promise<ReportResult> {
    if (options?.path === undefined) throw missingOption("report", "path", '{ path: "out/report.html" }');
    const { writeReport } = await import("../report/report.js");
    return writeReport(this, data ?? null, options);
  }

  async #rows(data: DatasetSource | null | undefined, method: string): Promise<Dataset> {
    if (data != null) return dataset(data);
    if (this.validation !== null) return this.validation;
    throw new DataError({
      path: `run.${method}`,
      message: "the run has no validation rows, and no data were passed",
      expected: "a data set",
      fix: `name the rows first: run.${method}(await dataset("test.parquet"), …)`,
    });
  }
}

export interface WeightsOptions {
  /** Names the source in errors. Default: its path. */
  readonly place?: string;
  readonly validation?: Dataset | null;
  readonly notes?: readonly string[];
  readonly engine?: EngineName;
  readonly threads?: number;
}

export async function runFromWeights<M>(
  spec: ModelSpec,
  asModel: (spec: ModelSpec) => M,
  weights: string | Weights,
  { place, validation = null, notes = [], engine: name, threads }: WeightsOptions = {},
): Promise<Run<M>> {
  assertComputable(spec);
  const { loadWeights } = await import("../../train/saved/weights.js");
  const engine = await openEngine(spec, { engine: name, threads, seed: spec.training.seed });
  try {
    await loadWeights(engine, weights, { place });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return new Run({
    spec,
    model: asModel(spec),
    history: { points: [], evaluations: [], bestStep: null },
    evaluation: null,
    validation,
    notes,
    interrupted: false,
    engine: await runEngine(engine, engine.threads),
  });
}
