/** The kernel's ZeroMQ sockets, and the mark of the kernel's own work, which no interrupt ends. */
import path from "node:path";
import { Worker } from "node:worker_threads";
import type { Router, XPublisher } from "zeromq";
import { attempt } from "../../core/util/attempt.js";
import {
  type ConnectionInfo,
  decode,
  encode,
  encryption,
  header,
  isFromPage,
  type Message,
  type MessageParts,
  signatureOf,
} from "../wire.js";
import { crashMark } from "./crash-mark.js";
import type { HelperData } from "./helper-thread.js";
import { OutputRecords } from "./output-records.js";

let depth = 0;

export function ownWork<T>(work: () => T): T {
  depth++;
  try {
    return work();
  } finally {
    depth--;
  }
}

/** Forgets work that was terminated after all; call it from the event loop, where no work is running. */
export function forgetOwnWork(): void {
  depth = 0;
}

export function isOwnWork(): boolean {
  return depth > 0;
}

export type Channel = "shell" | "control";

type Receive = (request: Message, channel: Channel) => void;

/** Largest message in bytes; a peer that announces more is disconnected before memory is allocated. */
const mostBytes = 2 ** 30;
const mostTopicBytes = 2 ** 10;

export class KernelSockets {
  readonly #shell: Router;
  readonly #control: Router;
  readonly #stdin: Router;
  readonly #public: XPublisher;
  readonly #bound: Promise<unknown>;
  /** Answers heartbeats. */
  readonly #helper: Worker;
  #endHeartbeat: () => Promise<void> = async () => {};
  readonly records: OutputRecords = new OutputRecords();
  readonly #messages = new SeenMessages();
  #answered: (reply: Message) => void = () => {};
  #closed = false;

  constructor(private readonly connection: ConnectionInfo) {
    const zmq = require("zeromq") as typeof import("zeromq");
    // Sends do not wait for the event loop: otherwise a busy cell's output would appear only when the cell ends, and
    // large outputs would be lost. No high-water mark: a cell with much output must not lose lines.
    const keys = encryption(connection);
    const limit = { maxMessageSize: mostBytes, ...keys };
    const unlimited = { linger: 1000, sendTimeout: 0, sendHighWaterMark: 0 };
    this.#shell = new zmq.Router({ ...unlimited, receiveHighWaterMark: 0, ...limit });
    this.#control = new zmq.Router({ linger: 1000, sendTimeout: 0, ...limit });
    this.#stdin = new zmq.Router({ linger: 0, ...limit });
    this.#public = new zmq.XPublisher({ ...unlimited, verbosity: "allSubs", ...keys, maxMessageSize: mostTopicBytes });
    const { transport, ip, shell_port, iopub_port, stdin_port, control_port, hb_port } = connection;
    const address = (port: number) => (transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`);
    // Clients connect every 100 to 200 ms until they can, so all else is later.
    this.#bound = Promise.all([
      this.#public.bind(address(iopub_port)),
      this.#shell.bind(address(shell_port)),
      this.#control.bind(address(control_port)),
      this.#stdin.bind(address(stdin_port)),
    ]);
    const workerData: HelperData = { address: address(hb_port), keys, mark: crashMark() };
    this.#helper = new Worker(path.join(__dirname, "helper-thread.js"), { workerData });
  }

  /** @param started called with the thread that answers heartbeats @param failed called when it fails */
  async open(receive: Receive, started: (helper: Worker) => void, failed: (error: Error) => void): Promise<void> {
    this.#endHeartbeat = ending(this.#helper, failed);
    started(this.#helper);
    await this.#bound;
    this.#listen(this.#shell, "shell", receive);
    this.#listen(this.#control, "control", receive);
    this.#listen(this.#stdin, "stdin", (reply) => this.#answered(reply));
    this.#welcome();
  }

  reply(request: Message, channel: Channel, content: object, metadata: Message["metadata"] = {}): void {
    const msgType = request.header.msg_type.replace(/_request$/, "_reply");
    const message = { ...this.#child(request, msgType, content), metadata, identities: request.identities };
    this.#send(channel === "shell" ? this.#shell : this.#control, message);
  }

  /** Asks the user of the client that sent the request for a line. A later question replaces this one. */
  ask(request: Message, prompt: string, password: boolean): Promise<string> {
    const { identities } = request;
    return new Promise((resolve) => {
      this.#answered = ({ content }) => resolve(String(content.value));
      this.#send(this.#stdin, { ...this.#child(request, "input_request", { prompt, password }), identities });
    });
  }

  publish(parent: Message | null, msgType: string, content: object, metadata: object = {}): void {
    const cell = parent && isFromPage(parent) ? { ...metadata, cellId: parent.metadata["cellId"] } : {};
    this.records.note(parent, msgType, content, this.publishComm(parent, msgType, content, { metadata: cell }));
  }

  /** Returns the message's size in bytes. */
  publishComm(parent: Message | null, msgType: string, content: object, more: MessageParts = {}): number {
    return this.#send(this.#public, {
      ...this.#child(parent, msgType, content),
      ...more,
      identities: [Buffer.from(msgType)],
    });
  }

  get hasUnread(): boolean {
    return !this.#closed && this.#shell.readable;
  }

  /** Closes the sockets after delivering sent messages. Await it before the process exits. */
  close(): Promise<void> {
    if (!this.#closed) for (const socket of [this.#public, this.#shell, this.#control, this.#stdin]) socket.close();
    this.#closed = true;
    return this.#endHeartbeat();
  }

  #child(parent: Message | null, msgType: string, content: object): Message {
    const session = parent?.header.session ?? "pepnet-kernel";
    return { identities: [], header: header(msgType, session), parent: parent?.header ?? {}, metadata: {}, content };
  }

  /** Returns the size in bytes. */
  #send(socket: Router | XPublisher, message: Message): number {
    if (this.#closed) return 0;
    return ownWork(() => {
      const frames = encode(this.connection.key, message);
      // Neither socket type waits for a peer, so a rejected send means that the client has disconnected.
      socket.send(frames).catch(() => {});
      return frames.reduce((bytes, { length }) => bytes + length, 0);
    });
  }

  /**
   * A client hears when it is subscribed; if it missed what came with a reply, it would wait for more and ask again.
   */
  async #welcome(): Promise<void> {
    for await (const [frame] of this.#public) {
      if (frame?.[0] !== 1) continue; // the end of a subscription
      const topic = frame.subarray(1);
      const message = this.#child(null, "iopub_welcome", { subscription: String(topic) });
      this.#send(this.#public, { ...message, identities: [topic] });
    }
  }

  async #listen<C extends string>(socket: Router, channel: C, receive: (request: Message, from: C) => void) {
    for await (const frames of socket) {
      const request = attempt(() => decode(this.connection.key, frames), null);
      if (request === null) continue; // not a Jupyter message, or not signed: dropped, as the protocol requires
      if (this.connection.key !== "" && !this.#messages.isNew(signatureOf(frames))) continue;
      receive(request, channel);
    }
  }
}

/** Returns what ends a thread: await it before the exit, or zeromq aborts. */
function ending(thread: Worker, failed: (error: Error) => void): () => Promise<void> {
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  thread.on("error", failed);
  thread.unref();
  return () => {
    thread.ref();
    thread.postMessage("close");
    return ended;
  };
}

/** Size of each of two generations: a message is remembered for at least this number of later messages. */
const generation = 2 ** 16;

/** Hexadecimal digits that fit exactly in a number. The chance of a collision in a session is about 10⁻¹⁰. */
const digits = 13;

/** Finds replayed messages by their signatures, in bounded memory like ipykernel. */
class SeenMessages {
  #recent = new Set<number>();
  #before = new Set<number>();

  isNew(signature: string): boolean {
    const key = Number.parseInt(signature.slice(0, digits), 16);
    if (this.#recent.has(key) || this.#before.has(key)) return false;
    this.#recent.add(key);
    if (this.#recent.size >= generation) [this.#before, this.#recent] = [this.#recent, new Set()];
    return true;
  }
}
