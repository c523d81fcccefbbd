/** Completion knows the live variables: columns of data sets, also in SQL, files, and the kind of each name. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
  mkdirSync(path.join(talk.folder, "logs"));
  writeFileSync(path.join(talk.folder, "logs", "train.csv"), "user,scene,clk,my column\n1,2,0,3\n4,5,1,6\n");
  writeFileSync(path.join(talk.folder, "logs", "items.csv"), "item,price\n1,2\n");
  const opened = await talk.run(
    'const items = await dataset("logs/items.csv");\nconst log = await dataset("logs/train.csv"); const count = 3;',
  );
  expect(opened.traceback).toBe("");
});
afterAll(() => talk.end());

/** The completions at `|`: what would stand in the cell, and the kinds. */
async function completed(marked: string): Promise<{ lines: string[]; kinds: string[] }> {
  const at = marked.lastIndexOf("|");
  const code = marked.slice(0, at) + marked.slice(at + 1);
  const { reply } = await talk.send("complete_request", { code, cursor_pos: at });
  const { matches, cursor_start, cursor_end, metadata } = reply;
  const types: { text: string; type: string }[] = metadata._jupyter_types_experimental;
  expect(types.map(({ text }) => text)).toEqual(matches);
  return {
    lines: matches.map((text: string) => code.slice(0, cursor_start) + text + code.slice(cursor_end)),
    kinds: [...new Set(types.map(({ type }) => type))],
  };
}

it.each([
  ['idFeature("|")', ['idFeature("user")', 'idFeature("scene")', 'idFeature("clk")', 'idFeature("my column")']],
  ['idFeature("us|', ['idFeature("user']],
  ['label("c|")', ['label("clk")']],
  ['log.sort("s|")', ['log.sort("scene")']],
  ['items.sort("p|")', ['items.sort("price")']],
  ['await log.split({ by: "sc|" })', ['await log.split({ by: "scene" })']],
  ['await plot(items, { x: "p|" })', ['await plot(items, { x: "price" })']],
  ['await plot(log.head(3), { colour: "s|" })', ['await plot(log.head(3), { colour: "scene" })']],
  [
    'await suggestModel(items, { labels: ["|"] })',
    ["item", "price"].map((name) => `await suggestModel(items, { labels: ["${name}"] })`),
  ],
  ['await log.describe({ labels: ["c|"] })', ['await log.describe({ labels: ["clk"] })']],
  [
    'await items.groupBy("item").summarise({ n: "avg(p|" })',
    ['await items.groupBy("item").summarise({ n: "avg(price" })'],
  ],
])("offers columns of the data set at hand: %s", async (marked, lines) => {
  const { lines: offered, kinds } = await completed(marked);
  expect(offered.slice(0, lines.length)).toEqual(lines);
  expect(kinds).toEqual(["column"]);
});

it.each([
  ["await log.where({ |", ["user", "scene", "clk", '"my column"'].map((name) => `await log.where({ ${name}`)],
  ['log.where({ scene: 2, cl| }).sort("scene")', ['log.where({ scene: 2, clk }).sort("scene")']],
  ["items.where({ p| })", ["items.where({ price })"]],
  [
    "run.counterfactual(log, { changes: [|] })",
    ["swapDomain", "freezeGate", "moduleOff", "everyDomain"].map(
      (name) => `run.counterfactual(log, { changes: [${name}] })`,
    ),
  ],
  ["run.counterfactual({ changes: [swapDomain(1), mod|", ["run.counterfactual({ changes: [swapDomain(1), moduleOff"]],
])("offers first what fits a literal: %s", async (marked, lines) => {
  expect((await completed(marked)).lines.slice(0, lines.length)).toEqual(lines);
});

it.each(["log.where({ scene: |", "items.derive({ |", "const { |", "[1, |]"])(
  "offers no column for %s",
  async (marked) => {
    const { lines } = await completed(marked);
    expect(lines.filter((line) => /\b(?:clk|price)\b/.test(line))).toEqual([]);
  },
);

it.each([
  ['log.sql("select us|")', ['log.sql("select user")']],
  ["log.sql(`select clk, sc| from data`)", ["log.sql(`select clk, scene from data`)"]],
  ['log.where("my|")', ['log.where("\\"my column\\"")']],
  ['items.derive({ twice: "2 * pr|" })', ['items.derive({ twice: "2 * price" })']],
])("offers columns in SQL, quoted where SQL needs it: %s", async (marked, lines) => {
  expect(await completed(marked)).toEqual({ lines, kinds: ["column"] });
});

it.each([
  ['await dataset("lo|")', ['await dataset("logs/")'], ["folder"]],
  ['await dataset("logs/|', ['await dataset("logs/items.csv', 'await dataset("logs/train.csv'], ["file"]],
  ['await loadRun("nowhere/|")', [], []],
])("offers paths of files: %s", async (marked, lines, kinds) => {
  expect(await completed(marked)).toEqual({ lines, kinds });
});

it.each([
  ["idFea|", "function"],
  ["cou|", "variable"],
  ["log.descr|", "method"],
  ["log.row|", "property"],
  ["Datase|", "class"],
])("names the kind: %s", async (marked, kind) => {
  expect((await completed(marked)).kinds).toContain(kind);
});

it("offers the literals of a type instead of columns", async () => {
  const { lines } = await completed('const label = (side: "left" | "right") => side; label("|")');
  expect(lines.map((line) => line.slice(line.indexOf(";")))).toEqual(['; label("left")', '; label("right")']);
});

it.each([
  ['import fs from "node:f|', ['import fs from "node:fs']],
  ['import fs from "node:f|"', ['import fs from "node:fs"', 'import fs from "node:fs/promises"']],
  ['import { dataset } from "pep|"', ['import { dataset } from "pepnet"']],
  ['import * as nn from "pepnet/n|"', ['import * as nn from "pepnet/nn"']],
  ['import { twice } from "./hel|"', ['import { twice } from "./helpers"']],
  ['import { twice } from "./inner/|"', ['import { twice } from "./inner/more"']],
  ['const fs = await import("node:fs/p|")', ['const fs = await import("node:fs/promises")']],
  ['const os = require("o|")', ['const os = require("os")']],
  ['import { deL| } from "pepnet/metrics"', ['import { deLong } from "pepnet/metrics"']],
  ['import { readFileS| } from "fs"', ['import { readFileSync } from "fs"']],
  ['import { exactAuc, |} from "pepnet/metrics"', []],
])("completes imports: %s", async (marked, lines) => {
  mkdirSync(path.join(talk.folder, "inner"), { recursive: true });
  writeFileSync(path.join(talk.folder, "helpers.ts"), "export const twice = (x: number): number => 2 * x;\n");
  writeFileSync(path.join(talk.folder, "inner", "more.ts"), "export const more = 1;\n");
  const { lines: offered } = await completed(marked);
  expect(offered).toEqual(expect.arrayContaining(lines));
});

it.each([
  [
    'await items.groupBy("item").summarise({ n: "|" })',
    ["count(*)", "avg("].map((text) => `await items.groupBy("item").summarise({ n: "${text}" })`),
  ],
  ['await items.pivot("item", "hour", "av|")', ['await items.pivot("item", "hour", "avg(")']],
  ['await items.groupBy("ho|")', ['await items.groupBy("hour")']],
  ['await items.pivot("item", "we|", "count(*)")', ['await items.pivot("item", "weekday", "count(*)")']],
  ['await items.dt("we|")', ['await items.dt("weekday")']],
  [
    'await items.groupBy("item").summarise({ n: "m|" })',
    ["min(", "max(", "median("].map((text) => `await items.groupBy("item").summarise({ n: "${text}" })`),
  ],
])("offers what a group's rows become: %s", async (marked, lines) => {
  expect((await completed(marked)).lines.slice(0, lines.length)).toEqual(lines);
});
