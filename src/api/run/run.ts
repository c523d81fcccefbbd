/** A trained model with its history: evaluated, explained, compared, saved and exported. */

import type { EngineName, Weights } from "../../core/engine/engine.js";
import type { Finding } from "../../core/errors/finding.js";
import { DataError, EngineError } from "../../core/errors/index.js";
import type { MetricName } from "../../core/metrics/types.js";
import { runningCell } from "../../core/port/notebook.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { checkOptions } from "../../core/spec/validate/checks.js";
import type { LogisticRegression } from "../../core/train/logistic-regression.js";
import type { History, Progress } from "../../core/train/loop/recorder.js";
import type { RecordedRows } from "../../core/train/saved/run.js";
import type { RunChange, TrainingRecord } from "../../core/train/training-record.js";
import { isInterruption, SharedValue, type SignalOptions, withSignal } from "../../core/util/interrupt.js";
import { count } from "../../core/util/text.js";
import type { AuditOptions } from "../../lab/gates/audit.js";
import type { Conflicts, GatesPoint } from "../../lab/gates/types.js";
import type { RunChartName } from "../../lab/views/results.js";
import type { DialGammas } from "../../lab/views/studies/responses.js";
import type { Sheet } from "../../lab/views/view.js";
import { type ComparisonResult, CounterfactualResult, ImportanceResult } from "../counterfactual.js";
import { type ColumnsOf, type Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { rowsTable } from "../data/verbs.js";
import { CalibrationResult, EvaluationResult, LearningCurvesResult, RecalibrationResult } from "../evaluation.js";
import { AuditResult, ConflictsResult, ExplanationResult, GatesResult } from "../gates.js";
import { type NamedSpec, placeOf, type ReferenceColumns, type RunNames } from "../names.js";
import type { ReportResult } from "../report.js";
import type { ReportOptions } from "../report-options.js";
import { ChartOutput, type DisplayBundle, ResultWithChart, tables } from "../result.js";
import { ExportResult } from "../served-model.js";
import type { WritePredictionsOptions, WrittenPredictions } from "../stream.js";
import type { Worth, WorthOptions } from "../study/worth.js";
import { laterRunEngine, openEngine, type RunEngine } from "../training/engines.js";
import { checkRunCall, type RunCall } from "./call-options.js";
import type { Dial } from "./dial.js";
import {
  type CompareOptions,
  type DialOptions,
  type EvaluationOptions,
  type ExportOptions,
  exportOptions,
  missingOption,
  type OptionalRows,
  type RowsByColumn,
  type RunCalibrationOptions,
  type RunConflictsOptions,
  type RunCounterfactualOptions,
  type RunExplainOptions,
  type RunGatesOptions,
  type RunImportanceOptions,
  type RunRecalibrationOptions,
  type Subject,
  type UserName,
} from "./options.js";

export type RunParts<M, N extends RunNames> = Pick<
  Run<M, N>,
  "model" | "history" | "evaluation" | "validation" | "notes" | "interrupted"
> &
  Partial<Pick<Run<M, N>, "findings" | "gatesHistory" | "trainingConflicts" | "floor" | "record" | "training">> & {
    readonly spec: ModelSpec;
    /** Owns the engine with the weights; not shared with other runs. */
    readonly engine: RunEngine;
    /** Of a saved training. */
    readonly trainingRows?: RecordedRows | null;
    /** The notebook cell that drew its curves during training. */
    readonly cell?: object | null;
    readonly shown?: readonly ShownTraining[];
    /** The key of its training in the cache; see {@link Run.storeReadings}. */
    readonly key?: string | null;
    readonly fromCache?: string | null;
  };

/** What a training shows in a notebook: notes before it, and its last state. */
export interface ShownTraining {
  readonly notes: readonly string[];
  readonly progress: Progress | null;
}

/** Makes the model of a run, which records how the run was trained. */
export type AsRunModel<M> = (spec: ModelSpec, record?: TrainingRecord | null) => M;

/** Options of `run.compare`. `T`: towers; `U`: columns, and features that read one. */
export interface RunCompareOptions<T extends string = string, U extends string = string, R = ReferenceColumns>
  extends CompareOptions<T, U> {
  /** Another run; several runs of another model and more of this run's model; or score columns, `{ ctr: "p_clk" }`. */
  readonly with: Run | readonly Run[] | R;
}

/**
 * A run. Made by `model.fit(data)` or {@link loadRun}. The first argument of methods that read rows is a data set, or
 * `null` (or nothing) for the validation rows.
 *
 * `M`: the type of its model; `N`: the names that its calls accept. Names that types do not know are checked when a call
 * runs.
 */
// biome-ignore lint/suspicious/noExplicitAny: a run of any model, for functions over runs
export class Run<out M = any, out N extends RunNames = RunNames> extends ResultWithChart {
  readonly spec: NamedSpec<N["feature"], string, N["tower"], N["domain"]>;
  /** Its model. `run.model.exportTorchEasyRec(…)` writes the steps that this run kept. */
  readonly model: M;
  readonly history: History;
  /** The evaluation of the kept weights on the validation rows; `null` without validation rows. */
  readonly evaluation: EvaluationResult<N["tower"], N["domain"]> | null;
  /** The validation rows, passed or held out; `null` for a loaded run. */
  readonly validation: Dataset | null;
  /** The rows that it was trained on; `null` if it was not trained in this process. @internal */
  readonly training: Dataset | null;
  /** True if training was interrupted; the run contains what had finished. */
  readonly interrupted: boolean;
  /** The findings of judges on the rows and on the training, with what may help. The notes contain them, too. */
  readonly findings: readonly Finding[];
  /** When an equal training ended, in UTC, if `cache: true` took the run from there: `2026-12-02 03:25`; else `null`. */
  readonly fromCache: string | null;
  readonly gatesHistory: readonly GatesPoint[];
  /** One entry per training: several if there were several seeds. @internal */
  readonly shown: readonly ShownTraining[];
  /** Of `conflicts()`, over the first epoch; `null`: not measured. @internal */
  readonly trainingConflicts: Conflicts | null;
  /** The logistic regression that evaluations compare with; `null`: none. @internal */
  readonly floor: LogisticRegression | null;
  /** How the weights were trained; `null`: not here. @internal */
  readonly record: TrainingRecord | null;
  readonly #engine: RunEngine;
  readonly #cell: object | null;
  #key: string | null;
  readonly #trainingRows: RecordedRows | null;
  /** What each gate is worth, measured once. */
  readonly #worth = new SharedValue<GatesResult>();

  /** Use `model.fit(data)` or {@link loadRun}. @internal */
  constructor(parts: RunParts<M, N>) {
    super(parts.notes);
    this.#trainingRows = parts.trainingRows ?? null;
    this.spec = parts.spec as NamedSpec<N["feature"], string, N["tower"], N["domain"]>;
    this.record = parts.record ?? null;
    this.model = parts.model;
    this.history = parts.history;
    this.evaluation = parts.evaluation;
    this.validation = parts.validation;
    this.training = parts.training ?? null;
    this.interrupted = parts.interrupted;
    this.findings = parts.findings ?? [];
    this.gatesHistory = parts.gatesHistory ?? [];
    this.trainingConflicts = parts.trainingConflicts ?? null;
    this.floor = parts.floor ?? null;
    this.#engine = parts.engine;
    this.#cell = parts.cell ?? null;
    this.#key = parts.key ?? null;
    this.fromCache = parts.fromCache ?? null;
    this.shown = parts.shown ?? [];
    this.#engine.freeWith(this);
  }

  /**
   * From now on, calls return the results of equal calls on an equal training from the cache folder.
   * @param key of the training
   * @internal
   */
  storeReadings(key: string): void {
    this.#key = key;
  }

  /** The history, one row per step. @internal */
  sheet(): Sheet {
    return tables().historySheet(this.history);
  }

  /**
   * `curves` (the default): losses, AUCs over training, and AUC by task and domain. `gates`: quantiles of every gate
   * over training, if `fit(data, { gates: true })` recorded them. `conflicts`: cosines of gradients over training.
   */
  async chart(name: RunChartName = "curves"): Promise<ChartOutput> {
    const { namedView, runViews } = tables();
    const make = namedView(runViews, "chart", name, "run");
    return new ChartOutput(make(this.history, this.gatesHistory, this.evaluation?.references));
  }

  /**
   * Shows what each gate is worth on the validation rows, if there are any, then the curves: as text in the cell that
   * drew them while the run trained.
   * @internal
   */
  override async outputs(): Promise<readonly DisplayBundle[]> {
    const isDrawn = this.#cell !== null && this.#cell === runningCell();
    const bundle = await this.bundle({ png: !isDrawn });
    const curves = isDrawn ? { "text/plain": bundle["text/plain"] } : bundle;
    if (this.validation === null || this.history.points.length === 0) return [curves];
    const { validation } = this;
    const { measuredGates } = await import("./gates.js");
    try {
      const gates = await this.#worth.get(async () => {
        const options = { details: "worth" } as const;
        const measure = () => measuredGates(this.subject(), validation, options);
        return new GatesResult(...(await this.#stored("gates", validation, options, measure)));
      });
      const isMeasured = gates.effects?.cells.some(({ auc }) => auc.value !== null);
      return isMeasured ? [await (await gates.chart("worth")).bundle(), curves] : [curves];
    } catch (error) {
      if (this.interrupted && isInterruption(error)) return [curves];
      if (!(error instanceof EngineError)) throw error;
      return [{ ...curves, "text/plain": `${curves["text/plain"]}\nwhat each gate is worth: ${error.message}` }];
    }
  }

  /**
   * A metric on the validation rows at every evaluation during training, by task and domain. Throws a DataError for an
   * unknown metric.
   */
  async learningCurves(metric: MetricName = "auc"): Promise<LearningCurvesResult> {
    const { learningCurves } = await import("../../core/metrics/learning-curves.js");
    const { metricDirections } = await import("../../core/metrics/comparison-verdict.js");
    placeOf("run.learningCurves", "metric", metric, Object.keys(metricDirections));
    const references = metric === "auc" ? this.evaluation?.references : [];
    return new LearningCurvesResult(learningCurves(this.history, metric), references);
  }

  /**
   * Every tower's output for each row's domain, as columns `logits_{tower}` and `probs_{tower}` (`y_{tower}` for
   * an L2 loss; a list of classes per row if there are several), in the order of the rows. The data need no labels;
   * the result's `notes` count problems in the data, such as ids outside their tables.
   */
  async predict(data: DatasetSource): Promise<Dataset> {
    const { predictedRows } = await import("./evaluate.js");
    return this.#reading(data, "predict", {}, (rows) => predictedRows(this.subject(), rows));
  }

  /**
   * Predicts rows in chunks, so they need not fit into memory, and writes a Parquet file in the same order. The data
   * need no labels. Throws a DataError if they do not fit the model, or the file cannot be written.
   * @example await run.writePredictions("logs/*.parquet", { path: "out/predictions.parquet", reserve: ["user_id"] });
   */
  async writePredictions<S extends DatasetSource>(
    data: S,
    options: WritePredictionsOptions<ColumnsOf<S>>,
  ): Promise<WrittenPredictions> {
    const { enginePredictor, writePredictions } = await import("../stream.js");
    return this.#reading(data, "writePredictions", options, (rows) =>
      this.#engine.use((engine) => {
        return writePredictions(enginePredictor(engine, options.everyDomain ?? false), engine.spec, rows, options);
      }),
    );
  }

  /** The weights by TorchEasyRec's parameter names, Linear [out, in]. */
  async weights(): Promise<Weights> {
    return this.#engine.use((engine) => engine.weights());
  }

  /**
   * Writes the model into a folder for other programs: `model.onnx` with the embedding tables, `encoders.json` with the
   * encoding of columns as inputs, and a README with calls from Python and Node; {@link loadModel} opens it. Replaces
   * an existing export in the folder. Inputs are the features, outputs `logits_{tower}`, `probs_{tower}` or
   * `y_{tower}`, with the suffix `_{domain}` if there are domains: all of them for every row. docs/serving.md describes
   * the format.
   *
   * Throws a CheckpointError if the folder contains other files or cannot be written, an EngineError if the weights are
   * larger than an ONNX file can be (2 GB), a DataError for `priors` that the model does not read.
   */
  async export(folder: string, options: ExportOptions = {}): Promise<ExportResult> {
    checkOptions("export", options, Object.keys(exportOptions), DataError);
    const { exportModel } = await import("../../core/serve/export.js");
    const state = options.priors === undefined ? null : await rowsTable(options.priors);
    return new ExportResult(await this.#engine.use((engine) => exportModel(engine, folder, state)));
  }

  /** The engine that holds the weights. */
  async engineName(): Promise<EngineName> {
    return this.#engine.use(async ({ name }) => name);
  }

  /**
   * Writes spec, weights and history into a folder, all or nothing. Its `weights.safetensors` has TorchEasyRec's parameter
   * names; `model.fit(data, { weights: folder })` starts from it. Throws a CheckpointError if it cannot.
   */
  async save(folder: string): Promise<void> {
    const { floorWeights } = await import("../../core/train/logistic-regression.js");
    const { saveRun } = await import("../../core/train/saved/run.js");
    const { spec, history, evaluation, findings, gatesHistory, trainingConflicts: conflicts, record } = this;
    const floor = this.floor === null ? null : floorWeights(this.floor);
    const facts = evaluation?.facts ?? null;
    const saved = facts && { rows: facts.rows, domainNames: facts.domainNames, tasks: facts.tasks };
    const weights = await this.weights();
    await saveRun(folder, {
      spec,
      weights,
      history,
      evaluation: saved,
      findings,
      gatesHistory,
      conflicts,
      floor,
      record,
    });
  }

  /**
   * Waits for running work, then frees the engine's threads and memory. Garbage collection also frees them, and only
   * the last few used runs have a running engine: call this only to free memory immediately. Later calls that need the
   * weights throw an EngineError; history and evaluation remain.
   */
  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }

  /** The model and weights for methods that read rows. @internal */
  subject(): Subject {
    const training = { table: this.training?.table ?? null, recorded: this.#trainingRows };
    return { spec: this.spec, engine: this.#engine, floor: this.floor, training };
  }

  /**
   * Metrics by task and domain, with bootstrap intervals up to 100,000 rows or when asked for; by domain or by the
   * values of any column; with AUCs of score columns for reference.
   *
   * Throws a DataError for an unknown column or tower.
   */
  async evaluate<
    S extends OptionalRows = null,
    By extends ColumnsOf<S, N["column"]> | RowsByColumn<ColumnsOf<S, N["column"]>> | undefined = undefined,
  >(
    data?: S,
    options: EvaluationOptions<By, UserName<S, N>, N["references"]> = {},
  ): Promise<EvaluationResult<N["tower"], [By] extends [undefined] ? N["domain"] : string>> {
    const { evaluateRows } = await import("./evaluate.js");
    const parts = await this.#storedReading(data, "evaluate", options, (rows) =>
      evaluateRows(this.subject(), rows, options),
    );
    return new EvaluationResult(...parts);
  }

  /** Predicted and observed rates by binary task and domain, in bins of equal rows with Wilson intervals (over users). */
  async calibration<S extends OptionalRows = null>(
    data?: S,
    options: RunCalibrationOptions<UserName<S, N>> = {},
  ): Promise<CalibrationResult> {
    const { calibrationOf } = await import("./evaluate.js");
    const parts = await this.#storedReading(data, "calibration", options, (rows) =>
      calibrationOf(this.subject(), rows, options),
    );
    return new CalibrationResult(...parts);
  }

  /**
   * Platt scaling: each task's logit becomes `slope · logit + shift`, by domain if each has separate towers. The lines
   * are weights of the towers' last layers, so `run` of the result is an ordinary run and ranks a domain's rows as
   * before. Its effect is measured on rows (whole users, if known) that a line was not fitted to. Use rows that were
   * not trained on. Throws a SpecError for `by: "domain"` if domains share a tower, a DataError if a prediction is not
   * finite.
   * @example await (await run.recalibrate(validation)).run.calibration(test);
   */
  async recalibrate<S extends OptionalRows = null>(
    data?: S,
    options: RunRecalibrationOptions<UserName<S, N>> = {},
  ): Promise<RecalibrationResult<Run<M, N>>> {
    const { recalibration } = await import("./evaluate.js");
    const { report, weights, notes } = await this.#reading(data, "recalibrate", options, (rows) =>
      recalibration(this.subject(), rows, options),
    );
    const of = `the weights of another run, recalibrated by ${report.by === "domain" ? "task and domain" : "task"} on ${count(report.rows, "row")}`;
    return new RecalibrationResult(report, await this.#derived(this.spec, weights, "recalibrated", of), notes);
  }

  /**
   * Compares this run with another, or with score columns by task, on the same rows: paired differences by task, domain
   * and metric, with intervals and a verdict corrected for the number of cells. Each model encodes the rows with its
   * features. With at least two trainings of both models, intervals and verdicts are about the models; otherwise they
   * are only about these trainings.
   *
   * Throws a SpecError that names the tasks, labels or domains that do not match, and a DataError if `data` is left out
   * and the runs held out different rows.
   */
  async compare<S extends OptionalRows>(
    data: S,
    options: RunCompareOptions<N["tower"], UserName<S, N>, N["references"]>,
  ): Promise<ComparisonResult<N["tower"], N["domain"]>> {
    const { with: other, ...rest } = options ?? {};
    if (other === undefined) throw missingOption("compare", "with", "{ with: baseline }");
    const { comparableTowers, compareModels, compareScores, heldOutNotes, sidesOf } = await import("./compare.js");
    if (!(other instanceof Run || Array.isArray(other))) {
      const columns = other as ReferenceColumns;
      return this.#reading(data, "compare", rest, (rows) => compareScores(this.subject(), columns, rows, rest));
    }
    const [firsts, seconds] = other instanceof Run ? [[this], [other]] : await sidesOf<Run>(this, other);
    const runs = [...firsts, ...seconds];
    for (const each of seconds) comparableTowers(this.spec, each.spec, rest.tasks);
    const tables = runs.map(({ validation }) => validation?.table ?? null);
    const heldOut =
      data == null ? await Promise.all(tables.slice(1).map((table) => heldOutNotes(tables[0]!, table))) : [];
    const compared = data ?? runs.find(({ validation }) => validation !== null)?.validation;
    const subjects = (side: readonly Run[]) => side.map((run) => run.subject());
    const notes = [...new Set(heldOut.flat())];
    return this.#reading(compared, "compare", rest, (rows) =>
      compareModels(subjects(firsts), subjects(seconds), rows, notes, rest),
    );
  }

  /**
   * What the model is worth: its AUC by task and domain compared with those of three simpler models, trained on the
   * same rows: a logistic regression, one network without gates and separate towers, and one such network per domain.
   * All are trained again, once per seed, for the length that validation rows choose; runs are cached like those of
   * `ablate`. The intervals are over trainings and users and hold together. "Gains": better than all three beyond
   * noise.
   *
   * Throws a SpecError if the training rows are not known, as after `loadRun`, and a DataError if the run has no validation
   * rows and no data were passed.
   * @example
   * const worth = await run.worth(test, { user: "user_id" });
   * worth.headline;                 // "PEPNet gains in 2 of 3 domains; live does better alone"
   * worth.cell("ctr", "live").says; // "a model a domain is better: +0.0093 (0.0031 to 0.0155)"
   */
  async worth<S extends OptionalRows = null>(
    data?: S,
    options: WorthOptions<N["tower"], UserName<S, N>> = {},
  ): Promise<Worth<N["tower"], N["domain"]>> {
    const { worthOfRun } = await import("../study/worth.js");
    return this.#reading(data, "worth", options, (rows) => worthOfRun(this, rows, options));
  }

  /**
   * Statistics of every gate by domain, beside those of the untrained model, and what each gate is worth: the change of
   * AUC if it is held at 1. On a seeded sample of the rows.
   */
  async gates<S extends OptionalRows = null>(
    data?: S,
    options: RunGatesOptions<UserName<S, N>> = {},
  ): Promise<GatesResult> {
    const { measuredGates } = await import("./gates.js");
    const parts = await this.#storedReading(data, "gates", options, (rows) =>
      measuredGates(this.subject(), rows, options),
    );
    return new GatesResult(...parts);
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
  async counterfactual<S extends OptionalRows = null>(
    data?: S,
    options: RunCounterfactualOptions<N, UserName<S, N>> = {},
  ): Promise<CounterfactualResult<N["tower"], N["domain"], N["change"]>> {
    const { counterfactuals } = await import("./gates.js");
    const parts = await this.#storedReading(data, "counterfactual", options, (rows) =>
      counterfactuals(this.subject(), rows, options),
    );
    return new CounterfactualResult(...parts);
  }

  /**
   * Which fields carry the predictions: the change of AUC and log loss by task and domain if the values of a group of
   * fields are exchanged between rows. Fields that describe one thing, such as an item's id and brand, form one group;
   * values are exchanged within domains, and among rows that agree in the fields that say something about the group.
   * `of: "domain"`: the effect of another domain through each group. On a seeded sample; all intervals hold at once.
   * Throws a DataError for an unknown field.
   * @example
   * const found = await run.importance(test, { user: "user_id" });
   * await model.ablate(train, { variants: { carriers: (m) => m.keep(found.carriers()) }, validation });
   */
  async importance<S extends OptionalRows = null>(
    data?: S,
    options: RunImportanceOptions<N["feature"], UserName<S, N>> = {},
  ): Promise<ImportanceResult<N["tower"], N["feature"]>> {
    const { importances } = await import("./gates.js");
    const parts = await this.#storedReading(data, "importance", options, (rows) =>
      importances(this.subject(), rows, options),
    );
    return new ImportanceResult(...parts);
  }

  /**
   * Whether the model is sound: parts that no gradient reaches or that never moved, rows of tables without training, dead
   * units, gates at their ends, constant predictions, scales that explode, and more, on a seeded sample of labelled rows.
   * @example (await run.audit(test)).findings; // where, the evidence in numbers, and what may help
   */
  async audit(data?: DatasetSource | null, options: AuditOptions = {}): Promise<AuditResult> {
    const { audit } = await import("../../lab/gates/audit.js");
    const parts = await this.#storedReading(data, "audit", options, async (rows) => {
      const encoded = await rows.encode(this.spec);
      const work = { ...options, floor: this.floor };
      return [await this.#engine.use((engine) => audit(engine, encoded, this.history, work))] as const;
    });
    return new AuditResult(...parts);
  }

  /**
   * Where tasks, and domains, conflict: cosines of the gradients of their losses, in each part of the model that both
   * train, with intervals that hold at once. Without arguments: early in the training, measured by `fit` on training
   * rows that it had not yet seen. With rows (`null`: the validation rows): for these weights, on a seeded sample of
   * labelled rows; near the end of training this can seldom be told. At every evaluation: `fit(data, { gates: {
   * conflicts: true } })` and `run.chart("conflicts")`.
   */
  async conflicts<S extends OptionalRows = null>(
    data?: S,
    options?: RunConflictsOptions<UserName<S, N>>,
  ): Promise<ConflictsResult> {
    const { conflictsParts, gradientConflicts } = await import("./gates.js");
    if (data === undefined && options === undefined && this.trainingConflicts !== null)
      return new ConflictsResult(...conflictsParts(this.trainingConflicts, []));
    const parts = await this.#storedReading(data, "conflicts", options ?? {}, (rows) =>
      gradientConflicts(this.subject(), rows, options ?? {}),
    );
    return new ConflictsResult(...parts);
  }

  /**
   * Explains one row: its predictions; how open each field's and each layer's gate is, and how usual that is in its
   * domain; and the effect of each single gate on the logits, if it is held at its domain's mean or at 1. Compares with
   * a seeded sample of the row's domain. With behaviour sequences, also the attention weight of each position, and the
   * logits without it. Throws a DataError if the row does not exist.
   */
  async explain(data: DatasetSource | null | undefined, options: RunExplainOptions): Promise<ExplanationResult> {
    if (options?.row === undefined) throw missingOption("explain", "row", "{ row: 0 }");
    const { explainedRow } = await import("./gates.js");
    const parts = await this.#storedReading(data, "explain", options, (rows) =>
      explainedRow(this.subject(), rows, options),
    );
    return new ExplanationResult(...parts);
  }

  /**
   * Tries other gammas: `dial.set({ epnet: 1.5 })` scales the gates of this trained model and evaluates it again, on a
   * seeded sample of the rows; a notebook shows sliders. It is not a model that was trained at that gamma: `ablate`
   * trains those models, and `{ study }` draws their curves beside the dial. Throws a SpecError if the model has no
   * gates, or trains its gammas, or the study is of another model.
   */
  async dial<S extends OptionalRows = null>(
    data?: S,
    options: DialOptions<UserName<S, N>> = {},
  ): Promise<Dial<Run<M, N>, N>> {
    const { openDial } = await import("./widget.js");
    return this.#reading(data, "dial", options, (rows) =>
      openDial(this.subject(), rows, options, (gammas) => this.#scaled(gammas)),
    );
  }

  /** The trained weights with other gammas, on a separate engine. */
  async #scaled(gammas: DialGammas): Promise<Run<M, N>> {
    const { scaledSpec } = await import("../../core/engine/scaled-engine.js");
    const spec = scaledSpec(this.spec, gammas);
    const of = "the trained weights of another run, with its gates scaled: gamma was changed after training";
    return this.#derived(spec, await this.weights(), "scaled gates", of);
  }

  async #derived(spec: ModelSpec, weights: Weights, change: RunChange, note: string): Promise<Run<M, N>> {
    const { engine, threads } = await this.#engine.use(async (opened) => ({
      engine: opened.name,
      threads: opened.threads,
    }));
    const open = () => openEngine(spec, { engine, threads, weights, seed: spec.training.seed });
    const record = this.record && { ...this.record, changes: [...(this.record.changes ?? []), change] };
    const model = (this.model as unknown as { readonly asRunModel: AsRunModel<M> }).asRunModel(spec, record);
    const shared = { spec, model, ...untrained, validation: this.validation, notes: [note], record };
    return new Run({ ...shared, engine: laterRunEngine(open, threads) });
  }

  /**
   * Writes one page that opens from disk, on a phone and on paper: summary, config, data, curves, evaluation, gates,
   * counterfactuals, suggestions (with their numbers) and provenance. Replaces an existing report at the path. Throws a
   * DataError if the path is another file, or the page cannot be written.
   *
   * @param data rows to evaluate; `null`: the validation rows, if the run has them
   */
  async report<S extends OptionalRows>(
    data: S,
    options: ReportOptions<UserName<S, N>, N["references"]>,
  ): Promise<ReportResult> {
    checkRunCall("report", options ?? {});
    if (options?.path === undefined) throw missingOption("report", "path", '{ path: "out/report.html" }');
    const { writeReport } = await import("../report.js");
    return withSignal(options.signal, () => writeReport(this as Run, data ?? null, options));
  }

  /** Reads the rows, and works on them, until the signal aborts. */
  async #reading<T>(
    data: DatasetSource | null | undefined,
    method: RunCall,
    options: SignalOptions,
    work: (rows: Dataset) => Promise<T>,
  ): Promise<T> {
    checkRunCall(method, options);
    return withSignal(options.signal, async () => work(await this.#rows(data, method)));
  }

  /** Like {@link Run.#reading}; a run from the cache reads only once. `Parts`: of a result. */
  #storedReading<Parts extends readonly unknown[]>(
    data: DatasetSource | null | undefined,
    call: RunCall,
    options: SignalOptions,
    work: (rows: Dataset) => Promise<Parts>,
  ): Promise<Parts> {
    return this.#reading(data, call, options, (rows) => this.#stored(call, rows, options, () => work(rows)));
  }

  async #stored<Parts extends readonly unknown[]>(
    call: RunCall,
    { table: rows }: Dataset,
    options: object,
    work: () => Promise<Parts>,
  ): Promise<Parts> {
    if (this.#key === null) return work();
    const { storedReading } = await import("./stored-readings.js");
    const isTraining = rows === this.training?.table;
    return storedReading({ run: this.#key, call, rows, isTraining, options }, work);
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

/** The record of a run whose weights were not trained here. */
export const untrained: { readonly history: History; readonly evaluation: null; readonly interrupted: boolean } = {
  history: { points: [], evaluations: [], bestStep: null },
  evaluation: null,
  interrupted: false,
};
