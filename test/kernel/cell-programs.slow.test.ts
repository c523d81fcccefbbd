/** Cells share the program of an earlier cell, and are compiled as with a new program each. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";

interface Converted {
  readonly output?: string;
  readonly declarations?: string;
  readonly messages: readonly string[];
  /** Number of programs that the compiler had created after the cell. */
  readonly programs: number;
}

/** Converts cells one after another in a process of its own, as its compiler can be created once. */
function convert(cells: readonly string[], { shares = true } = {}): Converted[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-cells-"));
  writeFileSync(path.join(folder, "helper.ts"), "export const twice = (x: number): number => 2 * x;\n");
  const program = `
    const compiler = ${JSON.stringify(path.join(packageRoot, "dist", "kernel", "compiler"))};
    const typescript = require(${JSON.stringify(require.resolve("typescript"))});
    const { createAbstractBuilder } = typescript;
    let programs = 0;
    const counted = { ...typescript, createAbstractBuilder: (...rest) => (programs++, createAbstractBuilder(...rest)) };
    require.cache[require.resolve(${JSON.stringify(require.resolve("typescript"))})].exports = counted;
    const { Lookups } = require(compiler + "/lookups.js");
    if (!${shares}) Object.defineProperty(Lookups.prototype, "isStale", { get: () => true });
    const { convert } = require(compiler + "/typescript.js").createCompiler();
    let declarations = "";
    const all = ${JSON.stringify(cells)}.map((cell) => {
      const { output, declOutput, diagnostics } = convert(declarations, cell);
      if (diagnostics.length === 0) declarations = declOutput;
      return { output, declarations: declOutput, messages: diagnostics.map((d) => d.messageText), programs };
    });
    process.stdout.write(JSON.stringify(all), () => process.exit());  // file watchers would keep it running`;
  return JSON.parse(execFileSync(process.execPath, ["-e", program], { cwd: folder, encoding: "utf8" }));
}

describe("the programs of cells", () => {
  it("are as many as the modules that cells begin to import, not as the cells", () => {
    const declaring = Array.from({ length: 40 }, (_, n) => `const value${n} = { n: ${n} };\nvalue${n}.n`);
    const cells = [
      ...declaring,
      'import { readFileSync } from "node:fs"; readFileSync',
      'import "pepnet";',
      ...declaring,
    ];
    const counts = convert(cells).map(({ programs }) => programs);
    expect(counts[39]).toBe(counts[0]);
    expect(counts[40], "Node's modules are part of every program").toBe(counts[0]);
    expect(counts[41]).toBeGreaterThan(counts[0]!);
    expect(counts.at(-1)).toBe(counts[41]);
  });

  it("keep the modules of earlier cells", () => {
    const cells = ['import "pepnet";', 'import { twice } from "./helper"; twice(1)', 'import "pepnet";', "1 + 1"];
    const [, , third, fourth] = convert(cells).map(({ programs }) => programs);
    const [, second] = convert(cells.slice(0, 2)).map(({ programs }) => programs);
    expect([third, fourth]).toEqual([second, second]);
  });

  it("do not remember what a cell added to global names", () => {
    const adds = "declare global { interface Array<T> { zig(): number } }\n[1].zig;";
    const [, , last] = convert([adds, "const x = 1;", "[1].zig"]);
    expect(last!.messages).toEqual(["Property 'zig' does not exist on type 'number[]'."]);
  });

  it("suggest names for every misspelt one", () => {
    const misspelt = Array.from({ length: 25 }, (_, n) => `valeu + ${n}`);
    const [, ...others] = convert(["const value = 1;", ...misspelt]);
    for (const { messages } of others) expect(messages).toEqual(["Cannot find name 'valeu'. Did you mean 'value'?"]);
  });

  it("give the same code, declarations and problems as new ones", () => {
    const cells = [
      "const x = 1;",
      "const x: string = 2",
      "x.toFixed(",
      "x.nothing",
      "x.nothing",
      "interface Point { x: number }\nclass Box<T> { #in = 1; /** Puts. */ put(t: T): Box<T> { return this } }",
      "const box = new Box<Point>(); box.put({ x })",
      "box.put(3)",
      "enum Side { left, right }\nlet side: Side | Point = Side.left; side",
      'import { twice } from "./helper"; const four = twice(2)',
      'twice("2")',
      "four",
      'import nothing from "./nothing"',
      'const os = await import("node:os"); os.cpus().length',
      "function f(x: number): string; function f(x: string): number; function f(x: any): any { return x }",
      "f(1).length + f('a')",
      "// @ts-expect-error\nf({})",
      "// @ts-expect-error\nf(1)",
      "const __hidden = 2; const { a, b: [c] } = { a: 1, b: [2] }",
      "__hidden + c; ({ a, four })",
      "type Rest<T> = T extends [infer _, ...infer R] ? R : []; let rest: Rest<[1, 2, 3]>; rest",
      "namespace Names { export const v = 1 }\nNames.v",
      "using held = { [Symbol.dispose]() {} }",
      "for (const i of [1, 2]) { await i }",
      "export const y = 1",
      "const x = 'another'",
      "x.toFixed()",
    ];
    const shared = convert(cells);
    const alone = convert(cells, { shares: false });
    expect(shared.at(-1)!.programs).toBeLessThan(alone.at(-1)!.programs / 3);
    shared.forEach(({ output, declarations, messages }, at) => {
      expect({ output, declarations, messages }, cells[at]).toEqual({
        output: alone[at]!.output,
        declarations: alone[at]!.declarations,
        messages: alone[at]!.messages,
      });
    });
  });
});
