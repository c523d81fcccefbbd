/** The last outputs of the cells of pages, for a page that was not open at that time. */
import type { MimeBundle } from "../../core/port/notebook.js";
import { isFromPage, type Message } from "../wire.js";

/** An output, as notebooks store it. */
interface Output {
  readonly output_type: string;
  readonly [field: string]: unknown;
}

interface ShownRun {
  readonly code: string;
  readonly count: number;
  /** The request of a page, and its connection. */
  readonly request: string;
  readonly session: string;
  outputs: Output[];
  bytes: number;
  /** Whether the next output replaces all. */
  isClearing: boolean;
  /** Milliseconds since 1970; `null`: it runs. */
  end: number | null;
}

/** A cell's last run. */
export interface RecordedCell {
  readonly id: string;
  readonly execution_count: number;
  readonly outputs: readonly Output[];
  /** The request and the connection of the page that ran it, by which another page follows its further outputs. */
  readonly request: string;
  readonly session: string;
  readonly isRunning: boolean;
}

/** Outputs of more bytes are forgotten, those of the earliest run first. */
const mostBytes = 64 * 2 ** 20;

export class OutputRecords {
  readonly #runs = new Map<string, ShownRun>();
  /** The run and place of each display: another cell may update it. */
  readonly #displays = new Map<string, { readonly run: ShownRun; readonly output: Output }>();
  #bytes = 0;

  constructor(private readonly now: () => number = Date.now) {}

  /** Notes a message that a cell publishes. @param bytes its size */
  note(parent: Message | null, msgType: string, content: object, bytes: number): void {
    if (parent?.header.msg_type !== "execute_request" || !isFromPage(parent)) return;
    const id = String(parent.metadata["cellId"]);
    const fields = content as Readonly<Record<string, unknown>>;
    if (msgType === "execute_input") this.#begin(id, parent, fields);
    const run = this.#runs.get(id);
    if (run === undefined || run.request !== parent.header.msg_id) return;
    const isEnd = msgType === "status" && fields["execution_state"] === "idle";
    // Callbacks show outputs after the end of their cell.
    if (isEnd || run.end !== null) run.end = this.now();
    if (msgType === "clear_output") {
      if (fields["wait"] === true) run.isClearing = true;
      else this.#clear(run);
    } else if (msgType === "update_display_data") this.#update(fields, bytes);
    else if (outputTypes.has(msgType)) this.#add(run, msgType, fields, bytes);
  }

  /**
   * The last runs of these cells that a file saved at `since` cannot have: those that run or ended later, if their code
   * is still that of the cell.
   */
  after(since: number, cells: readonly { readonly id: string; readonly code: string }[]): RecordedCell[] {
    return cells.flatMap(({ id, code }) => {
      const run = this.#runs.get(id);
      if (run === undefined || run.code !== code || (run.end !== null && run.end <= since)) return [];
      const { count, outputs, request, session, end } = run;
      return [{ id, execution_count: count, outputs, request, session, isRunning: end === null }];
    });
  }

  #begin(id: string, { header }: Message, { code, execution_count: count }: Readonly<Record<string, unknown>>): void {
    this.#forget(id);
    const { msg_id: request, session } = header;
    const fresh = { outputs: [], bytes: 0, isClearing: false, end: null };
    this.#runs.set(id, { code: String(code), count: Number(count), request, session, ...fresh });
  }

  #add(run: ShownRun, type: string, { transient, ...fields }: Readonly<Record<string, unknown>>, bytes: number): void {
    if (run.isClearing) this.#clear(run);
    const last = run.outputs.at(-1);
    const isContinued = type === "stream" && last?.output_type === type && last["name"] === fields["name"];
    const output = isContinued
      ? { ...last, text: `${last["text"]}${fields["text"]}` }
      : { output_type: type, ...fields };
    if (isContinued) run.outputs[run.outputs.length - 1] = output;
    else run.outputs.push(output);
    const id = (transient as { readonly display_id?: string } | undefined)?.display_id;
    if (id !== undefined) this.#displays.set(id, { run, output });
    run.bytes += bytes;
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** A later state has the size of the first, more or less. */
  #update({ transient, data, metadata }: Readonly<Record<string, unknown>>, bytes: number): void {
    const id = (transient as { readonly display_id: string }).display_id;
    const display = this.#displays.get(id);
    if (display === undefined) return;
    const output: Output = { ...display.output, data: data as MimeBundle, metadata };
    const place = display.run.outputs.indexOf(display.output);
    if (place < 0) return;
    display.run.outputs[place] = output;
    this.#displays.set(id, { run: display.run, output });
    const growth = Math.max(0, bytes - display.run.bytes);
    display.run.bytes += growth;
    this.#bytes += growth;
    this.#makeRoom();
  }

  #clear(run: ShownRun): void {
    this.#bytes -= run.bytes;
    Object.assign(run, { outputs: [], bytes: 0, isClearing: false });
    for (const [id, display] of this.#displays) if (display.run === run) this.#displays.delete(id);
  }

  #forget(id: string): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#clear(run);
    this.#runs.delete(id);
  }

  #makeRoom(): void {
    for (const id of this.#runs.keys()) {
      if (this.#bytes <= mostBytes) return;
      this.#forget(id);
    }
  }
}

const outputTypes: ReadonlySet<string> = new Set(["stream", "display_data", "execute_result", "error"]);

/** Answers a request. Throws a TypeError without the time and the cells. */
export function missedOutputs(
  { since, cells }: { readonly since?: unknown; readonly cells?: unknown },
  records: OutputRecords,
): RecordedCell[] {
  const isCell = (each: Partial<Record<"id" | "code", unknown>> | null): each is { id: string; code: string } =>
    typeof each?.id === "string" && typeof each.code === "string";
  if (typeof since === "number" && Array.isArray(cells) && cells.every(isCell)) return records.after(since, cells);
  throw new TypeError(
    "an outputs_request has `since`, milliseconds since 1970, and `cells`, each with `id` and `code`",
  );
}
