/** The thread that measures predictions; see `measure-aside.ts`. */
import { parentPort } from "node:worker_threads";
import type { Evaluation } from "../metrics/types.js";
import { type MeasureRequest, measuring } from "./measure.js";

/** To the thread. */
export interface MeasureCall {
  readonly id: number;
  readonly request: MeasureRequest;
  /** [1], shared: 1 where nobody wants the answer any more. */
  readonly dropped: Int32Array;
}

/** From the thread. */
export type MeasureReply =
  | { readonly id: number; readonly evaluation: Evaluation | null }
  | { readonly id: number; readonly failure: string };

function answer({ id, request, dropped }: MeasureCall): MeasureReply {
  try {
    const work = measuring(request);
    for (;;) {
      if (Atomics.load(dropped, 0) === 1) return { id, evaluation: null };
      const part = work.next();
      if (part.done === true) return { id, evaluation: part.value };
    }
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on("message", (call: MeasureCall) => parentPort?.postMessage(answer(call)));
