/** What an engine is: it holds the weights of one model, takes optimiser steps, predicts and shows its gates. */
import type { Batch } from "../data/encoded/index.js";
import type { ModelSpec } from "../spec/index.js";

/** `compiled`: the traced program on onnxruntime; the others run TF.js eagerly on that backend. */
export type EngineName = "compiled" | "tfjs-node" | "wasm" | "cpu";

/** A dense array with its shape. */
export interface Weight {
  /** Its dimensions; a Linear weight is [out, in]. */
  readonly shape: readonly number[];
  /** The numbers, row after row. */
  readonly data: Float32Array;
}

/** Weights by TorchEasyRec's parameter names (Linear weights [out, in]), embedding tables and buffers included. */
export type Weights = ReadonlyMap<string, Weight>;

/** The losses of one step, before its update. */
export interface StepResult {
  /** Sum of the weighted task losses. */
  readonly loss: number;
  /** By `{loss kind}_{tower}`, as TorchEasyRec names them. */
  readonly taskLosses: Readonly<Record<string, number>>;
  /** Norm of all dense gradients together, before they are clipped: at every tenth step, else `null`. */
  readonly gradientNorm: number | null;
}

/** A tower's output for each row's own domain, in the batch's row order. */
export interface TowerOutput {
  /** Name of the task's tower. */
  readonly tower: string;
  /** [rows, numClass] of logits (`y` for l2_loss). */
  readonly logits: Float32Array;
  /** [rows, numClass] of probabilities: sigmoid or softmax; the logits themselves for l2_loss. */
  readonly probabilities: Float32Array;
}

/** Where a gate sits. */
export interface GateSite {
  /** EPNet's gate over embeddings, or one of PPNet's over a hidden layer. */
  readonly module: "epnet" | "ppnet";
  /** PPNet's tower; `null` for EPNet. */
  readonly tower: string | null;
  /** Hidden layer of PPNet, 0 for EPNet. */
  readonly layer: number;
  /** Units of the gate. */
  readonly units: number;
  /** The largest value it can take. */
  readonly gamma: number;
}

/** Gate values [rows, units], in the batch's row order. */
export interface GateValues extends GateSite {
  /** [rows, units], row after row; 0 … gamma. */
  readonly values: Float32Array;
}

/** What EPNet is given and what it gives, [rows, dim], in the batch's row order. */
export interface EmbeddingValues {
  /** Width of the group `all`: the features' embeddings side by side. */
  readonly dim: number;
  /** `[rows, dim]`: what EPNet is given. */
  readonly before: Float32Array;
  /** `[rows, dim]`: `before` times EPNet's gate. */
  readonly after: Float32Array;
}

/** The gradient that reaches a part of the model. */
export interface GradientPart {
  /** Whether the part is a gate, or what gates act on. */
  readonly kind: "gate" | "backbone";
  /** `tower`: the task's towers of all domains; `embeddings`: the `all` group's; `layer`: layers of the user's own. */
  readonly module: "epnet" | "ppnet" | "tower" | "embeddings" | "layer";
  /** `null`: of all tasks. */
  readonly tower: string | null;
  /** PPNet's, from 0. */
  readonly layer: number | null;
  /** Numbers that the gradient is of: the part's parameters; of `embeddings`, rows × columns. */
  readonly size: number;
  /** Euclidean norm. */
  readonly norm: number;
}

/** What flows back from a module's gates into an input that they read. */
export interface GradientPath {
  /** Whose gates the gradient comes through. */
  readonly module: "epnet" | "ppnet";
  /** The main input (embeddings), or the prior (domain, or user and item). */
  readonly input: "main" | "prior";
  /** Whether the model stops it: then the norm is 0, exactly. */
  readonly stopped: boolean;
  /** Euclidean norm of the gradient with regard to that input, by this path alone. */
  readonly norm: number;
}

/** Gradients of the loss on a batch. */
export interface Gradients {
  /** One a gate, tower and group of embeddings. */
  readonly parts: readonly GradientPart[];
  /** One a module and input: how much flows back through the gates. */
  readonly paths: readonly GradientPath[];
}

/** What stands in for some units of a gate: a counterfactual. */
export interface GateOverride extends Pick<GateSite, "module" | "tower" | "layer"> {
  /** `[units]`: whether the unit is overridden; `null`: all are. */
  readonly where: readonly boolean[] | null;
  /** One value for all units; [units] for every row; or [units] by domain, each row taking its own domain's. */
  readonly values: number | ArrayLike<number> | readonly ArrayLike<number>[];
}

/** Optimiser state and step count, for exact resumption: arrays by name. */
export interface EngineState {
  /** Optimiser steps taken. */
  readonly step: number;
  /** The trained weights; where a moving average is kept, it is among the slots. */
  readonly weights: Weights;
  /** By `{weight}.{slot}`: optimisers' moments, `gradient_sum` of accumulated gradients, `ema` averages. */
  readonly slots: Weights;
}

/** A choice of engine. */
export interface EngineOptions {
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Seeds initial weights and dropout. Default: the spec's training seed. */
  readonly seed?: number;
  /** Threads of the matrix products. Default: min(2, cores). */
  readonly threads?: number;
  /** Start from these instead of random weights; every parameter must be there, with its shape. */
  readonly weights?: Weights;
  /** It will train and predict: compiled engines begin with these programs before they are asked. Default: false. */
  readonly prepare?: boolean;
}

/** A running model. Calls are queued: each begins when the one before it has ended. */
export interface Engine {
  /** What runs it. */
  readonly name: EngineName;
  /** Threads that share a step's sums. Another number rounds differently. The eager engines have one. */
  readonly threads: number;
  /** The model that it runs. */
  readonly spec: ModelSpec;
  /** Optimiser steps taken. */
  readonly steps: number;
  /** One optimiser step on a batch; learning rates follow the spec's schedules. */
  step(batch: Batch, epoch: number): Promise<StepResult>;
  /**
   * Every tower's output, without dropout; with `overrides`, what it would be with these gate values.
   * @throws EngineError for an override of a gate that is not there, or of another number of units
   */
  predict(batch: Batch, overrides?: readonly GateOverride[]): Promise<readonly TowerOutput[]>;
  /** Every gate's values, without dropout. */
  gates(batch: Batch): Promise<readonly GateValues[]>;
  /** The embeddings before and after EPNet; `null` where EPNet does not act. */
  embeddings(batch: Batch): Promise<EmbeddingValues | null>;
  /** The gradients of the batch's loss, without dropout; nothing is learnt. */
  gradients(batch: Batch): Promise<Gradients>;
  /**
   * A copy of the weights that predictions and gates are computed with: where `training.emaDecay` is set, the moving
   * averages of what the dense optimiser trains, as TorchEasyRec evaluates and exports (unless
   * `eval_config { use_dense_ema: false }`).
   */
  weights(): Promise<Weights>;
  /** A copy of everything that training goes on from. */
  state(): Promise<EngineState>;
  /** Goes back to a state taken from an engine of the same spec. */
  restore(state: EngineState): Promise<void>;
  /** Waits for the running call, then frees everything. */
  dispose(): Promise<void>;
}
