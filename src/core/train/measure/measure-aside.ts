/**
 * Measures predictions in a thread, which starts at the first large evaluation. Results have the bits of `measureWork`.
 */
import { TrainError } from "../../errors/index.js";
import { AsideThread, sharedInts } from "../../util/called-thread.js";
import { interruptible, onAbort } from "../../util/interrupt.js";
import { inTurns } from "../../util/turns.js";
import { workerFile } from "../../util/worker-file.js";
import { type MeasureJobs, type MeasureKind, measureWork } from "./measure.js";
import type { MeasureAnswer, MeasureQuestion } from "./measure-worker.js";

/** Fewer rows are measured in the calling thread, in slices, which takes less time than a message. */
const fewestRows = 4096;

const failed = (reason: string) =>
  new TrainError({ path: "evaluate", message: "the metrics thread failed", received: reason });

const thread = new AsideThread<MeasureQuestion, MeasureAnswer, string>({
  name: "pepnet-metrics",
  file: () => workerFile(__dirname, "measure-worker"),
  error: failed,
  ended: (cause) => failed(cause.message),
});

/** @param moves buffers of the request that are no longer needed: they are transferred instead of copied */
export function measureAside<Kind extends MeasureKind>(
  kind: Kind,
  request: MeasureJobs[Kind]["request"],
  moves: readonly ArrayBuffer[] = [],
): Promise<MeasureJobs[Kind]["result"]> {
  if (request.columns.rows < fewestRows) return inTurns(measureWork(kind, request));
  return interruptible(async (signal) => {
    const dropped = sharedInts(1);
    let stopListening = (): void => undefined;
    const interrupted = new Promise<never>((_, reject) => {
      stopListening = onAbort(signal, () => {
        Atomics.store(dropped, 0, 1);
        reject(signal!.reason);
      });
    });
    try {
      const answer = await Promise.race([thread.call({ kind, request, dropped }, moves), interrupted]);
      return answer!; // null only if it was dropped, which rejects
    } finally {
      stopListening();
    }
  });
}
