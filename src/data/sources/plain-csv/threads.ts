/** The threads that read CSV files. They start with the first file that is worth them and serve all. */
import { availableParallelism } from "node:os";
import { AsideThread } from "../../../util/threads/aside-thread.js";
import { workerFile } from "../../../util/threads/worker-file.js";
import type { Scanned } from "./lines.js";
import type { LinesRead } from "./read-lines.js";
import type { ReadTask, ScanTask } from "./thread.js";

/** The most threads; each holds a few megabytes of a file. */
const mostThreads = 4;

type Thread = AsideThread<ScanTask | ReadTask, Scanned | LinesRead, string>;

const threads: Thread[] = [];

/** How many tasks are worked on at a time. */
export function threadCount(): number {
  return Math.max(1, Math.min(mostThreads, availableParallelism()));
}

/** Has the least busy thread look at some lines. */
export function scanInThread(task: ScanTask): Promise<Scanned | null> {
  return leastBusy().call(task) as Promise<Scanned | null>;
}

/** Has the least busy thread read some lines. */
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
