/** The thread that measures predictions. */
import { failureText, serveCalls } from "../../util/called-thread.js";
import { type MeasureJobs, type MeasureKind, measureWork } from "./measure.js";

export interface MeasureQuestion {
  readonly kind: MeasureKind;
  readonly request: MeasureJobs[MeasureKind]["request"];
  /** [1], shared: 1 if the request was cancelled. */
  readonly dropped: Int32Array;
}

export type MeasureAnswer = MeasureJobs[MeasureKind]["result"] | null;

function measured({ kind, request, dropped }: MeasureQuestion): MeasureAnswer {
  const work = measureWork(kind, request);
  for (;;) {
    if (Atomics.load(dropped, 0) === 1) return null;
    const part = work.next();
    if (part.done === true) return part.value;
  }
}

serveCalls(measured, failureText);
