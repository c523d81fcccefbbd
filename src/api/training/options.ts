import type { EngineName, Weights } from "../../engine/index.js";
import type { EarlyStopping, OnNonFinite, ParameterMap, TrainLoopOptions } from "../../train/index.js";
import type { DatasetSource } from "../data/index.js";
import type { CheckpointOptions } from "./checkpoints.js";
import type { FeatureVectors } from "./engines.js";

/** Options of `fit`, in addition to the model's `.train(…)`. */
export interface FitOptions {
  /** Rows to evaluate on. Default: holds out a random 10% of the data. `null`: none. */
  readonly validation?: DatasetSource | null;
  /** Stop after this number of optimiser steps, for a dry run. Overrides the spec. */
  readonly steps?: number;
  /** Passes over the data. Overrides the spec. Default: the spec's, or up to 10 by the number of rows. */
  readonly epochs?: number;
  readonly seed?: number;
  /**
   * Stop when the validation AUC stops improving, and keep the best weights. `true`: patience 2. Default: only if
   * neither the model nor the options set epochs or steps.
   */
  readonly earlyStopping?: boolean | EarlyStopping;
  /** Default: about four per run, at least one per epoch. */
  readonly evaluationsPerEpoch?: number;
  /**
   * Start from these weights instead of random ones: a safetensors file with TorchEasyRec's parameter names, as written
   * by `run.exportWeights(path)`, the folder of a saved run, or the result of `run.weights()`.
   */
  readonly weights?: string | Weights;
  /** The name in `weights` that each parameter starts from, or `null` to initialise it; see {@link ParameterMap}. */
  readonly weightMap?: ParameterMap;
  /**
   * Start the embeddings of id features from vectors by id, such as another model's, and train them further:
   * `{ item_id: { from: "vectors.parquet", id: "item_id", vector: "embedding" } }`. A resumed run has its own.
   */
  readonly vectors?: FeatureVectors;
  /** Save checkpoints in this folder; `{ folder, existing: "resume" }` resumes the run in it. */
  readonly checkpoints?: string | CheckpointOptions;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores), or those of the resumed run. */
  readonly threads?: number;
  /** A step whose loss is not a finite number is never applied: `stop` (default) with an error, or `skip` it. */
  readonly onNonFinite?: OnNonFinite;
  readonly signal?: AbortSignal;
  /** Called during training, at most every 250 ms. */
  readonly onProgress?: TrainLoopOptions["onProgress"];
  /** Record gates at every evaluation in `run.gatesHistory`, on 1,000 or this number of rows. Default: false. */
  readonly gates?: boolean | { readonly rows: number };
  readonly quiet?: boolean;
}
