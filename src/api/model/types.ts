/** The fluent model's types. Type parameters hold unions of names, so that editors and cells flag typos. */

import type { Feature } from "../../core/builder/feature.js";
import type { Label } from "../../core/builder/learning-rates.js";
import type { FeatureName, Tower } from "../../core/builder/tower.js";
import type { EpnetOptions, GroupOptions, PpnetOptions, PresetName } from "../../core/builder/with-modules.js";
import type { TrainOptions } from "../../core/builder/with-training.js";
import type { ModelLayer } from "../../core/spec/layer.js";
import type { GroupName, SwitchesSpec } from "../../core/spec/model.js";
import type { ModelSettings, SettingAxes, SettingRoot, SettingValues } from "../../lab/ablation/settings.js";
import type { ChangeName } from "../../lab/gates/interventions.js";
import type { ColumnsOf, DatasetSource, ModelLike } from "../data/dataset.js";
import type { ExportTorchEasyRecOptions, TorchEasyRecExport } from "../export.js";
import type { AnyName, NamedSpec, Names, ReferenceColumns, StudyNames } from "../names.js";
import type { ChartOutput, DisplayBundle } from "../result.js";
import type { Run } from "../run/run.js";
import type { PlannedStudy, PlanOptions } from "../study/plan.js";
import type { Study } from "../study/study.js";
import type { TransferMap, TransferOptions } from "../study/transfer.js";
import type { AblationOptions } from "../study/variants.js";
import type { DailyTraining } from "../training/daily-training.js";
import type { DomainLaunch } from "../training/domain-launch.js";
import type { FitOptions } from "../training/engines.js";
import type { EstimateOptions, EstimateResult } from "../training/estimate.js";
import type { FitDaysOptions } from "../training/fit-days.js";
import type { LaunchOptions } from "../training/launch.js";

/** A name that is not used yet; a used one is a type error with a message. Non-literal names are accepted. */
export type Once<N extends string, Taken extends string> = string extends Taken
  ? N
  : N extends Taken
    ? `'${N}' is there already`
    : N;

/** Arguments of a step that needs the group `W`; without it, the type error names the missing group. */
export type Needs<G extends string, W extends string, Arguments extends unknown[]> = W extends G
  ? Arguments
  : [missing: `add .group("${W}", [...]) first`];

/** The domain column on the first call; a second call is a type error. */
export type DomainColumn<C extends string, G extends string> = string extends G
  ? C
  : "domains()" extends G
    ? ".domains(…) was called already"
    : C;

/** In place of the names of domains, for the compiler's errors. */
export type NoDomains = "add .domains(…) first";

/** A custom variant: a function that changes the model by its steps. */
export type ModelChange<
  F extends string,
  L extends string,
  G extends string,
  T extends string,
  D extends string = AnyName,
> = (model: Model<F, L, G, T, D>) => ModelLike;

/**
 * The variants of a study: lists of values by setting path, and functions by name; `N`: the names in the code. A path
 * that is not a setting of the model is a type error; names that are known only at run time are checked then.
 */
export type Variants<
  N extends string,
  F extends string,
  L extends string,
  G extends string,
  T extends string,
  D extends string = AnyName,
> = {
  readonly [K in N]: string extends K
    ? readonly unknown[] | ModelChange<F, L, G, T, D> | undefined
    : K extends keyof ModelSettings<F, T>
      ? readonly ModelSettings<F, T>[K][]
      : K extends `${SettingRoot}.${string}`
        ? `the model has no setting '${K}'`
        : ModelChange<F, L, G, T, D>;
} & SettingAxes<F, T> & { readonly [name: string]: readonly unknown[] | ModelChange<F, L, G, T, D> | undefined };

/** One variant of a list: settings with one value each, an optional change and a name. */
export type ListedVariantOf<
  F extends string,
  L extends string,
  G extends string,
  T extends string,
  D extends string = AnyName,
  Name extends string = string,
> = SettingValues<F, T> & {
  /** The variant's name in the study. Default: its settings. */
  readonly name?: Name;
  /** A change by the model's steps, beyond settings. */
  readonly change?: ModelChange<F, L, G, T, D>;
};

/** The path of a setting, as variants name it. */
type SettingPath = `${SettingRoot}.${string}`;

/** The names of a study's variants: those of functions, and of settings their path and value, such as `epnet.gamma 4`. */
type VariantName<N extends string> = N extends SettingPath ? `${N} ${string}` : N;

/** The names of a run of a model that was trained on rows with the columns `C`. */
export type NamesOfRun<F extends string, T extends string, D extends string, C extends string> = {
  readonly feature: Names<F>;
  readonly tower: Names<T>;
  readonly domain: Names<D>;
  readonly column: C;
  readonly change: ChangeName<Names<D>>;
  readonly references: ReferenceColumns<Names<T>>;
};

/** Names of the variants of a list: their own, or their settings; any text if types do not know a name. */
type ListedName<Name extends string> = [Name] extends [never]
  ? string
  : string extends Name
    ? string
    : Name | `${string} (${number})` | `${string}.${string} ${string}`;

/** The names of a study of the variants `V`, which varies the settings `P`. */
export type NamesOfVariants<V extends string, T extends string, D extends string, P extends string = string> = {
  readonly variant: V;
  readonly tower: Names<T>;
  readonly domain: Names<D>;
  readonly setting: P;
};

/** The names of a study of variants with the names `N`, or of a list of variants named `Listed` (`N` is then any text). */
export type NamesOfStudy<N extends string, Listed extends string, T extends string, D extends string> = NamesOfVariants<
  "the model" | (string extends N ? ListedName<Listed> : VariantName<N>),
  T,
  D,
  string extends N ? string : Extract<N, SettingPath>
>;

/** The names of a study of `model.transfer`. */
export type NamesOfTransfer<T extends string, D extends string> = NamesOfVariants<
  "the model" | "all others" | `others than ${string}` | Names<D> | `half of ${Names<D>}`,
  T,
  D
>;

/** A registered study whose variants are checked against the model's settings. */
export interface PlannedStudyOf<
  F extends string,
  L extends string,
  G extends string,
  T extends string,
  D extends string = AnyName,
  N extends StudyNames = StudyNames,
> extends Omit<PlannedStudy<N>, "explore"> {
  /** {@link PlannedStudy.explore}. A path that is not a setting of the model is a type error. */
  explore<V extends string, Listed extends string = never>(
    variants: Variants<V, F, L, G, T, D> | readonly ListedVariantOf<F, L, G, T, D, Listed>[],
  ): Promise<Study<NamesOfStudy<V, Listed, T, D>>>;
}

/**
 * A PEPNet under construction or complete. Immutable: each step returns a new model.
 *
 * `F`: features; `L`: labels; `G`: groups (and `"domains()"` once they are set); `T`: towers; `D`: domains. `any` for all of them
 * ({@link AnyModel}, as for opened configs) leaves all names to the run-time checks of each step.
 * @example
 * const model = pepnet()
 *   .features(idFeature("user_id").buckets(1000).embedding(16), idFeature("scene").buckets(3).embedding(16))
 *   .labels("clk")
 *   .group("domain", ["scene"])
 *   .epnet()
 *   .domains("scene", 3)
 *   .tower("ctr", (t) => t.label("clk").mlp(64, 32).bce().auc());
 */
export interface Model<
  F extends string,
  L extends string,
  G extends string,
  T extends string,
  D extends string = AnyName,
> {
  /** The model as frozen data; everything else is a function of it. */
  readonly spec: NamedSpec<Names<F>, Names<L>, Names<T>, Names<D>>;
  /** Adds features. */
  features<M extends string>(...features: readonly Feature<Once<M, F>>[]): Model<F | M, L, G, T, D>;
  /** Adds labels (TorchEasyRec `label_fields`): columns, or rules such as `label("like").from("rating").above(3)`. */
  labels<M extends string>(...names: readonly (Once<M, L> | Label<Once<M, L>>)[]): Model<F, L | M, G, T, D>;
  /** Adds columns with row weights for a tower's loss, for `t.sampleWeight(name)`. */
  sampleWeights(...names: readonly string[]): Model<F, L, G, T, D>;
  /**
   * Names the features of a group: `all` feeds the model (every feature, unless named), `domain` EPNet, `uia` PPNet.
   * Behaviour sequences add the results of their encoders: `{ sequences: [din("clicks", { … })] }`.
   */
  group<N extends GroupName>(
    name: Once<N, G>,
    features: readonly FeatureName<F>[],
    options?: GroupOptions<F>,
  ): Model<F, L, G | N, T, D>;
  /** Adds a layer before EPNet: `crossNetwork()` or `layer(…)` of `pepnet/nn`; see docs/engine.md. `toConfig()` then throws. */
  layer(layer: ModelLayer): Model<F, L, G, T, D>;
  /** The model without the layer of this name. Throws a SpecError if it has none. */
  withoutLayer(name: string): Model<F, L, G, T, D>;
  /** EPNet: a gate over all embeddings, fed by the `domain` group. */
  epnet(...options: Needs<G, "domain", [options?: EpnetOptions]>): Model<F, L, G, T, D>;
  /** PPNet: hidden layers per task with a gate each, fed by the `uia` group. */
  ppnet(...options: Needs<G, "uia", [options: PpnetOptions]>): Model<F, L, G, T, D>;
  /** A tower per domain, selected by a feature or label with the values 0 … n − 1. `domains`: their count or names. */
  domains<C extends FeatureName<F> | L, N extends string = `${C}=${number}`>(
    column: DomainColumn<C, G>,
    domains: number | readonly N[],
  ): Model<F, L | C, G | "domains()", T, N>;
  /** Adds a task. */
  tower<N extends string>(name: Once<N, T>, build: (tower: Tower<L, F>) => Tower<L, F>): Model<F, L, G, T | N, D>;
  /** Sets training options; omitted ones keep their values. */
  train(options: TrainOptions): Model<F, L, G, T, D>;
  /** Turns on features that TorchEasyRec lacks, or turns gates off. */
  switches(switches: Partial<SwitchesSpec>): Model<F, L, G, T, D>;
  /** `paper`: the paper's gate placement; `torcheasyrec`: every switch off. */
  preset(name: PresetName): Model<F, L, G, T, D>;
  /**
   * The model without its other features, such as those that carry nothing (`run.importance`). Throws a SpecError for
   * an unknown feature, and for one that the domain, a gate, a sequence encoder or a metric needs.
   * @example model.keep(["user_id", "item_id", "scene"]);
   */
  keep<K extends FeatureName<F>>(features: readonly K[]): Model<Extract<F, K>, L, G, T, D>;
  /**
   * The same model with fitted features: the vocabularies, means, deviations and boundaries that `.vocab()`,
   * `.zscore()` and `.quantiles(…)` compute from rows. `fit` does this on its training rows, so call it only to look at
   * the values, or to write them (`toConfig()`). Features that are fitted already do not change. Throws a DataError
   * that lists every column that is missing, constant or without values.
   * @param rows training rows; never rows to evaluate on
   * @example
   * const fitted = await model.fitFeatures(train);
   * fitted.toConfig();
   */
  fitFeatures(rows: DatasetSource): Promise<Model<F, L, G, T, D>>;
  /**
   * Trains, with a live chart in a notebook. Without validation rows, holds out a random 10%; an interrupt returns the
   * run as trained so far. Throws a SpecError if the model is incomplete, a DataError if the data do not fit it (both
   * list all errors), a TrainError if the loss is not finite.
   * @example
   * const run = await model.fit(await dataset("train.parquet"), { validation: await dataset("test.parquet") });
   * const dry = await model.fit(data, { steps: 20 });
   */
  fit<S extends DatasetSource, V extends DatasetSource | null | undefined = undefined, K extends string = never>(
    data: S,
    options?: FitOptions<T, D, F, K, V>,
  ): Promise<Run<Model<F, L, G, T, D>, NamesOfRun<F, T, D, ColumnsOf<S> | ColumnsOf<V, never>>>>;
  /**
   * Trains day by day: up to a day, measures on the next, and repeats this. Side by side: `warm` continues with weights and
   * optimizers, `afresh` trains from the start weights on the last days (`window`), `frozen` is the first model. The log
   * needs the role time; users with a role make the intervals. An interrupt returns the days so far.
   * Throws a DataError for a log without times or with only one day, and durations that do not fit it; a SpecError for
   * a model without a binary task, or with a length in steps; otherwise what `fit` throws.
   * @example
   * const log = await data.roles({ user: "user_id", item: "item_id", time: "ts" });
   * const days = await model.fitDays(log, { every: "1d", start: "7d" });
   * days.sentences;   // what follows, one sentence each
   * await days.chart("ageing");
   */
  fitDays<S extends DatasetSource>(
    log: S,
    options?: FitDaysOptions<ColumnsOf<S> | F>,
  ): Promise<DailyTraining<{ readonly tower: Names<T>; readonly domain: Names<D> }>>;
  /**
   * Launches a domain: trains without its rows, then starts it from each other domain's towers, from a fresh tower on
   * top of the layers that the others trained, and from initial values. Each start is trained on its first 0, 300,
   * 1,000, 3,000 … rows and evaluated on its later rows. Reports which start is best, and from how many rows its own
   * tower pays, each only beyond the noise of users and of trainings. With the role time the first rows are the first
   * in time. An interrupt returns the finished trainings. Throws a DataError for an unknown domain, and one without rows or
   * of one class; a SpecError for a model without two domains with their own towers, or without a binary task; else
   * what `fit` throws.
   * @example
   * const launch = await model.launch(train, { domain: "live" });
   * launch.sentences;   // what follows, one sentence each
   * const grown = await model.fit("first-week.parquet", { weights: "runs/first", newDomains: { live: "feed" } });
   */
  launch<S extends DatasetSource>(
    train: S,
    options: LaunchOptions<D, ColumnsOf<S> | F>,
  ): Promise<DomainLaunch<{ readonly tower: Names<T>; readonly domain: Names<D> }>>;
  /**
   * Estimates training time and memory on this machine from a short run (about ten seconds), and the size of tables and
   * parameters on a cluster; reports whether the model fits, fits slowly, or needs a cluster. Evaluations are not
   * counted. Throws a SpecError if the model is not complete or neither data nor `rows` are given, a DataError if the
   * data do not fit the model.
   * @param data rows to measure on, of which the first few batches are read; default (or `null`): generated rows
   * @example
   * const found = await model.estimate(data, { rows: 100_000_000 });
   * found.verdict;          // "fits", "slow" or "move"
   * found.total.value;      // seconds, between found.total.low and found.total.high
   * await model.estimate(null, { rows: 100_000_000 });
   */
  estimate(data?: DatasetSource | null, options?: EstimateOptions): Promise<EstimateResult>;
  /**
   * Trains variants of the model, and the model itself, over several seeds, and reports which of them differ beyond
   * noise: mean paired differences with intervals corrected for the number of comparisons, from seeds and evaluation
   * rows; see docs/ablations.md. Pass lists of values by setting path and functions by name, or a list of variants.
   * Runs are cached on disk: repeating a study takes seconds, and another value trains only its own runs. An interrupt
   * compares the finished runs. Throws a SpecError for an unknown setting, a DataError if the data do not fit a
   * variant, a TrainError if the model itself diverges; a diverging variant is a note.
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
  ablate<S extends DatasetSource, N extends string, Listed extends string = never>(
    data: S,
    options: AblationOptions<T, D, ColumnsOf<S> | F> & {
      readonly variants: Variants<N, F, L, G, T, D> | readonly ListedVariantOf<F, L, G, T, D, Listed>[];
    },
  ): Promise<Study<NamesOfStudy<N, Listed, T, D>>>;
  /**
   * What domains learn from each other: trains the model on all rows, and separate models for parts of the domains:
   * each domain alone, and each without the rows of one other. The differences by domain, with intervals over trainings
   * and users, show which rows help, harm, or do neither by more than `matters` (default: 0.002). Runs are cached as
   * those of {@link ablate}; default: five seeds. Throws a SpecError for a model with fewer than two domains.
   * @example
   * const map = await model.transfer(train, { validation, user: "user_id", together: [["feed", "live"]] });
   */
  transfer<S extends DatasetSource>(
    data: S,
    options?: TransferOptions<T, D, ColumnsOf<S> | F>,
  ): Promise<TransferMap<NamesOfTransfer<T, D>>>;
  /**
   * Registers a study before its first run: writes its question, variants, seeds and a hash of the data to `plan.json`
   * in `folder`. `plan.run()` runs it, and its report states the plan; `plan.explore({ … })` looks at more, marked as
   * exploratory. The same call opens the plan again, for example after the process was killed.
   * Throws a SpecError that lists every difference if the folder has another plan or the data have changed, a DataError
   * if the plan was changed on disk, and what `ablate` throws.
   * @example
   * const plan = await model.plan(train, {
   *   question: "Does EPNet help clicks?",
   *   variants: { "switches.epnet": [false] },
   *   matters: 0.002,
   *   seeds: 5,
   *   folder: "studies/epnet",
   * });
   * const study = await plan.run();
   */
  plan<S extends DatasetSource, N extends string, Listed extends string = never>(
    data: S,
    options: PlanOptions<T, D, ColumnsOf<S> | F> & {
      readonly variants: Variants<N, F, L, G, T, D> | readonly ListedVariantOf<F, L, G, T, D, Listed>[];
    },
  ): Promise<PlannedStudyOf<F, L, G, T, D, NamesOfStudy<N, Listed, T, D>>>;
  /** The model as TorchEasyRec config text. Throws a ConfigError that names each switch that TorchEasyRec lacks. */
  toConfig(): string;
  /**
   * Writes a folder that TorchEasyRec can train unchanged: `pipeline.config`, rows as Parquet in its reader's format,
   * `train.sh` for 1 to N workers, and instructions for loading the result; see docs/torcheasyrec.md. Rows are read,
   * encoded and written in chunks. TorchEasyRec does not stop early: the model of a run (`run.model`) is written with
   * the steps that the run kept, any other model with its configured steps or with a guess; the result's `notes` say
   * which. Throws a ConfigError that names each switch that TorchEasyRec lacks, a DataError for rows that do not fit
   * the model (with file, row and column) or if the folder is not empty; then writes nothing.
   * @example await run.model.exportTorchEasyRec("logs/*.parquet", { folder: "out/cluster", validation: "test.parquet" });
   */
  exportTorchEasyRec(data: DatasetSource, options: ExportTorchEasyRecOptions): Promise<TorchEasyRecExport>;
  /**
   * The model as a figure: groups of features, EPNet's gate on the embeddings, PPNet's layers with their gates, towers
   * by task and domain, losses with their task space; disabled parts are dotted. Hovering shows shapes; the table lists
   * every block with its input, output and parameters. Needs no data, and also draws an incomplete model.
   * @example
   * model.diagram();
   * model.preset("paper").diagram(); // the gates in front of the layers
   */
  diagram(): ChartOutput;
  /** Modules, parameters, FLOPs per row and warnings, for the notebook; `diagram()` draws the model. */
  bundle(): Promise<DisplayBundle>;
}

/** A model with any names: for functions over models and for opened configs. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` accepts every model; steps check names at run time
export type AnyModel = Model<any, any, any, any, any>;
