/** Creates engines for models; first reads vocabulary files, whose lengths set table sizes. */
import type { Engine, EngineOptions } from "../../engine/index.js";
import { assertFits, type ModelSpec } from "../../spec/index.js";
import { availableMemory } from "../../util/available-memory.js";
import { nextTurn } from "../../util/turns.js";

/**
 * Creates an engine for a spec. Throws a SpecError for a model that cannot fit into memory, an EngineError if the
 * engine fails, a DataError if a file cannot be read.
 */
export async function openEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const { resolveVocabularies } = await import("../../data/index.js");
  await nextTurn(); // modules load concurrently, engine and data one after the other
  const { createEngine } = await import("../../engine/index.js");
  await nextTurn();
  const resolved = resolveVocabularies(spec);
  assertFits(resolved, availableMemory());
  return createEngine(resolved, options);
}
