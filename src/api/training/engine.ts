/** Engines for models as users hold them: vocabulary files, whose lengths set table sizes, are read first. */
import type { Engine, EngineOptions } from "../../engine/index.js";
import { assertFits, type ModelSpec } from "../../spec/index.js";
import { availableMemory } from "../../util/available-memory.js";
import { nextTurn } from "../../util/turns.js";

/**
 * An engine for a spec. Throws a SpecError for a model that cannot fit into memory, an EngineError or DataError as the
 * layers below do.
 */
export async function openEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const { resolveVocabularies } = await import("../../data/index.js");
  await nextTurn(); // modules load at once, engine and data one after the other
  const { createEngine } = await import("../../engine/index.js");
  await nextTurn();
  const resolved = resolveVocabularies(spec);
  assertFits(resolved, availableMemory());
  return createEngine(resolved, options);
}
