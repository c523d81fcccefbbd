/** A Jupyter client. It uses ZeroMQ from Node, so that a notebook runs without Python. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Subscriber } from "zeromq";
import { NotebookError } from "../core/errors/index.js";
import { isDebugging } from "../core/util/debug.js";
import { packageVersion } from "../core/util/files/package-root.js";
import { kernelArgv } from "./kernel-spec.js";
import { type ConnectionInfo, decode, encode, header, type Message } from "./wire.js";

export interface KernelOptions extends Pick<SpawnOptions, "cwd" | "env"> {
  /** The command of another kernel; `{connection_file}` is replaced by that file's path. */
  readonly argv?: readonly string[];
}

/** Time limit for the kernel's first reply, in milliseconds. */
const startupMs = 60_000;

/** A kernel may not listen yet: retry after this time, since ZeroMQ's 100 ms delay every start. */
const reconnect = { reconnectInterval: 10 };

/** Time limit for a reply's public messages once the subscription works. */
const publicDelayMs = 10;

/** How often a kernel is started again, on other ports, because another program took one before it did. */
const lostPorts = 3;

/** The time for a kernel whose cell never returns to receive the message that it must end. */
const hearMs = 500;

export interface Exchange {
  readonly id: string;
  readonly reply: Promise<Message>;
}

interface Waiting {
  readonly hear: (message: Message) => void;
  reply: Message | null;
  idle: boolean;
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

export class KernelClient {
  readonly #waiting = new Map<string, Waiting>();
  readonly #replies = new Set<Promise<Message>>();
  readonly #session = randomUUID();
  readonly #shell = new Dealer({ ...reconnect, linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
  readonly #control = new Dealer({ ...reconnect, linger: 0 });
  readonly #public = new Subscriber({ ...reconnect, linger: 0, receiveHighWaterMark: 0 });
  readonly #exited: Promise<void>;
  #sending: Promise<void> = Promise.resolve();
  #death: string | null = null;
  #stderr = "";

  private constructor(
    readonly connection: ConnectionInfo,
    private readonly file: string,
    private readonly child: ChildProcess,
  ) {
    const address = (port: number): string => `tcp://127.0.0.1:${port}`;
    this.#shell.connect(address(connection.shell_port));
    this.#control.connect(address(connection.control_port));
    this.#public.connect(address(connection.iopub_port));
    this.#public.subscribe();
    for (const socket of [this.#shell, this.#control, this.#public]) void this.#listen(socket);
    child.stderr?.on("data", (data) => {
      this.#stderr = (this.#stderr + String(data)).slice(-4_000);
      if (isDebugging()) process.stderr.write(data);
    });
    this.#exited = new Promise((resolve) => {
      child.on("error", (error) => this.#die(error.message, resolve));
      child.on("exit", (code, signal) => this.#die(signal ? `signal ${signal}` : `exit code ${code}`, resolve));
    });
  }

  /** Starts a kernel and waits until it answers. Throws a NotebookError if it does not answer. */
  static async start(options: KernelOptions): Promise<KernelClient> {
    for (let left = lostPorts; ; left--) {
      const client = await KernelClient.#spawn(options);
      try {
        await client.#connect();
        return client;
      } catch (error) {
        await client.kill();
        if (left === 0 || !/address (already )?in use/i.test(client.#stderr)) throw error;
      }
    }
  }

  static async #spawn({ cwd, env = process.env, argv = kernelArgv }: KernelOptions): Promise<KernelClient> {
    // Free ports: all of them are bound at the same time, so that they differ, then released.
    const servers = Array.from({ length: 5 }, () => net.createServer().listen(0, "127.0.0.1"));
    await Promise.all(servers.map((server) => once(server, "listening")));
    const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    const [shell_port = 0, iopub_port = 0, stdin_port = 0, control_port = 0, hb_port = 0] = ports;
    const base = { ip: "127.0.0.1", transport: "tcp", signature_scheme: "hmac-sha256", key: randomUUID() };
    const connection = { ...base, kernel_name: "pepnet", shell_port, iopub_port, stdin_port, control_port, hb_port };
    const file = path.join(os.tmpdir(), `pepnet-kernel-${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    const [command = process.execPath, ...args] = argv.map((part) => part.replace("{connection_file}", file));
    // A separate process group: Ctrl-C reaches only the process that started the kernel, which decides.
    const detached = process.platform !== "win32";
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "inherit", "pipe"], detached });
    return new KernelClient(connection, file, child);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get death(): string | null {
    return this.#death;
  }

  request(
    msgType: string,
    content: object,
    hear: (message: Message) => void = () => {},
    channel: "shell" | "control" = "shell",
  ): Exchange {
    const head = header(msgType, this.#session);
    const reply = new Promise<Message>((resolve, reject) => {
      if (this.#death !== null) reject(this.#deathError());
      this.#waiting.set(head.msg_id, { hear, reply: null, idle: false, resolve, reject });
    });
    this.#replies.add(reply);
    reply.catch(() => {}).finally(() => this.#replies.delete(reply));
    const frames = encode(this.connection.key, { identities: [], header: head, parent: {}, metadata: {}, content });
    const socket = channel === "shell" ? this.#shell : this.#control;
    this.#sending = this.#sending.then(() => socket.send(frames)).catch(() => {});
    return { id: head.msg_id, reply };
  }

  execute(code: string, hear?: (message: Message) => void, options: object = {}): Exchange {
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
    return this.request("execute_request", { ...content, stop_on_error: true, ...options }, hear);
  }

  async idle(): Promise<void> {
    await Promise.race([this.#exited, Promise.allSettled([...this.#replies])]);
  }

  /** Interrupts the running cell as Jupyter does: on Windows by a message, where a signal would end the process. */
  interrupt(): void {
    if (process.platform !== "win32") this.child.kill("SIGINT");
    else this.request("interrupt_request", {}, undefined, "control").reply.catch(() => {});
  }

  async shutDown(): Promise<void> {
    if (this.#death === null) {
      this.request("shutdown_request", { restart: false }, undefined, "control").reply.catch(() => {});
      await Promise.race([this.#exited, sleep(6_000, undefined, { ref: false })]);
    }
    await this.kill();
  }

  async kill(): Promise<void> {
    if (this.#death === null) {
      this.child.kill(); // so that its end counts as no crash, which would cost its snapshot
      await Promise.race([this.#exited, sleep(hearMs)]);
      this.child.kill("SIGKILL");
    }
    await this.#exited;
    for (const socket of [this.#shell, this.#control, this.#public]) socket.close();
    rmSync(this.file, { force: true });
  }

  /** Repeats a request until both channels answer: a subscriber receives nothing before it is connected. */
  async #connect(): Promise<void> {
    const deadline = performance.now() + startupMs;
    while (performance.now() < deadline) {
      const { id, reply } = this.request("kernel_info_request", {});
      if (await Promise.race([reply.then(() => true), this.#missed(id, deadline)])) return;
    }
    throw new NotebookError({
      path: "kernel",
      message: `the kernel did not answer within ${startupMs / 1000} seconds`,
      received: this.#stderr.trim() || undefined,
      fix: "run `npm run build`, and check whether another program keeps the machine busy",
    });
  }

  /** Resolves to `false` if a reply arrives without its public messages, or at the deadline. */
  async #missed(id: string, deadline: number): Promise<false> {
    while (this.#waiting.get(id)?.reply === null && performance.now() < deadline) await sleep(publicDelayMs / 2);
    await sleep(publicDelayMs);
    return false;
  }

  async #listen(socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      const message = decode(this.connection.key, frames);
      const id = message.parent.msg_id ?? "";
      const waiting = this.#waiting.get(id);
      if (!waiting) continue;
      if (socket === this.#public) {
        waiting.hear(message);
        if (message.header.msg_type === "status" && message.content.execution_state === "idle") waiting.idle = true;
      } else waiting.reply = message;
      if (waiting.idle && waiting.reply) {
        this.#waiting.delete(id);
        waiting.resolve(waiting.reply);
      }
    }
  }

  #die(how: string, resolve: () => void): void {
    this.#death ??= how;
    for (const { reject } of this.#waiting.values()) reject(this.#deathError());
    this.#waiting.clear();
    resolve();
  }

  #deathError(): NotebookError {
    return new NotebookError({
      path: "kernel",
      message: `the kernel ended unexpectedly (${this.#death})`,
      received: this.#stderr.trim() || undefined,
      fix: this.#death?.includes("SIGKILL")
        ? "another process killed it, usually because memory ran out: use fewer rows or smaller embeddings"
        : "run it again: if this kernel started from a snapshot, the next one does not. If it ends again, check the native " +
          `code that the cell calls; pepnet is ${packageVersion()}, Node ${process.versions.node}`,
    });
  }
}
