/** The interface of engines, with the weights, outputs, gates and gradients that they return. */
import type { Batch } from "../data/encoded/encoded.js";
import type { ModelSpec } from "../spec/model.js";

/** `compiled`: the traced program on onnxruntime; the others run TF.js eagerly on that backend. */
export type EngineName = "compiled" | "tfjs-node" | "wasm" | "cpu";

/** A dense array with its shape. */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights by TorchEasyRec's parameter names (Linear weights [out, in]), including embedding tables and buffers. */
export type Weights = ReadonlyMap<string, Weight>;

/** The losses of one step, before its update. */
export interface StepResult {
  readonly loss: number;
  /** Losses by `{loss kind}_{tower}`, TorchEasyRec's names. */
  readonly taskLosses: Readonly<Record<string, number>>;
  /** The weights of these losses in the step, if it chose them (`lossWeights: "pareto"`); `loss` is their plain sum. */
  readonly lossWeights?: Readonly<Record<string, number>>;
  /** Of towers with train metrics, in the batch's row order; absent: there are none. */
  readonly predictions?: readonly TowerOutput[];
  /** Norm of all dense gradients together, before clipping: at every tenth step, else `null`. */
  readonly gradientNorm: number | null;
}

/** The learning rates of a step: of `sparse` (embeddings), `dense`, and each part optimiser by its pattern. */
export type LearningRates = Readonly<Record<string, number>>;

/** A tower's output for each row's domain, in the batch's row order. */
export interface TowerOutput {
  readonly tower: string;
  /** [rows, numClass] of logits (`y` for l2_loss). */
  readonly logits: Float32Array;
  /** [rows, numClass] of probabilities: sigmoid or softmax; the logits themselves for l2_loss. */
  readonly probabilities: Float32Array;
}

/** The place of a gate. */
export interface GateSite {
  /** EPNet's gate over embeddings, or one of PPNet's over a hidden layer. */
  readonly module: "epnet" | "ppnet";
  readonly tower: string | null;
  /** Hidden layer of PPNet, 0 for EPNet. */
  readonly layer: number;
  readonly units: number;
  readonly gamma: number;
}

/** Gate values [rows, units], in the batch's row order. */
export interface GateValues extends GateSite {
  /** [rows, units], row after row; 0 … gamma. */
  readonly values: Float32Array;
}

/** The weights of a sequence encoder's positions, in the batch's row order. */
export interface AttentionValues {
  readonly encoder: string;
  readonly positions: number;
  /** `[rows, positions]`; meaningless after a row's last position. */
  readonly values: Float32Array;
}

/** The gradient of a part of the model. */
export interface GradientPart {
  readonly kind: "gate" | "backbone";
  /** `tower`: the task's towers of all domains; `embeddings`: the `all` group's; `layer`: custom layers. */
  readonly module: "epnet" | "ppnet" | "tower" | "embeddings" | "layer";
  readonly tower: string | null;
  /** PPNet's, from 0. */
  readonly layer: number | null;
  /** Size of the gradient: the part's number of parameters; for `embeddings`, rows × columns. */
  readonly size: number;
  readonly norm: number;
}

/** The gradient from a module's gates into one of their inputs. */
export interface GradientPath {
  readonly module: "epnet" | "ppnet";
  /** The main input (embeddings), or the prior (domain, or user and item). */
  readonly input: "main" | "prior";
  /** Whether the model stops this gradient: then the norm is exactly 0. */
  readonly stopped: boolean;
  /** Euclidean norm of the gradient with respect to that input, through this path alone. */
  readonly norm: number;
}

/** Gradients of the loss on some rows. */
export interface Gradients {
  readonly parts: readonly GradientPart[];
  /** One entry per module and input: the gradients through the gates. */
  readonly paths: readonly GradientPath[];
  /** By dense parameter, in its shape; one that no row used is missing. */
  readonly dense: ReadonlyMap<string, Float32Array>;
  /**
   * Sums of squares by column: of the groups' inputs, `query.{view}` and `sequence.{view}` of sequences, gates' paths.
   */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** By task, with its weight: the mean over the batch. */
  readonly losses: readonly number[];
  /** By embedding table; none unless asked for. */
  readonly tables: ReadonlyMap<string, TableGradient>;
}

/** The gradient of a table: `values` are [rows.length, dim]; of a row that occurs twice, their sum. */
export interface TableGradient {
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** What to take the gradients of. Default: the whole loss, without tables. */
export interface GradientChoice {
  /** The place of a task, whose loss alone counts; `null`: all losses. */
  readonly task: number | null;
  /** Whether to return the gradients of embedding tables too. */
  readonly tables: boolean;
}

/** A replacement for some units of a gate: a counterfactual. */
export interface GateOverride extends Pick<GateSite, "module" | "tower" | "layer"> {
  /** `[units]`: whether the unit is overridden; `null`: all are. */
  readonly where: readonly boolean[] | null;
  /** One value for all units; [units] for every row; or [units] by domain, by each row's domain. */
  readonly values: number | ArrayLike<number> | readonly ArrayLike<number>[];
}

/** Gammas for one call: gates are scaled without compiling again. Gammas that the model trains are unchanged. */
export interface GateGammas {
  /** The gamma of EPNet's gates. Default: the model's. */
  readonly epnet?: number;
  /** The gamma of PPNet's gates, in all towers and layers. Default: the model's. */
  readonly ppnet?: number;
}

/** A batch for calls that do not train. */
export interface ReadBatch extends Batch {
  /** Default: the model's. */
  readonly gammas?: GateGammas;
}

/** Optimiser state and step count, for exact resumption: arrays by name. */
export interface EngineState {
  readonly step: number;
  /** The training weights; a moving average is among the slots. */
  readonly weights: Weights;
  /** By `{weight}.{slot}`: optimisers' moments, `gradient_sum` of accumulated gradients, `ema` averages. */
  readonly slots: Weights;
}

/** How to open an engine. */
export interface EngineOptions {
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Seed of initial weights and dropout. Default: the spec's training seed. */
  readonly seed?: number;
  /** Threads of the matrix products. Default: min(2, cores), 1 for small steps. */
  readonly threads?: number;
  /** Start from these instead of random weights; every parameter must be present, with its shape. */
  readonly weights?: Weights;
  /** Its place beside other variants. Default: an engine with separate threads. */
  readonly place?: EnginePlace | undefined;
  /** Whether it will train and predict: compiled engines then compile these programs in advance. Default: false. */
  readonly prepare?: boolean;
}

/** One of the places of a group whose engines train together; others wait for it until it is closed. */
export interface EnginePlace {
  /** The number of places in its group. */
  readonly engines: number;
  /** Opens the engine that takes it. @throws EngineError if the program cannot be compiled */
  open(spec: ModelSpec, seed: number): Promise<Engine>;
  /** Leaves the group; an engine leaves it when it is disposed of. */
  close(): Promise<void>;
}

/** A running model. Calls are queued: each starts after the previous one has ended. */
export interface Engine {
  readonly name: EngineName;
  /** Number of threads that share a step. Another number rounds differently. Eager engines have one. */
  readonly threads: number;
  readonly spec: ModelSpec;
  readonly steps: number;
  /** Runs one optimiser step on a batch; learning rates follow the spec's schedules. */
  step(batch: Batch, epoch: number): Promise<StepResult>;
  /**
   * Trains on batches of the same data, one step per batch. Ends at a step whose loss is not finite, which is then the last
   * result.
   */
  train(batches: readonly Batch[], epoch: number): Promise<readonly StepResult[]>;
  /**
   * Predicts rows, without dropout.
   * @throws EngineError for an override of an unknown gate, or of another number of units
   */
  predict(batch: ReadBatch, overrides?: readonly GateOverride[]): Promise<readonly TowerOutput[]>;
  /** Gate values of rows. */
  gates(batch: ReadBatch): Promise<readonly GateValues[]>;
  /** Returns the weights of positions, without dropout, of each sequence encoder that weights them. */
  attention(batch: ReadBatch): Promise<readonly AttentionValues[]>;
  /** Returns the gradients of the batch's loss, without dropout; does not train. */
  gradients(batch: ReadBatch, choice?: GradientChoice): Promise<Gradients>;
  /**
   * Returns a copy of the weights for predictions: with `training.emaDecay`, the moving averages, unless
   * `use_dense_ema` is false.
   */
  weights(): Promise<Weights>;
  /** The state of the optimisers, for checkpoints. */
  state(): Promise<EngineState>;
  /** Continues from a saved state. */
  restore(state: EngineState): Promise<void>;
  /** Waits for the current call, then frees everything. */
  dispose(): Promise<void>;
}
