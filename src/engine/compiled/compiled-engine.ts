/** The compiled engine: programs traced and lowered in a thread aside, run by onnxruntime in worker threads. */
import type { Batch } from "../../data/encoded.js";
import { gateOutputs, type ProgramName } from "../../nn/plan/inputs.js";
import { needsWholeBatch, type Plan, planModel, sendablePlan } from "../../nn/plan/plan.js";
import type { ModelSpec } from "../../spec/index.js";
import { nextTurn } from "../../util/turns.js";
import { largestShare } from "../core/crew/crew.js";
import type { Exchange } from "../core/crew/exchange.js";
import { type GradientSums, joinGradients, measuredGradients } from "../core/crew/gradient-sums.js";
import { joinEmbeddings, joinGates, joinOutputs, joinStates, joinSteps } from "../core/crew/join.js";
import { Queue } from "../core/queue.js";
import type { ModelArrays } from "../core/weights/model-arrays.js";
import type {
  EmbeddingValues,
  Engine,
  EngineOptions,
  EngineState,
  GateOverride,
  GateValues,
  StepResult,
  TowerOutput,
  Weights,
} from "../engine.js";
import { defaultThreads } from "../threads.js";
import { compilePlan } from "./compile/compile-plan.js";
import { assertOnnxruntime } from "./onnx/onnxruntime.js";
import type { Call } from "./workers/messages.js";
import { Workers } from "./workers/workers.js";

/** An engine on onnxruntime. */
export async function createCompiledEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  assertOnnxruntime();
  const plan = planModel(spec);
  if (options.prepare) beginCompiling(plan);
  await nextTurn(); // a thread takes milliseconds to start
  const threads = options.threads ?? defaultThreads();
  // Where rows are not computed one by one, one worker has them all, and multiplies on all threads.
  const size = needsWholeBatch(plan) ? 1 : threads;
  const workers = new Workers(size);
  const seed = options.seed ?? spec.training.seed;
  const start = (rank: number, arrays: ModelArrays | { given: Weights | null }): Call => ({
    kind: "start",
    start: { plan: sendablePlan(plan), seed, threads: threads / size, rank, size, arrays, control: workers.control },
  });
  try {
    const arrays = await workers.first<ModelArrays>(start(0, { given: options.weights ?? null }));
    await workers.others((rank) => start(rank, arrays));
  } catch (error) {
    await workers.close();
    throw error;
  }
  return compiledEngine(plan, workers, threads);
}

/** What training needs, in that order, ahead of need; whoever needs a program that fails is told then. */
function beginCompiling(plan: Plan): void {
  if (plan.layers.length > 0) return; // traced on this thread, each time anew
  for (const program of ["train", "predict"] as const) compilePlan(plan, program).catch(() => undefined);
}

function compiledEngine(plan: Plan, workers: Workers, threads: number): Engine {
  const queue = new Queue();
  const ready = new Map<ProgramName, Promise<unknown>>();
  let steps = 0;
  let room = 0;

  /** Compiles a program when it is first needed. One that fails fails again with the same words. */
  const prepare = (name: ProgramName): Promise<unknown> => {
    const known = ready.get(name) ?? compileFor(plan, name, workers);
    ready.set(name, known);
    return known;
  };
  const makeRoom = async (rows: number): Promise<void> => {
    const needed = largestShare(rows, workers.size);
    if (workers.size === 1 || needed <= room) return;
    // A worker makes it: to clear so much memory takes tens of milliseconds.
    const exchange = await workers.first<Exchange>({ kind: "makeExchange", rows: needed });
    await workers.others(() => ({ kind: "exchange", exchange }));
    room = needed;
  };
  const onBatch = <T>(kind: "predict" | "gates" | "embeddings" | "gradients", batch: Batch): Promise<T[]> =>
    queue.run(async () => {
      await prepare(kind);
      return workers.onBatch<T>(batch.data, batch.rows, (data, rows) => ({ kind, data, rows }));
    });

  const probe = (batch: Batch, overrides: readonly GateOverride[]): Promise<TowerOutput[][]> =>
    queue.run(async () => {
      await prepare("probe");
      const kind = "probe" as const;
      return workers.onBatch(batch.data, batch.rows, (data, rows) => ({ kind, data, rows, overrides }));
    });

  return {
    name: "compiled",
    threads,
    spec: plan.spec,
    get steps() {
      return steps;
    },
    step: (batch, epoch) =>
      queue.run(async () => {
        await prepare("train");
        await makeRoom(batch.rows.length);
        const results = await workers.onBatch<StepResult>(batch.data, batch.rows, (data, rows) => ({
          kind: "step",
          data,
          rows,
          epoch,
        }));
        steps++;
        return joinSteps(results);
      }),
    predict: async (batch, overrides) =>
      joinOutputs(await (overrides ? probe(batch, overrides) : onBatch<TowerOutput[]>("predict", batch))),
    // A program without outputs cannot be compiled.
    gates: async (batch) =>
      gateOutputs(plan).length === 0 ? [] : joinGates(await onBatch<GateValues[]>("gates", batch)),
    embeddings: async (batch) =>
      plan.epnet === null ? null : joinEmbeddings(await onBatch<EmbeddingValues>("embeddings", batch)),
    gradients: async (batch) => measuredGradients(plan, joinGradients(await onBatch<GradientSums>("gradients", batch))),
    weights: () => queue.run(() => workers.first<Weights>({ kind: "weights" })),
    state: () => queue.run(async () => joinStates(await workers.all<EngineState>({ kind: "state" }))),
    restore: (state) =>
      queue.run(async () => {
        await workers.all({ kind: "restore", state });
        steps = state.step;
      }),
    dispose: () => queue.close(() => workers.close()),
  };
}

async function compileFor(plan: Plan, name: ProgramName, workers: Workers): Promise<void> {
  const { bytes, inputs } = await compilePlan(plan, name);
  await workers.all({ kind: "program", name, program: { bytes, inputs } });
}
