/** What the host side asks of an engine: run a program on named arrays. */
import type { ProgramName } from "../../nn/plan/index.js";

/** An array for a program's input. */
export interface Feed {
  readonly dtype: "float32" | "int32" | "bool";
  readonly shape: readonly number[];
  /** `bool` in bytes of 0 and 1. */
  readonly data: Float32Array | Int32Array | Uint8Array;
  /** While this is the same, so are the numbers: a copy of them need not be made again. Default: they may have changed. */
  readonly version?: number;
}

/** What one run is fed. */
export interface RunInputs {
  readonly feeds: ReadonlyMap<string, Feed>;
  /** Row counts by domain. */
  readonly sizes: ReadonlyMap<string, readonly number[]>;
}

/** Runs programs; outputs by name. Calls never overlap. */
export interface Runner {
  run(program: ProgramName, inputs: RunInputs): Promise<ReadonlyMap<string, Float32Array>>;
  dispose(): Promise<void>;
}
