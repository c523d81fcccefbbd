/**
 * Ending a process while onnxruntime runs in a worker aborts it (SIGABRT). So the worker marks its runs in shared
 * memory, and `process.exit` first asks for no further run, then waits for the running one: a few hundred milliseconds.
 */

/** Word 0: no further run, please. Word 1: a run is under way. */
const stopWord = 0;
const busyWord = 1;

/** Longest wait at exit, in milliseconds. */
const patience = 60_000;

/** Fresh control words in shared memory. */
export function controlWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** In the worker: marks a run. Never settles once the process is ending. */
export async function whileBusy<T>(control: Int32Array, run: () => Promise<T>): Promise<T> {
  // The mark comes first: whoever asks to stop then either sees it, or is seen.
  Atomics.store(control, busyWord, 1);
  try {
    if (Atomics.load(control, stopWord) === 1) return await new Promise<never>(() => undefined);
    return await run();
  } finally {
    Atomics.store(control, busyWord, 0);
    Atomics.notify(control, busyWord);
  }
}

const open = new Set<Int32Array>();
let listening = false;

/** On the main thread: from now on the process's end waits for this engine's run. Returns how to stop watching. */
export function drainAtExit(control: Int32Array): () => void {
  if (!listening) {
    listening = true;
    process.on("exit", () => {
      for (const words of open) Atomics.store(words, stopWord, 1);
      for (const words of open) Atomics.wait(words, busyWord, 1, patience);
    });
  }
  open.add(control);
  return () => open.delete(control);
}
