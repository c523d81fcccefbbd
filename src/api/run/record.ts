import type { EngineName, Weights } from "../../engine/engine.js";
import type { GatesPoint } from "../../gates/types.js";
import type { LearningCurves, TaskLearningCurves } from "../../metrics/learning-curves.js";
import type { MetricName } from "../../metrics/types.js";
import type { ModelSpec } from "../../spec/model.js";
import type { LogisticRegression } from "../../train/logistic-regression.js";
import type { History } from "../../train/loop/recorder.js";
import type { AucReference } from "../../views/names.js";
import type { RunChartName } from "../../views/results.js";
import type { Sheet } from "../../views/view.js";
import type { WritePredictionsOptions, WrittenPredictions } from "../columns.js";
import { Dataset, type DatasetSource } from "../data/dataset.js";
import { dataNotes } from "../data/held-out.js";
import { dataset } from "../data/open.js";
import type { EvaluationResult } from "../evaluation.js";
import { ChartOutput, ResultWithChart, tables } from "../result.js";
import { ExportResult } from "../served-model.js";
import type { RunEngine } from "../training/engines.js";
import type { Subject } from "./options.js";

/** A metric on the validation rows at every evaluation during training, by task and domain. */
export class LearningCurvesResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: LearningCurves;
  readonly metric: MetricName;
  /** Display names, in order; empty if the model has no domains. */
  readonly domainNames: readonly string[];
  /** Steps at which the model was evaluated. */
  readonly steps: readonly number[];
  /** Passes over the data at each evaluation. */
  readonly epochs: readonly number[];
  /** The step whose weights were kept; `null`: the last. */
  readonly bestStep: number | null;
  /** In the order of the model's towers. */
  readonly tasks: readonly TaskLearningCurves[];
  readonly references: readonly AucReference[];

  /** Made by `run.learningCurves()`. @internal */
  constructor(facts: LearningCurves, references: readonly AucReference[] = []) {
    super();
    this.facts = facts;
    this.metric = facts.metric;
    this.domainNames = facts.domainNames;
    this.steps = facts.steps;
    this.epochs = facts.epochs;
    this.bestStep = facts.bestStep;
    this.tasks = facts.tasks;
    this.references = references;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().learningCurvesSheet(this.facts);
  }

  /** The curves, a panel per task. */
  async chart(): Promise<ChartOutput> {
    const { learningCurvesChart } = await import("../../views/learning-curves.js");
    return new ChartOutput(learningCurvesChart(this.facts, this.references));
  }
}

export type RunParts<M> = Pick<
  RunRecord<M>,
  "spec" | "model" | "history" | "evaluation" | "validation" | "notes" | "interrupted"
> &
  Partial<Pick<RunRecord<M>, "gatesHistory" | "floor">> & {
    /** Owns the engine with the weights; not shared with other runs. */
    readonly engine: RunEngine;
  };

/** The part of a run that needs no rows. `M`: the type of its model. */
export abstract class RunRecord<M> extends ResultWithChart {
  readonly spec: ModelSpec;
  readonly model: M;
  readonly history: History;
  /** The evaluation of the kept weights on the validation rows; `null` without validation rows. */
  readonly evaluation: EvaluationResult | null;
  /** The validation rows, passed or held out; `null` for a loaded run. */
  readonly validation: Dataset | null;
  /** True if training was interrupted; the run contains what had finished. */
  readonly interrupted: boolean;
  /** The gates at every evaluation, if `fit(data, { gates: true })` recorded them. */
  readonly gatesHistory: readonly GatesPoint[];
  /** The logistic regression that evaluations compare with; `null`: none. @internal */
  readonly floor: LogisticRegression | null;
  readonly #engine: RunEngine;

  /** Use `model.fit(data)` or {@link loadRun}. @internal */
  constructor(parts: RunParts<M>) {
    super(parts.notes);
    this.spec = parts.spec;
    this.model = parts.model;
    this.history = parts.history;
    this.evaluation = parts.evaluation;
    this.validation = parts.validation;
    this.interrupted = parts.interrupted;
    this.gatesHistory = parts.gatesHistory ?? [];
    this.floor = parts.floor ?? null;
    this.#engine = parts.engine;
    this.#engine.freeWith(this);
  }

  /** The history, one row per step. @internal */
  sheet(): Sheet {
    return tables().historySheet(this.history);
  }

  /** @internal */
  override numbers(): Readonly<Record<string, number>> {
    return this.evaluation?.numbers() ?? {};
  }

  /**
   * `curves` (the default): losses, AUCs over training, and AUC by task and domain. `gates`: quantiles of every gate
   * over training, if `fit(data, { gates: true })` recorded them.
   */
  async chart(name: RunChartName = "curves"): Promise<ChartOutput> {
    const { namedView, runViews } = tables();
    const make = namedView(runViews, "chart", name, "run");
    return new ChartOutput(make(this.history, this.gatesHistory, this.evaluation?.references));
  }

  /** A metric on the validation rows at every evaluation during training, by task and domain. */
  async learningCurves(metric: MetricName = "auc"): Promise<LearningCurvesResult> {
    const { learningCurves } = await import("../../metrics/learning-curves.js");
    const references = metric === "auc" ? this.evaluation?.references : [];
    return new LearningCurvesResult(learningCurves(this.history, metric), references);
  }

  /**
   * Every tower's output for each row's domain, as columns `logits_{tower}` and `probs_{tower}` (`y_{tower}` for
   * an L2 loss; a list of classes per row if there are several), in the order of the rows. The data need no labels;
   * the result's `notes` count problems in the data, such as ids outside their tables.
   */
  async predict(data: DatasetSource): Promise<Dataset> {
    const { encodedRows } = await import("../../data/encoded/encoded-rows.js");
    const { predictionColumns } = await import("../columns.js");
    const { predict } = await import("../../train/evaluate.js");
    const { table } = await dataset(data);
    const encoded = await encodedRows(table, this.spec, { labels: false });
    const outputs = await this.#engine.use((engine) => predict(engine, encoded));
    const predicted = await dataset(predictionColumns(this.spec, outputs));
    return new Dataset(predicted.table, dataNotes("predicted data", encoded));
  }

  /**
   * Predicts rows in chunks, so they need not fit into memory, and writes a Parquet file in the same order. The data
   * need no labels. Throws a DataError if they do not fit the model, or the file cannot be written.
   * @example
   * await run.writePredictions("logs/*.parquet", { path: "out/predictions.parquet", reserve: ["user_id"] });
   */
  async writePredictions(data: DatasetSource, options: WritePredictionsOptions): Promise<WrittenPredictions> {
    const { enginePredictor, writePredictions } = await import("../stream.js");
    const rows = await dataset(data);
    return this.#engine.use((engine) => {
      return writePredictions(enginePredictor(engine, options.everyDomain ?? false), engine.spec, rows, options);
    });
  }

  /** The weights by TorchEasyRec's parameter names, Linear [out, in]. */
  async weights(): Promise<Weights> {
    return this.#engine.use((engine) => engine.weights());
  }

  /**
   * Writes the weights as one safetensors file under TorchEasyRec's parameter names, and returns its path;
   * `model.fit(data, { weights: path })` starts from them. Throws a CheckpointError if it cannot be written.
   */
  async exportWeights(path: string): Promise<string> {
    const { writeSafetensors } = await import("../../train/saved/weights.js");
    await writeSafetensors(path, await this.weights());
    return path;
  }

  /**
   * Writes the model into a folder for other programs: `model.onnx` with the embedding tables, `encoders.json` with the
   * encoding of columns as inputs, and a README with calls from Python and Node; {@link loadModel} opens it. Replaces
   * an existing export in the folder. Inputs are the features, outputs `logits_{tower}`, `probs_{tower}` or
   * `y_{tower}`, with the suffix `_{domain}` if there are domains: all of them for every row. docs/serving.md describes
   * the format.
   *
   * Throws a CheckpointError if the folder contains other files or cannot be written, an EngineError if the weights are
   * larger than an ONNX file can be (2 GB).
   */
  async export(folder: string): Promise<ExportResult> {
    const { exportModel } = await import("../../serve/export.js");
    return new ExportResult(await this.#engine.use((engine) => exportModel(engine, folder)));
  }

  /** The engine that holds the weights. */
  async engineName(): Promise<EngineName> {
    return this.#engine.use(async ({ name }) => name);
  }

  /** Writes spec, weights and history into a folder, all or nothing. Throws a CheckpointError if it cannot. */
  async save(folder: string): Promise<void> {
    const { floorWeights } = await import("../../train/floor-weights.js");
    const { saveRun } = await import("../../train/saved/run.js");
    const { spec, history, evaluation, gatesHistory } = this;
    const floor = this.floor === null ? null : floorWeights(this.floor);
    const facts = evaluation?.facts ?? null;
    const saved = facts && { rows: facts.rows, domainNames: facts.domainNames, tasks: facts.tasks };
    await saveRun(folder, { spec, weights: await this.weights(), history, evaluation: saved, gatesHistory, floor });
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
  protected subject(): Subject {
    return { spec: this.spec, engine: this.#engine, floor: this.floor };
  }
}
