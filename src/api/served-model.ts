/** A model written by `run.export`, which predicts without the builder or the training data. */

import path from "node:path";
import { defaultThreads } from "../core/engine/threads.js";
import { DataError } from "../core/errors/index.js";
import {
  type EncodersFile,
  type ExportedModel,
  exportedFiles,
  type ServedPriors,
  servedPorts,
} from "../core/serve/encoder-types.js";
import type { OpenModel } from "../core/serve/served-model.js";
import { checkOptions, type OptionNames } from "../core/spec/validate/checks.js";
import { joinFloats } from "../core/util/growing.js";
import { withSignal } from "../core/util/interrupt.js";
import { size } from "../core/util/text.js";
import type { Sheet } from "../lab/views/view.js";
import { Dataset, type DatasetSource, dataset } from "./data/dataset.js";
import { AuditResult } from "./gates.js";
import { Displayable, type DisplayBundle, type FactsBase, factsBase, TableOutput, tables } from "./result.js";
import type { WritePredictionsOptions, WrittenPredictions } from "./stream.js";

const loadModelOptions: OptionNames<ServedModelOptions> = { threads: true };

/** Options for loading an exported model. */
export interface ServedModelOptions {
  /** Threads of the matrix products. Default: min(2, cores). */
  readonly threads?: number;
}

/** Which outputs to return. */
export interface ServedPredictOptions {
  /** `true`: every domain's outputs for every row, and the data need no domain column. Default: `false`. */
  readonly everyDomain?: boolean;
}

/** An exported model. Made by {@link loadModel}. */
export class ServedModel extends Displayable {
  readonly folder: string;
  readonly #model: OpenModel;

  /** Use {@link loadModel}. @internal */
  constructor(folder: string, model: OpenModel) {
    super();
    this.folder = folder;
    this.#model = model;
  }

  /** The content of `encoders.json`: inputs, with their sources, and outputs. */
  get encoders(): EncodersFile {
    return this.#model.encoders;
  }

  /**
   * Outputs of each row's domain, as from `run.predict`, or of every domain, in the order of the rows. The data need no
   * labels. Throws a DataError if they do not fit the encoders.
   * @example
   * const served = await loadModel("served/first");
   * const predicted = await served.predict(await dataset("today.parquet"), { everyDomain: true });
   */
  async predict(data: DatasetSource, { everyDomain = false }: ServedPredictOptions = {}): Promise<Dataset> {
    const { encode } = await import("../core/data/encode/encode.js");
    const { encodingSpec } = await import("../core/serve/encoders-shape.js");
    const { servedPredictor } = await import("./stream.js");
    const { table, notes } = await this.#withPriors(await dataset(data));
    const rows = await encode(table, encodingSpec(this.encoders, !everyDomain), { labels: false });
    return new Dataset((await dataset(await servedPredictor(this.#model, everyDomain)(rows))).table, notes);
  }

  /** Rows that lack all columns of the state of priors get them. */
  async #withPriors(rows: Dataset): Promise<Dataset> {
    const { priors } = this.encoders;
    if (priors === undefined || priors.columns.some((name) => rows.table.has(name))) return rows;
    return rows.withPriors(path.join(this.folder, exportedFiles.priors));
  }

  /**
   * Predicts rows in chunks, so they need not fit into memory, and writes a Parquet file in the same order. Throws a
   * DataError if they do not fit the encoders, or the file cannot be written.
   * @example
   * const served = await loadModel("served/first");
   * await served.writePredictions("logs/*.parquet", { path: "out/predictions.parquet", everyDomain: true });
   */
  async writePredictions(data: DatasetSource, options: WritePredictionsOptions): Promise<WrittenPredictions> {
    const { encodingSpec } = await import("../core/serve/encoders-shape.js");
    const { servedPredictor, writePredictions } = await import("./stream.js");
    const { everyDomain = false, signal } = options;
    const spec = encodingSpec(this.encoders, !everyDomain);
    const predictor = servedPredictor(this.#model, everyDomain);
    return withSignal(signal, async () => {
      return writePredictions(predictor, spec, await this.#withPriors(await dataset(data)), options);
    });
  }

  /**
   * The faults of `run.audit` that predictions and inputs show. Weights, gradients and gates cannot be seen here, as `gaps`
   * say. The data need no labels, and are taken as a whole. Throws a DataError if they do not fit the encoders.
   */
  async audit(data: DatasetSource): Promise<AuditResult> {
    const { encode } = await import("../core/data/encode/encode.js");
    const { auditOutputs } = await import("../lab/gates/audit.js");
    const { encodingSpec } = await import("../core/serve/encoders-shape.js");
    const { servedPredictor } = await import("./stream.js");
    const spec = encodingSpec(this.encoders, true);
    const rows = await encode((await this.#withPriors(await dataset(data))).table, spec, { labels: false });
    const outputs = await servedPredictor(this.#model, false)(rows);
    const tasks = this.encoders.outputs.flatMap(({ tower: name, kind, domain, classes }) => {
      const logits = outputs[`${kind}_${name}`] as Float32Array | Float32Array[];
      if (kind === "probs" || (domain ?? 0) > 0) return [];
      return [{ name, classes, isProbability: kind === "logits", logits: joinFloats([logits].flat()) }];
    });
    return new AuditResult(await auditOutputs(spec, rows, tasks));
  }

  /** Waits for running predictions, then frees the model's memory. Repeated calls do nothing. */
  async dispose(): Promise<void> {
    await this.#model.release();
  }

  /** The model's inputs and outputs. */
  table(): TableOutput {
    return new TableOutput(encodersSheet(this.folder, this.encoders));
  }

  override toString(): string {
    return this.table().toString();
  }

  async bundle(): Promise<DisplayBundle> {
    return this.table().bundle();
  }
}

/** Opens a model that `run.export(folder)` wrote. Throws a CheckpointError if it is missing or damaged. */
export async function loadModel(folder: string, options: ServedModelOptions = {}): Promise<ServedModel> {
  checkOptions("loadModel", options, Object.keys(loadModelOptions), DataError);
  const { openModel } = await import("../core/serve/served-model.js");
  return new ServedModel(folder, await openModel(folder, options.threads ?? defaultThreads()));
}

const ExportFacts: FactsBase<ExportedModel> = factsBase();

/** An exported model, for use by other programs. Made by `run.export()`. */
export class ExportResult extends ExportFacts {
  /** @internal */
  sheet(): Sheet {
    return encodersSheet(`${this.folder}: model.onnx, ${size(this.bytes)}`, this.encoders);
  }
}

function encodersSheet(caption: string, { features, outputs, priors }: EncodersFile): Sheet {
  const outputPorts = outputs.map(({ name, classes }) => {
    const shape = classes === 1 ? "float32 [rows]" : `float32 [rows, ${classes}]`;
    return { kind: "output", name, shape, columns: "" };
  });
  const { col, sheetFrom } = tables();
  const ports = [
    ...features.flatMap(inputPorts),
    ...(priors === undefined ? [] : [priorsPort(priors)]),
    ...outputPorts,
  ];
  return sheetFrom(caption, ports, [
    col.text(["kind", ""], ({ kind }) => kind),
    col.text("name", ({ name }) => name),
    col.text("shape", ({ shape }) => shape),
    col.text("column", ({ columns }) => columns),
  ]);
}

function priorsPort({ columns, until, delays }: ServedPriors) {
  const delayTexts = Object.entries(delays).map(([label, delay]) => `${label} known after ${delay}`);
  const shape = [...(until === null ? [] : [`until ${until}`]), ...delayTexts].join(", ");
  return { kind: "state", name: exportedFiles.priors, shape, columns: columns.join(", ") };
}

function inputPorts(feature: EncodersFile["features"][number]) {
  const crossed = feature.kind === "ids" && feature.cross ? [feature.cross.join(" × ")] : [];
  const columns = [...feature.columns, ...crossed].join(" or ");
  return servedPorts(feature).map(({ name, type, shape }) => {
    return { kind: "input", name, shape: `${type} [${shape.join(", ")}]`, columns };
  });
}
