/** The pool of threads that read CSV files. It starts with the first large enough file and serves all files. */
import { availableParallelism } from "node:os";
import { AsideThread } from "../../../util/called-thread.js";
import { workerFile } from "../../../util/worker-file.js";
import type { ReadTask, RecordsRead } from "./read-records.js";

/** The maximum number of threads; each uses a few megabytes. */
const mostThreads = 4;

type Thread = AsideThread<ReadTask, RecordsRead, string>;

const threads: Thread[] = [];

export function threadCount(): number {
  return Math.max(1, Math.min(mostThreads, availableParallelism()));
}

/** Reads records on the least busy thread. */
export function readInThread(task: ReadTask): Promise<RecordsRead> {
  while (threads.length < threadCount()) {
    threads.push(
      new AsideThread({
        name: "pepnet-csv",
        file: () => workerFile(__dirname, "thread"),
        error: (message) => new Error(message),
        ended: (cause) => cause,
      }),
    );
  }
  const least = threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
  return least.call(task);
}
