/** Nothing is fetched at run time. */
import { describe, expect, it } from "vitest";
import { dataset } from "../../src/index.js";

describe("an address", () => {
  const address = "https://example.com/train.parquet";

  it("as a file is refused", async () => {
    await expect(dataset(address)).rejects.toThrow(/train\.parquet: only local files are read/);
  });

  it("in a query is refused by DuckDB, which may not fetch what would read it", async () => {
    await expect(dataset.sql(`select * from '${address}'`)).rejects.toThrow(/requires the extension httpfs/);
    await expect(dataset.sql("install httpfs")).rejects.toThrow();
  });
});
