/** Runs a Jupyter kernel (ours or tslab's) in an empty folder and times each cell. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { KernelClient } from "../../src/kernel/client.js";

/** The result of a cell. */
export interface CellResult {
  /** The displayed text of its last value. */
  readonly text: string;
  /** Milliseconds from the request to the reply and the last output. */
  readonly millis: number;
}

/** A running kernel. */
export class BenchKernel {
  private constructor(
    private readonly client: KernelClient,
    private readonly folder: string,
  ) {}

  /** Starts the program `argv`; `{connection_file}` in it is replaced by the connection file's path. */
  static async start(argv: readonly string[]): Promise<BenchKernel> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-bench-kernel-"));
    // Node's types, as in a project: without them bare tslab refuses even `console`, and compiles a fourth of the text.
    const types = path.join(folder, "node_modules", "@types");
    mkdirSync(types, { recursive: true });
    symlinkSync(path.join(packageRoot, "node_modules", "@types", "node"), path.join(types, "node"), "junction");
    return new BenchKernel(await KernelClient.start({ cwd: folder, argv }), folder);
  }

  /** Runs a cell. Throws if it fails. */
  async run(code: string): Promise<CellResult> {
    const outputs: string[] = [];
    const start = performance.now();
    const { reply } = this.client.execute(code, ({ content }) => {
      outputs.push(content.data?.["text/plain"] ?? content.text ?? "");
    });
    const answer = await reply;
    const millis = performance.now() - start;
    if (answer.content.status !== "ok") throw new Error(`the cell failed: ${JSON.stringify(answer.content)}`);
    return { text: outputs.join("").trim(), millis };
  }

  /** Resident memory in MB, if the system reports it. */
  megabytes(): number {
    const status = readFileSync(`/proc/${this.client.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** Ends the kernel. */
  async end(): Promise<void> {
    await this.client.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
