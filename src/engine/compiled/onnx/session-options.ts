/** How every onnxruntime session is set up: in one process that does other work beside. */
import type { InferenceSession } from "onnxruntime-node";

/** Options of a session that multiplies on so many threads. */
export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // A pattern of one batch's allocations, kept for the next: a quarter more memory, nothing gained.
    enableMemPattern: false,
    // Errors are thrown; onnxruntime would also print them, with names of a stranger's model that a terminal obeys.
    logSeverityLevel: 4,
    // Threads that wait for work by spinning take the core that the notebook's own thread needs.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}
