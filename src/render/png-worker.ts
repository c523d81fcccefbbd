/** The worker thread that draws pictures, one at a time, in the order asked. */
import { parentPort } from "node:worker_threads";
import { type DrawRequest, drawPng } from "./draw.js";

/** To the worker. */
export interface PngRequest extends DrawRequest {
  readonly id: number;
}

/** From the worker: the picture or why there is none. */
export interface PngReply {
  readonly id: number;
  readonly png?: Uint8Array;
  readonly error?: string;
}

let queue: Promise<void> = Promise.resolve();

parentPort?.on("message", (request: PngRequest) => {
  queue = queue.then(() => answer(request));
});

async function answer(request: PngRequest): Promise<void> {
  let reply: PngReply;
  try {
    reply = { id: request.id, png: await drawPng(request) };
  } catch (error) {
    reply = { id: request.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  parentPort?.postMessage(reply);
}
