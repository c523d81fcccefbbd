/** The fluent model: a thin, immutable wrapper of one frozen spec; each step delegates to one function. */

import type { Feature } from "../../builder/feature.js";
import type { Label } from "../../builder/learning-rates.js";
import type { Tower } from "../../builder/tower.js";
import {
  type EpnetOptions,
  type GroupOptions,
  type PpnetOptions,
  type PresetName,
  withDomains,
  withEpnet,
  withGroup,
  withPpnet,
  withPreset,
  withSwitches,
} from "../../builder/with-modules.js";
import { withFeatures, withLabels, withLayer, withSampleWeights, withTower } from "../../builder/with-tower.js";
import { type TrainOptions, withTraining } from "../../builder/with-training.js";
import type * as Config from "../../config/index.js";
import type { CustomLayer } from "../../spec/layer.js";
import { emptySpec, type GroupName, type ModelSpec, type SwitchesSpec } from "../../spec/model.js";
import { modelStructure } from "../../spec/structure.js";
import { deepFreeze } from "../../util/random.js";
import type * as Charts from "../../views/index.js";
import type { DatasetSource } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { Displayable, type DisplayBundle } from "../displayable.js";
import type { ExportTorchEasyRecOptions, TorchEasyRecExport } from "../export.js";
import type { FromTorchEasyRecOptions, TorchEasyRecFiles } from "../import.js";
import { ChartOutput } from "../result.js";
import type { Run } from "../run/run.js";
import type { PlannedStudy, PlanRequest } from "../study/plan.js";
import type { Study } from "../study/study.js";
import type { StudyRequest } from "../study/variants.js";
import type { FitOptions } from "../training/engines.js";
import type { EstimateOptions } from "../training/estimate.js";
import type { EstimateResult } from "../training/estimate-result.js";
import type { LearningRateOptions, LearningRateResult } from "../training/learning-rate.js";
import type { AnyModel, Model } from "./types.js";

// Loaded on first call: configs need 60 modules and protobufjs.
const config = (): typeof Config => require("../../config/index.js");
const diagram = (): typeof Charts => require("../../views/index.js");

/** Starts a model: empty, or from a TorchEasyRec config. */
export interface Pepnet {
  /** An empty model, to which steps add features, labels, groups, modules and towers. */
  (): Model<never, never, never, never>;
  /**
   * The model of a TorchEasyRec pipeline config, for further steps or training. Unknown fields are kept and printed
   * again by `toConfig()`.
   *
   * Throws a ConfigError that lists every error with its location, or if the config is not of a PEPNet.
   *
   * @example
   * const { readFileSync } = await import("node:fs");
   * const model = pepnet.fromConfig(readFileSync("pipeline.config", "utf8")).epnet({ gamma: 1 });
   */
  fromConfig(text: string): AnyModel;
  /**
   * Loads a model trained by TorchEasyRec as a run with the same predictions. Reads a folder with `pipeline.config` and
   * `weights.safetensors`, or two files; docs/torcheasyrec.md explains how to export weights from a checkpoint. If the
   * config's `eval_input_path` is in the same folder, it supplies the run's validation rows.
   *
   * Throws a ConfigError if the config is invalid or of another model, and a CheckpointError that lists every parameter
   * that is missing, unknown, or of another shape.
   *
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
  () => new SpecModel(emptySpec) as unknown as Model<never, never, never, never>,
  {
    fromConfig(text: string): AnyModel {
      const { openConfig, specFromConfig } = config();
      return modelFromSpec(specFromConfig(openConfig(text)));
    },
    async fromTorchEasyRec(
      source: string | TorchEasyRecFiles,
      options?: FromTorchEasyRecOptions,
    ): Promise<Run<AnyModel>> {
      const { runFromTorchEasyRec } = await import("../import.js");
      return runFromTorchEasyRec(source, modelFromSpec, options);
    },
  },
);

/** The model of a spec, such as one read from a config. */
export function modelFromSpec(spec: ModelSpec): AnyModel {
  return new SpecModel(deepFreeze(spec));
}

class SpecModel extends Displayable implements AnyModel {
  readonly spec: ModelSpec;

  constructor(spec: ModelSpec) {
    super();
    this.spec = spec;
  }

  features(...features: readonly Feature<string>[]): AnyModel {
    return new SpecModel(withFeatures(this.spec, features));
  }

  labels(...names: readonly (string | Label<string>)[]): AnyModel {
    return new SpecModel(withLabels(this.spec, names));
  }

  sampleWeights(...names: readonly string[]): AnyModel {
    return new SpecModel(withSampleWeights(this.spec, names));
  }

  group(name: GroupName, features: readonly string[], options?: GroupOptions<string>): AnyModel {
    return new SpecModel(withGroup(this.spec, name, features, options));
  }

  layer(layer: CustomLayer): AnyModel {
    return new SpecModel(withLayer(this.spec, layer));
  }

  epnet(options?: EpnetOptions): AnyModel {
    return new SpecModel(withEpnet(this.spec, options));
  }

  ppnet(options: PpnetOptions): AnyModel {
    return new SpecModel(withPpnet(this.spec, options));
  }

  domains(column: string, domains: number | readonly string[]): AnyModel {
    return new SpecModel(withDomains(this.spec, column, domains));
  }

  tower(name: string, build: (tower: Tower<string, string>) => Tower<string, string>): AnyModel {
    return new SpecModel(withTower(this.spec, name, build));
  }

  train(options: TrainOptions): AnyModel {
    return new SpecModel(withTraining(this.spec, options));
  }

  switches(switches: Partial<SwitchesSpec>): AnyModel {
    return new SpecModel(withSwitches(this.spec, switches));
  }

  preset(name: PresetName): AnyModel {
    return new SpecModel(withPreset(this.spec, name));
  }

  diagram(): ChartOutput {
    return new ChartOutput(diagram().modelDiagramChart(modelStructure(this.spec)));
  }

  async fitFeatures(rows: DatasetSource): Promise<AnyModel> {
    return new SpecModel(await fittedSpec(this.spec, rows));
  }

  async fit(data: DatasetSource, options: FitOptions = {}): Promise<Run<AnyModel>> {
    const { trainModel } = await import("./fit.js");
    return (await trainModel(this.spec, modelFromSpec, data, options)).run;
  }

  async findLearningRate(data: DatasetSource, options: LearningRateOptions = {}): Promise<LearningRateResult> {
    const { findLearningRate } = await import("../training/learning-rate.js");
    return findLearningRate(this.spec, data, options);
  }

  async estimate(data: DatasetSource | null = null, options: EstimateOptions = {}): Promise<EstimateResult> {
    const { estimateModel } = await import("../training/estimate.js");
    return estimateModel(this.spec, data, options);
  }

  async ablate(data: DatasetSource, options: StudyRequest): Promise<Study> {
    const { ablateModel } = await import("../study/ablate.js");
    return ablateModel(this.spec, modelFromSpec, data, options);
  }

  async plan(data: DatasetSource, options: PlanRequest): Promise<PlannedStudy> {
    const { planModel } = await import("../study/plan.js");
    return planModel(this.spec, modelFromSpec, data, options);
  }

  toConfig(): string {
    return config().configText(this.spec);
  }

  async exportTorchEasyRec(data: DatasetSource, options: ExportTorchEasyRecOptions): Promise<TorchEasyRecExport> {
    const { exportTorchEasyRec } = await import("../export.js");
    return exportTorchEasyRec(this.spec, data, options);
  }

  async bundle(): Promise<DisplayBundle> {
    const { modelBundle } = await import("./summary.js");
    return modelBundle(this.spec);
  }
}
