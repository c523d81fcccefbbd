/**
 * Measures predictions in a thread beside the notebook's: exact AUCs of a million rows, by task and domain, take seconds.
 * One thread starts at the first evaluation that is worth it, serves all, and does not keep the process alive. The
 * results are those of `measureWork`, bit for bit.
 */
import { Worker } from "node:worker_threads";
import { TrainError } from "../errors/index.js";
import { sharedInts } from "../util/shared-arrays.js";
import { inTurns } from "../util/turns.js";
import { workerFile } from "../util/worker-file.js";
import { type MeasureJobs, type MeasureKind, measureWork } from "./measure-jobs.js";
import type { MeasureCall, MeasureReply } from "./measure-worker.js";

/** How a measurement runs. */
export interface AsideOptions {
  readonly signal?: AbortSignal;
  /** Buffers of the request that nobody else needs: they move instead of being copied. */
  readonly moves?: readonly ArrayBuffer[];
}

/** Fewer rows are measured on this thread, in turns of the event loop: they take less than a message. */
const fewestRows = 4096;

/** A measurement. Rejects with the signal's reason once it is aborted. */
export async function measureAside<Kind extends MeasureKind>(
  kind: Kind,
  request: MeasureJobs[Kind]["request"],
  options: AsideOptions = {},
): Promise<MeasureJobs[Kind]["result"]> {
  const { signal, moves = [] } = options;
  signal?.throwIfAborted();
  if (request.columns.rows < fewestRows) return inTurns(measureWork(kind, request), signal);
  const call: MeasureCall = { id: nextId++, kind, request, dropped: sharedInts(1) };
  const drop = () => {
    Atomics.store(call.dropped, 0, 1);
    settle(call.id, (waiting) => waiting.reject(signal?.reason));
  };
  signal?.addEventListener("abort", drop, { once: true });
  try {
    return await new Promise<MeasureJobs[Kind]["result"]>((resolve, reject) => {
      waitingFor.set(call.id, { resolve: resolve as Waiting["resolve"], reject });
      const running = startWorker();
      running.ref();
      running.postMessage(call, [...moves]);
    });
  } finally {
    waitingFor.delete(call.id);
    signal?.removeEventListener("abort", drop);
  }
}

interface Waiting {
  readonly resolve: (result: MeasureJobs[MeasureKind]["result"]) => void;
  readonly reject: (reason: unknown) => void;
}

let worker: Worker | null = null;
let nextId = 0;
const waitingFor = new Map<number, Waiting>();

function startWorker(): Worker {
  if (worker !== null) return worker;
  const started = new Worker(workerFile(__dirname, "measure-worker"), { name: "pepnet-metrics" });
  started.on("message", (reply: MeasureReply) => {
    settle(reply.id, ({ resolve, reject }) => {
      if ("failure" in reply) reject(failed(reply.failure));
      else if (reply.result !== null) resolve(reply.result);
    });
  });
  const end = (reason: string) => {
    if (worker === started) worker = null;
    for (const id of [...waitingFor.keys()]) settle(id, ({ reject }) => reject(failed(reason)));
  };
  started.on("error", (error) => end(error.message));
  started.on("exit", () => end("the thread ended"));
  worker = started;
  return started;
}

function settle(id: number, tell: (waiting: Waiting) => void): void {
  const waiting = waitingFor.get(id);
  waitingFor.delete(id);
  if (waitingFor.size === 0) worker?.unref();
  if (waiting !== undefined) tell(waiting);
}

function failed(reason: string): TrainError {
  return new TrainError({ path: "evaluate", message: "the thread that measures predictions failed", received: reason });
}
