/** A client for any Jupyter kernel, ours and tslab's alike: it asks often, so that neither waits for it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Subscriber } from "zeromq";
import { type ConnectionInfo, decode, encode, header, type Message } from "../../src/kernel/wire.js";

/** What a cell gave. */
export interface CellResult {
  /** The text of its last value, as either kernel shows it. */
  readonly text: string;
  /** From the request to the reply and the last output, in milliseconds. */
  readonly millis: number;
  readonly reply: Message;
}

/** A running kernel. */
export class BenchKernel {
  readonly #heard: Message[] = [];
  #wake: () => void = () => {};

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly connection: ConnectionInfo,
    private readonly shell: Dealer,
    private readonly published: Subscriber,
  ) {
    void this.#listen(shell);
    void this.#listen(published);
  }

  /** Starts the program `argv`, in which `{connection_file}` stands for the file's path, in an empty folder. */
  static async start(argv: readonly string[]): Promise<BenchKernel> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-bench-kernel-"));
    const connection = await freeConnection();
    const file = path.join(folder, "connection.json");
    writeFileSync(file, JSON.stringify(connection));
    const [command = "", ...args] = argv.map((part) => part.replace("{connection_file}", file));
    const child = spawn(command, args, { cwd: folder, stdio: "ignore" });
    const options = { linger: 0, reconnectInterval: 5, receiveHighWaterMark: 0 };
    const [shell, published] = [new Dealer(options), new Subscriber(options)];
    shell.connect(`tcp://127.0.0.1:${connection.shell_port}`);
    published.connect(`tcp://127.0.0.1:${connection.iopub_port}`);
    published.subscribe();
    const kernel = new BenchKernel(child, folder, connection, shell, published);
    await kernel.#connected();
    return kernel;
  }

  /** Runs a cell. Throws where it fails. */
  async run(code: string): Promise<CellResult> {
    const start = performance.now();
    const id = await this.#send("execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
    const of = (message: Message): boolean => message.parent.msg_id === id;
    const reply = await this.#until((message) => of(message) && message.header.msg_type === "execute_reply");
    await this.#until((message) => of(message) && message.content.execution_state === "idle");
    const millis = performance.now() - start;
    if (reply.content.status !== "ok") throw new Error(`the cell failed: ${JSON.stringify(reply.content)}`);
    const outputs = this.#heard.filter(of).map(({ content }) => content.data?.["text/plain"] ?? content.text ?? "");
    this.#heard.length = 0;
    return { text: outputs.join("").trim(), millis, reply };
  }

  /** Resident memory in MB, where the system tells it. */
  megabytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** Ends the kernel. */
  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await gone;
    for (const socket of [this.shell, this.published]) socket.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #connected(): Promise<void> {
    const isReply = ({ header: { msg_type } }: Message): boolean => msg_type === "kernel_info_reply";
    await this.#send("kernel_info_request", {});
    await this.#until(isReply);
    // A subscriber hears nothing before its connection is made.
    while (!this.#heard.some(({ header: { msg_type } }) => msg_type === "status")) {
      await this.#send("kernel_info_request", {});
      await sleep(5);
    }
  }

  async #send(msgType: string, content: object): Promise<string> {
    const head = header(msgType, "bench");
    const message = { identities: [], header: head, parent: {}, metadata: {}, content };
    await this.shell.send(encode(this.connection.key, message));
    return head.msg_id;
  }

  async #until(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.#heard.find(wanted);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #listen(socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      this.#heard.push(decode(this.connection.key, frames));
      this.#wake();
    }
  }
}

async function freeConnection(): Promise<ConnectionInfo> {
  const servers = await Promise.all(Array.from({ length: 5 }, listening));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [shell_port = 0, iopub_port = 0, stdin_port = 0, control_port = 0, hb_port = 0] = ports;
  const base = { ip: "127.0.0.1", transport: "tcp", signature_scheme: "hmac-sha256", key: randomUUID() };
  return { ...base, shell_port, iopub_port, stdin_port, control_port, hb_port };
}

function listening(): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
