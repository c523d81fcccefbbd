/** Lets the library update outputs and see interrupts (`NotebookDisplay` in src/core/port) without importing the kernel. */

import { Readable } from "node:stream";
import type { DisplayHandle, MimeBundle, NotebookComms, NotebookDisplay } from "../../core/port/notebook.js";
import { notebookDisplaySymbol } from "../../core/util/interrupt.js";
import type { Cell } from "./cell.js";
import { isInterruption } from "./failure.js";
import { type Shown, show } from "./mime.js";

export function offerDisplay(
  currentCell: () => Cell | null,
  locate: NonNullable<NotebookDisplay["locate"]>,
  comms: NotebookComms,
): void {
  const notebook: NotebookDisplay = {
    display: (bundle, options) => currentCell()?.display(bundle, options?.displayId) ?? nowhere,
    signal: () => {
      currentCell()?.beginWork(); // it never tells that it has ended
      return notebook.interruption();
    },
    interruption: () => currentCell()?.abort.signal ?? new AbortController().signal,
    beginWork: () => currentCell()?.beginWork() ?? (() => {}),
    acceptsLateUpdates: () => currentCell()?.isInteractive ?? false,
    clear: (wait) => currentCell()?.clear(wait),
    locate,
    comms,
    show: async (value) => show(value),
  };
  Object.defineProperty(globalThis, notebookDisplaySymbol, { value: notebook, configurable: true });
}

const unfinished = new Set<Promise<unknown>>();

export const displayDeclaration: string =
  "declare function display(value: unknown): void;\n" +
  "declare function prompt(question?: string, options?: { password?: boolean }): Promise<string>;\n";

/** Lets code ask the user: `await prompt("name? ")`, and `process.stdin`, which `node:readline` reads. */
export function offerInput(currentCell: () => Cell | null): void {
  const ask = async (...question: Parameters<Cell["ask"]>) => (await currentCell()?.ask(...question)) ?? "";
  const read = (): void => {
    const hasReader = stdin.listenerCount("data") + stdin.listenerCount("readable") > 0;
    if (hasReader && !stdin.isPaused() && currentCell()?.isFinished === false) {
      ask().then(
        (line) => stdin.push(`${line}\n`),
        (error) => stdin.destroy(error),
      );
    } else stdin.pause().once("resume", read);
  };
  // Streams read ahead: who has its line may stop first.
  const stdin: Readable = new Readable({ read: () => setTimeout(read, 20) });
  Object.defineProperty(globalThis, "prompt", { value: ask, configurable: true, writable: true });
  Object.defineProperty(process, "stdin", { value: stdin, configurable: true });
}

export function displayValue(value: unknown): void {
  const output = (globalThis as Record<symbol, unknown>)[notebookDisplaySymbol] as NotebookDisplay | undefined;
  const send = ({ bundle, problem }: Shown): void => {
    if (bundle !== null) output?.display(bundle);
    if (problem !== undefined && !isInterruption(problem))
      console.error(`the value's Symbol.for("Jupyter.display") failed: ${String(problem)}`);
  };
  const result = show(value);
  if (!(result instanceof Promise)) {
    send(result);
    return;
  }
  const work = result.then(send).finally(() => unfinished.delete(work));
  unfinished.add(work);
}

export async function displaysFinished(): Promise<void> {
  await Promise.all(unfinished);
}

const nowhere: DisplayHandle = { update: () => {} };

/** Supports notebooks written for tslab. Call it after a session exists, which must load tslab's compiler first. */
export function offerTslabDisplay(currentCell: () => Cell | null): void {
  const tslab = require("tslab/dist/jupyter") as { lastWriteDisplayData: unknown };
  tslab.lastWriteDisplayData = (
    { data, transient: { display_id: id } = {} }: { data: MimeBundle; transient?: { display_id?: string } },
    update?: boolean,
  ): void => {
    if (update && id) currentCell()?.updateDisplay(data, id);
    else currentCell()?.display(data, id);
  };
}
