/** MovieLens-100K from its files as published. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describe as describeTable } from "../../../src/core/data/summary/describe.js";
import { movielens100k, movielensSizes } from "../../../src/core/samples/movielens.js";
import { hasShared, sharedPath } from "../../shared.js";

/** A tiny folder in the published format. */
function tiny(): string {
  const folder = mkdtempSync(join(tmpdir(), "pepnet's-ml[1]-"));
  const genres = (...ones: number[]): string =>
    Array.from({ length: 19 }, (_, at) => (ones.includes(at) ? 1 : 0)).join("|");
  writeFileSync(join(folder, "u.data"), "1\t2\t5\t881250949\n2\t1\t3\t891717742\n");
  writeFileSync(join(folder, "u.user"), "1|24|M|writer|85711\n2|35|F|other|T8H1N\n");
  const titles = `1|Toy Story (1995)|01-Jan-1995||http://x|${genres(3, 5)}\n2|Misérables, Les (1958)|01-Jan-1958||http://y|${genres(8)}\n`;
  writeFileSync(join(folder, "u.item"), Buffer.from(titles, "latin1"));
  return folder;
}

describe("movielens100k", () => {
  test("joins users and items to ratings", async () => {
    const table = await movielens100k(tiny());
    expect(await table.toRows()).toEqual([
      {
        user_id: 1,
        item_id: 2,
        age: 24,
        age_domain: 0,
        gender: 1,
        occupation: "writer",
        zip: "85711",
        release_year: 3,
        genres: "Drama",
        timestamp: 881250949,
        rating: 5,
        click: 1,
        like: 1,
      },
      {
        user_id: 2,
        item_id: 1,
        age: 35,
        age_domain: 2,
        gender: 0,
        occupation: "other",
        zip: "T8H1N",
        release_year: 21,
        genres: "Animation|Comedy",
        timestamp: 891717742,
        rating: 3,
        click: 0,
        like: 0,
      },
    ]);
  });

  test("a folder that is missing or lacks files says what to get, and where", async () => {
    await expect(movielens100k("/nowhere/ml-100k")).rejects.toThrow(
      /\/nowhere\/ml-100k: no such folder[\s\S]*u.data, u.user, u.item[\s\S]*grouplens.org/,
    );
    const folder = mkdtempSync(join(tmpdir(), "pepnet's-ml[1]-"));
    writeFileSync(join(folder, "u.data"), "1\t2\t5\t881250949\n");
    await expect(movielens100k(folder)).rejects.toThrow(/lacks u.user, u.item/);
  });

  test("a line that is not as published, and an id that no file explains, are named", async () => {
    const folder = tiny();
    writeFileSync(join(folder, "u.data"), "1\t2\t5\t881250949\n1\t2\n");
    await expect(movielens100k(folder)).rejects.toThrow(/u.data: line 2/);
    writeFileSync(join(folder, "u.data"), "1\t2\t5\t881250949\n1\t9\t4\t881250949\n");
    await expect(movielens100k(folder)).rejects.toThrow(/line 2: id 9 is not in u.item/);
  });

  test.skipIf(!hasShared)("the real files: 100,000 ratings of 943 users on 1,682 movies", async () => {
    const table = await movielens100k(sharedPath("data", "ml-100k"));
    const summary = await describeTable(table, { labels: ["click", "like"], domain: "age_domain" });
    expect(summary.rows).toBe(100_000);
    const distinct = Object.fromEntries(summary.columns.map((column) => [column.name, column.distinct]));
    expect(distinct).toMatchObject({
      user_id: 943,
      item_id: 1682,
      age_domain: 3,
      gender: 2,
      occupation: 21,
      rating: 5,
    });
    for (const [name, size] of Object.entries(movielensSizes)) {
      expect(summary.columns.find((column) => column.name === name)?.max).toBeLessThan(size);
    }
    expect(summary.positiveRates["click"]).toBeCloseTo(0.55375, 5);
    expect(summary.positiveRates["like"]).toBeCloseTo(0.21201, 5);
  });
});
