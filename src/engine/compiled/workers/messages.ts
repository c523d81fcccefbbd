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
import type { Exchange, Room } from "../../core/crew/exchange.js";
import type { ModelArrays } from "../../core/weights/model-arrays.js";
import type { EngineState, GateGammas, GateOverride, Weights } from "../../engine.js";
import type { SessionProgram } from "../onnx/ort-session.js";

export interface WorkerStart {
  readonly plan: Plan;
  readonly seed: number;
  readonly threads: number;
  readonly rank: number;
  readonly size: number;
  /** The first worker creates the arrays from given weights or the seed; the others receive them. */
  readonly arrays: ModelArrays | { readonly given: Weights | null };
  readonly control: Int32Array;
}

export type BatchKind = "predict" | "gates" | "embeddings" | "attention" | "gradients";

/** Requests with an answer. A batch refers to data that was sent before. */
export type Call =
  | { readonly kind: "start"; readonly start: WorkerStart }
  | { readonly kind: "program"; readonly name: ProgramName; readonly program: SessionProgram }
  | { readonly kind: "step"; readonly data: number; readonly rows: Int32Array; readonly epoch: number }
  /** The exchange memory for gradients from now on: one worker creates it, the others receive it. */
  | { readonly kind: "makeExchange"; readonly room: Room }
  | { readonly kind: "exchange"; readonly exchange: Exchange }
  | {
      readonly kind: BatchKind;
      readonly data: number;
      readonly rows: Int32Array;
      readonly gammas: GateGammas | undefined;
    }
  | {
      readonly kind: "probe";
      readonly data: number;
      readonly rows: Int32Array;
      readonly overrides: readonly GateOverride[];
      readonly gammas: GateGammas | undefined;
    }
  /** `clear`: the engine is disposed; the worker releases everything. */
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

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly problems: readonly Problem[] | null;
}

export function packError(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined, problems: null };
  const problems = error instanceof PepnetError ? error.problems : null;
  return { name: error.name, message: error.message, stack: error.stack, problems };
}

const families = { CheckpointError, ConfigError, DataError, EngineError, PepnetError, SpecError, TrainError };

export function unpackError({ name, message, stack, problems }: Failure): Error {
  if (problems !== null) return new (families[name as keyof typeof families] ?? PepnetError)(problems);
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
