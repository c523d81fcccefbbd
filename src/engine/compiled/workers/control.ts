/**
 * Words in memory that an engine's threads share: who runs, where they meet, and that the process is ending. Ending a
 * process while onnxruntime runs in a thread aborts it (SIGABRT): so threads mark their runs, and `process.exit` first
 * asks for no further run, then waits for the running ones: a few hundred milliseconds.
 */
import { type Crew, CrewEnded } from "../../core/crew/crew.js";

/** 1: no further run, please. */
const stopWord = 0;
/** How often all have met. */
const metWord = 1;
/** How many are at the meeting place. */
const arrivedWord = 2;
/** 1: a member failed in this call. */
const failedWord = 3;
/** One word a member. 1: a run is under way. */
const busyWords = 4;

/** How often a member that waits looks whether the process is ending, in milliseconds. */
const glance = 100;

/** Longest wait at exit, in milliseconds. */
const patience = 60_000;

/** Fresh words for so many threads. */
export function controlWords(size: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (busyWords + size)));
}

/** In a worker: marks a run. Never settles once the process is ending. */
export async function whileBusy<T>(control: Int32Array, rank: number, run: () => Promise<T>): Promise<T> {
  // The mark comes first: whoever asks to stop then either sees it, or is seen.
  Atomics.store(control, busyWords + rank, 1);
  const idle = () => {
    Atomics.store(control, busyWords + rank, 0);
    Atomics.notify(control, busyWords + rank);
  };
  try {
    if (!ending(control)) return await run();
  } catch (error) {
    if (!ending(control)) throw error;
  } finally {
    idle();
  }
  return new Promise<never>(() => undefined);
}

/** A worker's place in a crew of threads. */
export function sharedCrew(control: Int32Array, rank: number, size: number): Crew {
  return {
    rank,
    size,
    meet() {
      const met = Atomics.load(control, metWord);
      if (Atomics.add(control, arrivedWord, 1) === size - 1) {
        Atomics.store(control, arrivedWord, 0);
        Atomics.add(control, metWord, 1);
        Atomics.notify(control, metWord);
      }
      while (Atomics.load(control, metWord) === met) {
        if (Atomics.load(control, failedWord) === 1) throw new CrewEnded("another thread of the engine failed");
        if (ending(control)) throw new CrewEnded("the process is exiting");
        Atomics.wait(control, metWord, met, glance);
      }
    },
  };
}

/** Tells those that wait for a member that it will not come. */
export function reportFailure(control: Int32Array): void {
  Atomics.store(control, failedWord, 1);
  Atomics.notify(control, metWord);
}

/** On the main thread, while no member runs: forgets a failed call. */
export function forgetFailure(control: Int32Array): void {
  Atomics.store(control, failedWord, 0);
  Atomics.store(control, arrivedWord, 0);
}

function ending(control: Int32Array): boolean {
  return Atomics.load(control, stopWord) === 1;
}

const open = new Set<Int32Array>();
let listening = false;

/** On the main thread: from now on the process's end waits for this engine's runs. Returns how to stop watching. */
export function drainAtExit(control: Int32Array): () => void {
  if (!listening) {
    listening = true;
    process.on("exit", () => {
      for (const words of open) {
        Atomics.store(words, stopWord, 1);
        Atomics.notify(words, metWord);
      }
      for (const words of open)
        for (let word = busyWords; word < words.length; word++) Atomics.wait(words, word, 1, patience);
    });
  }
  open.add(control);
  return () => open.delete(control);
}
