import { onnxruntimeProblem } from "./compiled/onnxruntime.js";
import type { EngineName } from "./engine.js";

export type DefaultEngine = { readonly name: EngineName; readonly note: string | null };

/** `compiled`; `wasm`, with a note, if onnxruntime cannot be loaded. */
export function defaultEngine(problem: { readonly message: string } | null = onnxruntimeProblem()): DefaultEngine {
  if (problem === null) return { name: "compiled", note: null };
  return { name: "wasm", note: `${problem.message}; the slower engine "wasm" is used (docs/package.md)` };
}
