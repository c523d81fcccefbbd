/** How to fit, beside what the model's `.train(…)` says. */
import type { EngineName, Weights } from "../../engine/index.js";
import type { EarlyStopping, OnNonFinite, ParameterMap, TrainLoopOptions } from "../../train/index.js";
import type { DatasetSource } from "../data/index.js";
import type { CheckpointOptions } from "./checkpoints.js";

/** How to fit, beside what the model's `.train(…)` says. */
export interface FitOptions {
  /** Rows to evaluate on. Default: a random tenth of the data is held out. `null`: none. */
  readonly validation?: DatasetSource | null;
  /** Stop after so many optimiser steps, for a dry run, whatever the spec says. */
  readonly steps?: number;
  /** Passes over the data, whatever the spec says. */
  readonly epochs?: number;
  /** Whatever the spec says. */
  readonly seed?: number;
  /** Stop when the validation AUC gets no better, and keep the best weights. `true`: patience 2. */
  readonly earlyStopping?: boolean | EarlyStopping;
  /** Default: about four in the run, at least one an epoch. */
  readonly evaluationsPerEpoch?: number;
  /**
   * Start from these weights instead of random ones: a safetensors file under TorchEasyRec's parameter names, such as
   * `run.exportWeights(path)` writes, the folder of a saved run, or what `run.weights()` gives.
   */
  readonly weights?: string | Weights;
  /** Which of `weights` each parameter starts from: another name, or `null` to start anew; see {@link ParameterMap}. */
  readonly weightMap?: ParameterMap;
  /** Save what training can go on from, in this folder; `{ folder, existing: "resume" }` goes on with what is there. */
  readonly checkpoints?: string | CheckpointOptions;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Threads of the matrix products. Default: min(2, cores), or those that a resumed run began with. */
  readonly threads?: number;
  /** A step whose loss is not a finite number is never applied: `stop` (default) with an error, or `skip` it. */
  readonly onNonFinite?: OnNonFinite;
  /** Aborts training; what there is by then is returned. In a notebook an interrupt does this by itself. */
  readonly signal?: AbortSignal;
  /** Called while training, at most every 250 ms. */
  readonly onProgress?: TrainLoopOptions["onProgress"];
  /**
   * Follow the gates: their statistics at every evaluation, on 1,000 rows of the validation data or as many as asked
   * for, in `run.gatesHistory`. Default: false.
   */
  readonly gates?: boolean | { readonly rows: number };
  /** No live chart. */
  readonly quiet?: boolean;
}
