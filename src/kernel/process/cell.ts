/** One execution of a cell. Its messages name its request, so later output of its work prints under it. */
import { randomUUID } from "node:crypto";
import type { DisplayHandle, MimeBundle } from "../../port/index.js";
import { sendable } from "./mime.js";
import { ownWork } from "./own-work.js";

export type Publish = (msgType: string, content: object, metadata: CellPlace) => void;

export interface CellPlace {
  readonly executionCount: number;
  readonly display?: number;
}

const flushAfterMs = 40;
const flushAtLength = 64 * 1024;

/** A running or finished cell. */
export class Cell {
  readonly abort: AbortController = new AbortController();
  watchesSignal = false;
  ended = false;
  #pending: { name: "stdout" | "stderr"; text: string } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastFlush = 0;
  #muted = false;
  readonly #displays = new Map<string, number>();

  /**
   * @param count the number in brackets, the same for the request and its results
   * @param metadata returns the metadata of this cell's outputs
   * @param isInteractive whether the client shows messages that it receives after the cell ends
   */
  constructor(
    readonly count: number,
    private readonly publish: Publish,
    private readonly silent: boolean = false,
    private readonly metadata: (cell: Cell) => object = () => ({}),
    readonly isInteractive: boolean = false,
  ) {}

  /** Text is buffered for some milliseconds, so that a loop of prints does not flood the client. */
  write(name: "stdout" | "stderr", text: string): void {
    if (this.#muted || this.silent || text === "") return;
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
    if (!this.#muted) this.publish("stream", pending, { executionCount: this.count });
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

  /** A continuation for code that a user's click runs later: its output appears under this cell. */
  continuation(): Cell {
    return new Cell(this.count, this.publish, this.silent, this.metadata, this.isInteractive);
  }

  /** Stops sending: the cell was ended, but its code may still run. */
  mute(): void {
    this.flush();
    this.#muted = true;
  }

  #show(msgType: string, data: MimeBundle, more: object, displayId = ""): void {
    this.#send(
      msgType,
      { data: sendable(data), metadata: this.metadata(this), ...more },
      this.#displays.get(displayId),
    );
  }

  #send(msgType: string, content: object, display?: number): void {
    this.flush();
    if (!this.#muted && !this.silent) this.publish(msgType, content, { executionCount: this.count, display });
  }
}
