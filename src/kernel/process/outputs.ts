/** Asynchronous work keeps the cell that started it, so a timer prints under the cell that set it. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Cell } from "./cell.js";

export class CellOutputs {
  readonly #storage = new AsyncLocalStorage<Cell>();
  #latest: Cell | null = null;

  of<T>(cell: Cell, work: () => Promise<T>): Promise<T> {
    this.#latest = cell;
    return this.#storage.run(cell, work);
  }

  within<T>(cell: Cell | null, work: () => T): T {
    return cell ? this.#storage.run(cell, work) : work();
  }

  get current(): Cell | null {
    return this.#storage.getStore() ?? this.#latest;
  }

  captureStreams(): void {
    for (const name of ["stdout", "stderr"] as const) {
      const stream = process[name];
      const original = stream.write.bind(stream) as (...args: unknown[]) => boolean;
      stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        const cell = this.current;
        if (!cell) return original(chunk, ...rest);
        cell.write(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
        const done = rest.find((argument) => typeof argument === "function") as (() => void) | undefined;
        if (done) process.nextTick(done);
        return true;
      }) as typeof stream.write;
    }
  }
}
