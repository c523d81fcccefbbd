/** The kernel's comms. Handlers run outside of the kernel's own work, so that an interrupt can end them. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Comm, CommHandler, CommMessage, CommOpening, NotebookComms } from "../../core/port/notebook.js";
import { packageVersion } from "../../core/util/files/package-root.js";
import { quickInfoText } from "../compiler/quick-info.js";
import type { Surroundings } from "../opened-files.js";
import { type Message, type MessageParts, protocolVersion } from "../wire.js";
import type { Cell, CellOutputs } from "./cell.js";
import type { Session } from "./session.js";

interface OpenComm {
  readonly target: string;
  readonly cell: Cell | null;
  readonly handler: CommHandler;
}

export class Comms implements NotebookComms {
  readonly #targets = new Map<string, (comm: Comm) => CommHandler>();
  readonly #comms = new Map<string, OpenComm>();
  /** It is closed at once: a page that knows this complains about a second close. */
  readonly #refused = new Set<string>();
  readonly #request = new AsyncLocalStorage<Message>();
  readonly #handling = new Set<Cell>();

  constructor(
    private readonly outputs: CellOutputs,
    private readonly publish: (parent: Message | null, msgType: string, content: object, more?: MessageParts) => void,
    private readonly problem: (thrown: unknown) => void,
  ) {}

  open({ id, target, data, metadata, buffers }: CommOpening, handler: CommHandler): Comm {
    this.#comms.set(id, { target, cell: this.outputs.current, handler });
    this.#send("comm_open", { comm_id: id, target_name: target, data }, { metadata: metadata ?? {}, buffers });
    return this.#comm(id);
  }

  accept(target: string, onOpen: (comm: Comm) => CommHandler): void {
    this.#targets.set(target, onOpen);
  }

  list(target?: string): Record<string, { readonly target_name: string }> {
    const open = [...this.#comms].filter(([, comm]) => !target || comm.target === target);
    return Object.fromEntries(open.map(([id, comm]) => [id, { target_name: comm.target }]));
  }

  receive(request: Message): void {
    const { comm_id: id, target_name: target } = request.content;
    const type = request.header.msg_type;
    if (type === "comm_open") this.#accept(request, String(id), String(target));
    if (type === "comm_close") this.#comms.delete(id);
    if (type !== "comm_msg") return;
    const comm = this.#comms.get(id);
    if (comm) this.#handle(request, comm);
    // Of a kernel before a restart: the front end then marks its widget as disconnected.
    else if (!this.#refused.has(id)) this.#refuse(request, id);
  }

  interrupt(): void {
    for (const cell of this.#handling) {
      cell.interrupt();
      if (!cell.isWorking) cell.ended = true;
    }
  }

  #accept(request: Message, id: string, target: string): void {
    const onOpen = this.#targets.get(target);
    if (!onOpen) {
      this.#refuse(request, id);
      return;
    }
    const handler = this.#request.run(request, () => onOpen(this.#comm(id)));
    this.#comms.set(id, { target, cell: this.outputs.current, handler });
  }

  #refuse(request: Message, id: string): void {
    this.#refused.add(id);
    this.publish(request, "comm_close", { comm_id: id, data: {} });
  }

  #handle(request: Message, { cell, handler }: OpenComm): void {
    const message: CommMessage = { data: request.content.data ?? {}, buffers: request.buffers };
    const continuation = cell?.continuation() ?? null;
    const work = async (): Promise<void> => {
      if (continuation) this.#handling.add(continuation);
      try {
        await handler(message);
      } catch (thrown) {
        this.problem(thrown);
      } finally {
        if (continuation) {
          this.#handling.delete(continuation);
          continuation.isFinished = true;
          continuation.flush();
        }
      }
    };
    // In a separate task: terminating a loop also terminates its callers.
    setImmediate(() => this.outputs.within(continuation, () => void this.#request.run(request, work)));
  }

  #comm(id: string): Comm {
    return {
      id,
      send: ({ data, buffers }) => this.#send("comm_msg", { comm_id: id, data }, { buffers }),
      close: () => {
        if (this.#comms.delete(id)) this.#send("comm_close", { comm_id: id, data: {} }, {});
      },
    };
  }

  #send(msgType: string, content: object, more: MessageParts): void {
    const cell = this.outputs.current;
    cell?.flush();
    this.publish(this.#request.getStore() ?? cell?.request ?? null, msgType, content, more);
  }
}

export const typescriptVersion = "6.0.3";

/** Of `kernel_info_reply` and a notebook's metadata: clients save the language info, so it holds the environment. */
export function kernelInfo(around?: Surroundings): {
  readonly language_info: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
} {
  return {
    protocol_version: protocolVersion,
    implementation: "pepnet",
    implementation_version: packageVersion(),
    language_info: {
      name: "typescript",
      version: typescriptVersion,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: "typescript",
      nbconvert_exporter: "script",
      pepnet: around,
    },
    banner: `pepnet ${packageVersion()}: TypeScript ${typescriptVersion} on Node ${process.versions.node}`,
    help_links: [],
  };
}

export function completeReply(session: Session, code: string, cursor: number): object {
  const { start, end, candidates } = session.complete(code, toUnits(code, cursor));
  const span = { start: toPoints(code, start), end: toPoints(code, end) };
  // JupyterLab and VS Code read the kinds from here.
  const types = candidates.map(({ text, kind: type }) => ({ ...span, text, type }));
  const metadata = { _jupyter_types_experimental: types };
  return { matches: candidates.map(({ text }) => text), cursor_start: span.start, cursor_end: span.end, metadata };
}

export function inspectReply(
  session: Session,
  code: string,
  cursor: number,
): { found: boolean; data: Record<string, string>; metadata: object } {
  const info = session.inspect(code, toUnits(code, cursor));
  if (!info) return { found: false, data: {}, metadata: {} };
  return { found: true, data: { "text/plain": quickInfoText(info) }, metadata: {} };
}

export function namePage(session: Session, name: string): object {
  const { data } = inspectReply(session, name, name.length);
  const text = data["text/plain"] ?? `no information about ${name}`;
  return { source: "page", data: { "text/plain": text }, start: 0 };
}

function toUnits(code: string, points: number): number {
  return [...code].slice(0, points).join("").length;
}

function toPoints(code: string, units: number): number {
  return [...code.slice(0, units)].length;
}
