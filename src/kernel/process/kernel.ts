/** Cells run one at a time, in order; other requests are answered immediately, even while a cell awaits. */
import inspector from "node:inspector";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import v8 from "node:v8";
import { checkedCell, completeness, questionedName } from "../compiler/cell-checker.js";
import type { Surroundings } from "../opened-files.js";
import type { Message } from "../wire.js";
import { Cell, type CellOutputs, type CellTrail, interruptWork } from "./cell.js";
import { type Comms, completeReply, inspectReply, kernelInfo, namePage } from "./comms.js";
import { markCrashes } from "./crash-mark.js";
import { displaysFinished } from "./display.js";
import { type Failure, isInterruption } from "./failure.js";
import { isOnlyError, type Shown, show } from "./mime.js";
import { missedOutputs } from "./output-records.js";
import type { ExecutableCell, Outcome, Session } from "./session.js";
import { type Channel, type KernelSockets, ownWork } from "./sockets.js";
import { cellNames, listedCells, StaleCells } from "./stale-cells.js";

export interface HistoryRequest {
  readonly output?: boolean;
  readonly hist_access_type?: "range" | "tail" | "search";
  readonly session?: number;
  readonly start?: number;
  readonly stop?: number | null;
  readonly n?: number | null;
  readonly pattern?: string;
  readonly unique?: boolean;
}

type Entry = readonly [session: number, line: number, source: string | readonly [string, string | null]];

export class History {
  readonly #cells: { line: number; source: string; output: string | null }[] = [];

  add(line: number, source: string): void {
    this.#cells.push({ line, source, output: null });
  }

  setOutput(line: number, output: string): void {
    const cell = this.#cells.filter((entry) => entry.line === line).pop();
    if (cell) cell.output = output;
  }

  find(request: HistoryRequest): Entry[] {
    let entries = this.#cells;
    if (request.hist_access_type === "range") {
      entries = entries.filter(
        ({ line }) => line >= (request.start ?? 0) && line < (request.stop ?? Number.POSITIVE_INFINITY),
      );
    }
    if (request.hist_access_type === "search") {
      entries = entries.filter(({ source }) => matchesGlob(request.pattern ?? "*", source));
      if (request.unique)
        entries = entries.filter((cell, i) => !entries.slice(i + 1).some(({ source }) => source === cell.source));
    }
    if (request.hist_access_type !== "range" && request.n) entries = entries.slice(-request.n);
    return entries.map(({ line, source, output }) => [1, line, request.output ? [source, output] : source]);
  }
}

/** Whether a text matches a pattern with `*` and `?`. It backtracks only to the last `*`, so its time is bounded. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let star: { readonly pattern: number; text: number } | null = null;
  for (let here = 0; here < text.length; ) {
    const letter = pattern[at];
    if (letter === "*") {
      star = { pattern: ++at, text: here };
    } else if (letter === "?" || (letter !== undefined && letter === text[here])) {
      at++;
      here++;
    } else if (star !== null) {
      at = star.pattern;
      here = ++star.text;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

const idleMs = 5_000;
/** The smallest growth worth a collection, which stops this thread for some tenths of a second. */
const worthBytes = 64 * 2 ** 20;
/** The largest heap to collect: for larger ones, a collection would take seconds. */
const mostBytes = 512 * 2 ** 20;

export class IdleCollection {
  #timer: NodeJS.Timeout | null = null;
  #session: inspector.Session | null = null;
  #afterLast = v8.getHeapStatistics().total_heap_size;

  constructor(private readonly isIdle: () => boolean) {}

  touched(): void {
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => void this.#look(), idleMs).unref();
  }

  async #look(): Promise<void> {
    const { total_heap_size: total } = v8.getHeapStatistics();
    if (!this.isIdle() || total - this.#afterLast < worthBytes || total > mostBytes) return;
    await this.#collectAll();
    this.#afterLast = v8.getHeapStatistics().total_heap_size;
  }

  /** Uses the inspector, since `gc()` keeps the pages. The session stays open: closing it inside its callback hangs. */
  #collectAll(): Promise<void> {
    if (this.#session === null) {
      this.#session = new inspector.Session();
      this.#session.connect();
    }
    const session = this.#session;
    return new Promise((resolve) => session.post("HeapProfiler.collectGarbage", () => resolve()));
  }
}

/** The time that work has to end if it watches the signal: a chart's first picture takes seconds. A second interrupt ends it immediately. */
const interruptGraceMs = 5_000;
const shutdownGraceMs = 4_000;

/** The time after a signal until code that does not watch it is ended. */
const loopGraceMs = 150;

type Reply = { readonly status: "ok"; readonly payload: readonly object[] } | ({ readonly status: "error" } & Failure);
const succeeded = { status: "ok", user_expressions: {}, payload: [] as object[] } as const;
const nothing = (): void => {};

export class Kernel {
  readonly #history = new History();
  readonly #stale = new StaleCells();
  readonly #collection = new IdleCollection(() => this.isIdle);
  readonly #queue: Queued[] = [];
  #count = 0;
  #running: Running | null = null;
  /** The cell in which the last signal has ended a loop, or `null` outside of cells; `undefined`: it has not. */
  #endedIn: Running | null | undefined = undefined;
  #working = false;
  #closing = false;

  constructor(
    private readonly session: () => Session,
    private readonly sockets: KernelSockets,
    private readonly outputs: CellOutputs,
    private readonly trail: CellTrail,
    private readonly comms: Comms,
    private readonly around: Surroundings,
    private readonly leave: () => void,
  ) {}

  get isIdle(): boolean {
    return this.#running === null && this.#queue.length === 0;
  }

  /** The number of cells so far. */
  get cells(): number {
    return this.#count;
  }

  receive(request: Message, channel: Channel): void {
    ownWork(() => this.#receive(request, channel));
  }

  #receive(request: Message, channel: Channel): void {
    if (request.header.msg_type === "execute_request") {
      this.#queue.push({ request, channel });
      void this.#work();
      return;
    }
    this.#status("busy", request);
    try {
      const answer = this.#answerOf(request);
      if (answer) this.sockets.reply(request, channel, { status: "ok", ...answer });
      if (request.header.msg_type === "shutdown_request") void this.#shutDown();
    } catch (error) {
      const { ename, evalue, traceback } = this.session().describe(error);
      this.sockets.reply(request, channel, { status: "error", ename, evalue, traceback });
    }
    this.#status("idle", request);
    if (this.#running) this.#status("busy", this.#running.cell.request); // clients show the latest state
  }

  interrupt(): void {
    const running = this.#running;
    const endedIn = this.#endedIn;
    this.#endedIn = undefined;
    // A loop that the signal has ended already may have been outside of cells, and this cell may have begun after it.
    if (!running || (endedIn !== undefined && endedIn !== running)) {
      this.comms.interrupt();
      interruptWork();
      return;
    }
    const { cell } = running;
    const again = cell.abort.signal.aborted;
    const isWorking = cell.isWorking;
    // What it awaits may have begun in an earlier cell.
    if (!isWorking && endedIn === undefined) interruptWork();
    cell.interrupt();
    this.#abortQueued();
    if (again || endedIn === running || !isWorking) {
      this.#endHard(running);
      return;
    }
    const timer = setTimeout(() => this.#running === running && this.#endHard(running), interruptGraceMs);
    void running.done.then(() => clearTimeout(timer));
  }

  get patienceMs(): number {
    return this.#running?.cell.isWorking ? interruptGraceMs : loopGraceMs;
  }

  loopEnded(): void {
    this.#endedIn = this.#running;
  }

  started(): void {
    this.#status("starting", null);
  }

  #endHard({ cell, end, done }: Running): void {
    cell.ended = true;
    end();
    // After the error message is sent, output of the abandoned code is dropped.
    void done.then(() => cell.mute());
  }

  #answerOf(request: Message): object | null {
    const { content } = request;
    const type = request.header.msg_type;
    if (type === "kernel_info_request") return kernelInfo(this.around);
    if (type === "is_complete_request") return completeness(content.code, this.session().typescript);
    if (type === "complete_request") return completeReply(this.session(), content.code, content.cursor_pos);
    if (type === "diagnostics_request") return { diagnostics: this.session().check(checkedCell(content)) };
    if (type === "stale_request") return { cells: this.#stale.among(listedCells(content)) };
    if (type === "outputs_request") return { cells: missedOutputs(content, this.sockets.records) };
    if (type === "inspect_request") return inspectReply(this.session(), content.code, content.cursor_pos);
    if (type === "history_request") return { history: this.#history.find(content as HistoryRequest) };
    if (type === "comm_info_request") return { comms: this.comms.list(content.target_name) };
    if (type === "shutdown_request") return { restart: Boolean(content.restart) };
    if (type === "interrupt_request") {
      this.interrupt();
      return {};
    }
    this.comms.receive(request); // without a reply
    return null;
  }

  async #shutDown(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#abortQueued();
    const running = this.#running;
    running?.cell.interrupt();
    // Exiting during a training step can crash the process: wait for the step to end.
    if (running) await Promise.race([running.done, sleep(running.cell.isWorking ? shutdownGraceMs : 100)]);
    running?.cell.flush();
    this.leave();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let next = this.#queue.shift(); next && !this.#closing; next = this.#queue.shift()) {
      const { request, channel } = next;
      // An error of the kernel itself must not leave the client waiting, for this cell and all later ones.
      await this.#execute(next).catch((error: Error) => {
        this.#running = null;
        const failure = { ename: error.name, evalue: error.message, traceback: [String(error.stack)] };
        this.sockets.publish(request, "error", failure);
        this.sockets.reply(request, channel, { status: "error", ...failure, execution_count: this.#count });
        this.#status("idle", request);
      });
    }
    this.#working = false;
  }

  async #execute({ request, channel }: Queued): Promise<void> {
    const { code, silent = false, store_history = true, stop_on_error = true } = request.content;
    if (store_history && !silent) this.#history.add(++this.#count, code);
    markCrashes();
    const cell = new Cell(request, this.#count, this.sockets, this.trail);
    let [finish, end] = [nothing, nothing];
    const done = new Promise<void>((resolve) => (finish = resolve));
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#running = { cell, done, end };
    this.#status("busy", request);
    if (!silent) this.sockets.publish(request, "execute_input", { code, execution_count: cell.count });
    const started = new Date().toISOString();
    const { reply, compileMs } = await this.#runCell(code, cell, ended);
    await nextTurn(); // report unhandled rejections now, in the cell that caused them
    cell.flush();
    // A silent request comes from the client (VS Code sends Python), not from a cell whose failure stops the others.
    if (reply.status === "error" && stop_on_error && !silent) await this.#abortWaiting();
    this.#running = null;
    cell.isFinished = true;
    finish();
    this.sockets.reply(request, channel, { ...reply, execution_count: cell.count }, { started, pepnet: { compileMs } });
    this.#status("idle", request);
  }

  async #runCell(code: string, cell: Cell, ended: Promise<void>): Promise<{ reply: Reply; compileMs: number }> {
    const name = questionedName(code);
    if (name !== null) return { reply: { ...succeeded, payload: [namePage(this.session(), name)] }, compileMs: 0 };
    const start = performance.now();
    const compiled = ownWork(() => this.session().compile(code, cell.count));
    const compileMs = performance.now() - start;
    const problem = this.session().takeLibraryProblem();
    if (problem) cell.write("stderr", problem);
    const outcome = compiled.outcome ?? (await this.#noted(compiled.cell, cell, ended));
    if (outcome.ok) return { reply: succeeded, compileMs };
    cell.error(outcome.failure);
    // What the cell started beside the interrupted work ends where it awaits next.
    if (cell.abort.signal.aborted && this.#running) this.#endHard(this.#running);
    return { reply: { status: "error", ...outcome.failure }, compileMs };
  }

  /** Runs a cell of a page, which asks for stale cells. */
  async #noted(executable: ExecutableCell, cell: Cell, ended: Promise<void>): Promise<Outcome> {
    if (!cell.isInteractive) return this.#untilEnded(executable, cell, ended);
    const id = String(cell.request.metadata["cellId"]);
    const finish = this.#stale.begin(id, cellNames(executable.javascript), (name) => this.session().value(name));
    const outcome = await this.#untilEnded(executable, cell, ended);
    finish();
    return outcome;
  }

  #untilEnded(executable: ExecutableCell, cell: Cell, ended: Promise<void>): Promise<Outcome> {
    return new Promise((resolve) => {
      void ended.then(() => resolve(this.session().abandon(executable)));
      // In a separate task: terminating a loop also terminates its callers.
      setImmediate(() => {
        void this.outputs.of(cell, async () => resolve(await this.#runAndShow(executable, cell)));
      });
    });
  }

  async #runAndShow(executable: ExecutableCell, cell: Cell): Promise<Outcome> {
    const outcome = await this.session().run(executable);
    await displaysFinished();
    if (cell.ended || !outcome.ok || outcome.value === undefined) return outcome;
    const result = isOnlyError(outcome.value) ? this.#errorShown(outcome.value) : show(outcome.value);
    const [output] = await Promise.all([result, this.trail.settled(cell)]);
    if (cell.ended) return outcome;
    if (isInterruption(output.problem)) return { ok: false, failure: this.session().describe(output.problem) };
    if (output.problem !== undefined) {
      const { traceback } = this.session().describe(output.problem);
      cell.write("stderr", `the value's Symbol.for("Jupyter.display") failed:\n${traceback.join("\n")}\n`);
    }
    if (output.bundle === null) return outcome;
    cell.result(output.bundle);
    this.#history.setOutput(cell.count, String(output.bundle["text/plain"] ?? ""));
    return outcome;
  }

  /** The error with its places in cells, as if it had been thrown, and without the kernel's frames. */
  #errorShown(error: Error): Shown {
    return { bundle: { "text/plain": stripVTControlCharacters(this.session().describe(error).traceback.join("\n")) } };
  }

  async #abortWaiting(): Promise<void> {
    do {
      await sleep(5);
      this.#abortQueued();
    } while (this.sockets.hasUnread);
  }

  #abortQueued(): void {
    for (const { request, channel } of this.#queue.splice(0)) {
      this.#status("busy", request);
      this.sockets.reply(request, channel, { status: "aborted" });
      this.#status("idle", request);
    }
  }

  #status(state: "busy" | "idle" | "starting", parent: Message | null): void {
    if (state === "idle") this.#collection.touched();
    this.sockets.publish(parent, "status", { execution_state: state });
  }
}

interface Running {
  readonly cell: Cell;
  readonly done: Promise<void>;
  readonly end: () => void;
}

interface Queued {
  readonly request: Message;
  readonly channel: Channel;
}
