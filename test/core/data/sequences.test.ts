/** Sequence features: what columns become, in memory, Parquet and text. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { sequenceFeature } from "../../../src/core/builder/sequence-feature.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { BagColumn } from "../../../src/core/data/encoded/encoded.js";
import { queryRows, withConnection } from "../../../src/core/data/sources/duckdb.js";
import { literal } from "../../../src/core/data/sources/names.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { DataError } from "../../../src/core/errors/index.js";
import type { FeatureSpec } from "../../../src/core/spec/feature/feature.js";
import { emptySpec } from "../../../src/core/spec/model.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-sequences-"));
afterAll(() => rmSync(folder, { recursive: true }));

const clicks = sequenceFeature("clicks", {
  of: [
    idFeature("item").buckets(9).embedding(4),
    idFeature("tags").buckets(9).multiValue("|").embedding(4),
    rawFeature("price"),
    rawFeature("place").dims(2),
  ],
  length: 3,
});

function specOf(features: readonly FeatureSpec[]) {
  return { ...emptySpec, features };
}

async function encoded(columns: Parameters<typeof openTable>[0]): Promise<Record<string, unknown>> {
  const data = await encode(await openTable(columns), specOf(clicks.toSpec()), { labels: false });
  return Object.fromEntries(
    [...data.features].map(([name, column]) => {
      const { offsets, ids, weights } = column as BagColumn;
      const values = weights === null ? [...ids] : [...weights];
      return [name, Array.from(offsets.subarray(1), (end, row) => values.slice(offsets[row], end))];
    }),
  );
}

const expected = {
  clicks__item: [[1, 2, 3], [], [4]],
  clicks__tags: [[1, 2, -1, -1, 3, -1], [], [5, -1]],
  clicks__price: [[0.5, 1.5, 2.5], [], [4]],
  clicks__place: [[1, 2, 3, 4, 5, 6], [], [7, 8]],
};

test("lists, and lists of lists, are cut to the length; a position without values stays", async () => {
  const rows = await encoded({
    clicks__item: [[1, 2, 3, 4], [], [4]],
    clicks__tags: [[[1, 2], [], [3], [4]], null, [[5]]],
    clicks__price: [[0.5, 1.5, 2.5, 3.5], [], [4]],
    clicks__place: [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [],
      [[7, 8]],
    ],
  });
  expect(rows).toEqual(expected);
});

test("text with delimiters and a Parquet file hold the same", async () => {
  const text = {
    clicks__item: ["1;2;3;4", "", "4"],
    clicks__tags: ["1|2;;3;4", null, "5"],
    clicks__price: ["0.5;1.5;2.5;3.5", "", "4"],
    clicks__place: ["1\u001d2;3\u001d4;5\u001d6", "", "7\u001d8"],
  };
  expect(await encoded(text)).toEqual(expected);
  const file = path.join(folder, "rows.parquet");
  await withConnection((connection) =>
    connection.run(`COPY (SELECT * FROM (VALUES
      ([1, 2, 3, 4], [[1, 2], [], [3], [4]], [0.5::FLOAT, 1.5, 2.5, 3.5], [[1.0::FLOAT, 2], [3, 4], [5, 6]]),
      ([], NULL, [], []),
      ([4], [[5]], [4], [[7, 8]])) t(clicks__item, clicks__tags, clicks__price, clicks__place))
      TO ${literal(file)} (FORMAT parquet)`),
  );
  expect(await encoded(file)).toEqual(expected);
});

test("lists of lists are written to Parquet as such", async () => {
  const rows = [{ tags: [["a", "b"], [], ["c"]] }, { tags: [] }, { tags: null }, { tags: [["d"], null] }];
  const first = path.join(folder, "texts.parquet");
  await (await dataset(rows)).toParquet(first);
  expect(await (await dataset(first)).head(4)).toEqual(rows);
  const numbers = path.join(folder, "numbers.parquet");
  const sql = "SELECT [[1, 2], [], [3]]::SMALLINT[][] AS ids, [[0.1::FLOAT], [2.5]] AS places";
  await (await dataset({ sql })).toParquet(numbers);
  const types = await queryRows(`DESCRIBE SELECT * FROM '${numbers}'`);
  expect(types.map((row) => row["column_type"])).toEqual(["SMALLINT[][]", "FLOAT[][]"]);
  expect((await (await dataset(numbers)).table.read(["places"])).get("places")).toEqual(
    (await (await dataset({ sql })).table.read(["places"])).get("places"),
  );
});

test.each([
  ["several ids at a position of one", { clicks__item: [[[1, 2]]] }, /several ids at one position.*multiValue/s],
  ["text that is not an id", { clicks__item: ["1;x"] }, /not an id/],
  ["numbers that are not finite", { clicks__price: ["1;x"] }, /not a finite number/],
  ["another number of values", { clicks__place: [[[1, 2], [3]]] }, /wrong number of values/],
])("%s is refused, with its row", async (_, column, message) => {
  const whole = { clicks__item: [[1]], clicks__tags: [[1]], clicks__price: [[1]], clicks__place: [[[1, 2]]] };
  const refused = encoded({ ...whole, ...column } as never);
  await expect(refused).rejects.toThrow(DataError);
  await expect(refused).rejects.toThrow(message);
});
