/** Engines for models as users hold them: vocabulary files, whose lengths set table sizes, are read first. */
import type { Engine, EngineOptions } from "../engine/engine.js";
import type { ModelSpec } from "../spec/index.js";

/** An engine for a spec. Throws an EngineError or DataError as the layers below do. */
export async function openEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const [{ createEngine }, { resolveVocabularies }] = await Promise.all([
    import("../engine/index.js"),
    import("../data/index.js"),
  ]);
  return createEngine(resolveVocabularies(spec), options);
}
