/** Many cells at once, failing cells among them, and interrupts. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../src/kernel/wire.js";
import { Conversation, type Heard } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

/** Runs a cell and interrupts it once it has printed `ready`. */
async function interruptWhenReady(code: string): Promise<Heard> {
  let interrupted = false;
  const watch = ({ header, content }: Message): void => {
    if (header.msg_type !== "stream" || interrupted || !content.text.includes("ready")) return;
    interrupted = true;
    talk.kernel.interrupt();
  };
  return talk.send("execute_request", { code, silent: false, store_history: true }, watch);
}

describe("queued cells", () => {
  it("run in their order, 50 at once, each with its own output", async () => {
    await talk.run("let total = 0;");
    const cells = Array.from({ length: 50 }, (_, i) =>
      talk.run(`${i % 2 ? "await Promise.resolve();" : ""} total += ${i}; console.log("cell ${i}"); total`),
    );
    const heard = await Promise.all(cells);
    let total = 0;
    heard.forEach((cell, i) => {
      total += i;
      expect(cell.text).toBe(String(total));
      expect(cell.stream("stdout")).toBe(`cell ${i}\n`);
    });
    const counts = heard.map((cell) => cell.reply.execution_count);
    expect(counts).toEqual(counts.map((_, i) => counts[0] + i));
  });

  it("are aborted after an error, and the next one runs", async () => {
    const queued = ["1", "throw new Error('stop here')", "2", "3", "4"].map((code) => talk.run(code));
    const statuses = (await Promise.all(queued)).map((cell) => cell.reply.status);
    expect(statuses).toEqual(["ok", "error", "aborted", "aborted", "aborted"]);
    expect((await talk.run("'alive'")).text).toBe("'alive'");
  });

  it("go on after an error where the client asks for it", async () => {
    const queued = ["throw new Error('go on')", "5"].map((code) => talk.run(code, { stop_on_error: false }));
    expect((await Promise.all(queued)).map((cell) => cell.reply.status)).toEqual(["error", "ok"]);
  });

  it("do not keep completion waiting", async () => {
    const long = talk.run("await new Promise((resolve) => setTimeout(resolve, 700)); 'done'");
    let done = false;
    void long.then(() => {
      done = true;
    });
    const { reply } = await talk.send("complete_request", { code: "cons", cursor_pos: 4 });
    expect(reply.matches).toContain("console");
    expect(done).toBe(false);
    expect((await long).text).toBe("'done'");
  });
});

describe("an interrupt", () => {
  it("ends a cell that awaits, and keeps its variables", async () => {
    const ended = await interruptWhenReady(
      "const before = 11; console.log('ready'); await new Promise(() => {}); const after = 12;",
    );
    expect(ended.all("error")[0].ename).toBe("Interrupted");
    expect((await talk.run("before")).text).toBe("11");
    expect((await talk.run("after")).reply.status).toBe("error");
  });

  it("ends a loop that never awaits", async () => {
    // The loop itself prints nothing that goes out, so the kernel is given time to start it.
    const ended = talk.run("let turns = 0; while (true) turns++;");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    talk.kernel.interrupt();
    expect((await ended).all("error")[0].ename).toBe("Interrupted");
    expect((await talk.run("turns > 0")).text).toBe("true");
  });

  it("lets work that watches the signal return what it has", async () => {
    const ended = await interruptWhenReady(`
      const signal: AbortSignal = (globalThis as any)[Symbol.for("pepnet.display")].signal();
      let steps = 0;
      console.log("ready");
      while (!signal.aborted) { steps++; await new Promise((resolve) => setImmediate(resolve)); }
      steps > 0 ? "partial run" : "nothing"`);
    expect(ended.text).toBe("'partial run'");
    expect(ended.reply.status).toBe("ok");
  });

  it("ends work that promised to watch the signal and does not, after a grace", async () => {
    const ended = await interruptWhenReady(`
      (globalThis as any)[Symbol.for("pepnet.display")].signal();
      console.log("ready");
      await new Promise(() => {});`);
    expect(ended.all("error")[0].ename).toBe("Interrupted");
  });

  it("silences what the abandoned code prints later, and gives up what is queued", async () => {
    const first = interruptWhenReady(
      "console.log('ready'); for (let i = 0; ; i++) { await new Promise((r) => setTimeout(r, 20)); console.log('ghost'); }",
    );
    const queued = talk.run("'never runs'");
    expect((await first).reply.status).toBe("error");
    expect((await queued).reply.status).toBe("aborted");
    const next = await talk.run("await new Promise((resolve) => setTimeout(resolve, 100)); 'clean'");
    expect(next.types).toEqual(["execute_input", "execute_result"]);
  });

  it("of an idle kernel does nothing", async () => {
    talk.kernel.interrupt();
    expect((await talk.run("'still here'")).text).toBe("'still here'");
  });
});

describe("modules", () => {
  it("beside the notebook are imported as TypeScript, and errors name their lines", async () => {
    const file = path.join(talk.folder, "helper.ts");
    writeFileSync(
      file,
      "export interface Named { name: string }\nexport const greet = (n: Named): string => 'hi ' + n.name;\n",
    );
    expect((await talk.run('import { greet } from "./helper";\ngreet({ name: "you" })')).text).toBe("'hi you'");
    const wrong = await talk.run("greet({ nam: 'x' })");
    expect(wrong.traceback).toContain("'nam' does not exist");
    const failed = await talk.run("greet(null as any)");
    expect(failed.traceback).toContain("at greet in helper.ts, line 2");
  });

  it("that are ES modules only are imported", async () => {
    const folder = path.join(talk.folder, "node_modules", "only-esm");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(folder, { recursive: true });
    const exports = { ".": { types: "./index.d.ts", import: "./index.js" } };
    writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "only-esm", type: "module", exports }));
    writeFileSync(path.join(folder, "index.js"), "export default 'the default'; export const named = 3;\n");
    writeFileSync(
      path.join(folder, "index.d.ts"),
      "declare const text: string; export default text; export const named: number;\n",
    );
    expect((await talk.run('import text, { named } from "only-esm";\n[text, named]')).text).toBe(
      "[ 'the default', 3 ]",
    );
  });

  it("that are missing are an error of the cell", async () => {
    expect((await talk.run('import "no-such-package-at-all";')).reply.status).toBe("error");
    expect((await talk.run("'alive'")).text).toBe("'alive'");
  });
});

it("a shutdown ends the process, also while a cell runs", async () => {
  const other = await Conversation.start();
  const { pid } = other.kernel;
  other.run("await new Promise(() => {})").catch(() => {});
  await other.end();
  expect(other.kernel.death).toBe("exit code 0");
  expect(() => process.kill(pid as number, 0)).toThrow();
});
