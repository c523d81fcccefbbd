/**
 * Control words in memory shared by an engine's threads: running members, barriers, and process exit. Exiting a
 * process while onnxruntime runs in a thread aborts it (SIGABRT). So threads mark their runs, and `process.exit`
 * first forbids further runs and then waits for the current ones: a few hundred milliseconds.
 */
import { type Crew, CrewEnded } from "../../core/crew/crew.js";

/** 1: no further runs. */
const stopWord = 0;
/** The number of completed barriers. */
const metWord = 1;
/** The number of members at the barrier. */
const arrivedWord = 2;
/** 1: a member failed in this call. */
const failedWord = 3;
/** One word per member. 1: it is running. */
const busyWords = 4;

/** The interval at which a waiting member checks for process exit, in milliseconds. */
const glance = 100;

/** Maximum wait at exit, in milliseconds. */
const patience = 60_000;

export function controlWords(size: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (busyWords + size)));
}

/** In a worker: marks a run. Never settles once the process is exiting. */
export async function whileBusy<T>(control: Int32Array, rank: number, run: () => Promise<T>): Promise<T> {
  // Set the mark first: then a stop request either sees it or is seen.
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

export function reportFailure(control: Int32Array): void {
  Atomics.store(control, failedWord, 1);
  Atomics.notify(control, metWord);
}

/** On the main thread, while no member runs: clears a failure. */
export function forgetFailure(control: Int32Array): void {
  Atomics.store(control, failedWord, 0);
  Atomics.store(control, arrivedWord, 0);
}

function ending(control: Int32Array): boolean {
  return Atomics.load(control, stopWord) === 1;
}

const open = new Set<Int32Array>();
let listening = false;

/** On the main thread: makes process exit wait for this engine's runs. Returns a function that undoes it. */
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
