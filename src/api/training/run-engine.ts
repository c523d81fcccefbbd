/**
 * The engine of a run. Of the runs that are kept, the last few used have a running engine, with its threads,
 * descriptors and memory; of the others there are the weights.
 */
import type { Engine, EngineOptions, Weights } from "../../engine/index.js";
import { EngineError } from "../../errors/index.js";
import { type Handling, Pool, Pooled } from "../../util/sharing/pooled.js";

/** Owns the engine of a run. */
export type RunEngine = Pooled<Engine>;

/** Two that are compared, and two that were looked at before. */
const engines = new Pool(4);

/** Owns an engine that runs. @param threads those that it was made with */
export function runEngine(engine: Engine, threads: number | undefined): Promise<RunEngine> {
  return Pooled.of(engines, handling(threads), engine);
}

/** Owns an engine that is opened when it is first used. */
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
        expected: "a run with its weights; what was measured before is still there",
        fix: "keep the run until the last call, or save it first: await run.save(folder); await loadRun(folder)",
      }),
  };
}

/** The same engine again: of the model as it was resolved, whatever became of its files since. */
async function reopened({ name, spec }: Engine, weights: Weights, threads: number | undefined): Promise<Engine> {
  const { createEngine } = await import("../../engine/index.js");
  const options: EngineOptions = { engine: name, weights, threads };
  return createEngine(spec, options);
}
