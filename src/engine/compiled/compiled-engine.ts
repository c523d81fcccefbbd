/** The compiled engine: programs traced and lowered on this thread, run by onnxruntime in a worker thread. */
import { availableParallelism } from "node:os";
import type { Batch } from "../../data/encoded.js";
import { type Plan, type ProgramName, planModel, sendablePlan } from "../../nn/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { Queue } from "../core/queue.js";
import type { Engine, EngineOptions, EngineState, GateValues, StepResult, TowerOutput, Weights } from "../engine.js";
import { compilePlan } from "./compile-plan.js";
import { controlWords } from "./drain.js";
import { WorkerLink } from "./worker-link.js";

/** An engine on onnxruntime. */
export async function createCompiledEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const plan = planModel(spec);
  const control = controlWords();
  const link = new WorkerLink(control);
  const start = {
    plan: sendablePlan(plan),
    seed: options.seed ?? spec.training.seed,
    threads: options.threads ?? Math.min(2, availableParallelism()),
    weights: options.weights ?? null,
    control,
  };
  try {
    await link.call({ kind: "start", start });
  } catch (error) {
    await link.close();
    throw error;
  }
  return compiledEngine(plan, link);
}

function compiledEngine(plan: Plan, link: WorkerLink): Engine {
  const queue = new Queue();
  const ready = new Map<ProgramName, Promise<void>>();
  let steps = 0;

  /** Compiles a program when it is first needed. One that fails fails again with the same words. */
  const prepare = (name: ProgramName): Promise<void> => {
    const known = ready.get(name) ?? compileFor(plan, name, link);
    ready.set(name, known);
    return known;
  };
  const onBatch = <T>(kind: "predict" | "gates", batch: Batch): Promise<T> =>
    queue.run(async () => {
      await prepare(kind);
      return link.call<T>({ kind, data: link.keep(batch.data), rows: WorkerLink.rows(batch.rows) });
    });

  return {
    name: "compiled",
    spec: plan.spec,
    get steps() {
      return steps;
    },
    step: (batch, epoch) =>
      queue.run(async () => {
        await prepare("train");
        const result = await link.call<StepResult>({
          kind: "step",
          data: link.keep(batch.data),
          rows: WorkerLink.rows(batch.rows),
          epoch,
        });
        steps++;
        return result;
      }),
    predict: (batch) => onBatch<TowerOutput[]>("predict", batch),
    gates: (batch) => onBatch<GateValues[]>("gates", batch),
    weights: () => queue.run(() => link.call<Weights>({ kind: "weights" })),
    state: () => queue.run(() => link.call<EngineState>({ kind: "state" })),
    restore: (state) =>
      queue.run(async () => {
        await link.call({ kind: "restore", state });
        steps = state.step;
      }),
    dispose: () => queue.close(() => link.close()),
  };
}

async function compileFor(plan: Plan, name: ProgramName, link: WorkerLink): Promise<void> {
  const { bytes, inputs } = compilePlan(plan, name);
  await link.call({ kind: "program", name, program: { bytes, inputs } });
}
