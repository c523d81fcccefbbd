/**
 * Measures predictions in a thread beside the notebook's: exact AUCs of a million rows, by task and domain, take seconds.
 * One thread starts at the first evaluation that is worth it, serves all, and does not keep the process alive. The
 * results are those of `measureWork`, bit for bit.
 */
import { TrainError } from "../../errors/index.js";
import { AsideThread } from "../../util/threads/aside-thread.js";
import { sharedInts } from "../../util/threads/shared-arrays.js";
import { workerFile } from "../../util/threads/worker-file.js";
import { inTurns } from "../../util/turns.js";
import { type MeasureJobs, type MeasureKind, measureWork } from "./measure-jobs.js";
import type { MeasureAnswer, MeasureQuestion } from "./measure-worker.js";

/** How a measurement runs. */
export interface AsideOptions {
  readonly signal?: AbortSignal;
  /** Buffers of the request that nobody else needs: they move instead of being copied. */
  readonly moves?: readonly ArrayBuffer[];
}

/** Fewer rows are measured on this thread, in turns of the event loop: they take less than a message. */
const fewestRows = 4096;

const failed = (reason: string) =>
  new TrainError({ path: "evaluate", message: "the metrics thread failed", received: reason });

const thread = new AsideThread<MeasureQuestion, MeasureAnswer, string>({
  name: "pepnet-metrics",
  file: () => workerFile(__dirname, "measure-worker"),
  error: failed,
  ended: (cause) => failed(cause.message),
});

/** A measurement. Rejects with the signal's reason once it is aborted. */
export async function measureAside<Kind extends MeasureKind>(
  kind: Kind,
  request: MeasureJobs[Kind]["request"],
  { signal, moves = [] }: AsideOptions = {},
): Promise<MeasureJobs[Kind]["result"]> {
  signal?.throwIfAborted();
  if (request.columns.rows < fewestRows) return inTurns(measureWork(kind, request), signal);
  const dropped = sharedInts(1);
  let drop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    drop = () => {
      Atomics.store(dropped, 0, 1);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", drop, { once: true });
  });
  try {
    const answer = await Promise.race([thread.call({ kind, request, dropped }, moves), aborted]);
    return answer!; // null only where it was dropped, which rejects
  } finally {
    if (drop !== undefined) signal?.removeEventListener("abort", drop);
  }
}
