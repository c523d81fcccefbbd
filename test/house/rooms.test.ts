/** The shape of the house: rooms that one can take in at a glance, short files and functions, no circle of files. */
import ts from "typescript";
import { expect, it } from "vitest";
import { files, importedBy, isDoor, lineOf, roomOf, syntaxOf, textOf } from "./sources.js";

const mostLines = 500;
const mostFunctionLines = 60;

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

it("imports across rooms go through the index of the room, or of a part of it", () => {
  // `util` is a shelf of small tools without an index; the root picks files, so that loading the package loads little.
  const past = files
    .filter((file) => file.includes("/"))
    .flatMap((file) => importedBy(file).map((target) => ({ file, target, room: roomOf(target) })))
    .filter(({ file, target, room }) => room !== "" && room !== "util" && room !== roomOf(file) && !isDoor(target));
  expect(past.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
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
