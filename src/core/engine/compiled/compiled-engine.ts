/** The compiled engine: a model whose steps and predictions run in worker threads on onnxruntime. */
import type { Batch, EncodedData } from "../../data/encoded/encoded.js";
import { EngineError } from "../../errors/index.js";
import type { Compiled } from "../../jit/compile.js";
import { gateOutputs, type ProgramName } from "../../nn/plan/inputs.js";
import { needsWholeBatch } from "../../nn/plan/parameters.js";
import { hasCustomLayer, type Plan, sendablePlan, weightingEncoders } from "../../nn/plan/plan.js";
import type { ModelSpec } from "../../spec/model.js";
import { CalledThread } from "../../util/called-thread.js";
import { getOrMake } from "../../util/growing.js";
import { nextTurn } from "../../util/turns.js";
import { workerFile } from "../../util/worker-file.js";
import { type Exchange, largestShare, type Room } from "../core/crew.js";
import {
  type GradientSums,
  joinGradients,
  joinLists,
  joinStates,
  joinSteps,
  measuredGradients,
} from "../core/gradient-sums.js";
import { Queue } from "../core/outputs.js";
import { longestPositions } from "../core/sequences.js";
import type { ModelArrays } from "../core/weight-store.js";
import type {
  AttentionValues,
  Engine,
  EngineOptions,
  EngineState,
  GateValues,
  ReadBatch,
  StepResult,
  TowerOutput,
  Weights,
} from "../engine.js";
import { groupSize, trainingThreads } from "../threads.js";
import { compiledPlan, compilePlan } from "./compile-plan.js";
import {
  type BatchExtras,
  type BatchKind,
  type Call,
  controlWords,
  drainAtExit,
  type Failure,
  forgetFailure,
  type Notice,
  reportFailure,
  type TrainedSteps,
  unpackError,
  type WorkerProgram,
} from "./control.js";
import { assertOnnxruntime } from "./onnxruntime.js";

const mostIdle = 2;

const idle: EngineThread[] = [];

/** A worker thread. Threads are reused, since a new one spends 0.2 s of its first hundred steps compiling code. */
class EngineThread {
  readonly #thread: CalledThread<Call, Failure>;
  readonly #collected = new FinalizationRegistry<number>((key) => this.#post({ forget: key }));
  #sent = new WeakMap<EncodedData, number>();
  #nextKey = 1;
  #isEnded = false;
  #died: () => void = () => {};

  private constructor() {
    const parts = {
      name: "pepnet-engine",
      file: () => workerFile(__dirname, "worker"),
      error: unpackError,
      ended: (cause: Error) =>
        new EngineError({ path: "engine", message: `the engine's thread failed: ${cause.message}`, cause }),
    };
    this.#thread = new CalledThread(parts, () => {
      this.#isEnded = true;
      const place = idle.indexOf(this);
      if (place >= 0) idle.splice(place, 1);
      this.#died();
    });
  }

  /** A waiting thread, or a new one. @param died called if the thread ends before it is released */
  static take(died: () => void): EngineThread {
    const thread = idle.pop() ?? new EngineThread();
    thread.#died = died;
    return thread;
  }

  /** Sends a call and returns its answer. The process stays alive until then. */
  call<T>(call: Call): Promise<T> {
    return this.#thread.call(call);
  }

  /** The key of data in the worker: sent at the first call, freed when the data is garbage-collected here. */
  keep(data: EncodedData): number {
    const sentKey = this.#sent.get(data);
    if (sentKey !== undefined) return sentKey;
    const key = this.#nextKey++;
    this.#sent.set(data, key);
    this.#collected.register(data, key);
    this.#post({ keep: key, data });
    return key;
  }

  /** Releases the thread, which is emptied and then waits in the pool, or ends. */
  async release(): Promise<void> {
    if (this.#isEnded) return;
    await this.call({ kind: "clear" });
    this.#sent = new WeakMap();
    this.#died = () => {};
    if (idle.length < mostIdle) idle.push(this);
    else await this.#thread.exit({ end: true } satisfies Notice);
  }

  #post(notice: Notice): void {
    this.#thread.post(notice);
  }
}

export type EngineCalls = Pick<Workers, "size" | "all" | "first" | "others" | "onData" | "train" | "load" | "close">;

export class Workers {
  readonly control: Int32Array;
  readonly #programs = new Map<WorkerProgram, Promise<void>>();
  readonly #threads: readonly EngineThread[];
  readonly #stopDraining: () => void;

  constructor(size: number) {
    this.control = controlWords(size);
    this.#threads = startedThreads(size, () => reportFailure(this.control));
    this.#stopDraining = drainAtExit(this.control);
  }

  get size(): number {
    return this.#threads.length;
  }

  /** Every worker's answer to a call, by rank. If a worker fails, its error is thrown after all have ended. */
  async all<T>(callOf: Call | ((rank: number) => Call)): Promise<T[]> {
    const answers = await Promise.allSettled(
      this.#threads.map((thread, rank) => thread.call<T>(typeof callOf === "function" ? callOf(rank) : callOf)),
    );
    const reasons = answers.flatMap((answer): unknown[] => (answer.status === "rejected" ? [answer.reason] : []));
    if (reasons.length > 0) {
      forgetFailure(this.control);
      // A worker that waited for a failed one only reports that it waited.
      throw reasons.find((reason) => !(reason instanceof Error && reason.name === "CrewEnded")) ?? reasons[0];
    }
    return answers.map((answer) => (answer as PromiseFulfilledResult<T>).value);
  }

  first<T>(call: Call): Promise<T> {
    return this.#threads[0]!.call(call);
  }

  async others(callOf: (rank: number) => Call): Promise<void> {
    await Promise.all(this.#threads.slice(1).map((thread, index) => thread.call(callOf(index + 1))));
  }

  onData<T>(data: EncodedData, call: (data: number) => Call): Promise<T[]> {
    return this.all((rank) => call(this.#threads[rank]!.keep(data)));
  }

  keep(data: EncodedData): number {
    return this.#threads[0]!.keep(data);
  }

  /** Trains on the batches. Each thread may take fewer steps if one is not finite, or if others train beside it. */
  async train(data: EncodedData, rows: readonly Int32Array[], epoch: number): Promise<(readonly StepResult[])[]> {
    const results = await this.onData<TrainedSteps[]>(data, (key) => {
      return { kind: "train", members: [{ member: 0, data: key }], rows, epoch };
    });
    return results.map(([model]) => model!.steps);
  }

  /** Compiles a program at its first use. A failed one returns the same error again. */
  load(name: WorkerProgram, compiled: () => Promise<Compiled>): Promise<void> {
    return getOrMake(this.#programs, name, async () => {
      const program = await compiled();
      await this.all({ kind: "program", name, program });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.release()));
    this.#stopDraining();
  }
}

/** A part of a larger array is copied, since a message contains the whole underlying array. */
function sendable(rows: Int32Array): Int32Array {
  const isWhole = rows.byteLength === rows.buffer.byteLength || rows.buffer instanceof SharedArrayBuffer;
  return isWhole ? rows : rows.slice();
}

/** @throws EngineError if the operating system cannot start this many threads; started ones are released */
function startedThreads(size: number, died: () => void): EngineThread[] {
  const threads: EngineThread[] = [];
  try {
    while (threads.length < size) threads.push(EngineThread.take(died));
    return threads;
  } catch (cause) {
    for (const thread of threads) void thread.release().catch(() => undefined);
    throw new EngineError({
      path: "engine",
      message: "a thread of the engine cannot start",
      received: (cause as Error).message,
      expected: `${size} threads, with four open files each`,
      fix: "use fewer threads, dispose of finished runs, or raise the limits (ulimit -n, ulimit -u)",
      cause,
    });
  }
}

export async function createCompiledEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  assertOnnxruntime();
  if (options.place) return options.place.open(spec, options.seed ?? spec.training.seed);
  const plan = compiledPlan(spec);
  const threads = options.threads ?? trainingThreads(spec);
  if (options.prepare) beginCompiling(plan, threads);
  await nextTurn(); // starting a thread takes milliseconds
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
  return compiledEngine(plan, workers, threads);
}

/** Compiles the programs of training in this order, in advance; errors are reported at the first use. */
function beginCompiling(plan: Plan, threads: number): void {
  if (hasCustomLayer(plan)) return; // traced on this thread each time
  for (const name of ["train", "predict"] as const) programOf(plan, name, threads).catch(() => undefined);
}

/** Compiles a program. A model that trains alone gets the same bits as in a group. */
function programOf(plan: Plan, name: ProgramName, threads: number): Promise<Compiled> {
  return compilePlan(plan, name, name === "train" && groupSize(plan.spec, threads) > 0 ? "steady" : "plain");
}

/** The engine of a plan. @param workers those of the engine, or of its place among variants that train together */
export function compiledEngine(plan: Plan, workers: EngineCalls, threads: number): Engine {
  const queue = new Queue();
  const prepare = (name: ProgramName) => workers.load(name, () => programOf(plan, name, threads));
  const onBatch = <T>(kind: BatchKind, batch: ReadBatch, more: BatchExtras = {}): Promise<T[]> =>
    queue.run(async () => {
      await prepare(kind);
      const { gammas } = batch;
      const rows = sendable(batch.rows);
      return workers.onData<T>(batch.data, (data) => ({ kind, data, rows, gammas, ...more }));
    });
  const makeRoom = roomMaker(plan, workers);
  /** Each worker gets back the parts that it published, and no copy of the rest. */
  const partsOf = new WeakMap<EngineState, readonly EngineState[]>();
  let steps = 0;
  const train: Engine["train"] = (batches, epoch) =>
    queue.run(async () => {
      await prepare("train");
      for (const batch of batches) await makeRoom(batch);
      const rows = batches.map((batch) => sendable(batch.rows));
      const results = await workers.train(batches[0]!.data, rows, epoch);
      const taken = results[0]!.map((_, step) => joinSteps(results.map((member) => member[step]!)));
      steps += taken.length;
      return taken;
    });
  return {
    name: "compiled",
    threads,
    spec: plan.spec,
    get steps() {
      return steps;
    },
    step: async (batch, epoch) => (await train([batch], epoch))[0]!,
    train,
    predict: async (batch, overrides) =>
      joinLists(await onBatch<TowerOutput[]>(overrides ? "probe" : "predict", batch, { overrides })),
    // A program without outputs cannot be compiled.
    gates: async (batch) =>
      gateOutputs(plan).length === 0 ? [] : joinLists(await onBatch<GateValues[]>("gates", batch)),
    attention: async (batch) =>
      weightingEncoders(plan).length === 0 ? [] : joinLists(await onBatch<AttentionValues[]>("attention", batch)),
    gradients: async (batch, choice) =>
      measuredGradients(plan, joinGradients(await onBatch<GradientSums>("gradients", batch, { choice }))),
    weights: () => queue.run(() => workers.first({ kind: "weights" })),
    state: () =>
      queue.run(async () => {
        const parts = await workers.all<EngineState>({ kind: "state" });
        const state = joinStates(parts);
        partsOf.set(state, parts);
        return state;
      }),
    restore: (state) =>
      queue.run(async () => {
        const parts = partsOf.get(state);
        await workers.all((rank) => ({ kind: "restore", state: parts?.[rank] ?? state }));
        steps = state.step;
      }),
    dispose: () => queue.close(() => workers.close()),
  };
}

/** Gives the workers memory for the gradients of a batch, if they have less. */
function roomMaker(plan: Plan, workers: EngineCalls): (batch: Batch) => Promise<void> {
  let room: Room = { rows: 0, longest: new Map() };
  return async (batch) => {
    if (workers.size === 1) return;
    const rows = largestShare(batch.rows.length, workers.size);
    const longest = longestPositions(plan, batch);
    const fits = [...longest].every(([view, positions]) => positions <= (room.longest.get(view) ?? 0));
    if (rows <= room.rows && fits) return;
    room = {
      rows: Math.max(rows, room.rows),
      longest: new Map([...longest].map(([view, most]) => [view, Math.max(most, room.longest.get(view) ?? 0)])),
    };
    // A worker creates it, since clearing this much memory takes tens of milliseconds.
    const exchange = await workers.first<Exchange>({ kind: "makeExchange", room });
    await workers.others(() => ({ kind: "exchange", exchange }));
  };
}
