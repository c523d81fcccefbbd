/** One execution of a cell. Its messages name its request, so later output of its work prints under it. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type DisplayHandle, type MimeBundle, type Trail, trailSymbol } from "../../core/port/notebook.js";
import { OpenedFiles, shownPath, type Used } from "../opened-files.js";
import { readRepository } from "../repository.js";
import { isFromPage, type Message } from "../wire.js";
import { Interruption } from "./failure.js";
import { sendable } from "./mime.js";
import { type KernelSockets, ownWork } from "./sockets.js";

const flushAfterMs = 40;
const flushAtLength = 64 * 1024;

/** Cells whose work is running, even after they have ended. */
const working = new Set<Cell>();

/** Ends the work of cells that have ended, such as a query that was never awaited. */
export function interruptWork(): void {
  for (const cell of working) if (cell.isFinished) cell.interrupt();
}

export class Cell {
  readonly abort: AbortController = new AbortController();
  ended = false;
  isFinished = false;
  #pending: { name: "stdout" | "stderr"; text: string } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastFlush = 0;
  #muted = false;
  #works = 0;
  readonly #displays = new Map<string, number>();

  constructor(
    readonly request: Message,
    readonly count: number,
    private readonly sockets: KernelSockets,
    private readonly trail: CellTrail,
  ) {}

  /** Whether work that ends soon after an interrupt is running. */
  get isWorking(): boolean {
    return this.#works > 0;
  }

  /** Returns the function that reports its end. */
  beginWork(): () => void {
    this.#works++;
    working.add(this);
    return () => {
      this.#works--;
      if (this.#works === 0) working.delete(this);
    };
  }

  interrupt(): void {
    this.abort.abort(new Interruption());
  }

  get isSilent(): boolean {
    return this.request.content.silent === true;
  }

  get isInteractive(): boolean {
    return isFromPage(this.request);
  }

  /** Text is buffered for some milliseconds, so that a loop of prints does not flood the client. */
  write(name: "stdout" | "stderr", text: string): void {
    if (this.#muted || this.isSilent || text === "") return;
    ownWork(() => this.#gather(name, text));
  }

  #gather(name: "stdout" | "stderr", text: string): void {
    if (this.#pending && this.#pending.name !== name) this.flush();
    this.#pending = { name, text: (this.#pending?.text ?? "") + text };
    if (this.#pending.text.length >= flushAtLength || performance.now() - this.#lastFlush > flushAfterMs) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), flushAfterMs);
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const pending = this.#pending;
    if (!pending) return;
    this.#lastFlush = performance.now();
    this.#pending = null;
    if (!this.#muted) this.sockets.publish(this.request, "stream", pending, { executionCount: this.count });
  }

  display(data: MimeBundle, displayId: string = randomUUID()): DisplayHandle {
    const transient = { display_id: displayId };
    this.#displays.set(displayId, this.#displays.size);
    this.#show("display_data", data, { transient }, displayId);
    return { update: (next) => this.#show("update_display_data", next, { transient }, displayId) };
  }

  updateDisplay(data: MimeBundle, displayId: string): void {
    this.#show("update_display_data", data, { transient: { display_id: displayId } }, displayId);
  }

  result(data: MimeBundle): void {
    this.#show("execute_result", data, { execution_count: this.count });
  }

  error(failure: { readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] }): void {
    this.#send("error", failure);
  }

  clear(wait = false): void {
    this.#displays.clear();
    this.#send("clear_output", { wait });
  }

  /** A line that the user types. Throws an Error if the client takes no input, as when a notebook is executed. */
  async ask(prompt = "", { password = false }: { readonly password?: boolean } = {}): Promise<string> {
    this.flush();
    if (this.request.content.allow_stdin === true) return this.sockets.ask(this.request, prompt, password);
    throw new Error("nobody can type here: use a parameter instead, such as a variable in the first cell");
  }

  continuation(): Cell {
    return new Cell(this.request, this.count, this.sockets, this.trail);
  }

  /** Stops sending: the cell was ended, but its code may still run. */
  mute(): void {
    this.flush();
    this.#muted = true;
  }

  #show(msgType: string, data: MimeBundle, more: object, displayId = ""): void {
    const content = { data: sendable(data), metadata: this.trail.metadata(this), ...more };
    this.#send(msgType, content, this.#displays.get(displayId));
  }

  #send(msgType: string, content: object, display?: number): void {
    this.flush();
    if (this.#muted || this.isSilent) return;
    this.sockets.publish(this.request, msgType, content, { executionCount: this.count, display });
  }
}

/** How long a result waits for the hashes of its cell's files; slower hashes appear in a later output. */
const patienceMs = 250;

export class CellTrail {
  readonly #trail: Trail = { seeds: [], files: [], tables: [] };
  readonly #files = new OpenedFiles();
  readonly #used = new WeakSet<Cell>();
  #isReported = true;
  #repository: string | null = null;

  constructor(private readonly folder: string) {}

  offer(currentCell: () => Cell | null): void {
    const noted = (file?: string): void => {
      const cell = currentCell();
      if (cell) this.#used.add(cell);
      this.#isReported = false;
      if (file !== undefined) this.#open(file);
    };
    Object.defineProperty(globalThis, trailSymbol, { value: { ...this.#trail, noted }, configurable: true });
  }

  metadata(cell: Cell): MimeBundle {
    if (this.#isReported && !this.#used.has(cell)) return {};
    this.#isReported = true;
    const { seeds, files, tables } = this.#trail;
    const relativeName = (file: string): string => shownPath(file, this.folder, this.#repository);
    const pepnet: Used = { seeds, data: [...this.#files.records(files, relativeName), ...tables] };
    return { pepnet };
  }

  async settled(cell: Cell): Promise<void> {
    if (!this.#isReported || this.#used.has(cell)) await Promise.race([this.#files.settled(), sleep(patienceMs)]);
  }

  #open(file: string): void {
    // Checked only now: most cells open nothing.
    if (this.#trail.files.length === 1) this.#repository = readRepository(this.folder)?.root ?? null;
    this.#files.open(file);
  }
}

export class CellOutputs {
  readonly #storage = new AsyncLocalStorage<Cell>();
  #latest: Cell | null = null;

  of<T>(cell: Cell, work: () => Promise<T>): Promise<T> {
    this.#latest = cell;
    return this.#storage.run(cell, work);
  }

  within<T>(cell: Cell | null, work: () => T): T {
    return cell ? this.#storage.run(cell, work) : work();
  }

  get current(): Cell | null {
    return this.#storage.getStore() ?? this.#latest;
  }

  captureStreams(): void {
    for (const name of ["stdout", "stderr"] as const) {
      const stream = process[name];
      const original = stream.write.bind(stream) as (...args: unknown[]) => boolean;
      stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        const cell = this.current;
        if (!cell) return original(chunk, ...rest);
        cell.write(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
        const done = rest.find((argument) => typeof argument === "function") as (() => void) | undefined;
        if (done) process.nextTick(done);
        return true;
      }) as typeof stream.write;
    }
  }
}
