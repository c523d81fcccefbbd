/** Cells that would end a lesser kernel: it lives, says what went wrong, and runs the next one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

describe("the kernel lives, and the cell is told of, where", () => {
  it.each([
    [
      "an error's stack throws",
      "const bad = new Error('x'); Object.defineProperty(bad, 'stack', { get() { throw 5; } }); throw bad;",
      "throws when it is read",
    ],
    [
      "an error is a proxy that throws",
      "throw new Proxy(new Error('x'), { get() { throw new Error('trap'); } });",
      "throws when it is read",
    ],
    [
      "the stack overflows",
      "function deep(): number { return deep() + 1; }\ndeep();",
      "Maximum call stack size exceeded",
    ],
    ["nothing is thrown", "throw undefined;", "undefined"],
    [
      "what is displayed is no JSON",
      "(globalThis as any)[Symbol.for('pepnet.display')].display({ 'application/json': 5n });",
      "application/json value is not valid JSON",
    ],
    [
      "many errors come as one",
      "await Promise.any([Promise.reject(new Error('first')), Promise.reject(new TypeError('second'))]);",
      "error 2 of 2: TypeError: second",
    ],
  ])("%s", async (_, code, told) => {
    const failed = await talk.run(code);
    expect(failed.reply.status).toBe("error");
    expect(failed.traceback).toContain(told);
    expect((await talk.run("1 + 1")).text).toBe("2");
  });

  it.each([
    ["a BigInt", "{ 'application/json': { n: 1n } }", "BigInt"],
    [
      "a circle",
      "(() => { const circle: any = {}; circle.self = circle; return { 'application/json': circle }; })()",
      "circular",
    ],
    ["a function", "{ 'application/json': () => 1 }", "must be text, bytes or JSON"],
    ["a number instead of a bundle", "5", "must return an object of MIME types"],
  ])("a display method gives %s", async (_, bundle, told) => {
    const shown = await talk.run(`({ kept: 1, [Symbol.for("Jupyter.display")]() { return ${bundle}; } } as any)`);
    expect(shown.reply.status).toBe("ok");
    expect(shown.text).toContain("kept: 1");
    expect(shown.stream("stderr")).toContain(told);
  });

  it("100 MB are printed in one turn: every line arrives", async () => {
    const line = "x".repeat(999);
    let lines = 0;
    const printed = await talk.send(
      "execute_request",
      { code: `const line = "x".repeat(999); for (let i = 0; i < 100_000; i++) console.log(line);`, silent: false },
      ({ header, content }) => {
        if (header.msg_type === "stream") lines += content.text.split("\n").length - 1;
      },
    );
    expect(printed.reply.status).toBe("ok");
    expect(lines).toBe(100_000);
    expect((await talk.run("line")).text).toBe(`'${line}'`);
  });

  it("process.exit is called later, by a timer", async () => {
    const told = await talk.run(
      "setTimeout(() => process.exit(5), 5); await new Promise((go) => setTimeout(go, 60)); 'on'",
    );
    expect(told.stream("stderr")).toContain("process.exit(5) would end the kernel");
    expect(told.text).toBe("'on'");
  });
});
