/** What a client sees of the kernel, by the messages themselves. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Subscriber } from "zeromq";
import { decode } from "../../src/kernel/wire.js";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

describe("a cell's result", () => {
  it("is an execute_result with the count of its request", async () => {
    const first = await talk.run("const answer = 6 * 7;\nanswer");
    expect(first.text).toBe("42");
    expect(first.types).toEqual(["execute_input", "execute_result"]);
    const second = await talk.run("answer + 1");
    expect(second.text).toBe("43");
    const count = first.reply.execution_count;
    expect(second.all("execute_input")[0].execution_count).toBe(count + 1);
    expect(second.all("execute_result")[0].execution_count).toBe(count + 1);
    expect(second.reply).toMatchObject({ status: "ok", execution_count: count + 1 });
  });

  it("is missing where the last line has no value", async () => {
    expect((await talk.run("const nothing = 1;")).types).toEqual(["execute_input"]);
    expect((await talk.run("undefined")).types).toEqual(["execute_input"]);
  });

  it("carries every form that the value gives of itself", async () => {
    const shown = await talk.run(`
      class Chart { [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>chart</b>", "image/png": new Uint8Array([1, 2, 3]) }; } }
      new Chart()`);
    expect(shown.all("execute_result")[0].data).toEqual({
      "text/html": "<b>chart</b>",
      "image/png": "AQID",
      "text/plain": "[text/html, image/png]",
    });
  });

  it("may be given by a promise", async () => {
    const shown = await talk.run(
      `({ async [Symbol.for("Jupyter.display")]() { return { "text/plain": "slow but sure" }; } })`,
    );
    expect(shown.text).toBe("slow but sure");
  });

  it("falls back to text where its own method throws, and says so", async () => {
    const shown = await talk.run(`({ a: 1, [Symbol.for("Jupyter.display")]() { throw new Error("no ink"); } })`);
    expect(shown.text).toContain("a: 1");
    expect(shown.stream("stderr")).toContain("no ink");
    expect(shown.reply.status).toBe("ok");
  });

  it("is short for long arrays, and safe for circular objects", async () => {
    expect((await talk.run("new Float32Array(1_000_000)")).text).toContain("more items");
    expect((await talk.run("const loop: any = {}; loop.self = loop; loop")).text).toContain("[Circular");
  });

  it("is a table for a frame shaped like danfo's, with its text escaped", async () => {
    const shown = await talk.run(`
      const frame: any = { columns: ["<b>", "n"], shape: [1000, 2], index: [0, 1], dtypes: ["string", "float32"],
        values: [["<script>", 0.1234567], ["x", 2]], head() { return this; } };
      frame`);
    const html: string = shown.all("execute_result")[0].data["text/html"];
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain("&lt;b&gt;");
    expect(html).not.toContain("<script>");
    expect(html).toContain("1,000 rows × 2 columns, the first 2 shown");
  });
});

describe("a client that subscribes", () => {
  it.each(["", "stream"])("is welcomed, also after others: %j", async (topic) => {
    const { key, iopub_port } = talk.kernel.connection;
    for (let client = 0; client < 2; client++) {
      const socket = new Subscriber({ linger: 0, receiveTimeout: 30_000 });
      socket.connect(`tcp://127.0.0.1:${iopub_port}`);
      socket.subscribe(topic);
      const { header, parent, content } = decode(key, await socket.receive());
      expect([header.msg_type, parent, content]).toEqual(["iopub_welcome", {}, { subscription: topic }]);
      socket.close();
    }
  });
});

describe("errors", () => {
  it("are error messages that point at the cell's own line", async () => {
    const failed = await talk.run(
      "interface Row { id: number }\n\nfunction check(row: Row): void {\n  // types and blank lines vanish in JavaScript\n  throw new RangeError('row ' + row.id);\n}\n\ncheck({ id: 3 });",
    );
    expect(failed.all("error")[0]).toMatchObject({ ename: "RangeError", evalue: "row 3" });
    expect(failed.reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "row 3" });
    expect(failed.traceback).toContain("at check in cell");
    expect(failed.traceback).toContain("line 5, column 9");
    expect(failed.traceback).toContain("line 8, column 1");
    expect(failed.traceback).not.toContain("node:");
  });

  it("name the line in an earlier cell whose function threw", async () => {
    const defined = await talk.run("function later(): never {\n  throw new Error('from before');\n}");
    const failed = await talk.run("\n\nlater()");
    expect(failed.traceback).toContain(`at later in cell ${defined.reply.execution_count}, line 2`);
    expect(failed.traceback).toContain("line 3, column 1");
  });

  it.each([
    ["the library", "\n\nawait dataset('missing.parquet')", "DataError"],
    ["Node", "import { readFile } from 'node:fs/promises';\n\nawait readFile('missing')", "Error"],
    [
      "a function of the cell",
      "const fail = async () => { await null; throw new TypeError('no'); };\n\nawait fail()",
      "TypeError",
    ],
    [
      "several at once",
      "const fail = async () => { await null; throw new TypeError('no'); };\n\nawait Promise.all([fail()])",
      "TypeError",
    ],
  ])("point at the line that awaits %s", async (_, code, ename) => {
    const failed = await talk.run(code);
    expect(failed.all("error")[0].ename).toBe(ename);
    expect(failed.traceback).toMatch(/at cell \d+, line 3, column 1$/m);
  });

  it("point at the awaited line where the stack does not reach the cell", async () => {
    const code =
      "await null;\n\nawait new Promise((_, no) => setTimeout(() => { const e = new Error('far'); e.stack = 'Error: far'; no(e); }, 1));";
    expect((await talk.run(code)).traceback).toMatch(/at cell \d+, line 3, column 1$/m);
  });

  it("of an endless recursion are a few lines", async () => {
    const failed = await talk.run("function deep(n: number): number { return deep(n + 1) + 1; }\ndeep(0);");
    expect(failed.traceback).toContain("Maximum call stack size exceeded");
    expect(failed.traceback).toMatch(/… \d+ more calls in cells/);
    expect(failed.traceback.split("\n").length).toBeLessThan(10);
  });

  it("do not repeat a cause that the message quotes", async () => {
    const failed = await talk.run("throw new Error('no table: line 1\\n  x', { cause: new Error('line 1\\nx') })");
    expect(failed.traceback).not.toContain("caused by");
  });

  it("of TypeScript point into the cell, before anything ran", async () => {
    const failed = await talk.run("console.log('ran');\nconst wrong: number = 'text';");
    expect(failed.all("error")[0].ename).toBe("TypeScript error");
    expect(failed.all("error")[0].evalue).toContain("line 2, column 7: Type 'string' is not assignable");
    expect(failed.traceback).toContain("^^^^^");
    expect(failed.stream("stdout")).toBe("");
  });

  it("of a library that this Node lacks say so", async () => {
    const failed = await talk.run("new Map([[1, 2]]).getOrInsert(1, 2)");
    expect(failed.traceback).toContain(`Node ${process.versions.node} does not have it`);
  });

  it("of syntax lie inside the cell, also at its end", async () => {
    expect((await talk.run("let half = ")).all("error")[0].evalue).toMatch(/^line 1, column 11: Expression expected/);
  });

  it("tell their cause, and what is no Error as it is", async () => {
    const failed = await talk.run("throw new Error('outer', { cause: new TypeError('inner') })");
    expect(failed.traceback).toContain("caused by TypeError: inner");
    expect((await talk.run("throw 'text'")).all("error")[0].evalue).toBe("text");
  });

  it("of promises that nobody awaits are told in the cell; the kernel lives", async () => {
    const told = await talk.run("void Promise.reject(new Error('forgotten')); 1");
    expect(told.stream("stderr")).toContain("forgotten");
    expect(told.reply.status).toBe("ok");
  });

  it("include process.exit, which does not end the kernel", async () => {
    const failed = await talk.run("process.exit(3)");
    expect(failed.all("error")[0]).toMatchObject({ ename: "ProcessExit" });
    expect((await talk.run("1 + 1")).text).toBe("2");
  });
});

describe("a cell is a module", () => {
  it("with import.meta: the notebook's folder", async () => {
    const located = await talk.run('new URL("a.csv", import.meta.url).pathname === process.cwd() + "/a.csv"');
    expect(located.text).toBe("true");
  });

  it("whose loops over its variables are not much slower than over a block's", async () => {
    const loop = "for (let i = 0; i < 3e6; i++) total += i;";
    // Processor time, and the least of three: other programs take a share of the clock's.
    const least = async (name: string, code: string): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 3; round++) {
        const start = `const ${name}${round} = process.cpuUsage();`;
        const { text } = await talk.run(`${start}\n${code}\nprocess.cpuUsage(${name}${round}).user / 1000`);
        times.push(Number(text));
      }
      return Math.min(...times);
    };
    await talk.run("let total = 0;");
    const block = await least("a", `{ let total = 0; ${loop} }`);
    const top = await least("b", loop);
    expect((await talk.run("total")).text).toBe(String(3 * 4499998500000));
    expect(top / Math.max(block, 5)).toBeLessThan(20);
  });
});

describe("current TypeScript", () => {
  it.each([
    ["const type parameters", "function pair<const T>(value: T): T { return value; }\npair(['a', 'b'])[0]", "'a'"],
    ["what this Node has", "[3, 1].toSorted()", "[ 1, 3 ]"],
    ["accessors", "class Counter { static accessor n = 3; }\nCounter.n", "3"],
    ["import attributes", 'import name from "./row.json" with { type: "json" };\nname.n', "7"],
  ])("runs %s", async (_, code, text) => {
    writeFileSync(path.join(talk.folder, "row.json"), '{ "n": 7 }');
    const result = await talk.run(code);
    expect(result.text, result.traceback).toBe(text);
  });

  it("disposes what `using` holds at the end of its block", async () => {
    const code = `class Handle { [Symbol.dispose]() { console.log("closed"); } }
{ using handle = new Handle(); console.log("open"); }`;
    expect((await talk.run(code)).stream("stdout")).toBe("open\nclosed\n");
  });

  it.each([
    [
      "await using",
      "await using held = { async [Symbol.asyncDispose]() { console.log('closed'); } }; 5",
      "5",
      "closed\n",
    ],
    ["using", "using held = { n: 6, [Symbol.dispose]() { this.n = 0; } }; const n = held.n;\nheld.n + n", "12", ""],
    ["using, with a promise", "using held = { [Symbol.dispose]() {} }; Promise.resolve(7);", "7", ""],
    [
      "using, without an expression at the end",
      "using held = { [Symbol.dispose]() {} }; const last = 3;",
      undefined,
      "",
    ],
    ["using alone", "using held = { [Symbol.dispose]() {} };", undefined, ""],
    ["using in a block above", "{ using held = { [Symbol.dispose]() {} }; 3; }\n4", "4", ""],
  ])("shows the last expression of a cell with %s", async (_, code, text, printed) => {
    const result = await talk.run(code);
    expect([result.text, result.stream("stdout")], result.traceback).toEqual([text, printed]);
  });
});

describe("variables", () => {
  it("can be redeclared with another type", async () => {
    await talk.run("const value = 1; let other = 'a';");
    expect((await talk.run("const value = 'now a string'; value.length")).text).toBe("12");
    expect((await talk.run("let other = [1]; other.length + value.length")).text).toBe("13");
  });

  it("may begin with underscores, and be exported in code pasted from a module", async () => {
    await talk.run("const __rows = 2; function __double() { return 2 * __rows; }");
    await talk.run("'a cell between'");
    expect((await talk.run("__double() + __rows")).text).toBe("6");
    await talk.run("export const width = 4;\nexport interface Box { side: number }");
    expect((await talk.run("const box: Box = { side: width }; box.side")).text).toBe("4");
    expect((await talk.run("__dirname === process.cwd()")).text).toBe("true");
  });

  it("are usable in short form from a later cell", async () => {
    await talk.run("const width = 2; let height = 3;");
    expect((await talk.run("({ width, height })")).text).toBe("{ width: 2, height: 3 }");
    expect((await talk.run("({ height } = { height: 5 }); height")).text).toBe("5");
  });

  it("of a cell that failed are kept as far as it came", async () => {
    await talk.run("const reached = 1; throw new Error('stop'); const missed = 2;");
    expect((await talk.run("reached")).text).toBe("1");
    expect((await talk.run("missed")).all("error")[0].evalue).toContain("Cannot find name 'missed'");
  });

  it("come from top-level await in every form", async () => {
    expect((await talk.run("const awaited = await Promise.resolve(5); awaited")).text).toBe("5");
    expect((await talk.run("await (async () => 6)()")).text).toBe("6");
    expect((await talk.run("(await Promise.resolve({ a: 7 })).a")).text).toBe("7");
    const loop = "async function* two() { yield 1; yield 2; }\nfor await (const n of two()) console.log(n);";
    expect((await talk.run(loop)).stream("stdout")).toBe("1\n2\n");
  });
});

describe("the library's names", () => {
  it("are there without an import, and with one, typed", async () => {
    expect((await talk.run("typeof pepnet")).text).toBe("'function'");
    expect((await talk.run('import { idFeature as feature } from "pepnet";\ntypeof feature')).text).toBe("'function'");
    expect((await talk.run("pepnet().nonsense")).all("error")[0].evalue).toContain("'nonsense' does not exist");
  });

  it("may be taken by the user's own variables", async () => {
    expect((await talk.run("const dataset = [1, 2]; dataset.length")).text).toBe("2");
    expect((await talk.run("dataset.concat([3])")).text).toBe("[ 1, 2, 3 ]");
  });
});

describe("displays", () => {
  const notebook = `const notebook = (globalThis as any)[Symbol.for("pepnet.display")];`;

  it("update in place by their id", async () => {
    const shown = await talk.run(
      `${notebook}\nconst shown = notebook.display({ "text/plain": "a" });\nshown.update({ "text/plain": "b" });`,
    );
    const id = shown.all("display_data")[0].transient.display_id;
    expect(shown.all("update_display_data")[0]).toMatchObject({
      data: { "text/plain": "b" },
      transient: { display_id: id },
    });
  });

  it("come after what was printed before them", async () => {
    const shown = await talk.run(
      `console.log("first"); notebook.display({ "text/plain": "second" }); console.log("third");`,
    );
    expect(shown.types).toEqual(["execute_input", "stream", "display_data", "stream"]);
  });

  it("can be cleared", async () => {
    expect((await talk.run("notebook.clear(true)")).all("clear_output")).toEqual([{ wait: true }]);
  });

  it("of tslab go on working", async () => {
    const shown = await talk.run('import { display } from "tslab";\ndisplay.html("<i>old</i>");');
    expect(shown.all("display_data")[0].data).toEqual({ "text/html": "<i>old</i>" });
  });
});

describe("printing", () => {
  it("goes to the cell that started the work, also later", async () => {
    const early = await talk.run("const tick = setTimeout(() => console.log('from the timer'), 60); 1");
    const late = await talk.run("await new Promise((resolve) => setTimeout(resolve, 150)); console.log('mine');");
    expect(late.stream("stdout")).toBe("mine\n");
    expect(early.text).toBe("1");
  });

  it("of a loop is gathered into few messages, all of it", async () => {
    const lines = await talk.run("for (let i = 0; i < 20_000; i++) console.log(i);");
    expect(lines.stream("stdout").trimEnd().split("\n")).toHaveLength(20_000);
    expect(lines.all("stream").length).toBeLessThan(500);
  });

  it("keeps the two streams apart", async () => {
    const both = await talk.run("console.log('out'); console.error('err');");
    expect(both.stream("stdout")).toBe("out\n");
    expect(both.stream("stderr")).toBe("err\n");
  });
});

describe("the other requests", () => {
  it("kernel_info names the language so that editors colour it", async () => {
    const { reply } = await talk.send("kernel_info_request", {});
    expect(reply).toMatchObject({ status: "ok", protocol_version: "5.3", implementation: "pepnet" });
    expect(reply.language_info).toMatchObject({
      name: "typescript",
      codemirror_mode: "typescript",
      file_extension: ".ts",
    });
  });

  it.each([
    ["const a = 1;", "complete"],
    ["if (true) {", "incomplete"],
    ["f(1,", "incomplete"],
    ["const t = `open", "incomplete"],
    ["/* open", "incomplete"],
    ["const = 5;", "invalid"],
    ["} else {", "invalid"],
  ])("is_complete calls %j %s", async (code, status) => {
    expect((await talk.send("is_complete_request", { code })).reply.status).toBe(status);
  });

  it.each([
    ['pick("us|")', 6, 8],
    ['pick("us|er_id")', 6, 13],
    ['pick("us|', 6, 8],
  ])("complete replaces the typed text of a string: %s", async (marked, start, end) => {
    await talk.run('const pick = (name: "user_id" | "item_id") => name;');
    const code = marked.replace("|", "");
    const { reply } = await talk.send("complete_request", { code, cursor_pos: marked.indexOf("|") });
    expect(reply).toMatchObject({ matches: ["user_id"], cursor_start: start, cursor_end: end });
  });

  it("has the library's names before DuckDB, TF.js or Plotly are loaded", async () => {
    const { text } = await talk.run(`import { createRequire } from "node:module";
      const heavy = /node_modules.(@tensorflow|plotly|jsdom|onnxruntime|@duckdb|protobufjs)/;
      Object.keys(createRequire(process.cwd() + "/x.js").cache).filter((file) => heavy.test(file)).length`);
    expect(text).toBe("0");
  });

  it("complete knows the variables of earlier cells, counting characters", async () => {
    await talk.run("const measured = { height: 1, heat: 2 };");
    const code = "'😀'; measured.he";
    const { reply } = await talk.send("complete_request", { code, cursor_pos: [...code].length });
    expect(reply.matches).toEqual(expect.arrayContaining(["height", "heat"]));
    expect([reply.cursor_start, reply.cursor_end]).toEqual([[...code].length - 2, [...code].length]);
  });

  it("inspect shows the type and the comment, and `name?` opens them", async () => {
    await talk.run("/** Doubles a number. */\nfunction double(n: number): number {\n  return 2 * n;\n}");
    const { reply } = await talk.send("inspect_request", { code: "double", cursor_pos: 6, detail_level: 0 });
    expect(reply.found).toBe(true);
    expect(reply.data["text/plain"]).toContain("function double(n: number): number");
    expect(reply.data["text/plain"]).toContain("Doubles a number.");
    const page = (await talk.run("double?")).reply.payload[0];
    expect(page).toMatchObject({ source: "page", data: { "text/plain": expect.stringContaining("Doubles") } });
  });

  it.each([
    ["on a line of its own", "class Greeter {\n  /** Says hello. */\n  hello() {}\n}"],
    ["on the line of the bracket", "class Greeter { /** Says hello. */ hello() {} }"],
  ])("inspect shows a method's comment %s, in its cell and in later ones", async (_, code) => {
    const look = async (asked: string) =>
      (await talk.send("inspect_request", { code: asked, cursor_pos: asked.length })).reply.data["text/plain"];
    expect(await look(`${code}\nnew Greeter().hello`)).toContain("Says hello.");
    await talk.run(`${code}\nconst greeter = new Greeter();`);
    expect(await look("greeter.hello")).toContain("Says hello.");
  });

  it.each(["plus(|", "plus(|)", "plus(1, |", "plus(1|, 2)", "new Map([[plus(1, |)]])"])(
    "inspect between brackets shows what they call: %s",
    async (marked) => {
      await talk.run(
        "/**\n * Adds.\n * @param a the first\n */\nfunction plus(a: number, b: number) { return a + b; }",
      );
      const code = marked.replace("|", "");
      const { reply } = await talk.send("inspect_request", { code, cursor_pos: marked.indexOf("|") });
      expect(reply.data["text/plain"]).toBe(
        "function plus(a: number, b: number): number\n\nAdds.\n\n@param a the first",
      );
    },
  );

  it("history gives the latest cells", async () => {
    await talk.run("'remember me'");
    const { reply } = await talk.send("history_request", { hist_access_type: "tail", n: 1, output: true, raw: true });
    expect(reply.history[0][2]).toEqual(["'remember me'", "'remember me'"]);
  });

  it("comm_info says that there are none", async () => {
    expect((await talk.send("comm_info_request", {})).reply).toEqual({ status: "ok", comms: {} });
  });

  it("a silent request leaves no trace", async () => {
    const before = (await talk.run("1")).reply.execution_count;
    expect((await talk.run("console.log('quiet'); 5", { silent: true })).types).toEqual([]);
    expect((await talk.run("2")).reply.execution_count).toBe(before + 1);
  });
});
