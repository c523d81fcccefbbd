/** The kernel's heartbeat. A thread of its own echoes it, so that a client sees that a kernel with a busy cell lives. */
import path from "node:path";
import { Worker } from "node:worker_threads";

/** Returns a function that ends it: await it before the process exits, since zeromq aborts if sockets are open. */
export function startHeartbeat(address: string, failed: (error: Error) => void): () => Promise<void> {
  const thread = new Worker(path.join(__dirname, "heartbeat-thread.js"), { workerData: address });
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  thread.on("error", failed);
  thread.unref();
  return () => {
    thread.ref();
    thread.postMessage("close");
    return ended;
  };
}
