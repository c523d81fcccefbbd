import type { Batch } from "../../data/encoded/index.js";
import {
  gateOutputs,
  needsWholeBatch,
  type Plan,
  type ProgramName,
  planModel,
  sendablePlan,
  weightingEncoders,
} from "../../nn/plan/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { nextTurn } from "../../util/turns.js";
import { largestShare } from "../core/crew/crew.js";
import type { Exchange, Room } from "../core/crew/exchange.js";
import { type GradientSums, joinGradients, measuredGradients } from "../core/crew/gradient-sums.js";
import { joinAttention, joinEmbeddings, joinGates, joinOutputs, joinStates, joinSteps } from "../core/crew/join.js";
import { longestPositions } from "../core/feeds/positions.js";
import { Queue } from "../core/queue.js";
import type { ModelArrays } from "../core/weights/model-arrays.js";
import type {
  AttentionValues,
  EmbeddingValues,
  Engine,
  EngineOptions,
  EngineState,
  GateOverride,
  GateValues,
  Gradients,
  ReadBatch,
  StepResult,
  TowerOutput,
  Weights,
} from "../engine.js";
import { defaultThreads } from "../threads/index.js";
import { compilePlan } from "./compile/compile-plan.js";
import { assertOnnxruntime } from "./onnx/onnxruntime.js";
import type { BatchKind, Call } from "./workers/messages.js";
import { Workers } from "./workers/workers.js";

export async function createCompiledEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  assertOnnxruntime();
  const plan = planModel(spec);
  if (options.prepare) beginCompiling(plan);
  await nextTurn(); // starting a thread takes milliseconds
  const threads = options.threads ?? defaultThreads();
  // If rows are not computed independently, one worker processes all rows and multiplies on all threads.
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
  return new CompiledEngine(plan, workers, threads);
}

/** Compiles the programs of training in this order, in advance; errors are reported at the first use. */
function beginCompiling(plan: Plan): void {
  if (plan.layers.length > 0) return; // traced on this thread each time
  for (const program of ["train", "predict"] as const) compilePlan(plan, program).catch(() => undefined);
}

class CompiledEngine implements Engine {
  readonly name = "compiled";
  readonly threads: number;
  readonly spec: ModelSpec;
  readonly #plan: Plan;
  readonly #workers: Workers;
  readonly #queue = new Queue();
  readonly #ready = new Map<ProgramName, Promise<unknown>>();
  #room: Room = { rows: 0, longest: new Map() };
  #steps = 0;

  constructor(plan: Plan, workers: Workers, threads: number) {
    this.#plan = plan;
    this.#workers = workers;
    this.threads = threads;
    this.spec = plan.spec;
  }

  get steps(): number {
    return this.#steps;
  }

  step(batch: Batch, epoch: number): Promise<StepResult> {
    return this.#queue.run(async () => {
      await this.#prepare("train");
      await this.#makeRoom(batch);
      const results = await this.#workers.onBatch<StepResult>(batch.data, batch.rows, (data, rows) => ({
        kind: "step",
        data,
        rows,
        epoch,
      }));
      this.#steps++;
      return joinSteps(results);
    });
  }

  async predict(batch: ReadBatch, overrides?: readonly GateOverride[]): Promise<readonly TowerOutput[]> {
    return joinOutputs(await (overrides ? this.#probe(batch, overrides) : this.#onBatch("predict", batch)));
  }

  async gates(batch: ReadBatch): Promise<readonly GateValues[]> {
    // A program without outputs cannot be compiled.
    return gateOutputs(this.#plan).length === 0 ? [] : joinGates(await this.#onBatch("gates", batch));
  }

  async embeddings(batch: ReadBatch): Promise<EmbeddingValues | null> {
    return this.#plan.epnet === null ? null : joinEmbeddings(await this.#onBatch("embeddings", batch));
  }

  async attention(batch: ReadBatch): Promise<readonly AttentionValues[]> {
    return weightingEncoders(this.#plan).length === 0 ? [] : joinAttention(await this.#onBatch("attention", batch));
  }

  async gradients(batch: ReadBatch): Promise<Gradients> {
    return measuredGradients(this.#plan, joinGradients(await this.#onBatch<GradientSums>("gradients", batch)));
  }

  weights(): Promise<Weights> {
    return this.#queue.run(() => this.#workers.first<Weights>({ kind: "weights" }));
  }

  state(): Promise<EngineState> {
    return this.#queue.run(async () => joinStates(await this.#workers.all<EngineState>({ kind: "state" })));
  }

  restore(state: EngineState): Promise<void> {
    return this.#queue.run(async () => {
      await this.#workers.all({ kind: "restore", state });
      this.#steps = state.step;
    });
  }

  dispose(): Promise<void> {
    return this.#queue.close(() => this.#workers.close());
  }

  /** Compiles a program at its first use. A failed one returns the same error again. */
  #prepare(name: ProgramName): Promise<unknown> {
    const preparation = this.#ready.get(name) ?? compileFor(this.#plan, name, this.#workers);
    this.#ready.set(name, preparation);
    return preparation;
  }

  async #makeRoom(batch: Batch): Promise<void> {
    if (this.#workers.size === 1) return;
    const rows = largestShare(batch.rows.length, this.#workers.size);
    const longest = longestPositions(this.#plan, batch);
    const room = this.#room;
    const fits = [...longest].every(([view, positions]) => positions <= (room.longest.get(view) ?? 0));
    if (rows <= room.rows && fits) return;
    this.#room = {
      rows: Math.max(rows, room.rows),
      longest: new Map([...longest].map(([view, most]) => [view, Math.max(most, room.longest.get(view) ?? 0)])),
    };
    // Created by a worker: clearing this much memory takes tens of milliseconds.
    const exchange = await this.#workers.first<Exchange>({ kind: "makeExchange", room: this.#room });
    await this.#workers.others(() => ({ kind: "exchange", exchange }));
  }

  #onBatch<T>(kind: BatchKind, batch: ReadBatch): Promise<T[]> {
    return this.#queue.run(async () => {
      await this.#prepare(kind);
      return this.#workers.onBatch<T>(batch.data, batch.rows, (data, rows) => ({
        ...{ kind, data, rows },
        gammas: batch.gammas,
      }));
    });
  }

  #probe(batch: ReadBatch, overrides: readonly GateOverride[]): Promise<TowerOutput[][]> {
    return this.#queue.run(async () => {
      await this.#prepare("probe");
      const kind = "probe" as const;
      return this.#workers.onBatch(batch.data, batch.rows, (data, rows) => ({
        ...{ kind, data, rows, overrides },
        gammas: batch.gammas,
      }));
    });
  }
}

async function compileFor(plan: Plan, name: ProgramName, workers: Workers): Promise<void> {
  const { bytes, inputs } = await compilePlan(plan, name);
  await workers.all({ kind: "program", name, program: { bytes, inputs } });
}
