/** Which cells are stale, on notebooks of a few names; and the names in what the compiler writes. */
import { describe, expect, test } from "vitest";
import { type CellNames, cellNames, StaleCells } from "../../src/kernel/process/stale-cells.js";

/** A notebook whose cells read and assign names; each run assigns new values, unless it is told which. */
function notebook(cells: Readonly<Record<string, CellNames>>) {
  const stale = new StaleCells();
  const values = new Map<string, unknown>();
  const all = Object.keys(cells);
  const run = (cell: string, assigned: Readonly<Record<string, unknown>> = {}) => {
    const ended = stale.begin(cell, cells[cell]!, (name) => values.get(name));
    for (const name of cells[cell]!.assigns) values.set(name, name in assigned ? assigned[name] : Symbol(name));
    ended();
  };
  return { stale, run, all, cells, marked: (present = all) => stale.among(present).map(({ id }) => id) };
}

const chain = {
  one: { reads: [], assigns: ["gamma"] },
  two: { reads: ["gamma"], assigns: ["model"] },
  three: { reads: ["model"], assigns: ["run"] },
  four: { reads: ["other"], assigns: [] },
};

describe("stale cells", () => {
  test("are those whose inputs were run again, directly or through other cells", () => {
    const { run, all, marked, stale } = notebook(chain);
    for (const cell of all) run(cell);
    expect(marked()).toEqual([]);
    run("one");
    expect(stale.among(all)).toEqual([
      { id: "two", names: ["gamma"] },
      { id: "three", names: ["model"] },
    ]);
    run("two");
    expect(marked()).toEqual(["three"]);
    run("three");
    expect(marked()).toEqual([]);
  });

  test("stay stale if they run again before the stale cell that they use", () => {
    const { run, all, marked } = notebook(chain);
    for (const cell of all) run(cell);
    run("one");
    run("three");
    expect(marked()).toEqual(["two", "three"]);
    run("two");
    expect(marked()).toEqual(["three"]);
  });

  test("go by the last cell that assigned a name, above them or as they ran", () => {
    const { run, marked } = notebook({ ...chain, again: { reads: [], assigns: ["gamma"] } });
    const above = ["one", "again", "two", "three"];
    const below = ["one", "two", "three", "again"];
    for (const cell of below) run(cell);
    expect(marked(below)).toEqual([]); // run from top to bottom
    expect(marked(above)).toEqual(["two", "three"]);
    run("two");
    run("again");
    expect(marked(below)).toEqual(["two", "three"]);
    run("two");
    run("one");
    expect(marked(below)).toEqual(["two", "three"]);
  });

  test("are not those whose input has the same value again: a constant, or an imported module", () => {
    const { run, marked } = notebook(chain);
    const module = { name: "a module" };
    for (const value of [3, "text", null, undefined, Number.NaN, module, describe]) {
      run("one", { gamma: value });
      run("two");
      run("one", { gamma: value });
      expect(marked(), String(value)).toEqual([]);
      run("one", { gamma: { ...module } });
      expect(marked(), String(value)).toEqual(["two"]);
    }
  });

  test("wait for no deleted cell, and forget what only a deleted cell would bring", () => {
    const { run, all, marked } = notebook(chain);
    for (const cell of all) run(cell);
    run("one");
    expect(marked(["one", "three"])).toEqual([]);
    expect(marked(["two", "three"])).toEqual(["two", "three"]);
  });

  test("that change their own input, or use each other's, are not stale for ever", () => {
    const counter = notebook({ start: { reads: [], assigns: ["n"] }, step: { reads: ["n"], assigns: ["n"] } });
    for (const cell of ["start", "step", "step"]) counter.run(cell);
    expect(counter.marked()).toEqual([]);
    const steps = notebook({
      start: counter.cells["start"]!,
      one: counter.cells["step"]!,
      two: counter.cells["step"]!,
    });
    for (const cell of ["start", "one", "two"]) steps.run(cell);
    expect(steps.marked()).toEqual([]);
    counter.run("start");
    expect(counter.marked()).toEqual(["step"]);
    const both = notebook({ left: { reads: ["b"], assigns: ["a"] }, right: { reads: ["a"], assigns: ["b"] } });
    for (const cell of ["left", "right", "left"]) both.run(cell);
    expect(both.marked()).toEqual(["left", "right"]);
  });

  test("that no client has run are none, and cells that never ran are none", () => {
    const { run, marked } = notebook(chain);
    run("one");
    expect(marked(["one", "two", "of another kernel"])).toEqual([]);
  });

  test("a value is not kept while its cell runs again", async () => {
    const { stale } = notebook(chain);
    const read: unknown[] = [];
    let large: object | undefined = { rows: 1 };
    const ended = stale.begin("one", chain.one, (name) => {
      read.push(name);
      return large;
    });
    large = undefined;
    ended();
    expect(read).toEqual(["gamma", "gamma"]);
  });
});

test("names are what a compiled cell reads and assigns", () => {
  const javascript = `"use strict";
__tslab__.define(exports, "__esModule", { value: true });
exports.j = exports.fs = exports.best = exports.tsLastExpr = void 0;
const node_fs_1 = __importDefault(require("node:fs"));
exports.fs = node_fs_1.default;
__tslab__.define(exports, "j", { enumerable: true, get: function () { return node_path_1.join; } });
exports.n += exports.gamma;
if (exports.limit === exports.n) exports.$count2 = 3;
const best = exports.ünï.map((x) => x => 1);
exports.best = best;
exports.tsLastExpr = exports.run;`;
  const { reads, assigns } = cellNames(javascript);
  expect([...reads].sort()).toEqual(["gamma", "limit", "n", "run", "ünï"]);
  expect([...assigns].sort()).toEqual(["$count2", "best", "fs", "j"]);
});
