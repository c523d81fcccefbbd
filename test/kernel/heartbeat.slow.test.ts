/** The heartbeat: answered while a cell blocks the kernel, and no reason for a process to stay. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Request } from "zeromq";
import { kernelArgv } from "../../src/kernel/kernel-spec.js";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
  await talk.run("1");
});
afterAll(() => talk.end());

describe("the heartbeat", () => {
  const block = (ms: number): string => `{ const end = performance.now() + ${ms}; while (performance.now() < end); }`;

  it("is answered all the time while a cell does not return to the event loop, and after an interrupt", async () => {
    const socket = new Request({ linger: 0, receiveTimeout: 3_000 });
    socket.connect(`tcp://127.0.0.1:${talk.kernel.connection.hb_port}`);
    try {
      let isDone = false;
      const blocked = talk.run(block(6_000)).finally(() => (isDone = true));
      let beats = 0;
      for (; !isDone; beats++) {
        await socket.send(`beat ${beats}`);
        expect(String((await socket.receive())[0])).toBe(`beat ${beats}`);
        await new Promise((go) => setTimeout(go, 100));
      }
      expect((await blocked).reply.status).toBe("ok");
      expect(beats).toBeGreaterThan(10);
      const endless = talk.run('import { writeFileSync } from "node:fs"; writeFileSync("looping", ""); while (true);');
      await talk.written("looping");
      talk.kernel.interrupt();
      expect((await endless).reply.status).toBe("error");
      await socket.send("after");
      expect(String((await socket.receive())[0])).toBe("after");
    } finally {
      socket.close();
    }
  });
});

describe("a clock that goes back, or fails", () => {
  it("disturbs no cell, and its prints arrive while it runs", async () => {
    const { reply, text, types } = await talk.run(`
      const now = Date.now;
      console.log("before");
      Date.now = () => 0;
      for (let i = 0; i < 3; i++) {
        console.log(i);
        await new Promise((go) => setTimeout(go, 100));
      }
      Date.now = () => { throw new Error("no clock"); };
      console.log("after");
      Date.now = now;
      "done"`);
    expect([reply.status, text]).toEqual(["ok", "'done'"]);
    expect(types.filter((type) => type === "stream").length).toBeGreaterThan(2);
  });
});

describe("a kernel whose port is in use", () => {
  it.each(["hb_port", "shell_port"] as const)("ends with the reason: %s", async (name) => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const used = (server.address() as net.AddressInfo).port;
    const ports = { shell_port: 0, iopub_port: 0, stdin_port: 0, control_port: 0, hb_port: 0, [name]: used };
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), "pepnet-heartbeat-")), "connection.json");
    const connection = { ip: "127.0.0.1", transport: "tcp", signature_scheme: "hmac-sha256", key: "k", ...ports };
    writeFileSync(file, JSON.stringify(connection));
    const [node = "", ...words] = kernelArgv;
    const kernel = spawn(node, [...words.slice(0, -1), file], { stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    kernel.stderr.on("data", (text) => (printed += text));
    const [code] = await once(kernel, "close");
    server.close();
    expect([code, printed]).toEqual([1, expect.stringContaining("the kernel's sockets failed: ")]);
  });
});
