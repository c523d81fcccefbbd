/**
 * The engine of a run. Only the last few used runs have a running engine with threads, descriptors and memory; other
 * runs keep only their weights.
 */
import type { Engine, EngineOptions, Weights } from "../../engine/index.js";
import { EngineError } from "../../errors/index.js";
import { type Handling, Pool, Pooled } from "../../util/sharing/pooled.js";

/** Owns the engine of a run. */
export type RunEngine = Pooled<Engine>;

/** Number of running engines: two runs that are compared, and two used before. */
const engines = new Pool(4);

/** Owns a running engine. @param threads the engine's number of threads */
export function runEngine(engine: Engine, threads: number | undefined): Promise<RunEngine> {
  return Pooled.of(engines, handling(threads), engine);
}

/** Owns an engine that is opened on first use. */
export function laterRunEngine(open: () => Promise<Engine>, threads: number | undefined): RunEngine {
  return Pooled.later(engines, handling(threads), open);
}

function handling(threads: number | undefined): Handling<Engine> {
  return {
    async putAway(engine) {
      const weights = await engine.weights();
      await engine.dispose();
      return () => reopened(engine, weights, threads);
    },
    free: (engine) => engine.dispose(),
    freed: () =>
      new EngineError({
        path: "run",
        message: "the run was disposed of",
        expected: "a run with its weights; results computed before are still valid",
        fix: "keep the run until the last call, or save it first: await run.save(folder); await loadRun(folder)",
      }),
  };
}

/** Opens the same engine again: for the resolved model, even if its files have changed since. */
async function reopened({ name, spec }: Engine, weights: Weights, threads: number | undefined): Promise<Engine> {
  const { createEngine } = await import("../../engine/index.js");
  const options: EngineOptions = { engine: name, weights, threads };
  return createEngine(spec, options);
}
