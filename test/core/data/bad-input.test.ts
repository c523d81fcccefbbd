/** Each thing that can be wrong with data has a defined outcome: an error that names the place, or a counted warning. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { openTable, type TableSource } from "../../../src/core/data/table/open.js";
import { DataError, type Problem } from "../../../src/core/errors/index.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-bad-"));
const good = {
  user_id: [0, 1, 2, 3],
  occupation: [0, 1, 1, 0],
  price: [1.5, 2, 0.5, 3],
  clk: [0, 1, 1, 0],
};
const spec = modelSpec({
  features: [idSpec("user_id", 10), idSpec("occupation", 2), rawSpec("price")],
  labels: ["clk", "occupation"],
  domains: { column: "occupation", count: 2, names: null },
  towers: [towerSpec("ctr", "clk")],
});
const two = modelSpec({ features: [idSpec("user_id", 10)], labels: ["clk"], towers: [towerSpec("ctr", "clk")] });
let file = "";
beforeAll(async () => {
  file = await (await openTable(good)).toParquet(join(folder, "good.parquet"));
});

/** The good rows with some columns replaced. */
async function encoded(columns: Record<string, unknown[] | undefined>, model: ModelSpec = spec): Promise<EncodedData> {
  const all = Object.entries({ ...good, ...columns }).filter((entry) => entry[1] !== undefined);
  return encode(await openTable(Object.fromEntries(all) as TableSource), model);
}

async function problemsOf(work: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).problems;
}

describe("files", () => {
  test("an empty file", async () => {
    writeFileSync(join(folder, "empty.parquet"), "");
    const [problem] = await problemsOf(openTable(join(folder, "empty.parquet")));
    expect(problem?.path).toBe(join(folder, "empty.parquet"));
    expect(problem?.message).toContain("empty (0 bytes)");
  });

  test("a file without rows, Parquet or CSV", async () => {
    const none = join(folder, "none.parquet");
    const table = await openTable(good);
    await table.take(new Int32Array(0)).toParquet(none);
    expect((await problemsOf(openTable(none)))[0]).toMatchObject({ path: none, message: "no rows" });
    writeFileSync(join(folder, "none.csv"), "user_id,clk\n");
    expect((await problemsOf(openTable(join(folder, "none.csv"))))[0]?.message).toBe("no rows");
  });

  test("a file that is not Parquet", async () => {
    writeFileSync(join(folder, "text.parquet"), "user_id,clk\n1,0\n");
    const [problem] = await problemsOf(openTable(join(folder, "text.parquet")));
    expect(problem?.message).toBe("not a Parquet file");
    expect(problem?.received).toContain("user");
    expect(problem?.fix).toContain(".csv");
  });

  test("a Parquet file that is cut off", async () => {
    writeFileSync(join(folder, "cut.parquet"), readFileSync(file).subarray(0, 300));
    expect((await problemsOf(openTable(join(folder, "cut.parquet"))))[0]?.message).toContain("truncated");
  });

  test("a Parquet file that is damaged inside", async () => {
    const bytes = readFileSync(file);
    bytes.fill(255, bytes.length - 120, bytes.length - 8);
    writeFileSync(join(folder, "damaged.parquet"), bytes);
    expect((await problemsOf(openTable(join(folder, "damaged.parquet"))))[0]?.path).toContain("damaged.parquet");
  });

  test("a path that is not there, and a pattern that matches nothing", async () => {
    expect((await problemsOf(openTable(join(folder, "absent.csv"))))[0]?.message).toContain("no such file");
    expect((await problemsOf(openTable(join(folder, "goood.parquet"))))[0]?.fix).toMatch(
      /^did you mean "good.parquet"/,
    );
    expect((await problemsOf(openTable(join(folder, "absent-*.csv"))))[0]?.message).toContain(
      "no file matches the pattern",
    );
  });

  test("a folder without data, and one that mixes kinds", async () => {
    mkdirSync(join(folder, "bare"));
    expect((await problemsOf(openTable(join(folder, "bare"))))[0]?.message).toContain("no data file");
    expect((await problemsOf(openTable(folder)))[0]?.received).toMatch(
      /^\*\.parquet \(cut\.parquet and \d+ more\), \*\.csv \(/,
    );
  });

  test("a CSV with a ragged line is named with its line", async () => {
    const lines = Array.from({ length: 50 }, (_, row) => (row === 30 ? "1,2,3,4" : "1,2"));
    writeFileSync(join(folder, "ragged.csv"), `user_id,clk\n${lines.join("\n")}\n`);
    const [problem] = await problemsOf(openTable(join(folder, "ragged.csv")));
    expect(problem?.path).toBe(`${join(folder, "ragged.csv")}: line 32`);
    expect(problem).toMatchObject({ received: "4 fields: 1,2,3,4", expected: '2 fields separated by ","' });
  });

  test("a CSV header with a name twice", async () => {
    writeFileSync(join(folder, "twice.csv"), "clk,user_id,clk\n1,2,3\n");
    expect((await problemsOf(openTable(join(folder, "twice.csv"))))[0]?.message).toBe('duplicate column "clk"');
  });

  test("an empty partition among others is no rows, not an error", async () => {
    const parts = join(folder, "parts");
    mkdirSync(parts);
    const table = await openTable(good);
    await table.take(new Int32Array(0)).toParquet(join(parts, "1.parquet"));
    await table.toParquet(join(parts, "2.parquet"));
    expect((await openTable(parts)).rows).toBe(4);
  });

  test("a file that changes after it was opened", async () => {
    const path = join(folder, "changing.csv");
    writeFileSync(path, "clk\n1\n0\n");
    const table = await openTable(path);
    writeFileSync(path, "clk\n1\n0\n1\n");
    const [problem] = await problemsOf(table.read());
    expect(problem).toMatchObject({ path, message: "the data has changed since it was opened", received: "3 rows" });
  });

  test("columns in another order, or of other widths, across files are one column", async () => {
    const parts = join(folder, "orders");
    mkdirSync(parts);
    writeFileSync(join(parts, "1.csv"), "user_id,clk\n1,0\n2,1\n");
    writeFileSync(join(parts, "2.csv"), "clk,user_id\n1,3\n0,4\n");
    const data = await encode(await openTable(parts), two);
    expect([...(data.features.get("user_id") as { ids: Int32Array }).ids]).toEqual([1, 2, 3, 4]);
    expect([...data.labels.get("clk")!]).toEqual([0, 1, 1, 0]);
  });

  test("a file without a column that others have: no label is an error in that file, no id a counted warning", async () => {
    const parts = join(folder, "lacking");
    mkdirSync(parts);
    writeFileSync(join(parts, "1.csv"), "user_id,clk\n1,0\n2,1\n");
    writeFileSync(join(parts, "2.csv"), "user_id\n3\n");
    expect((await problemsOf(openTable(parts).then((table) => encode(table, two))))[0]).toMatchObject({
      path: `${join(parts, "2.csv")}: row 0 (from 0), column "clk"`,
      message: 'label "clk" has no value',
    });
    writeFileSync(join(parts, "2.csv"), "clk\n1\n");
    const { warnings } = await encode(await openTable(parts), two);
    expect(warnings).toMatchObject([{ path: 'column "user_id"', rows: 1, message: "no value: a zero vector" }]);
  });

  test("types mixed across files are named where the other type begins", async () => {
    const parts = join(folder, "mixed");
    mkdirSync(parts);
    writeFileSync(join(parts, "1.csv"), "user_id,clk\n1,0\n2,1\n");
    writeFileSync(join(parts, "2.csv"), "user_id,clk\n3,1\n4,yes\n");
    expect((await problemsOf(openTable(parts).then((table) => encode(table, two))))[0]).toMatchObject({
      path: `${join(parts, "2.csv")}: row 1 (from 0), column "clk"`,
      received: 'text, such as "yes"',
    });
  });

  test("a CSV value of another type far down: its row and value", async () => {
    const path = join(folder, "late.csv");
    const lines = Array.from({ length: 300_000 }, (_, row) => (row === 110_000 ? "x7,1" : `${row % 9},${row % 2}`));
    writeFileSync(path, `user_id,clk\n${lines.join("\n")}\n`);
    expect((await problemsOf(openTable(path).then((table) => encode(table, two))))[0]).toMatchObject({
      path: `${path}: row 110000 (from 0), column "user_id"`,
      received: '"x7"',
      fix: expect.stringContaining(".hash(size)"),
    });
  });

  test("a CSV that is not UTF-8", async () => {
    const path = join(folder, "latin.csv");
    writeFileSync(path, Buffer.from("user_id,clk,name\n1,0,caf\xe9\n2,1,tea\n", "latin1"));
    expect((await problemsOf(openTable(path)))[0]?.message).toBe("the file is not valid UTF-8");
  });

  test("a Parquet file whose pages are damaged, its ends whole", async () => {
    const path = await (
      await openTable({ user_id: Int32Array.from({ length: 50_000 }, (_, row) => Math.imul(row, 0x9e3779b1) >>> 0) })
    ).toParquet(join(folder, "pages.parquet"));
    const bytes = readFileSync(path);
    bytes.fill(7, 100, 2000);
    writeFileSync(path, bytes);
    const model = modelSpec({ features: [idSpec("user_id", 9)] });
    expect((await problemsOf(openTable(path).then((table) => encode(table, model))))[0]?.path).toContain(
      "pages.parquet",
    );
  });

  test("one damaged Parquet file of a folder is named", async () => {
    const parts = join(folder, "one-damaged");
    mkdirSync(parts);
    const table = await openTable({
      user_id: Int32Array.from({ length: 50_000 }, (_, row) => Math.imul(row, 0x9e3779b1) >>> 0),
    });
    for (const name of ["1", "2", "3"]) await table.toParquet(join(parts, `${name}.parquet`));
    const second = join(parts, "2.parquet");
    const bytes = readFileSync(second);
    bytes.fill(7, 100, 2000);
    writeFileSync(second, bytes);
    const model = modelSpec({ features: [idSpec("user_id", 9)] });
    const problems = () => problemsOf(openTable(parts).then((opened) => encode(opened, model)));
    expect((await problems())[0]).toMatchObject({ path: second, fix: "copy or write the file again" });
    bytes.fill(255, bytes.length - 120, bytes.length - 8);
    writeFileSync(second, bytes);
    expect((await problems())[0]).toMatchObject({ path: second, fix: "copy or write the file again" });
  });

  test("a file that changes, its rows as many as before", async () => {
    const path = join(folder, "rewritten.csv");
    writeFileSync(path, "clk\n1\n0\n");
    const table = await openTable(path);
    writeFileSync(path, "clk\n0\n1\n");
    expect((await problemsOf(table.read()))[0]).toMatchObject({
      path,
      message: "the data has changed since it was opened",
    });
  });

  test("a query that DuckDB refuses, in its words", async () => {
    expect((await problemsOf(openTable({ sql: "select nothing from nowhere" })))[0]?.message).toContain("nowhere");
  });
});

describe("columns in memory", () => {
  test("mixed types and unequal lengths, all at once", async () => {
    const problems = await problemsOf(openTable({ a: [1, "x", null], b: [1, 2] }));
    expect(problems.map((problem) => problem.message)).toEqual([
      "mixes types",
      "the length differs from the first column",
    ]);
    expect(problems[0]?.received).toBe("number (row 0), text (row 1)");
  });

  test("something that is no source", async () => {
    expect((await problemsOf(openTable(7 as never)))[0]?.received).toBe("7");
    expect((await problemsOf(openTable([])))[0]?.message).toBe("no rows");
  });
});

describe("columns that a model needs", () => {
  test("every missing one is named, with near names", async () => {
    const problems = await problemsOf(encoded({ user_id: undefined, user_ids: [1, 2, 3, 4], clk: undefined }));
    expect(problems.map((problem) => problem.path)).toEqual([
      'columns in memory: column "user_id"',
      'columns in memory: column "clk"',
    ]);
    expect(problems[0]?.fix).toBe('did you mean "user_ids"?');
    expect(problems[1]?.message).toBe('label "clk" needs a column that does not exist');
  });

  test("a feature that the engine does not compute is refused by name", async () => {
    const lookup = { kind: "other", name: "match", field: "lookup_feature", config: {} } as const;
    const [problem] = await problemsOf(encoded({}, { ...spec, features: [...spec.features, lookup] }));
    expect(problem).toMatchObject({ path: "features.match", received: "lookup_feature" });
  });

  test("labels are not asked for in prediction", async () => {
    const { clk: _, ...rest } = good;
    const data = await encode(await openTable(rest), spec, { labels: false });
    expect([data.labels.size, [...(data.domains ?? [])]]).toEqual([0, [0, 1, 1, 0]]);
  });
});

describe("labels", () => {
  test("2 for a binary loss, with its row, in a file with its name", async () => {
    const path = join(folder, "label.parquet");
    await (await openTable({ ...good, clk: [0, 1, 2, 3] })).toParquet(path);
    const [problem] = await problemsOf(encode(await openTable(path), spec));
    expect(problem?.path).toBe(`${path}: row 2 (from 0), column "clk"`);
    expect(problem).toMatchObject({ received: "2", expected: "0 or 1" });
    expect(problem?.message).toContain("(and in 1 other row)");
  });

  test("null, NaN and text", async () => {
    expect((await problemsOf(encoded({ clk: [0, null, 1, 1] })))[0]).toMatchObject({ received: "null" });
    expect((await problemsOf(encoded({ clk: [0, 1, Number.NaN, 1] })))[0]).toMatchObject({ received: "NaN" });
    expect((await problemsOf(encoded({ clk: ["0", "1", "1", "1"] })))[0]?.received).toContain("text");
  });

  test("booleans are 0 and 1", async () => {
    expect([...(await encoded({ clk: [true, false, true, false] })).labels.get("clk")!]).toEqual([1, 0, 1, 0]);
  });

  test("a class that softmax has not", async () => {
    const losses = [{ kind: "softmax_cross_entropy", labelSmoothing: 0 }] as const;
    const softmax = { ...spec, towers: [towerSpec("stars", "clk", { numClass: 3, losses })] };
    expect((await problemsOf(encoded({ clk: [0, 1, 2, 3] }, softmax)))[0]).toMatchObject({
      expected: "a class in 0 … 2 (or -100, to leave the row out)",
    });
  });
});

describe("domains", () => {
  test("beyond the count, and negative: row and value", async () => {
    const [high] = await problemsOf(encoded({ occupation: [0, 1, 0, 2] }));
    expect(high?.path).toBe('columns in memory: row 3 (from 0), column "occupation"');
    expect(high?.received).toBe("2");
    expect(high?.expected).toContain("0 … 1");
    expect((await problemsOf(encoded({ occupation: [-1, 1, 0, 1] })))[0]?.received).toBe("-1");
    expect((await problemsOf(encoded({ occupation: [null, 1, 0, 1] })))[0]?.received).toBe("null");
  });
});

describe("features", () => {
  test("a NaN price", async () => {
    const [problem] = await problemsOf(encoded({ price: [1, 2, Number.NaN, 4] }));
    expect(problem?.path).toContain('row 2 (from 0), column "price"');
    expect(problem?.received).toBe("NaN");
  });

  test("a null price without a default is an error, with one a counted warning", async () => {
    const bare = { ...spec, features: [rawSpec("price", { defaultValue: "" })] };
    expect((await problemsOf(encoded({ price: [null, 1, 2, 3] }, bare)))[0]?.message).toContain("no default");
    const data = await encoded({ price: [null, 1, null, 3] });
    expect(data.warnings).toMatchObject([{ path: 'column "price"', rows: 2, message: "no value: the default, 0" }]);
    const chosen = { ...spec, features: [rawFeature("price").default(0).toSpec()] };
    expect((await encoded({ price: [null, 1, null, 3] }, chosen)).warnings).toEqual([]);
  });

  test("ids out of range, negative or huge take row 0, counted", async () => {
    const data = await encoded({ user_id: [10, -1, 9, 9007199254740993n] });
    expect(data.features.get("user_id")).toMatchObject({ kind: "ids", ids: Int32Array.of(0, 0, 9, 0) });
    expect(data.warnings).toMatchObject([
      { path: 'column "user_id"', rows: 3, message: "id outside 0 … 9, mapped to row 0" },
    ]);
  });

  test("null ids are no value, or the default value, counted", async () => {
    const data = await encoded({ user_id: [null, 1, 2, 3] });
    expect(data.features.get("user_id")).toMatchObject({ ids: Int32Array.of(-1, 1, 2, 3) });
    expect(data.warnings).toMatchObject([{ path: 'column "user_id"', rows: 1, message: "no value: a zero vector" }]);
    const features = [idSpec("user_id", 10, { defaultValue: "7" })];
    const filled = await encoded({ user_id: [null, 1, 2, 3] }, { ...spec, features });
    expect(filled.features.get("user_id")).toMatchObject({ ids: Int32Array.of(7, 1, 2, 3) });
    expect(filled.warnings).toEqual([]);
  });

  test("text where a number is due names the row; so does a broken number", async () => {
    const [text] = await problemsOf(encoded({ user_id: ["1", "u7", "2", "3"] }));
    expect(text?.path).toContain('row 1 (from 0), column "user_id"');
    expect(text?.received).toBe('"u7"');
    expect((await problemsOf(encoded({ user_id: [1, 2.5, 2, 3] })))[0]?.received).toBe('"2.5"');
  });

  test("unknown words take the out-of-vocabulary row, counted", async () => {
    const features = [idSpec("user_id", { kind: "vocabList", values: ["1", "2"] })];
    const data = await encoded({}, { ...spec, features });
    expect(data.features.get("user_id")).toMatchObject({ ids: Int32Array.of(1, 2, 3, 1) });
    expect(data.warnings[0]).toMatchObject({ column: "user_id", rows: 2 });
  });

  test("everything wrong is found at once", async () => {
    const problems = await problemsOf(
      encoded({ clk: [0, 5, 1, 1], occupation: [0, 9, 1, 1], price: [1, Number.NaN, 1, 1] }),
    );
    expect(problems.length).toBe(3);
  });

  test("a type that is no feature", async () => {
    const sql = "select {'a': 1} as user_id, 0 as occupation, 1.5 as price, 0 as clk";
    const [problem] = await problemsOf(encode(await openTable({ sql }), spec));
    expect(problem).toMatchObject({ received: "STRUCT(a INTEGER)" });
  });
});
