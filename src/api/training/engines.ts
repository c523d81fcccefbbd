/** The engines of trainings and runs: which one, on how many threads, and when it ends. */
import { availableParallelism } from "node:os";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { Engine, EngineName, EngineOptions, Weights } from "../../core/engine/engine.js";
import { groupSize } from "../../core/engine/threads.js";
import { EngineError, type Problem, SpecError } from "../../core/errors/index.js";
import { assertFits } from "../../core/nn/plan/memory.js";
import { modelSize } from "../../core/nn/plan/size.js";
import { type ComboFeatureSpec, type IdFeatureSpec, tableRows } from "../../core/spec/feature/feature.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { type TableUse, tableUses } from "../../core/spec/sizes.js";
import type { EarlyStopping, TrainLoopOptions } from "../../core/train/loop/early-stopping.js";
import type { UserMetrics } from "../../core/train/measure/user-metrics.js";
import type { NewDomains } from "../../core/train/saved/new-domains.js";
import type { ParameterMap } from "../../core/train/saved/weights.js";
import { availableMemory } from "../../core/util/machine.js";
import { didYouMean, listNames } from "../../core/util/names.js";
import { type Handling, Pool, Pooled } from "../../core/util/pooled.js";
import { grouped } from "../../core/util/text.js";
import { nextTurn } from "../../core/util/turns.js";
import type { VariantGroup } from "../../lab/ablation/study.js";
import { type DatasetSource, dataset } from "../data/dataset.js";
import type { AnyName, Fixed } from "../names.js";
import type { CheckpointOptions } from "./checkpoints.js";

/** @throws SpecError if a model exceeds the memory, EngineError if the engine fails, DataError for bad files */
export async function openEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const { resolveVocabularies } = await import("../../core/data/encode/vocabulary.js");
  await nextTurn(); // modules load concurrently, engine and data one after the other
  const { createEngine } = await import("../../core/engine/create-engine.js");
  await nextTurn();
  const resolved = resolveVocabularies(spec);
  assertFits(resolved, availableMemory());
  return createEngine(resolved, options);
}

/** The largest group of a study's variants that fits into a lane's part of the memory; `null`: each trains alone. */
export async function variantGroup(spec: ModelSpec, { engine, threads, lanes }: Lanes): Promise<VariantGroup | null> {
  const { resolveVocabularies } = await import("../../core/data/encode/vocabulary.js");
  const { compiledPlan, groupKey } = await import("../../core/engine/compiled/compile-plan.js");
  const most = engine === "compiled" ? groupSize(spec, threads) : 0;
  const key = most === 0 ? null : await groupKey(compiledPlan(resolveVocabularies(spec)));
  return key === null ? null : { key, size: Math.min(most, enginesThatFit([spec], lanes)) };
}

/** Where a study's runs train. @param engine, threads of each run @param lanes runs or groups at once */
export interface Lanes {
  readonly engine: EngineName;
  readonly threads: number;
  readonly lanes: number;
}

/** One run per core; fewer if their embeddings would fill half of the memory, or engines share the main thread. */
export async function studyLanes(
  specs: readonly ModelSpec[],
  { engine: name, threads = 1, parallel }: EngineChoice & { readonly parallel?: number },
): Promise<Lanes> {
  const { defaultEngine } = await import("../../core/engine/compiled/onnxruntime.js");
  const engine = name ?? defaultEngine().name;
  const usual = Math.min(Math.floor(availableParallelism() / threads), enginesThatFit(specs, 1));
  return { engine, threads, lanes: parallel ?? (engine === "compiled" ? Math.max(1, usual) : 1) };
}

/** Bytes per embedding weight during training: the weight, and up to two optimiser slots. */
const bytesPerEmbedding = 12;

/** The number of engines whose embeddings fill half of a lane's part of the memory. */
function enginesThatFit(specs: readonly ModelSpec[], lanes: number): number {
  const largest = Math.max(...specs.map((spec) => modelSize(spec).embeddingParameters));
  return Math.floor(availableMemory() / 2 / lanes / (largest * bytesPerEmbedding + 1));
}

export type RunEngine = Pooled<Engine>;

/** Number of running engines: two runs that are compared, and two used before. */
const engines = new Pool(4);

export function runEngine(engine: Engine, threads: number | undefined): Promise<RunEngine> {
  return Pooled.of(engines, handling(threads), engine);
}

export function laterRunEngine(open: () => Promise<Engine>, threads: number | undefined): RunEngine {
  return Pooled.later(engines, handling(threads), open);
}

function handling(threads: number | undefined): Handling<Engine> {
  return {
    async putAway(engine) {
      const weights = await engine.weights();
      await engine.dispose();
      return () => reopened(engine, weights, threads);
    },
    free: (engine) => engine.dispose(),
    freed: () =>
      new EngineError({
        path: "run",
        message: "the run was disposed of",
        expected: "a run with its weights; results computed before are still valid",
        fix: "keep the run until the last call, or save it first: await run.save(folder); await loadRun(folder)",
      }),
  };
}

/** Opens the same engine again: for the resolved model, even if its files have changed since. */
async function reopened({ name, spec }: Engine, weights: Weights, threads: number | undefined): Promise<Engine> {
  const { createEngine } = await import("../../core/engine/create-engine.js");
  const options: EngineOptions = { engine: name, weights, threads };
  return createEngine(spec, options);
}

/** Vectors by id. */
export interface StartingVectors {
  readonly from: DatasetSource;
  /** The column of ids, written as in the feature's column. */
  readonly id: string;
  /** The column of vectors: lists of as many numbers as the feature's embedding dim. */
  readonly vector: string;
}

/** Vectors by feature. `F`: features. */
export type FeatureVectors<F extends string = string> = { readonly [Feature in F]?: StartingVectors };

/** The tables of ids that a feature's vectors fit: those of WIDE groups have another width. */
function vectorTables(spec: ModelSpec): readonly TableUse[] {
  return tableUses(spec).filter(({ feature, dim }) => feature.kind !== "raw" && dim === feature.embeddingDim);
}

/** @throws SpecError for a feature that does not exist or has no values to look up, and for weights besides vectors */
export function assertVectors(
  spec: ModelSpec,
  { vectors = {}, weights }: { readonly vectors?: FeatureVectors; readonly weights?: unknown },
): void {
  const names = [...new Set(vectorTables(spec).map(({ feature }) => feature.name))];
  const problems = Object.keys(vectors).flatMap((name): Problem[] => {
    if (names.includes(name)) return [];
    const message = "vectors for a feature without an embedding of ids";
    const expected = names.length === 0 ? "an id feature" : `one of ${listNames(names)}`;
    return [{ path: `fit: vectors.${name}`, message, received: name, expected, fix: didYouMean(name, names) }];
  });
  if (weights !== undefined && Object.keys(vectors).length > 0) {
    const message = "the weights would replace the vectors";
    problems.push({ path: "fit: vectors", message, expected: "either weights or vectors", fix: "remove one of them" });
  }
  if (problems.length > 0) throw new SpecError(problems);
}

/** Opens an engine whose tables start from vectors. @param note receives a sentence per feature, and on a slow engine */
export async function openWithVectors(
  spec: ModelSpec,
  options: EngineOptions,
  vectors: FeatureVectors | undefined,
  note: (text: string) => void,
): Promise<Engine> {
  const engine = await openEngine(spec, options);
  if (options.engine === undefined) {
    const { defaultEngine } = await import("../../core/engine/compiled/onnxruntime.js");
    const { note: reason } = defaultEngine();
    if (reason !== null) note(reason);
  }
  if (vectors === undefined) return engine;
  try {
    for (const text of await startFromVectors(engine, spec, vectors)) note(text);
    return engine;
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

async function startFromVectors(engine: Engine, spec: ModelSpec, vectors: FeatureVectors): Promise<string[]> {
  const { resolveVocabularies } = await import("../../core/data/encode/vocabulary.js");
  const { vectorRows } = await import("../../core/data/vector-rows.js");
  const { loadWeights } = await import("../../core/train/saved/weights.js");
  const { features } = resolveVocabularies(spec);
  const weights = new Map(await engine.weights());
  const notes: string[] = [];
  for (const [name, starting] of Object.entries(vectors)) {
    if (starting === undefined) continue;
    const { from, id, vector } = starting;
    const feature = features.find((each) => each.name === name) as IdFeatureSpec | ComboFeatureSpec;
    const rows = await vectorRows(feature, (await dataset(from)).table, { id, vector });
    for (const { parameter } of vectorTables(spec).filter((use) => use.feature.name === name)) {
      const { shape, data } = weights.get(parameter)!;
      const filled = data.slice();
      for (const [row, values] of rows.vectors) filled.set(values, row * feature.embeddingDim);
      weights.set(parameter, { shape, data: filled });
    }
    const rest = rows.unknown === 0 ? "" : `; ${grouped(rows.unknown)} vectors are of ids that the feature lacks`;
    notes.push(
      `feature "${name}": ${grouped(rows.vectors.size)} of ${grouped(tableRows(feature)!)} rows start from vectors${rest}`,
    );
  }
  await loadWeights(engine, weights);
  return notes;
}

/** The engine to compute with. */
export interface EngineChoice {
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores), 1 for small steps. */
  readonly threads?: number;
}

/**
 * Options of `fit`, in addition to the model's `.train(…)`. `T`: towers; `D`: domains; `F`: features; `K`: your own metrics;
 * `V`: validation rows.
 */
export interface FitOptions<
  T extends string = AnyName,
  D extends string = AnyName,
  F extends string = AnyName,
  K extends string = AnyName,
  V = DatasetSource | null | undefined,
> extends EngineChoice,
    Pick<TrainLoopOptions, "onNonFinite" | "signal" | "onStep" | "onEvaluation" | "onProgress"> {
  /** Your own metrics by name, measured at every evaluation; a run keeps the values. */
  readonly metrics?: UserMetrics<K>;
  /** Rows to evaluate on. Default: holds out a random 10% of the data. `null`: none. */
  readonly validation?: V;
  /** Stop after this number of optimiser steps, for a dry run. Overrides the spec. */
  readonly steps?: number;
  /** Passes over the data. Overrides the spec. Default: the spec's, or up to 10 by the number of rows. */
  readonly epochs?: number;
  readonly seed?: number;
  /**
   * Train this number of models with seeds from `seed` on, on the same rows. The run is one model, several times as
   * wide, whose logits are their mean: its AUC is mostly 0.002 to 0.015 higher. Default: 1.
   */
  readonly seeds?: number;
  /**
   * Stop when the validation AUC stops improving, or another `monitor`, and keep the best weights. `true`:
   * patience 2. Default: only if neither the model nor the options set epochs or steps.
   */
  readonly earlyStopping?: boolean | EarlyStopping<T, D, Fixed<K>>;
  /**
   * Default: about four per run, at least one per epoch. With early stopping also at the quarters of a first epoch of
   * fewer than 100 steps; these evaluations do not count as worse.
   */
  readonly evaluationsPerEpoch?: number;
  /**
   * Start from these weights instead of random ones: the folder of a saved run, a safetensors file with TorchEasyRec's
   * parameter names such as the one in that folder, or the result of `run.weights()`.
   */
  readonly weights?: string | Weights;
  /** The name in `weights` that each parameter starts from, or `null` to initialise it; see {@link ParameterMap}. */
  readonly weightMap?: ParameterMap;
  /**
   * Domains that the training of `weights` did not have, and the domain from which each starts: its towers and its rows in
   * the tables of the domain. Several: their mean. `null`: initial values. See {@link NewDomains}.
   */
  readonly newDomains?: NewDomains<Fixed<D>>;
  /**
   * Continue the optimizers of a TorchEasyRec training beside its `weights`: the optimizer.safetensors that
   * convert_weights.py writes. Moments, step count and schedules continue; rows and epochs count from the start. Or
   * those of a training here: the folder of its `checkpoints`, for both options.
   */
  readonly optimizer?: string;
  /**
   * Start the embeddings of id features from vectors by id, such as another model's, and train them further:
   * `{ item_id: { from: "vectors.parquet", id: "item_id", vector: "embedding" } }`. A resumed run has its own.
   */
  readonly vectors?: FeatureVectors<F>;
  /** Save checkpoints in this folder; `{ folder, existing: "resume" }` resumes the run in it. */
  readonly checkpoints?: string | CheckpointOptions;
  /** Threads of the matrix products. Default: min(2, cores), 1 for small steps, or those of the resumed run. */
  readonly threads?: number;
  /**
   * Write event files for TensorBoard in this folder, and its `eval_val`, under TorchEasyRec's tags. A folder shows its
   * last training: a resumed one continues, and a new one replaces what was there. With `seeds`: folders in it.
   */
  readonly tensorboard?: string;
  /**
   * Record gates at every evaluation in `run.gatesHistory`, on 1,000 or this number of rows. Default: false.
   * `conflicts: true`: also those of `run.conflicts(validation)`, which takes about 20 times as long as predicting 16,384 rows;
   * `false` (or `gates: false`): also skips the measurement early in the training, which costs about a tenth of it.
   */
  readonly gates?: boolean | { readonly rows?: number; readonly conflicts?: boolean };
  /**
   * Fit a logistic regression on the same rows and features, whose AUC evaluations show beside the model's. Default:
   * one that takes at most about a fifth of the training's work, on fewer rows if necessary, with a note; none if the
   * training is shorter than an epoch. `true`: on all rows, to its minimum.
   */
  readonly floor?: boolean;
  /**
   * Take the run of an equal training from the cache folder if one has finished before, and store this one there: a
   * notebook that runs again trains nothing. A changed row, option, model or version trains again. Default: false.
   */
  readonly cache?: boolean;
  readonly quiet?: boolean;
}

/** Outputs start at the labels' rates if the model says so. */
export async function startOutputs(engine: Engine, rows: EncodedRows): Promise<void> {
  if (engine.spec.training.outputBias !== "rate") return;
  const { startAtRates } = await import("../../core/train/output-bias.js");
  await startAtRates(engine, rows);
}
