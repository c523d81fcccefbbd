/**
 * The pool of threads that read CSV files. It starts with the first large enough file and serves all files.
 */
import { availableParallelism } from "node:os";
import { AsideThread } from "../../../util/threads/aside-thread.js";
import { workerFile } from "../../../util/threads/worker-file.js";
import type { Scanned } from "./lines.js";
import type { LinesRead } from "./read-lines.js";
import type { ReadTask, ScanTask } from "./thread.js";

/** The maximum number of threads; each uses a few megabytes. */
const mostThreads = 4;

type Thread = AsideThread<ScanTask | ReadTask, Scanned | LinesRead, string>;

const threads: Thread[] = [];

/** The number of concurrent tasks. */
export function threadCount(): number {
  return Math.max(1, Math.min(mostThreads, availableParallelism()));
}

/** Scans lines on the least busy thread. */
export function scanInThread(task: ScanTask): Promise<Scanned | null> {
  return leastBusy().call(task) as Promise<Scanned | null>;
}

/** Reads lines on the least busy thread. */
export function readInThread(task: ReadTask): Promise<LinesRead> {
  return leastBusy().call(task) as Promise<LinesRead>;
}

function leastBusy(): Thread {
  while (threads.length < threadCount()) threads.push(readingThread());
  return threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
}

function readingThread(): Thread {
  return new AsideThread({
    name: "pepnet-csv",
    file: () => workerFile(__dirname, "thread"),
    error: (message) => new Error(message),
    ended: (cause) => cause,
  });
}
