/**
 * The machine of a result, and the versions of the packages that it depends on.
 */
import os from "node:os";

/** The packages, besides pepnet, that compute numbers or draw charts of results. */
export const keyPackages: readonly string[] = [
  "@tensorflow/tfjs-core",
  "onnxruntime-node",
  "@duckdb/node-api",
  "plotly.js-dist-min",
  "tslab",
];

/** A machine, without its host name and user name. */
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
