/** A trained model: its curves, evaluations, predictions and gates, in memory or loaded from disk. */
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { EngineName, Weights } from "../../engine/engine.js";
import { DataError } from "../../errors/index.js";
import type { FieldRankingOptions, GatesPoint } from "../../gates/index.js";
import type { CalibrationOptions } from "../../metrics/calibration/calibration-curve.js";
import type { MetricName } from "../../metrics/types.js";
import type { ModelSpec } from "../../spec/index.js";
import type { History } from "../../train/loop/history.js";
import { Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { dataNotes } from "../data/notes.js";
import { modelFromSpec } from "../model/model.js";
import type { AnyModel } from "../model/types.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";
import { ExportResult } from "../prediction/exported.js";
import type { ReportOptions } from "../report/report.js";
import type { ReportResult } from "../report/result.js";
import { CalibrationResult } from "../results/calibration.js";
import type { ComparisonResult } from "../results/comparison.js";
import { CounterfactualResult } from "../results/counterfactual.js";
import { EvaluationResult } from "../results/evaluation.js";
import { ExplanationResult } from "../results/explanation.js";
import { FieldRankingResult } from "../results/field-ranking.js";
import { GatesResult } from "../results/gates.js";
import { LearningCurvesResult } from "../results/learning-curves.js";
import type { RunEngine } from "../training/run-engine.js";
import type { CompareOptions } from "./compare.js";
import type { EvaluationOptions } from "./evaluation-options.js";
import {
  missingOption,
  type RunCounterfactualOptions,
  type RunExplainOptions,
  type RunGatesOptions,
} from "./options.js";
import { referenceAucs } from "./references.js";
import type { ReferenceColumns } from "./score-columns.js";

/** What a run is compared with, and how. */
export interface RunCompareOptions extends CompareOptions {
  /** Another run, or scores that the rows bring along: a column per task, such as `{ ctr: "p_production" }`. */
  readonly with: Run | ReferenceColumns;
}

/** What a run is made of; `fit` and `loadRun` put it together. */
export interface RunParts {
  /** The model that was trained. */
  readonly spec: ModelSpec;
  /** Losses and evaluations of its training. */
  readonly history: History;
  /** Of the weights that were kept; `null` without validation rows. */
  readonly evaluation: EvaluationResult | null;
  /** The rows it was evaluated on; `null` where there were none, and for a loaded run. */
  readonly validation: Dataset | null;
  /** What a reader has to know, each a sentence. */
  readonly notes: readonly string[];
  /** An interrupt ended training early. */
  readonly interrupted: boolean;
  /** The gates at each evaluation, where `fit(data, { gates })` asked for them. */
  readonly gatesHistory?: readonly GatesPoint[];
  /** Owns the engine that holds the weights, for this run alone. @internal */
  readonly engine: RunEngine;
}

/** A run. Made by `model.fit(data)` or {@link loadRun}. */
export class Run extends Displayable {
  /** The model that was trained, as frozen data. */
  readonly spec: ModelSpec;
  /** Losses and evaluations, step by step. */
  readonly history: History;
  /** On the validation rows, with the weights that were kept; `null` where there were none. */
  readonly evaluation: EvaluationResult | null;
  /** The rows that were held out or given for validation; `null` for a loaded run. */
  readonly validation: Dataset | null;
  /** What training said: the default hold-out, counted warnings about the data. */
  readonly notes: readonly string[];
  /** Whether training was interrupted; what there was by then is here. */
  readonly interrupted: boolean;
  /** The gates at every evaluation, where `fit(data, { gates: true })` followed them. */
  readonly gatesHistory: readonly GatesPoint[];
  readonly #engine: RunEngine;

  /** Use `model.fit(data)` or {@link loadRun}. @internal */
  constructor(parts: RunParts) {
    super();
    this.spec = parts.spec;
    this.history = parts.history;
    this.evaluation = parts.evaluation;
    this.validation = parts.validation;
    this.notes = parts.notes;
    this.interrupted = parts.interrupted;
    this.gatesHistory = parts.gatesHistory ?? [];
    this.#engine = parts.engine;
    this.#engine.freeWith(this);
  }

  /** The model that was trained, to change and train again. */
  get model(): AnyModel {
    return modelFromSpec(this.spec);
  }

  /**
   * Metrics by task and domain, with bootstrap intervals up to 100,000 rows or when asked for; by the values of any
   * column instead of by domain; beside the AUCs of scores that the rows bring along.
   *
   * Throws a DataError for a column or tower that does not exist.
   *
   * @param data the rows; default (or `null`): the validation rows
   *
   * @example
   * await run.evaluate(test, { user: "user_id" }); // AUC of users, and intervals that draw whole users
   * await run.evaluate(test, { by: "city" });
   * await run.evaluate(test, { by: { column: "price", as: "bins", most: 5 }, intervals: { draws: 1000 } });
   * await run.evaluate(test, { references: { ctr: "p_clk", cvr: "p_buy" } });
   */
  async evaluate(data?: DatasetSource | null, options: EvaluationOptions = {}): Promise<EvaluationResult> {
    const rows = await this.#rows(data, "evaluate");
    const { readOptions } = await import("./evaluation-options.js");
    const { evaluate: settings, notes } = await readOptions(this.spec, rows.table, options);
    const { evaluate } = await import("../../train/index.js");
    const encoded = await rows.encode(this.spec);
    const measured = await this.#engine.use((engine) => evaluate(engine, encoded, settings));
    const { references = {} } = options;
    return new EvaluationResult(
      {
        ...measured,
        by: settings.by?.column ?? null,
        user: settings.users?.name ?? null,
        notes: [...notes, ...dataNotes("evaluated data", encoded)],
      },
      await referenceAucs(this.spec, rows.table, encoded, references, settings.by ?? null),
    );
  }

  /**
   * This run and another on the same rows: differences by task, domain and metric, paired, with intervals and a verdict
   * that is corrected for the number of cells. Or this run and scores that the rows bring along, a column per task. Each
   * model reads the rows by its own features.
   *
   * Throws a SpecError that names the tasks, labels or domains that do not match, and a DataError if `data` is left out
   * and the runs held out different rows.
   *
   * @param data the rows; default (or `null`): the validation rows, if both runs held out the same ones
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
      const rows = await this.#rows(data, "compare");
      return this.#engine.use((engine) => compareScores({ spec: this.spec, engine }, other, rows, rest));
    }
    const { comparableTowers, heldOutNotes } = await import("./comparable.js");
    comparableTowers(this.spec, other.spec, rest.tasks);
    const [held, otherHeld] = [this.validation, other.validation].map((rows) => rows?.table ?? null);
    const notes = data == null ? await heldOutNotes(held ?? null, otherHeld ?? null) : [];
    const rows = await this.#rows(data ?? this.validation ?? other.validation, "compare");
    return this.#engine.use((engine) =>
      other.#engine.use((second) =>
        compareModels({ spec: this.spec, engine }, { spec: other.spec, engine: second }, rows, notes, rest),
      ),
    );
  }

  /**
   * Predicted against observed rates of every binary task, in all and by domain, in bins of as many rows each with
   * Wilson's intervals.
   *
   * @param data the rows; default (or `null`): the validation rows
   */
  async calibration(data?: DatasetSource | null, options: CalibrationOptions = {}): Promise<CalibrationResult> {
    const encoded = await (await this.#rows(data, "calibration")).encode(this.spec);
    const { calibrationOf } = await import("../../train/index.js");
    return new CalibrationResult(await this.#engine.use((engine) => calibrationOf(engine, encoded, options)));
  }

  /** A metric of the validation rows at every evaluation of the training, by task and domain. */
  async learningCurves(metric: MetricName = "auc"): Promise<LearningCurvesResult> {
    const { learningCurves } = await import("../../metrics/index.js");
    const references = metric === "auc" ? this.evaluation?.references : [];
    return new LearningCurvesResult(learningCurves(this.history, metric), references);
  }

  /**
   * Every tower's output for each row's own domain, as columns `logits_{tower}` and `probs_{tower}` (`y_{tower}` for
   * an L2 loss; a list of classes a row where there are several), in the order of the rows. The data need no labels;
   * what was counted in them (ids outside their tables, say) is in the result's `notes`.
   */
  async predict(data: DatasetSource): Promise<Dataset> {
    const { encodedRows } = await import("../../data/index.js");
    const { predictionColumns } = await import("../prediction/columns.js");
    const { predict } = await import("../../train/index.js");
    const { table } = await dataset(data);
    const encoded = await encodedRows(table, this.spec, { labels: false });
    const outputs = await this.#engine.use((engine) => predict(engine, encoded));
    const predicted = await dataset(predictionColumns(this.spec, outputs));
    return new Dataset(predicted.table, dataNotes("predicted data", encoded));
  }

  /**
   * Statistics of every gate by domain, on a seeded sample of the rows.
   *
   * @param data the rows; default (or `null`): the validation rows
   *
   * @example
   * await run.gates(test, { training: train });   // rarely seen users and items set apart, too
   */
  async gates(data?: DatasetSource | null, options: RunGatesOptions = {}): Promise<GatesResult> {
    const encoded = await (await this.#rows(data, "gates")).encode(this.spec);
    const { gatesReport } = await import("../../gates/index.js");
    const { training, ...rest } = options;
    const seen = training === undefined ? {} : { training: await (await dataset(training)).encode(this.spec) };
    return new GatesResult(await this.#engine.use((engine) => gatesReport(engine, encoded, { ...rest, ...seen })));
  }

  /**
   * What predictions would be with other domains or gates: the change of AUC by task and domain with bootstrap
   * intervals, and the rows that change most. Without `changes`: another domain for every row, EPNet off, PPNet off.
   * On a seeded sample of the rows. Throws a DataError for a domain or gate that does not exist.
   *
   * @param data the rows; default (or `null`): the validation rows
   *
   * @example
   * const changes = [swapDomain("live"), freezeGate("ppnet", { tower: "ctr", at: "mean" })];
   * const what = await run.counterfactual(test, { changes });
   * what.effect("domain live", "ctr")?.auc;   // { value, low, high }
   * what.changedRows("domain live", "ctr");   // the rows whose logit changes most, with their values
   */
  async counterfactual(
    data?: DatasetSource | null,
    options: RunCounterfactualOptions = {},
  ): Promise<CounterfactualResult> {
    const { changes = null, ...rest } = options;
    const rows = await this.#rows(data, "counterfactual");
    const encoded = await rows.encode(this.spec);
    const { counterfactualReport } = await import("../../gates/index.js");
    const report = await this.#engine.use((engine) => counterfactualReport(engine, encoded, changes, rest));
    const changed = report.effects.flatMap(({ tasks }) => tasks.flatMap((task) => task.mostChanged));
    const { rawRows } = await import("../data/raw-rows.js");
    const values = await rawRows(
      rows.table,
      this.spec,
      changed.map(({ row }) => row),
    );
    return new CounterfactualResult(report, values);
  }

  /**
   * Which feature fields matter: how much of the swap of the domain goes through each (`by: "domain"`, the default),
   * or what each field's EPNet gates do, held at 1 (`"gate off"`) or at their mean over the rows (`"gate mean"`). Ranked
   * by task, with intervals that hold together; on a seeded sample as {@link Run.counterfactual}. Throws a DataError
   * if the model lacks the domains or the EPNet that this is about.
   *
   * @param data the rows; default (or `null`): the validation rows
   *
   * @example
   * const ranking = await run.rankFields(test);
   * ranking.named("ctr"); // fields through which the domain acts on clicks, beyond noise
   */
  async rankFields(data?: DatasetSource | null, options: FieldRankingOptions = {}): Promise<FieldRankingResult> {
    const encoded = await (await this.#rows(data, "rankFields")).encode(this.spec);
    const { fieldRanking } = await import("../../gates/index.js");
    return new FieldRankingResult(await this.#engine.use((engine) => fieldRanking(engine, encoded, options)));
  }

  /**
   * One row through its gates: what is predicted of it; how open each field's and each layer's gate is, and how usual
   * that is in its domain; and what each gate alone does to the logits, held at its domain's mean or at 1. Compared with
   * a seeded sample of its domain. Throws a DataError if there is no such row.
   *
   * @param data the rows; `null`: the validation rows
   *
   * @example
   * const what = await run.counterfactual(test, { changes: [swapDomain("live")] });
   * await run.explain(test, { row: what.effects[0].tasks[0].mostChanged[0].row });
   */
  async explain(data: DatasetSource | null | undefined, options: RunExplainOptions): Promise<ExplanationResult> {
    const { row, ...rest } = options ?? {};
    if (row === undefined) throw missingOption("explain", "row", "{ row: 0 }");
    const rows = await this.#rows(data, "explain");
    const encoded = await rows.encode(this.spec);
    const { explainRow } = await import("../../gates/index.js");
    const explanation = await this.#engine.use((engine) => explainRow(engine, encoded, row, rest));
    const { rawRows } = await import("../data/raw-rows.js");
    return new ExplanationResult(explanation, (await rawRows(rows.table, this.spec, [row])).get(row) ?? {});
  }

  /** Losses, AUCs over training, and AUC by task and domain, in one figure. */
  async curves(): Promise<ChartOutput> {
    const { runChart } = await import("../../charts/index.js");
    return new ChartOutput(runChart(this.history, this.evaluation?.references));
  }

  /** Quantiles of every gate over training, where `fit(data, { gates: true })` followed them. */
  async gatesCurves(): Promise<ChartOutput> {
    const { gateHistoryChart } = await import("../../charts/index.js");
    return new ChartOutput(gateHistoryChart(this.gatesHistory));
  }

  /**
   * Losses, speed and AUCs step by step as a danfo frame; see `Dataset.toDanfo`. Metrics, gates and predictions:
   * `run.evaluation.toDanfo()`, `(await run.gates()).toDanfo()`, `(await run.predict(data)).toDanfo()`.
   */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { historyRecords, recordsFrame } = await import("../output/frames.js");
    return recordsFrame(historyRecords(this.history), frameClass);
  }

  /** The weights by TorchEasyRec's parameter names, Linear [out, in]. */
  async weights(): Promise<Weights> {
    return this.#engine.use((engine) => engine.weights());
  }

  /**
   * Writes the weights as one safetensors file under TorchEasyRec's parameter names, and returns its path;
   * `model.fit(data, { weights: path })` starts from them. Throws a CheckpointError where it cannot be written.
   *
   * @example
   * await run.exportWeights("weights.safetensors");
   */
  async exportWeights(path: string): Promise<string> {
    const { writeSafetensors } = await import("../../train/index.js");
    await writeSafetensors(path, await this.weights());
    return path;
  }

  /**
   * Writes the model for other programs into a folder: `model.onnx` with the embedding tables, `encoders.json` that says
   * how columns become its inputs, and a README with calls from Python and Node; {@link loadModel} opens it. An earlier
   * export there is replaced. Inputs are the features, outputs `logits_{tower}`, `probs_{tower}` or `y_{tower}`, with
   * `_{domain}` behind where there are domains: all of them for every row. docs/serving.md has the form.
   *
   * Throws a CheckpointError where the folder holds something else or cannot be written, an EngineError where the
   * weights are larger than an ONNX file can be (2 GB).
   *
   * @example
   * await run.export("served/first");
   * const model = await loadModel("served/first");
   */
  async export(folder: string): Promise<ExportResult> {
    const { exportModel } = await import("../../serve/index.js");
    return new ExportResult(await this.#engine.use((engine) => exportModel(engine, folder)));
  }

  /**
   * Writes one page that opens from disk, on a phone and on paper: summary, config, data, curves, evaluation, gates,
   * counterfactuals, what to try next (rules that name their numbers), and what made it. Replaces an earlier report at
   * the path. Throws a DataError if another file is there, or the page cannot be written.
   *
   * @param data the rows to evaluate on; `null`: the validation rows, if the run has them
   *
   * @example
   * await run.report(test, { path: "out/report.html", training: train }); // with training rows: overfitting, rare ids
   */
  async report(data: DatasetSource | null | undefined, options: ReportOptions): Promise<ReportResult> {
    if (options?.path === undefined) throw missingOption("report", "path", '{ path: "out/report.html" }');
    const { writeReport } = await import("../report/report.js");
    return writeReport(this, data ?? null, options);
  }

  /** Which engine holds the weights. */
  async engineName(): Promise<EngineName> {
    return this.#engine.use(async (engine) => engine.name);
  }

  /** Writes spec, weights and history into a folder, all or nothing. Throws a CheckpointError where it cannot. */
  async save(folder: string): Promise<void> {
    const { saveRun } = await import("../../train/index.js");
    const { spec, history, evaluation, gatesHistory } = this;
    const plain = evaluation && { rows: evaluation.rows, domainNames: evaluation.domainNames, tasks: evaluation.tasks };
    await saveRun(folder, { spec, weights: await this.weights(), history, evaluation: plain, gatesHistory });
  }

  /**
   * Waits for what this run is doing, then frees its engine's threads and memory. A run that is garbage-collected frees
   * them as well, and of the runs that are kept only the last few used have a running engine: calling this is for who
   * wants the memory now. Later calls that need the weights throw an EngineError; history and evaluation remain.
   */
  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }

  /** The curves, with the table of AUCs as text. */
  async bundle(): Promise<DisplayBundle> {
    const bundle = await (await this.curves()).bundle();
    const notes = this.notes.map((note) => `\nnote: ${note}`).join("");
    return {
      ...bundle,
      ...this.evaluation?.numbers(),
      "text/plain": `${bundle["text/plain"]}${notes && `\n${notes}`}`,
    };
  }

  async #rows(data: DatasetSource | null | undefined, method: string): Promise<Dataset> {
    if (data != null) return dataset(data);
    if (this.validation !== null) return this.validation;
    throw new DataError({
      path: `run.${method}`,
      message: "the run has no validation rows, and no data were given",
      expected: "a data set",
      fix: `run.${method}(await dataset("test.parquet")${method === "evaluate" ? "" : ", …"})`,
    });
  }
}
