/** What people of other notebooks type: it works, or the error names what to write instead. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { questionedName } from "../../src/kernel/compiler/cell-checker.js";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
  await talk.run("const answer = 42;");
});
afterAll(() => talk.end());

describe("display(value)", () => {
  it("shows values in order, before the cell's last line", async () => {
    const shown = await talk.run(
      "display(answer); console.log('between'); display({ outerHTML: '<b>bold</b>' }); 'last'",
    );
    expect(shown.types).toEqual(["execute_input", "display_data", "stream", "display_data", "execute_result"]);
    const [number, element] = shown.all("display_data").map(({ data }) => data);
    expect(number["text/plain"]).toBe("42");
    expect(element).toEqual({ "text/html": "<b>bold</b>", "text/plain": "<b>bold</b>" });
    expect(shown.text).toBe("'last'");
  });

  it("waits for a value whose display takes time", async () => {
    const code = `display({ async [Symbol.for("Jupyter.display")]() {
  await new Promise((done) => setTimeout(done, 100));
  return { "text/markdown": "*late*" };
} });`;
    expect((await talk.run(code)).all("display_data")).toMatchObject([{ data: { "text/markdown": "*late*" } }]);
  });

  it("reports a display method that fails", async () => {
    const shown = await talk.run(
      'display({ [Symbol.for("Jupyter.display")]() { throw new Error("broken"); } } as any);',
    );
    expect(shown.stream("stderr")).toContain("broken");
  });

  it("of a function without a name has none, and of an error ends with the cell", async () => {
    expect((await talk.run("(x: number) => x")).text).toBe("[Function (anonymous)]");
    expect((await talk.run("(class Counter {})")).text).toBe("[class Counter]");
    const value = await talk.run("const fault = () => new RangeError('a value');\nfault()");
    expect(value.text).toMatch(/^RangeError: a value\n {4}at fault in cell \d+, line 1, column 21\n/);
    expect(value.reply.status).toBe("ok");
    const within = await talk.run("console.log(fault()); [fault()]");
    for (const text of [value.text, within.text, within.stream("stdout")]) {
      expect(text).toContain("RangeError: a value");
      expect(text).not.toMatch(/kernel|node:vm/);
    }
  });

  it("does not wait for a promise", async () => {
    const shown = await talk.run(
      "display(new Promise(() => {}));\nawait new Promise((resolve) => setTimeout(resolve, 50));",
    );
    expect(shown.all("display_data")[0].data["text/plain"]).toBe("a pending Promise: write await before it");
  });

  it("is a name that a cell may take", async () => {
    expect((await talk.run("const display = 5;\ndisplay + 1")).text).toBe("6");
  });
});

describe("a promise as the last value", () => {
  it.each([
    ["Promise.resolve([1, 2])", "[ 1, 2 ]"],
    ["new Promise((resolve) => setTimeout(() => resolve(6), 30))", "6"],
    ["const later = new Promise((resolve) => setTimeout(() => resolve(7), 30));\nlater", "7"],
    ["await Promise.resolve(1);\n(async () => 8)()", "8"],
  ])("%s is awaited, and shown by its value", async (code, text) => {
    expect((await talk.run(code)).text).toBe(text);
  });

  it("stays a promise to the next cells, and one behind `void` is not awaited", async () => {
    await talk.run("const kept = new Promise((resolve) => setTimeout(() => resolve(9), 30));\nkept");
    expect((await talk.run("kept instanceof Promise")).text).toBe("true");
    const started = await talk.run("void new Promise(() => {});");
    expect(started.reply.status).toBe("ok");
    expect(started.text).toBeUndefined();
  });

  it("that is rejected fails the cell, with the cell's line, and its variables stay", async () => {
    const failed = await talk.run(
      'const before = 3;\nasync function fails() {\n  throw new Error("no rows");\n}\nfails()',
    );
    expect(failed.reply.status).toBe("error");
    expect(failed.traceback).toMatch(/no rows[\s\S]*line 3/);
    expect((await talk.run("before")).text).toBe("3");
  });

  it("that never settles is ended by an interrupt", async () => {
    const waiting = talk.run("const eternal = new Promise(() => {});\neternal");
    await sleep(500);
    talk.kernel.interrupt();
    expect((await waiting).all("error")[0]).toMatchObject({ ename: "Interrupted" });
    expect((await talk.run("eternal instanceof Promise")).text).toBe("true");
  });
});

describe("a name that a cell does not know", () => {
  it.each([
    ["runs('out')", 'import { runs } from "pepnet"'],
    ["deLong([], [], [])", 'import { deLong } from "pepnet/metrics"'],
    ["layer(3)", 'import { layer } from "pepnet/nn"'],
    ["alert('done')", "display(text)"],
    ["confirm('go on?')", 'await prompt("Go on? (y/n) ")'],
    ["document.title", "outerHTML"],
    ["import _ from 'lodash';", "npm install lodash, in a terminal in "],
    ["import x from '@scope/some-thing/part';", "npm install @scope/some-thing, in a terminal in "],
  ])("%s names what brings it", async (code, advice) => {
    const failed = await talk.run(code);
    expect(failed.reply.status).toBe("error");
    expect(failed.traceback).toContain(advice);
  });

  it("is imported by the line that the error names", async () => {
    const failed = await talk.run("exactAuc([0, 1], [0, 1])");
    const [line] = /import \{ exactAuc \} from "[\w/]+"/.exec(failed.traceback)!;
    expect((await talk.run(`${line};\nexactAuc([0, 1], [0, 1])`)).text).toBe("1");
  });

  it.each([
    ["misspelt + 1", "Cannot find name 'misspelt'."],
    ["import x from './absent';", "Cannot find module './absent'"],
  ])("has no advice where there is none: %s", async (code, message) => {
    const { traceback } = await talk.run(code);
    expect(traceback).toContain(message);
    expect(traceback).not.toMatch(/import \{|npm install/);
  });
});

describe("commands of other kernels", () => {
  it.each([
    ["%time answer", 'console.time("cell")'],
    ["%%timeit\nanswer", 'console.timeEnd("cell")'],
    ["!ls -l", 'execSync("ls -l"'],
    ["!npm install arquero", "npm install arquero in a terminal"],
    ["%%html\n<b>bold</b>", "outerHTML"],
    ["%load_ext autoreload", "Write TypeScript"],
  ])("%s names what to write instead, in one line", async (code, instead) => {
    const failed = await talk.run(code);
    expect(failed.traceback.split("\n")).toHaveLength(1);
    expect(failed.traceback).toContain(instead);
  });

  it("of the shell: the code that is named works", async () => {
    const advice: string = (await talk.run("!echo works")).all("error")[0].evalue;
    const printed = await talk.run(advice.slice(advice.indexOf("Write ") + "Write ".length));
    expect(printed.stream("stdout")).toContain("works");
  });

  it("leave negations alone", async () => {
    expect((await talk.run("!answer")).text).toBe("false");
  });

  it.each(["answer?", "?answer", "answer??", "?? answer"])("%s inspects the name", async (code) => {
    expect((await talk.run(code)).reply.payload[0].data["text/plain"]).toContain("const answer: 42");
  });

  it("a condition is no question", () => {
    expect(questionedName("answer ? 1 : 2")).toBeNull();
    expect(questionedName("run.gates?")).toBe("run.gates");
  });

  it("console.table prints a table", async () => {
    expect((await talk.run("console.table([{ n: 1 }])")).stream("stdout")).toContain("│ (index) │ n │");
  });
});

describe("Tab", () => {
  it.each(['idFeature("', 'idFeature("")'])("in %s offers no blank", async (code) => {
    const { reply } = await talk.send("complete_request", { code, cursor_pos: 'idFeature("'.length });
    expect(reply.matches).toEqual([]);
  });
});

describe("JSX", () => {
  it.each(["const x = <div>hi</div>;", "<Chart />", 'function F() {\n  return <p className="a">x</p>;\n}'])(
    "is named, with what to write: %s",
    async (code) => {
      const { reply } = await talk.run(code);
      expect(reply).toMatchObject({ status: "error", ename: "Not TypeScript" });
      expect(reply.evalue).toMatch(
        /^`<(div|Chart|p)>` is JSX, which cells do not have\. Write \(\{ outerHTML: `<.*>` \}\)/,
      );
    },
  );

  it.each([
    "const y = `<b>$" + "{missing}</b>`;",
    'const html = "<div>hi</div>"; html.nothing',
    "const z = <number>missing;",
  ])("is not seen elsewhere: %s", async (code) => {
    const { reply } = await talk.run(code);
    expect(reply).toMatchObject({ status: "error", ename: "TypeScript error" });
  });
});
