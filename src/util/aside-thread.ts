/**
 * A thread beside this one that answers questions. It starts at the first question, serves all, and keeps the process
 * alive only while it is asked. Its file calls {@link answerAside}.
 */
import { parentPort, type TransferListItem, Worker } from "node:worker_threads";

interface Asked<Question> {
  readonly id: number;
  readonly question: Question;
}

type Answered<Answer, Failure> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly failure: Failure };

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** What an {@link AsideThread} is made of. */
export interface AsideThreadParts<Failure> {
  readonly name: string;
  /** Path of its JavaScript. */
  readonly file: () => string;
  /** The error to throw for what the thread could not answer. */
  readonly error: (failure: Failure) => Error;
  /** The error to throw where the thread itself ended. */
  readonly ended: (reason: string) => Error;
}

/** A thread that is asked. */
export class AsideThread<Question, Answer, Failure> {
  readonly #parts: AsideThreadParts<Failure>;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #worker: Worker | null = null;
  #next = 1;

  constructor(parts: AsideThreadParts<Failure>) {
    this.#parts = parts;
  }

  /** @param moves buffers of the question that nobody else needs: they move instead of being copied */
  ask(question: Question, moves: readonly TransferListItem[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked: Asked<Question> = { id: this.#next++, question };
      const worker = this.#started();
      worker.postMessage(asked, [...moves]);
      this.#waiting.set(asked.id, { resolve, reject });
      worker.ref();
    });
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#parts.file(), { name: this.#parts.name });
    worker.unref();
    worker.on("message", (answered: Answered<Answer, Failure>) => {
      const waiting = this.#settled(answered.id);
      if ("failure" in answered) waiting?.reject(this.#parts.error(answered.failure));
      else waiting?.resolve(answered.answer);
    });
    const end = (reason: string) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      for (const id of [...this.#waiting.keys()]) this.#settled(id)?.reject(this.#parts.ended(reason));
    };
    worker.on("error", (error) => end(error.message));
    worker.on("exit", () => end("the thread ended"));
    this.#worker = worker;
    return worker;
  }

  #settled(id: number): Waiting<Answer> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    return waiting;
  }
}

/** In the thread: answers every question, or says why there is no answer. */
export function answerAside<Question, Answer, Failure>(
  answer: (question: Question) => Answer,
  failure: (error: unknown) => Failure,
): void {
  const answered = ({ id, question }: Asked<Question>): Answered<Answer, Failure> => {
    try {
      return { id, answer: answer(question) };
    } catch (error) {
      return { id, failure: failure(error) };
    }
  };
  parentPort?.on("message", (asked: Asked<Question>) => parentPort?.postMessage(answered(asked)));
}
