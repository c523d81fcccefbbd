/**
 * The threads that read CSV files. They start with the first file that is worth them, serve all, and do not keep the
 * process alive.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { workerFile } from "../../../util/worker-file.js";
import type { LinesRead } from "./read-lines.js";
import type { Call, Reply, Task } from "./thread.js";

/** The most threads; each holds a few megabytes of a file. */
const mostThreads = 4;

interface Waiting {
  readonly resolve: (read: LinesRead) => void;
  readonly reject: (reason: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

let threads: Thread[] = [];
let nextId = 0;

/** How many tasks are worked on at a time. */
export function threadCount(): number {
  return Math.max(1, Math.min(mostThreads, availableParallelism()));
}

/** Has the least busy thread read some lines. */
export function readInThread(task: Task): Promise<LinesRead> {
  while (threads.length < threadCount()) threads.push(started());
  const thread = threads.reduce((least, other) => (other.waiting.size < least.waiting.size ? other : least));
  const id = nextId++;
  return new Promise((resolve, reject) => {
    thread.waiting.set(id, { resolve, reject });
    thread.worker.ref();
    thread.worker.postMessage({ id, task } satisfies Call);
  });
}

function started(): Thread {
  const worker = new Worker(workerFile(__dirname, "thread"), { name: "pepnet-csv" });
  const thread: Thread = { worker, waiting: new Map() };
  worker.unref();
  worker.on("message", (reply: Reply) => {
    const waiting = thread.waiting.get(reply.id);
    thread.waiting.delete(reply.id);
    if (thread.waiting.size === 0) worker.unref();
    if ("read" in reply) waiting?.resolve(reply.read);
    else waiting?.reject(new Error(reply.failure));
  });
  const end = (reason: string): void => {
    threads = threads.filter((other) => other !== thread);
    for (const { reject } of thread.waiting.values()) reject(new Error(reason));
    thread.waiting.clear();
  };
  worker.on("error", (error) => end(error.message));
  worker.on("exit", () => end("the thread ended"));
  return thread;
}
