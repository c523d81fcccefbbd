/** Columns of maps from ids to weights, as TorchEasyRec's feature generator writes weighted features. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { withConnection } from "../../../src/core/data/sources/duckdb.js";
import { openTable } from "../../../src/core/data/table/open.js";
import type { FeatureSpec } from "../../../src/core/spec/feature/feature.js";
import { idSpec, modelSpec, rawSpec } from "./specs.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-maps-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, "maps.parquet");

const rows = [
  new Map([["1", 0.5]]),
  new Map<string, number>(),
  null,
  new Map([
    ["2", 0.25],
    ["3", 2],
  ]),
];
const written = `select * from (values (map {1: 0.5::float}, 1), (map {}::map(integer, float), 2), (null, 3),
  (map {2: 0.25::float, 3: 2.0}, 4)) as rows(f, place)`;

describe.each([
  ["a Parquet file", () => file],
  ["memory", () => ({ f: rows, place: [1, 2, 3, 4] })],
])("from %s", (_, source) => {
  const encoded = async (feature: FeatureSpec) => {
    await withConnection((connection) => connection.run(`copy (${written}) to '${file}' (format parquet)`));
    const table = await openTable(source() as never);
    return (await encode(table, modelSpec({ features: [feature] }), { labels: false })).features.get("f")!;
  };

  it("a weighted feature takes keys as ids and values as weights", async () => {
    const column = await encoded(idSpec("f", 5, { weighted: true }));
    expect(column).toMatchObject({
      kind: "bag",
      offsets: Int32Array.of(0, 1, 1, 1, 3),
      ids: Int32Array.of(1, 2, 3),
      weights: Float32Array.of(0.5, 0.25, 2),
    });
  });

  it("another id feature takes the keys, and fills a null but not an empty map", async () => {
    const column = await encoded(idSpec("f", 5, { defaultValue: "4" }));
    expect(column).toMatchObject({
      offsets: Int32Array.of(0, 1, 1, 2, 4),
      ids: Int32Array.of(1, 4, 2, 3),
      weights: null,
    });
  });

  it("a raw feature refuses them", async () => {
    await expect(encoded(rawSpec("f"))).rejects.toThrow(/column "f"/);
  });
});
