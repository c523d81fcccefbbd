/** The shape of the house: rooms that one can take in at a glance, short files and functions, no circle of files. */
import path from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { files, importedBy, lineOf, roomFolder, syntaxOf, textOf } from "./sources.js";

/** Far above what CONTRIBUTING.md asks for, so that no small change to a file or function near it fails. */
const mostLines = 700;
const mostFunctionLines = 90;
/** Files of a folder within a room; rooms themselves may be smaller. */
const leastFiles = 5;
/** Whole rooms that load when a method first needs them, and what the package exports. */
const doors = new Set([
  ...["", "core/config/", "core/data/query/", "lab/views/"].map((room) => `${room}index.ts`),
  "core/metrics/public.ts",
  "types.ts",
  "lab/widgets/public.ts",
]);

it("no files import each other in a circle, types included", () => {
  expect(circles(new Map(files.map((file) => [file, importedBy(file)])))).toEqual([]);
});

it("the search for circles finds one", () => {
  const imports = new Map([
    ["a", ["b"]],
    ["b", ["c"]],
    ["c", ["b"]],
  ]);
  expect(circles(imports)).toEqual([["b", "c"]]);
});

it("no file only passes on what others export, except the doors of rooms and of the package", () => {
  const passing = files.filter((file) => !doors.has(file) && syntaxOf(file).statements.every(isPassing));
  expect(passing).toEqual([]);
});

it("a folder within a room has at least five files", () => {
  const counts = new Map<string, number>();
  for (const file of files) {
    const folder = path.posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const small = [...counts].filter(([folder, count]) => folder !== roomFolder(`${folder}/`) && count < leastFiles);
  expect(small).toEqual([]);
});

it(`a file has at most ${mostLines} lines`, () => {
  const long = files.map((file) => [file, textOf(file).split("\n").length - 1] as const);
  expect(long.filter(([, lines]) => lines > mostLines)).toEqual([]);
});

it(`a function has at most ${mostFunctionLines} lines`, () => {
  expect(files.flatMap(longFunctions)).toEqual([]);
});

/** Groups of files of which each reaches every other (Tarjan, 1972), each sorted. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (open.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

function isPassing(statement: ts.Statement): boolean {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
}

function longFunctions(file: string): string[] {
  const syntax = syntaxOf(file);
  const long: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      const [start, end] = [lineOf(syntax, node.getStart(syntax)), lineOf(syntax, node.end)];
      if (end - start + 1 > mostFunctionLines) long.push(`${file}:${start} (${end - start + 1} lines)`);
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return long;
}
