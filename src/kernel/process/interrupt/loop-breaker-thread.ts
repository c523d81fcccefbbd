/** The thread of `loop-breaker.ts`: receives the interrupt signal even if the main thread is stuck in a loop. */
import { Session } from "node:inspector";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { internalBinding } from "./internal-binding.js";
import { type LoopAnswer, loopBreakerName } from "./loop-breaker.js";

const askEveryMs = 20;

interface SignalWatcher {
  onsignal: () => void;
  start(signal: number): number;
}

const { Signal } = internalBinding("signal_wrap") as { readonly Signal: new () => SignalWatcher };
const watcher = new Signal();
let signals = 0;
watcher.onsignal = () => {
  signals++;
  void follow(signals, Date.now());
};
watcher.start(constants.signals.SIGINT);

/** Asks the main thread repeatedly until it has received the signal. */
async function follow(signal: number, since: number): Promise<void> {
  await sleep(askEveryMs);
  const session = new Session();
  session.connectToMainThread();
  try {
    while ((await ask(session, signal, Date.now() - since)) !== "heard") await sleep(askEveryMs);
  } finally {
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
