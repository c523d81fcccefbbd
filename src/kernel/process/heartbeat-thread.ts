/** The heartbeat thread: echoes what clients send, even while a cell blocks the main thread. */
import { parentPort, workerData } from "node:worker_threads";
import type { Router } from "zeromq";

const mostBytes = 2 ** 16;

async function beat(address: string): Promise<void> {
  const zmq = require("zeromq") as typeof import("zeromq");
  // Not a Reply socket: a peer that disconnects in the middle of a message would block it for all others.
  const socket: Router = new zmq.Router({ linger: 0, sendTimeout: 0, maxMessageSize: mostBytes });
  await socket.bind(address);
  parentPort!.once("message", () => {
    socket.close();
    parentPort!.close();
  });
  for await (const frames of socket) await socket.send(frames).catch(() => {});
}

void beat(workerData as string);
