/** What the main thread and the worker of a compiled engine say to each other. */
import type { EncodedData } from "../../../data/encoded/index.js";
import {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  PepnetError,
  type Problem,
  SpecError,
  TrainError,
} from "../../../errors/index.js";
import type { Plan, ProgramName } from "../../../nn/plan/index.js";
import type { Called, Replied } from "../../../util/threads/called-thread.js";
import type { Exchange } from "../../core/crew/exchange.js";
import type { ModelArrays } from "../../core/weights/model-arrays.js";
import type { EngineState, GateOverride, Weights } from "../../engine.js";
import type { SessionProgram } from "../onnx/ort-session.js";

/** What a worker is started with. */
export interface WorkerStart {
  readonly plan: Plan;
  readonly seed: number;
  /** Threads of its matrix products. */
  readonly threads: number;
  readonly rank: number;
  /** How many workers train the model. */
  readonly size: number;
  /** The first worker makes the arrays, from given weights or from the seed; the others are handed them. */
  readonly arrays: ModelArrays | { readonly given: Weights | null };
  /** See `control.ts`. */
  readonly control: Int32Array;
}

/** Requests that are answered. A batch names data that was sent before. */
export type Call =
  | { readonly kind: "start"; readonly start: WorkerStart }
  | { readonly kind: "program"; readonly name: ProgramName; readonly program: SessionProgram }
  | { readonly kind: "step"; readonly data: number; readonly rows: Int32Array; readonly epoch: number }
  /** Where the workers show each other their gradients from now on: one makes it, the others are handed it. */
  | { readonly kind: "makeExchange"; readonly rows: number }
  | { readonly kind: "exchange"; readonly exchange: Exchange }
  | {
      readonly kind: "predict" | "gates" | "embeddings" | "gradients";
      readonly data: number;
      readonly rows: Int32Array;
    }
  | {
      readonly kind: "probe";
      readonly data: number;
      readonly rows: Int32Array;
      readonly overrides: readonly GateOverride[];
    }
  /** `clear`: the engine is done; the worker lets go of everything. */
  | { readonly kind: "weights" | "state" | "clear" }
  | { readonly kind: "restore"; readonly state: EngineState };

/** Messages without an answer. Data is sent once: its arrays are shared memory. */
export type Notice =
  | { readonly keep: number; readonly data: EncodedData }
  | { readonly forget: number }
  | { readonly end: true };

/** Main thread to worker. */
export type Request = Called<Call> | Notice;

/** Worker to main thread. */
export type Reply = Replied<unknown, Failure>;

/** An error on its way between threads. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly problems: readonly Problem[] | null;
}

/** Packs an error. */
export function packError(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined, problems: null };
  const problems = error instanceof PepnetError ? error.problems : null;
  return { name: error.name, message: error.message, stack: error.stack, problems };
}

const families = { CheckpointError, ConfigError, DataError, EngineError, PepnetError, SpecError, TrainError };

/** The same error again, of its own class. */
export function unpackError({ name, message, stack, problems }: Failure): Error {
  if (problems !== null) return new (families[name as keyof typeof families] ?? PepnetError)(problems);
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
