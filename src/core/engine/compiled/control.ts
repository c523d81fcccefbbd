/**
 * Shared words that control an engine's threads. They make `process.exit` wait for runs of onnxruntime, because exiting
 * during a run would abort.
 */
import type { EncodedData } from "../../data/encoded/encoded.js";
import {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  PepnetError,
  type Problem,
  SpecError,
  TrainError,
} from "../../errors/index.js";
import type { Compiled } from "../../jit/compile.js";
import type { ProgramName } from "../../nn/plan/inputs.js";
import type { Plan } from "../../nn/plan/plan.js";
import type { Called, Replied } from "../../util/called-thread.js";
import { type Crew, CrewEnded, type Exchange, type Room } from "../core/crew.js";
import type { ModelArrays } from "../core/weight-store.js";
import type { EngineState, GateGammas, GateOverride, GradientChoice, StepResult, Weights } from "../engine.js";

/** The place of the flag that forbids further runs. */
const stopWord = 0;
/** The place of the number of completed barriers. */
const metWord = 1;
/** The place of the number of members at the barrier. */
const arrivedWord = 2;
/** The place of the flag that a member failed in this call. */
const failedWord = 3;
/** The first of a flag per member that it is running. */
const busyWords = 4;

/** The interval at which a waiting member checks for process exit, in milliseconds. */
const glance = 100;

/** Maximum wait at exit, in milliseconds. */
const patience = 60_000;

export function controlWords(size: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (busyWords + size)));
}

/** Called in a worker: marks a run. Never settles once the process is exiting. */
export async function whileBusy<T>(control: Int32Array, rank: number, run: () => Promise<T>): Promise<T> {
  // Set the mark first, so that a stop request either sees it or is seen.
  Atomics.store(control, busyWords + rank, 1);
  const idle = () => {
    Atomics.store(control, busyWords + rank, 0);
    Atomics.notify(control, busyWords + rank);
  };
  try {
    if (!ending(control)) return await run();
  } catch (error) {
    if (!ending(control)) throw error;
  } finally {
    idle();
  }
  return new Promise<never>(() => undefined);
}

export function sharedCrew(control: Int32Array, rank: number, size: number): Crew {
  return {
    rank,
    size,
    meet() {
      const met = Atomics.load(control, metWord);
      if (Atomics.add(control, arrivedWord, 1) === size - 1) {
        Atomics.store(control, arrivedWord, 0);
        Atomics.add(control, metWord, 1);
        Atomics.notify(control, metWord);
      }
      while (Atomics.load(control, metWord) === met) {
        if (Atomics.load(control, failedWord) === 1) throw new CrewEnded("another thread of the engine failed");
        if (ending(control)) throw new CrewEnded("the process is exiting");
        Atomics.wait(control, metWord, met, glance);
      }
    },
  };
}

export function reportFailure(control: Int32Array): void {
  Atomics.store(control, failedWord, 1);
  Atomics.notify(control, metWord);
}

/** Called on the main thread while no member runs: clears a failure. */
export function forgetFailure(control: Int32Array): void {
  Atomics.store(control, failedWord, 0);
  Atomics.store(control, arrivedWord, 0);
}

function ending(control: Int32Array): boolean {
  return Atomics.load(control, stopWord) === 1;
}

const open = new Set<Int32Array>();
let listening = false;

/** Called on the main thread: makes process exit wait for this engine's runs. Returns a function that undoes it. */
export function drainAtExit(control: Int32Array): () => void {
  if (!listening) {
    listening = true;
    process.on("exit", () => {
      for (const words of open) {
        Atomics.store(words, stopWord, 1);
        Atomics.notify(words, metWord);
      }
      for (const words of open)
        for (let word = busyWords; word < words.length; word++) Atomics.wait(words, word, 1, patience);
    });
  }
  open.add(control);
  return () => open.delete(control);
}

export interface WorkerStart {
  readonly plan: Plan;
  readonly seed: number;
  readonly threads: number;
  readonly rank: number;
  readonly size: number;
  /** The first worker creates the arrays from given weights or the seed; the others receive them. */
  readonly arrays: ModelArrays | { readonly given: Weights | null };
  readonly control: Int32Array;
}

/** The additional fields of a batch for `probe` and for `gradients`. */
export interface BatchExtras {
  readonly overrides?: readonly GateOverride[] | undefined;
  readonly choice?: GradientChoice | undefined;
}

export type BatchKind = Exclude<ProgramName, "train">;

/** A program of a worker; `joined` is the training program of all variants. */
export type WorkerProgram = ProgramName | "joined";

/** The steps of one model, up to one that is not finite in it or in a variant beside it; or the model's error. */
export interface TrainedSteps {
  readonly steps: readonly StepResult[];
  readonly failure: Failure | null;
}

/**
 * Requests with an answer. A batch refers to data that was sent before. `member`: of the thread's models; default: 0.
 */
export type Call = ModelCall & { readonly member?: number };

type ModelCall =
  | { readonly kind: "start"; readonly start: WorkerStart }
  | { readonly kind: "program"; readonly name: WorkerProgram; readonly program: Compiled }
  /** Trains several members, on the same rows of the data of each. */
  | {
      readonly kind: "train";
      readonly members: readonly { readonly member: number; readonly data: number }[];
      readonly rows: readonly Int32Array[];
      readonly epoch: number;
    }
  /** The exchange memory for gradients from now on: one worker creates it, the others receive it. */
  | { readonly kind: "makeExchange"; readonly room: Room }
  | { readonly kind: "exchange"; readonly exchange: Exchange }
  | ({
      readonly kind: BatchKind;
      readonly data: number;
      readonly rows: Int32Array;
      readonly gammas: GateGammas | undefined;
    } & BatchExtras)
  /** `clear`: the engine is disposed; the worker releases everything. `leave`: one of its models. */
  | { readonly kind: "weights" | "state" | "clear" | "leave" }
  | { readonly kind: "restore"; readonly state: EngineState };

/** Messages without an answer. Data is sent once: its arrays are shared memory. */
export type Notice =
  | { readonly keep: number; readonly data: EncodedData }
  | { readonly forget: number }
  | { readonly end: true };

export type Request = Called<Call> | Notice;

export type Reply = Replied<unknown, Failure>;

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly problems: readonly Problem[] | null;
}

export function packError(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined, problems: null };
  const problems = error instanceof PepnetError ? error.problems : null;
  return { name: error.name, message: error.message, stack: error.stack, problems };
}

const families = { CheckpointError, ConfigError, DataError, EngineError, PepnetError, SpecError, TrainError };

export function unpackError({ name, message, stack, problems }: Failure): Error {
  if (problems !== null) return new (families[name as keyof typeof families] ?? PepnetError)(problems);
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
