/** Notebooks executed as files. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { NotebookError } from "../../../src/core/errors/index.js";
import { type NotebookProgress, runNotebook } from "../../../src/kernel/notebook/execute.js";
import { joinLines } from "../../../src/kernel/notebook/format.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";

const show = `const notebook = (globalThis as any)[Symbol.for("pepnet.display")];
const shown = notebook.display({ "text/plain": "step 0" });
for (let step = 1; step <= 30; step++) shown.update({ "text/plain": "step " + step });`;

describe("a notebook that runs", () => {
  it("is saved with its outputs, counts, language and what it ran with", async () => {
    const folder = emptyFolder();
    const file = save(
      folder,
      "good.ipynb",
      notebook(
        cell("# Title", undefined, "markdown"),
        cell("// the default\nlet gamma = 2;\nlet name = 'none';", "parameters"),
        cell("console.log(process.cwd());\nconsole.log('two lines')"),
        cell(show),
        cell("  "),
        cell("[gamma * 2, name]"),
      ),
    );
    writeFileSync(path.join(folder, "beside.txt"), "");
    const progress: NotebookProgress[] = [];
    const out = path.join(folder, "out.ipynb");
    const result = await runNotebook(file, {
      out,
      parameters: { gamma: 21, name: 'it\'s "quoted" </script>' },
      onProgress: (each) => progress.push(each),
    });
    expect(result).toEqual({ ok: true, outPath: out });

    const done = open(out);
    const code = done.cells.filter((each) => each.cell_type === "code");
    expect(code.map((each) => each.execution_count)).toEqual([1, 2, 3, 4, null, 5]);
    expect(code[1]?.metadata.tags).toEqual(["injected-parameters"]);
    expect(joinLines(code[1]?.source)).toContain("let gamma = 21;");
    expect(code[2]?.outputs).toEqual([{ output_type: "stream", name: "stdout", text: [`${folder}\n`, "two lines\n"] }]);
    expect(code[3]?.outputs).toEqual([
      { output_type: "display_data", data: { "text/plain": ["step 30"] }, metadata: {} },
    ]);
    expect(code[5]?.outputs).toMatchObject([
      { output_type: "execute_result", data: { "text/plain": [`[ 42, \`it's "quoted" </script>\` ]`] } },
    ]);
    expect(done.metadata).toMatchObject({
      kernelspec: { name: "pepnet", language: "typescript" },
      language_info: { name: "typescript", codemirror_mode: "typescript" },
      pepnet: { versions: { node: process.versions.node } },
    });
    expect(progress.map(({ index, total, source }) => [index, total, source])).toEqual([
      [0, 5, "let gamma = 2;"],
      [1, 5, "let gamma = 21;"],
      [2, 5, "console.log(process.cwd());"],
      [3, 5, `const notebook = (globalThis as any)[Symbol.for("pepnet.display")];`],
      [4, 5, "[gamma * 2, name]"],
    ]);
  });

  it("takes other parameters when it is executed again, and keeps one injected cell", async () => {
    const folder = emptyFolder();
    const file = save(folder, "again.ipynb", notebook(cell("let n = 1;", "parameters"), cell("n")));
    await runNotebook(file, { parameters: { n: 2 } });
    await runNotebook(file, { parameters: { n: 3 } });
    expect(open(file).cells.map((each) => joinLines(each.source))).toEqual([
      "let n = 1;",
      "// Parameters\nlet n = 3;",
      "n",
    ]);
    expect(open(file).cells[2]?.outputs).toMatchObject([{ data: { "text/plain": ["3"] } }]);
  });
});

describe("a notebook that fails", () => {
  it("stops at the cell, is saved as far as it came, and says which cell and why", async () => {
    const folder = emptyFolder();
    const cells = [
      cell("# x", undefined, "markdown"),
      cell("1"),
      cell("throw new TypeError('bad <b>')"),
      cell("'never'"),
    ];
    const file = save(folder, "bad.ipynb", notebook(...cells));
    const result = await runNotebook(file);
    expect(result).toEqual({ ok: false, outPath: file, failedCell: 3, error: "TypeError: bad <b>" });
    const saved = open(file).cells;
    expect(saved[2]?.outputs).toMatchObject([{ output_type: "error", ename: "TypeError" }]);
    expect(saved[3]).toMatchObject({ outputs: [], execution_count: null });
  });

  it("goes on where errors are allowed, and still says that it failed", async () => {
    const file = save(emptyFolder(), "on.ipynb", notebook(cell("throw new Error('one')"), cell("'went on'")));
    expect(await runNotebook(file, { allowErrors: true })).toMatchObject({
      ok: false,
      failedCell: 1,
      error: "Error: one",
    });
    expect(open(file).cells[1]?.outputs).toMatchObject([{ data: { "text/plain": ["'went on'"] } }]);
  });

  it("by taking too long is interrupted", async () => {
    const file = save(emptyFolder(), "slow.ipynb", notebook(cell("await new Promise(() => {})")));
    expect(await runNotebook(file, { timeout: 1 })).toMatchObject({
      ok: false,
      failedCell: 1,
      error: expect.stringContaining("1 s"),
    });
  });

  it("by ending the kernel says so in its cell", async () => {
    vi.stubEnv("PEPNET_CACHE", emptyFolder()); // a crash costs the snapshot that the kernel started from
    onTestFinished(() => void vi.unstubAllEnvs());
    const file = save(
      emptyFolder(),
      "dead.ipynb",
      notebook(cell("1"), cell("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})")),
    );
    const result = await runNotebook(file);
    expect(result).toMatchObject({ ok: false, failedCell: 2 });
    expect(result.error).toContain("the kernel ended unexpectedly (signal SIGKILL)");
    expect(open(file).cells[1]?.outputs).toMatchObject([{ output_type: "error", ename: "NotebookError" }]);
  });
});

describe("what is not a notebook to run", () => {
  it.each([
    ["missing", undefined, "cannot be read"],
    ["no JSON", "hello", "is not JSON"],
    ["an old format", JSON.stringify({ nbformat: 3, worksheets: [] }), "unsupported notebook format"],
  ])("%s is refused, and nothing is written", async (_, text, message) => {
    const file = path.join(emptyFolder(), "x.ipynb");
    if (text !== undefined) writeFileSync(file, text);
    const out = `${file}.out`;
    await expect(runNotebook(file, { out })).rejects.toThrow(message);
    await expect(runNotebook(file, { out })).rejects.toBeInstanceOf(NotebookError);
    expect(existsSync(out)).toBe(false);
  });

  it("a notebook of another language is refused, and left as it is", async () => {
    const kernelspec = { display_name: "Python 3", language: "python", name: "python3" };
    const file = save(emptyFolder(), "py.ipynb", { ...notebook(cell("print(1)")), metadata: { kernelspec } });
    const before = readFileSync(file, "utf8");
    await expect(runNotebook(file)).rejects.toThrow(/is for another kernel\s+received: Python 3/);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it.each([
    ["a folder", "."],
    ["below a file", "x.ipynb/done.ipynb"],
  ])("an output that is %s is refused before a cell runs", async (_, out) => {
    const folder = emptyFolder();
    const file = save(folder, "x.ipynb", notebook(cell("require('fs').writeFileSync('ran', '')")));
    await expect(runNotebook(file, { out: path.join(folder, out) })).rejects.toThrow("cannot be written");
    expect(readdirSync(folder)).toEqual(["x.ipynb"]);
  });

  it("a notebook without a parameters cell has no parameters", async () => {
    const file = save(emptyFolder(), "plain.ipynb", notebook(cell("1")));
    const before = readFileSync(file, "utf8");
    await expect(runNotebook(file, { parameters: { gamma: 1 } })).rejects.toThrow("has no parameters");
    expect(readFileSync(file, "utf8")).toBe(before);
  });
});
