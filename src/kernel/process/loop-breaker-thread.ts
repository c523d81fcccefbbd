/** The thread of `loop-breaker.ts`: receives the interrupt signal even if the main thread is stuck in a loop. */
import { Session } from "node:inspector";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { internalBinding } from "./display.js";
import { type LoopAnswer, loopBreakerName } from "./loop-breaker.js";

const askEveryMs = 20;

const { Signal } = internalBinding("signal_wrap") as {
  readonly Signal: new () => { onsignal: () => void; start(signal: number): number };
};
const watcher = new Signal();
let signals = 0;
let isFollowing = false;
watcher.onsignal = () => {
  signals++;
  // The main thread's event loop handles this message with the signal: its answer shows that it runs.
  parentPort!.postMessage(signals);
  if (!isFollowing) void follow();
};
watcher.start(constants.signals.SIGINT);
parentPort!.postMessage(0); // ready

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
