/**
 * Works while a cell blocks the main thread: echoes heartbeats, receives interrupts for `loop-breaker.ts`, and takes away the
 * crash mark of a process that gets a signal to end.
 */
import { Session } from "node:inspector";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { Router } from "zeromq";
import { internalBinding, type LoopAnswer, loopBreakerName } from "./bindings.js";
import { removeCrashMark } from "./crash-mark.js";

export interface HelperData {
  /** Of heartbeats. */
  readonly address: string;
  /** Options of encrypted sockets. */
  readonly keys: object;
  readonly mark: string | null;
}

const mostBytes = 2 ** 16;
const askEveryMs = 20;
let signals = 0;
let isFollowing = false;

async function beat(): Promise<void> {
  const zmq = require("zeromq") as typeof import("zeromq");
  // Not a Reply socket: a peer that disconnects in the middle of a message would block it for all others.
  const socket: Router = new zmq.Router({ linger: 0, sendTimeout: 0, maxMessageSize: mostBytes, ...keys });
  await socket.bind(address);
  parentPort!.once("message", () => {
    socket.close();
    parentPort!.close();
  });
  for await (const frames of socket) await socket.send(frames).catch(() => {});
}

/** Posts 0 once signals are received, or if they cannot be: endless loops then end only with a restart. */
function watchSignals(): void {
  try {
    watch("SIGINT", () => {
      signals++;
      // The main thread's event loop handles this message with the signal: its answer shows that it runs.
      parentPort!.postMessage(signals);
      if (!isFollowing) void follow();
    });
    // If the main thread is blocked, its client kills the process next.
    if (mark !== null) watch("SIGTERM", () => removeCrashMark(mark));
  } finally {
    parentPort!.postMessage(0);
  }
}

function watch(name: "SIGINT" | "SIGTERM", hear: () => void): void {
  const { Signal } = internalBinding("signal_wrap") as {
    readonly Signal: new () => { onsignal: () => void; start(signal: number): number; unref(): void };
  };
  const watcher = new Signal();
  watcher.onsignal = hear;
  watcher.start(constants.signals[name]);
  watcher.unref();
}

/** Asks the main thread repeatedly until its event loop has run after the last signal. */
async function follow(): Promise<void> {
  isFollowing = true;
  let since = performance.now();
  await sleep(askEveryMs);
  const session = new Session();
  session.connectToMainThread();
  try {
    for (;;) {
      const answer = await ask(session, signals, performance.now() - since);
      if (answer === "heard") break;
      if (answer === "ended") since = performance.now(); // what runs next has its own time
      await sleep(askEveryMs);
    }
  } finally {
    isFollowing = false;
    session.disconnect(); // an open session would keep the process alive
  }
}

function ask(session: Session, signal: number, waitedMs: number): Promise<LoopAnswer> {
  const expression = `globalThis[Symbol.for(${JSON.stringify(loopBreakerName)})](${signal}, ${waitedMs})`;
  return new Promise((resolve) => {
    session.post("Runtime.evaluate", { expression }, (error, answer) => {
      resolve(error ? "heard" : (answer.result.value as LoopAnswer));
    });
  });
}

const { address, keys, mark } = workerData as HelperData;
if (internalBinding("signal_wrap") !== null) watchSignals();
void beat();
