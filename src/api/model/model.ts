/** The fluent model: a thin, immutable wrapper of one frozen spec; each step delegates to one function. */

import type { TorchEasyRecFiles } from "../../core/bridge/read-production.js";
import { withKept } from "../../core/builder/with-kept.js";
import {
  withDomains,
  withEpnet,
  withGroup,
  withPpnet,
  withPreset,
  withSwitches,
} from "../../core/builder/with-modules.js";
import {
  withFeatures,
  withLabels,
  withLayer,
  withoutLayer,
  withSampleWeights,
  withTower,
} from "../../core/builder/with-tower.js";
import { withTraining } from "../../core/builder/with-training.js";
import type * as Config from "../../core/config/index.js";
import { modelStructure } from "../../core/nn/plan/structure.js";
import { emptySpec, type GroupName, type ModelSpec } from "../../core/spec/model.js";
import { untrainedProblems } from "../../core/spec/validate/unsupported.js";
import { trainingWarnings } from "../../core/spec/validate/warnings.js";
import type { TrainingRecord } from "../../core/train/training-record.js";
import { withSignal } from "../../core/util/interrupt.js";
import { deepFreeze } from "../../core/util/json.js";
import type * as Charts from "../../lab/views/index.js";
import { type DatasetSource, dataset } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { ChartOutput, Displayable, type DisplayBundle } from "../result.js";
import type { Run } from "../run/run.js";
import type { PlanRequest } from "../study/plan.js";
import type { TransferOptions } from "../study/transfer.js";
import type { StudyRequest } from "../study/variants.js";
import type { EngineChoice, FitOptions } from "../training/engines.js";
import type { FitDaysOptions } from "../training/fit-days.js";
import type { LaunchOptions } from "../training/launch.js";
import { checkCall } from "./call-options.js";
import type * as Summary from "./summary.js";
import type { AnyModel, Model, NoDomains } from "./types.js";

/** Options of the import. */
export interface FromTorchEasyRecOptions extends Pick<EngineChoice, "engine"> {
  /** Rows for evaluations. Default: the config's `eval_input_path`, if it is in the config's folder. */
  readonly validation?: DatasetSource | null;
  /**
   * If the config averages weights (`ema`), the run predicts with the averages, as TorchEasyRec does. `"trained"`: with
   * the weights that the optimizers trained, from which training continues.
   */
  readonly weights?: "trained";
}

// Loaded on first call: configs need 60 modules and protobufjs.
const config = (): typeof Config => require("../../core/config/index.js");
const summary = (): typeof Summary => require("./summary.js");
const diagram = (): typeof Charts => require("../../lab/views/index.js");

/** Starts a model: empty, or from a TorchEasyRec config. */
export interface Pepnet {
  /** An empty model, to which steps add features, labels, groups, modules and towers. */
  (): Model<never, never, never, never, NoDomains>;
  /**
   * The model of a TorchEasyRec pipeline config, for further steps or training. Unknown fields are kept and printed
   * again by `toConfig()`.
   * Throws a ConfigError that lists every error with its location, or if the config is not of a PEPNet.
   * @example
   * const { readFileSync } = await import("node:fs");
   * const model = pepnet.fromConfig(readFileSync("pipeline.config", "utf8")).epnet({ gamma: 1 });
   */
  fromConfig(text: string): AnyModel;
  /**
   * The model of a fragment without `feature_configs`, such as the `model_config` of TorchEasyRec's PEPNet page: each name
   * in a group becomes a feature of that column of the data; `pepnet config complete` prints it with the reasons.
   * Throws a ConfigError with every name that the data lack.
   * @example
   * const { readFileSync } = await import("node:fs");
   * const model = await pepnet.fromConfig(readFileSync("fragment.config", "utf8"), { data: "train.parquet" });
   */
  fromConfig(text: string, options: { readonly data: DatasetSource }): Promise<AnyModel>;
  /**
   * Loads a model trained by TorchEasyRec as a run with the same predictions. Reads a folder with `pipeline.config` and
   * `weights.safetensors`, or two files; docs/torcheasyrec.md explains how to export weights from a checkpoint. If the
   * config's `eval_input_path` is in the same folder, it supplies the run's validation rows.
   * Throws a ConfigError if the config is invalid or of another model, and a CheckpointError that lists every parameter
   * that is missing, unknown, or of another shape, or if the config averages weights and the file lacks the averages.
   * @example
   * const run = await pepnet.fromTorchEasyRec("production");
   * await run.gates(await dataset("today.parquet"));
   * const files = { config: "model/pipeline.config", weights: "weights.safetensors" };
   * const tuned = await (await pepnet.fromTorchEasyRec(files)).model.epnet({ gamma: 1 }).fit(data, { weights: files.weights });
   */
  fromTorchEasyRec(source: string | TorchEasyRecFiles, options?: FromTorchEasyRecOptions): Promise<Run<AnyModel>>;
}

/** Starts a model: `pepnet()`, `pepnet.fromConfig(text)` or `pepnet.fromTorchEasyRec(folder)`. */
export const pepnet: Pepnet = Object.assign(
  () => new SpecModel(emptySpec) as unknown as Model<never, never, never, never, NoDomains>,
  {
    fromConfig: ((text: string, options?: { readonly data: DatasetSource }) => {
      if (options?.data !== undefined) return completedModel(text, options.data);
      const { openConfig, specFromConfig } = config();
      return modelFromSpec(specFromConfig(openConfig(text)));
    }) as Pepnet["fromConfig"],
    async fromTorchEasyRec(
      source: string | TorchEasyRecFiles,
      options: FromTorchEasyRecOptions = {},
    ): Promise<Run<AnyModel>> {
      const { readProduction } = await import("../../core/bridge/read-production.js");
      const { runFromWeights } = await import("../run/from-weights.js");
      const read = await readProduction(source, options.weights === "trained");
      const { spec, weights, evaluationRows } = read;
      const { validation = evaluationRows, engine } = options;
      const place = typeof source === "string" ? source : source.weights;
      return runFromWeights(spec, modelFromSpec, weights, {
        place,
        validation: validation === null ? null : await dataset(validation),
        notes: [`trained by TorchEasyRec, from ${place}`, ...read.notes, ...trainingNotes(spec)],
        engine,
      });
    },
  },
);

async function completedModel(text: string, data: DatasetSource): Promise<AnyModel> {
  const { completeConfig } = await import("./complete-config.js");
  return modelFromSpec((await completeConfig(text, data)).spec);
}

/** Settings that prevent further training of the model here, and half precision, with which TorchEasyRec predicts. */
function trainingNotes(spec: ModelSpec): readonly string[] {
  const others = untrainedProblems(spec).map(
    ({ path, received }) =>
      `${path} (${received}) was used in training only: remove it to train this model further here`,
  );
  const halved = trainingWarnings(spec).filter(({ path }) => /mixed_precision$|data_type$/.test(path));
  return [...others, ...halved.map(({ path, message }) => `${path}: ${message}`)];
}

/** The model of a spec, such as one read from a config. */
export function modelFromSpec(spec: ModelSpec): AnyModel {
  return modelOfRun(spec);
}

/** @param record of the run's training; `null`: it was not trained here */
export function modelOfRun(spec: ModelSpec, record: TrainingRecord | null = null): AnyModel {
  return new SpecModel(deepFreeze(spec), record);
}

/** Each step delegates to one function of the spec; {@link Model} has their types and documentation. */
class SpecModel extends Displayable implements AnyModel {
  readonly spec: ModelSpec;

  readonly features: AnyModel["features"] = (...features) => this.#with(withFeatures(this.spec, features));
  readonly labels: AnyModel["labels"] = (...names) => this.#with(withLabels(this.spec, names));
  readonly sampleWeights: AnyModel["sampleWeights"] = (...names) => this.#with(withSampleWeights(this.spec, names));
  readonly group: AnyModel["group"] = (name, features, options) =>
    this.#with(withGroup(this.spec, name as GroupName, features, options));
  readonly layer: AnyModel["layer"] = (layer) => this.#with(withLayer(this.spec, layer));
  readonly withoutLayer: AnyModel["withoutLayer"] = (name) => this.#with(withoutLayer(this.spec, name));
  readonly epnet: AnyModel["epnet"] = (options) => this.#with(withEpnet(this.spec, options));
  readonly ppnet: AnyModel["ppnet"] = (options) => this.#with(withPpnet(this.spec, options));
  readonly domains: AnyModel["domains"] = (column, domains) => this.#with(withDomains(this.spec, column, domains));
  readonly tower: AnyModel["tower"] = (name, build) => this.#with(withTower(this.spec, name, build));
  readonly train: AnyModel["train"] = (options) => this.#with(withTraining(this.spec, options));
  readonly switches: AnyModel["switches"] = (switches) => this.#with(withSwitches(this.spec, switches));
  readonly preset: AnyModel["preset"] = (name) => this.#with(withPreset(this.spec, name));
  readonly keep: AnyModel["keep"] = (features) => this.#with(withKept(this.spec, features));
  readonly fitFeatures: AnyModel["fitFeatures"] = async (rows) => this.#with(await fittedSpec(this.spec, rows));
  readonly fit = (async (data: DatasetSource, options?: FitOptions) => {
    checkCall("fit", options);
    return (await import("../training/seeds.js")).trainSeeds(this.spec, modelOfRun, data, options);
  }) as AnyModel["fit"];
  readonly fitDays = (async (log: DatasetSource, options?: FitDaysOptions) => {
    checkCall("fitDays", options);
    return (await import("../training/fit-days.js")).fitDays(this.spec, log, options);
  }) as AnyModel["fitDays"];
  readonly launch = (async (train: DatasetSource, options: LaunchOptions) => {
    checkCall("launch", options);
    return (await import("../training/launch.js")).launch(this.spec, train, options);
  }) as AnyModel["launch"];
  readonly estimate: AnyModel["estimate"] = async (data, options) => {
    checkCall("estimate", options);
    return (await import("../training/estimate.js")).estimateModel(this.spec, data, options);
  };
  readonly ablate = (async (data: DatasetSource, options: StudyRequest) => {
    checkCall("ablate", options);
    return (await import("../study/ablate.js")).ablateModel(this.spec, modelFromSpec, data, options);
  }) as AnyModel["ablate"];
  readonly transfer = (async (data: DatasetSource, options: TransferOptions = {}) => {
    checkCall("transfer", options);
    return (await import("../study/transfer.js")).transferModel(this.spec, modelFromSpec, data, options);
  }) as AnyModel["transfer"];
  readonly plan = (async (data: DatasetSource, options: PlanRequest) =>
    (await import("../study/plan.js")).planModel(this.spec, modelFromSpec, data, options)) as AnyModel["plan"];
  readonly exportTorchEasyRec: AnyModel["exportTorchEasyRec"] = (data, options) =>
    withSignal(options?.signal, async () => {
      checkCall("exportTorchEasyRec", options);
      return (await import("../export.js")).exportTorchEasyRec(this.spec, this.#record, data, options);
    });
  /** @internal */
  readonly asRunModel: typeof modelOfRun = modelOfRun;
  /** A changed model has none, because it is not known how long to train it. */
  readonly #record: TrainingRecord | null;

  constructor(spec: ModelSpec, record: TrainingRecord | null = null) {
    super();
    this.spec = spec;
    this.#record = record;
  }

  #with(spec: ModelSpec): AnyModel {
    return new SpecModel(spec);
  }

  diagram(): ChartOutput {
    return new ChartOutput(diagram().modelDiagramChart(modelStructure(this.spec)));
  }

  toConfig(): string {
    return config().configText(this.spec);
  }

  override toString(): string {
    return summary().modelText(this.spec);
  }

  async bundle(): Promise<DisplayBundle> {
    const { modelBundle } = await import("./summary.js");
    return modelBundle(this.spec);
  }
}
