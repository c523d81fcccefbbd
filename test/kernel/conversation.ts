/** A kernel and what it says about each cell, for tests that read as conversations. */

import { existsSync, mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KernelClient } from "../../src/kernel/client.js";
import { kernelMain } from "../../src/kernel/kernel-spec.js";
import type { Message } from "../../src/kernel/wire.js";

/** All that came of a request. */
export interface Heard {
  // biome-ignore lint/suspicious/noExplicitAny: each reply has its own content
  readonly reply: any;
  /** Types of the public messages, in order, without the states. */
  readonly types: string[];
  /** The contents of the public messages of a type. */
  // biome-ignore lint/suspicious/noExplicitAny: each message type has its own content
  all(type: string): any[];
  /** The printed text of a stream. */
  stream(name: "stdout" | "stderr"): string;
  /** The text of the result, without which there is none. */
  readonly text: string | undefined;
  /** The error's traceback without colours. */
  readonly traceback: string;
}

/** A running kernel in an empty folder. */
export class Conversation {
  private constructor(
    readonly kernel: KernelClient,
    readonly folder: string,
  ) {}

  static async start(): Promise<Conversation> {
    if (!existsSync(kernelMain)) throw new Error(`${kernelMain} is missing: compile first (npm test does)`);
    const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-kernel-test-"));
    return new Conversation(await KernelClient.start({ cwd: folder }), folder);
  }

  /** Runs a cell and waits for all it says. */
  run(code: string, options: object = {}): Promise<Heard> {
    return this.send("execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
      ...options,
    });
  }

  /** Sends a request and waits for all that is said about it; `onMessage` is told as it comes. */
  async send(type: string, content: object, onMessage: (message: Message) => void = () => {}): Promise<Heard> {
    const messages: Message[] = [];
    const { reply } = this.kernel.request(type, content, (message) => {
      messages.push(message);
      onMessage(message);
    });
    return heard((await reply).content, messages);
  }

  /** Waits until a cell has written a file of that name in the kernel's folder. */
  async written(name: string): Promise<void> {
    while (!existsSync(path.join(this.folder, name))) await sleep(10);
  }

  end(): Promise<void> {
    return this.kernel.shutDown();
  }
}

function heard(reply: unknown, messages: readonly Message[]): Heard {
  // biome-ignore lint/suspicious/noExplicitAny: each message type has its own content
  const all = (type: string): any[] => messages.filter(({ header }) => header.msg_type === type).map((m) => m.content);
  const traceback: string[] = all("error")[0]?.traceback ?? [];
  return {
    reply,
    types: messages.map(({ header }) => header.msg_type).filter((type) => type !== "status"),
    all,
    stream: (name) =>
      all("stream")
        .filter((content) => content.name === name)
        .map((content) => content.text)
        .join(""),
    text: all("execute_result")[0]?.data["text/plain"],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours
    traceback: traceback.join("\n").replace(/\u001b\[\d+m/g, ""),
  };
}
