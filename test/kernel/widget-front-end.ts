/** A front end of widgets in a few lines: keeps the models that a kernel opens, and sends what a user would. */
import { Dealer, Subscriber } from "zeromq";
import type { KernelClient } from "../../src/kernel/client.js";
import { decode, encode, header, type Message } from "../../src/kernel/wire.js";

/** A model as the kernel described it, with all updates since. */
export interface FrontEndModel {
  readonly id: string;
  readonly state: Record<string, unknown>;
}

/** Hears all that a kernel publishes. */
export class WidgetFrontEnd {
  readonly models = new Map<string, FrontEndModel>();
  readonly messages: Message[] = [];
  readonly #public = new Subscriber({ linger: 0 });
  readonly #shell = new Dealer({ linger: 0 });

  private constructor(private readonly kernel: KernelClient) {
    this.#public.connect(`tcp://127.0.0.1:${kernel.connection.iopub_port}`);
    this.#shell.connect(`tcp://127.0.0.1:${kernel.connection.shell_port}`);
    this.#public.subscribe();
    void this.#listen();
  }

  static async start(kernel: KernelClient): Promise<WidgetFrontEnd> {
    const frontEnd = new WidgetFrontEnd(kernel);
    while (frontEnd.messages.length === 0) {
      await kernel.request("comm_info_request", {}).reply;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return frontEnd;
  }

  /** The newest model whose state has these values, once the kernel's message about it has arrived. */
  async model(part: Record<string, unknown>): Promise<FrontEndModel> {
    const fits = ({ state }: FrontEndModel): boolean =>
      Object.entries(part).every(([name, value]) => JSON.stringify(state[name]) === JSON.stringify(value));
    for (let attempts = 0; attempts < 1000; attempts++) {
      const model = [...this.models.values()].reverse().find(fits);
      if (model) return model;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no model with ${JSON.stringify(part)}`);
  }

  /** Sends a message about a comm; returns its id. */
  async send(msgType: string, content: object, buffers: readonly Uint8Array[] = []): Promise<string> {
    const head = header(msgType, "front-end");
    const message = { identities: [], header: head, parent: {}, metadata: {}, content, buffers };
    await this.#shell.send(encode(this.kernel.connection.key, message));
    return head.msg_id;
  }

  /** Changes a model as a user does. */
  change(model: FrontEndModel, state: object): Promise<string> {
    Object.assign(model.state, state);
    return this.send("comm_msg", { comm_id: model.id, data: { method: "update", state, buffer_paths: [] } });
  }

  /** Messages of a type, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: each message type has its own content
  all(msgType: string): any[] {
    return this.messages.filter(({ header }) => header.msg_type === msgType).map(({ content }) => content);
  }

  close(): void {
    this.#public.close();
    this.#shell.close();
  }

  async #listen(): Promise<void> {
    for await (const frames of this.#public) {
      const message = decode(this.kernel.connection.key, frames);
      this.messages.push(message);
      const { comm_id: id, data, target_name: target } = message.content;
      if (message.header.msg_type === "comm_open" && target === "jupyter.widget") {
        this.models.set(id, { id, state: { ...data.state } });
      }
      if (message.header.msg_type === "comm_msg" && data.method === "update") {
        Object.assign(this.models.get(id)?.state ?? {}, data.state);
      }
    }
  }
}
