/** On which machine a result was made, and the packages whose versions it depends on. */
import os from "node:os";

/** Beside pepnet itself, the packages whose numbers or pictures are in results. */
export const keyPackages: readonly string[] = [
  "@tensorflow/tfjs",
  "onnxruntime-node",
  "@duckdb/node-api",
  "plotly.js-dist-min",
  "tslab",
];

/** A machine without its name or its user's. */
export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
}

/** This machine. */
export function machine(): Machine {
  return {
    platform: `${process.platform} ${process.arch}`,
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
  };
}
