/** Paths are paths: whatever a file, folder or column is called, it is opened as that, and never run. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { label as labelRule } from "../../../src/core/builder/learning-rates.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { DataError } from "../../../src/core/errors/index.js";
import { openRows } from "../../../src/kernel/cli/options.js";
import { cases } from "../../faults/fuzz/fuzzing.js";
import { idSpec, modelSpec, towerSpec } from "./specs.js";

const before = process.cwd();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-paths-"));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
};

/** Opens a file by its name and its absolute path, writes it to another such name, and reads that. */
async function opensAs(name: string): Promise<void> {
  const rows = [
    { x: 1, y: 2 },
    { x: 3, y: 4 },
  ];
  mkdirSync(path.dirname(path.resolve(name)), { recursive: true });
  writeFileSync(`${name}.csv`, "x,y\n1,2\n3,4\n");
  // Another file, which a pattern of that name would find.
  writeFileSync("a1.csv", "x,y\n9,9\n");
  for (const each of [`${name}.csv`, path.resolve(`${name}.csv`)]) {
    const table = await openTable(each);
    expect(await table.head(9)).toEqual(rows);
    const written = await table.toParquet(each.replace(/csv$/, "parquet"));
    expect(readdirSync(path.dirname(path.resolve(name)))).toContain(path.basename(written));
    expect(await (await openTable(written)).head(9)).toEqual(rows);
    expect(await (await openTable([each, each])).rows).toBe(4);
    rmSync(written);
  }
  rmSync(`${name}.csv`);
}

const names = [
  "a[1]",
  "a[!1]",
  "a*",
  "**",
  "?1",
  "{a1,a2}",
  "a]b[",
  "~",
  "~root",
  "~/a",
  "it's",
  "'; select 1; --",
  'a"b',
  "from range(3) as t",
  "select 1",
  "s3:x",
  "md:x",
  "file:x",
  "a\\b",
  "a\nb",
  " lead",
  "trail ",
  "-",
  "--help",
  "$HOME",
  "%TEMP%",
  "日本",
  "a,b",
  "__proto__",
  "a[1]/b",
  "*/b",
  "~/b/c",
];

describe.runIf(process.platform === "linux")("a file is opened by its name", () => {
  it.each(names)("%j", (name) => opensAs(name));

  it("of any letters", async () => {
    const letter = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(..."*?[]{}~!'\"\\;:,-$%# \n\t()") },
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    );
    // DuckDB knows no file whose name has a backslash beside one of these.
    const both = (text: string): boolean => text.includes("\\") && /[*?[]/.test(text);
    const name = fc
      .array(letter, { minLength: 1, maxLength: 8 })
      .map((letters) => letters.join("").replace(/[/\0]/g, ""))
      .filter((text) => text !== "" && !both(text) && Buffer.byteLength(text) < 200 && text !== "." && text !== "..");
    await fc.assert(fc.asyncProperty(name, opensAs), cases(40, 11));
  });

  it("or refused by its name, where DuckDB cannot open it", async () => {
    writeFileSync("a\\*.csv", "x\n1\n");
    expect(await refusal(openTable("a\\*.csv"))).toMatch(/a backslash and one of/);
  });

  it("on the command line too, with commas in it", async () => {
    writeFileSync("one,two.csv", "x\n1\n");
    writeFileSync("one.csv", "x\n1\n2\n");
    writeFileSync("two.csv", "x\n1\n2\n3\n");
    expect((await openRows("one,two.csv")).rows).toBe(1);
    expect((await openRows("one.csv,two.csv")).rows).toBe(5);
  });
});

describe("a text is a path, whatever it says", () => {
  it.each([
    "from range(3) as t",
    "select 1 as clk",
    "with a as (select 1) from a",
    "\n  SELECT\t1",
    "from 'log.parquet' where 1",
  ])("%j", async (text) => {
    for (const open of [openTable, openRows, dataset]) {
      const said = await refusal(open(text));
      expect(said).toMatch(/no such file or folder/);
      expect(said).toContain(`dataset.sql(${JSON.stringify(open === openRows ? text.trim() : text)})`);
    }
  });

  it("and a query says that it is one", async () => {
    expect((await dataset.sql("from range(3) as t")).rows).toBe(3);
    expect((await openTable({ sql: "select 1 as clk" })).rows).toBe(1);
  });

  it.each([
    "https://example.invalid/a.csv",
    "s3://bucket/a.parquet",
    "S3://b/*.csv",
    "hf://x/y.csv",
    "file:///etc/x.csv",
  ])("and no address: %s", async (text) => {
    expect(await refusal(openTable(text))).toMatch(/only local files are read and written/);
    expect(await refusal((await openTable({ x: [1] })).toParquet(text))).toContain(text);
  });

  it("and ~ is no home folder, but the error says where that is", async () => {
    for (const text of ["~/logs/a.csv", "~/logs/*.csv"]) {
      expect(await refusal(openTable(text))).toContain(path.join(os.homedir(), text.slice(2)));
    }
  });
});

describe("names of columns are names", () => {
  it("in every query that reads them, and in the fixes of errors", async () => {
    const column = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 }).filter((text) => /\S/.test(text));
    const two = fc.uniqueArray(column, {
      minLength: 2,
      maxLength: 2,
      selector: (name) => name.trim().toLowerCase(),
    });
    await fc.assert(
      fc.asyncProperty(two, async ([a, b]) => {
        const rows = Object.fromEntries([
          [a, [1, 2]],
          [b, ["x", "y"]],
        ]);
        const table = await openTable(rows);
        const back = await openTable(await table.toParquet("columns.parquet"));
        expect(back.names).toEqual(table.names);
        expect(await back.head(2)).toEqual(await table.head(2));
      }),
      cases(60, 12),
    );
  });

  it.each(["clk", `a'b"c); drop`, "select", "ü"])(
    "a fix that is typed as it stands reads the column %j",
    async (label) => {
      const spec = modelSpec({ features: [idSpec("user", 5)], labels: [label], towers: [towerSpec("ctr", label)] });
      const table = await openTable({ user: [0, 1], [label]: ["x", "y"] });
      const fix = /fix: (label\(.*\))$/m.exec(await refusal(encode(table, spec)))![1]!;
      const rule = new Function("label", `return ${fix};`)(labelRule);
      const model = pepnet()
        .features(idFeature("user").buckets(5).embedding(4))
        .labels(rule as never)
        .tower("ctr", (t) => t.label(label as never).bce());
      expect((await encode(table, model.spec)).labels.get(label)).toEqual(Float32Array.of(1, 0));
    },
  );
});

it("a place that cannot be written to is a DataError", async () => {
  const table = await openTable({ x: [1] });
  for (const place of ["missing/a.parquet", "a1.csv/b.parquet"]) {
    expect(await refusal(table.toParquet(place))).toContain(place);
  }
});
