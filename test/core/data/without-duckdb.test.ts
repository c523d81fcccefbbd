/** Where DuckDB has no binary: what needs it says so, and the rest works. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

const dist = path.resolve(__dirname, "../../../dist/index.js");

/** A program's output in a process in which DuckDB's binary cannot be loaded. */
function withoutDuckdb(program: string): string {
  const code = `
const Module = require("node:module");
const load = Module._load;
Module._load = function (name, ...rest) {
  if (name.startsWith("@duckdb/")) throw new Error("no binding for this platform");
  return load.call(this, name, ...rest);
};
const { dataset, idFeature, pepnet } = require(${JSON.stringify(dist)});
const { writeTaobaoLike } = require(${JSON.stringify(path.join(path.dirname(dist), "api/model/generate.js"))});
const rows = { user: Int32Array.from([0, 1, 2, 3]), click: Int32Array.from([0, 1, 0, 1]) };
(async () => {${program}})().then(console.log, (error) => console.log(error.name + ": " + error.message));`;
  return execFileSync(process.execPath, ["-e", code], { encoding: "utf8" });
}

test.each([
  ["a query in SQL runs", 'await (await dataset(rows)).sql("select 1 as one from data")'],
  ["a file is written", 'await (await dataset(rows)).toParquet("never-written.parquet")'],
  ["a generated log is written", 'await writeTaobaoLike("never-written.parquet", { rows: 10 })'],
  ["a verb runs", 'await (await (await dataset(rows)).where("click = 1")).toRows()'],
])("%s: an error that names what still works", (_, call) => {
  const out = withoutDuckdb(`return ${call};`);
  expect(out).toMatch(/^DataError: [\s\S]*DuckDB: cannot be loaded on \w+ \w+[\s\S]*rows and columns in memory work:/);
});

test("a model trains on columns in memory", () => {
  const out = withoutDuckdb(`
    const model = pepnet().features(idFeature("user").buckets(10).embedding(4)).labels("click").group("uia", ["user"])
      .ppnet({ hidden: [4] }).tower("ctr", (t) => t.label("click").mlp(4).bce());
    const run = await model.fit(rows, { steps: 2, validation: null });
    return (await run.predict(rows)).rows;`);
  expect(out.trim()).toBe("4");
});
