/**
 * The threads behind workers. One that an engine is done with waits for the next engine, for which its code is compiled
 * already: that costs a fresh thread 0.2 s of processor time over its first hundred steps.
 */
import { Worker } from "node:worker_threads";
import { workerFile } from "../../../util/worker-file.js";
import type { Reply, Request } from "./messages.js";

/** Most threads that wait. */
const mostIdle = 2;

const idle: EngineThread[] = [];

/** Whom a thread works for. */
export interface ThreadUser {
  received(reply: Reply): void;
  /** The thread is over, or about to be. */
  failed(error: Error): void;
}

/** A thread that runs `worker.ts`. It keeps the process alive only while it is asked to. */
export class EngineThread {
  readonly #worker = new Worker(workerFile(__dirname, "worker"), { name: "pepnet-engine" });
  readonly #ended: Promise<void>;
  #user: ThreadUser | null = null;

  private constructor() {
    this.#worker.on("message", (reply: Reply) => this.#user?.received(reply));
    this.#worker.on("error", (error) => this.#user?.failed(error));
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        const place = idle.indexOf(this);
        if (place >= 0) idle.splice(place, 1);
        this.#user?.failed(new Error("the thread ended"));
        resolve();
      });
    });
    this.keepsProcess(false); // a script that forgets dispose() still ends
  }

  /** A thread that waited, or a new one. */
  static take(user: ThreadUser): EngineThread {
    const thread = idle.pop() ?? new EngineThread();
    thread.#user = user;
    return thread;
  }

  post(request: Request): void {
    this.#worker.postMessage(request);
  }

  keepsProcess(keeps: boolean): void {
    if (keeps) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Its user is done, and it has let go of everything: it waits, or ends by itself. */
  async release(): Promise<void> {
    this.#user = null;
    if (idle.length < mostIdle) {
      idle.push(this);
      return;
    }
    this.post({ end: true });
    this.keepsProcess(true);
    await this.#ended;
  }
}
