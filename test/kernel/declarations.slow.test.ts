/** The declarations with which a cell is compiled: those that it can depend on. */
import * as ts from "typescript";
import { describe, expect, it } from "vitest";
import { convertCell, Declarations } from "../../src/kernel/compiler/declarations.js";

const read = (text: string): Declarations => Declarations.read(text, ts);

const notebook = read(`
import { dataset, Model } from "pepnet";
import type { Report, Row } from "pepnet";
import path from "node:path";
interface Point { x: number }
declare const points: Point[];
declare function near(point: Point): Point[];
declare class URL { mine: true }
namespace Names { const first: string }
${Array.from({ length: 200 }, (_, n) => `declare const value${n}: { n: number };`).join("\n")}
`);

/** The names of a cell's declarations, without the class that hides Node's. */
const about = (code: string): string[] => [...notebook.about(code).names].filter((name) => name !== "URL");

describe("the declarations of a cell", () => {
  it("are none of 200 that it does not mention", () => {
    expect(about("1 + 1")).toEqual([]);
    expect(about("const x = value7.n + value70.n")).toEqual(["value7", "value70"]);
  });

  it("are also those that they mention", () => {
    expect(about("points")).toEqual(["Point", "points"]);
    expect(about("near({ x: 1 })")).toEqual(["Point", "near"]);
  });

  it("are all names of a module, whose types a result may have", () => {
    const names = ["dataset", "Model", "Report", "Row"];
    expect(about("await dataset('a.csv')")).toEqual(names);
    expect(about('import { plot } from "pepnet"')).toEqual(names);
    expect(about("path.join('a')")).toEqual(["path"]);
  });

  it("are always those that hide a global name", () => {
    expect([...notebook.about("1 + 1").names]).toEqual(["URL"]);
  });

  it("are all of them where code has escapes in place of letters", () => {
    expect(notebook.about("p\\u006fints")).toBe(notebook);
  });
});

describe("the declarations after a cell", () => {
  it("are its results and all that it did not mention", () => {
    const before = read("declare let a: number;\ndeclare let b: number;\nnamespace N { }\n");
    const part = before.about("let a = N; const c = 1;");
    const after = before.after(part, "declare let a: string;\ndeclare const c = 1;\n");
    expect(after.text).toBe("declare let a: string;\ndeclare const c = 1;\ndeclare let b: number;\nnamespace N { }\n");
  });

  it("are without what a failed cell did not assign", () => {
    const all = read(
      "declare const a: number, b: number;\ndeclare class C { }\ndeclare const enum E { x }\ntype T = 1;\n",
    );
    expect([...all.assigned(() => false).names]).toEqual(["E", "T"]);
    expect(all.assigned(() => true).text).toBe(all.text);
  });
});

describe("a converter", () => {
  const failure = { diagnostics: [{ messageText: "Cannot find name 'x'." }] };

  it("sees what a cell mentions, and everything once a cell fails", () => {
    const seen: string[] = [];
    const convert = (fails: boolean) => (declarations: string) => {
      seen.push(declarations);
      return (fails ? failure : { diagnostics: [], declOutput: "" }) as never;
    };
    const before = read("declare let a: number;\ndeclare let b: number;\n");
    const { declarations } = convertCell(before, "a", convert(false));
    expect(seen).toEqual(["declare let a: number;\n"]);
    expect(declarations.text).toBe("declare let b: number;\n");
    expect(convertCell(before, "a + x", convert(true)).declarations).toBe(before);
    expect(seen.slice(1)).toEqual(["declare let a: number;\n", before.text]);
  });
});
