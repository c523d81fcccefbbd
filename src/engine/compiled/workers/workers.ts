import type { EncodedData } from "../../../data/encoded/index.js";
import { EngineError } from "../../../errors/index.js";
import { controlWords, drainAtExit, forgetFailure, reportFailure } from "./control.js";
import type { Call } from "./messages.js";
import { WorkerLink } from "./worker-link.js";

export class Workers {
  readonly control: Int32Array;
  readonly #links: readonly WorkerLink[];
  readonly #stopDraining: () => void;

  constructor(size: number) {
    this.control = controlWords(size);
    this.#links = startedLinks(size, () => reportFailure(this.control));
    this.#stopDraining = drainAtExit(this.control);
  }

  get size(): number {
    return this.#links.length;
  }

  /** Every worker's answer to a call, by rank. If a worker fails, its error is thrown after all have ended. */
  async all<T>(callOf: Call | ((rank: number) => Call)): Promise<T[]> {
    const answers = await Promise.allSettled(
      this.#links.map((link, rank) => link.call<T>(typeof callOf === "function" ? callOf(rank) : callOf)),
    );
    const reasons = answers.flatMap((answer): unknown[] => (answer.status === "rejected" ? [answer.reason] : []));
    if (reasons.length > 0) {
      forgetFailure(this.control);
      // A worker that waited for a failed one reports only that.
      throw reasons.find((reason) => !(reason instanceof Error && reason.name === "CrewEnded")) ?? reasons[0];
    }
    return answers.map((answer) => (answer as PromiseFulfilledResult<T>).value);
  }

  first<T>(call: Call): Promise<T> {
    return this.#links[0]!.call(call);
  }

  async others(callOf: (rank: number) => Call): Promise<void> {
    await Promise.all(this.#links.slice(1).map((link, index) => link.call(callOf(index + 1))));
  }

  onBatch<T>(data: EncodedData, rows: Int32Array, call: (data: number, rows: Int32Array) => Call): Promise<T[]> {
    const sent = WorkerLink.rows(rows);
    return this.all((rank) => call(this.#links[rank]!.keep(data), sent));
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()));
    this.#stopDraining();
  }
}

/** @throws EngineError if the operating system cannot start this many threads; started ones are released */
function startedLinks(size: number, died: () => void): WorkerLink[] {
  const links: WorkerLink[] = [];
  try {
    while (links.length < size) links.push(new WorkerLink(died));
    return links;
  } catch (cause) {
    for (const link of links) void link.close().catch(() => undefined);
    throw new EngineError(
      {
        path: "engine",
        message: "a thread of the engine cannot start",
        received: (cause as Error).message,
        expected: `${size} threads, with four open files each`,
        fix: "use fewer threads, dispose of finished runs, or raise the limits (ulimit -n, ulimit -u)",
      },
      { cause },
    );
  }
}
