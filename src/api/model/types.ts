/**
 * What a user holds, by hand: the fluent model. Its four type parameters carry unions of names, so that a typo is a red
 * squiggle and tab completes the right ones, in an editor and in a notebook cell (TypeScript 5.0.4, not strict).
 */
import type { ModelSettings, SettingAxes, SettingRoot, SettingValues } from "../../ablation/index.js";
import type {
  EpnetOptions,
  Feature,
  FeatureName,
  PpnetOptions,
  PresetName,
  Tower,
  TrainOptions,
} from "../../builder/index.js";
import type { CustomLayer, GroupName, ModelSpec, SwitchesSpec } from "../../spec/index.js";
import type { DatasetSource } from "../data/index.js";
import type { ChartOutput, DisplayBundle } from "../output/index.js";
import type { Run } from "../run/index.js";
import type { AblationOptions, Study } from "../study/index.js";
import type { ExportTorchEasyRecOptions, TorchEasyRecExport } from "../torcheasyrec/index.js";
import type { EstimateOptions, EstimateResult } from "../training/estimate/index.js";
import type { FitOptions } from "../training/index.js";
import type { LearningRateOptions, LearningRateResult } from "../training/learning-rate/index.js";

/** A name that is not among those taken; where it is, the error says so. Names that are not literal are let through. */
export type Once<N extends string, Taken extends string> = string extends Taken
  ? N
  : N extends Taken
    ? `'${N}' is there already`
    : N;

/** Arguments of a step that needs the group `W`; without it, the error says what is missing. */
export type Needs<G extends string, W extends string, Arguments extends unknown[]> = W extends G
  ? Arguments
  : [missing: `add .group("${W}", [...]) first`];

/** The domain column, the first time; the second time, the error says so. */
export type DomainColumn<C extends string, G extends string> = string extends G
  ? C
  : "domains()" extends G
    ? ".domains(…) was called already"
    : C;

/** A variant of one's own: the model changed by its own steps. */
export type ModelChange<F extends string, L extends string, G extends string, T extends string> = (
  model: Model<F, L, G, T>,
) => AnyModel;

/**
 * What a study varies, `N` being the names that are written: lists of values under a setting's path, and functions under
 * names of one's own. A path that is no setting of the model is an error that says so; names that are only known when
 * the code runs are checked then.
 */
export type Variants<N extends string, F extends string, L extends string, G extends string, T extends string> = {
  readonly [K in N]: string extends K
    ? readonly unknown[] | ModelChange<F, L, G, T> | undefined
    : K extends keyof ModelSettings<F, T>
      ? readonly ModelSettings<F, T>[K][]
      : K extends `${SettingRoot}.${string}`
        ? `the model has no setting '${K}'`
        : ModelChange<F, L, G, T>;
} & SettingAxes<F, T> & { readonly [name: string]: readonly unknown[] | ModelChange<F, L, G, T> | undefined };

/** One variant of a list: settings with a value each, and a change and a name of one's own. */
export type ListedVariantOf<F extends string, L extends string, G extends string, T extends string> = SettingValues<
  F,
  T
> & {
  /** What the study calls it. Default: its settings. */
  readonly name?: string;
  /** Steps that no setting names. */
  readonly change?: ModelChange<F, L, G, T>;
};

/**
 * A PEPNet under construction or complete. Immutable: each step returns a new model.
 *
 * `F`: features; `L`: labels; `G`: groups (and `"domains()"` once they are set); `T`: towers. `any` for all of them
 * ({@link AnyModel}, as opening a config gives) lets every name through to the checks at run time, which all steps make.
 *
 * @example
 * const model = pepnet()
 *   .features(idFeature("user_id").buckets(1000).embedding(16), idFeature("scene").buckets(3).embedding(16))
 *   .labels("clk")
 *   .group("domain", ["scene"])
 *   .epnet()
 *   .domains("scene", 3)
 *   .tower("ctr", (t) => t.label("clk").mlp(64, 32).bce().auc());
 */
export interface Model<F extends string, L extends string, G extends string, T extends string> {
  /** The model as frozen data: what everything else is a function of. */
  readonly spec: ModelSpec;
  /** Adds features. */
  features<M extends string>(...features: readonly Feature<Once<M, F>>[]): Model<F | M, L, G, T>;
  /** Adds labels (TorchEasyRec `label_fields`). */
  labels<M extends string>(...names: readonly Once<M, L>[]): Model<F, L | M, G, T>;
  /** Adds columns that weigh rows in a tower's loss, for `t.sampleWeight(name)`. */
  sampleWeights(...names: readonly string[]): Model<F, L, G, T>;
  /** Names the features of a group: `all` feeds the model (every feature, unless named), `domain` EPNet, `uia` PPNet. */
  group<N extends GroupName>(name: Once<N, G>, features: readonly FeatureName<F>[]): Model<F, L, G | N, T>;
  /**
   * Adds a layer of your own between the embeddings and EPNet, written in TF.js with `layer(…)` of `pepnet/nn`; see
   * docs/engine.md. It is compiled like the rest; `toConfig()` refuses it by its name.
   */
  layer(layer: CustomLayer): Model<F, L, G, T>;
  /** EPNet: a gate over all embeddings, fed by the `domain` group. */
  epnet(...options: Needs<G, "domain", [options?: EpnetOptions]>): Model<F, L, G, T>;
  /** PPNet: hidden layers per task with a gate each, fed by the `uia` group. */
  ppnet(...options: Needs<G, "uia", [options: PpnetOptions]>): Model<F, L, G, T>;
  /** A tower per domain: the value of `column` (an id feature with as many buckets) picks it. Count, or names to show. */
  domains<C extends FeatureName<F>>(
    column: DomainColumn<C, G>,
    domains: number | readonly string[],
  ): Model<F, L | C, G | "domains()", T>;
  /** Adds a task. */
  tower<N extends string>(name: Once<N, T>, build: (tower: Tower<L, F>) => Tower<L, F>): Model<F, L, G, T | N>;
  /** Sets how the model is trained; what is left out stays as it was. */
  train(options: TrainOptions): Model<F, L, G, T>;
  /** Turns on what TorchEasyRec lacks, or gates off. */
  switches(switches: Partial<SwitchesSpec>): Model<F, L, G, T>;
  /** `paper`: the paper's gate placement; `torcheasyrec`: every switch off. */
  preset(name: PresetName): Model<F, L, G, T>;
  /**
   * Trains, with a live chart in a notebook. Where no validation rows are given, a random tenth is held out; an
   * interrupt returns what there is by then.
   *
   * Throws a SpecError where the model is not complete, a DataError where the data do not fit it (both name every
   * fault at once), a TrainError where the loss is no longer a number.
   *
   * @example
   * const run = await model.fit(await dataset("train.parquet"), { validation: await dataset("test.parquet") });
   * const dry = await model.fit(data, { steps: 20 });
   */
  fit(data: DatasetSource, options?: FitOptions): Promise<Run<Model<F, L, G, T>>>;
  /**
   * Trains a throwaway copy for a few steps (100) while the learning rate grows (from 1e-5 to 1), and suggests a rate;
   * the model itself does not change. It stops where the loss diverges.
   *
   * Throws a SpecError where the range or the model is not sound, a DataError where the data do not fit the model.
   *
   * @example
   * const found = await model.findLearningRate(data, { from: 1e-5, to: 1 });
   * found.suggestion;
   */
  findLearningRate(data: DatasetSource, options?: LearningRateOptions): Promise<LearningRateResult>;
  /**
   * Estimates training time and memory on this machine from a short run (about ten seconds); the tables and parameters
   * that a cluster would hold; and whether it fits, fits slowly, or needs a cluster. Evaluations are not counted.
   *
   * Throws a SpecError if the model is not complete or neither data nor `rows` are given, a DataError if the data do not
   * fit the model.
   *
   * @param data rows to measure on, of which the first few batches are read; default (or `null`): made-up rows
   *
   * @example
   * const found = await model.estimate(data, { rows: 100_000_000 });
   * found.verdict;          // "fits", "slow" or "move"
   * found.total.value;      // seconds, between found.total.low and found.total.high
   * await model.estimate(null, { rows: 100_000_000 });
   */
  estimate(data?: DatasetSource | null, options?: EstimateOptions): Promise<EstimateResult>;
  /**
   * Trains variants of the model, and the model itself, over several seeds, and says which of them differ beyond noise:
   * mean paired differences with intervals that are corrected for the number of comparisons, from seeds and evaluation
   * rows; docs/ablations.md says how. Settings by their path with lists of values, functions by a name of your own; or a
   * list of variants. Runs are kept on disk: the same study again costs seconds, one more value its own runs.
   *
   * An interrupt compares what is done. Throws a SpecError for a setting that the model lacks, a DataError where the data
   * do not fit a variant, a TrainError where the model itself diverges; a variant that does is a note.
   *
   * @example
   * const study = await model.ablate(train, {
   *   variants: {
   *     "epnet.gamma": [1, 4],
   *     "switches.epnet": [false],
   *     "one more task": (m) => m.tower("extra", (t) => t.label("clk").mlp(64).bce()),
   *   },
   *   design: "one-at-a-time",
   *   validation,
   *   seeds: 5,
   * });
   * const listed = [{ "epnet.gamma": 1, "ppnet.gamma": 4, name: "gammas apart" }];
   * await model.ablate(train, { variants: listed, budget: "10m" });
   */
  ablate<N extends string>(
    data: DatasetSource,
    options: AblationOptions & {
      /** Lists of values by a setting's path, and functions by a name of your own; or a list of variants. */
      readonly variants: Variants<N, F, L, G, T> | readonly ListedVariantOf<F, L, G, T>[];
    },
  ): Promise<Study>;
  /** The model as TorchEasyRec config text. Throws a ConfigError that names each switch TorchEasyRec lacks. */
  toConfig(): string;
  /**
   * Writes a folder that TorchEasyRec trains as it is: `pipeline.config`, rows as Parquet in the form that its reader
   * wants, `train.sh` for 1 to N workers, and how the result comes back; docs/torcheasyrec.md. Rows are read, encoded
   * and written part by part.
   *
   * Throws a ConfigError that names each switch TorchEasyRec lacks, a DataError for rows that do not fit the model (with
   * file, row and column) and for a folder that holds something already; then nothing is written.
   *
   * @example
   * await model.exportTorchEasyRec("logs/*.parquet", { folder: "out/cluster", validation: "test.parquet" });
   */
  exportTorchEasyRec(data: DatasetSource, options: ExportTorchEasyRecOptions): Promise<TorchEasyRecExport>;
  /**
   * The model as a figure: groups of features, EPNet's gate on the embeddings, PPNet's layers with their gates, towers by
   * task and domain, losses with their task space; what is switched off is dotted. Hovering shows shapes, the table every
   * block with its input, output and parameters. It needs no data, and a model that is not complete yet is drawn, too.
   *
   * @example
   * model.diagram();
   * model.preset("paper").diagram(); // the gates in front of the layers
   */
  diagram(): ChartOutput;
  /** Modules, parameters, FLOPs a row and what is worth a warning, for the notebook; `diagram()` draws the model. */
  bundle(): Promise<DisplayBundle>;
}

/** A model whatever its names: what functions over models take, and what opening a config gives. */
// biome-ignore lint/suspicious/noExplicitAny: `any` alone lets each model in, and each name through to the run-time checks
export type AnyModel = Model<any, any, any, any>;
