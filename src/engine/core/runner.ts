/** The interface between the host side and an engine: runs a program on named arrays. */
import type { ProgramName } from "../../nn/plan/index.js";

export interface Feed {
  readonly dtype: "float32" | "int32" | "bool";
  readonly shape: readonly number[];
  /** `bool` as bytes of 0 and 1. */
  readonly data: Float32Array | Int32Array | Uint8Array;
  /** If this is unchanged, so are the numbers: a copy of them remains valid. Default: they may have changed. */
  readonly version?: number;
}

export interface RunInputs {
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly sizes: ReadonlyMap<string, readonly number[]>;
}

/** Runs programs; returns outputs by name. Calls never overlap. */
export interface Runner {
  run(program: ProgramName, inputs: RunInputs): Promise<ReadonlyMap<string, Float32Array>>;
  dispose(): Promise<void>;
}
