/** The PyTorch twin's process. It reads a line of JSON for each command and answers with a line. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Batch } from "../../src/core/data/encoded/encoded.js";
import type { Weights } from "../../src/core/engine/engine.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { readSafetensors } from "../../src/core/train/saved/weights.js";
import { projectFolder } from "../models.js";
import type { Product } from "../products.js";
import { threads } from "../steppers.js";
import { writeArrays } from "./arrays.js";
import { batchArrays } from "./batch-arrays.js";
import { twinDescription } from "./description.js";

/**
 * `plain`: every tower computes every row, as in TorchEasyRec; `savings`: with the engine's savings, written by hand.
 */
export type TwinKind = "plain" | "savings";

/** A Python with torch and pyarrow; set by scripts/bench.mjs. */
export const pythonVariable = "PEPNET_TORCH_PYTHON";

/** The versions that run. */
export interface PeerVersion {
  readonly torch: string;
  readonly threads: number;
  readonly pid: number;
}

/** A running twin. Commands must not overlap. */
export class TorchPeer {
  readonly #process: ChildProcess;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "pepnet-twin-"));
  #answer: ((line: string | null) => void) | null = null;

  constructor() {
    const python = process.env[pythonVariable];
    if (python === undefined) throw new Error(`${pythonVariable} is not set: start the bench with npm run bench`);
    const program = path.join(projectFolder, "bench", "torch", "twin.py");
    this.#process = spawn(python, [program, String(threads)], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.on("error", () => this.#answer?.(null));
    this.#process.on("exit", () => this.#answer?.(null));
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => this.#answer?.(line));
  }

  version(): Promise<PeerVersion> {
    return this.#ask("version", {});
  }

  /** Makes a model with these weights and loads batches for it. */
  async load(twin: TwinKind, spec: ModelSpec, weights: Weights): Promise<void> {
    const file = this.#file("weights");
    writeArrays(file, weights);
    await this.#ask("load", {
      name: twin,
      description: twinDescription(spec),
      savings: twin === "savings",
      weights: file,
    });
  }

  async batch(name: string, batch: Batch): Promise<void> {
    const file = this.#file("batch");
    writeArrays(file, batchArrays(batch));
    await this.#ask("batch", { name, twin: "plain", file });
  }

  /** Takes steps; returns the tasks' losses before the last one. */
  step(twin: TwinKind, batch: string, times: number): Promise<number[]> {
    return this.#ask("step", { twin, batch, times });
  }

  /** Losses, and gradients by weight, without an update. */
  async gradients(twin: TwinKind, batch: string): Promise<{ losses: number[]; gradients: Weights }> {
    const file = this.#file("gradients");
    const losses = await this.#ask<number[]>("gradients", { twin, batch, file });
    return { losses, gradients: await readSafetensors(file) };
  }

  /** Computes only the matrix products of a step. */
  products(products: readonly Product[]): Promise<null> {
    return this.#ask("products", { layers: products });
  }

  /** Predicts batches, one after the other. */
  predict(twin: TwinKind, batches: readonly string[]): Promise<number[]> {
    return this.#ask("predict", { twin, batches_of: batches });
  }

  /** Probabilities by the task's index. */
  async predictions(twin: TwinKind, batch: string): Promise<Weights> {
    const file = this.#file("predictions");
    await this.#ask("predictions", { twin, batch, file });
    return readSafetensors(file);
  }

  /** Trains for one epoch on a Parquet file, from random weights. */
  trainFromParquet(file: string, spec: ModelSpec, twin: TwinKind): Promise<{ rows: number; losses: number[] }> {
    const description = twinDescription(spec);
    const { batchSize } = spec.training;
    const savings = twin === "savings";
    return this.#ask("train_from_parquet", { path: file, description, savings, batch_size: batchSize });
  }

  async dispose(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin?.end();
    await ended;
  }

  async #ask<Result>(command: string, values: Readonly<Record<string, unknown>>): Promise<Result> {
    const line = await new Promise<string | null>((resolve) => {
      this.#answer = resolve;
      if (this.#process.exitCode !== null) resolve(null);
      else this.#process.stdin?.write(`${JSON.stringify({ command, arguments: values })}\n`);
    });
    this.#answer = null;
    if (line === null) throw new Error(`the PyTorch twin ended during "${command}": see its messages above`);
    const answer = JSON.parse(line) as { result: Result; error?: string };
    if (answer.error !== undefined) throw new Error(`the PyTorch twin failed at "${command}":\n${answer.error}`);
    return answer.result;
  }

  #file(name: string): string {
    return path.join(this.#folder, `${name}.safetensors`);
  }
}
