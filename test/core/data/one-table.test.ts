/** Files that are opened together are parts of one table; different tables are refused by name, with a fix that works. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTable, type TableSource } from "../../../src/core/data/table/open.js";
import { DataError, type Problem } from "../../../src/core/errors/index.js";
import { dataset } from "../../../src/index.js";

let folders = 0;
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(mkdtempSync(join(tmpdir(), "pepnet-tables-")), `${++folders}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function problemOf(source: TableSource): Promise<Problem> {
  const error = await openTable(source).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).problems[0] as Problem;
}

const movielens = {
  "ratings.csv": "userId,movieId,rating,timestamp\n1,10,4,5\n2,10,3,6\n2,11,5,7\n",
  "movies.csv": "movieId,title,genres\n10,A,x\n11,B,y\n",
  "links.csv": "movieId,imdbId\n10,1\n11,2\n",
};

describe("different tables in one folder", () => {
  test("are refused: each is named, and opening one or joining two works as the fix says", async () => {
    const folder = folderOf(movielens);
    const problem = await problemOf(folder);
    expect(problem).toMatchObject({ path: folder, message: "the files contain different tables" });
    expect(problem.received).toContain(`${join(folder, "ratings.csv")}: userId, movieId, rating, timestamp`);
    expect(problem.received).toContain(`${join(folder, "links.csv")}: movieId, imdbId`);
    expect(problem.received).toContain(`only in ${join(folder, "ratings.csv")}: userId, rating, timestamp`);
    expect(problem.received).toMatch(/only in .*(movies|links)\.csv: /);
    const [, one] = /dataset\((".*?")\);/.exec(problem.fix ?? "") ?? [];
    expect((await openTable(JSON.parse(one as string) as string)).rows).toBe(3);
    const [, sql] = /dataset\.sql\((".*")\)/.exec(problem.fix ?? "") ?? [];
    const joined = await openTable({ sql: JSON.parse(sql as string) as string });
    expect([joined.rows, joined.names]).toEqual([
      3,
      expect.arrayContaining(["userId", "movieId", "rating", "timestamp"]),
    ]);
  });

  test("also in a list, in a pattern, and as Parquet, whose nested columns count as one", async () => {
    const folder = folderOf(movielens);
    const paths = Object.keys(movielens).map((name) => join(folder, name));
    expect((await problemOf(paths)).message).toBe("the files contain different tables");
    expect((await problemOf(join(folder, "*.csv"))).message).toBe("the files contain different tables");
    const parquet = folderOf({});
    await (await openTable({ id: [1, 2], tags: [["a"], ["b", "c"]], clk: [0, 1] })).toParquet(
      join(parquet, "1.parquet"),
    );
    await (await openTable({ id: [3], tags: [["d"]], clk: [1] })).toParquet(join(parquet, "2.parquet"));
    const alike = await openTable(parquet);
    expect([alike.rows, alike.notes]).toEqual([3, []]);
    await (await openTable({ movie: [1], title: ["x"] })).toParquet(join(parquet, "3.parquet"));
    expect((await problemOf(parquet)).received).toContain("3.parquet: movie, title");
  });

  test("a subset that has less than half of the columns is another table", async () => {
    const folder = folderOf({ "log.csv": "user,item,price,clk,buy\n1,2,3,0,0\n", "users.csv": "user,item\n1,2\n" });
    expect((await problemOf(folder)).message).toBe("the files contain different tables");
  });
});

describe("parts of one table", () => {
  test("may order columns differently, and spell them otherwise", async () => {
    const table = await openTable(folderOf({ "1.csv": "user,clk\n1,0\n", "2.csv": "CLK,user\n1,2\n" }));
    expect(await table.toRows()).toEqual([
      { user: 1, clk: 0 },
      { user: 2, clk: 1 },
    ]);
    expect(table.notes).toEqual([]);
  });

  test("may lack some columns, which is noted with the data set", async () => {
    const folder = folderOf({
      "1.csv": "user,clk\n1,0\n",
      "2.csv": 'user,clk,age\n2,1,"30"\n',
      "3.csv": "age,user,clk\n40,3,1\n",
    });
    const data = await dataset(folder);
    expect(data.notes).toEqual([
      `column "age" is missing in 1 of 3 files (${join(folder, "1.csv")}): their rows have no value`,
    ]);
    expect(data.columns.map(({ name, type }) => [name, type])).toEqual([
      ["user", "integer"],
      ["clk", "integer"],
      ["age", "integer"],
    ]);
    expect(await data.table.toRows()).toEqual([
      { user: 1, clk: 0, age: null },
      { user: 2, clk: 1, age: 30 },
      { user: 3, clk: 1, age: 40 },
    ]);
    expect(await data.table.locate(2)).toEqual({ source: join(folder, "3.csv"), row: 0 });
  });
});
