/** The machine and the versions of the packages that numbers depend on. */
import os from "node:os";

export const keyPackages: readonly string[] = [
  "@tensorflow/tfjs-core",
  "onnxruntime-node",
  "@duckdb/node-api",
  "plotly.js-dist-min",
  "tslab",
];

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
}

export function machine(): Machine {
  return {
    platform: `${process.platform} ${process.arch}`,
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
  };
}
