/** What a study varies, and its other options. */

import { withExperts, withModelPerDomain, withoutGates, withStar } from "../../core/builder/baselines.js";
import { SpecError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { EarlyStopping } from "../../core/train/loop/early-stopping.js";
import { stringLiteral } from "../../core/util/code-text.js";
import type { StudyPlan } from "../../lab/ablation/ablate.js";
import type { SpecChange, WantedVariant } from "../../lab/ablation/design.js";
import type { StudyMetric } from "../../lab/ablation/statistics/metric-draws.js";
import type { Matters } from "../../lab/ablation/statistics/verdict.js";
import type { RunSettings } from "../../lab/ablation/train-run.js";
import type { DatasetSource, ModelLike } from "../data/dataset.js";
import type { UserOptions } from "../run/options.js";
import type { EngineChoice } from "../training/engines.js";

/** One variant of a list: settings by path, a change, a name. */
export type ListedVariant = Readonly<Record<string, unknown>>;

/** Lists of values by path, and functions by name; or a list of variants. */
export type WrittenVariants =
  | Readonly<Record<string, readonly unknown[] | ModelFunction | undefined>>
  | readonly ListedVariant[];

/** A change of a model. */
export type ModelFunction = (model: never) => ModelLike;

export type AsModel = (spec: ModelSpec) => ModelLike;

export async function wantedVariants(
  written: WrittenVariants,
  design: "grid" | "one-at-a-time",
  asModel: AsModel,
): Promise<WantedVariant[]> {
  if (Array.isArray(written)) return written.map((variant) => listedVariant(variant, asModel));
  const { wantedVariants: combined } = await import("../../lab/ablation/design.js");
  const axes = Object.entries(written).flatMap(([name, values]): [string, readonly unknown[] | SpecChange][] => {
    if (values === undefined) return [];
    return [[name, typeof values === "function" ? specChange(values, asModel) : settingValues(name, values)]];
  });
  return combined(Object.fromEntries(axes), design); // keeps a setting named __proto__ as a plain key
}

function listedVariant({ name, change, ...settings }: ListedVariant, asModel: AsModel): WantedVariant {
  return {
    settings,
    name: name === undefined ? undefined : String(name),
    change: change === undefined ? undefined : specChange(change as ModelFunction, asModel),
  };
}

function settingValues(path: string, values: unknown): readonly unknown[] {
  if (Array.isArray(values)) return values;
  throw new SpecError({
    path: `ablate: ${path}`,
    message: "a setting's values must be a list",
    received: JSON.stringify(values),
    expected: `{ ${stringLiteral(path)}: [${JSON.stringify(values)}] }`,
  });
}

/** A change that does not return a model is rejected when it is applied. */
function specChange(change: ModelFunction, asModel: AsModel): SpecChange {
  return (spec) => (change as (model: ModelLike) => ModelLike | undefined)(asModel(spec))?.spec as ModelSpec;
}

/** A change of a model to one to compare it with. */
export type Baseline = (model: ModelLike) => ModelLike;

/** Options of {@link mmoe}. */
export interface MmoeOptions {
  /** Number of experts. Default: 4. */
  readonly experts?: number;
}

/**
 * The model without gates: embeddings that domains and tasks share, and separate layers and towers for each task. Its
 * gates are worth the gain of PEPNet over this model.
 * @example await model.ablate(train, { variants: { "shared bottom": sharedBottom() } });
 */
export function sharedBottom(): Baseline {
  return ({ spec }) => ({ spec: withoutGates(spec) });
}

/**
 * A separate model for each domain, without gates, trained on that domain's rows. The loss of this model shows what
 * domains learn from each other. Each may take as many steps as the model on all rows. A study trains it; its runs have
 * no curves. Throws a SpecError if the model has no domains.
 * @example await model.ablate(train, { variants: { "a model a domain": singleDomain() } });
 */
export function singleDomain(): Baseline {
  return ({ spec }) => ({ spec: withModelPerDomain(spec) });
}

/**
 * MMoE (Ma et al., KDD 2018): each task mixes layers that all tasks share (the experts, each of the sizes of PPNet's
 * layers) by a softmax over the embeddings. Dropout applies to the mixture. Throws a SpecError if the model has no
 * PPNet.
 */
export function mmoe({ experts = 4 }: MmoeOptions = {}): Baseline {
  return ({ spec }) => ({ spec: withExperts(spec, { kind: "mmoe", experts }) });
}

/** Options of {@link ple}. */
export interface PleOptions extends MmoeOptions {
  /** Number of experts of each task alone. Default: 1. */
  readonly taskExperts?: number;
}

/**
 * PLE (Tang et al., RecSys 2020) with one level of extraction: as {@link mmoe}, but each task mixes the shared experts
 * (default: 2) with its own experts. Throws a SpecError if the model has no PPNet.
 */
export function ple({ experts = 2, taskExperts = 1 }: PleOptions = {}): Baseline {
  return ({ spec }) => ({ spec: withExperts(spec, { kind: "ple", experts, taskExperts }) });
}

/** Options of {@link star}. */
export interface StarOptions {
  /** Hidden units of the auxiliary network. Default: 32. */
  readonly auxiliary?: number;
}

/**
 * STAR (Sheng et al., CIKM 2021): one network per domain, with the sizes of PPNet's layers and the tower. Each weight is the
 * product of one that domains share and the domain's (1 before training), each bias their sum. The input passes a
 * partitioned norm, with the mean and variance of the domain's rows. An auxiliary network that sees the input and the
 * domain adds to the logit. Layers have the tower's activation and norms. Throws a SpecError if the model has no domains.
 */
export function star({ auxiliary = 32 }: StarOptions = {}): Baseline {
  return ({ spec }) => ({ spec: withStar(spec, auxiliary) });
}

/**
 * A baseline under its name, as a list of variants has it. A type alias: an interface could have members that a list of
 * variants of a model with any names does not know, so the compiler would refuse it there.
 */
export type NamedBaseline<Name extends string = string> = {
  readonly name: Name;
  readonly change: Baseline;
};

/** Names of baselines. In an interface, because compiler errors would show the name of a type alias instead of the names. */
export interface BaselineNames {
  readonly any: "shared bottom" | "MMoE, 4 experts" | "PLE, 2 + 1 experts" | "STAR" | "a model a domain";
}

/** The names of {@link baselines}. */
export type BaselineName = BaselineNames["any"];

/**
 * The usual baselines: {@link sharedBottom}, {@link mmoe}, {@link ple} and, with domains, {@link star} and
 * {@link singleDomain}.
 */
export function baselines(model: ModelLike): readonly NamedBaseline<BaselineName>[] {
  const shared: readonly NamedBaseline<BaselineName>[] = [
    { name: "shared bottom", change: sharedBottom() },
    { name: "MMoE, 4 experts", change: mmoe() },
    { name: "PLE, 2 + 1 experts", change: ple() },
  ];
  if (model.spec.domains === null) return shared;
  return [...shared, { name: "STAR", change: star() }, { name: "a model a domain", change: singleDomain() }];
}

/** Seeds until a variant is settled: different from the model, or equivalent to it. */
export interface SeedLimit {
  readonly atMost: number;
}

/** Options of a study. `T`: towers; `D`: domains; `U`: columns, and features that read one. */
export interface AblationOptions<T extends string = string, D extends string = string, U extends string = string>
  extends EngineChoice,
    UserOptions<U> {
  /** Rows to evaluate every variant on. Default: a random 10% of the data, held out once for all variants. */
  readonly validation?: DatasetSource;
  /**
   * Number of seeds, or a list of seeds, for every variant. `{ atMost: 20 }`: looks at the runs after 3, 5, 8 … seeds
   * and stops the variants that are settled. Default: `{ atMost: 8 }`; with a `budget`, the number that fits.
   * Two or three seeds can show only large differences.
   */
  readonly seeds?: number | readonly number[] | SeedLimit;
  /**
   * Number of seeds for the model itself, at least two more than `seeds`. Every comparison contains the model's mean, so
   * a study of many variants gains most from these runs. Needs a fixed number or list of at least four seeds.
   */
  readonly modelSeeds?: number;
  /** `grid` (default): every combination of values; `one-at-a-time`: each value alone. Lists are unchanged. */
  readonly design?: "grid" | "one-at-a-time";
  /** Time limit: `"90s"`, `"10m"`, `"1.5h"` or seconds. Settled variants stop early; notes list what was left out. */
  readonly budget?: string | number;
  /**
   * Towers of the tasks to compare; intervals are corrected for these tasks alone, and looks stop when they are settled.
   * Default: all. Runs measure every task, so asking about others later trains nothing.
   */
  readonly tasks?: readonly T[];
  /** The metric to compare, for tasks that have it. Default: AUC; log loss or squared error for other tasks. */
  readonly metric?: StudyMetric;
  /**
   * The smallest difference that matters to you, such as `0.002`, or one by metric: `{ auc: 0.002, logLoss: 0.001 }`.
   * Verdicts are then better, worse, equivalent (smaller than this, either way) or undecided.
   */
  readonly matters?: Matters;
  /** Joint coverage of all intervals of the study. Default: 0.95. */
  readonly level?: number;
  /** Bootstrap draws of the validation rows. Default: 200. */
  readonly draws?: number;
  /**
   * Stop each run when its AUC on half of the validation rows stops improving. `true`: patience 2. The other half compares.
   * Default: only if the model sets neither epochs nor steps.
   */
  readonly earlyStopping?: boolean | EarlyStopping<T, D, never>;
  /** Points of the curves. Default: about four per run. */
  readonly evaluationsPerEpoch?: number;
  /** Keep finished runs on disk, and reuse them. Default: true. */
  readonly cache?: boolean;
  /** Threads per run. Default: 1, which has the highest throughput; another number changes the last bits of results. */
  readonly threads?: number;
  /** Concurrent runs; results do not depend on it. Default: one per core. */
  readonly parallel?: number;
  /** Ends the study, which then compares the finished runs. In a notebook an interrupt does the same. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each run. */
  readonly onRun?: (run: StudyProgress) => void;
  readonly quiet?: boolean;
}

/** A finished run, and the study's progress. */
export interface StudyProgress {
  readonly variant: string;
  readonly seed: number;
  readonly kept: boolean;
  readonly done: number;
  readonly planned: number;
}

export interface StudyRequest extends AblationOptions, Pick<StudyPlan, "domainShare">, Pick<RunSettings, "ownLength"> {
  readonly variants: WrittenVariants;
}
