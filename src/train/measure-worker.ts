/** The thread that measures predictions; see `measure-aside.ts`. */
import { parentPort } from "node:worker_threads";
import { type MeasureJobs, type MeasureKind, measureWork } from "./measure-jobs.js";

/** To the thread. */
export interface MeasureCall {
  readonly id: number;
  readonly kind: MeasureKind;
  readonly request: MeasureJobs[MeasureKind]["request"];
  /** [1], shared: 1 where nobody wants the answer any more. */
  readonly dropped: Int32Array;
}

/** From the thread. */
export type MeasureReply =
  | { readonly id: number; readonly result: MeasureJobs[MeasureKind]["result"] | null }
  | { readonly id: number; readonly failure: string };

function answer({ id, kind, request, dropped }: MeasureCall): MeasureReply {
  try {
    const work = measureWork(kind, request);
    for (;;) {
      if (Atomics.load(dropped, 0) === 1) return { id, result: null };
      const part = work.next();
      if (part.done === true) return { id, result: part.value };
    }
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on("message", (call: MeasureCall) => parentPort?.postMessage(answer(call)));
