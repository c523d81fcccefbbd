import type { InferenceSession } from "onnxruntime-node";

export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // Memory patterns of earlier batches: they use a quarter more memory without a benefit.
    enableMemPattern: false,
    // Errors are thrown; onnxruntime would also print them, with untrusted names that could control a terminal.
    logSeverityLevel: 4,
    // Threads that spin while they wait occupy the core of the notebook's thread.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}
