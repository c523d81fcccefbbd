/** Many cells at once, failing cells among them; modules; the end. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

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
    const long = talk.run(`
      import { existsSync } from "node:fs";
      while (!existsSync("completed")) await new Promise((resolve) => setTimeout(resolve, 20));
      'done'`);
    let done = false;
    void long.then(() => {
      done = true;
    });
    const { reply } = await talk.send("complete_request", { code: "cons", cursor_pos: 4 });
    expect(reply.matches).toContain("console");
    expect(done).toBe(false);
    writeFileSync(path.join(talk.folder, "completed"), "");
    expect((await long).text).toBe("'done'");
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
    const loaded = await talk.run('import text, { named } from "only-esm";\n[text, named]');
    expect([loaded.text, loaded.stream("stderr")]).toEqual(["[ 'the default', 3 ]", ""]);
  });

  it("that are missing are an error of the cell", async () => {
    expect((await talk.run('import "no-such-package-at-all";')).reply.status).toBe("error");
    expect((await talk.run("'alive'")).text).toBe("'alive'");
  });
});

it("a shutdown ends the process, also while a cell runs", async () => {
  const other = await Conversation.start();
  const { pid } = other.kernel;
  const code = 'import { writeFileSync } from "node:fs"; writeFileSync("running", ""); await new Promise(() => {});';
  other.run(code).catch(() => {});
  await other.written("running");
  await other.end();
  expect(other.kernel.death).toBe("exit code 0");
  expect(() => process.kill(pid as number, 0)).toThrow();
});
