/** Cells that declare nothing are written without the compiler, as the compiler would write them. */
import { afterAll, expect, test } from "vitest";
import { plainModule } from "../../src/kernel/compiler/plain-modules.js";
import { createCompiler } from "../../src/kernel/compiler/typescript.js";

const compiler = createCompiler();
const { typescript } = compiler;
const { transpileModule } = typescript;
afterAll(() => compiler.close());

/** A cell as the converter hands it to the second step, without its source map; the step's output. */
function converted(cell: string, declared = "declare let total: number;\n"): { module: string; output: string } {
  let module = "";
  typescript.transpileModule = (text, options) => {
    module = text.replace(/\/\/# sourceMappingURL.*/, "");
    return transpileModule(text, options);
  };
  const { output = "", diagnostics } = compiler.convert(declared, cell);
  typescript.transpileModule = transpileModule;
  expect(diagnostics, cell).toEqual([]);
  return { module, output };
}

/** What the compiler makes of the module: without its last line break, {@link plainModule} leaves it to the compiler. */
function byCompiler(module: string): string {
  expect(plainModule(module.trimEnd())).toBeNull();
  const { ES2022 } = typescript.ScriptTarget;
  const compilerOptions = { module: typescript.ModuleKind.CommonJS, esModuleInterop: true, target: ES2022 };
  return transpileModule(module.trimEnd(), { fileName: "custom.js", compilerOptions }).outputText;
}

const plain = [
  "",
  "total",
  "total += 5;\ntotal",
  `console.log(1, 'a', "b", \`c \${total}\n  d\`);`,
  "for (const x of [1, 2]) total += x;",
  "for (let i = 0; i < 3; i++) {\n  const y = i;\n  total += y;\n}\ntotal",
  "if (total > 3) { total = 2; } else { total = 3; }\n({ total })",
  "[1].map((x) => { const y = x; return { total, y }; })",
  "[function named() { return this; }, class Named { static #a = 1; b = Named.#a; }]",
  "try { total.toFixed(200); } catch { total = -1; } finally { total += 1; }",
  "interface A { a: number }\n({ a: total }) satisfies A",
  "label: while (true) { total++; if (total > 1) break label; }",
  "(async () => total)()",
  "(function* () { yield total; })().next().value as number",
  "total?.toString() ?? /a'b/u.test('ü') ; 1_000n ** 2n",
  "switch (total) { case 1: total = 2; break; default: total = 3; }",
];

test.each(plain)("%j", (cell) => {
  const { module, output } = converted(cell);
  expect(plainModule(module)?.code).toBe(output);
  expect(output).toBe(byCompiler(module));
});

test.each([
  "let other = 1;",
  "await total;",
  "(async () => { await total; })()",
  "import fs from 'node:fs'; fs.existsSync('a')",
  "import('node:fs')",
  "import.meta.url",
  "'use strict'; total",
  "/* first */ 'use strict'; total",
  "Object.defineProperty({}, 'a', { value: 1 })",
  "{ using a = { [Symbol.dispose]() {} }; a; }",
  "var b = 1; b",
  "for (var i = 0; i < 2; i++);",
  "`\nexport const tsLastExpr = 1`.length; total",
  "while (total < 0) { `\nexport const tsLastExpr = `; }",
  "tot\\u0061l",
])("%j is left to the compiler", (cell) => {
  expect(plainModule(converted(cell).module)).toBeNull();
});

test("each name is traced to its line and column in the cell", () => {
  const cell =
    "total += first;\n// a comment\nif (first) {\n  total -= second(first);\n}\n\nsecond(first +\n  third.fourth(first))";
  const names = ["first", "second", "third", "fourth"];
  const declared = "declare const total: number, first: number, second: any, third: any;\n".replace(
    "const total",
    "let total",
  );
  const { output } = converted(cell, declared);
  expect(plainModule(converted(cell, declared).module)).not.toBeNull();
  const mapper = compiler.takeMapper(output, "cell")!;
  const places = (text: string) =>
    text.split("\n").flatMap((line, at) =>
      [...line.matchAll(new RegExp(`\\b(?:${names.join("|")})\\b`, "g"))].map(({ index, 0: name }) => ({
        name,
        line: at + 1,
        column: index + 1,
      })),
    );
  const traced = places(output).map(({ name, line, column }) => ({ name, ...mapper(line, column) }));
  expect(traced).toEqual(places(cell));
  expect(mapper(1, 1)).toBeNull();
});
