/**
 * A kernel may be interrupted, restarted, killed or left alone while onnxruntime is in the middle of a step. None of
 * that may abort the process (SIGABRT), or leave one behind.
 */

import { spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { kernelMain } from "../../src/kernel/kernel-spec.js";
import { Conversation } from "./conversation.js";

/** A model whose steps take a while, so that whatever happens happens in one. */
const slowModel = `
  const data = await dataset(taobaoLike({ rows: 8_192, seed: 1 }).table);
  const model = pepnet()
    .features(...["user_id", "adgroup_id", "occupation"].map((name) => idFeature(name).hash(5_000).embedding(64)))
    .labels("clk")
    .group("domain", ["occupation"]).group("uia", ["user_id", "adgroup_id"])
    .epnet().ppnet({ hidden: [256, 256] })
    .tower("ctr", (t) => t.label("clk").mlp(256).bce().auc())
    .train({ batchSize: 4_096, steps: 100_000 });
  let steps = 0;
  const rewind = () => { steps = 0; };
  const onProgress = (progress: { step: number }) => { if (steps === 0) console.log("stepping"); steps = progress.step; };`;
const fit = "model.fit(data, { onProgress, quiet: true, evaluationsPerEpoch: 0.001 })";

async function withModel(): Promise<Conversation> {
  const talk = await Conversation.start();
  expect((await talk.run(slowModel)).traceback).toBe("");
  return talk;
}

/** Runs a cell until its fit is in a step. */
async function stepping(talk: Conversation, cell: string): Promise<{ running: ReturnType<Conversation["run"]> }> {
  let told: () => void = () => {};
  const ready = new Promise<void>((resolve) => (told = resolve));
  const running = talk.send(
    "execute_request",
    {
      code: `rewind(); ${cell}`,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    },
    (message) => message.content.text?.includes("stepping") && told(),
  );
  running.catch(() => undefined);
  await Promise.race([ready, running]);
  return { running };
}

/** A kernel of its own, which is training. */
async function training(): Promise<Conversation> {
  const talk = await withModel();
  onTestFinished(() => talk.kernel.kill());
  await stepping(talk, `const run = await ${fit};`);
  return talk;
}

const gone = async (pid: number, within: number): Promise<boolean> => {
  for (let waited = 0; waited < within; waited += 100) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await sleep(100);
  }
  return false;
};

describe("while a model trains in a kernel that goes on", () => {
  let talk: Conversation;
  beforeAll(async () => {
    talk = await withModel();
  });
  afterAll(() => talk?.kernel.kill());

  test("an interrupt gives back what there is, and the kernel goes on", async () => {
    const { running } = await stepping(talk, `const run = await ${fit};`);
    talk.kernel.interrupt();
    expect((await running).reply.status).toBe("ok");
    expect((await talk.run("[run.interrupted, run.history.points.length > 0]")).text).toBe("[ true, true ]");
    const again = await talk.run(`(await model.fit(data, { steps: 2, quiet: true })).interrupted`);
    expect([again.traceback, again.text]).toEqual(["", "false"]);
  });

  test("an impatient second interrupt ends the cell, and the kernel goes on", async () => {
    const { running } = await stepping(talk, `const run = await ${fit};`);
    talk.kernel.interrupt();
    talk.kernel.interrupt();
    await running;
    expect((await talk.run("'alive'")).text).toBe("'alive'");
  });

  test("process.exit and errors that nobody caught end neither the kernel nor the fit", async () => {
    const cell = `const running = ${fit}; await new Promise((r) => setTimeout(r, 1_000));`;
    const { running } = await stepping(talk, cell);
    expect((await running).reply.status).toBe("ok");
    expect((await talk.run("process.exit(3)")).all("error")[0].ename).toBe("ProcessExit");
    await talk.run(
      "setTimeout(() => { throw new Error('on purpose'); }, 1); await new Promise((r) => setTimeout(r, 50));",
    );
    const waited = "while (steps === seen) await new Promise((r) => setTimeout(r, 20));";
    expect((await talk.run(`const seen = steps; ${waited} "it goes on"`)).text).toBe("'it goes on'");
    await talk.end();
    expect(talk.kernel.death).toBe("exit code 0");
  });
});

describe("while a model trains", () => {
  test.each([false, true])("a shutdown (restart: %s) waits for the step, and ends with code 0", async (restart) => {
    const talk = await training();
    talk.kernel.request("shutdown_request", { restart }, undefined, "control").reply.catch(() => undefined);
    expect(await gone(talk.kernel.pid as number, 40_000)).toBe(true);
    expect(talk.kernel.death).toBe("exit code 0");
  });

  test("SIGTERM ends it with code 0 after the step", async () => {
    const talk = await training();
    process.kill(talk.kernel.pid as number, "SIGTERM");
    expect(await gone(talk.kernel.pid as number, 40_000)).toBe(true);
    expect(talk.kernel.death).toBe("exit code 0");
  });

  test("a client that is killed leaves no kernel behind", async () => {
    const client = path.join(path.dirname(kernelMain), "client.js");
    const script = `
      const { KernelClient } = require(${JSON.stringify(client)});
      (async () => {
        const kernel = await KernelClient.start({ cwd: process.cwd() });
        console.log("pid", kernel.pid);
        await kernel.execute(${JSON.stringify(slowModel)}).reply;
        kernel.execute(${JSON.stringify(`await ${fit}`)}, (message) => message.content.text && console.log(message.content.text));
      })();`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    for await (const chunk of child.stdout) {
      text += String(chunk);
      if (text.includes("stepping")) break;
    }
    const pid = Number(/pid (\d+)/.exec(text)?.[1]);
    process.kill(pid, 0); // alive
    child.kill("SIGKILL");
    expect(await gone(pid, 10_000)).toBe(true);
  });
});
