/** Who finds a kernel's ports, but does not know its key. */
import { randomBytes } from "node:crypto";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dealer, Request } from "zeromq";
import { encode, header } from "../../src/kernel/wire.js";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

const ports = ["hb_port", "shell_port", "control_port", "stdin_port", "iopub_port"] as const;
const address = (name: (typeof ports)[number]): string => `tcp://127.0.0.1:${talk.kernel.connection[name]}`;

/** What a client's heartbeat hears. */
async function beat(): Promise<string> {
  const socket = new Request({ linger: 0, receiveTimeout: 5_000 });
  socket.connect(address("hb_port"));
  try {
    await socket.send("still there?");
    return String((await socket.receive())[0]);
  } finally {
    socket.close();
  }
}

/** Sends bytes to a port, and resolves when they are out or refused. */
function send(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.end(bytes));
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
    socket.resume();
  });
}

/** ZeroMQ's greeting and handshake as a peer of some kind, so that what follows is read as messages. */
function handshake(kind: string): Buffer {
  const greeting = Buffer.alloc(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
  greeting.write("NULL", 12);
  const property = Buffer.concat([
    Buffer.from("\x0bSocket-Type\0\0\0", "latin1"),
    Buffer.from([kind.length]),
    Buffer.from(kind),
  ]);
  const ready = Buffer.concat([Buffer.from("\x05READY", "latin1"), property]);
  return Buffer.concat([greeting, Buffer.from([4, ready.length]), ready]);
}

describe.each(ports)("garbage on the %s", (name) => {
  it("ends nothing: the heartbeat beats and cells run", async () => {
    const port = talk.kernel.connection[name];
    const huge = Buffer.from([2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    const first = [
      Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
      handshake("REQ"),
      ...[1, 9, 65, 4_000].map((n) => randomBytes(n)),
    ];
    const framed = [Buffer.from([1, 0, 0, 4, 1, 2, 3, 4]), Buffer.from([0, 2, 7, 7]), huge, randomBytes(300)];
    const afterwards = framed.flatMap((bytes) =>
      ["REQ", "DEALER", "SUB"].map((kind) => Buffer.concat([handshake(kind), bytes])),
    );
    for (const bytes of [...first, ...afterwards]) await send(port, bytes);

    const dealer = new Dealer({ linger: 0, sendTimeout: 500 });
    dealer.connect(address(name));
    for (const frames of [
      ["x"],
      ["", ""],
      ["", "x", "y"],
      ["<IDS|MSG>"],
      ["<IDS|MSG>", "bad", "{}", "{}", "{}", "{}"],
    ]) {
      await dealer.send(frames).catch(() => {});
    }
    expect(await beat()).toBe("still there?");
    expect((await talk.run("1 + 1")).text).toBe("2");
    dealer.close();
    expect(await beat()).toBe("still there?");
    expect(talk.kernel.death).toBeNull();
  });
});

describe("a signed message", () => {
  it("that is sent again, on any channel, is not executed again", async () => {
    const { key } = talk.kernel.connection;
    await talk.run("let executed = 0;");
    const code = "executed++;";
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const frames = encode(key, {
      identities: [],
      header: header("execute_request", "a client"),
      parent: {},
      metadata: {},
      content,
    });
    const shell = new Dealer({ linger: 0, receiveTimeout: 60_000 });
    shell.connect(address("shell_port"));
    await shell.send(frames);
    await shell.receive();
    const control = new Dealer({ linger: 0 });
    control.connect(address("control_port"));
    for (const socket of [shell, control]) {
      await socket.send(frames);
      await socket.send(["another", "identity", ...frames]);
    }
    // The same client goes on, behind what it sent before.
    const next = { ...content, code: "await new Promise((go) => setTimeout(go, 100));" };
    await shell.send(
      encode(key, {
        identities: [],
        header: header("execute_request", "a client"),
        parent: {},
        metadata: {},
        content: next,
      }),
    );
    await shell.receive();
    expect((await talk.run("executed")).text).toBe("1");
    shell.close();
    control.close();
  });

  it("of another key is dropped", async () => {
    const shell = new Dealer({ linger: 0, receiveTimeout: 0 });
    shell.connect(address("shell_port"));
    const message = {
      identities: [],
      header: header("kernel_info_request", "x"),
      parent: {},
      metadata: {},
      content: {},
    };
    await shell.send(encode("another key", message));
    expect((await talk.run("3 + 3")).text).toBe("6");
    await expect(shell.receive()).rejects.toThrow();
    shell.close();
  });

  it.each([
    ["execute_request", { stop_on_error: false }],
    ["execute_request", { code: { no: "text" }, stop_on_error: false }],
    ["complete_request", {}],
    ["complete_request", { code: "x", cursor_pos: "y" }],
    ["inspect_request", { code: null, cursor_pos: -1 }],
    ["is_complete_request", { code: 7 }],
    ["history_request", { hist_access_type: "search", pattern: 5 }],
    ["comm_open", {}],
    ["comm_info_request", { target_name: [] }],
    ["kernel_info_request", { more: null }],
  ])("%s with content %j is answered or left alone, and the next cell runs", async (type, content) => {
    talk.send(type, content).catch(() => {});
    expect((await talk.run("2 + 2")).text).toBe("4");
    expect(await beat()).toBe("still there?");
  });
});
