/** Trainings with checkpoints that tests interrupt and resume. */
import type { Run } from "../../src/api/run/run.js";
import type { FitOptions } from "../../src/api/training/engines.js";
import { columns, model } from "../kernel/cli/command.js";

export const validation = columns(300, 2);
export const fit = async (options: FitOptions): Promise<Run> =>
  model.train({ epochs: 3, batchSize: 64 }).fit(columns(1280, 1), { validation, quiet: true, ...options });

export async function weights(run: Run): Promise<Record<string, string>> {
  const entries = [...(await run.weights())].map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer).toString("hex"),
  ]);
  return Object.fromEntries(entries);
}

/** Fits until a step, then interrupts. */
export async function interrupted(step: number, options: FitOptions): Promise<Run> {
  const stop = new AbortController();
  const onProgress: FitOptions["onProgress"] = (progress) => void (progress.step >= step && stop.abort());
  return fit({ ...options, signal: stop.signal, onProgress });
}
