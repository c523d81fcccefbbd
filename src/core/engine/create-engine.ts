/** Opens the engine that the options name for a model. */
import { EngineError } from "../errors/index.js";
import { loadTfjs } from "../jit/load-tfjs.js";
import type { ModelSpec } from "../spec/model.js";
import { assertComputable } from "../spec/validate/model.js";
import { didYouMean } from "../util/names.js";
import { nextTurn } from "../util/turns.js";
import { defaultEngine } from "./compiled/onnxruntime.js";
import type { Engine, EngineName, EngineOptions } from "./engine.js";
import { assertThreads } from "./threads.js";

const names: readonly EngineName[] = ["compiled", "tfjs-node", "wasm", "cpu"];

/** @throws SpecError for an invalid spec, EngineError for what the engine lacks, weights that do not fit, or threads */
export async function createEngine(spec: ModelSpec, options: EngineOptions = {}): Promise<Engine> {
  const name = options.engine ?? defaultEngine().name;
  if (!names.includes(name)) {
    throw new EngineError({
      path: "options.engine",
      message: "no such engine",
      received: JSON.stringify(name),
      expected: names.map((n) => `"${n}"`).join(", "),
      fix: didYouMean(String(name), names),
    });
  }
  assertThreads(options.threads);
  assertComputable(spec);
  if (name === "compiled") {
    const { createCompiledEngine } = await import("./compiled/compiled-engine.js");
    await nextTurn();
    return createCompiledEngine(spec, options);
  }
  await loadTfjs();
  const { createEagerEngine } = await import("./eager-engine.js");
  return createEagerEngine(spec, name, options);
}
